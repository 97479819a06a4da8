"""Routes of what happened around a place: the marks on a camera's time bar, each kind behind the need that shows it elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query

from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.incidents import forms
from watchfloor.incidents.around_store import Around, alerts_around, incidents_around
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Row

LONGEST: Final = timedelta(days=7)


def _around(
    lat: Annotated[float, Query(ge=-90, le=90)],
    lon: Annotated[float, Query(ge=-180, le=180)],
    begin: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    within_m: Annotated[float, Query(gt=0, le=1000)] = 150,
) -> Around:
    if not timedelta(0) < end - begin <= LONGEST:
        raise Invalid("What happened is of at most seven days, from before to.", reason="range")
    return Around(Point(lat, lon), within_m, begin, end)


There = Annotated[Around, Depends(_around)]


def routes(door: Door) -> APIRouter:
    """The routes; they come before those of single incidents, whose addresses would swallow them."""
    router = APIRouter(tags=["incidents"], route_class=Stated)

    @router.get("/alerts/around", openapi_extra=asks(Need.ALERTS_VIEW))
    async def list_alerts_around(actor: Signed, around: There, extent: InPages) -> Page[forms.Happened]:
        """Alerts of that place and span, whatever became of them, the first one first."""
        async with door.open(Ask(actor, Need.ALERTS_VIEW)) as tx:
            found = await alerts_around(tx, around, extent)
            return page(found.of(lambda row: _form("alert", row)))

    @router.get("/incidents/around", openapi_extra=asks(Need.INCIDENTS_VIEW))
    async def list_incidents_around(actor: Signed, around: There, extent: InPages) -> Page[forms.Happened]:
        """Incidents of that place and span, the first one first."""
        async with door.open(Ask(actor, Need.INCIDENTS_VIEW)) as tx:
            found = await incidents_around(tx, around, extent)
            return page(found.of(lambda row: _form("incident", row)))

    return router


def _form(kind: Literal["alert", "incident"], row: Row) -> forms.Happened:
    at: datetime = row["at"]
    return {
        "id": outside(kind, row["id"]),
        "kind": kind,
        "at": at,
        "level": row["level"],
        "title": row["title"],
    }
