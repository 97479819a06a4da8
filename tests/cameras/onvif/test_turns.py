"""Devices are asked many at once and never more than that; one that never answers keeps its own place and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from watchfloor.cameras.onvif.turns import Turns
from watchfloor.cameras.onvif.work import Aside
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.kit.errors import Unavailable

AGENCY = UUID(int=1)


class Street:
    """Devices that are due once each, and how many are asked at one time."""

    def __init__(self, due: int, *, hang: int = 0) -> None:
        self.left, self.hang = list(range(due)), hang
        self.answered: list[int] = []
        self.now = self.most = 0
        self.away = False

    async def take(self, agency: UUID, most: int) -> Sequence[int]:
        if self.away:
            raise Unavailable("The database does not answer.")
        taken, self.left = self.left[:most], self.left[most:]
        return taken

    async def ask(self, agency: UUID, one: int) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await (asyncio.Event().wait() if one < self.hang else SystemClock().sleep(0))
            self.answered.append(one)
        finally:
            self.now -= 1


async def test_those_that_hang_keep_their_own_places_and_no_others() -> None:
    street, clock = Street(40, hang=3), ManualClock(datetime(2026, 6, 1, tzinfo=UTC))
    watching = asyncio.create_task(Turns(street.take, street.ask, 5, "they wait").watch(clock, [AGENCY], 1.0))
    await clock.advance(timedelta(seconds=20))
    assert sorted(street.answered) == list(range(3, 40)) and (street.most, street.now) == (5, 3)
    street.away, street.left = True, [99]
    await clock.advance(timedelta(seconds=3))
    street.away = False
    await clock.advance(timedelta(seconds=2))
    assert street.answered[-1] == 99, "it goes on when the database is back"
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert street.now == 0, "and leaves nothing behind"


async def test_a_bug_is_raised_where_the_loop_is_watched() -> None:
    async def broken(agency: UUID, one: int) -> None:
        raise KeyError(one)

    turns, clock = (
        Turns(Street(1).take, broken, 5, "they wait"),
        ManualClock(datetime(2026, 6, 1, tzinfo=UTC)),
    )
    watching = asyncio.create_task(turns.watch(clock, [AGENCY], 1.0))
    await clock.advance(timedelta(seconds=2))
    with pytest.raises(KeyError):
        await watching


async def test_hundreds_of_talks_wait_at_once_in_one_thread_and_end_with_whoever_gave_up() -> None:
    aside, waiting, ended = Aside("tried"), 0, 0
    all_there = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def talk() -> None:
        nonlocal waiting, ended
        waiting += 1
        if waiting == 300:
            loop.call_soon_threadsafe(all_there.set)
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1

    talks = [asyncio.create_task(aside.do(talk)) for _ in range(300)]
    await asyncio.wait_for(all_there.wait(), 60)
    for one in talks:
        one.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    for _ in range(3):  # each is told on its own loop
        await aside.do(lambda: SystemClock().sleep(0))
    assert ended == 300
