"""`watchfloor check`: each thing that can be wrong is said in plain words, and nothing is said when all is well."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.engines.center import Center, a_center, until
from tests.fixtures.engines import Dsns, run
from watchfloor.engines.check import (
    Finding,
    check,
    of_clock,
    of_disk,
    of_files,
    of_open_sensors,
    of_processes,
    of_seen,
    of_spool,
    of_waiting,
)
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.look import Seen, look
from watchfloor.engines.tls import tls_of
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.settings import HttpSettings, NatsSettings, ObjectSettings, Settings
from watchfloor.storage.database import Database
from watchfloor.storage.partitions import days_ahead, ensure, tables_by_rule
from watchfloor.storage.streams import Waiting
from watchfloor.wiring.check import retention

AT = datetime(2026, 11, 22, 20, tzinfo=UTC)
ALL = ("ledger", "serve", "record", "sense", "hear", "read", "sweep")


@pytest.fixture(scope="module")
def center() -> Iterator[Center]:
    with a_center() as running:
        running.start(*ALL)
        run(until(lambda: bool(running.heard("up")) or running.ended, "up", 90))
        yield running


def settings(data: Path) -> Settings:
    return Settings(data=data, objects=ObjectSettings(min_free_mb=1))


def whats(findings: list[Finding]) -> str:
    return "\n".join(f.what for f in findings)


async def test_nothing_is_said_of_a_center_in_which_all_is_well(center: Center) -> None:
    kept = []

    async def judge(endpoints: Endpoints) -> list[Finding]:
        kept.append(sure(await retention(endpoints, SystemClock())))
        return kept[-1].findings

    assert await check(settings(center.data), SystemClock(), retention=judge) == []
    assert (
        kept[0]
        .lines()[0]
        .startswith(("The oldest that is kept, by listing", "What is kept has not been listed yet"))
    )


async def test_a_directory_where_nothing_was_started_says_how_to_start(tmp_path: Path) -> None:
    findings = await check(settings(tmp_path), SystemClock())
    assert len(findings) == 1
    assert "watchfloor up" in findings[0].do


async def test_a_killed_process_is_named_with_what_it_means(center: Center) -> None:
    gone = replace(center.endpoints, pids={**center.endpoints.pids, "record": 2**22 - 1})
    findings = list(of_processes(settings(center.data), gone, "watchfloor up"))
    assert [f.what for f in findings] == ["The process record does not run."]
    assert "not recorded" in findings[0].so_what
    assert "record.log" in findings[0].do


async def test_a_process_that_runs_and_is_not_ready_is_named(center: Center) -> None:
    ready = center.endpoints.layout.ready("sense")
    ready.unlink()
    try:
        findings = await check(settings(center.data), SystemClock())
    finally:
        ready.touch()
    assert whats(findings) == "The process sense runs and is not ready."


async def test_engines_that_do_not_answer_are_said_with_what_still_works(center: Center) -> None:
    true = center.endpoints
    replace(true, postgres="host=/nowhere dbname=watchfloor", nats="nats://127.0.0.1:9").write()
    try:
        postgres, nats = await check(settings(center.data), SystemClock())
    finally:
        true.write()
    assert postgres.what.startswith("PostgreSQL does not answer: ")
    assert "recording goes on" in postgres.so_what
    assert nats.what == "NATS does not answer at nats://127.0.0.1:9."
    assert "nats.log" in nats.do
    replace(true, mqtt="mqtt://127.0.0.1:9").write()
    try:
        (sensors,) = await check(settings(center.data), SystemClock())
    finally:
        true.write()
    assert sensors.what == "Nobody listens for sensors at mqtt://127.0.0.1:9."
    assert await check(settings(center.data), SystemClock()) == []


async def test_a_missing_migration_is_said(center: Center) -> None:
    with psycopg.connect(center.endpoints.dsn("wf_owner"), autocommit=True) as connection:
        row = connection.execute("select version_num from alembic_version").fetchone()
        assert row is not None
        connection.execute("update alembic_version set version_num = '0004'")
        findings = await check(settings(center.data), SystemClock())
        connection.execute("update alembic_version set version_num = %s", row)
    assert "0005, 0006" in whats(findings)


async def test_a_clock_that_is_off_is_said_with_its_size(center: Center) -> None:
    class Slow(SystemClock):
        def now(self) -> datetime:
            return super().now() - timedelta(seconds=75)

    assert "This machine's clock is 75." in whats(await check(settings(center.data), Slow()))
    assert list(of_clock(timedelta(seconds=1.9))) == []
    ahead = next(of_clock(timedelta(seconds=2.1))).what
    assert ahead == "This machine's clock is 2.1 s ahead of the database's."


async def test_what_is_wrong_with_the_log_is_passed_on(center: Center) -> None:
    async def log(_: Endpoints) -> list[Finding]:
        return [Finding("The log was cut.", "It proves nothing.", "Ask the auditor.")]

    assert whats(await check(settings(center.data), SystemClock(), log=log)) == "The log was cut."


async def test_a_missing_partition_of_tomorrow_is_named_until_it_is_made(
    dsns: Dsns, database: Database
) -> None:
    agency = uuid7(AT)
    async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
        await owner.execute("insert into agency values (%s, 'ours', 'UTC', %s)", (agency, AT))
        cursor = await owner.execute(
            "insert into retention_rule (agency_id, keep_for, created_at) values (%s, '30 days', %s) returning rule",
            (agency, AT),
        )
        row = await cursor.fetchone()
    assert row is not None
    async with database.transaction() as connection:
        tables = await tables_by_rule(connection)
        made = await ensure(connection, [row[0]], days_ahead(AT, behind=0, ahead=0))
    assert len(made) == len(tables) > 3
    seen = await look(database, now=AT)
    assert seen.partitions_missing == tuple(f"{t}_r{row[0]}_20261123" for t in sorted(tables))
    assert f"{len(tables)} partition(s)" in next(of_seen(seen)).what
    async with database.transaction() as connection:
        await ensure(connection, [row[0]], days_ahead(AT))
    assert (await look(database, now=AT)).partitions_missing == ()


async def test_a_silent_worker_is_said_until_another_takes_its_place(dsns: Dsns, database: Database) -> None:
    insert = (
        "insert into worker (id, kind, host, started_at, until) values (%s, 'record', 'north',"
        " clock_timestamp() - make_interval(secs => %s), clock_timestamp() + make_interval(secs => %s))"
    )
    async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
        await owner.execute(insert, (uuid7(AT), 3600, -40))
    seen = await look(database, now=AT)
    assert [(kind, host) for kind, host, _ in seen.workers_lost] == [("record", "north")]
    assert "silent for 4" in next(of_seen(seen)).what
    async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
        await owner.execute(insert, (uuid7(AT), 20, 8))
    assert (await look(database, now=AT)).workers_lost == ()


def test_quarantine_and_stuck_jobs_are_said() -> None:
    found = list(
        of_seen(Seen(jobs_stuck=(("expire_alert", "no such alert"),), jobs_late=(2, AT), quarantined=3))
    )
    assert "expire_alert" in found[0].what
    assert found[1].what == "2 timer(s) are due and nobody does them, the first since 2026-11-22 20:00 UTC."
    assert found[2].what == "3 message(s) of devices could not be read and are in quarantine."


def test_an_open_listener_of_sensors_and_what_of_theirs_waits_are_said(tmp_path: Path) -> None:
    (open_to_all,) = of_open_sensors(Settings(tmp_path, nats=NatsSettings(mqtt_host="0.0.0.0")))
    assert "without TLS" in open_to_all.what and "http.tls" in open_to_all.do
    assert list(of_open_sensors(Settings(tmp_path))) == []
    now = SystemClock().now()
    assert list(of_waiting(Waiting(3, 30, now - timedelta(minutes=9)), now)) == []
    (waits,) = of_waiting(Waiting(3, 30, now - timedelta(minutes=11)), now)
    assert waits.what.startswith("3 message(s) of sensors wait") and "serve.log" in waits.do


def test_a_disk_that_runs_low_is_said_before_it_is_refused(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    free_mb = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize // 2**20
    low = Settings(tmp_path, objects=ObjectSettings(min_free_mb=free_mb * 2))
    out = Settings(tmp_path, objects=ObjectSettings(min_free_mb=free_mb * 20))
    assert "warning line" in next(of_disk(low, layout)).what
    assert "recording stops" in next(of_disk(out, layout)).so_what
    assert list(of_disk(settings(tmp_path), layout)) == []


def test_rows_that_the_index_could_not_take_are_said(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path)
    rows = layout.spool / "footage" / "record" / "rows"
    rows.mkdir(parents=True)
    (rows / "waits.row").write_bytes(b"{}")
    assert list(of_spool(layout, AT)) == []
    (rows / "cannot-be.bad").write_bytes(b"{}")
    (found,) = of_spool(layout, AT)
    assert "1 rows of footage were set aside" in found.what


def test_an_open_key_and_a_certificate_that_ends_soon_are_said(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path / "data")
    layout.prepare()
    tls = tls_of(HttpSettings(tls="local"), layout, AT)
    assert tls is not None
    endpoints = Endpoints(layout.data, "", "", "", "", None, layout.runtime, certificate=str(tls.certificate))
    assert list(of_files(layout, endpoints, AT)) == []
    (late,) = of_files(layout, endpoints, AT + timedelta(days=380))
    assert "ends at 2027-12" in late.what
    tls.key.chmod(0o644)
    (opened,) = of_files(layout, endpoints, AT)
    assert str(tls.key) in opened.what
