"""Partitions of (rule, day): made ahead, once, by whoever comes first."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from tests.fixtures.engines import Dsns
from watchfloor.kit.errors import Invalid
from watchfloor.storage.database import Database
from watchfloor.storage.partitions import (
    Partition,
    days_ahead,
    ensure,
    missing,
    parse,
    present,
    tables_by_rule,
    wanted,
)

LATE = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def test_days_run_from_yesterday_to_the_day_after_tomorrow_over_the_end_of_a_year() -> None:
    assert days_ahead(LATE) == [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2)]
    assert days_ahead(LATE, behind=0, ahead=1) == [date(2026, 12, 31), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("name", "partition"),
    [
        ("plate_read_r3_20261122", Partition("plate_read", 3, date(2026, 11, 22))),
        ("segment_r12_20270101", Partition("segment", 12, date(2027, 1, 1))),
        ("plate_read_r3", None),
        ("plate_read", None),
        ("person_of_r3_2026", None),
        ("nothing_r3_20261122", None),
    ],
)
def test_a_name_says_its_rule_and_day(name: str, partition: Partition | None) -> None:
    assert parse(name) == partition
    assert partition is None or partition.name == name


def test_a_day_that_the_calendar_lacks_is_refused() -> None:
    with pytest.raises(Invalid, match="does not exist"):
        parse("plate_read_r3_20260231")


def test_every_table_gets_every_rule_and_day() -> None:
    assert len(wanted(["a", "b"], [1, 2], [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)])) == 12


async def test_they_are_made_once_and_a_row_of_each_day_has_its_place(dsns: Dsns, database: Database) -> None:
    days = days_ahead(LATE)
    async with database.transaction() as connection:
        tables = await tables_by_rule(connection)
        made = await ensure(connection, [1, 2], days)
    assert len(made) == len(tables) * 2 * len(days)
    async with database.transaction() as connection:
        assert await ensure(connection, [1, 2], days) == []
        assert await missing(connection, [1, 2], days) == []
        assert set(made) <= await present(connection)
    with psycopg.connect(dsns.owner) as owner:
        bounds = (
            "select pg_get_expr(relpartbound, oid) from pg_class where relname = 'plate_read_r1_20261231'"
        )
        row = owner.execute(bounds).fetchone()
    assert row is not None
    assert "2026-12-31 00:00:00+00" in row[0]
    assert "2027-01-01 00:00:00+00" in row[0]


async def test_several_makers_at_once_make_each_once(
    dsns: Dsns, database: Database, sweep_database: Database
) -> None:
    async def make(maker: Database) -> int:
        async with maker.transaction() as connection:
            return len(await ensure(connection, [7], days_ahead(LATE)))

    counts = await asyncio.gather(make(database), make(sweep_database), make(database))
    assert sorted(counts)[:2] == [0, 0]
    assert max(counts) > 0


async def test_a_writer_in_the_middle_of_its_transaction_keeps_nobody_from_making_room(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await ensure(connection, [5], [LATE.date()])
    async with database.transaction() as writing:
        await writing.execute("select count(*) from segment")
        # Behind a lock the procedure would give up after five seconds.
        async with database.transaction() as connection:
            made = await ensure(connection, [5], [LATE.date() - timedelta(days=9)])
    assert "segment_r5_20261222" in {partition.name for partition in made}


async def test_only_tables_that_are_kept_by_rule_have_partitions(dsns: Dsns, database: Database) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="not kept by rule"):
        async with database.transaction() as connection:
            await connection.execute("call wf_partition_create('person', 1::smallint, '2026-11-22')")
