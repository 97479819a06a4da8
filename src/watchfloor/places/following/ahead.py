"""Which reader reads a vehicle next, how probably, and when; and that none does. Pure.

It goes somewhere: every crossing of the map may be where, those less that it would have reached more directly from where it was
read before. For each opinion of the way there the readers on it are known; what they did not read meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.places.following.pace import Pace
from watchfloor.places.following.roads import Roads, Stations
from watchfloor.places.following.ways import Trees, reach
from watchfloor.places.graph import Floats, Ints

# Of drives: how long they still last on average (at the limits), and how much of a detour drivers put up with.
_LASTS_S: Final = 800.0
_NEAR_S: Final = 60.0
_DETOUR: Final = 0.10
_DETOUR_S: Final = 25.0
_TIMES: Final = np.concatenate([[1.0], np.geomspace(5.0, 5_400.0, 90)])
_BINS: Final = np.geomspace(2.0, 3_600.0, 60)
# No two bins end within one of these.
_CELLS_A_SECOND: Final = 16.0
_BIN_OF_CELL: Final = np.searchsorted(
    _BINS, np.arange(_BINS[-1] * _CELLS_A_SECOND + 2) / _CELLS_A_SECOND
).astype(np.int32)
_BIN_ENDS: Final = np.append(_BINS, np.inf)
LEAST: Final = 0.01


@dataclass(frozen=True, slots=True)
class Next:
    """A station that may read it next: how probably, and in how many seconds from now (one in ten sooner, half, nine in ten)."""

    station: int
    probability: float
    p10_s: float
    p50_s: float
    p90_s: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """What may come. `none`: no reader reads it again on this drive; of it `stopped` has ended its drive by now.

    `missed`: it has passed a reader that did not read it.
    """

    next: tuple[Next, ...]
    none: float
    stopped: float
    missed: float


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is known once it was read: of each opinion and station on its way the weight of being read there next.

    `read` and `first` are those weights: read there, and missed there as the first; `seconds` from the read at the limits;
    `ends` the weight of drives that end unread, by `_BINS` of how long they last.
    """

    station: Ints
    seconds: Floats
    read: Floats
    first: Floats
    ends: Floats


def outlook(roads: Roads, stations: Stations, out: Trees, before: Sequence[Trees] = ()) -> Outlook:
    """Look ahead from a read; `before` are the trees of reads before it, newest first, by the same opinions."""
    weight = _bound_for(roads, out, before)
    used, arcs = _watched(roads, stations, out)
    rows, at = np.nonzero(used)
    label = np.full(out.seconds.shape, -1, np.int32)
    label[rows, roads.arcs.end[arcs[at]]] = np.arange(len(rows), dtype=np.int32)
    nearest = _ancestors(out, label)
    station = stations.at[roads.arcs.street[arcs[at]]]
    begins = roads.arcs.begin[arcs[at]]
    slot = nearest.ravel() + 1
    direct: Floats = np.bincount(slot, weights=weight.ravel(), minlength=len(rows) + 1).astype(np.float64)
    order = np.argsort(out.seconds[rows, roads.arcs.end[arcs[at]]])
    missed = stations.missed[station]
    below, unread, first = _along_ways(order, nearest[rows, begins], direct[1:], missed)
    survived = np.concatenate([[1.0], unread * missed])[slot]
    survived *= weight.ravel()
    ends: Floats = np.bincount(_bins(out.seconds.ravel()), weights=survived, minlength=len(_BINS) + 1).astype(
        np.float64
    )
    part = np.where(roads.arcs.forward[arcs[at]] > 0, stations.part[station], 1 - stations.part[station])
    seconds = out.seconds[rows, begins] + part * roads.arcs.seconds[arcs[at]]
    return Outlook(
        station,
        seconds,
        below * unread * (1 - missed),
        np.where(first, below * missed, 0.0),
        ends,
    )


