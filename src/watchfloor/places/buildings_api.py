"""The routes of buildings: what hides a place from a camera."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from watchfloor.governance.asks import asks
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import NotFound
from watchfloor.kit.route import Stated, takes
from watchfloor.places import forms, store
from watchfloor.places.model import BuildingMap, MapForm
from watchfloor.places.skyline import Skyline


def routes(parts: Skyline) -> APIRouter:
    """The routes of buildings."""
    router = APIRouter(tags=["places"], route_class=Stated)

    @router.put("/map/buildings", openapi_extra=asks(Need.PLACES_IMPORT) | takes("application/octet-stream"))
    async def import_buildings(
        actor: Signed,
        request: Request,
        name: Annotated[str, Query(max_length=200)],
        form: Annotated[MapForm, Query()],
        attribution: Annotated[str, Query(max_length=500)] = "",
    ) -> forms.BuildingMap:
        """Import footprints of buildings and use them from now: the body is the file, areas in degrees (WGS 84)."""
        new = await parts.bring(actor, await request.body(), form, name=name, attribution=attribution)
        return building_form(new, actor.name)

    @router.get("/map/buildings", openapi_extra=asks(Need.PLACES_IMPORT))
    async def get_buildings(actor: Signed) -> forms.BuildingMap:
        """The buildings in use, and what was left out of their file."""
        async with parts.door.open(Ask(actor, Need.PLACES_IMPORT)) as tx:
            found = await store.building_map(tx)
            if found is None:
                raise NotFound(
                    "This center has no buildings.",
                    reason="no_buildings",
                    next_step="An administrator or technician imports them: PUT /api/v1/map/buildings.",
                )
            names = await names_of(tx, [found.imported_by])
            return building_form(found, names.get(found.imported_by, ""))

    return router


def building_form(one: BuildingMap, by: str) -> forms.BuildingMap:
    """The outside form of the buildings in use."""
    return {
        "id": outside("building_map", one.id),
        "name": one.name,
        "attribution": one.attribution,
        "buildings": one.buildings,
        "rows": one.rows,
        "skipped": forms.left_out(one.skipped),
        "imported_by": {"id": outside("person", one.imported_by), "name": by},
        "imported_at": one.imported_at,
    }
