"""What `up` does with the disk of its data, in a thread of its own: while that disk does not answer, `up` goes on to watch what it runs.

It decides nothing, and gives nothing up: what waits is done once the disk answers.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Disk:
    """One thread, so that things are done in their order, and no more threads than one wait for it. It keeps no process from ending."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._work, name="disk", daemon=True).start()

    async def does(self, act: Callable[[], T]) -> T:
        """What `act` returns, or raises. Whoever waits for it may give up; it is done all the same."""

        async def done() -> T:
            return act()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(done(), self._loop))

    def _work(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def close(self) -> None:
        """Nothing more is to be done: what waits for the disk is let go."""
        self._loop.call_soon_threadsafe(self._loop.stop)
