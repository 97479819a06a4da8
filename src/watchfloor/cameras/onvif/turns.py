"""Devices are asked many at once, so many and no more: one that never answers keeps its own place, and holds up no other.

It knows neither what is asked nor where it is kept that somebody was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger

T = TypeVar("T")
Take = Callable[[UUID, int], Awaitable[Sequence[T]]]
_log = logger("devices")


class Turns(Generic[T]):
    """Asks those that are due: `take` gives at most so many of an agency, `ask` asks one. `what` is said where neither is possible."""

    def __init__(
        self, take: Take[T], ask: Callable[[UUID, T], Awaitable[None]], most: int, what: str
    ) -> None:
        self._take, self._ask, self._most, self._what = take, ask, most, what
        self._asking: set[asyncio.Task[None]] = set()

    async def begin(self, agency: UUID) -> int:
        """Begin with those that are due, as far as there is room; how many. Raises what an earlier one ended in, if that is a bug."""
        for task in [one for one in self._asking if one.done()]:
            self._asking.discard(task)
            try:
                task.result()
            except WatchfloorError as error:
                _log.warning(self._what, why=error.detail)
        room = self._most - len(self._asking)
        due = await self._take(agency, room) if room > 0 else ()
        self._asking |= {asyncio.create_task(self._ask_one(agency, one)) for one in due}
        return len(due)

    async def all_done(self) -> None:
        """Wait until all that were begun are done. Raises what one of them ended in."""
        asking, self._asking = self._asking, set()
        await asyncio.gather(*asking)

    async def watch(self, clock: Clock, agencies: Sequence[UUID], every_s: float) -> None:
        """Ask whoever is due, for ever."""
        try:
            while True:
                for agency in agencies:
                    try:
                        await self.begin(agency)
                    except WatchfloorError as error:
                        _log.warning(self._what, why=error.detail)
                await clock.sleep(every_s)
        finally:
            for task in self._asking:
                task.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    async def _ask_one(self, agency: UUID, one: T) -> None:
        await self._ask(agency, one)