def _along_ways(
    order: NDArray[np.int64], parent: NDArray[np.int64], direct: Floats, missed: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Of each place where a way is watched: the weight of all ways by it, the chance to come to it unread, whether none is before it."""
    # Numbers of the language: of single values an array's are several times as dear.
    before, chance, below = parent.tolist(), missed.tolist(), direct.tolist()
    unread, by_time = [1.0] * len(below), order.tolist()
    for one in reversed(by_time):
        if before[one] >= 0:
            below[before[one]] += below[one]
    for one in by_time:
        if before[one] >= 0:
            unread[one] = unread[before[one]] * chance[before[one]]
    return np.array(below), np.array(unread), parent < 0


def _bins(seconds: Floats) -> Ints:
    """Which of `_BINS` each falls into, as a search in them would say: two steps instead of six."""
    found = _BIN_OF_CELL[np.minimum(seconds * _CELLS_A_SECOND, len(_BIN_OF_CELL) - 1).astype(np.int32)]
    found += seconds > _BIN_ENDS[found]
    return found


def ahead(view: Outlook, pace: Pace, elapsed: float) -> Ahead:
    """What may come, `elapsed` seconds after the read, without another one since."""
    done = pace.by(elapsed, view.seconds)
    left = 1.0 - float((view.read * done).sum())
    if left <= 1e-9:
        return Ahead((), 1.0, 1.0, 1.0)
    still = view.read * (1 - done) / left
    over = pace.by(elapsed, np.concatenate([_BINS, [_BINS[-1]]]))
    stopped = float((view.ends * over).sum()) / left
    missed = (
        float((view.first * done).sum() - (np.where(view.first == 0, view.read, 0.0) * done).sum()) / left
    )
    by_station: dict[int, list[int]] = {}
    for row in np.flatnonzero(still > 1e-6).tolist():
        by_station.setdefault(int(view.station[row]), []).append(row)
    found = []
    for station, rows in by_station.items():
        probability = float(still[rows].sum())
        if probability >= LEAST:
            found.append(
                Next(station, probability, *_when(view.seconds[rows], view.read[rows], pace, elapsed))
            )
    found.sort(key=lambda one: -one.probability)
    none = max(0.0, 1.0 - float(still.sum()))
    return Ahead(tuple(found), none, min(stopped, none), min(max(missed, 0.0), 1.0))


def _when(seconds: Floats, weight: Floats, pace: Pace, elapsed: float) -> tuple[float, float, float]:
    """10, 50 and 90 of 100: seconds from now."""
    over = pace.by((elapsed + _TIMES)[:, None], seconds)
    already = pace.by(elapsed, seconds)
    share = ((over - already) * weight).sum(axis=1)
    share /= max(float(((1 - already) * weight).sum()), 1e-12)
    p10, p50, p90 = np.interp((0.1, 0.5, 0.9), share, _TIMES).tolist()
    return p10, p50, p90


def _bound_for(roads: Roads, out: Trees, before: Sequence[Trees]) -> Floats:
    """How likely it goes to each node, for each opinion: all together one."""
    there = np.isfinite(out.seconds)
    far = np.where(there, out.seconds, 0.0)
    against = far / _LASTS_S
    for tree in before:
        came, _ = reach(roads, tree, out.spot)
        came = np.where(np.isfinite(came), came, 0.0)[:, None]
        more = came + far
        more -= np.where(np.isfinite(tree.seconds), tree.seconds, 0.0)
        np.maximum(more, 0.0, out=more)
        more /= (_DETOUR * came + _DETOUR_S) * len(before)
        against += more
    # There is more of a city farther away: so drives last as long as they do though most crossings are far.
    weight: Floats = np.exp(np.negative(against, out=against), out=against)
    far += _NEAR_S
    weight *= far
    weight *= there
    total = weight.sum(axis=1, keepdims=True)
    weight /= np.where(total > 0, total, 1.0)
    weight /= len(weight)
    return weight


def _watched(roads: Roads, stations: Stations, out: Trees) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which arcs with a station each opinion's ways use; not those of where it was just read."""
    here = int(stations.at[out.spot.street])
    at = stations.at[roads.arcs.street]
    arcs = np.flatnonzero((at >= 0) & (at != here))
    used = out.before[:, roads.arcs.end[arcs]] == roads.arcs.begin[arcs]
    return used, arcs


def _ancestors(out: Trees, label: Ints) -> NDArray[np.int64]:
    """For each node the last labelled node on its way, itself included, -1 for none: by doubling, all at once."""
    rows, size = label.shape
    first = np.arange(rows)[:, None] * size
    ends = (label >= 0) | (out.before < 0)
    at = np.where(ends, np.arange(size), out.before).astype(np.int64)
    at += first
    at = at.ravel()
    while True:
        on = at[at]
        if np.array_equal(on, at):
            break
        at = on
    return label.ravel()[at].astype(np.int64).reshape(rows, size)
