"""One person's live view: what waits to be sent to them, and which stream feeds it.

A viewer who cannot keep up loses pictures, not time: past a second of backlog everything up to the next keyframe is
dropped, and he is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from watchfloor.cameras import wire
from watchfloor.cameras.wire import DropNote, Kind, StreamNote
from watchfloor.governance.grant import Grant

if TYPE_CHECKING:
    from watchfloor.cameras.live import Upstream

_MOST_BEHIND_US: Final = 1_000_000
_LARGEST_BACKLOG: Final = 32 * 1024 * 1024
_KEPT: Final = frozenset({Kind.INIT, Kind.STATE})


@dataclass(frozen=True, slots=True)
class _Waiting:
    data: bytes
    kind: Kind
    captured_us: int
    told: int = 0  # of a drop note: how many it tells of


class Viewer:
    """One person's view: a queue that never holds more than a second."""

    def __init__(self, grant: Grant, *, has_sub: bool = False, told_stream: bool = False) -> None:
        """With `told_stream` he is told which of the camera's streams he is shown."""
        self.grant = grant
        self.has_sub = has_sub
        self.fed: Upstream | None = None
        self.wants: Upstream | None = None
        self._told_stream = told_stream
        self.sent = 0
        self.dropped = 0
        self._queue: deque[_Waiting] = deque()
        self._opening: deque[bytes] = deque()
        self._bytes = 0
        self._dropping = 0
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many frames wait."""
        return len(self._opening) + len(self._queue)

    def opens_with(self, frames: list[bytes], *, sub: bool = False) -> None:
        """What is sent at once on joining: state, init, the group of pictures so far. It is not counted as backlog.

        What waited of another stream is of no use any more.
        """
        self._opening.clear()
        self._queue.clear()
        self._bytes = self._dropping = 0
        if self._told_stream:
            said = StreamNote("sub" if sub else "main", self.has_sub)
            self._opening.append(wire.note(Kind.STREAM, said))
        self._opening.extend(frames)
        self._wake.set()

    def offer(self, data: bytes, head: wire.LiveHead) -> None:
        """Take a frame, or drop up to the next keyframe."""
        if head.kind is Kind.FRAGMENT:
            if not self._dropping and self._behind(head.captured_us):
                self._drop_queue()
            if self._dropping and not head.key:
                self._dropping += 1
                self.dropped += 1
                return
            if self._dropping:
                note = wire.note(Kind.DROP, DropNote(self._dropping, "The connection was too slow."))
                self._push(_Waiting(note, Kind.DROP, 0, self._dropping))
                self._dropping = 0
        self._push(_Waiting(data, head.kind, head.captured_us))

    async def next(self) -> bytes:
        """The next frame to send."""
        while not self._opening and not self._queue:
            self._wake.clear()
            await self._wake.wait()
        if self._opening:
            data = self._opening.popleft()
        else:
            data = self._queue.popleft().data
            self._bytes -= len(data)
        if data[0] == Kind.FRAGMENT:
            self.sent += 1
        return data

    def _behind(self, newest_us: int) -> bool:
        oldest = next((one.captured_us for one in self._queue if one.kind is Kind.FRAGMENT), newest_us)
        return newest_us - oldest > _MOST_BEHIND_US or self._bytes > _LARGEST_BACKLOG

    def _drop_queue(self) -> None:
        """Drop the pictures that wait; of inits and states the newest is kept, and what was dropped is told once."""
        newest = {one.kind: one for one in self._queue if one.kind in _KEPT}
        pictures = sum(one.kind is Kind.FRAGMENT for one in self._queue)
        self._dropping = pictures + sum(one.told for one in self._queue)
        self.dropped += pictures
        self._queue = deque(newest.values())
        self._bytes = sum(len(one.data) for one in self._queue)

    def _push(self, waiting: _Waiting) -> None:
        self._queue.append(waiting)
        self._bytes += len(waiting.data)
        self._wake.set()
