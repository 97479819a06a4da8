"""What runs side by side ends together."""

from __future__ import annotations

import asyncio

import pytest

from watchfloor.kit.running import side_by_side


async def test_the_first_that_fails_ends_the_others_before_its_error_is_told() -> None:
    ended: list[str] = []

    begun = asyncio.Event()

    async def works_on() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.append("the other")

    async def fails() -> None:
        await begun.wait()
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await side_by_side(works_on(), fails())
    assert ended == ["the other"]


async def test_each_goes_on_while_another_waits() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def waits_for_the_other() -> None:
        await first.wait()
        second.set()

    async def is_waited_for() -> None:
        first.set()
        await second.wait()

    await side_by_side(waits_for_the_other(), is_waited_for())
    assert second.is_set()
