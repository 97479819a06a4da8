"""Twelve numbers of a sound's form, in steps of three decibels and of octaves of time. They are no sample of it and tell no word.

How much they could carry is counted in `LEAST_APART_S` and `MOST_A_MINUTE`: fewer bits a second than any coder of a voice needs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

SPAN_S: Final = 0.064
"""So much of a sound is described."""
LEAST_APART_S: Final = 0.4
MOST_A_MINUTE: Final = 60
"""Of sounds that come sooner after another that was described, and of more in a minute, the moment and the level alone are sent."""
COUNT: Final = 12
_STEP_DB: Final = 3.0
_DIVIDES_HZ: Final = (400.0, 700.0, 1_200.0, 2_000.0, 3_500.0)
_DECAYS_S: Final = ((0.004, 0.008), (0.008, 0.016), (0.016, 0.032), (0.032, 0.064))
_DROPS_DB: Final = (10.0, 20.0)
_LEAST: Final = 1e-12


def described(sound: NDArray[np.float64], noise: float, rate: float) -> tuple[int, ...]:
    """The form of a sound in the band, from its first sample on. `noise`: mean square of what went before; `rate`: samples a second.

    0 how long it rises (octaves of 0.1 ms), 1 to 2 until it is 10 and 20 dB below its peak (octaves of ms), 3 to 6 its parts of the band
    against the whole, 7 to 10 how it dies away, 11 its peak against its mean (all 3 dB a step).
    """
    count = round(SPAN_S * rate)
    wave = np.zeros(count)
    wave[: min(count, len(sound))] = sound[:count]
    power = wave**2
    whole = float(np.sum(power)) + _LEAST
    top = int(np.argmax(power))
    smooth = np.convolve(power, np.full(max(1, round(0.001 * rate)), 1.0), "same")
    rises = _octaves(top / rate / 0.000_1)
    drops = [_octaves(_until(smooth, drop) / rate / 0.001) for drop in _DROPS_DB]
    parts = [_steps(part / whole) for part in _parts(wave, rate)]
    loudest = float(np.mean(power[: max(1, round(_DECAYS_S[0][0] * rate))])) + _LEAST
    dies = [
        _steps(max(float(np.mean(power[round(a * rate) : round(b * rate)])), noise) / loudest)
        for a, b in _DECAYS_S
    ]
    crest = _steps(float(power[top]) * count / whole)
    return (rises, *drops, *parts, *dies, crest)


def _parts(wave: NDArray[np.float64], rate: float) -> list[float]:
    """Its energy between each two of the divides."""
    spectrum = np.abs(np.fft.rfft(wave)) ** 2 * 2 / len(wave)
    hertz = np.fft.rfftfreq(len(wave), 1 / rate)
    edges = np.searchsorted(hertz, _DIVIDES_HZ)
    return [float(np.sum(spectrum[a:b])) for a, b in pairwise(edges)]


def _until(smooth: NDArray[np.float64], drop_db: float) -> int:
    """After how many samples it stays so far below its peak."""
    above = np.flatnonzero(smooth > np.max(smooth) * 10 ** (-drop_db / 10))
    return int(above[-1]) + 1 if len(above) else 0


def _octaves(times: float) -> int:
    return int(np.clip(np.rint(np.log2(max(times, 1.0))), 0, 12))


def _steps(ratio: float) -> int:
    return int(np.clip(np.rint(10 * np.log10(ratio + _LEAST) / _STEP_DB), -20, 20))
