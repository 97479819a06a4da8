"""Running a process: until it is told to end, with its loops beside it. It knows no loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager


async def until_told(running: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run until SIGTERM or SIGINT sets the event that `running` is given."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await running(stop)


async def cancelled(tasks: Iterable[asyncio.Task[object]]) -> None:
    """Cancel, and wait until all have ended."""
    left = set(tasks)
    while left:
        # Again and again: a wait with a time-out can swallow a cancellation (CPython issue 86296).
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1.0)


async def side_by_side(*works: Coroutine[object, None, None]) -> None:
    """Run all side by side to their end. The first that fails ends the others; its error is raised once they have ended."""
    tasks = [asyncio.create_task(work, name=getattr(work, "__qualname__", "work")) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        await cancelled(tasks)


@asynccontextmanager
async def beside(*works: Coroutine[object, None, None]) -> AsyncIterator[None]:
    """Run loops beside the block; one that ends in an error ends the block, and its error is raised."""
    owner = asyncio.current_task()
    tasks = [asyncio.create_task(work, name=getattr(work, "__qualname__", "loop")) for work in works]
    ending = False

    def ended(task: asyncio.Task[None]) -> None:
        if not ending and not task.cancelled() and task.exception() is not None and owner is not None:
            owner.cancel()

    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        ending = True
        await cancelled(tasks)
        for task in tasks:
            error = None if task.cancelled() else task.exception()
            if isinstance(error, Exception):
                raise error
