"""Talks with devices run in a few threads, each on a loop of its own: SOAP is CPU, and live pictures pass the server's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
_ASKING: Final = ThreadPoolExecutor(4, thread_name_prefix="onvif")
# Apart, so that no device that takes its time to say what it is keeps another from being stopped.
_TURNING: Final = ThreadPoolExecutor(4, thread_name_prefix="onvif-turn")


async def in_thread(work: Callable[[], Coroutine[object, None, T]], *, turning: bool = False) -> T:
    """Do it in one of the threads, and wait without holding up anything else."""
    threads = _TURNING if turning else _ASKING
    return await asyncio.get_running_loop().run_in_executor(threads, lambda: asyncio.run(work()))
