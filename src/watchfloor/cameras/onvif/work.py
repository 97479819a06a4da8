"""Talks with devices run in a few threads, each on a loop of its own: SOAP is CPU, and live pictures pass the server's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
_THREADS: Final = ThreadPoolExecutor(4, thread_name_prefix="onvif")


async def in_thread(work: Callable[[], Coroutine[object, None, T]]) -> T:
    """Do it in one of the threads, and wait without holding up anything else."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, lambda: asyncio.run(work()))
