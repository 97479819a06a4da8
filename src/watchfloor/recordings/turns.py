"""Whose turn it is on the way to a page: the first picture of every camera that it asks for goes before the other pictures of any.

It holds nobody up for long: a camera whose first picture does not come, from a site or a slow store, is not waited for.
"""

from __future__ import annotations

import asyncio
from typing import Final

_WAITS_S: Final = 0.15


class FirstPictures:
    """The looks of one page whose first picture has not gone since it was asked for."""

    def __init__(self, waits_s: float = _WAITS_S) -> None:
        self._waits_s = waits_s
        self._asked: set[int] = set()
        self._all_gone = asyncio.Event()
        self._all_gone.set()

    def asked(self, look: int) -> None:
        """Pictures of this look are wanted, and nothing of them has gone."""
        self._asked.add(look)
        self._all_gone.clear()

    def gone(self, look: int) -> None:
        """Its first picture has gone, or none will."""
        self._asked.discard(look)
        if not self._asked:
            self._all_gone.set()

    async def others(self) -> None:
        """Until those of all others have gone, or that has taken long enough."""
        try:
            async with asyncio.timeout(self._waits_s):
                await self._all_gone.wait()
        except TimeoutError:
            pass
