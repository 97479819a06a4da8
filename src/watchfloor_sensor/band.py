"""From what a microphone gives to what is listened to: fewer samples a second, and of them the band of a bang. Causal; it decides nothing.

Nothing here looks ahead: what comes out for a sample needs no later one but those of the thinning, whose delay is known to the sample.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.int16]
Wave = NDArray[np.float32]

LEAST_RATE: Final = 8_000
MOST_RATE: Final = 192_000
_WORKS_AT: Final = 12_000
"""No fewer samples a second than that are kept, where there are as many."""
BAND_HZ: Final = (400.0, 3_500.0)
"""Above what wind and traffic shake, below what the air takes from a bang within some hundred metres."""
_ORDER: Final = 2
_FULL: Final = 32_768.0
_TAPS_A_STEP: Final = 16


class BadRate(ValueError):
    """A rate at which nothing can be heard, with what would do."""


class Thinning:
    """Every n-th sample, of what lies below the new rate's half: linear phase, so that all of it comes later by `delay` samples."""

    def __init__(self, rate: int) -> None:
        """`rate`: samples a second as they come. Raises BadRate."""
        if not LEAST_RATE <= rate <= MOST_RATE:
            raise BadRate(
                f"{rate} samples a second; a microphone gives {LEAST_RATE} to {MOST_RATE}, at best 48000."
            )
        self.step = max(step for step in range(1, max(1, rate // _WORKS_AT) + 1) if rate % step == 0)
        self.rate = rate // self.step
        """Samples a second as they go on."""
        taps = _TAPS_A_STEP * self.step + 1
        self._taps = signal.firwin(taps, 0.85 / self.step) if self.step > 1 else None
        self.delay = _TAPS_A_STEP / 2 if self._taps is not None else 0.0
        """In samples as they go on: index n of what comes out is of the moment (n - delay) / rate."""
        self._left = np.zeros(taps - 1 if self.step > 1 else 0)

    def thinned(self, samples: Samples) -> Samples:
        """What goes on of these; what is left over of them waits for the next."""
        if self._taps is None:
            return samples
        waiting = np.concatenate([self._left, samples])
        count = max(0, (len(waiting) - len(self._taps)) // self.step + 1)
        self._left = waiting[count * self.step :]
        if not count:
            return np.zeros(0, dtype=np.int16)
        whole = signal.upfirdn(
            self._taps, waiting[: (count - 1) * self.step + len(self._taps)], down=self.step
        )
        kept = whole[_TAPS_A_STEP : _TAPS_A_STEP + count]
        clipped: Samples = np.clip(np.rint(kept), -_FULL, _FULL - 1).astype(np.int16)
        return clipped


class Band:
    """The band of a bang, -1 to 1, sample for sample: a filter that rises at once and rings after."""

    def __init__(self, rate: int) -> None:
        """`rate`: samples a second; the band ends below their half."""
        top = min(BAND_HZ[1], 0.45 * rate)
        self._sections = signal.butter(_ORDER, (BAND_HZ[0], top), "bandpass", fs=rate, output="sos")
        self._state = np.zeros((len(self._sections), 2))
        struck = np.zeros(int(rate / 10))
        struck[0] = 1.0
        rung = np.cumsum(signal.sosfilt(self._sections, struck) ** 2)
        self.rises_s = float(np.searchsorted(rung, rung[-1] / 2)) / rate
        """Until half of what a click leaves in it has come out, seconds."""

    def passed(self, samples: Samples) -> Wave:
        """What is in the band of these, which follow those before."""
        if not len(samples):
            return np.zeros(0, dtype=np.float32)
        out, self._state = signal.sosfilt(self._sections, samples / _FULL, zi=self._state)
        wave: Wave = out.astype(np.float32)
        return wave
