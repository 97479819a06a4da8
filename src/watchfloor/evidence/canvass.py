"""Canvass: which cameras saw an area at a time, by view and not by distance, and how much of it each recorded.

It opens no picture. Preserving and asking for an export go their own ways through the door.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shapely import Point as Spot
from shapely import Polygon, contains_xy
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from watchfloor.cameras.model import Camera
from watchfloor.cameras.seeing_api import for_whom
from watchfloor.cameras.sight import sight
from watchfloor.cameras.then import cameras_then
from watchfloor.cameras.views import NEAR_M, Seen, Views, Visibility
from watchfloor.evidence import asked_store, store
from watchfloor.evidence.asked import Asked
from watchfloor.evidence.model import Hole, holes, known_of
from watchfloor.governance.door import Door
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m
from watchfloor.owners import seal_store
from watchfloor.owners import store as owner_store
from watchfloor.places.buildings import NO_BUILDINGS, Buildings
from watchfloor.places.skyline import Skyline
from watchfloor.recordings import store as recording_store
from watchfloor.recordings.model import us
from watchfloor.recordings.play import MARGIN, Range

LARGEST_M: Final = 1000.0
LONGEST: Final = timedelta(hours=24)
MOST_CORNERS: Final = 50
# So many places of the area are looked at first, whatever its size: its middle, its edge, and a grid within. Of a camera that sees none
# of these it is looked whether it sees what lies between.
_GRID: Final = 5
_ON_EDGE: Final = 12
_ROUND: Final = 72
# Who is registered at so much from the edge may still have seen it.
_CLOSE_M: Final = 50.0
_METRES_A_DEGREE: Final = 111_000.0


@dataclass(frozen=True, slots=True)
class Area:
    """Where something happened: a circle, or a polygon, as a shape in degrees (longitude, latitude); `places` are some of it."""

    centre: Point
    radius_m: float
    shape: Polygon
    places: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """A camera that saw the area: its best view of it, and what was recorded of the time."""

    seen: Seen
    recorded_us: int
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An owner who may be asked: of a camera that saw the area, or at home within it. Who it is, is not told here."""

    owner: UUID
    camera: UUID | None
    camera_name: str | None
    distance_m: float
    asked: Asked | None


def circle(centre: Point, radius_m: float) -> Area:
    """The area within so many metres of a place. Raises Invalid."""
    if not 0 < radius_m <= LARGEST_M:
        raise Invalid(f"A radius is of 1 to {LARGEST_M:.0f} m.", reason="radius_m")
    edge = [_moved(centre, radius_m, turn * 2 * math.pi / _ON_EDGE) for turn in range(_ON_EDGE)]
    half = [_moved(centre, radius_m / 2, turn * 2 * math.pi / _ON_EDGE) for turn in range(_ON_EDGE)]
    round_ = [_moved(centre, radius_m, turn * 2 * math.pi / _ROUND) for turn in range(_ROUND)]
    return Area(centre, radius_m, Polygon([(one.lon, one.lat) for one in round_]), (centre, *half, *edge))


def polygon(corners: Sequence[Point]) -> Area:
    """The area within these corners. Raises Invalid."""
    shape = Polygon([(one.lon, one.lat) for one in corners]) if 3 <= len(corners) <= MOST_CORNERS else None
    if shape is None or not shape.is_valid or shape.area == 0:
        raise Invalid(
            f"An area is a polygon of 3 to {MOST_CORNERS} corners that does not cross itself.", reason="area"
        )
    centre = Point(shape.centroid.y, shape.centroid.x)
    radius = max(distance_m(centre, corner) for corner in corners)
    if radius > LARGEST_M:
        raise Invalid(f"An area reaches at most {LARGEST_M:.0f} m from its middle.", reason="area")
    west, south, east, north = shape.bounds
    grid = [
        Point(south + (north - south) * (row + 0.5) / _GRID, west + (east - west) * (column + 0.5) / _GRID)
        for row in range(_GRID)
        for column in range(_GRID)
    ]
    within = [one for one in grid if contains_xy(shape, one.lon, one.lat)]
    return Area(centre, radius, shape, (centre, *within, *corners))


def saw(cameras: Sequence[Camera], buildings: Buildings, area: Area) -> list[Seen]:
    """The cameras that see, or may see, any place of the area: each with its best view, the best of all first."""
    views = Views(cameras, buildings)
    best: dict[UUID, Seen] = {}
    for place in area.places:
        for seen in views.seeing(place):
            known = best.get(seen.camera.id)
            if seen.visibility is not Visibility.NEAR and (known is None or _rank(seen) < _rank(known)):
                best[seen.camera.id] = seen
    for camera in cameras:
        if camera.id not in best and (between := _between(camera, buildings, area)) is not None:
            best[camera.id] = between
    return sorted(best.values(), key=_rank)


