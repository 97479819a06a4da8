"""The ground a camera sees, as an area: its view less what stands behind buildings; and what no camera sees around a place. Pure.

It agrees with `views.py`, which judges single places, up to what lies at a wall: there a place counts as seen that is in no
area. No camera is higher than another, and no building can be seen over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from watchfloor.cameras.model import Camera
from watchfloor.kit.geo import Point
from watchfloor.places.buildings import AT_IT_M, Building, Buildings

Floats = NDArray[np.float64]

# As the map draws a view of which nobody said more.
ASSUMED_FIELD_DEG: Final = 70.0
ASSUMED_RANGE_M: Final = 60.0
_METRES_A_DEGREE: Final = 111_195.0
# Between the corners of buildings, which are looked at exactly, a ray each degree makes the far edge round.
_STEP: Final = math.radians(1.0)
_BESIDE: Final = 1e-6
# Walls are compared with rays in parts of so many at once, so that no city's block takes a gigabyte.
_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Sight:
    """What a camera sees. `whole` is its view without buildings; `assumed`: nobody said how wide or how far."""

    area: shapely.Polygon
    whole: shapely.Polygon
    place: Point
    assumed: bool

    @property
    def hidden(self) -> float:
        """The share of its view that buildings hide."""
        return max(0.0, 1.0 - self.area.area / self.whole.area)

    @property
    def square_m(self) -> float:
        """How much ground it sees."""
        return float(self.area.area) * _square_m_a_degree(self.place)


def sight(camera: Camera, buildings: Buildings) -> Sight | None:
    """The ground that a camera sees; None where nobody said where it looks."""
    if camera.heading_deg is None:
        return None
    field = ASSUMED_FIELD_DEG if camera.field_deg is None else camera.field_deg
    reach = ASSUMED_RANGE_M if camera.range_m is None else camera.range_m
    half = math.radians(min(field, 360.0) / 2)
    walls = _walls(camera.place, reach, buildings)
    middle = math.radians(camera.heading_deg)
    plain = _angles(np.empty(0), middle, half)
    angles = _angles(np.arctan2(walls[..., 0], walls[..., 1]).ravel(), middle, half)
    far = np.minimum(_distances(angles, walls), reach)
    assumed = camera.field_deg is None or camera.range_m is None
    whole = _fan(camera.place, plain, np.full(len(plain), reach), half)
    return Sight(_fan(camera.place, angles, far, half), whole, camera.place, assumed)


@dataclass(frozen=True, slots=True)
class Blind:
    """The open ground around a place that no camera sees, and which share of it that is."""

    area: BaseGeometry
    share: float


def blind(place: Point, radius_m: float, seen: Sequence[Sight], buildings: Buildings) -> Blind:
    """What none of these sees within the radius. What is built on is no open ground, and is left out."""
    angles = np.arange(0.0, 2 * math.pi, math.radians(3.0))
    around = shapely.Polygon(_there(place, angles, np.full(len(angles), radius_m)))
    built = list(buildings.near(around.bounds))
    open_ground = around.difference(shapely.union_all(built)) if built else around
    unseen = open_ground.difference(shapely.union_all([one.area for one in seen])) if seen else open_ground
    share = unseen.area / open_ground.area if open_ground.area else 0.0
    return Blind(_areas(unseen), float(share))


def first_met(eye: Point, angles: Floats, buildings: Sequence[Building]) -> tuple[Floats, NDArray[np.int64]]:
    """How far it is along each angle (clockwise from north) to the nearest wall, and which of these it belongs to (-1: none)."""
    nearest = np.full(len(angles), math.inf)
    whose = np.full(len(angles), -1, np.int64)
    for number, one in enumerate(buildings):
        ends = [_ends(ring) for ring in (one.shape.exterior, *one.shape.interiors)]
        far = _distances(angles, _metres(eye, np.concatenate(ends)))
        whose[far < nearest] = number
        nearest = np.minimum(nearest, far)
    return nearest, whose


def around(eye: Point, reach: float) -> tuple[float, float, float, float]:
    """The box of west, south, east and north so far about a place."""
    north = reach / _METRES_A_DEGREE
    east = north / max(math.cos(math.radians(eye.lat)), 0.01)
    return eye.lon - east, eye.lat - north, eye.lon + east, eye.lat + north


def hangs_on(eye: Point, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """At which of these buildings the camera itself is: its own building hides nothing from it."""
    return np.asarray(shapely.distance(shapely.Point(eye.lon, eye.lat), shapes) <= AT_IT_M / _METRES_A_DEGREE)


def _walls(eye: Point, reach: float, buildings: Buildings) -> Floats:
    """The walls that may hide something, (n, 2 ends, east and north) in metres from the eye."""
    found = buildings.near(around(eye, reach))
    ends = [
        _ends(ring) for shape in found[~hangs_on(eye, found)] for ring in (shape.exterior, *shape.interiors)
    ]
    if not ends:
        return np.empty((0, 2, 2))
    return _metres(eye, np.concatenate(ends))


def _ends(ring: shapely.LinearRing) -> Floats:
    points = shapely.get_coordinates(ring)
    return np.stack((points[:-1], points[1:]), axis=1)


def _metres(eye: Point, degrees: Floats) -> Floats:
    scale = np.array((_METRES_A_DEGREE * math.cos(math.radians(eye.lat)), _METRES_A_DEGREE))
    return np.asarray((degrees - (eye.lon, eye.lat)) * scale, dtype=np.float64)


def _angles(corners: Floats, middle: float, half: float) -> Floats:
    """Where to look, from one side of the view to the other: evenly, and right beside each corner."""
    even = np.linspace(-half, half, max(int(2 * half / _STEP) + 1, 2))
    turned = (corners - middle + math.pi) % (2 * math.pi) - math.pi
    turned = turned[np.abs(turned) <= half]
    beside = np.concatenate([turned - _BESIDE, turned, turned + _BESIDE])
    return np.asarray(np.unique(np.clip(np.concatenate([even, beside]), -half, half)) + middle)


def _distances(angles: Floats, walls: Floats) -> Floats:
    """How far it is along each angle to the nearest wall."""
    nearest = np.full(len(angles), math.inf)
    rays = np.stack((np.sin(angles), np.cos(angles)), axis=1)
    for part in range(0, len(walls), max(_AT_ONCE // max(len(angles), 1), 1)):
        some = walls[part : part + max(_AT_ONCE // max(len(angles), 1), 1)]
        begin, along = some[:, 0], some[:, 1] - some[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            across = _cross(rays[:, None], along[None])
            far = _cross(begin, along)[None] / across
            where = _cross(begin[None], rays[:, None]) / across
        hit = np.isfinite(far) & (far > 0) & (where >= 0) & (where <= 1)
        nearest = np.minimum(nearest, np.where(hit, far, math.inf).min(axis=1, initial=math.inf))
    return nearest


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _fan(eye: Point, angles: Floats, far: Floats, half: float) -> shapely.Polygon:
    """The area between the eye and the ends of the rays; of an eye that sees all round, what the ends enclose."""
    ends = _there(eye, angles, far)
    ring = ends[:-1] if half >= math.pi - 1e-9 else np.concatenate([[(eye.lon, eye.lat)], ends])
    shape = shapely.Polygon(ring)
    if shape.is_valid:
        return shape
    mended = _areas(shapely.make_valid(shape))
    parts = shapely.get_parts(mended)
    return max(parts, key=lambda part: part.area) if len(parts) else shapely.Polygon()


def _there(eye: Point, angles: Floats, far: Floats) -> Floats:
    metres = np.stack((np.sin(angles) * far, np.cos(angles) * far), axis=1)
    scale = np.array((_METRES_A_DEGREE * math.cos(math.radians(eye.lat)), _METRES_A_DEGREE))
    return np.asarray(metres / scale + (eye.lon, eye.lat))


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """The areas of a shape, without the lines and points that cutting leaves."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _square_m_a_degree(place: Point) -> float:
    return _METRES_A_DEGREE**2 * math.cos(math.radians(place.lat))
