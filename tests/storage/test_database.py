"""Transactions on a real PostgreSQL: whose rows, what is kept, and what is said when the server is away."""

from __future__ import annotations

import asyncio
import itertools
import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from tests.fixtures.engines import Dsns
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Conflict, Invalid, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database
from watchfloor.storage.tx import CountUnknown, Tx

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
CLOCK = SystemClock()


class Skewed(SystemClock):
    """The machine's clock, set wrong."""

    def __init__(self, off: timedelta) -> None:
        self.off = off

    def now(self) -> datetime:
        return super().now() + self.off


async def agency(dsns: Dsns, name: str) -> UUID:
    """An agency, made by the owner as at the first start."""
    made = uuid7(AT)
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        await connection.execute(
            "insert into agency values (%s, %s, 'America/Chicago', %s)", (made, name, AT)
        )
    return made


async def open_case(database: Database, of: UUID, number: str) -> None:
    async with database.transaction(agency=of) as connection:
        await connection.execute(
            "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
            " values (%s, %s, %s, 'a case', 'stolen_vehicle', %s, %s)",
            (uuid7(AT), of, number, uuid7(AT), AT),
        )


async def cases(database: Database, of: UUID | None) -> list[str]:
    async with database.transaction(agency=of, mode=READ) as connection:
        rows = await (await connection.execute("select number from case_file order by 1")).fetchall()
    return [row["number"] for row in rows]


async def test_an_agency_sees_its_own_rows_and_nobody_without_an_agency_sees_any(
    dsns: Dsns, database: Database
) -> None:
    ours, theirs = await agency(dsns, "ours"), await agency(dsns, "theirs")
    await open_case(database, ours, "1")
    await open_case(database, theirs, "2")
    assert await cases(database, ours) == ["1"]
    assert await cases(database, theirs) == ["2"]
    assert await cases(database, None) == []


async def test_a_row_cannot_be_written_for_another_agency(dsns: Dsns, database: Database) -> None:
    ours, theirs = await agency(dsns, "ours"), await agency(dsns, "theirs")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.transaction(agency=ours) as connection:
            await connection.execute(
                "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
                " values (%s, %s, '1', 't', 'p', %s, %s)",
                (uuid7(AT), theirs, uuid7(AT), AT),
            )
    assert await cases(database, theirs) == []


async def test_what_fails_halfway_is_not_kept_and_the_next_transaction_starts_clean(
    dsns: Dsns, database: Database
) -> None:
    ours = await agency(dsns, "ours")
    with pytest.raises(ValueError, match="halfway"):
        async with database.transaction(agency=ours) as connection:
            await connection.execute(
                "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
                " values (%s, %s, '1', 't', 'p', %s, %s)",
                (uuid7(AT), ours, uuid7(AT), AT),
            )
            raise ValueError("halfway")
    assert await cases(database, ours) == []
    assert await cases(database, None) == []


async def test_a_swallowed_error_is_not_taken_for_a_commit(database: Database) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        async with database.transaction() as connection:
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connection.execute("select 1/0")


async def test_how_many_rows_changed_is_known_of_each_statement_and_within_a_pipe_of_none(
    dsns: Dsns, database: Database
) -> None:
    """A count that the database has not said yet is read by nobody, in whatever way: -1 would be taken for a yes."""
    of = await agency(dsns, "St. Louis")
    async with database.transaction(agency=of) as connection:
        tx = Tx(connection, of, AT, None, of, frozenset(), "a test")
        opened: LiteralString = (
            "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
            " select %(id)s, %(of)s, n::text, 'a case', 'stolen_vehicle', %(id)s, %(at)s from generate_series(1, %(n)s) n"
            " on conflict do nothing"
        )
        rows = [{"id": uuid7(AT), "of": of, "at": AT, "n": n} for n in (1, 0, 1)]
        assert await tx.execute_many(opened, rows[:1]) == [1]
        assert await tx.execute_many("delete from case_file where number = %(n)s::text", rows) == [1, 0, 0]
        assert await tx.execute_many(opened, []) == []
        async with tx.piped():
            many, one = await tx.execute_many(opened, rows[:2]), await tx.execute(opened, **rows[1])
            assert len(many) == 2
            readings: list[Callable[[int], object]] = [
                *(bool, hash, int, str, float, operator.index, operator.neg),
                *(lambda n: n == 1, lambda n: n != 1, lambda n: n > 0, lambda n: n >= 1, lambda n: n + 1),
                *(lambda n: 1 - n, lambda n: sum([n, 2]), lambda n: f"{n} rows"),
            ]
            for count, reading in itertools.product((*many, one), readings):
                with pytest.raises(CountUnknown):
                    reading(count)
            assert (await tx.fetch("select number from case_file"))[0]["number"] == "1"
        assert await tx.execute("delete from case_file") == 1


