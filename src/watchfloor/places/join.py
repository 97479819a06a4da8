"""Where streets meet: ends on one spot, and an end that stops on another street's middle. It knows no way of travel.

Cities draw an alley up to the middle of a street without a point there: in St. Louis 5,500 alleys would be islands. Two
lines that only cross are a bridge and are not joined, nor are ends of different levels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from watchfloor.places.model import Centreline

Floats = NDArray[np.float64]

# An end this near another street stops on it. Farther gaps are dead ends: the next ones in real data begin at 4 m.
TOUCH_M: Final = 1.0
_CELL_M: Final = 0.1

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A line, or the part of one between two meetings: its number, its points in metres, the nodes at its ends."""

    line: int
    points: Floats
    head: int
    tail: int


@dataclass(frozen=True, slots=True)
class _Cut:
    at: float
    node: int


class _Nodes:
    """Numbers of nodes by place and level; two can turn out to be one."""

    def __init__(self) -> None:
        self.numbers: dict[Key, int] = {}
        self.places: list[Floats] = []
        self._same: list[int] = []

    def of(self, point: Floats, level: int) -> int:
        key = (round(float(point[0]) / _CELL_M), round(float(point[1]) / _CELL_M), level)
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = len(self.places)
            self.places.append(point)
            self._same.append(number)
        return number

    def unite(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        self._same[max(a, b)] = min(a, b)

    def root(self, number: int) -> int:
        while self._same[number] != number:
            self._same[number] = number = self._same[self._same[number]]
        return number


def join(lines: Sequence[Centreline], shapes: Sequence[Floats]) -> tuple[list[Stretch], Floats]:
    """The stretches between meetings, and the nodes' places; `shapes` are the lines' points in metres, in order."""
    nodes = _Nodes()
    ends = [
        (nodes.of(xy[0], line.from_level), nodes.of(xy[-1], line.to_level))
        for line, xy in zip(lines, shapes, strict=True)
    ]
    cuts = _meetings(lines, shapes, ends, nodes)
    stretches: list[Stretch] = []
    numbers: dict[int, int] = {}
    places: list[Floats] = []

    def number(node: int) -> int:
        root = nodes.root(node)
        if root not in numbers:
            numbers[root] = len(places)
            places.append(nodes.places[root])
        return numbers[root]

    for i, xy in enumerate(shapes):
        for points, head, tail in _pieces(xy, ends[i], cuts.get(i, ()), nodes):
            stretches.append(Stretch(i, points, number(head), number(tail)))
    return stretches, np.array(places)


def _meetings(
    lines: Sequence[Centreline], shapes: Sequence[Floats], ends: Sequence[tuple[int, int]], nodes: _Nodes
) -> dict[int, list[_Cut]]:
    """Where other lines' ends stop on each line's middle; ends that lie side by side become one node."""
    drawn = [shapely.LineString(xy) for xy in shapes]
    spots = list(nodes.numbers.items())
    points = np.asarray(shapely.points(np.array([nodes.places[node] for _, node in spots])), dtype=object)
    near = shapely.STRtree(drawn).query(points, predicate="dwithin", distance=TOUCH_M)
    at = shapely.line_locate_point([drawn[i] for i in near[1]], points[near[0]])
    lengths = shapely.length(drawn)
    cuts: dict[int, list[_Cut]] = {}
    for spot, line, along in zip(near[0].tolist(), near[1].tolist(), at.tolist(), strict=True):
        (_, _, level), node = spots[spot]
        own = lines[line]
        if node in ends[line]:
            continue
        if along <= TOUCH_M and level == own.from_level:
            nodes.unite(node, ends[line][0])
        elif along >= lengths[line] - TOUCH_M and level == own.to_level:
            nodes.unite(node, ends[line][1])
        elif TOUCH_M < along < lengths[line] - TOUCH_M and level == own.from_level == own.to_level:
            cuts.setdefault(line, []).append(_Cut(along, node))
    return cuts


def _pieces(
    xy: Floats, ends: tuple[int, int], cuts: Sequence[_Cut], nodes: _Nodes
) -> Iterator[tuple[Floats, int, int]]:
    if not cuts:
        yield xy, *ends
        return
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    begin, before, head = 0.0, xy[0], ends[0]
    for cut in sorted(cuts, key=lambda c: c.at):
        if nodes.root(cut.node) == nodes.root(head):
            continue
        point = nodes.places[nodes.root(cut.node)]
        yield np.concatenate([[before], xy[(along > begin) & (along < cut.at)], [point]]), head, cut.node
        begin, before, head = cut.at, point, cut.node
    yield np.concatenate([[before], xy[along > begin]]), head, ends[1]
