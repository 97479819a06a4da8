"""One thread reads all cameras: none of them may cost another its pictures, and none may wait for ever."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from watchfloor.cameras.follow import Follower
from watchfloor.kit.clock import SystemClock


@pytest.fixture
def follower() -> Iterator[Follower]:
    with Follower(SystemClock()) as made:
        yield made


class Line:
    """A stream that is followed in a thread of its own, as a camera's is."""

    def __init__(
        self, follower: Follower, step: Callable[[bytes], bool], *, silent_after_s: float = 30.0
    ) -> None:
        self.camera, self._ours = socket.socketpair()
        self._ours.setblocking(False)
        self.ended: Exception | str | None = None
        self.heard = b""
        self._step, self._follower, self._silent_after_s = step, follower, silent_after_s
        self._came = threading.Condition()
        self._thread = threading.Thread(target=self._live)
        self._thread.start()

    def _live(self) -> None:
        def step() -> bool:
            data = self._ours.recv(100)
            with self._came:
                self.heard += data
                self._came.notify_all()
            return bool(data) and self._step(data)

        try:
            self._follower.follow(self._ours.fileno(), step, silent_after_s=self._silent_after_s)
            self.ended = "over"
        except (OSError, ValueError) as error:
            self.ended = error
        self._ours.close()

    def hears(self, data: bytes) -> None:
        self.camera.send(data)
        self.has_heard(data)

    def has_heard(self, data: bytes) -> None:
        with self._came:
            assert self._came.wait_for(lambda: self.heard.endswith(data), 60.0)

    def end(self) -> Exception | str | None:
        self._thread.join(5.0)
        assert not self._thread.is_alive()
        self.camera.close()
        return self.ended


def test_a_stream_that_goes_wrong_ends_alone(follower: Follower) -> None:
    def bad(data: bytes) -> bool:
        raise ValueError("no camera sends this")

    well, ill = Line(follower, lambda data: True), Line(follower, bad)
    well.hears(b"one")
    ill.hears(b"x")
    assert isinstance(ill.end(), ValueError)
    well.hears(b"two")
    well.camera.shutdown(socket.SHUT_RDWR)
    assert well.end() == "over" and well.heard == b"onetwo"


def test_a_stream_that_went_wrong_is_not_kept_in_memory(follower: Follower) -> None:
    class Pictures:
        """What a stream of a camera holds."""

    def gone_wrong() -> weakref.ref[Pictures]:
        pictures = Pictures()

        def bad(data: bytes) -> bool:
            raise ValueError("no camera sends this", pictures)

        line = Line(follower, bad)
        line.hears(b"x")
        assert isinstance(line.end(), ValueError)
        return weakref.ref(pictures)

    pictures = gone_wrong()
    well = Line(follower, bool)
    well.hears(b"the thread has gone on")
    gc.collect()
    assert pictures() is None
    well.camera.shutdown(socket.SHUT_RDWR)
    assert well.end() == "over"


def test_a_stream_that_wants_no_more_is_left(follower: Follower) -> None:
    line = Line(follower, lambda data: False)
    line.hears(b"x")
    assert line.end() == "over"


def test_a_camera_that_says_nothing_is_given_up_while_others_go_on(follower: Follower) -> None:
    silent, well = Line(follower, bool, silent_after_s=0.1), Line(follower, bool)
    assert isinstance(silent.end(), TimeoutError)
    well.hears(b"still here")
    well.camera.shutdown(socket.SHUT_RDWR)
    assert well.end() == "over"


class Ahead(SystemClock):
    """A clock that can be put ahead."""

    by = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.by


def test_what_came_while_another_was_waited_for_is_read_before_anybody_is_called_silent() -> None:
    clock = Ahead()
    with Follower(clock) as follower:
        well = Line(follower, bool, silent_after_s=5.0)
        well.hears(b"one")

        def waits(data: bytes) -> bool:
            clock.by += 60.0
            well.camera.send(b"two")
            follower.look()
            return True

        slow = Line(follower, waits, silent_after_s=600.0)
        slow.hears(b"a disk that takes a minute")
        well.has_heard(b"two")
        well.hears(b"three")
        assert well.heard == b"onetwothree"
        for line in (well, slow):
            line.camera.shutdown(socket.SHUT_RDWR)
            assert line.end() == "over"


def test_at_the_close_nobody_is_left_waiting() -> None:
    follower = Follower(SystemClock())
    line = Line(follower, bool)
    line.hears(b"x")
    follower.close()
    assert isinstance(line.end(), ConnectionAbortedError)
    late = Line(follower, bool)
    assert isinstance(late.end(), ConnectionAbortedError)


async def test_what_serves_viewers_runs_in_the_loop_that_reads(follower: Follower) -> None:
    async def where() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert await follower.run(where()) is follower.loop is not asyncio.get_running_loop()


async def test_trouble_of_the_loop_that_comes_without_an_exception_is_logged(
    follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    async def trouble() -> None:
        asyncio.get_running_loop().call_exception_handler({"message": "a task was lost"})

    await follower.run(trouble())
    assert "a task was lost" in caplog.text
