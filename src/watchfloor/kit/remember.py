"""An answer that anybody may ask for, as often as they like: what it costs is paid once in a while, by one at a time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from watchfloor.kit.clock import Clock

T = TypeVar("T")


@dataclass(slots=True)
class Remembered(Generic[T]):
    """One answer, believed for `for_s` seconds. Who asks while it is being found waits for that and asks nothing."""

    for_s: float
    _answers: list[T] = field(default_factory=list)
    _found_at: float = -math.inf
    _finding: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, find: Callable[[], Awaitable[T]], clock: Clock) -> T:
        """The answer. What `find` raises is raised to whoever waits for it, and remembered by nobody."""
        async with self._finding:
            if clock.monotonic() - self._found_at >= self.for_s:
                self._answers = [await find()]
                self._found_at = clock.monotonic()
            return self._answers[0]
