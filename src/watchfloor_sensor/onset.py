"""When a short loud sound began: a leap of energy against what went before, and then the sample at which it leapt. It keeps no sound.

The leap is STA/LTA (Allen 1978), the sample the least AIC of the leap's surroundings (Maeda 1985): where two stretches of different
loudness meet. Fed in pieces of any length it says the same as fed at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor_sensor.band import Wave
from watchfloor_sensor.features import SPAN_S, described

SHORT_S: Final = 0.004
LONG_S: Final = 0.150
LEAP: Final = 7.0
"""So many times the energy of before: 8.5 dB."""
DEAD_S: Final = 0.020
"""Two that are closer are one: echoes of a wall, and the ringing of one bang."""
_BEFORE_S: Final = 0.020
_AFTER_S: Final = 0.006
_EDGE: Final = 5
"""So few samples have no loudness."""
_QUIETEST: Final = (0.25 / 32_768) ** 2
"""Energy of what is below the last bit, so that silence is no stillness against which anything leaps."""
KNOWN_AFTER_S: Final = max(SPAN_S, _AFTER_S)
"""A sound is told once so much of it was heard; with the piece that it came in, that is how late it is known."""


@dataclass(frozen=True, slots=True)
class Onset:
    """A short loud sound: the sample that it began with, counted from the first, how far above what went before (dB), its peak (dB below
    the loudest that the microphone can say), and the numbers of its form."""

    index: int
    snr_db: float
    peak_dbfs: float
    features: tuple[int, ...]


class Picker:
    """Finds onsets in what is fed to it. It keeps the last quarter of a second."""

    def __init__(self, rate: float, *, leap: float = LEAP) -> None:
        """`rate`: samples a second; `leap`: how much louder it must become, in energy."""
        self._rate = rate
        self._leap = leap
        self._short, self._long = round(SHORT_S * rate), round(LONG_S * rate)
        self._before, self._after = round(_BEFORE_S * rate), round(_AFTER_S * rate)
        self._span, self._dead = round(KNOWN_AFTER_S * rate), round(DEAD_S * rate)
        self._kept = np.zeros(0, dtype=np.float32)
        self._begins = 0
        self._judged = 0
        self._loud = False
        self._last = -self._dead
        self._waiting: list[int] = []

    def fed(self, wave: Wave) -> list[Onset]:
        """What began, of that which is known now. Each sample is fed once."""
        self._kept = np.concatenate([self._kept, wave])
        self._waiting += self._leaps()
        end = self._begins + len(self._kept)
        known = [at for at in self._waiting if at + self._span <= end]
        self._waiting = [at for at in self._waiting if at + self._span > end]
        found = [self._onset(at) for at in known]
        self._let_go(end)
        return found

    def _leaps(self) -> list[int]:
        """The samples, not judged yet, at which it became loud."""
        energy = np.cumsum(np.concatenate([[0.0], self._kept.astype(np.float64) ** 2]))
        reach = self._short + self._long
        first = max(self._judged - self._begins, reach)
        ends = np.arange(first, len(self._kept) + 1)
        if not len(ends):
            return []
        short, long = energy[ends - self._short], energy[ends - reach]
        loud = (energy[ends] - short) / self._short > self._leap * ((short - long) / self._long + _QUIETEST)
        was = np.concatenate([[self._loud], loud[:-1]])
        self._loud, self._judged = bool(loud[-1]), self._begins + len(self._kept) + 1
        leaps = []
        for at in (self._begins + ends[loud & ~was] - 1).tolist():
            if at - self._last >= self._dead:
                leaps.append(at)
                self._last = at
        return leaps

    def _onset(self, at: int) -> Onset:
        here = at - self._begins
        lo, hi = max(0, here - self._before), here + self._after
        began = lo + _parted(self._kept[lo:hi])
        before = self._kept[max(0, began - self._long) : began].astype(np.float64)
        noise = float(np.mean(before**2)) if len(before) else 0.0
        sound = self._kept[began : here + self._span].astype(np.float64)
        loudest = sound[: max(self._short, 1)]
        snr = 10 * np.log10((np.mean(loudest**2) + _QUIETEST) / (noise + _QUIETEST))
        peak = 20 * np.log10(np.max(np.abs(sound)) + 1e-6)
        features = described(sound, noise, self._rate)
        return Onset(self._begins + began, float(snr), float(peak), features)

    def _let_go(self, end: int) -> None:
        """Keep what is still looked at: the long stretch, and what surrounds a leap that waits."""
        oldest = end - self._short - self._long - self._before
        if self._waiting:
            oldest = min(oldest, self._waiting[0] - self._before - self._long)
        gone = max(0, oldest - self._begins)
        self._kept, self._begins = self._kept[gone:], self._begins + gone


def _parted(wave: NDArray[np.float32]) -> int:
    """The sample that parts a stretch best into two of different loudness."""
    count = len(wave)
    if count <= 2 * _EDGE:
        return 0
    energy = np.cumsum(wave.astype(np.float64) ** 2)
    left = np.arange(_EDGE, count - _EDGE)
    quiet = energy[left - 1] / left + _QUIETEST
    loud = (energy[-1] - energy[left - 1]) / (count - left) + _QUIETEST
    return _EDGE + int(np.argmin(left * np.log(quiet) + (count - left - 1) * np.log(loud)))
