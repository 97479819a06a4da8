"""The most probable way of a vehicle between two places where it was read, with its times, and what else it may have driven.

Pure. Between two reads many ways are possible: each is weighed by how a driver would like it, by how well it explains the time
that passed, and by readers on it that read nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.kit.geo import Point
from watchfloor.places.following.drawn import (
    Alternative,
    Stretch,
    Sure,
    Way,
    alternatives_of,
    line_of,
    points_of,
    stretches_of,
)
from watchfloor.places.following.pace import Pace
from watchfloor.places.following.roads import Roads, Spot, Stations
from watchfloor.places.following.ways import Trees, ends_of, into, reach, walk
from watchfloor.places.graph import Floats, Ints

# How much dearer than the best a way is before drivers leave it, in shares of it, and at least so many seconds.
_DEARER: Final = 0.10
_DEARER_S: Final = 8.0
_TURN_S: Final = 6.0
_TURN_DEG: Final = 45.0
_BACK_DEG: Final = 150.0
_BACK_S: Final = 45.0
# By so many opinions of the way out ways by other nodes are looked for, and how many of each kind.
_PAIRED: Final = 4
_USUAL_EACH, _AS_LONG_EACH = 6, 3
# How much longer than the quickest the usual ways are, in shares of it and of no shorter one than this; how near "as long" is.
_LONGER, _LONGER_S, _AS_LONG = 0.12, 125.0, 0.15
# What weighs less than e to the minus this beside the best is never drawn.
_NOBODY: Final = 28.0
_SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Leg:
    """From one read to the next. `seconds` is what the drawn way takes at the limits, `stopped` how likely it stood on the way.

    `probability` is that of the drawn way as a whole; `passed` are stations on it that read nothing. Without a way `stretches` is empty.
    """

    since: datetime
    until: datetime
    seconds: float
    metres: float
    probability: float
    stopped: float
    stretches: tuple[Stretch, ...]
    alternatives: tuple[Alternative, ...]
    passed: tuple[int, ...]
    arrives: int
    arcs: Ints
    sure: Floats
    quickest: Ints


def leg(
    roads: Roads,
    stations: Stations,
    out: Trees,
    to: Spot,
    *,
    since: datetime,
    until: datetime,
    pace: Pace,
) -> Leg | None:
    """The way from the trees' spot to another one; None where the map has none."""
    took = (until - since).total_seconds()
    ways = _ways(roads, out, to, took / float(np.exp(pace.mean)))
    if not ways:
        return None
    own = {int(stations.at[out.spot.street]), int(stations.at[to.street])}
    chance, stopped = _weighed(roads, stations, ways, own, took, pace)
    metres = roads.arcs.metres
    share = np.zeros(len(metres))
    for way, its in zip(ways, chance, strict=True):
        share[way.arcs] += its
    way = ways[_best(ways, chance, share, metres)]
    same = np.array([np.array_equal(one.arcs, way.arcs) for one in ways])
    sure = np.minimum(share[way.arcs], 1.0)
    return Leg(
        since,
        until,
        way.seconds,
        way.metres,
        float(chance[same].sum()),
        float(stopped),
        stretches_of(roads, way, out.spot, to, Sure(sure, *_ends_sure(ways, chance, way)), since, until),
        alternatives_of(roads, ways, chance, way, out.spot, to),
        tuple(s for s in _passed(stations, roads, way) if s not in own),
        _arrives(roads, way, out.spot, to),
        way.arcs,
        sure,
        min(ways, key=lambda one: one.seconds).arcs,
    )


def _ends_sure(ways: Sequence[Way], chance: Floats, way: Way) -> tuple[float, float]:
    """How sure it is by which node it left the first spot, and by which it came to the second."""
    first = float(sum(its for one, its in zip(ways, chance.tolist(), strict=True) if one.first == way.first))
    last = float(sum(its for one, its in zip(ways, chance.tolist(), strict=True) if one.last == way.last))
    return min(first, 1.0), min(last, 1.0)


def _best(ways: Sequence[Way], chance: Floats, share: Floats, metres: Floats) -> int:
    """The way that has most in common with what was driven, not the one that is likeliest as a whole."""
    lengths = np.array([float(metres[way.arcs].sum()) for way in ways])
    common = np.array([float((share[way.arcs] * metres[way.arcs]).sum()) for way in ways])
    both = lengths + float((chance * lengths).sum())
    return int(np.argmax(np.where(both > 0, 2 * common / np.maximum(both, 1.0), 0.0) + 1e-3 * chance))


def _arrives(roads: Roads, way: Way, out: Spot, to: Spot) -> int:
    """Which way one drives along the street of the second spot: 1 with its points, -1 against them."""
    if way.first < 0:
        return 1 if to.part > out.part else -1
    return 1 if way.last == int(roads.graph.streets.head[to.street]) else -1


def quickest(roads: Roads, out: Trees, to: Spot) -> tuple[Point, ...]:
    """The quickest way from the trees' spot to another one at the limits, as a line; none where there is none."""
    direct = _direct(roads, out.spot, to)
    if direct is not None:
        return points_of(roads, line_of(roads, direct, out.spot, to))
    far, last = reach(roads, out, to)
    if not np.isfinite(far[0]):
        return ()
    (path,) = walk(out, np.zeros(1, np.int64), last[:1])
    return points_of(roads, line_of(roads, _way(roads, np.flip(path), out.spot, to), out.spot, to))