async def test_a_reading_transaction_cannot_write(dsns: Dsns, database: Database) -> None:
    ours = await agency(dsns, "ours")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        async with database.transaction(agency=ours, mode=READ) as connection:
            await connection.execute("delete from case_file")


async def test_the_agency_of_one_transaction_does_not_stay_for_the_next(dsns: Dsns) -> None:
    ours = await agency(dsns, "ours")
    one = await Database.connect(dsns.app, role="wf_app", max_size=1)
    await open_case(one, ours, "1")
    assert await cases(one, ours) == ["1"]
    assert await cases(one, None) == []
    await one.close()


@pytest.mark.parametrize(("seconds", "side"), [(2.6, "ahead of"), (-2.6, "behind")])
async def test_a_process_whose_clock_is_off_reads_but_writes_nothing(
    dsns: Dsns, seconds: float, side: str
) -> None:
    ours = await agency(dsns, "ours")
    off = await Database.connect(dsns.app, role="wf_app", clock=Skewed(timedelta(seconds=seconds)))
    assert await cases(off, ours) == []
    with pytest.raises(Unavailable, match=side) as refused:
        await open_case(off, ours, "1")
    assert refused.value.reason == "clock_off"
    assert abs(off.clock_off.total_seconds() - seconds) < 0.5
    assert await cases(off, ours) == []
    await off.close()


async def test_a_small_difference_of_clocks_is_borne(dsns: Dsns) -> None:
    ours = await agency(dsns, "ours")
    near = await Database.connect(dsns.app, role="wf_app", clock=Skewed(timedelta(seconds=1.2)))
    await open_case(near, ours, "1")
    assert await cases(near, ours) == ["1"]
    await near.close()


async def test_connections_that_died_while_idle_are_passed_over(dsns: Dsns, database: Database) -> None:
    await asyncio.gather(*(database.now() for _ in range(6)))
    async with await psycopg.AsyncConnection.connect(dsns.superuser, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'wf_app' and datname = current_database()"
        )
    began = CLOCK.monotonic()
    await asyncio.gather(*(database.now() for _ in range(6)))
    assert CLOCK.monotonic() - began < 2.0


async def test_a_transaction_cut_off_says_the_database_is_away_and_keeps_nothing(
    dsns: Dsns, database: Database
) -> None:
    ours = await agency(dsns, "ours")
    with pytest.raises(Unavailable) as refused:
        async with database.transaction(agency=ours) as connection:
            async with await psycopg.AsyncConnection.connect(dsns.superuser, autocommit=True) as other:
                await other.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
            await connection.execute("select count(*) from case_file")
    assert refused.value.reason == "database_away"
    assert await cases(database, ours) == []


async def test_two_who_change_the_same_thing_in_opposite_order_are_told_to_try_again(
    dsns: Dsns, database: Database
) -> None:
    ours = await agency(dsns, "ours")
    await open_case(database, ours, "1")
    await open_case(database, ours, "2")
    holding = asyncio.Event(), asyncio.Event()

    async def change(first: str, then: str, mine: asyncio.Event, others: asyncio.Event) -> str:
        try:
            async with database.transaction(agency=ours) as connection:
                await connection.execute("update case_file set title = 'x' where number = %s", (first,))
                mine.set()
                await others.wait()
                await connection.execute("update case_file set title = 'x' where number = %s", (then,))
        except Conflict as error:
            return error.reason
        return "kept"

    answers = await asyncio.gather(change("1", "2", *holding), change("2", "1", *reversed(holding)))
    assert sorted(answers) == ["conflict", "kept"]


async def test_all_connections_in_use_is_said_as_busy_not_as_away(dsns: Dsns) -> None:
    narrow = await Database.connect(dsns.app, role="wf_app", max_size=1, patience_s=0.2)
    async with narrow.transaction(mode=READ):
        with pytest.raises(Unavailable) as refused:
            await narrow.now()
    assert refused.value.reason == "database_busy"
    await narrow.now()
    await narrow.close()


async def test_no_process_runs_above_row_security(dsns: Dsns) -> None:
    with pytest.raises(Invalid, match="above row security"):
        await Database.connect(dsns.superuser, role="wf_super")
    with pytest.raises(Invalid, match="not as wf_ledger"):
        await Database.connect(dsns.app, role="wf_ledger")


async def test_a_wrong_password_is_not_waited_for_long(dsns: Dsns) -> None:
    began = CLOCK.monotonic()
    with pytest.raises(Unavailable):
        await Database.connect(
            psycopg.conninfo.make_conninfo(dsns.app, password="wrong"),
            role="wf_app",
            wait_s=0.5,
            patience_s=0.5,
        )
    assert CLOCK.monotonic() - began < 5
