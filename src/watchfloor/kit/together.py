"""What many ask one by one, asked of somebody in rounds: each for all who came since the last. It remembers nothing: every answer
is younger than its question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Final, Generic, TypeVar

from watchfloor.kit.clock import Clock

K = TypeVar("K")
V = TypeVar("V")
EVERY_S: Final = 0.02


class Together(Generic[K, V]):
    """Rounds begin `every_s` apart at the least: who asks in a quiet moment is asked for at once. With `one_by_one` none begins before
    the one before it is over.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        clock: Clock,
        *,
        every_s: float = EVERY_S,
        one_by_one: bool = False,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._every_s = every_s
        self._turn = asyncio.Lock() if one_by_one else nullcontext()
        self._began_at = -every_s
        self._coming: tuple[dict[K, None], asyncio.Task[Mapping[K, V]]] | None = None

    async def of(self, key: K) -> V | None:
        """The answer for `key`; None where the round found none. What asking raises is raised to each who waits for that round."""
        return (await self.of_all((key,))).get(key)

    async def of_all(self, keys: Iterable[K]) -> Mapping[K, V]:
        """The same for several in one round, with what others asked for in it."""
        if self._coming is None:
            coming: dict[K, None] = {}
            self._coming = coming, asyncio.create_task(self._round(coming))
        coming, round_of_all = self._coming
        coming.update(dict.fromkeys(keys))
        # Who gives up waiting ends the round for nobody else.
        return await asyncio.shield(round_of_all)

    async def _round(self, keys: dict[K, None]) -> Mapping[K, V]:
        pause = self._began_at + self._every_s - self._clock.monotonic()
        if pause > 0:
            await self._clock.sleep(pause)
        async with self._turn:
            self._coming = None
            self._began_at = self._clock.monotonic()
            return await self._ask(list(keys))
