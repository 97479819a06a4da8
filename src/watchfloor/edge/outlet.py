"""Where the pictures of one stream go on an edge box: to the center, into the ring, or nowhere. It stands behind a camera's thread.

It decides nothing: it is told what it may do. By groups of pictures, so that what the center gets begins with a keyframe and what it
did not get is kept from one on.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from watchfloor.cameras.boxes import wire
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run

# A group longer than this is kept in parts.
_LARGEST: Final = 4 * 1024 * 1024
# A connection that is lost is noticed some seconds later: what was sent meanwhile is kept then.
_RECENT_TICKS: Final = 12 * TICKS_PER_S
_RECENT_BYTES: Final = 6 * 1024 * 1024

Send = Callable[[bytes], None]
Keep = Callable[[Run, Sequence[Frame]], None]


@dataclass(slots=True)
class _Group:
    run: Run
    frames: list[Frame] = field(default_factory=list)
    size: int = 0
    sent: bool = True


class Outlet:
    """One stream's sink. `keep` takes what the center did not get, where that may be kept at all."""

    def __init__(self, keep: Keep | None = None, recent_bytes: int = _RECENT_BYTES) -> None:
        """`recent_bytes`: so much of what was just sent is remembered at most."""
        self._recent_bytes = min(recent_bytes, _RECENT_BYTES)
        self._lock = threading.Lock()
        self._keep = keep
        self._send: Send | None = None
        self._keeping = False
        self._run: Run | None = None
        self._seq = 0
        self._told_run = False
        self._group: _Group | None = None
        self._recent: deque[_Group] = deque()

    def may_keep(self, *, on: bool) -> None:
        """Whether what the center does not get may be kept, from this picture on."""
        with self._lock:
            if on and not self._keeping and self._group is not None and not self._group.sent:
                self._group = None  # its beginning was before it may be kept
            if self._keeping and not on:
                self._recent.clear()
                if self._group is not None:
                    self._group.sent = True  # its beginning may have been kept, no more of it is
            self._keeping = on and self._keep is not None

    def to_center(self, send: Send | None) -> None:
        """From now on to the center, beginning with the group of pictures at hand; None: no more, from the next picture on."""
        with self._lock:
            if send is None or self._send is not None:
                self._send = send
                return
            self._send, self._told_run = send, False
            if self._group is not None and self._group.frames and self._group.frames[0].key:
                for frame in self._group.frames:
                    self._out(frame)
                self._group.sent = True

    def lost(self) -> None:
        """The connection is lost: nobody knows what of the last seconds arrived, so it is kept."""
        with self._lock:
            self._send = None
            while self._recent:
                self._to_ring(self._recent.popleft())
            if self._group is not None:
                self._group.sent = False

    def close(self) -> None:
        """Nothing may be sent or kept, and nothing stays in memory."""
        with self._lock:
            self._send, self._group, self._keeping = None, None, False
            self._recent.clear()

    # -- in the camera's thread

    def begin(self, run: Run) -> None:
        """A run begins."""
        with self._lock:
            self._done()
            self._run, self._told_run = run, False

    def frame(self, frame: Frame) -> None:
        """One picture."""
        with self._lock:
            if self._run is None:
                return
            if frame.key or (self._group is not None and self._group.size > _LARGEST):
                self._done()
                self._group = _Group(self._run)
            if self._group is None:
                return  # until the next keyframe: whoever has not seen one can do nothing with the rest
            self._group.frames.append(frame)
            self._group.size += len(frame.data)
            if not self._out(frame):
                self._group.sent = False

    def end(self, status: CameraStatus | None) -> None:
        """The run is over."""
        with self._lock:
            self._done()
            self._run = None

    def _done(self) -> None:
        """A group of pictures is complete."""
        group, self._group = self._group, None
        if group is None or not group.frames or not self._keeping:
            return
        if not group.sent:
            self._to_ring(group)
            return
        self._recent.append(group)
        newest = group.frames[-1].dts
        while self._recent and (
            sum(one.size for one in self._recent) > self._recent_bytes
            or (self._recent[0].run is group.run and newest - self._recent[0].frames[0].dts > _RECENT_TICKS)
        ):
            self._recent.popleft()

    def _to_ring(self, group: _Group) -> None:
        if self._keep is not None and self._keeping and group.frames:
            self._keep(group.run, group.frames)

    def _out(self, frame: Frame) -> bool:
        """Send it, where somebody takes it; whether it was sent."""
        if self._send is None or self._run is None:
            return False
        if not self._told_run:
            if not frame.key:
                return False
            self._told_run = True
            self._send(wire.run_frame(self._run))
        self._seq += 1
        self._send(wire.picture_frame(self._run.number, self._seq, frame))
        return True
