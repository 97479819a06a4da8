"""Routes of what cameras see of the ground: one camera's visible area, and what no live camera sees around a place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

import shapely
from fastapi import APIRouter, Query
from shapely.geometry.base import BaseGeometry

from watchfloor.cameras import sight_forms as forms
from watchfloor.cameras import store
from watchfloor.cameras.model import Camera, shown
from watchfloor.cameras.sight import ASSUMED_RANGE_M, Blind, blind, sight
from watchfloor.cameras.views import NEAR_M
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import NotFound
from watchfloor.kit.geo import Point, distance_m
from watchfloor.kit.route import Stated
from watchfloor.places.buildings import Buildings
from watchfloor.places.skyline import Skyline
from watchfloor.storage.tx import Tx

# What the things that carry cameras say of themselves, by the id of each: the slice above says.
CarrierSays = Callable[[Tx, Sequence[UUID]], Awaitable[Mapping[UUID, str]]]
LIVE: Final = frozenset({"normal", "caution"})
# So far a trailer is worth to be named: farther ones are not there in time. What turns looks no farther than others.
MOVED_M: Final = 3000.0
TURNED_M: Final = NEAR_M
_MOST_MOVABLE: Final = 3
_DIGITS: Final = 6


async def nothing_said(_: Tx, __: Sequence[UUID]) -> Mapping[UUID, str]:
    """Where nobody keeps what carries cameras."""
    return MappingProxyType({})


def routes(door: Door, skyline: Skyline, carrier_says: CarrierSays = nothing_said) -> APIRouter:
    """The routes of visible areas; they come before those of single cameras, whose addresses would swallow one."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/cameras/blind-area", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_blind_area(
        actor: Signed,
        lat: Annotated[float, Query(ge=-90, le=90)],
        lon: Annotated[float, Query(ge=-180, le=180)],
        radius_m: Annotated[float, Query(ge=10, le=500)] = 250.0,
    ) -> forms.BlindArea:
        """The open ground around a place that no live camera sees, and the nearest trailers and turning cameras that could look there."""
        place = Point(lat, lon)
        async with door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            around = await store.cameras_into(tx, place, radius_m, ASSUMED_RANGE_M)
            movable = await store.movable(tx)
            said = await carrier_says(tx, [one.carried_by.id for one, _ in movable if one.carried_by])
            buildings, now = await skyline.buildings(tx), tx.now
        live = [camera for camera in around if _live(camera, now)]
        found, seen = await asyncio.to_thread(_blind, place, radius_m, live, buildings)
        return {
            "radius_m": radius_m,
            "unseen": _rings(found.area),
            "share": round(found.share, 3),
            "cameras": seen,
            "movable": could_look(movable, place, now, said),
        }

    _add_one(router, door, skyline)
    return router


def _add_one(router: APIRouter, door: Door, skyline: Skyline) -> None:
    @router.get("/cameras/{camera_id}/visible-area", openapi_extra=asks(Need.CAMERAS_VIEW))
    async def get_visible_area(actor: Signed, camera_id: str) -> forms.VisibleArea:
        """The ground a camera sees: its view less what buildings hide. 404 `no_heading` where nobody said where it looks."""
        camera = inside("camera", camera_id)
        async with door.open(Ask(actor, Need.CAMERAS_VIEW, about=About("camera", camera))) as tx:
            there = await store.camera_of(tx, camera)
            if there is None:
                raise NotFound("There is no such camera.")
            buildings = await skyline.buildings(tx)
        found = await asyncio.to_thread(sight, there, buildings)
        if found is None:
            raise NotFound(
                "Nobody said where this camera looks.",
                reason="no_heading",
                next_step="A technician enters it on the camera's page.",
            )
        return {
            "camera": outside("camera", there.id),
            "area": _ring(found.area),
            "square_m": round(found.square_m),
            "hidden": round(found.hidden, 3),
            "assumed": found.assumed,
        }


def _blind(place: Point, radius_m: float, live: Sequence[Camera], buildings: Buildings) -> tuple[Blind, int]:
    seen = [found for camera in live if (found := sight(camera, buildings)) is not None]
    return blind(place, radius_m, seen, buildings), len(seen)


def could_look(
    movable: Sequence[tuple[Camera, bool]], place: Point, now: datetime, said: Mapping[UUID, str]
) -> list[forms.Movable]:
    """Those near enough to be of use: whose pictures come first, the nearest of them first."""
    found = [_movable(one, place, now, said, turns=turns) for one, turns in movable]
    near = [one for one in found if one["distance_m"] <= (TURNED_M if one["turns"] else MOVED_M)]
    return sorted(near, key=lambda one: (not one["live"], one["distance_m"]))[:_MOST_MOVABLE]


def _live(camera: Camera, now: datetime) -> bool:
    return shown(camera, now=now).level in LIVE


def _movable(
    one: Camera, place: Point, now: datetime, said: Mapping[UUID, str], *, turns: bool
) -> forms.Movable:
    return {
        "camera": outside("camera", one.id),
        "name": one.name,
        "distance_m": round(distance_m(one.place, place)),
        "turns": turns,
        "live": _live(one, now),
        "last_frame_at": one.said.last_frame_at if one.said else None,
        "carrier_says": said.get(one.carried_by.id) if one.carried_by else None,
    }


def _ring(area: shapely.Polygon) -> list[tuple[float, float]]:
    return [(round(lon, _DIGITS), round(lat, _DIGITS)) for lon, lat in area.exterior.coords]


def _rings(area: BaseGeometry) -> list[list[list[tuple[float, float]]]]:
    """The polygons of an area, each an outer ring and its holes, lon before lat."""
    return [
        [
            [(round(lon, _DIGITS), round(lat, _DIGITS)) for lon, lat in ring.coords]
            for ring in (one.exterior, *one.interiors)
        ]
        for one in shapely.get_parts(area)
    ]
