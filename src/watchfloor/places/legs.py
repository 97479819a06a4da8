"""The way from one place to another, street by street: its line on the ground, and what to do next, in words.

Pure. It is the way whose length `route.py` tells, drawn; where there is none it is a straight line and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from watchfloor.kit.geo import Point
from watchfloor.places.graph import Floats, StreetGraph, unproject
from watchfloor.places.model import Eta, Travel
from watchfloor.places.route import Found, Spots, by_road, etas, set_onto, straight

# Shorter than this a stretch is a piece of its crossing: nobody is told to turn onto it.
_SHORTEST_LEG_M: Final = 12.0
_TURN_DEG: Final = 35.0
_BACK_DEG: Final = 150.0
# So far around the way its neighbourhood is drawn, and at most so many streets of it.
_AROUND_M: Final = 150.0
MOST_AROUND: Final = 300
_WINDS: Final = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


class Turn(StrEnum):
    """What the driver does where a leg begins."""

    START = "start"
    ON = "on"
    LEFT = "left"
    RIGHT = "right"
    BACK = "back"


_SAID: Final = {Turn.ON: "Go on", Turn.LEFT: "Turn left", Turn.RIGHT: "Turn right", Turn.BACK: "Turn round"}


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of the way along one street; `street` is None where it has no name."""

    street: str | None
    turn: Turn
    metres: float
    heading_deg: float

    @property
    def sentence(self) -> str:
        """What to do, for somebody who drives."""
        onto = f" on {self.street}" if self.street else ""
        far = f"{self.metres / 1000:.1f} km" if self.metres >= 1000 else f"{round(self.metres, -1):.0f} m"
        if self.turn is Turn.START:
            return f"Go {_WINDS[round(self.heading_deg / 45) % 8]}{onto}, {far}."
        if self.turn in (Turn.LEFT, Turn.RIGHT):
            onto = onto.replace(" on ", " onto ", 1)
        return f"{_SAID[self.turn]}{onto}, {far}."


@dataclass(frozen=True, slots=True)
class Around:
    """A street about the way, to be drawn; `name` is None where it has none."""

    name: str | None
    line: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """How far and how long, the line from the source to the target, its legs, and the streets around it."""

    eta: Eta
    line: tuple[Point, ...]
    legs: tuple[Leg, ...] = ()
    around: tuple[Around, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    name: int
    points: Floats


def route_to(graph: StreetGraph | None, target: Point, source: Point) -> Route:
    """The quickest way at the speed limits, without traffic."""
    if graph is None:
        (eta,) = straight(target, [source], "No street map is loaded")
        return Route(eta, (source, target))
    spots = set_onto(graph, [target, source])
    found = by_road(graph, spots) if spots.street[0] >= 0 else None
    (eta,) = etas(target, [source], spots, found)
    if found is None or eta.by != "road":
        return Route(eta, (source, target))
    streets = graph.streets
    stretches = list(_stretches(graph, spots, found))
    xy = np.concatenate([stretches[0].points, *(s.points[1:] for s in stretches[1:])])
    return Route(
        eta,
        (source, *unproject(streets.origin, xy), target),
        _legs([s for s in stretches if len(s.points) > 1], streets.names),
        tuple(_around(graph, xy)),
    )


def _stretches(graph: StreetGraph, spots: Spots, found: Found) -> Iterator[_Stretch]:
    """The bits of streets that the way goes along, each in the direction it is driven."""
    streets = graph.streets
    goal, own = int(spots.street[0]), int(spots.street[1])
    length = float(streets.metres[own])
    at, until = min(float(spots.along[1]), length), float(spots.along[0])
    if found.direct[0]:
        yield _cut(graph, own, at, until)
        return
    yield _cut(graph, own, at, length if found.by_tail[0] else 0.0)
    nodes = [int(found.leaves[0])]
    while (following := int(found.onward[nodes[-1]])) != graph.size:
        nodes.append(following)
    yield from _between(graph, nodes)
    # Which end the goal's street is entered by; of one that begins and ends there, the nearer.
    by_head, by_tail = nodes[-1] == int(streets.head[goal]), nodes[-1] == int(streets.tail[goal])
    whole = float(streets.metres[goal])
    from_head = by_head and (not by_tail or until <= whole / 2)
    yield _cut(graph, goal, 0.0 if from_head else whole, until)


def _between(graph: StreetGraph, nodes: Sequence[int]) -> Iterator[_Stretch]:
    """The quickest street from each node to the next."""
    streets = graph.streets
    near = np.flatnonzero(np.isin(streets.head, nodes) & np.isin(streets.tail, nodes))
    quickest: dict[tuple[int, int], tuple[float, int, bool]] = {}
    for street in near.tolist():
        head, tail, seconds = (
            int(streets.head[street]),
            int(streets.tail[street]),
            float(streets.seconds[street]),
        )
        for ends, against, closed in (
            ((head, tail), False, Travel.AGAINST),
            ((tail, head), True, Travel.ALONG),
        ):
            if streets.travel[street] != closed.value:
                known = quickest.get(ends)
                if known is None or seconds < known[0]:
                    quickest[ends] = (seconds, street, against)
    for ends in pairwise(nodes):
        _, street, against = quickest[ends]
        length = float(streets.metres[street])
        yield _cut(graph, street, length if against else 0.0, 0.0 if against else length)


def _cut(graph: StreetGraph, street: int, begin: float, end: float) -> _Stretch:
    """A street from so many metres along it to so many, in that direction."""
    streets = graph.streets
    shape = streets.shape[streets.shape_of[street] : streets.shape_of[street + 1]]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shape, axis=0).T))])
    low, high = min(begin, end), max(begin, end)
    ends = np.array([[np.interp(m, along, shape[:, axis]) for axis in (0, 1)] for m in (low, high)])
    points = np.concatenate([ends[:1], shape[(along > low + 0.01) & (along < high - 0.01)], ends[1:]])
    if high - low < 0.01:
        points = points[:1]
    return _Stretch(int(streets.name[street]), points if begin <= end else points[::-1])


