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
from watchfloor.acoustics.model import Floats, Ints, Narrow, Pulses

# A sensor that hears one round of a place hears the next so likely.
AGAIN: Final = 0.93
# Two rounds nearer together than this are not told apart.
NEAREST_S: Final = 0.030
# So many delays are tried at a sensor.
_MOST_TRIED: Final = 32
# Where there is no pulse: later than any is, and not so late that a density's powers overflow.
_NEVER_S: Final = 1e3


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

    def of_each(self, values: Floats) -> Floats:
        """Of what is said by sensor (n, j), what is said of each pulse (m)."""
        on = self.which >= 0
        found = np.empty(int(on.sum()))
        found[self.which[on]] = values[on]
        return found


@dataclass(frozen=True, slots=True)
class Matched:
    """What of a place's rounds each sensor heard: column of its pulse (k, n; -1 for none), its delay (n; NaN), what it adds (n).

    `by_round` (k) is what each round adds of that, beyond what no round at all would: log-likelihood, by the delays that are found.
    """

    columns: Ints
    offsets_s: Floats
    gains: Floats
    by_round: Floats


def matched(
    padded: Padded, arrivals_s: Floats, way_m: Floats, floor: Floats, *, street: Street = STREET
) -> Matched:
    """Rounds expected at (k, n) against the pulses there are, `floor` (n, j) being how many a second would be there anyway."""
    rounds, sensors = arrivals_s.shape
    chance = heard(way_m, street)
    gains: Floats = np.log(1 - chance * (1 - (1 - AGAIN) ** rounds))
    columns, offsets = np.full((rounds, sensors), -1, dtype=np.intp), np.full(sensors, np.nan)
    late = padded.times_s[:, None] - arrivals_s.T[:, :, None]
    # Whoever has no pulse anywhere near a round is deaf to all of them.
    on = np.flatnonzero((np.abs(late) < GATE_S).any(axis=(1, 2)))
    if not len(on):
        return Matched(columns, offsets, gains, np.zeros(rounds))
    hears, each, delay, took = _heard_by(_Near.of(late[on], floor[on]), street)
    hears = hears + np.log(chance[on])
    takes = hears > gains[on]
    columns[:, on] = np.where(takes[:, None], took, -1).T
    offsets[on] = np.where(takes, delay, np.nan)
    gains[on] = np.where(takes, hears, gains[on])
    return Matched(columns, offsets, gains, np.where(takes[:, None], each, 0.0).sum(axis=0))


def _heard_by(near: _Near, street: Street) -> tuple[Floats, Floats, Floats, Ints]:
    """Of each sensor, by the delay that suits it best: what all rounds gain (n) and each (n, k), that delay (n), their pulses' columns
    (n, k).
    """
    tried = _tried_s(near, street)
    best, column = _best_of(near, tried, street)
    hit = best + np.log(AGAIN) > np.log1p(-AGAIN)
    value = np.where(hit, best + np.log(AGAIN), np.log1p(-AGAIN)).sum(axis=2)
    # One of the rounds has the delay's own density instead of a step from it: that of the sensor's bend.
    with np.errstate(invalid="ignore"):
        value += np.log(density(tried, street)) - np.log(_step_density(np.zeros(1, np.float32), street))
    value = np.where(hit.any(axis=2) & ~np.isnan(tried), value, -np.inf)
    chosen = value.argmax(axis=1)
    row = np.arange(len(tried))
    hits, columns = hit[row, chosen], column[row, chosen]
    again = _again(columns, np.where(hits, best[row, chosen], -np.inf))
    each = np.where(hits & ~again, best[row, chosen] + np.log(AGAIN), np.log1p(-AGAIN))
    top = value[row, chosen] + np.where(again, each - best[row, chosen] - np.log(AGAIN), 0.0).sum(axis=1)
    return top, each, tried[row, chosen], np.where(hits & ~again, columns, -1)


