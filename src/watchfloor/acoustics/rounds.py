"""Which pulses are which round's, of a place: every sensor's own delay found from all its rounds together. Pure.

What bends the way to a sensor bends it for every round alike, to a millisecond or two; so rounds are told from echoes by keeping
step at all sensors at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.acoustics.hearing import GATE_S, STREET, Street, density, heard
from watchfloor.acoustics.model import Floats, Ints, Pulses

# A sensor that hears one round of a place hears the next so likely.
_AGAIN: Final = 0.93
# Two rounds nearer together than this are not told apart.
NEAREST_S: Final = 0.030


@dataclass(frozen=True, slots=True)
class Padded:
    """Pulses by sensor: times (n, j) and which pulse each is (n, j); NaN and -1 fill up."""

    times_s: Floats
    which: Ints

    @staticmethod
    def of(pulses: Pulses, sensors: int) -> Padded:
        """One row a sensor, in order of time."""
        most = int(np.bincount(pulses.sensors, minlength=max(sensors, 1)).max(initial=1))
        times, which = np.full((sensors, most), np.nan), np.full((sensors, most), -1, dtype=np.intp)
        for sensor in range(sensors):
            mine = np.flatnonzero(pulses.sensors == sensor)
            mine = mine[np.argsort(pulses.times_s[mine], kind="stable")]
            times[sensor, : len(mine)], which[sensor, : len(mine)] = pulses.times_s[mine], mine
        return Padded(times, which)


@dataclass(frozen=True, slots=True)
class Matched:
    """What of a place's rounds each sensor heard: column of its pulse (k, n; -1 for none), its delay (n; NaN), what it adds (n)."""

    columns: Ints
    offsets_s: Floats
    gains: Floats


def matched(
    padded: Padded, arrivals_s: Floats, way_m: Floats, floor: Floats, *, street: Street = STREET
) -> Matched:
    """Rounds expected at (k, n) against the pulses there are, `floor` (n, j) being how many a second would be there anyway."""
    rounds, sensors = arrivals_s.shape
    late = padded.times_s[None] - arrivals_s[:, :, None]
    inside = np.abs(late) < GATE_S
    # Every delay that some pulse would mean, each tried on all rounds of that sensor.
    tried = np.where(inside, late, np.nan).transpose(1, 0, 2).reshape(sensors, -1)
    tried = np.take_along_axis(tried, np.argsort(tried, axis=1), axis=1)[
        :, : max(int(inside.sum(axis=(0, 2)).max(initial=0)), 1)
    ]
    off = late.transpose(1, 0, 2)[:, None] - tried[:, :, None, None]  # n, c, k, j
    gain = np.log(_step_density(off, street)) - np.log(floor)[:, None, None, :]
    gain = np.where(np.isnan(gain), -np.inf, gain)
    column = gain.argmax(axis=3)
    best = np.take_along_axis(gain, column[..., None], axis=3)[..., 0]
    hit = best + np.log(_AGAIN) > np.log1p(-_AGAIN)
    value = np.where(hit, best + np.log(_AGAIN), np.log1p(-_AGAIN)).sum(axis=2)
    # One of the rounds has the delay's own density instead of a step from it: that of the sensor's bend.
    with np.errstate(invalid="ignore"):
        value += np.log(density(tried, street)) - np.log(_step_density(np.zeros(1), street))
    value = np.where(hit.any(axis=2) & ~np.isnan(tried), value, -np.inf)
    chosen = value.argmax(axis=1)
    row = np.arange(sensors)
    hits, columns = hit[row, chosen], column[row, chosen]
    again = _again(columns, np.where(hits, best[row, chosen], -np.inf))
    top = value[row, chosen] - np.where(
        again, best[row, chosen] + np.log(_AGAIN) - np.log1p(-_AGAIN), 0.0
    ).sum(axis=1)
    chance = heard(way_m, street)
    hears = np.log(chance) + top
    deaf = np.log(1 - chance * (1 - (1 - _AGAIN) ** rounds))
    takes = hears > deaf
    taken = np.where(hits & ~again & takes[:, None], columns, -1).T
    return Matched(taken, np.where(takes, tried[row, chosen], np.nan), np.where(takes, hears, deaf))


def one_round(
    padded: Padded, arrivals_s: Floats, way_m: Floats, floor: Floats, *, street: Street = STREET
) -> Floats:
    """What `matched` gains in all for one round, for many places at once: arrivals and ways (k, n), pulses' floor (n, j)."""
    late = padded.times_s[None] - arrivals_s[:, :, None]
    inside = np.abs(late) < GATE_S
    gain = np.log(density(np.where(inside, late, 0.0), street)) - np.log(floor)
    top = np.where(inside, gain, -np.inf).max(axis=2)
    chance = heard(way_m, street)
    gains: Floats = np.maximum(np.log(chance * _AGAIN) + top, np.log(1 - chance * _AGAIN)).sum(axis=1)
    return gains


def _again(columns: Ints, gains: Floats) -> NDArray[np.bool_]:
    """Where a round (n, k) takes a pulse that another takes with more right: no pulse is of two."""
    same = (
        (columns[:, :, None] == columns[:, None, :])
        & np.isfinite(gains)[:, :, None]
        & np.isfinite(gains)[:, None, :]
    )
    more = (gains[:, None, :] > gains[:, :, None]) | (
        (gains[:, None, :] == gains[:, :, None])
        & (np.arange(columns.shape[1])[None, None, :] < np.arange(columns.shape[1])[None, :, None])
    )
    found: NDArray[np.bool_] = (same & more).any(axis=2)
    return found


def _step_density(off_s: Floats, street: Street) -> Floats:
    """How likely a round is so far from its sensor's own delay, per second."""
    scale = street.jitter_s
    tight = 0.375 / scale * (1.0 + (off_s / scale) ** 2 / 4.0) ** -2.5
    return (1 - street.stray_share) * tight + np.where(
        np.abs(off_s) < GATE_S, street.stray_share / (2 * GATE_S), 0.0
    )
