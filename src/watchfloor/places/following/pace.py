"""How long a way takes beside what its limits say. Pure: seconds in, chances out.

A vehicle has a pace of its own (what it needs for what the limits give one second for), each way has one around that, and some
stop on the way. The figures were fitted on simulated drives, other ones than those on which they are measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from watchfloor.places.graph import Floats

# Of the logarithm: how vehicles differ, how ways of one vehicle do, and how much more so short ones.
MEAN: Final = 0.19
_OF_VEHICLE: Final = 0.20
_OF_WAY: Final = 0.18
_SHORT_S: Final = 20.0
# So many stop on a way between two readers, and for how long on average.
STOPS: Final = 0.06
STOP_S: Final = 240.0
# Beyond this a way tells of a stop and nothing of the pace.
_STOPPED: Final = 0.9
_GRID: Final = (np.arange(9) + 0.5) / 9


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of one vehicle: the logarithm of its pace, normal."""

    mean: float = MEAN
    spread: float = _OF_VEHICLE

    def of_way(self, seconds: Floats) -> Floats:
        """The spread of the logarithm for ways that take so long at the limits."""
        return np.sqrt(self.spread**2 + _own(seconds) ** 2)

    def by(self, elapsed: float | Floats, seconds: Floats) -> Floats:
        """The chance that ways of so many seconds at the limits are done `elapsed` seconds after their beginning."""
        from scipy.special import ndtr

        sure = np.maximum(seconds, 0.5)
        passed = np.log(np.maximum(elapsed, 1e-6))
        z = (passed - np.log(sure) - self.mean) / self.of_way(sure)
        # Who stops is late by a time without memory: as a second, slower pace it is near enough and has a closed form.
        late = (passed - np.log(sure * np.exp(self.mean) + STOP_S * 0.7)) / 0.6
        done: Floats = (1 - STOPS) * ndtr(z) + STOPS * ndtr(late)
        return done

    def density(self, took: float, seconds: Floats) -> tuple[Floats, Floats]:
        """How likely ways of so many seconds took just as long: driven through, and with a stop."""
        sure = np.maximum(seconds, 0.5)
        spread = self.of_way(sure)
        took = max(took, 0.5)
        z = (np.log(took / sure) - self.mean) / spread
        through = np.exp(-0.5 * z * z) / (spread * took)
        quantiles = sure[..., None] * np.exp(self.mean + spread[..., None] * _normal())
        rest = took - quantiles
        stopped = np.where(rest > 0, np.exp(-np.maximum(rest, 0) / STOP_S) / STOP_S, 0).mean(axis=-1)
        return (1 - STOPS) * through / np.sqrt(2 * np.pi), STOPS * stopped


def pace_of(ways: Iterable[tuple[float, float]]) -> Pace:
    """What (seconds at the limits, seconds taken) of its ways so far say of a vehicle; a stop says nothing."""
    mean, weight = MEAN, 1 / _OF_VEHICLE**2
    for seconds, took in ways:
        told = float(np.log(max(took, 0.5) / max(seconds, 0.5)))
        if abs(told - mean) < _STOPPED:
            own = 1 / float(_own(np.array([seconds]))[0]) ** 2
            mean = (mean * weight + told * own) / (weight + own)
            weight += own
    return Pace(mean, float(weight**-0.5))


def _own(seconds: Floats) -> Floats:
    spread: Floats = np.sqrt(_OF_WAY**2 + (_SHORT_S / np.maximum(seconds, 1.0)) ** 2 / 4)
    return spread


@cache
def _normal() -> Floats:
    # scipy.special is loaded where somebody is followed, and by no process that starts.
    from scipy.special import ndtri

    return np.asarray(ndtri(_GRID))
