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
    direct = np.bincount(nearest.ravel() + 1, weights=weight.ravel(), minlength=len(rows) + 1)
    parent = np.where(begins >= 0, nearest[rows, begins], -1)
    order = np.argsort(out.seconds[rows, roads.arcs.end[arcs[at]]])
    below, unread, depth = direct[1:].copy(), np.ones(len(rows)), np.zeros(len(rows), np.int32)
    for one in order[::-1].tolist():
        if parent[one] >= 0:
            below[parent[one]] += below[one]
    missed = stations.missed[station]
    for one in order.tolist():
        if parent[one] >= 0:
            unread[one] = unread[parent[one]] * missed[parent[one]]
            depth[one] = depth[parent[one]] + 1
    lasts = out.seconds.ravel()
    survived = np.concatenate([[1.0], unread * missed])[nearest.ravel() + 1]
    bins = np.searchsorted(_BINS, lasts)
    ends: Floats = np.bincount(bins, weights=weight.ravel() * survived, minlength=len(_BINS) + 1).astype(
        np.float64
    )
    part = np.where(roads.arcs.forward[arcs[at]] > 0, stations.part[station], 1 - stations.part[station])
    seconds = out.seconds[rows, begins] + part * roads.arcs.seconds[arcs[at]]
    return Outlook(
        station,
        seconds,
        below * unread * (1 - missed),
        np.where(depth == 0, below * missed, 0.0),
        ends,
    )


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
    far = np.where(np.isfinite(out.seconds), out.seconds, 0.0)
    against = far / _LASTS_S
    for tree in before:
        came, _ = reach(roads, tree, out.spot)
        came = np.where(np.isfinite(came), came, 0.0)[:, None]
        straight = np.where(np.isfinite(tree.seconds), tree.seconds, 0.0)
        against += np.maximum(came + far - straight, 0.0) / ((_DETOUR * came + _DETOUR_S) * len(before))
    # There is more of a city farther away: so drives last as long as they do though most crossings are far.
    weight = np.where(np.isfinite(out.seconds), np.exp(-against) * (far + _NEAR_S), 0.0)
    total = weight.sum(axis=1, keepdims=True)
    bound: Floats = weight / np.where(total > 0, total, 1.0) / len(weight)
    return bound


def _watched(roads: Roads, stations: Stations, out: Trees) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which arcs with a station each opinion's ways use; not those of where it was just read."""
    here = int(stations.at[out.spot.street])
    at = stations.at[roads.arcs.street]
    arcs = np.flatnonzero((at >= 0) & (at != here))
    used = out.before[:, roads.arcs.end[arcs]] == roads.arcs.begin[arcs]
    return used, arcs


def _ancestors(out: Trees, label: Ints) -> Ints:
    """For each node the last labelled node on its way, itself included: by doubling, all at once."""
    rows, size = label.shape
    found = label.ravel().copy()
    offset = np.repeat(np.arange(rows, dtype=np.int32) * size, size)
    jump = np.where(out.before.ravel() >= 0, out.before.ravel() + offset, -1)
    open_ = np.flatnonzero((found < 0) & (jump >= 0))
    jump[found >= 0] = -1
    while len(open_):
        to = jump[open_]
        found[open_], jump[open_] = found[to], jump[to]
        open_ = open_[(found[open_] < 0) & (jump[open_] >= 0)]
    return found.reshape(rows, size)
