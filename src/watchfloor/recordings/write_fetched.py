"""Writes what was fetched of a gap as segments, through a recorder that is given. It fetches nothing and asks nobody."""

from __future__ import annotations

from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.rtsp.replay import MOST_HELD, TOO_MUCH_HELD, NotReplayed, Span
from watchfloor.cameras.stream import Frame
from watchfloor.recordings.model import GAP_FROM_US, GapReason
from watchfloor.recordings.write import Recorder


class Unwritten(Exception):
    """What is fetched cannot be stored at present: why."""

    def __init__(self, reason: GapReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Written:
    """Writes what is fetched of a span as segments, from the keyframe at or before its begin on."""

    def __init__(self, recorder: Recorder, span: Span) -> None:
        self._span, self._held, self._filled_us, self._last_us = span, list[Frame](), 0, span.begin_us
        self._held_bytes = 0
        self._recorder = recorder

    def take(self, out: NewRun | Frame) -> None:
        """A run begins, or a frame of it comes. Raises NotReplayed when no keyframe comes, or Unwritten."""
        if isinstance(out, NewRun):
            self._held, self._held_bytes = [], 0
            self._recorder.end(None)
            self._recorder.begin(out.run)
            return
        if out.key and out.captured_us <= self._span.begin_us:
            self._held, self._held_bytes = [], 0
        self._held.append(out)
        self._held_bytes += len(out.data)
        if out.captured_us >= self._span.begin_us:
            self._give()
        elif self._held_bytes > MOST_HELD:
            self._held = []
            raise NotReplayed(TOO_MUCH_HELD)

    def end(self) -> int:
        """Close what is written; how much of the span it is, in µs. What is held never reached the span, and goes."""
        self._held, self._held_bytes = [], 0
        self._recorder.end(None)
        return self._filled_us

    def _give(self) -> None:
        given, self._held, self._held_bytes = self._held, [], 0
        for frame in given:
            self._recorder.frame(frame)
            if self._recorder.trouble is not None or not self._recorder.writing:
                raise Unwritten(self._recorder.trouble or GapReason.NO_AUTHORISATION)
            if frame.captured_us >= self._span.begin_us:
                self._filled_us += min(max(frame.captured_us - self._last_us, 0), GAP_FROM_US)
                self._last_us = frame.captured_us
