"""Where the pictures of one stream go on an edge box: to the center while it may, or nowhere. It stands behind a camera's thread.

It decides nothing: it is told what it may do, and every picture is held against that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from watchfloor.cameras.boxes import wire
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import Frame, Run

_LARGEST_GOP: Final = 8 * 1024 * 1024

Send = Callable[[bytes], None]


class Outlet:
    """One stream's sink."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._send: Send | None = None
        self._run: Run | None = None
        self._seq = 0
        self._told_run = False
        self._gop: list[Frame] = []
        self._gop_bytes = 0

    def to_center(self, send: Send | None) -> None:
        """From now on to the center, beginning with the group of pictures at hand; None: no more, from the next picture on."""
        with self._lock:
            if send is None or self._send is not None:
                self._send = send
                return
            self._send, self._told_run = send, False
            for frame in self._gop:
                self._out(frame)

    def close(self) -> None:
        """Nothing may be sent, and nothing stays in memory."""
        with self._lock:
            self._send, self._gop, self._gop_bytes = None, [], 0

    # -- in the camera's thread

    def begin(self, run: Run) -> None:
        """A run begins."""
        with self._lock:
            self._run, self._told_run = run, False
            self._gop, self._gop_bytes = [], 0

    def frame(self, frame: Frame) -> None:
        """One picture."""
        with self._lock:
            if frame.key:
                self._gop, self._gop_bytes = [], 0
            if frame.key or self._gop:
                self._gop.append(frame)
                self._gop_bytes += len(frame.data)
                if self._gop_bytes > _LARGEST_GOP:
                    self._gop, self._gop_bytes = [], 0
            self._out(frame)

    def end(self, status: CameraStatus | None) -> None:
        """The run is over."""
        with self._lock:
            self._run, self._gop, self._gop_bytes = None, [], 0

    def _out(self, frame: Frame) -> None:
        if self._send is None or self._run is None:
            return
        if not self._told_run:
            if not frame.key:
                return  # whoever has not seen the keyframe can do nothing with it
            self._told_run = True
            self._send(wire.run_frame(self._run))
        self._seq += 1
        self._send(wire.picture_frame(self._run.number, self._seq, frame))
