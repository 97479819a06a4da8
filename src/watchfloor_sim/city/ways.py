"""Driving through River City: from crossing to crossing along the streets as they lie, wandering or the quickest way."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from watchfloor_sim.city.lay import in_order, streets
from watchfloor_sim.officer import Point, Route, metres


@dataclass(frozen=True, slots=True)
class Leg:
    """A block driven from one end to the other: where it leads, its points, how long it takes."""

    end: Point
    points: tuple[Point, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Ways:
    """From each crossing the blocks that lead away from it."""

    legs: Mapping[Point, Sequence[Leg]]

    def wander(self, start: Point, length_m: float, chance: random.Random) -> Route:
        """A drive of at least this length from a crossing, turning at random and back only in a dead end."""
        way, before, here, gone = [start], None, start, 0.0
        while gone < length_m:
            onward = [leg for leg in self.legs[here] if leg.end != before]
            chosen = chance.choice(onward or list(self.legs[here]))
            way += chosen.points[1:]
            gone += sum(metres(a, b) for a, b in itertools.pairwise(chosen.points))
            before, here = here, chosen.end
        return Route(way)

    def way(self, start: Point, end: Point) -> list[Point]:
        """The quickest way between two crossings: its points, the start alone when it is there already."""
        came: dict[Point, Leg] = {}
        best, waiting = {start: 0.0}, [(0.0, start)]
        while waiting:
            seconds, here = heapq.heappop(waiting)
            if here == end:
                break
            if seconds > best[here]:
                continue
            for leg in self.legs[here]:
                if seconds + leg.seconds < best.get(leg.end, float("inf")):
                    best[leg.end] = seconds + leg.seconds
                    came[leg.end] = leg
                    heapq.heappush(waiting, (seconds + leg.seconds, leg.end))
        points, here = [end], end
        while here != start:
            points += reversed(came[here].points[:-1])
            here = came[here].points[0]
        return points[::-1]

    def crossing_at(self, place: Point) -> Point:
        """The crossing nearest to a place."""
        return min(self.legs, key=lambda crossing: metres(crossing, place))

    def next_crossing(self, points: Sequence[Point]) -> list[Point]:
        """What lies ahead as far as the next crossing; the nearest crossing where none lies ahead."""
        for number, point in enumerate(points):
            if point in self.legs:
                return list(points[: number + 1])
        return [points[0], self.crossing_at(points[0])]


@cache
def city_ways() -> Ways:
    """The streets of River City."""
    return ways_of((in_order(street.line), street.kmh) for street in streets())


def ways_of(blocks: Iterable[tuple[Sequence[tuple[float, float]], int]]) -> Ways:
    """The ways along blocks, each given as (lon, lat) in order and the speed there, in both directions."""
    legs: defaultdict[Point, list[Leg]] = defaultdict(list)
    for line, kmh in blocks:
        points = tuple((lat, lon) for lon, lat in line)
        seconds = sum(metres(a, b) for a, b in itertools.pairwise(points)) / kmh * 3.6
        legs[points[0]].append(Leg(points[-1], points, seconds))
        legs[points[-1]].append(Leg(points[0], points[::-1], seconds))
    return Ways(legs)
