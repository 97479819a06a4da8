"""Work that ends when whoever asked for it is gone: a browser that left waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Final, Protocol, TypeVar

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable

T = TypeVar("T")
_LOOK_S: Final = 0.25


class Asker(Protocol):
    """A request that can say whether its client is still there."""

    async def is_disconnected(self) -> bool: ...


async def unless_gone(asker: Asker, work: Coroutine[object, object, T], clock: Clock) -> T:
    """What the work comes to. It is cancelled, and with it what it asked of the database, when its asker is gone."""
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(_gone(asker, clock))
    try:
        await asyncio.wait((task, watch), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
            raise Unavailable("Whoever asked has left.", reason="left")
        return await task
    finally:
        watch.cancel()
        if not task.done():
            task.cancel()


async def _gone(asker: Asker, clock: Clock) -> None:
    while not await asker.is_disconnected():
        await clock.sleep(_LOOK_S)
