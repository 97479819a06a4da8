"""Where reads are looked for: a drawn area, along a route, near a place; and which readers stood there, and when. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from shapely import LineString, Polygon, prepare
from shapely import Point as Spot

from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.plates.model import ReaderId

MOST_CORNERS: Final = 200
WIDEST_M: Final = 2_000
FARTHEST_M: Final = 10_000
_METRES_PER_DEGREE: Final = 111_195.0
_FEWEST: Final = {"area": 3, "route": 2, "near": 1}


@dataclass(frozen=True, slots=True)
class Where:
    """`area`: within these corners; `route`: within `within_m` of the line through them; `near`: of the one point."""

    kind: str
    points: tuple[Point, ...]
    within_m: float = 0.0

    def __post_init__(self) -> None:
        """Raises Invalid for what is no area, no line and no place."""
        fewest = _FEWEST.get(self.kind)
        if fewest is None:
            raise Invalid("A place is an area, a route or near.", reason="where")
        if not fewest <= len(self.points) <= (1 if self.kind == "near" else MOST_CORNERS):
            raise Invalid(f"{_NAMED[self.kind]}, and at most {MOST_CORNERS} of them.", reason="where")
        most = {"area": 0.0, "route": float(WIDEST_M), "near": float(FARTHEST_M)}[self.kind]
        if self.kind != "area" and not 0 < self.within_m <= most:
            raise Invalid(f"A {self.kind} reaches more than 0 and at most {most:.0f} m.", reason="where")
        if self.kind == "area" and not _polygon(self.points).is_valid:
            raise Invalid("The lines of the area cross each other.", reason="where")


_NAMED: Final = {
    "area": "An area has three corners or more",
    "route": "A route has two points or more",
    "near": "Near is said of one point",
}


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a reader was, from when to when; a read of it then was there, unless it says where it was itself.

    `mobile` ones (on a patrol car) are looked at wherever they stand: `inside` says whether they stand within what is searched.
    """

    reader: ReaderId
    name: str
    place: str
    point: Point
    since: datetime
    until: datetime
    mobile: bool = False
    inside: bool = True


def among(where: Where, stands: Iterable[Stood]) -> list[Stood]:
    """Those of the stands that lie there, and all of readers that move."""
    shape, middle = _shape(where), where.points[0]
    prepare(shape)
    found = (replace(one, inside=bool(shape.intersects(Spot(_flat(one.point, middle))))) for one in stands)
    return [one for one in found if one.inside or one.mobile]


def outline(where: Where) -> str:
    """Its edge as PostgreSQL's polygon of longitude and latitude."""
    middle = where.points[0]
    wide = _METRES_PER_DEGREE * math.cos(math.radians(middle.lat))
    corners = (
        f"({middle.lon + east / wide:.7f},{middle.lat + north / _METRES_PER_DEGREE:.7f})"
        for east, north in _shape(where).exterior.coords[:-1]
    )
    return f"({','.join(corners)})"


def _shape(where: Where) -> Polygon:
    if where.kind == "area":
        return _polygon(where.points)
    spots = [_flat(point, where.points[0]) for point in where.points]
    line = Spot(spots[0]) if len(spots) == 1 else LineString(spots)
    # A route that closes a ring leaves a hole: what lies in it is searched, too.
    return Polygon(line.buffer(where.within_m).exterior)


def _polygon(points: Sequence[Point]) -> Polygon:
    return Polygon([_flat(point, points[0]) for point in points])


def _flat(point: Point, middle: Point) -> tuple[float, float]:
    """Metres east and north of the middle: true enough within a city."""
    east = (point.lon - middle.lon) * _METRES_PER_DEGREE * math.cos(math.radians(middle.lat))
    return east, (point.lat - middle.lat) * _METRES_PER_DEGREE


def holds(where: Where, point: Point) -> bool:
    """Whether the point lies there."""
    return bool(_prepared(where).intersects(Spot(_flat(point, where.points[0]))))


@lru_cache(maxsize=256)
def _prepared(where: Where) -> Polygon:
    shape = _shape(where)
    prepare(shape)
    return shape
