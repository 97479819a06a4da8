"""A recorder whose reading thread hangs, on a disk that does not answer: it records nothing, and gives its cameras up.

One thread reads and writes for all cameras of a recorder. While it waits for a disk, what comes waits in the sockets; longer than cameras
and their connections put up with, nothing is kept of what they send, and nobody may go on to be told that it is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.follow import Follower
from watchfloor.kit.clock import Clock
from watchfloor.kit.logs import logger

AFTER_S: Final = 10.0
_log = logger("recordings.record")


def give_up() -> None:
    """End this process at once: the thread cannot be ended, and its cameras are taken by another, or by the next of this name."""
    _log.error("the thread that records hangs; this recorder ends", alarm=True, after_s=AFTER_S)
    os._exit(70)


@dataclass(slots=True)
class HeldUp:
    """Looks whether the reading thread goes on. Counted in looks, not by a clock: while all of this process stands nobody looks."""

    follower: Follower
    every_s: float
    give_up: Callable[[], None]
    _read_until: float = -1.0
    _looks: int = 0

    async def look(self) -> None:
        """Every `every_s`. Gives up where the thread has come no further for `AFTER_S`."""
        now = self.follower.read_until
        self._looks = self._looks + 1 if self.follower.begun and now == self._read_until else 0
        self._read_until = now
        if self._looks * self.every_s >= AFTER_S:
            self.give_up()

    async def through(self, work: Awaitable[None], clock: Clock) -> None:
        """Look while this goes on: a recorder that ends waits for the thread too, for ever where that hangs."""
        looking = asyncio.create_task(self._goes_on(clock))
        try:
            await work
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _goes_on(self, clock: Clock) -> None:
        while True:
            await clock.sleep(self.every_s)
            await self.look()
