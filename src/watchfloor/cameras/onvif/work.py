"""Talks with devices run beside the server, hundreds at once on a loop of their own: SOAP is CPU, and live pictures pass the server's loop.

A talk mostly waits for its device. What one makes of its answer is short, so that one thread serves all of them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
# Looking up the names of devices: a name server that hangs takes a thread for each.
_LOOK_UPS: Final = 32


class Aside:
    """A loop in a thread of its own, which begins with the first work and ends with the process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def do(self, work: Callable[[], Coroutine[object, None, T]]) -> T:
        """Do it there, and wait without holding up anything here. Whoever is cancelled cancels the work."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._running()))

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_default_executor(ThreadPoolExecutor(_LOOK_UPS, f"{self._name}-names"))
                threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True).start()
            return self._loop


_ASKING: Final = Aside("onvif")
# Apart, so that no device that takes its time to say what it is keeps another from being stopped.
_TURNING: Final = Aside("onvif-turn")


async def in_thread(work: Callable[[], Coroutine[object, None, T]], *, turning: bool = False) -> T:
    """Do it on one of the loops, and wait without holding up anything else."""
    return await (_TURNING if turning else _ASKING).do(work)
