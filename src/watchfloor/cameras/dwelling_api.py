"""The route of how long cameras were aimed at dwellings: translate in, read, translate out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras import dwelling_store
from watchfloor.cameras.dwelling import DAY, Aimed, Standing, aimed
from watchfloor.cameras.dwelling_store import View
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.route import Stated


class DwellingView(TypedDict):
    """A preset of a camera that looks at a dwelling, and how long the camera was aimed at that dwelling in the last day."""

    camera: str
    camera_name: str
    preset: str
    dwelling: str
    marked_by: Acted
    marked_at: datetime
    aimed_s: Annotated[int, Field(description="In the last 24 hours, by all its views of that dwelling.")]
    standing: Standing
    now: Annotated[bool, Field(description="Whether it is aimed at it now.")]
    by_order: Annotated[bool, Field(description="Whether what goes on is for a court’s order.")]


class DwellingViews(TypedDict):
    """All marked views, and how long a camera may be aimed at one dwelling without a court's order."""

    limit_s: int
    items: list[DwellingView]


def routes(door: Door, limit: timedelta) -> APIRouter:
    """The route of views of dwellings."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/dwelling-views", openapi_extra=asks(Need.DWELLINGS_VIEW))
    async def get_dwelling_views(actor: Signed) -> DwellingViews:
        """Which cameras look at dwellings, and how long they did in the last day."""
        async with door.open(Ask(actor, Need.DWELLINGS_VIEW)) as tx:
            views = await dwelling_store.views(tx)
            found = aimed(await dwelling_store.aims(tx, tx.now - DAY), tx.now, limit)
            names = await names_of(tx, list({view.marked_by for view in views}))
        by_view = {(one.camera, one.dwelling): one for one in found}
        return {
            "limit_s": int(limit.total_seconds()),
            "items": [
                _form(view, by_view.get((view.camera, view.dwelling)), names.get(view.marked_by))
                for view in views
            ],
        }

    return router


def _form(view: View, one: Aimed | None, name: str | None) -> DwellingView:
    goes_on = one.now if one is not None else None
    return {
        "camera": outside("camera", view.camera),
        "camera_name": view.name,
        "preset": view.preset,
        "dwelling": view.dwelling,
        "marked_by": {"id": outside("person", view.marked_by), "name": name},
        "marked_at": view.marked_at,
        "aimed_s": int(one.length.total_seconds()) if one is not None else 0,
        "standing": one.standing if one is not None else Standing.FINE,
        "now": goes_on is not None,
        "by_order": goes_on is not None and goes_on.by_order,
    }
