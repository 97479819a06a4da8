"""The route that says which cameras see a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from watchfloor.cameras import forms
from watchfloor.cameras.model import Camera, shown
from watchfloor.cameras.seeing import seeing
from watchfloor.cameras.views import Seen, Visibility
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.api import Signed
from watchfloor.kit.geo import Point
from watchfloor.kit.route import Stated
from watchfloor.places.skyline import Skyline


def routes(door: Door, skyline: Skyline) -> APIRouter:
    """The route of seeing; it comes before those of single cameras, whose addresses would swallow it."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/cameras/seeing", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_seeing(
        actor: Signed,
        lat: Annotated[float, Query(ge=-90, le=90)],
        lon: Annotated[float, Query(ge=-180, le=180)],
        most: Annotated[int, Query(ge=1, le=100)] = 4,
    ) -> forms.Seeing:
        """The cameras for a place, the best view first, by where they look and what stands between."""
        async with door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            found = for_whom(await seeing(tx, skyline, Point(lat, lon)), actor)
            seeing_it = sum(seen.visibility is not Visibility.NEAR for seen in found)
            return {"cameras": [seeing_form(seen, tx.now) for seen in found[:most]], "seeing": seeing_it}

    return router


def for_whom(found: Sequence[Seen], actor: Actor) -> list[Seen]:
    """How far a body camera is from a place says where an officer is: that is for who may see where units are."""
    officers = sees_officers(actor)
    return [seen for seen in found if officers or not worn(seen.camera)]


def sees_officers(actor: Actor) -> bool:
    """Whether somebody may see where units are."""
    return bool(actor.roles & Need.UNITS_VIEW.roles)


def worn(camera: Camera) -> bool:
    """Whether its place is an officer's."""
    return camera.technology is TechnologyKind.BODY_CAMERA


def seeing_form(seen: Seen, now: datetime) -> forms.SeeingCamera:
    """The outside form of a camera that sees a place."""
    return {
        "id": outside("camera", seen.camera.id),
        "name": seen.camera.name,
        "distance_m": round(seen.distance_m),
        "level": shown(seen.camera, now=now).level,
        "visibility": seen.visibility,
        "why": seen.why,
        "pixels_per_metre": None if seen.pixels_per_metre is None else round(seen.pixels_per_metre, 1),
    }
