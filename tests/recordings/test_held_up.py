"""A recorder whose reading thread hangs gives its cameras up; one that was only slow goes on."""

from __future__ import annotations

import asyncio
import threading

from tests.recordings.center import until_no
from watchfloor.cameras.follow import Follower
from watchfloor.kit.clock import SystemClock
from watchfloor.recordings.held_up import AFTER_S, HeldUp


class Disk:
    """What a write waits for."""

    def __init__(self) -> None:
        self.hangs, self._answers = threading.Event(), threading.Event()

    def write(self) -> None:
        self.hangs.set()
        self._answers.wait(30)

    def answer(self) -> None:
        self._answers.set()


async def _nothing() -> None:
    pass


async def _hung(follower: Follower) -> Disk:
    disk = Disk()
    follower.loop.call_soon_threadsafe(disk.write)
    await asyncio.to_thread(disk.hangs.wait, 30)
    return disk


class Quick(SystemClock):
    """Time that passes fifty times as fast."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 50)


async def test_it_gives_up_while_it_ends_too() -> None:
    """What ends a recorder waits for the thread: another took its spool, and the thread hung meanwhile."""
    gave_up, disk = asyncio.Event(), Disk()

    def gives_up() -> None:
        gave_up.set()
        disk.answer()

    with Follower(SystemClock()) as follower:
        await follower.run(_nothing())
        held = HeldUp(follower, AFTER_S / 4, gives_up)
        follower.loop.call_soon_threadsafe(disk.write)
        async with asyncio.timeout(10):
            await held.through(follower.run(_nothing()), Quick())
    assert gave_up.is_set()


async def test_it_gives_up_when_the_thread_that_reads_hangs_and_not_before() -> None:
    gave_up: list[bool] = []
    with Follower(SystemClock()) as follower:
        held = HeldUp(follower, AFTER_S / 4, lambda: gave_up.append(True))
        for _ in range(9):
            await held.look()
        assert not gave_up, "no camera was ever read"
        await follower.run(_nothing())
        disk = await _hung(follower)
        had = follower.read_until
        for _ in range(3):
            await held.look()
        disk.answer()
        assert not gave_up, "it was slow for a moment"
        await until_no(lambda: follower.read_until == had)
        disk = await _hung(follower)
        for _ in range(4):
            await held.look()
        assert not gave_up, "counted anew, for it came further"
        await held.look()
        disk.answer()
        assert gave_up == [True]
