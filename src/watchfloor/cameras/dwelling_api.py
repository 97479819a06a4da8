"""The route of how long cameras were aimed at dwellings: translate in, read, translate out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras import dwelling_store, eye_store
from watchfloor.cameras.dwelling import DAY, Aimed, Known, Standing, aimed, standing
from watchfloor.cameras.dwelling_budget import Budget
from watchfloor.cameras.dwelling_store import View
from watchfloor.cameras.homes import AtHome, mostly_homes
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.route import Stated
from watchfloor.places.skyline import Skyline

_MOST_UNMARKED: Final = 200


class DwellingView(TypedDict):
    """A preset of a camera, or a camera as it stands, that looks at a dwelling; how long the camera was aimed at that dwelling in the last
    day, and how much of it was looked at in the last 30.
    """

    camera: str
    camera_name: str
    preset: Annotated[str, Field(description="Empty: as it stands, or at home.")]
    dwelling: str
    marked_by: Acted
    marked_at: datetime
    aimed_s: Annotated[int, Field(description="In the last 24 hours, by all its views of that dwelling.")]
    all_aimed_s: Annotated[int, Field(description="The same of all cameras, which is what counts.")]
    standing: Standing
    seen_s: Annotated[
        int,
        Field(
            description="How much of that dwelling was looked at in the last 30 days, by anybody here, through any camera: live, played,"
            " saved and exported, without a court’s order."
        ),
    ]
    seen_standing: Standing
    known: Annotated[
        Known | None, Field(description="By what it is known to be aimed at it now; null: it is not.")
    ]
    now: Annotated[bool, Field(description="Whether it is aimed at it now.")]
    by_order: Annotated[bool, Field(description="Whether what goes on is for a court’s order.")]


class UnmarkedView(TypedDict):
    """A camera that, by the city's footprints, looks mostly at one dwelling as it stands, and that nobody marked."""

    camera: str
    camera_name: str
    percent: Annotated[
        int,
        Field(description="So much of the width of its picture is that dwelling, as far as can be told."),
    ]


class DwellingViews(TypedDict):
    """All marked views, and how long cameras may be aimed at one dwelling, and how much of it be looked at, without a court's order."""

    limit_s: int
    items: list[DwellingView]
    unmarked: Annotated[
        list[UnmarkedView],
        Field(
            description="Nothing of these is counted until somebody marks them: the most first, at most 200."
        ),
    ]
    unmarked_in_all: int
    unmarked_known: Annotated[
        bool,
        Field(description="False: no footprints are known, or none of them is known to be of a dwelling."),
    ]


def routes(door: Door, budget: Budget, skyline: Skyline) -> APIRouter:
    """The route of views of dwellings."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/dwelling-views", openapi_extra=asks(Need.DWELLINGS_VIEW))
    async def get_dwelling_views(actor: Signed) -> DwellingViews:
        """Which cameras look at dwellings, and how long they did in the last day."""
        limit = budget.limit
        async with door.open(Ask(actor, Need.DWELLINGS_VIEW)) as tx:
            views = await dwelling_store.views(tx)
            found = aimed(await dwelling_store.aims(tx, tx.now - DAY), tx.now, limit)
            names, now = await names_of(tx, list({view.marked_by for view in views})), tx.now
            buildings = await skyline.buildings(tx)
            eyes = await eye_store.eyes_unmarked(tx) if buildings.knows_dwellings else []
        seen = await budget.spent(actor.agency, now) if views else {}
        unmarked = await asyncio.to_thread(mostly_homes, eyes, buildings)
        return {
            "limit_s": int(limit.total_seconds()),
            "items": [_form(view, found, names.get(view.marked_by), seen, limit) for view in views],
            "unmarked": [_unmarked(one) for one in unmarked[:_MOST_UNMARKED]],
            "unmarked_in_all": len(unmarked),
            "unmarked_known": buildings.knows_dwellings,
        }

    return router


def _unmarked(one: AtHome) -> UnmarkedView:
    return {
        "camera": outside("camera", one.eye.id),
        "camera_name": one.eye.name,
        "percent": round(100 * one.share),
    }


def _form(
    view: View, found: Sequence[Aimed], name: str | None, seen: Mapping[str, timedelta], limit: timedelta
) -> DwellingView:
    same = [one for one in found if one.dwelling == view.dwelling]
    own = next((one for one in same if one.camera == view.camera), None)
    goes_on = own.now if own is not None else None
    whole = same[0].whole if same else timedelta()
    had = seen.get(view.dwelling, timedelta())
    return {
        "camera": outside("camera", view.camera),
        "camera_name": view.name,
        "preset": view.preset,
        "dwelling": view.dwelling,
        "marked_by": {"id": outside("person", view.marked_by), "name": name},
        "marked_at": view.marked_at,
        "aimed_s": int(own.length.total_seconds()) if own is not None else 0,
        "all_aimed_s": int(whole.total_seconds()),
        "standing": standing(whole, limit),
        "seen_s": int(had.total_seconds()),
        "seen_standing": standing(had, limit),
        "known": goes_on.known if goes_on is not None else None,
        "now": goes_on is not None,
        "by_order": goes_on is not None and goes_on.by_order,
    }
