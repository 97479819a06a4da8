"""Of the cameras of a page the first pictures go before all others, and none is waited for in vain."""

from __future__ import annotations

import asyncio

from watchfloor.recordings.turns import FirstPictures


async def test_other_pictures_wait_until_every_camera_has_its_first() -> None:
    first = FirstPictures(60.0)
    for look in (1, 2, 3):
        first.asked(look)
    first.gone(1)
    first.gone(2)
    waiting = asyncio.create_task(first.others())
    done, _ = await asyncio.wait({waiting}, timeout=0.02)
    assert not done
    first.gone(3)
    await waiting
    first.asked(2)  # moved on, it waits for a first picture again
    done, _ = await asyncio.wait({asyncio.create_task(first.others())}, timeout=0.02)
    assert not done
    first.gone(2)


async def test_a_camera_that_brings_nothing_holds_the_others_for_a_moment_only() -> None:
    first = FirstPictures(0.0)
    first.asked(1)
    first.asked(2)
    first.gone(1)
    await first.others()
    first.gone(2)
    first.gone(2)  # it ended, and was told so already
    await FirstPictures().others()  # of nobody
