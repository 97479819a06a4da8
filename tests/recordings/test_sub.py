"""A sub stream is watched like the main one: a silent one is opened again, and none outlives those who look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from watchfloor.cameras.source import CameraSource
from watchfloor.cameras.state import CameraStatus, Status
from watchfloor.recordings.post import Post
from watchfloor.recordings.sub import GOODBYE_S, SubStream
from watchfloor.recordings.tap import TapSink


class Thread:
    """A camera's thread that sends nothing: it ends when it is woken, not when it is asked to."""

    def __init__(self) -> None:
        self.alive, self.asked, self.watched = True, False, 0

    def start(self) -> None: ...

    def stop(self) -> None:
        self.asked = True

    def watch(self, now: float) -> None:
        self.watched += 1

    def wake(self) -> None:
        self.alive = False


class Bench:
    """A sub stream and the threads that it made."""

    def __init__(self) -> None:
        self.threads: list[Thread] = []
        self.stream = SubStream(lambda: cast("TapSink", _Sink()), self._make, lambda sink, status: None)

    def _make(self, sink: TapSink, report: Callable[[Status], None]) -> CameraSource:
        self.threads.append(Thread())
        return cast("CameraSource", self.threads[-1])


class _Sink:
    """Gives to nobody."""

    def __init__(self) -> None:
        self.camera = UUID(int=1)

    def join(self, give: Any) -> None: ...

    def leave(self, give: Any) -> None: ...


def test_a_sub_stream_that_sends_nothing_is_noticed_and_its_thread_does_not_linger() -> None:
    bench = Bench()

    def give(data: bytes) -> bool:
        return True

    looking = cast("Any", give)
    bench.stream.watch(0.0)
    assert bench.threads == []
    bench.stream.join(looking)
    bench.stream.watch(1.0)
    (first,) = bench.threads
    assert first.watched == 1
    first.alive = False  # it ended by itself
    bench.stream.watch(2.0)
    second = bench.threads[1]
    bench.stream.leave(looking)
    assert second.asked and not bench.stream.open
    bench.stream.watch(10.0)
    assert second.alive, "it has its time to say goodbye to the camera"
    bench.stream.watch(10.0 + GOODBYE_S + 0.1)
    assert not second.alive and len(bench.threads) == 2


def test_a_thread_that_is_halted_while_its_partner_says_no_is_woken_once_or_not_at_all() -> None:
    """The partner is asked in a thread of its own; meanwhile the loop takes the camera's thread away."""

    class Halting:
        at_site = False

        def __init__(self) -> None:
            self.left: list[Thread] = [Thread()]
            (self.thread,) = self.left

        @property
        def _source(self) -> Thread | None:
            return self.left.pop() if self.left else None

    halting = Halting()
    Post._site_said(cast(Any, halting), CameraStatus.NOT_LENT, "County does not lend it.")
    assert not halting.thread.alive and not halting.left
