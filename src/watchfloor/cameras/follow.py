"""One thread that reads all playing cameras of a process, with an event loop of its own: what has come is read next.

A thread for each would wake as often and hand the interpreter round each time, which costs more than the reading does. It
opens and closes no stream, and what it calls must not wait.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, Self, TypeVar

from watchfloor.kit.clock import Clock

T = TypeVar("T")

_LOOK_S: Final = 0.5
_OVER: Final = "the reading of cameras is over"


class _Followed:
    """A stream that is followed, and the thread that waits for its end."""

    def __init__(self, step: Callable[[], bool], silent_after_s: float, now: float) -> None:
        self.step, self.silent_after_s, self.heard_at = step, silent_after_s, now
        self.over = threading.Event()
        self.error: BaseException | None = None


class Follower:
    """Follows streams until `close`; its thread begins with the first. What goes out of it as it comes in runs in `loop`."""

    def __init__(self, clock: Clock) -> None:
        self.loop = asyncio.new_event_loop()
        self._clock = clock
        self._streams: dict[int, _Followed] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._handed: BaseException | None = None
        self.read_until = 0.0
        """What had come by then, by our monotonic time, has been read."""

    @property
    def begun(self) -> bool:
        """Whether its thread is there."""
        return self._thread is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def follow(self, handle: int, step: Callable[[], bool], *, silent_after_s: float) -> None:
        """Call `step` in the follower's thread whenever something has come, until it returns False. Returns then.

        Raises what `step` raised; TimeoutError when nothing has come for so long; ConnectionAbortedError at the close.
        """
        one = _Followed(step, silent_after_s, self._clock.monotonic())
        with self._lock:
            self._begun()
            self.loop.call_soon_threadsafe(self._begin, handle, one)
        one.over.wait()
        if one.error is not None:
            raise one.error

    async def run(self, work: Coroutine[object, None, T]) -> T:
        """Run this in the follower's loop and wait for it in one's own."""
        with self._lock:
            self._begun()
            running = asyncio.run_coroutine_threadsafe(work, self.loop)
        return await asyncio.wrap_future(running)

    def close(self) -> None:
        """End every stream and the thread. Not from within it."""
        with self._lock:
            closed, self._closed = self._closed, True
        if closed:
            return
        if self._thread is not None:
            self.loop.call_soon_threadsafe(self._stop)
            self._thread.join()
        self.loop.close()

    def _begun(self) -> None:
        if self._closed:
            raise ConnectionAbortedError(_OVER)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="cameras", daemon=True)
            self._thread.start()

    # -- in its own thread

    def _work(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.set_exception_handler(self._unforeseen)
        self.loop.call_later(_LOOK_S, self._look)
        self.loop.run_forever()

    def look(self) -> None:
        """Judge who has been silent for too long, once all that has come by now is read. It does so by itself every half second.

        A step may have waited, for a disk say, and what came meanwhile lies in the sockets: they are asked once more first.
        """
        self.loop.call_later(0, self._judge, self._clock.monotonic())

    def _unforeseen(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        handed, self._handed = self._handed, None  # kept longer, it would keep the stream it came from
        if handed is None or context.get("exception") is not handed:  # some trouble has no exception
            loop.default_exception_handler(context)

    def _stop(self) -> None:
        for handle in list(self._streams):
            self._end(handle, ConnectionAbortedError(_OVER))
        self.loop.stop()

    def _begin(self, handle: int, one: _Followed) -> None:
        self._streams[handle] = one
        self.loop.add_reader(handle, self._step, handle, one)

    def _step(self, handle: int, one: _Followed) -> None:
        one.heard_at = self._clock.monotonic()
        goes_on = False
        try:
            goes_on = one.step()
        finally:
            if not goes_on:
                # An error is raised in the stream's own thread, whatever it is; the others are read on.
                self._handed = sys.exception()
                self._end(handle, self._handed)

    def _look(self) -> None:
        self.loop.call_later(_LOOK_S, self._look)  # first: whatever becomes of this look, there is another
        self.look()

    def _judge(self, asked_at: float) -> None:
        """After a turn of the loop: what had come by `asked_at` has been read, and who was silent then was."""
        self.read_until = asked_at
        silent = [h for h, one in self._streams.items() if asked_at - one.heard_at > one.silent_after_s]
        for handle in silent:
            self._end(handle, TimeoutError("nothing has come for too long"))

    def _end(self, handle: int, error: BaseException | None) -> None:
        one = self._streams.pop(handle)
        self.loop.remove_reader(handle)
        one.error = error
        one.over.set()
