"""Simulated drives past simulated readers, by a rule of their own: nothing here knows how a vehicle is followed.

A driver goes between places that draw people, by a way that is quickest as they feel it: traffic slows parts of the city, some like
main roads and some small ones, some run an errand on the way and some drive about. Crossings hold them up by chance. A reader
misses as many cars as it does, which is not what anybody was told of it, and its clock is a second off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from watchfloor.kit.geo import Point
from watchfloor.places.graph import Floats, Ints, Streets, unproject
from watchfloor.places.model import Travel

_CENTRES: Final = 18
_SPREAD_M: Final = 700.0
_TO_A_CENTRE: Final = 0.55
_SHORTEST_M: Final = 1_500.0
_ERRAND: Final = 0.12
_ABOUT: Final = 0.08
_HELD_UP: Final = 0.28
_LONGEST_RED_S: Final = 40.0
_CLOCK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A read: by which reader, when (seconds from the drive's beginning), and at which arc of the drive."""

    reader: int
    at: float
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """The streets of a drive in their order, and the reads of it."""

    streets: Ints
    reads: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a reader stands, along which street it looks, and how many it really reads."""

    point: Point
    heading_deg: float
    street: int
    rate: float


class City:
    """A network as it is driven: arcs, what slows them, and what draws people."""

    def __init__(self, streets: Streets, readers: int, seed: int) -> None:
        self.streets = streets
        self._chance = np.random.default_rng(seed)
        along = np.flatnonzero(streets.travel != Travel.AGAINST.value)
        against = np.flatnonzero(streets.travel != Travel.ALONG.value)
        self._begin = np.concatenate([streets.head[along], streets.tail[against]])
        self._end = np.concatenate([streets.tail[along], streets.head[against]])
        self._street = np.concatenate([along, against])
        self._forward = np.arange(len(self._street)) < len(along)
        slow = self._traffic()
        self._seconds = streets.seconds[self._street] * slow[self._street]
        crossings = np.bincount(np.concatenate([streets.head, streets.tail]), minlength=len(streets.nodes))
        self._crossing = crossings[self._end] >= 3
        self._centres = streets.nodes[self._chance.choice(len(streets.nodes), _CENTRES)]
        self.readers = self._placed(readers)
        self._at: dict[int, list[int]] = {}
        for number, one in enumerate(self.readers):
            self._at.setdefault(one.street, []).append(number)

    def _traffic(self) -> Floats:
        """How many times the limit's time each street takes: smooth over the city, worse on main roads."""
        points = self.streets.nodes[self.streets.head] / 1_000.0
        waves = self._chance.normal(0, 0.9, (6, 2))
        field = np.cos(points @ waves.T + self._chance.uniform(0, 6.3, 6)).sum(axis=1) / 6
        fast = self.streets.metres / np.maximum(self.streets.seconds, 1e-6) > 12
        slow: Floats = 1.05 + 0.35 * np.clip(field + 0.5 * fast, 0, 1.2)
        return slow

    def _placed(self, many: int) -> list[Reader]:
        """Most where much is driven, some anywhere."""
        used = np.zeros(len(self.streets.head))
        for _ in range(250):
            arcs = self._way(self._goal(), self._goal(), self._felt())
            used[self._street[arcs]] += 1
        used *= self.streets.metres > 40
        busy = np.argsort(-used)[: many * 4]
        chosen = self._chance.choice(busy, many * 2 // 3, replace=False)
        anywhere = np.flatnonzero(self.streets.metres > 60)
        rest = self._chance.choice(anywhere, many - len(chosen), replace=False)
        return [self._reader(int(street)) for street in {*chosen.tolist(), *rest.tolist()}]

    def _reader(self, street: int) -> Reader:
        first, last = self.streets.shape_of[street], self.streets.shape_of[street + 1]
        middle = self.streets.shape[first:last]
        at = len(middle) // 2
        run = middle[at] - middle[at - 1]
        place = (middle[at] + middle[at - 1]) / 2 + self._chance.normal(0, 4, 2)
        bearing = float(np.degrees(np.arctan2(run[0], run[1]))) + 180.0 * float(self._chance.integers(0, 2))
        (point,) = unproject(self.streets.origin, place[None])
        return Reader(point, bearing % 360, street, float(self._chance.uniform(0.72, 0.98)))

    def _goal(self) -> int:
        if self._chance.random() < _TO_A_CENTRE:
            place = self._centres[self._chance.integers(0, _CENTRES)] + self._chance.normal(0, _SPREAD_M, 2)
            return int(np.hypot(*(self.streets.nodes - place).T).argmin())
        return int(self._chance.integers(0, len(self.streets.nodes)))

    def _felt(self) -> Floats:
        """The times as one driver feels them."""
        fast = self.streets.metres[self._street] / np.maximum(self.streets.seconds[self._street], 1e-6) > 12
        likes = self._chance.normal(0, 0.12)
        named = self._chance.gamma(25.0, 1 / 25.0, len(self.streets.names))[self.streets.name[self._street]]
        felt: Floats = self._seconds * named * np.exp(likes * fast) + 4.0 * self._crossing
        return felt

    def _way(self, start: int, goal: int, felt: Floats) -> NDArray[np.int64]:
        """The arcs of the quickest way, none where there is none."""
        size = len(self.streets.nodes)
        order = np.lexsort((felt, self._end, self._begin))
        begin, end = self._begin[order], self._end[order]
        first = np.ones(len(order), bool)
        first[1:] = (begin[1:] != begin[:-1]) | (end[1:] != end[:-1])
        kept = order[first]
        matrix = csr_array((felt[kept], (self._begin[kept], self._end[kept])), shape=(size, size))
        _, trees = dijkstra(matrix, directed=True, indices=[start], return_predecessors=True)
        before = trees[0]
        keys = self._begin[kept].astype(np.int64) * size + self._end[kept]
        nodes = [goal]
        while before[nodes[-1]] >= 0:
            nodes.append(int(before[nodes[-1]]))
        if nodes[-1] != start:
            return np.empty(0, np.int64)
        path = np.array(nodes[::-1], np.int64)
        return kept[np.searchsorted(keys, path[:-1] * size + path[1:])]

    def drive(self) -> Drive | None:
        """One drive; None where it came to nothing."""
        start, goal = self._goal(), self._goal()
        nodes = self.streets.nodes
        if np.hypot(*(nodes[start] - nodes[goal])) < _SHORTEST_M:
            return None
        by = [goal]
        how = self._chance.random()
        if how < _ERRAND:
            by = [self._between(nodes[start], nodes[goal], 0.35), goal]
        elif how < _ERRAND + _ABOUT:
            by = [self._between(nodes[start], nodes[start], 2_500.0) for _ in range(3)] + [goal]
        felt, at, arcs, waits = self._felt(), start, [np.empty(0, np.int64)], {}
        for number, one in enumerate(by):
            arcs.append(self._way(at, one, felt))
            if len(by) == 2 and number == 0:
                waits[sum(map(len, arcs))] = float(self._chance.exponential(200.0))
            at = one
        driven = np.concatenate(arcs)
        return (
            Drive(self._street[driven].astype(np.int32), self._reads(driven, waits)) if len(driven) else None
        )

    def _between(self, a: Floats, b: Floats, off: float) -> int:
        far = off if off > 1 else off * float(np.hypot(*(a - b)))
        place = (a + b) / 2 + self._chance.normal(0, far / 1.5, 2)
        return int(np.hypot(*(self.streets.nodes - place).T).argmin())

    def _reads(self, driven: NDArray[np.int64], waits: dict[int, float]) -> tuple[Seen, ...]:
        own = float(np.exp(self._chance.normal(-0.06, 0.16)))
        took = self._seconds[driven] * own * np.exp(self._chance.normal(0, 0.12, len(driven)))
        held = (self._chance.random(len(driven)) < _HELD_UP) & self._crossing[driven]
        red = held * self._chance.uniform(0, _LONGEST_RED_S, len(driven))
        leaves = np.cumsum(took + red)
        for step, wait in waits.items():
            leaves[step:] += wait
        found = []
        for step, arc in enumerate(driven.tolist()):
            for reader in self._at.get(int(self._street[arc]), ()):
                if self._chance.random() < self.readers[reader].rate:
                    middle = float(leaves[step] - red[step] - took[step] / 2)
                    found.append(Seen(reader, middle + float(self._chance.normal(0, _CLOCK_S)), step))
        return tuple(found)
