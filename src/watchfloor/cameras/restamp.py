"""Repairs the time stamps of a camera: missing, repeated and backward ones. Pure: it reads no clock.

A recording needs decoding times that rise. What cannot be repaired without guessing begins a new run. libav knows the
decoding time of an RTSP stream only once it has seen as many pictures as the camera reorders, and gives the very first
packet, the keyframe, no time at all; those first packets wait here for the first known time and are dated back from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Generic, TypeVar

from watchfloor.cameras.stream import TICKS_PER_S

T = TypeVar("T")

_JUMP: Final = 10 * TICKS_PER_S
_NUDGE: Final = 90  # 1 ms
_PERSISTENT: Final = 5
_MOST_REORDERED: Final = 5 * TICKS_PER_S
_MOST_WAITING: Final = 17  # H.264 and H.265 reorder at most 16 pictures
_USUAL_STEP: Final = TICKS_PER_S // 15


@dataclass(frozen=True, slots=True)
class Stamp:
    """A frame's times in ticks since the run's first frame."""

    dts: int
    pts: int


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T]):
    item: T
    pts: int | None
    arrived: int


class Restamp(Generic[T]):
    """The times of one run, for items of any kind. `repaired` counts the frames whose times were not believed."""

    def __init__(self) -> None:
        self._head: list[_Waiting[T]] | None = []
        self._shift = 0
        self._last = -1
        self._last_arrived = 0
        self._backward = 0
        self.repaired = 0

    def push(self, item: T, dts: int | None, pts: int | None, arrived: int) -> list[tuple[T, Stamp]] | None:
        """The items whose times are now known, in order; None when this one belongs to a new run.

        `dts` and `pts` are the camera's, `arrived` our own monotonic time, all in ticks.
        """
        if self._head is not None:
            self._head.append(_Waiting(item, pts, arrived))
            if dts is None and len(self._head) < _MOST_WAITING:
                return []
            return self._release(dts)
        stamp = self._stamp(dts, pts, arrived)
        return None if stamp is None else [(item, stamp)]

    def flush(self) -> list[tuple[T, Stamp]]:
        """What still waits, when the connection ends before any time was known."""
        return self._release(None) if self._head else []

    def _release(self, dts: int | None) -> list[tuple[T, Stamp]]:
        head, self._head = self._head or [], None
        times = sorted(waiting.pts for waiting in head if waiting.pts is not None)
        steps = [b - a for a, b in pairwise(times) if b > a]
        step = min(steps, default=times[0] if times and 0 < times[0] <= TICKS_PER_S else _USUAL_STEP)
        if dts is None:
            dts = times[0] + (len(head) - 1) * step if times else (len(head) - 1) * step
        first = dts - (len(head) - 1) * step
        # RTSP counts from its first packet: where libav did not say so, the first packet is shown first, at 0.
        missing = 0 if times and 0 < times[0] <= TICKS_PER_S else (times[0] - step if times else first)
        self._shift = -first
        out: list[tuple[T, Stamp]] = []
        for index, waiting in enumerate(head):
            pts = waiting.pts
            if pts is None:
                pts = missing if index == 0 or times else first + index * step
            stamp = self._stamp(first + index * step, pts, waiting.arrived)
            if stamp is not None:
                out.append((waiting.item, stamp))
        return out

    def _stamp(self, dts: int | None, pts: int | None, arrived: int) -> Stamp | None:
        since = max(arrived - self._last_arrived, _NUDGE)
        self._last_arrived = arrived
        if dts is None:
            # Seen in mid-stream only from broken sources: our own clock says when it was.
            self.repaired += 1
            self._last += min(since, TICKS_PER_S)
            return Stamp(self._last, self._last)
        out = dts + self._shift
        jump = out - self._last
        if self._last >= 0 and (jump < -_JUMP or (jump > _JUMP and since < jump // 2)):
            return None
        if out <= self._last:
            out = self._repair(out, dts, since)
        else:
            self._backward = 0
        self._last = out
        later = 0 if pts is None else pts - dts
        if not 0 <= later <= _MOST_REORDERED:
            self.repaired += 1
            later = 0
        return Stamp(out, out + later)

    def _repair(self, out: int, dts: int, since: int) -> int:
        """One odd stamp is nudged; a lasting step back moves the timeline by what our own clock says has passed."""
        self.repaired += 1
        self._backward += 1
        if self._backward < _PERSISTENT:
            return self._last + _NUDGE
        self._backward = 0
        self._shift += self._last + min(since, TICKS_PER_S) - out
        return dts + self._shift
