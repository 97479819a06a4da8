"""Ways as lines on the ground: stretches with how sure each is, and the other ways it may have been. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.geo import Point
from watchfloor.places.following.roads import Roads, Spot
from watchfloor.places.graph import Floats, Ints, unproject

# From so sure a stretch on, it is drawn as driven; below, as one of several ways that it may have taken.
SURE: Final = 0.9
_LEAST_SHOWN: Final = 0.08
_MOST_SHOWN: Final = 3
# So much of its length is elsewhere, or it is the same way once more.
_ANOTHER: Final = 0.25


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a way: its line, how sure it is that it was driven (0 to 1), and by when."""

    line: tuple[Point, ...]
    metres: float
    confidence: float
    streets: tuple[str, ...]
    since: datetime
    until: datetime

    @property
    def unread(self) -> bool:
        """Nothing but a guess: no read forces the way to have led here."""
        return self.confidence < SURE


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way that it may have taken, with its probability."""

    line: tuple[Point, ...]
    metres: float
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way between two spots: its arcs, and by which node it leaves the first spot and comes to the second."""

    arcs: Ints
    first: int
    last: int
    seconds: float
    metres: float


@dataclass(frozen=True, slots=True, eq=False)
class Sure:
    """How sure each arc of a way is, and the parts of streets at both ends of it: 0 to 1."""

    arcs: Floats
    first: float = 1.0
    last: float = 1.0


def stretches_of(
    roads: Roads, way: Way, out: Spot, to: Spot, sure: Sure, since: datetime, until: datetime
) -> tuple[Stretch, ...]:
    """A way in parts of which each is as sure as the next or is not, with the times at which it was driven at an even pace."""
    if way.first < 0:
        line = _along(roads, out.street, out.part, to.part)
        return (
            Stretch(
                points_of(roads, line), way.metres, sure.first, _names(roads, [out.street]), since, until
            ),
        )
    parts = list(_parts(roads, way, out, to, sure))
    whole = max(sum(seconds for *_, seconds in parts), 1e-9)
    found, spent, took = [], 0.0, until - since
    for first, last in _runs([confidence >= SURE for _, _, confidence, _ in parts]):
        here = parts[first:last]
        line = np.concatenate([piece for _, piece, _, _ in here])
        seconds = sum(its for *_, its in here)
        metres = np.array([_length(piece) for _, piece, _, _ in here])
        confidence = float(
            (np.array([one[2] for one in here]) * metres).sum() / max(float(metres.sum()), 1e-9)
        )
        begins, spent = since + took * (spent / whole), spent + seconds
        found.append(
            Stretch(
                points_of(roads, line),
                float(metres.sum()),
                confidence,
                _names(roads, [street for street, *_ in here]),
                begins,
                since + took * min(spent / whole, 1.0),
            )
        )
    return tuple(found)


def alternatives_of(
    roads: Roads, ways: Sequence[Way], chance: Floats, best: Way, out: Spot, to: Spot
) -> tuple[Alternative, ...]:
    """The likeliest of the other ways; those that differ in a corner alone are one, with what each had."""
    metres = roads.arcs.metres
    kept: list[tuple[Way, float]] = [(best, 0.0)]
    has = [_marked(len(metres), best)]
    for at in np.argsort(-chance).tolist():
        arcs = np.sort(ways[at].arcs)
        another = _ANOTHER * max(float(metres[arcs].sum()), 1.0)
        for place, (other, its) in enumerate(kept):
            if metres[arcs[~has[place][arcs]]].sum() < another:
                kept[place] = (other, its + float(chance[at]))
                break
        else:
            kept.append((ways[at], float(chance[at])))
            has.append(_marked(len(metres), ways[at]))
    others = sorted((one for one in kept[1:] if one[1] >= _LEAST_SHOWN), key=lambda one: -one[1])
    return tuple(
        Alternative(points_of(roads, line_of(roads, way, out, to)), way.metres, its)
        for way, its in others[:_MOST_SHOWN]
    )


def _marked(arcs: int, way: Way) -> NDArray[np.bool_]:
    found = np.zeros(arcs, bool)
    found[way.arcs] = True
    return found


def line_of(roads: Roads, way: Way, out: Spot, to: Spot) -> Floats:
    """The points of a way, (n, 2) in metres."""
    if way.first < 0:
        return _along(roads, out.street, out.part, to.part)
    return np.concatenate(
        [piece for _, piece, _, _ in _parts(roads, way, out, to, Sure(np.ones(len(way.arcs))))]
    )


def _parts(
    roads: Roads, way: Way, out: Spot, to: Spot, sure: Sure
) -> Iterator[tuple[int, Floats, float, float]]:
    """Street, line, how sure, and seconds of each arc and of the parts of streets at both ends."""
    streets, arcs = roads.graph.streets, roads.arcs
    end = 0.0 if way.first == int(streets.head[out.street]) else 1.0
    yield (
        out.street,
        _along(roads, out.street, out.part, end),
        sure.first,
        float(streets.seconds[out.street]) * abs(end - out.part),
    )
    for arc, its in zip(way.arcs.tolist(), sure.arcs.tolist(), strict=True):
        street, forward = int(arcs.street[arc]), arcs.forward[arc] > 0
        line = streets.shape[streets.shape_of[street] : streets.shape_of[street + 1]]
        yield street, line if forward else line[::-1], its, float(arcs.seconds[arc])
    begin = 0.0 if way.last == int(streets.head[to.street]) else 1.0
    yield (
        to.street,
        _along(roads, to.street, begin, to.part),
        sure.last,
        float(streets.seconds[to.street]) * abs(begin - to.part),
    )


def _along(roads: Roads, street: int, begin: float, end: float) -> Floats:
    """The line of a street between two shares of its length, in the order asked for."""
    streets = roads.graph.streets
    line = streets.shape[streets.shape_of[street] : streets.shape_of[street + 1]]
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at /= max(float(at[-1]), 1e-9)
    low, high = min(begin, end), max(begin, end)
    within = (at > low) & (at < high)
    shares = np.concatenate([[low], at[within], [high]])
    points = np.stack([np.interp(shares, at, line[:, axis]) for axis in (0, 1)], axis=1)
    return points if begin <= end else points[::-1]


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    first = 0
    for at in range(1, len(flags) + 1):
        if at == len(flags) or flags[at] != flags[first]:
            yield first, at
            first = at


def _length(line: Floats) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _names(roads: Roads, streets: Sequence[int]) -> tuple[str, ...]:
    known = roads.graph.streets
    names = (known.names[int(known.name[street])] for street in streets)
    return tuple(dict.fromkeys(name for name in names if name))


def points_of(roads: Roads, line: Floats) -> tuple[Point, ...]:
    """A line of metres as places, without those that stand on one spot."""
    apart = np.ones(len(line), bool)
    apart[1:] = np.hypot(*np.diff(line, axis=0).T) > 0.05
    return tuple(unproject(roads.graph.streets.origin, line[apart]))
