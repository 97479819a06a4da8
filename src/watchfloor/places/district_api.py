"""The routes of districts: by what figures are told apart."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request

from watchfloor.governance.asks import asks
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.route import Stated, takes
from watchfloor.places import district_store, forms
from watchfloor.places.district import read_districts
from watchfloor.places.model import MapForm


def routes(door: Door) -> APIRouter:
    """The routes of districts."""
    router = APIRouter(tags=["places"], route_class=Stated)

    @router.put("/map/districts", openapi_extra=asks(Need.PLACES_IMPORT) | takes("application/octet-stream"))
    async def import_districts(
        actor: Signed,
        request: Request,
        form: Annotated[MapForm, Query()] = MapForm.GEOJSON,
        column: Annotated[str | None, Query(max_length=80, description="Where a district's name is.")] = None,
    ) -> forms.Districts:
        """Put the districts of a file (areas in degrees, WGS 84) in place of those before; what was counted before stays as it was."""
        ask = Ask(actor, Need.PLACES_IMPORT)
        # Ask before working, as for streets.
        async with door.open(ask) as tx:
            await district_store.district_names(tx)
        found = await asyncio.to_thread(read_districts, await request.body(), form, column)
        async with door.open(ask) as tx:
            await district_store.put_districts(tx, found)
            await effect(tx, "districts.in_use", About("agency", tx.agency), more={"districts": len(found)})
            return {"names": await district_store.district_names(tx)}

    @router.get("/map/districts", openapi_extra=asks(Need.PLACES_IMPORT))
    async def list_districts(actor: Signed) -> forms.Districts:
        """The districts in use, by name; none where none were imported."""
        async with door.open(Ask(actor, Need.PLACES_IMPORT)) as tx:
            return {"names": await district_store.district_names(tx)}

    return router
