"""What many ask one by one, asked of somebody in rounds: each for all who came since the last. It remembers nothing: every answer
is younger than its question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from watchfloor.kit.clock import Clock

K = TypeVar("K")
V = TypeVar("V")
EVERY_S: Final = 0.02


class Together(Generic[K, V]):
    """Rounds begin `every_s` apart at the least: who asks in a quiet moment is asked for at once."""

    def __init__(
        self,
        ask: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]],
        clock: Clock,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._every_s = every_s
        self._began_at = -every_s
        self._coming: tuple[dict[K, None], asyncio.Task[Mapping[K, V]]] | None = None

    async def of(self, key: K) -> V | None:
        """The answer for `key`; None where the round found none. What asking raises is raised to each who waits for that round."""
        if self._coming is None:
            keys: dict[K, None] = {}
            self._coming = keys, asyncio.create_task(self._round(keys))
        keys, round_of_all = self._coming
        keys[key] = None
        # Who gives up waiting ends the round for nobody else.
        return (await asyncio.shield(round_of_all)).get(key)

    async def _round(self, keys: dict[K, None]) -> Mapping[K, V]:
        pause = self._began_at + self._every_s - self._clock.monotonic()
        if pause > 0:
            await self._clock.sleep(pause)
        self._coming = None
        self._began_at = self._clock.monotonic()
        return await self._ask(list(keys))
