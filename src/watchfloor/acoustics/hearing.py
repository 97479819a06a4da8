"""How likely it is that a sensor hears a shot, and when: the whole of what is assumed of the street. Pure.

Each number says where it comes from; none was fitted to a place where somebody is known to have fired (docs/design/location.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.acoustics.model import Floats


@dataclass(frozen=True, slots=True)
class Street:
    """What is assumed between a muzzle and a sensor."""

    bend_s: float = 0.009
    """How much corners, slopes and air move an arrival: the scale of a Student t with `_NU` degrees."""
    late_share: float = 0.15
    """How many sensors hear it by a longer way only, and then about so much later:"""
    late_s: float = 0.025
    jitter_s: float = 0.0015
    """How much the same sensor differs from one round to the next of the same place."""
    stray_share: float = 0.05
    """How many of a sensor's further rounds keep to nothing of that."""
    heard_most: float = 0.92
    half_m: float = 700.0
    fade_m: float = 140.0
    """A sensor next to it hears it so likely, half of the sensors do at this range, and so fast it fades."""
    echoes: float = 0.5
    echo_s: float = 0.5
    """How many pulses more a pulse brings at its sensor, whatever made it, and how long they go on; with theirs in turn, one in all."""


STREET: Final = Street()
_NU: Final = 4.0
# An arrival further from the straight way than this is no arrival of it (TN 098 takes 40 ms; walls add more to a few).
GATE_S: Final = 0.090
# A sensor reports at least so many pulses of nothing a second, whatever was learnt of it.
QUIETEST_PER_S: Final = 0.02


def heard(way_m: Floats, street: Street = STREET) -> Floats:
    """How likely a sensor so far away reports a shot."""
    return street.heard_most / (1.0 + np.exp((way_m - street.half_m) / street.fade_m))


def density(late_s: Floats, street: Street = STREET) -> Floats:
    """How likely an arrival is that much later than the straight way says, per second: bent, or by a longer way."""
    scale = street.bend_s
    bent = 0.375 / scale * (1.0 + (late_s / scale) ** 2 / _NU) ** (-(_NU + 1) / 2)
    longer = np.where(late_s > 0, np.exp(-np.maximum(late_s, 0) / street.late_s) / street.late_s, 0.0)
    return (1 - street.late_share) * bent + street.late_share * longer


def echoed(times_s: Floats, street: Street = STREET) -> Floats:
    """How many pulses per second a sensor reports at each of its pulses because of those before it; `times_s` (n, j) in order of time,
    NaN fills up.
    """
    still = np.zeros(times_s.shape)
    with np.errstate(invalid="ignore"):
        gone = np.exp(-np.diff(times_s, axis=1) / street.echo_s)
    for k in range(1, times_s.shape[1]):
        still[:, k] = (still[:, k - 1] + 1.0) * gone[:, k - 1]
    return street.echoes / street.echo_s * np.nan_to_num(still)
