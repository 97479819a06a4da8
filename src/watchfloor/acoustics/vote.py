"""Where and when shots may have been fired: each place that three pulses name, by how well all others agree with it. Pure.

A coarse look that misses nothing it should not: it decides nothing. What it finds is looked at closely in `locate` and weighed in
`explain`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import GATE_S, STREET, Street, density, heard
from watchfloor.acoustics.model import Air, Array, Floats, Ints, Narrow, Pulses
from watchfloor.acoustics.rounds import AGAIN
from watchfloor.acoustics.sound import speed_mps
from watchfloor.acoustics.threes import Placed, placed
from watchfloor.kit.errors import Invalid

# How far a place that three name is off, as a delay: what bends the three ways adds to what bends each other.
_NAMED_S: Final = 0.016
# So fine is time; so many sensors' moments are kept at most, four bytes each.
_BIN_S: Final = 0.005
_MOST_MOMENTS: Final = 24_000_000
# So fine is range, and beyond this nobody hears anything.
_RING_M: Final = 5.0
_RINGS: Final = 600
# All places are asked about at so many sensors nearest to whoever heard first; the best so many at so many more.
_FIRST_ASKED: Final = 10
_GO_ON: Final = 16_000
_ASKED: Final = 32
# So many at once, which a core keeps near.
_BLOCK: Final = 2_000
# Beyond this from every sensor nothing is looked for, in metres.
BEYOND_M: Final = 400.0
# What lies farther apart than this is no city, and no flat frame holds it.
_WIDEST_M: Final = 100_000.0
# No two of the best are nearer than this in both: a closer look moves each further than that.
_APART_M: Final = 24.0
_APART_S: Final = 0.100
# So many are looked at for the best.
_MOST_SORTED: Final = 8_000


@dataclass(frozen=True, slots=True)
class Votes:
    """Places (k, 2) and moments (k) that agree best, best first, with what speaks for each (k, log-likelihood)."""

    places_m: Floats
    times_s: Floats
    weights: Floats


def votes(
    array: Array, pulses: Pulses, air: Air, floor: Floats, *, most: int = 120, street: Street = STREET
) -> Votes:
    """The `most` best of all places and moments, no two beside each other; `pulses` by sensor, then time (`Pulses.once`), each among
    so many a second that would be there anyway (`floor`, m). With up to a thousand sensors it takes some 150 MB for the while,
    however many pulses there are.

    Raises Invalid where sensors stand, or the window reaches, too far to be looked at at once.
    """
    low, high = array.places_m[:, :2].min(axis=0) - BEYOND_M, array.places_m[:, :2].max(axis=0) + BEYOND_M
    _affordable(high - low, pulses.ends_s - pulses.begins_s, len(array))
    found = placed(array, pulses, air, floor, street=street)
    found = found.where(((found.places_m > low) & (found.places_m < high)).all(axis=1))
    said = _Said.of(
        array, pulses, air, floor, replace(street, bend_s=float(np.hypot(street.bend_s, _NAMED_S)))
    )
    weight = said.by(found, 0, _FIRST_ASKED)
    if said.near.shape[1] > _FIRST_ASKED and len(weight):
        best = np.sort(np.argpartition(-weight, min(_GO_ON, len(weight)) - 1)[:_GO_ON])
        found, weight = found.where(best), weight[best]
        weight = weight + said.by(found, _FIRST_ASKED, _ASKED)
    return _best(found, weight, most)


def _affordable(wide_m: Floats, lasts_s: float, sensors: int) -> None:
    if wide_m.max() > _WIDEST_M:
        raise Invalid(
            "The sensors stand too far apart to be looked at at once.",
            next_step="Look at one neighbourhood of sensors at a time.",
        )
    if lasts_s / _BIN_S * sensors > _MOST_MOMENTS:
        raise Invalid(
            "The window is too long to be looked at at once.",
            next_step="Look at some tens of seconds, of one neighbourhood of sensors, at a time.",
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What each sensor says for a round, by when it would have arrived.

    `moments` (n, bins) is the log-likelihood of its best pulse then, against that pulse being there anyway; its first and last column are
    before and after the window. `hears` and `deaf` are by range. `near` (n, k): the sensors around each, itself first, and `to_m`
    (3, n, k) the way to them.
    """

    near: Ints
    to_m: Narrow
    places_m: Floats
    begins_s: float
    moments: Narrow
    hears: Narrow
    deaf: Narrow
    air: Air

    @staticmethod
    def of(array: Array, pulses: Pulses, air: Air, floor: Floats, street: Street) -> _Said:
        away: Floats = (np.arange(_RINGS, dtype=np.float64) + 0.5) * _RING_M
        chance = AGAIN * heard(away, street)
        flat = array.places_m[:, :2]
        near = np.argsort(np.hypot(*(flat[:, None] - flat[None]).T), axis=1, kind="stable")[:, :_ASKED]
        return _Said(
            near,
            (array.places_m[near] - array.places_m[:, None]).transpose(2, 0, 1).astype(np.float32),
            flat,
            pulses.begins_s,
            _moments(len(array), pulses, floor, street),
            np.log(chance).astype(np.float32),
            np.log1p(-chance).astype(np.float32),
            air,
        )

    def by(self, found: Placed, low: int, high: int) -> Floats:
        """What the sensors around whoever heard first, from the `low`th nearest until the `high`th, say for each (k)."""
        weight = np.empty(len(found.times_s))
        for begins in range(0, len(weight), _BLOCK):
            part = slice(begins, begins + _BLOCK)
            first = found.first[part]
            off = found.places_m[part] - self.places_m[first]
            after = found.times_s[part] - self.begins_s
            weight[part] = self._block(first, off.astype(np.float32), after.astype(np.float32), low, high)
        return weight

    def _block(self, first: Ints, off_m: Narrow, after_s: Narrow, low: int, high: int) -> Narrow:
        to = self.to_m[:, :, low:high]
        east, north, up = to[0][first] - off_m[:, :1], to[1][first] - off_m[:, 1:], to[2][first]
        way = np.sqrt(east * east + north * north + up * up)
        speed: float | Narrow = speed_mps(self.air)
        if any(self.air.wind_mps):
            speed = speed + (east * self.air.wind_mps[0] + north * self.air.wind_mps[1]) / np.maximum(
                way, 1.0
            )
        bins = (after_s[:, None] + way / speed) * (1 / _BIN_S) + 1.5
        count = self.moments.shape[1]
        at = np.clip(bins, 0, count - 1).astype(np.intp) + self.near[:, low:high][first] * count
        ring = np.minimum(way * (1 / _RING_M), _RINGS - 1).astype(np.intp)
        says = self.hears.take(ring) + self.moments.ravel().take(at)
        found: Narrow = np.maximum(says, self.deaf.take(ring)).sum(axis=1)
        return found


