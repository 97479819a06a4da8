"""From sound to pulses: what is heard is thinned, filtered, picked, described no oftener than may be, and kept sealed for ten minutes.

It sends nothing. What it returns holds no sound.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from watchfloor_sensor.band import Band, Samples, Thinning
from watchfloor_sensor.features import LEAST_APART_S, MOST_A_MINUTE
from watchfloor_sensor.onset import KNOWN_AFTER_S, LEAP, Onset, Picker
from watchfloor_sensor.outbox import Names, Pulse
from watchfloor_sensor.pull import Heard
from watchfloor_sensor.ring import Ring
from watchfloor_sensor.timing import Moment, Timeline

MOST_PULSES_A_MINUTE: Final = 500
"""A center refuses the 601st; what hears more has something on it."""
_MINUTE_S: Final = 60.0


class Ears:
    """One microphone's. `flooded` counts what was heard and not told, for there was too much."""

    def __init__(
        self,
        rate: int,
        timeline: Timeline,
        *,
        leap: float = LEAP,
        full_scale_db: float,
        ring: Ring | None = None,
    ) -> None:
        """`rate`: samples a second as they come; `full_scale_db`: the sound pressure level of the loudest that the microphone can say."""
        self.thinning = Thinning(rate)
        self.band = Band(self.thinning.rate)
        self.ring = ring or Ring(self.thinning.rate)
        self.flooded = 0
        self._picker = Picker(self.thinning.rate, leap=leap)
        self._timeline, self._full_scale_db = timeline, full_scale_db
        self._names = Names()
        self._came = 0
        self._told: deque[int] = deque()
        self._described: deque[int] = deque()
        self._heard: OrderedDict[str, Heard] = OrderedDict()

    @property
    def rate(self) -> int:
        """Samples a second of what is kept."""
        return self.thinning.rate

    @property
    def known_after_s(self) -> float:
        """How long after a sound began it is known, beyond the piece that it came in."""
        return KNOWN_AFTER_S + self.thinning.delay / self.rate

    def hears(self, samples: Samples) -> list[Pulse]:
        """What began in these, or before and is known now. They follow those before."""
        self._came += len(samples)
        self._timeline.read(self._came)
        fewer = self.thinning.thinned(samples)
        self.ring.put(fewer)
        found = self._picker.fed(self.band.passed(fewer))
        return [pulse for onset in found if (pulse := self._pulse(onset)) is not None]

    def heard(self) -> dict[str, Heard]:
        """The pulses of which the sound is kept."""
        while self._heard and next(iter(self._heard.values())).index < self.ring.begins:
            self._heard.popitem(last=False)
        return dict(self._heard)

    def moment(self, index: int) -> Moment:
        """When a sample of what is kept arrived."""
        return self._timeline.at((index - self.thinning.delay) * self.thinning.step)

    def _pulse(self, onset: Onset) -> Pulse | None:
        if not _room(self._told, onset.index, MOST_PULSES_A_MINUTE, 0, self.rate):
            self.flooded += 1
            return None
        when = self.moment(onset.index)
        few = _room(self._described, onset.index, MOST_A_MINUTE, round(LEAST_APART_S * self.rate), self.rate)
        key = self._names.next()
        self._heard[key] = Heard(when.at, onset.index)
        self.heard()
        return Pulse(
            key,
            when.at,
            when.bound_ms,
            onset.snr_db,
            self._full_scale_db + onset.peak_dbfs,
            onset.features if few else (),
        )


def _room(before: deque[int], index: int, most: int, apart: int, rate: int) -> bool:
    """Whether one more may be, so many samples after the last at least and so many in a minute at most; if so, it is among them."""
    while before and before[0] <= index - _MINUTE_S * rate:
        before.popleft()
    if len(before) >= most or (before and index - before[-1] < apart):
        return False
    before.append(index)
    return True