@dataclass(frozen=True, slots=True)
class _Near:
    """The pulses that a round may take at a sensor (n, k, i), each how late, which column of the sensor's and against how many a second."""

    late_s: Floats
    column: Ints
    floor: Floats

    @staticmethod
    def of(late: Floats, floor: Floats) -> _Near:
        """Of how late each pulse is (n, k, j), within two gates: a delay may be one, and a stray from it another. `_NEVER_S` fills up."""
        inside = np.abs(late) < 2 * GATE_S
        most = max(int(inside.sum(axis=2).max(initial=0)), 1)
        column = np.argsort(~inside, axis=2, kind="stable")[:, :, :most]
        late = np.where(inside, late, _NEVER_S)
        late = np.take_along_axis(late, column, axis=2)
        return _Near(late, column, floor[np.arange(len(floor))[:, None, None], column])


def _tried_s(near: _Near, street: Street) -> Floats:
    """Every delay that some pulse would mean (n, c), each to be tried on all rounds of that sensor; NaN fills up.

    Of many, those that most pulses mean: of a long string the delay of a sensor is meant by most of its rounds.
    """
    inside = np.abs(near.late_s) < GATE_S
    tried = np.sort(np.where(inside, near.late_s, np.nan).reshape(len(inside), -1), axis=1)
    tried = tried[:, : max(int(inside.sum(axis=(1, 2)).max(initial=0)), 1)]
    if tried.shape[1] <= _MOST_TRIED:
        return tried
    also = (np.abs(tried[:, :, None] - tried[:, None, :]) < 2 * street.jitter_s).sum(axis=2)
    most = np.sort(np.argsort(-also, axis=1, kind="stable")[:, :_MOST_TRIED], axis=1)
    return np.take_along_axis(tried, most, axis=1)


def _best_of(near: _Near, tried: Floats, street: Street) -> tuple[Floats, Ints]:
    """What each round's best pulse gains by each delay (n, c, k; next to nothing for none), and its column."""
    # Two thirds of all the time are spent here: what is some milliseconds is told to a microsecond in half of the room.
    late, delay = near.late_s.astype(np.float32), np.nan_to_num(tried).astype(np.float32)
    off = late[:, None] - delay[:, :, None, None]  # n, c, k, i
    gain = _step_density(off, street)
    gain /= near.floor[:, None].astype(np.float32)
    first = gain.argmax(axis=3)
    best = np.log(np.take_along_axis(gain, first[..., None], axis=3)[..., 0].astype(np.float64))
    n, _, k = first.shape
    return best, near.column[np.arange(n)[:, None, None], np.arange(k)[None, None], first]


def one_round(
    padded: Padded, arrivals_s: Floats, way_m: Floats, floor: Floats, *, street: Street = STREET
) -> Floats:
    """What `matched` gains in all for one round, for many places at once: arrivals and ways (k, n), pulses' floor (n, j)."""
    late = padded.times_s[None] - arrivals_s[:, :, None]
    inside = np.nonzero(np.abs(late) < GATE_S)
    place, sensor, column = inside
    top = np.full(arrivals_s.shape, -np.inf)
    np.maximum.at(top, (place, sensor), np.log(density(late[inside], street) / floor[sensor, column]))
    chance = heard(way_m, street)
    gains: Floats = np.maximum(np.log(chance * AGAIN) + top, np.log(1 - chance * AGAIN)).sum(axis=1)
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


def _step_density(off_s: Narrow, street: Street) -> Narrow:
    """How likely a round is so far from its sensor's own delay, per second."""
    # In place, and to the power of -5/2 without numpy's slow way to raise to it.
    wide = off_s * np.float32(0.5 / street.jitter_s)
    wide *= wide
    wide += np.float32(1.0)
    found: Narrow = np.sqrt(wide)
    found *= wide
    found *= wide
    np.divide(np.float32((1 - street.stray_share) * 0.375 / street.jitter_s), found, out=found)
    found += np.float32(street.stray_share / (2 * GATE_S)) * (np.abs(off_s) < np.float32(GATE_S))
    return found
