"""Where and when shots may have been fired: every place and moment asked how well the pulses agree with it. Pure.

A coarse look that misses nothing it should not: it decides nothing. What it finds is looked at closely in `locate` and weighed in
`explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import STREET, Street, heard
from watchfloor.acoustics.model import Air, Array, Floats, Pulses
from watchfloor.acoustics.sound import travel_s
from watchfloor.kit.errors import Invalid

# The fewer pulses, the smaller the cells that the same work allows: that many pairs of a cell and a pulse, between these widths.
_PAIRS: Final = 500_000
_NARROWEST_M: Final = 16.0
_WIDEST_M: Final = 60.0
# More cells times moments (or four times the sensors) than these, as many floats, are not looked at at once.
_MOST_ASKED: Final = 32_000_000
# What agrees with any point of a cell lies within this of its middle's time: the way to a corner, and what walls add.
_WALLS_S: Final = 0.040
_SLOWEST_MPS: Final = 320.0
# A moment is so many bins to each side.
_REACH: Final = 2
# Beyond this from every sensor nothing is looked for, in metres.
BEYOND_M: Final = 400.0
# Who fires at somebody is nearer to them than this.
AROUND_M: Final = 500.0
# No two of the best are nearer than this: a closer look moves each further than that.
_APART_M: Final = 24.0
# No range is deafer than this.
_LEAST_CHANCE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Votes:
    """Places (k, 2) and moments (k) that agree best, best first, with what speaks for each (k, log-likelihood)."""

    places_m: Floats
    times_s: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class _Bins:
    """Where the moments begin, how long each is and how many, how wide the cells are."""

    begins_s: float
    wide_s: float
    count: int
    cell_m: float


def votes(
    array: Array,
    pulses: Pulses,
    air: Air,
    floor: Floats,
    *,
    most: int = 120,
    around_m: Floats | None = None,
    street: Street = STREET,
) -> Votes:
    """The `most` best of all places and moments, no two beside each other; `pulses` by sensor, then time (`Pulses.once`), each among
    so many a second that would be there anyway (`floor`, m). With `around_m` (2) only within `AROUND_M` of that, and so the finer.

    Raises Invalid where sensors stand, or the window reaches, too far to be looked at at once.
    """
    low = array.places_m[:, :2].min(axis=0) - BEYOND_M
    wide_m = array.places_m[:, :2].max(axis=0) + BEYOND_M - low
    if around_m is not None:
        low, wide_m = around_m - AROUND_M, np.full(2, 2 * AROUND_M)
    fair = float(np.sqrt(np.prod(wide_m) * len(pulses) / _PAIRS))
    cell = float(np.clip(fair, _NARROWEST_M, _WIDEST_M))
    longest = pulses.ends_s - pulses.begins_s + float(np.hypot(*wide_m)) / _SLOWEST_MPS
    # Many who hear hardly anything would be looked at very finely: no finer than can be paid.
    while _asked(cell, wide_m, longest, len(array)) > _MOST_ASKED and cell < _WIDEST_M:
        cell = min(1.1 * cell, _WIDEST_M)
    _affordable(_asked(cell, wide_m, longest, len(array)))
    wide_s = _bin_s(cell)
    x, y = np.meshgrid(
        *(np.arange(start, start + wide + cell, cell) for start, wide in zip(low, wide_m, strict=True))
    )
    places = np.column_stack([x.ravel(), y.ravel()])
    travel, way = travel_s(array, air, places)
    begins = pulses.begins_s - float(travel.max()) - _REACH * wide_s
    bins = _Bins(begins, wide_s, int(np.ceil((pulses.ends_s - begins) / wide_s)) + 2 * _REACH + 1, cell)
    return _best(places, _agreement(pulses, floor, travel, heard(way, street), bins), bins, most)


def _bin_s(cell: float) -> float:
    return float((cell / np.sqrt(2) / _SLOWEST_MPS + _WALLS_S) / (_REACH + 0.5))


def _asked(cell: float, wide_m: Floats, longest_s: float, sensors: int) -> float:
    """How many places and moments there are to look at with such cells."""
    return float(np.prod(wide_m / cell + 1)) * max(longest_s / _bin_s(cell), 4 * sensors)


def _affordable(asked: float) -> None:
    if asked > _MOST_ASKED:
        raise Invalid(
            "The sensors stand too far apart, or the window is too long, to be looked at at once.",
            next_step="Look at one neighbourhood of sensors and some tens of seconds at a time.",
        )


def _agreement(pulses: Pulses, floor: Floats, travel: Floats, chance: Floats, bins: _Bins) -> Floats:
    """What speaks for every place (k) and moment (bins): each sensor's hit once, however many of its pulses agree."""
    by_chance = 1 - np.exp(-floor * (2 * _REACH + 1) * bins.wide_s)
    chance_of = np.maximum(chance, _LEAST_CHANCE)
    gain = np.log(chance_of / (1 - chance))[:, pulses.sensors] - np.log(by_chance)
    gain = np.maximum(gain, 0)
    at = ((pulses.times_s - travel[:, pulses.sensors] - bins.begins_s) / bins.wide_s).astype(np.intp)
    first, past = at - _REACH, at + _REACH + 1
    # Where a sensor's next pulse agrees too, it goes on from there instead of counting again.
    same = pulses.sensors[1:] == pulses.sensors[:-1]
    past[:, :-1] = np.where(same, np.minimum(past[:, :-1], first[:, 1:]), past[:, :-1])
    row = np.arange(len(travel))[:, None] * (bins.count + 1)
    size = len(travel) * (bins.count + 1)
    weight = np.bincount((row + first).ravel(), gain.ravel(), size).astype(np.float64, copy=False)
    weight -= np.bincount((row + past).ravel(), gain.ravel(), size)
    table: Floats = weight.reshape(len(travel), -1)
    table[:, 0] += np.log1p(-chance).sum(axis=1)
    return np.cumsum(table, axis=1, out=table)[:, :-1]


def _best(places: Floats, weight: Floats, bins: _Bins, most: int) -> Votes:
    """The heaviest, each then struck with what is beside it."""
    found: list[tuple[float, float, float, float]] = []
    by_place = weight.max(axis=1)
    near = max(1.5 * bins.cell_m, _APART_M)
    for _ in range(most):
        place = int(by_place.argmax())
        if not np.isfinite(by_place[place]):
            break
        moment = int(weight[place].argmax())
        found.append((*places[place], bins.begins_s + (moment + 0.5) * bins.wide_s, weight[place, moment]))
        beside = np.flatnonzero((np.abs(places - places[place]) < near).all(axis=1))
        weight[beside, max(moment - _REACH, 0) : moment + _REACH + 1] = -np.inf
        by_place[beside] = weight[beside].max(axis=1)
    table = np.array(found).reshape(-1, 4)
    return Votes(table[:, :2], table[:, 2], table[:, 3])
