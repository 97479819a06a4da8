"""The streets of River City, laid from its plan: every block a line of its own, joined where streets meet.

The expressway crosses over and under: it meets other streets at its slip roads alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, substring

from watchfloor_sim.city.areas import FAR, districts, ground_of, in_grid, river, west_bank
from watchfloor_sim.city.plan import (
    EAST_SHORE,
    EAST_SHORE_ENDS,
    EXTENT,
    GRIDS,
    LEVEE,
    LEVEE_WALK,
    RIVER_ROAD,
    ROADS,
    WALLED,
    XY,
    Grid,
    Kind,
    Road,
)
from watchfloor_sim.city.shape import degrees, lines_of, smooth

# Lines are drawn a little too far, so that they cross what they should meet; what sticks out is cut off.
_OVER_M: Final = 6.0
_STUB_M: Final = 75.0
_SNAP_M: Final = 0.1
_RANK: Final[tuple[Kind, ...]] = ("highway", "major_road", "minor_road", "path")
_SIDE_STREET_KMH: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """A line with a name: a whole street as it was drawn, or one block of it."""

    name: str
    kind: Kind
    kmh: int
    line: LineString


@cache
def streets() -> tuple[Street, ...]:
    """Every block of the city, where no car is lost: all of it hangs together."""
    drawn = [*_roads(), *_banks(), *(street for grid in GRIDS for street in _grid(grid))]
    surface = [street for street in drawn if street.kind in ("major_road", "minor_road")]
    blocks = [
        *_joined(surface),
        *(block for street in drawn if street.kind == "highway" for block in _cut(street)),
    ]
    return tuple(_that_hang_together(blocks))


@cache
def paths() -> tuple[Street, ...]:
    """Ways for people on foot: on the map, not in the street network."""
    name, from_water = LEVEE_WALK
    line = _along_the_bank(from_water, west=True, south=LEVEE[1], north=LEVEE[2])
    return tuple(Street(name, "path", 5, part) for part in line)


def streets_geojson() -> bytes:
    """Every block as a centreline, with its name and limit: for the import of streets."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": street.name, "speed_kmh": street.kmh},
            "geometry": {"type": "LineString", "coordinates": in_order(street.line)},
        }
        for street in streets()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def in_order(line: LineString) -> list[XY]:
    """The points of a line in degrees."""
    return [degrees(x, y) for x, y in line.coords]


def _roads() -> Iterator[Street]:
    """The drawn roads: a bridge from bank to bank, another road not into the water."""
    wet = river()
    for road in ROADS:
        line: BaseGeometry = _line(road)
        if road.name.endswith("Bridge"):
            line = line.intersection(wet.buffer(EAST_SHORE[1] + _OVER_M))
        elif road.kind != "highway":
            line = line.difference(wet.buffer(RIVER_ROAD[1] - _OVER_M))
        for part in lines_of(line):
            yield Street(road.name, road.kind, road.kmh, part)


def _line(road: Road) -> LineString:
    return LineString(smooth(road.points) if road.curved else road.points)


def _banks() -> Iterator[Street]:
    name, from_water = RIVER_ROAD
    for part in _along_the_bank(from_water, west=True, south=-2260.0, north=2700.0):
        yield Street(name, "major_road", 50, part)
    name, from_water = EAST_SHORE
    for part in _along_the_bank(from_water, west=False, south=EAST_SHORE_ENDS[0], north=EAST_SHORE_ENDS[1]):
        yield Street(name, "minor_road", 40, part)


def _along_the_bank(from_water: float, *, west: bool, south: float, north: float) -> list[LineString]:
    bank = river().buffer(from_water).boundary.intersection(box(-FAR, south, FAR, north))
    side = bank.intersection(west_bank()) if west else bank.difference(west_bank())
    merged = linemerge(lines_of(side)) if len(lines_of(side)) > 1 else side
    return lines_of(merged)


def _grid(grid: Grid) -> Iterator[Street]:
    """A district's own streets, from edge to edge, around what is walled."""
    walled = [ground_of(ground) for ground in WALLED if ground.district == grid.district]
    district = districts()[grid.district].buffer(_OVER_M)
    room = district.difference(shapely.unary_union([river().buffer(RIVER_ROAD[1] - _OVER_M), *walled]))
    across = [(name, (-FAR, at), (FAR, at)) for name, at in grid.across]
    along = [(name, (at, -FAR), (at, FAR)) for name, at in grid.along]
    for name, start, end in (*across, *along):
        line = LineString([in_grid(grid, *start), in_grid(grid, *end)]).intersection(room)
        for part in lines_of(line):
            yield Street(name, "minor_road", _SIDE_STREET_KMH, part)


def _joined(drawn: Sequence[Street]) -> list[Street]:
    """Cut where they meet, each piece by the name of the greatest street that runs there; stubs are left out."""
    together = shapely.unary_union([street.line for street in drawn], grid_size=_SNAP_M)
    pieces = lines_of(together)
    tree = shapely.STRtree([street.line for street in drawn])
    named = []
    for piece in pieces:
        near = tree.query(piece.interpolate(0.5, normalized=True), predicate="dwithin", distance=0.5)
        of = min(
            (drawn[int(number)] for number in near),
            key=lambda street: (_RANK.index(street.kind), street.name),
        )
        named.append(Street(of.name, of.kind, of.kmh, piece))
    return _without_stubs(named)


def _without_stubs(blocks: list[Street]) -> list[Street]:
    """Pieces that stick out over a crossing, or end at a wall, are taken away until none is left."""
    edge = box(*EXTENT).buffer(-5.0)
    slips = _slips()
    while True:
        ends = Counter(end for block in blocks for end in _ends(block))
        kept = [
            block
            for block in blocks
            if block.line.length > _STUB_M
            or all(
                ends[end] > 1 or _is_meant(end, slips) or not edge.contains(Point(end))
                for end in _ends(block)
            )
        ]
        if len(kept) == len(blocks):
            return kept
        blocks = kept


def _slips() -> list[XY]:
    """Where slip roads leave the expressway."""
    return [road.points[0] for road in ROADS if road.name.endswith("Ramp")]


def _is_meant(end: XY, slips: Sequence[XY]) -> bool:
    return any(abs(end[0] - x) + abs(end[1] - y) < 1.0 for x, y in slips)


def _ends(block: Street) -> tuple[XY, XY]:
    first, last = block.line.coords[0], block.line.coords[-1]
    return (first[0], first[1]), (last[0], last[1])


def _cut(street: Street) -> Iterator[Street]:
    """The expressway, cut where its slip roads begin."""
    line = shapely.set_precision(street.line, _SNAP_M)
    at = sorted(float(line.project(Point(slip))) for slip in _slips())
    for start, end in pairwise([0.0, *at, line.length]):
        part = substring(line, start, end)
        yield Street(street.name, street.kind, street.kmh, LineString(np.round(part.coords, 1)))


def _that_hang_together(blocks: list[Street]) -> list[Street]:
    """The greatest part of the network in which every crossing is reached from every other."""
    label: dict[XY, XY] = {}

    def root(end: XY) -> XY:
        while label.setdefault(end, end) != end:
            label[end] = end = label[label[end]]
        return end

    for block in blocks:
        first, last = _ends(block)
        label[root(first)] = root(last)
    sizes = Counter(root(_ends(block)[0]) for block in blocks)
    (greatest, _), *_ = sizes.most_common(1)
    return [block for block in blocks if root(_ends(block)[0]) == greatest]