def _between(camera: Camera, buildings: Buildings, area: Area) -> Seen | None:
    """Its best view of what it sees of the area beside the places that are looked at first; None where it sees nothing of it."""
    common: BaseGeometry = area.shape
    if camera.heading_deg is not None:
        open_, found = sight(camera, NO_BUILDINGS), None
        if open_ is not None and open_.area.intersects(
            area.shape
        ):  # to judge walls costs a hundred times that
            found = sight(camera, buildings)
        if found is None:
            return None
        common = found.area.intersection(area.shape)
    if common.is_empty:
        return None
    eye, one = Spot(camera.place.lon, camera.place.lat), Views([camera], buildings)
    spots = (nearest_points(common, eye)[0], common.representative_point())
    each = [seen for spot in spots for seen in one.seeing(Point(spot.y, spot.x))]
    return min((seen for seen in each if seen.visibility is not Visibility.NEAR), key=_rank, default=None)


async def canvass(
    door: Door, skyline: Skyline, actor: Actor, area: Area, begin: datetime, end: datetime
) -> list[Witness]:
    """Who saw it, and what was recorded. Raises Refused, Invalid."""
    async with door.open(Ask(actor, Need.CANVASS_VIEW)) as tx:
        if not timedelta(0) < end - begin <= LONGEST:
            raise Invalid("A canvass is of at most 24 hours, from before to.", reason="range")
        cameras = await cameras_then(tx, area.centre, NEAR_M + area.radius_m, begin, end)
        buildings = await skyline.buildings(tx)
        found = for_whom(await asyncio.to_thread(saw, cameras, buildings, area), actor)
        ids, until = [seen.camera.id for seen in found], min(end, tx.now)
        recorded = await recording_store.stretches_of(tx, ids, begin, end, margin=begin - MARGIN)
        gaps = await recording_store.gaps_of(tx, ids, begin, end)
        forgotten = await store.forgotten_days(tx, begin, end)

    def witness(seen: Seen) -> Witness:
        camera = seen.camera
        whole = [Range(a, b, 0) for a, b in recorded[camera.id]]
        missing = holes(
            whole, known_of(camera), gaps[camera.id], forgotten,
            begin_us=us(begin), end_us=max(us(begin), us(until)),
        )  # fmt: skip
        lost = sum(hole.end_us - hole.begin_us for hole in missing)
        return Witness(seen, max(0, us(until) - us(begin) - lost), tuple(missing))

    return [witness(seen) for seen in found]


def _moved(place: Point, metres: float, turn: float) -> Point:
    lat = place.lat + metres * math.cos(turn) / _METRES_A_DEGREE
    lon = place.lon + metres * math.sin(turn) / (_METRES_A_DEGREE * math.cos(math.radians(place.lat)))
    return Point(max(-90.0, min(90.0, lat)), (lon + 180.0) % 360.0 - 180.0)


def _rank(seen: Seen) -> tuple[int, float, str]:
    # The closest look first; of a camera whose picture is not known, the nearest.
    return (
        tuple(Visibility).index(seen.visibility),
        -seen.pixels_per_metre if seen.pixels_per_metre is not None else seen.distance_m,
        seen.camera.name,
    )


async def neighbours(
    door: Door, actor: Actor, area: Area, saw: Sequence[Witness], begin: datetime, end: datetime
) -> tuple[list[Neighbour], int]:
    """Owners to ask: of the private cameras that saw it, and who is registered within it or close by; the nearest first. And how many
    others may be that nobody put on the map. Raises Refused.
    """
    async with door.open(Ask(actor, Need.CANVASS_VIEW)) as tx:
        found: dict[UUID, tuple[UUID | None, str | None, float]] = {}
        for one in saw:
            camera = one.seen.camera
            if camera.technology is TechnologyKind.PRIVATE_CAMERA_LINK:
                owner = await seal_store.owner_then(tx, camera.id, tx.now)
                if owner is not None:
                    found.setdefault(owner, (camera.id, camera.name, one.seen.distance_m))
        reach = area.radius_m + _CLOSE_M
        north, east = _moved(area.centre, reach, 0.0), _moved(area.centre, reach, math.pi / 2)
        high, wide = north.lat - area.centre.lat, east.lon - area.centre.lon
        for owner, _, place in await owner_store.placed_within(
            tx, area.centre.lat - high, area.centre.lon - wide, area.centre.lat + high, area.centre.lon + wide
        ):
            if (away := distance_m(area.centre, place)) <= reach:
                found.setdefault(owner, (None, None, away))
        asked = await asked_store.about(tx, list(found), begin, end)
        each = [Neighbour(owner, *what, asked.get(owner)) for owner, what in found.items()]
        unplaced = await owner_store.unplaced(tx)
    return sorted(each, key=lambda one: (one.distance_m, one.owner)), unplaced
