"""A process says that it goes on, and whoever started it hears that, and when it does no more."""

from __future__ import annotations

import asyncio
import os

from watchfloor.kit.beat import Beats, beat
from watchfloor.kit.clock import SystemClock

CLOCK = SystemClock()


async def _until_heard(beats: Beats) -> None:
    async with asyncio.timeout(60):
        while not beats.heard():
            await CLOCK.sleep(0.01)


async def test_what_goes_on_is_heard_until_it_stands() -> None:
    beats = Beats()
    going = asyncio.create_task(beat(beats.theirs, CLOCK, every_s=0.01))
    await _until_heard(beats)
    await _until_heard(beats)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    beats.heard()
    assert not beats.heard(), "it was said before it stood"
    beats.begun()
    assert not beats.heard(), "and it is gone"
    beats.close()


async def test_nobody_has_to_listen() -> None:
    beats = Beats()
    file = os.dup(beats.theirs)
    beats.begun()
    os.set_blocking(file, False)
    while True:
        try:
            os.write(file, b"." * 65536)
        except BlockingIOError:
            break
    going = asyncio.create_task(beat(file, CLOCK, every_s=0.01))
    await CLOCK.sleep(0.05)
    assert not going.done(), "a full pipe holds nobody up"
    beats.close()
    await asyncio.wait_for(going, 60)
    os.close(file)
