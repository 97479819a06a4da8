"""The areas of River City: water and land, districts, parks. In metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from watchfloor_sim.city.plan import (
    DISTRICTS,
    EXTENT,
    GRIDS,
    HILL_FOOT_M,
    HILL_PARK,
    ISLAND,
    LEVEE,
    RIVER_HALF_M,
    RIVER_MIDDLE,
    RIVER_ROAD,
    ROADS,
    WALLED,
    XY,
    Grid,
    Walled,
)
from watchfloor_sim.city.shape import ellipse, polygons_of, ribbon, smooth, turned

FAR = 9_000.0
_STREET_HALF_M = 11.0


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A piece of land with a name and a use."""

    name: str
    kind: str
    shape: BaseGeometry


@cache
def river() -> Polygon:
    """Between its banks, the island not taken off."""
    return ribbon(RIVER_MIDDLE, RIVER_HALF_M)


@cache
def island() -> Polygon:
    _, middle, half_x, half_y = ISLAND
    return ellipse(middle, half_x, half_y)


@cache
def water() -> BaseGeometry:
    return river().intersection(box(*EXTENT)).difference(island())


@cache
def land() -> BaseGeometry:
    return box(*EXTENT).difference(water())


@cache
def west_bank() -> Polygon:
    """Everything west of the river's middle."""
    return Polygon([*smooth(RIVER_MIDDLE), (-FAR, -FAR), (-FAR, FAR)])


@cache
def districts() -> dict[str, Polygon]:
    """What the ring, the Broadway, the river and two streets leave between them, by name."""
    dry = box(*EXTENT).difference(river())
    within = dry.intersection(west_bank()).intersection(_inside_the_ring())
    west, mill = _west_of_broadway(), grid_of("Old Mill")
    low, high = _band(mill, -FAR, mill.across[0][1]), _band(mill, mill.across[-1][1], FAR)
    foot = box(-FAR, -FAR, FAR, HILL_FOOT_M)
    shapes = {
        "Old Mill": within.difference(west).difference(low).difference(high),
        "Westhill": within.intersection(west).intersection(foot),
        "Northgate": within.difference(west).intersection(high),
        "Orchard Heights": within.intersection(west).difference(foot),
        "South Yards": within.difference(west).intersection(low),
        "Eastbank": dry.difference(west_bank()).intersection(_eastern_loop()),
    }
    return {name: max(polygons_of(shapes[name]), key=lambda part: part.area) for name in DISTRICTS}


@cache
def parks() -> tuple[Area, ...]:
    """Parks and other grounds; the walled ones as `WALLED` has them."""
    name, south, north = LEVEE
    strip = river().buffer(RIVER_ROAD[1] - 12).difference(river()).intersection(west_bank())
    loop = _drawn(HILL_PARK[1])
    return (
        *(Area(ground.name, ground.kind, ground_of(ground)) for ground in WALLED),
        Area(HILL_PARK[0], "park", Polygon(smooth(loop)).buffer(-25)),
        Area(name, "park", strip.intersection(box(-FAR, south, FAR, north))),
        Area(ISLAND[0], "park", island()),
    )


def ground_of(ground: Walled) -> Polygon:
    """A walled ground, up to the houses' line of the streets around it."""
    grid, (west, south, east, north) = grid_of(ground.district), ground.between
    corners = ((west, south), (east, south), (east, north), (west, north))
    return Polygon([in_grid(grid, *corner) for corner in corners]).buffer(-_STREET_HALF_M, join_style="mitre")


def grid_of(district: str) -> Grid:
    return next(grid for grid in GRIDS if grid.district == district)


def in_grid(grid: Grid, east: float, north: float) -> XY:
    return turned(grid.origin, grid.turn_deg, east, north)


def _band(grid: Grid, south: float, north: float) -> Polygon:
    corners = ((-FAR, south), (FAR, south), (FAR, north), (-FAR, north))
    return Polygon([in_grid(grid, *corner) for corner in corners])


def _inside_the_ring() -> BaseGeometry:
    """The ring is open towards the river: there it is closed by the river's middle."""
    ring = smooth(_drawn("Belt Rd"))
    north, south = ring[0][1], ring[-1][1]
    middle = [point for point in smooth(RIVER_MIDDLE) if south < point[1] < north]
    return shapely.make_valid(Polygon([*ring, *reversed(middle)]))


def _eastern_loop() -> BaseGeometry:
    """Between the two roads around the eastern bank, and the river's middle."""
    north, south = (smooth(_drawn(name)) for name in ("E Quay St", "Harrow Rd"))
    middle = [point for point in smooth(RIVER_MIDDLE) if south[-1][1] < point[1] < north[0][1]]
    return shapely.make_valid(Polygon([*north, *south, *reversed(middle)]))


def _drawn(name: str) -> Sequence[XY]:
    return next(road.points for road in ROADS if road.name == name)


def _west_of_broadway() -> Polygon:
    points: list[XY] = []
    for name in ("N Broadway", "S Broadway"):
        drawn = smooth(_drawn(name))
        points = [*reversed(drawn), *points] if name == "N Broadway" else [*points, *drawn]
    return Polygon([*points, (-FAR, -FAR), (-FAR, FAR)])
