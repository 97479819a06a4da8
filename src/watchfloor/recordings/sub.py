"""A camera's sub stream, for whoever watches it small: opened with the first who joins, closed when the last has left.

It is never recorded, and it asks nobody: whoever may tap the camera may tap this, and `stop` ends it with the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from watchfloor.cameras.source import CameraSource
from watchfloor.cameras.state import Status
from watchfloor.cameras.wire import EndNote
from watchfloor.recordings.tap import Give, TapSink

GOODBYE_S: Final = 2.0
# Makes the thread of a sub stream, not started: frames go to the sink, states to the other.
Open = Callable[[TapSink, Callable[[Status], None]], CameraSource]


class SubStream:
    """The sub stream of one camera. Each opening has a thread and a sink of its own: a former one gives to nobody."""

    def __init__(
        self, make_sink: Callable[[], TapSink], make_source: Open, say: Callable[[TapSink, Status], None]
    ) -> None:
        self._make_sink, self._make_source, self._say = make_sink, make_source, say
        self._lock = threading.Lock()
        self._takers: list[Give] = []
        self._sink: TapSink | None = None
        self._source: CameraSource | None = None
        self._left: list[tuple[CameraSource, float | None]] = []

    @property
    def open(self) -> bool:
        """Whether it is open, or being opened."""
        return self._source is not None

    def join(self, give: Give) -> None:
        """Begin to give: what is known, then what comes."""
        with self._lock:
            self._takers.append(give)
            if self._sink is None:
                self._sink = self._make_sink()
                self._open(self._sink)
            self._sink.join(give)

    def leave(self, give: Give) -> None:
        """Give no more; with the last who leaves the stream is closed."""
        with self._lock:
            if give not in self._takers:
                return
            self._takers.remove(give)
            if self._sink is not None:
                self._sink.leave(give)
            if not self._takers:
                self._close()

    def stop(self, note: EndNote) -> None:
        """It is over for everybody."""
        with self._lock:
            self._takers = []
            if self._sink is not None:
                self._sink.stop(note)
            self._close()

    def watch(self, now: float) -> None:
        """The watchdog, about once a second: a stream without pictures is opened again, and none goes on after its end."""
        with self._lock:
            if self._source is not None:
                self._source.watch(now)
                if not self._source.alive and self._sink is not None:
                    self._open(self._sink)
            self._left = [(source, now if at is None else at) for source, at in self._left if source.alive]
            for source, at in self._left:
                if at is not None and now - at > GOODBYE_S:
                    source.wake()  # it sends nothing, so that its thread does not see that it is to end

    def _open(self, sink: TapSink) -> None:
        self._source = self._make_source(sink, lambda status: self._say(sink, status))
        self._source.start()

    def _close(self) -> None:
        source, self._source, self._sink = self._source, None, None
        if source is not None:
            source.stop()  # its thread says goodbye to the camera at the next packet
            self._left.append((source, None))
