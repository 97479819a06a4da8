"""Routes of the canvass: who saw an area at a time, and one act that preserves it and asks for what others have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from watchfloor.cameras.seeing_api import seeing_form
from watchfloor.evidence import canvass, forms, request
from watchfloor.evidence.asking import Asking
from watchfloor.evidence.asking_api import MOST_ASKED, sent_form
from watchfloor.evidence.canvass import Area, Neighbour, Witness
from watchfloor.evidence.preserve import Chosen, preserve
from watchfloor.evidence.request import News, Wanted
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside, why_given
from watchfloor.governance.model import Actor, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.kit.instant import Instant
from watchfloor.kit.route import Stated
from watchfloor.places.skyline import Skyline
from watchfloor.recordings.api import Begin, End
from watchfloor.recordings.model import at

_MOST_GAPS = 20
_PRESERVES = asks(Need.CANVASS_PRESERVE, Need.EXPORT_ASK)


@dataclass(frozen=True, slots=True)
class Canvasses:
    """What the routes need."""

    door: Door
    clock: Clock
    skyline: Skyline
    news: News
    asking: Asking
    dwelling_limit: timedelta = timedelta(hours=2)


class CanvassBody(BaseModel):
    """What to preserve, which owners to ask, and whether to ask for an export too. Owners read `place` and `words`."""

    purpose: str = Field(max_length=40)
    case: str = Field(max_length=60)
    reason: str = Field(min_length=3, max_length=500)
    cameras: list[str] = Field(default_factory=list, max_length=32)
    owners: list[str] = Field(default_factory=list, max_length=MOST_ASKED)
    place: str = Field(default="", max_length=200)
    words: str = Field(default="", max_length=1000)
    from_at: Instant
    to_at: Instant
    export: bool = False


def routes(parts: Canvasses) -> APIRouter:
    """The routes of the canvass."""
    router = APIRouter(tags=["evidence"], route_class=Stated)

    @router.get("/canvass", openapi_extra=asks(Need.CANVASS_VIEW))
    async def get_canvass(
        actor: Signed,
        begin: Begin,
        end: End,
        lat: Annotated[
            float | None, Query(ge=-90, le=90, description="With `lon` and `radius_m`: a circle.")
        ] = None,
        lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
        radius_m: Annotated[float, Query(gt=0, le=canvass.LARGEST_M)] = 100.0,
        area: Annotated[
            str | None,
            Query(max_length=2000, description="In place of a circle: a polygon, `lat,lon;lat,lon;…`."),
        ] = None,
    ) -> forms.Canvass:
        """Which cameras saw an area at a time, the best view first, and how much of it each recorded."""
        where = _area(area, lat, lon, radius_m)
        found = await canvass.canvass(parts.door, parts.skyline, actor, where, begin, end)
        owners, unplaced = await canvass.neighbours(parts.door, actor, where, found, begin, end)
        now = parts.clock.now()
        return {
            "from_at": begin,
            "to_at": end,
            "cameras": [_camera(one, now) for one in found],
            "owners": [_owner(one, now) for one in owners],
            "owners_unplaced": unplaced,
        }

    @router.post("/canvasses", status_code=201, openapi_extra=_PRESERVES)
    async def preserve_it(actor: Signed, body: CanvassBody) -> forms.Preserved:
        """Hold the time of each of these cameras for 72 hours and ask these owners, all or nothing; if wanted, ask for an export then."""
        return await _preserve(parts, actor, body)

    return router


async def _preserve(parts: Canvasses, actor: Actor, body: CanvassBody) -> forms.Preserved:
    why = why_given(body.purpose, body.case)
    chosen = Chosen(
        [inside("camera", one) for one in dict.fromkeys(body.cameras)],
        [inside("owner", one) for one in dict.fromkeys(body.owners)],
        body.from_at, body.to_at, body.reason, body.place, body.words,
    )  # fmt: skip
    done = await preserve(parts.asking, actor, why, chosen)
    export, refused = None, None
    if body.export and done.cameras:
        wanted = [Wanted(camera, body.from_at, body.to_at) for camera in done.cameras]
        export, refused = await _export(parts, actor, why, body.reason, wanted)
    now = parts.clock.now()
    return {
        "holds": [outside("hold", one.hold.id) for one in done.holds],
        "may_be_forgotten": sorted({day for one in done.holds for day in one.may_be_forgotten}),
        "from_sites": done.from_sites,
        "export": export,
        "export_refused": refused,
        "of_partners": [
            {"camera": outside("camera", one.id), "name": one.name, "center": one.site_name or ""}
            for one in done.of_partners
        ],
        "asked": [sent_form(one, now) for one in done.asked],
    }


async def _export(
    parts: Canvasses, actor: Actor, why: Why, reason: str, wanted: list[Wanted]
) -> tuple[str | None, str | None]:
    """The export, or why it is not asked for: what is preserved stays so."""
    try:
        made = await request.ask_for(parts.door, parts.news, actor, why, reason, wanted, parts.dwelling_limit)
    except (Refused, Invalid) as error:
        return None, error.detail
    return outside("export", made), None


def _area(area: str | None, lat: float | None, lon: float | None, radius_m: float) -> Area:
    if area is not None:
        try:
            corners = [Point(*map(float, corner.split(","))) for corner in area.split(";") if corner]
        except (ValueError, TypeError) as error:
            raise Invalid("An area is written lat,lon;lat,lon;….", reason="area") from error
        return canvass.polygon(corners)
    if lat is None or lon is None:
        raise Invalid("Say where: lat, lon and radius_m, or an area.", reason="area")
    return canvass.circle(Point(lat, lon), radius_m)


def _camera(one: Witness, now: datetime) -> forms.CanvassCamera:
    recorded_s = one.recorded_us // 1_000_000
    return {**seeing_form(one.seen, now), "place": _place(one), "recorded_s": recorded_s, "gaps": _gaps(one)}


def _owner(one: Neighbour, now: datetime) -> forms.CanvassOwner:
    return {
        "id": outside("owner", one.owner),
        "camera": outside("camera", one.camera) if one.camera else None,
        "camera_name": one.camera_name,
        "distance_m": round(one.distance_m),
        "state": one.asked.state(now) if one.asked else None,
        "request": outside("evidence_request", one.asked.id) if one.asked else None,
    }


def _place(one: Witness) -> forms.CanvassPlace:
    camera = one.seen.camera
    return {"text": camera.place_text, "lat": camera.place.lat, "lon": camera.place.lon}


def _gaps(one: Witness) -> list[forms.ExportGap]:
    longest = sorted(one.holes, key=lambda hole: hole.begin_us - hole.end_us)[:_MOST_GAPS]
    return [
        {"from_at": at(hole.begin_us), "to_at": at(hole.end_us), "reason": hole.reason}
        for hole in sorted(longest, key=lambda hole: hole.begin_us)
    ]
