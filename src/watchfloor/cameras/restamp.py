"""Repairs the time stamps of a camera: missing, repeated and backward ones. Pure: it reads no clock.

A recording needs decoding times that rise. What cannot be repaired without guessing begins a new run. Where a camera
reorders, the decoding times of its first pictures are known only once some more have come: the first wait for that and
are dated back; none is ever dropped for want of a time.
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
_MOST_WAITING: Final = 18  # H.264 and H.265 reorder at most 16 pictures
_USUAL_STEP: Final = TICKS_PER_S // 15


@dataclass(frozen=True, slots=True)
class Stamp:
    """A frame's times in ticks since the run's first frame."""

    dts: int
    pts: int


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T]):
    item: T
    dts: int | None
    pts: int
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

    def push(self, item: T, dts: int | None, pts: int, arrived: int) -> list[tuple[T, Stamp]] | None:
        """The items whose times are now known, in order; None when this one belongs to a new run.

        `dts` and `pts` are the camera's, `arrived` our own monotonic time, all in ticks.
        """
        if self._head is not None:
            self._head.append(_Waiting(item, dts, pts, arrived))
            known = sum(waiting.dts is not None for waiting in self._head)
            # Two known times after unknown ones: by then the smallest step between pictures has been seen as well.
            enough = known == len(self._head) or known >= 2 or len(self._head) >= _MOST_WAITING
            return self._release(self._head) if enough else []
        stamp = self._stamp(dts, pts, arrived)
        return None if stamp is None else [(item, stamp)]

    def flush(self) -> list[tuple[T, Stamp]]:
        """What still waits, when the connection ends before enough was known."""
        return self._release(self._head) if self._head else []

    def _release(self, head: list[_Waiting[T]]) -> list[tuple[T, Stamp]]:
        self._head = None
        steps = [b - a for a, b in pairwise(sorted(waiting.pts for waiting in head)) if b > a]
        step = min(steps, default=_USUAL_STEP)
        index = next((i for i, waiting in enumerate(head) if waiting.dts is not None), None)
        if index is None:
            index, known = len(head) - 1, min(waiting.pts for waiting in head)
        else:
            known = head[index].dts or 0
        self._shift = index * step - known
        out: list[tuple[T, Stamp]] = []
        for i, waiting in enumerate(head):
            dts = known - (index - i) * step if waiting.dts is None else waiting.dts
            stamp = self._stamp(dts, waiting.pts, waiting.arrived)
            if stamp is not None:
                out.append((waiting.item, stamp))
        return out

    def _stamp(self, dts: int | None, pts: int, arrived: int) -> Stamp | None:
        since = max(arrived - self._last_arrived, _NUDGE)
        self._last_arrived = arrived
        if dts is None:
            # The camera was found to reorder more than it was known to: our own clock says when it was.
            self.repaired += 1
            self._last += min(since, TICKS_PER_S)
            return Stamp(self._last, max(self._last, pts + self._shift))
        out = dts + self._shift
        jump = out - self._last
        if self._last >= 0 and (jump < -_JUMP or (jump > _JUMP and since < jump // 2)):
            return None
        if out <= self._last:
            out = self._repair(out, dts, since)
        else:
            self._backward = 0
        self._last = out
        later = pts - dts
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
