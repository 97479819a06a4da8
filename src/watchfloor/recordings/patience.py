"""How long who watches waits for stored footage, and how many readings go on at once: a store that hangs is said to, and holds up
nobody else.

A reading that hangs keeps its thread until the store answers. Only so many can: the other threads of the store go on taking what comes
in. It reads nothing itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from watchfloor.kit.errors import Unavailable

T = TypeVar("T")

# Half of the threads of a store (`storage/objects.py`).
_AT_ONCE: Final = 8
_WAITS_S: Final = 10.0


class Patience:
    """The readings of this process."""

    def __init__(self, waits_s: float = _WAITS_S, at_once: int = _AT_ONCE) -> None:
        self.waits_s = waits_s
        self._free = asyncio.Semaphore(at_once)

    async def of(self, read: Callable[[], Awaitable[T]]) -> T:
        """What is read. Raises Unavailable (`objects_slow`) once that took too long, and what `read` raises."""
        try:
            async with asyncio.timeout(self.waits_s):
                await self._free.acquire()
                going = asyncio.ensure_future(read())
                going.add_done_callback(self._over)
                # Shielded: a thread that waits for a disk cannot be called back, and its place is taken as long as it waits.
                return await asyncio.shield(going)
        except TimeoutError as error:
            raise Unavailable(
                "The store of footage takes too long to answer.",
                reason="objects_slow",
                next_step="Try again in a moment. Recording goes on meanwhile, and nothing is lost.",
                retry_after_s=5,
            ) from error

    def _over(self, done: asyncio.Future[T]) -> None:
        self._free.release()
        if not done.cancelled():
            done.exception()  # Looked at: whoever waited for it may have gone.
