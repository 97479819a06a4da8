"""What PostgreSQL says when it cannot is told apart: who waits, who makes room and who mends a password read different sentences."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.fixtures.engines import Dsns
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Crossed, Full, Unavailable, WatchfloorError
from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database
from watchfloor.storage.plainly import said_plainly
from watchfloor.storage.session import Session

STATES: list[tuple[str, type[WatchfloorError], str]] = [
    ("53100", Full, "full"),
    ("53200", Unavailable, "database_memory"),
    ("53300", Unavailable, "database_connections"),
    ("53400", Unavailable, "database_connections"),
    ("58030", Unavailable, "database_disk"),
    ("57014", Unavailable, "database_slow"),
    ("55P03", Unavailable, "database_slow"),
    ("57P01", Unavailable, "database_away"),
    ("57P03", Unavailable, "database_away"),
    ("40001", Crossed, "conflict"),
    ("40P01", Crossed, "conflict"),
]


async def test_what_the_database_cannot_is_said_by_its_own_reason_to_a_session_and_to_a_transaction(
    dsns: Dsns,
) -> None:
    session = await Session.open(dsns.app, name="test")
    database = await Database.connect(dsns.app, role="wf_app", max_size=1)
    try:
        for sqlstate, kind, reason in STATES:
            statement = f"do $$ begin raise exception 'so says the test' using errcode = '{sqlstate}'; end $$"
            with pytest.raises(kind) as told:
                await session.execute(statement)
            assert told.value.reason == reason, sqlstate
            assert "so says the test" in told.value.detail, (
                "who keeps a connection reads PostgreSQL's own words"
            )
            with pytest.raises(kind) as told:
                async with database.transaction(mode=READ) as connection:
                    await connection.execute(statement)
            assert told.value.reason == reason, sqlstate
            assert "so says the test" not in told.value.detail and told.value.next_step
        with pytest.raises(Unavailable, match="took too long") as told:
            await session.fetch("select set_config('statement_timeout', '20', false), null")
            await session.fetch("select pg_sleep(5)")
        assert told.value.reason == "database_slow"
        with pytest.raises(psycopg.errors.UndefinedTable):
            await session.fetch("select * from no_such_table")
    finally:
        await session.close()
        await database.close()


async def test_a_database_that_lets_nobody_in_says_why(dsns: Dsns) -> None:
    with pytest.raises(Unavailable) as told:
        await Session.open(make_conninfo(dsns.app, password="wrong"), name="test")
    assert told.value.reason == "database_login"
    database = await Database.connect(dsns.app, role="wf_app", patience_s=0.4)
    name, clock = conninfo_to_dict(dsns.app)["dbname"], SystemClock()
    try:
        async with await psycopg.AsyncConnection.connect(dsns.superuser, autocommit=True) as owner:
            await owner.execute(f'alter database "{name}" connection limit 0'.encode())
            await owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'wf_app' and datname = current_database()"
            )
            ends, reason = clock.monotonic() + 10, ""
            while reason != "database_connections":
                assert clock.monotonic() < ends, reason
                with pytest.raises(Unavailable) as told:
                    await database.now()
                reason = told.value.reason
            await owner.execute(f'alter database "{name}" connection limit -1'.encode())
        while True:
            try:
                await database.now()
                break
            except Unavailable:
                assert clock.monotonic() < ends
                continue
    finally:
        await database.close()


def test_other_words_of_a_refused_connection_are_the_database_being_away() -> None:
    assert said_plainly(psycopg.OperationalError("connection refused")).reason == "database_away"
    crowded = psycopg.OperationalError("FATAL:  sorry, too many clients already")
    assert said_plainly(crowded).reason == "database_connections"
