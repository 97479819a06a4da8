"""The center's time on an edge box: by what the center says and the box's own counter of seconds, never by the box's wall clock.

A small board has no battery for its clock, and whoever has the box can set it: hours and ends are held against this.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from watchfloor.kit.clock import Clock

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A measurement as good as this one may be taken again after so long: counters drift.
_GOOD_FOR_S: Final = 60.0
_WORSE_BY: Final = 1.5
# What adjtimex answers of a clock that nothing keeps right; its structure is smaller than this on every machine.
_TIME_ERROR: Final = 5
_ROOM_FOR_TIMEX: Final = 1024


class CenterClock:
    """Wall time as the center has it; until that was heard, the machine's own."""

    def __init__(
        self, machine: Clock, latest_us: int, synchronised: Callable[[], bool] = lambda: False
    ) -> None:
        """`latest_us`: the latest time that the center ever said; what is before it cannot be now. `synchronised` says whether something
        keeps the machine's clock right."""
        self._synchronised = synchronised
        self._machine, self._latest_us = machine, latest_us
        self._offset_us: float | None = None
        self._waited = 0.0
        self._measured_at = 0.0

    @property
    def heard(self) -> bool:
        """Whether the center said the time since the start."""
        return self._offset_us is not None

    @property
    def believed(self) -> bool:
        """Whether the time can be right at all: without the center's word only where the machine's clock is kept right, not back.

        A board without a battery starts with the time at which it went off: that is not before what the center said, and wrong.
        """
        return self.heard or (us(self._machine.now()) >= self._latest_us and self._synchronised())

    @property
    def latest_us(self) -> int:
        """The latest time that the center said."""
        return max(self._latest_us, us(self.now())) if self.heard else self._latest_us

    def hears(self, center_us: int, *, asked_at: float) -> None:
        """The center said its time in answer to what was asked at `asked_at`, by our monotonic clock."""
        now = self._machine.monotonic()
        waited = now - asked_at
        if self.heard and waited > self._waited * _WORSE_BY and now - self._measured_at < _GOOD_FOR_S:
            return
        self._offset_us = center_us + waited / 2 * 1e6 - now * 1e6
        self._waited, self._measured_at = waited, now

    def now(self) -> datetime:
        """The time."""
        if self._offset_us is None:
            return self._machine.now()
        return _EPOCH + timedelta(microseconds=int(self._machine.monotonic() * 1e6 + self._offset_us))

    def monotonic(self) -> float:
        """Seconds, for durations."""
        return self._machine.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._machine.sleep(seconds)

    def offset_us(self) -> int:
        """How far the time is ahead of the machine's counter of seconds: by it, what was dated before is moved."""
        if self._offset_us is not None:
            return int(self._offset_us)
        return us(self._machine.now()) - int(self._machine.monotonic() * 1e6)

    def off_ms(self) -> int | None:
        """How far the machine's own clock is ahead of the center's; None until that was heard."""
        return (self.machine_us() - us(self.now())) // 1000 if self.heard else None

    def machine_us(self) -> int:
        """What the machine's own clock shows."""
        return us(self._machine.now())


def kernel_synchronised() -> bool:
    """Whether the kernel was told by somebody (NTP, a receiver) what time it is since it started; False where it does not say."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_ROOM_FOR_TIMEX))  # nothing is set
    except (AttributeError, OSError):
        return False
    return 0 <= int(state) < _TIME_ERROR


def us(at: datetime) -> int:
    """µs since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)
