"""When a sample arrived, in UTC, and how far that may be off: the board's clock, what disciplines it, and the card that counts samples.

A piece of sound is read some time after its last sample came, never before: of many readings the earliest say when samples come. The
card's own rate is off by some ten in a million, which is learnt from the same.
"""

from __future__ import annotations

import ctypes
import math
import struct
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import numpy as np

MOST_BOUND_MS: Final = 60_000.0
_BUCKET_S: Final = 1.0
_BUCKETS: Final = 60
_LEARNS_FROM: Final = 10
"""So many seconds before the card's rate is believed to be another than it says."""
_MOST_PPM: Final = 500.0
_KNOWN_AFTER: Final = 5
"""So many seconds after samples were lost before it is believed again when they come."""
_LOST_S: Final = 0.020
"""What is later than this for three seconds is not late: samples were lost."""
_JUMP_S: Final = 0.005
_AFTER_JUMP_S: Final = 60.0
_UNSYNCHRONISED: Final = 0x40
_ERROR_STATE: Final = 5


class Clock(Protocol):
    """The board's clocks, seconds: the one that is set, and the one that only goes on."""

    def utc_s(self) -> float: ...

    def mono_s(self) -> float: ...


class BoardClock:
    """This board's."""

    def utc_s(self) -> float:
        return time.time()

    def mono_s(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Bound:
    """How far the clock may be off, ms, and who says so: `chrony`, `kernel` or `stated`."""

    ms: float
    by: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was, and how far that may be off, ms."""

    at: datetime
    bound_ms: float


class Timeline(Protocol):
    """Says of a sample, counted from the first, when it arrived."""

    def at(self, index: float) -> Moment: ...

    def read(self, count: int) -> None:
        """So many samples were read by now."""


class Recorded:
    """Of a recording whose first moment is known."""

    def __init__(self, rate: int, began: datetime, bound_ms: float) -> None:
        self._rate, self._began, self._bound_ms = rate, began.timestamp(), bound_ms

    def at(self, index: float) -> Moment:
        return Moment(datetime.fromtimestamp(self._began + index / self._rate, UTC), self._bound_ms)

    def read(self, count: int) -> None:
        """It is as it is."""


class Live:
    """Of a microphone. `latency_s`: how long after a sound its sample can be read at the soonest, which nobody here can measure.

    `lost` counts how often samples were missing, `jumps` how often the clock was set.
    """

    def __init__(self, rate: int, clock: Clock, bound: Callable[[], Bound], latency_s: float = 0.0) -> None:
        self._rate, self._clock, self._bound, self._latency_s = rate, clock, bound, latency_s
        self._minima: deque[tuple[float, float]] = deque(maxlen=_BUCKETS)
        self._line: tuple[float, float] | None = None
        self._spread_s = 0.0
        self._late = 0
        self._bucket: tuple[int, float, float] | None = None
        self._offset_s = clock.utc_s() - clock.mono_s()
        self._missed = False
        self._unknown = 0
        self._jump = (-math.inf, 0.0)
        self.lost = 0
        self.jumps = 0

    def read(self, count: int) -> None:
        """So many samples, counted from the first, were read by now."""
        if self._missed:
            self._missed = False
            self._begin_anew()
        now, played = self._clock.mono_s(), count / self._rate
        self._look_at_the_clock(now)
        first, number = now - played, int(now / _BUCKET_S)
        if self._bucket is not None and self._bucket[0] == number:
            if first < self._bucket[2]:
                self._bucket = (number, played, first)
        else:
            if self._bucket is not None:
                self._closed(*self._bucket[1:])
            self._bucket = (number, played, first)
        if not self._minima:
            self._line = (first if self._line is None else min(self._line[0], first), 0.0)

    def at(self, index: float) -> Moment:
        """When this sample arrived."""
        played = index / self._rate
        begins, slope = self._line or (self._clock.mono_s() - played, 0.0)
        mono = begins + slope * played + played - self._latency_s
        at_s, ago = mono + self._offset_s, self._clock.mono_s() - self._jump[0]
        jump_ms = abs(self._jump[1]) * 1000 if ago < _AFTER_JUMP_S else 0.0
        bound_ms = self._bound().ms + self._spread_s * 1000 + jump_ms
        if self._missed or self._late or self._unknown:
            bound_ms = MOST_BOUND_MS
        return Moment(datetime.fromtimestamp(at_s, UTC), min(bound_ms, MOST_BOUND_MS))

    def missed(self) -> None:
        """Samples were lost. Any thread may say so: it is believed when the next are read."""
        self._missed = True

    def _begin_anew(self) -> None:
        """What was learnt of when samples come holds no more, and nobody knows how many are missing: until it is known again when they
        come, the moment of each may be off by anything."""
        self.lost += 1
        self._unknown = _KNOWN_AFTER
        self._minima.clear()
        self._bucket, self._late, self._line = None, 0, None

    def _closed(self, played: float, first: float) -> None:
        """A second is over, of which the soonest reading said that the first sample was then."""
        if self._minima and self._line and first - (self._line[0] + self._line[1] * played) > _LOST_S:
            self._late += 1
            if self._late >= 3:
                self._begin_anew()
                self._minima.append((played, first))
                self._line = (first, 0.0)
            return
        self._late = 0
        self._unknown = max(0, self._unknown - 1)
        self._minima.append((played, first))
        self._fit()

    def _fit(self) -> None:
        """The line below all readings: samples are never read before they came."""
        played, first = np.array(self._minima).T
        slope = 0.0
        if len(played) >= _LEARNS_FROM:
            slope = float(np.polyfit(played - played.mean(), first - first.mean(), 1)[0])
            slope = float(np.clip(slope, -_MOST_PPM * 1e-6, _MOST_PPM * 1e-6))
        above = first - slope * played
        self._line = (float(above.min()), slope)
        self._spread_s = float(np.median(above - above.min()))

    def _look_at_the_clock(self, now: float) -> None:
        offset = self._clock.utc_s() - now
        moved = offset - self._offset_s
        if abs(moved) > _JUMP_S:
            self.jumps += 1
            self._jump = (now, moved)
        self._offset_s = offset


def bound_of(stated_ms: float) -> Bound:
    """How far this board's clock may be off, by what disciplines it: anything where that says that nothing does, and as stated where
    nobody says."""
    return _of_chrony() or _of_the_kernel() or Bound(stated_ms, "stated")


def of_chrony(tracking: str) -> float | None:
    """Milliseconds, of what `chronyc -c tracking` says: offset, dispersion and half the way to its source; the most that can be said
    where it says that it has none. None where it says nothing."""
    parts = tracking.strip().split(",")
    try:
        stratum, offset, delay, dispersion = int(parts[2]), *(float(parts[n]) for n in (4, 10, 11))
    except (IndexError, ValueError):
        return None
    bound_ms = (abs(offset) + abs(delay) / 2 + abs(dispersion)) * 1000
    synchronised = 0 < stratum < 16 and parts[13:14] != ["Not synchronised"]
    if not synchronised:
        return MOST_BOUND_MS
    return bound_ms if math.isfinite(bound_ms) else None


def _of_chrony() -> Bound | None:
    try:
        said = subprocess.run(
            ["chronyc", "-c", "tracking"], capture_output=True, text=True, timeout=2, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    ms = of_chrony(said.stdout)
    return None if ms is None else Bound(ms, "chrony")


_TIMEX: Final = struct.Struct("@Illlli")
"""modes, offset, freq, maxerror, esterror, status: how <sys/timex.h> begins."""


def _of_the_kernel() -> Bound | None:
    """adjtimex(2), which anybody may read."""
    said = ctypes.create_string_buffer(512)
    try:
        state = ctypes.CDLL(None).adjtimex(said)
    except (OSError, AttributeError):
        return None
    *_, most_us, _, status = _TIMEX.unpack_from(said)
    ms = of_kernel(state, status, most_us)
    return None if ms is None else Bound(ms, "kernel")


def of_kernel(state: int, status: int, most_us: int) -> float | None:
    """Milliseconds, of what adjtimex(2) says; the most that can be said where nothing sets the clock. None where it says nothing."""
    if state < 0:
        return None
    if state >= _ERROR_STATE or status & _UNSYNCHRONISED:
        return MOST_BOUND_MS
    return most_us / 1000 if most_us > 0 else None
