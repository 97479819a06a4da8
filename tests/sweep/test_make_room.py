"""Room for late rows: made on demand by many at once, never for a day that is past."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.sweep.conftest import START, Night
from watchfloor.kit.errors import Expired, Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage.make_room import ensure_day


async def test_many_that_need_the_same_late_day_at_once_all_get_it_and_rows_go_in(night: Night) -> None:
    at = datetime.combine(night.day(20), datetime.min.time(), UTC)

    async def late() -> None:
        async with night.door.open(night.ask) as tx:
            await ensure_day(tx, "footage_gap", night.rule, night.day(20))
            await tx.execute(
                "insert into footage_gap values (%(a)s, %(r)s, %(at)s, %(at)s, %(id)s, %(a)s, %(a)s, 'no_room')",
                a=night.agency, r=night.rule, at=at, id=uuid7(START),
            )  # fmt: skip

    for _ in range(2):
        await asyncio.gather(*(late() for _ in range(4)))
    assert await night.partitions("footage_gap") == [f"footage_gap_r{night.rule}_{night.day(20):%Y%m%d}"]
    assert await night.owner("select count(*) as n from footage_gap") == [{"n": 8}]


async def test_a_writer_in_the_middle_of_its_transaction_keeps_nobody_from_making_room(night: Night) -> None:
    await night.make_days("segment", [0])
    async with night.door.open(night.ask) as writing:
        await writing.fetch("select count(*) from segment")
        async with asyncio.timeout(4), night.door.open(night.ask) as tx:
            await ensure_day(tx, "segment", night.rule, night.day(9))
    assert len(await night.partitions("segment")) == 2


@pytest.mark.parametrize(("days", "error"), [(31, Expired), (-2, Invalid)])
async def test_no_room_is_made_for_a_past_day_or_one_that_lies_ahead(
    night: Night, days: int, error: type[Exception]
) -> None:
    async with night.door.open(night.ask) as tx:
        with pytest.raises(error):
            await ensure_day(tx, "segment", night.rule, (night.clock.now() - timedelta(days=days)).date())
    assert await night.partitions("segment") == []


async def test_no_room_is_made_under_a_rule_of_nobody(night: Night) -> None:
    async with night.door.open(night.ask) as tx:
        with pytest.raises(NotFound):
            await ensure_day(tx, "segment", 99, night.day(0))