def _ways(roads: Roads, out: Trees, to: Spot, about_s: float) -> list[Way]:
    """The quickest of each opinion, and ways by other nodes: those a little longer, and those that take as long as it took."""
    far, last = reach(roads, out, to)
    rows = np.flatnonzero(np.isfinite(far))
    if not len(rows):
        return []
    nodes = [np.flip(path) for path in walk(out, rows, last[rows])]
    paired = rows[:_PAIRED]
    back = into(roads, to, _farthest(float(far[paired].max()), about_s))
    chance = np.random.default_rng(_SEED)
    for row in paired.tolist():
        for other in range(len(back.opinions)):
            both = out.seconds[row] + back.seconds[other]
            via = _via(both, float(far[row]), about_s, chance)
            there = walk(out, np.full(len(via), row), via)
            on = walk(back, np.full(len(via), other), via)
            nodes += [np.concatenate([np.flip(a), b[1:]]) for a, b in zip(there, on, strict=True)]
    found = {path.tobytes(): path for path in nodes if len(path)}
    ways = [
        _way(roads, path, out.spot, to) for path in found.values() if len(set(path.tolist())) == len(path)
    ]
    direct = _direct(roads, out.spot, to)
    return ([direct] if direct else []) + ways


def _farthest(quickest: float, about_s: float) -> float:
    """Seconds: by nodes so far off nobody comes, as `_via` weighs them."""
    usual = quickest + _NOBODY * _LONGER * max(quickest, _LONGER_S)
    as_long = max(about_s, 1.0) * math.exp(_AS_LONG * math.sqrt(2 * _NOBODY))
    return max(usual, as_long)


def _via(both: Floats, quickest: float, about_s: float, chance: np.random.Generator) -> Ints:
    near = np.flatnonzero(both <= _farthest(quickest, about_s))
    both = both[near]
    usual = np.exp(-(both - quickest) / (_LONGER * max(quickest, _LONGER_S)))
    as_long = np.exp(-0.5 * (np.log(np.maximum(both, 1.0) / max(about_s, 1.0)) / _AS_LONG) ** 2)
    found = []
    for weight, many in ((usual, _USUAL_EACH), (as_long, _AS_LONG_EACH)):
        total = np.cumsum(weight)
        if len(total) and total[-1] > 1e-9:
            found.append(near[np.searchsorted(total, chance.random(many) * total[-1])])
    return np.unique(np.concatenate(found)).astype(np.int32) if found else np.empty(0, np.int32)


def _way(roads: Roads, nodes: Ints, out: Spot, to: Spot) -> Way:
    arcs = roads.arcs_between(nodes)
    leaves = dict(ends_of(roads, out, backwards=False))[int(nodes[0])]
    comes = dict(ends_of(roads, to, backwards=True))[int(nodes[-1])]
    streets = roads.graph.streets
    ends = float(streets.metres[out.street]) * _share(roads, out, int(nodes[0]))
    ends += float(streets.metres[to.street]) * _share(roads, to, int(nodes[-1]))
    turns = roads.turns(arcs)
    dearer = _TURN_S * float((turns > _TURN_DEG).sum()) + _BACK_S * float((turns > _BACK_DEG).sum())
    seconds = leaves + comes + float(roads.arcs.seconds[arcs].sum()) + dearer
    return Way(arcs, int(nodes[0]), int(nodes[-1]), seconds, ends + float(roads.arcs.metres[arcs].sum()))


def _share(roads: Roads, spot: Spot, node: int) -> float:
    return spot.part if node == int(roads.graph.streets.head[spot.street]) else 1 - spot.part


def _direct(roads: Roads, out: Spot, to: Spot) -> Way | None:
    """Along the one street on which both are."""
    if out.street != to.street or out.part == to.part:
        return None
    ahead = 1 if to.part > out.part else -1
    streets = roads.graph.streets
    node = int(streets.tail[out.street] if ahead > 0 else streets.head[out.street])
    if node not in dict(ends_of(roads, out, backwards=False)):
        return None
    share = abs(to.part - out.part)
    length, whole = float(streets.metres[out.street]), float(streets.seconds[out.street])
    return Way(np.empty(0, np.int32), -1, -1, whole * share, length * share)


def _weighed(
    roads: Roads, stations: Stations, ways: Sequence[Way], own: set[int], took: float, pace: Pace
) -> tuple[Floats, float]:
    seconds = np.array([way.seconds for way in ways])
    best = float(seconds.min())
    liked = -(seconds - best) / max(_DEARER * best, _DEARER_S)
    unread = np.array(
        [
            sum(float(np.log(stations.missed[s])) for s in _passed(stations, roads, way) if s not in own)
            for way in ways
        ]
    )
    through, stopped = pace.density(took, seconds)
    weight = np.exp(liked - liked.max() + unread - unread.max()) * _own_size(roads, ways)
    both = weight * (through + stopped)
    total = float(both.sum())
    if total <= 0:
        return weight / weight.sum(), 1.0
    return both / total, float((weight * stopped).sum() / total)


def _passed(stations: Stations, roads: Roads, way: Way) -> tuple[int, ...]:
    found = stations.at[roads.arcs.street[way.arcs]]
    return tuple(dict.fromkeys(found[found >= 0].tolist()))


def _own_size(roads: Roads, ways: Sequence[Way]) -> Floats:
    """How much of a way is its own: ten that differ by one corner are not ten ways."""
    count = np.zeros(len(roads.arcs.street))
    for way in ways:
        count[way.arcs] += 1
    metres = roads.arcs.metres
    return np.array(
        [
            float((metres[w.arcs] / count[w.arcs]).sum() / metres[w.arcs].sum()) if len(w.arcs) else 1.0
            for w in ways
        ]
    )