def _moments(sensors: int, pulses: Pulses, floor: Floats, street: Street) -> Narrow:
    """A pulse says most for a round that would arrive where it stands, and less the earlier or later that is."""
    count = int(np.ceil((pulses.ends_s - pulses.begins_s) / _BIN_S)) + 3
    moments = np.full((sensors, count), -np.inf, dtype=np.float32)
    reach = int(GATE_S / _BIN_S)
    off = np.arange(-reach, reach + 1)
    at = np.rint((pulses.times_s - pulses.begins_s) / _BIN_S).astype(np.intp)[:, None] + 1 + off
    late: Floats = -_BIN_S * off.astype(np.float64)
    says = (np.log(density(late, street)) - np.log(floor)[:, None]).astype(np.float32)
    inside = (at > 0) & (at < count - 1)
    sensor = np.broadcast_to(pulses.sensors[:, None], at.shape)
    np.maximum.at(moments, (sensor[inside], at[inside]), says[inside])
    return moments


def _best(found: Placed, weight: Floats, most: int) -> Votes:
    """The heaviest, each without what is beside it."""
    if not len(weight):
        return Votes(found.places_m, found.times_s, weight)
    order = np.argsort(-weight, kind="stable")[:_MOST_SORTED]
    cells = np.round(found.places_m[order] / _APART_M).astype(np.int64)
    cells -= cells.min(axis=0)
    slots = np.round(found.times_s[order] / _APART_S).astype(np.int64)
    keys = (cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]) * (np.ptp(slots) + 1) + slots
    _, each = np.unique(keys, return_index=True)
    order = order[np.sort(each)]
    places, times = found.places_m[order], found.times_s[order]
    left = np.ones(len(order), dtype=bool)
    kept: list[int] = []
    for k in range(len(order)):
        if len(kept) == most:
            break
        if left[k]:
            kept.append(k)
            beside = (np.abs(places - places[k]) < _APART_M).all(axis=1) & (
                np.abs(times - times[k]) < _APART_S
            )
            left &= ~beside
    return Votes(places[kept], times[kept], weight[order[kept]])