def _legs(stretches: Sequence[_Stretch], names: Sequence[str]) -> tuple[Leg, ...]:
    """Stretches of one street together; what is shorter than a crossing is a part of what comes before it."""
    joined: list[tuple[int, list[Floats]]] = []
    for stretch in stretches:
        same = joined and joined[-1][0] == stretch.name
        if joined and (same or _metres(stretch.points) < _SHORTEST_LEG_M):
            joined[-1][1].append(stretch.points)
        else:
            joined.append((stretch.name, [stretch.points]))
    if len(joined) > 1 and sum(map(_metres, joined[0][1])) < _SHORTEST_LEG_M:
        joined = joined[1:]
    legs: list[Leg] = []
    before: float | None = None
    for name, points in joined:
        heading = _heading(points[0][:2])
        metres = sum(map(_metres, points))
        legs.append(Leg(names[name] or None, _turn(before, heading), metres, heading))
        before = _heading(points[-1][-2:])
    return tuple(legs)


def _turn(before: float | None, heading: float) -> Turn:
    if before is None:
        return Turn.START
    angle = (heading - before + 180.0) % 360.0 - 180.0
    if abs(angle) < _TURN_DEG:
        return Turn.ON
    if abs(angle) > _BACK_DEG:
        return Turn.BACK
    return Turn.RIGHT if angle > 0 else Turn.LEFT


def _heading(ends: Floats) -> float:
    east, north = (ends[1] - ends[0]).tolist()
    return float(np.degrees(np.arctan2(east, north))) % 360.0


def _metres(points: Floats) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _around(graph: StreetGraph, line: Floats) -> Iterator[Around]:
    """The streets about the way, those next to it first to be kept: what a small map is drawn of."""
    streets = graph.streets
    starts = streets.shape_of[:-1]
    low, high = np.minimum.reduceat(streets.shape, starts), np.maximum.reduceat(streets.shape, starts)
    inside = (low <= line.max(axis=0) + _AROUND_M) & (high >= line.min(axis=0) - _AROUND_M)
    near = np.flatnonzero(inside.all(axis=1))
    if len(near) > MOST_AROUND:
        # Every so-and-so-many point of the way is enough to say what lies next to it.
        some = line[:: max(1, len(line) // 60)]
        middle = (low[near] + high[near]) / 2
        gaps = np.hypot(*(middle[:, None, :] - some[None, :, :]).transpose(2, 0, 1)).min(axis=1)
        near = np.sort(near[np.argsort(gaps)[:MOST_AROUND]])
    for i in near.tolist():
        shape = streets.shape[streets.shape_of[i] : streets.shape_of[i + 1]]
        yield Around(streets.names[streets.name[i]] or None, tuple(unproject(streets.origin, shape)))
