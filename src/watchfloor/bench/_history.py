"""A PostgreSQL of a bench's own with a history of reads in it: made, filled, and its CPU counted. It measures nothing itself.

The reads come in as a restore would bring them, each day's with its indexes live; what is counted is every process of the server.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import UUID

import numpy as np
import psutil

from watchfloor.bench._traffic import COLUMNS, READERS, Day, Kept, Traffic, copied
from watchfloor.engines.binaries import postgres_binaries
from watchfloor.engines.bootstrap import OWNER, bootstrap
from watchfloor.engines.endpoints import dsn_of, password_file
from watchfloor.engines.layout import Layout
from watchfloor.engines.postgres import DATABASE, Postgres
from watchfloor.engines.spawn import engine_user
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.plates.history_store import bound
from watchfloor.plates.model import ReaderId
from watchfloor.settings import PostgresSettings
from watchfloor.storage.database import Database
from watchfloor.storage.migrate import migrate
from watchfloor.storage.owner import as_owner
from watchfloor.storage.tx import Connection, Tx

SHARED_MB: Final = 2048
_MOST_S: Final = 60.0
_KEEP: Final = "90 days"
# A server that used less CPU than this in that long is at rest.
_LOOK_S: Final = 0.25
_AT_REST_S: Final = 0.001
_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL: Final = b"\xff\xff"
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class History:
    """The server, what is in it, and who reads it."""

    server: Postgres
    database: Database
    clock: Clock
    agency: UUID
    rule: int
    readers: tuple[ReaderId, ...]

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        """A transaction as a search has it, without the door's decision before it."""
        async with self.database.transaction(agency=self.agency) as connection:
            need = Need.PLATES_SEARCH
            tx = Tx(connection, self.agency, self.clock.now(), None, self.agency, need.touches, need.word)
            await bound(tx, _MOST_S)
            yield tx

    def cpu_s(self) -> float:
        """CPU seconds of the server so far: its backends, their parallel workers and all else, ended ones too."""
        postmaster = psutil.Process(sure(self.server.child).pid)
        times = postmaster.cpu_times()
        spent = times.user + times.system + times.children_user + times.children_system
        return spent + sum(_on_cpu_s(child.pid) for child in postmaster.children(recursive=True))


def _on_cpu_s(pid: int) -> float:
    # By the scheduler's own count: ticks of 10 ms are too coarse for a query of one.
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


@asynccontextmanager
async def history(shared_mb: int) -> AsyncIterator[History]:
    """The server with an agency and its readers; ended, and its files gone, with the block."""
    with tempfile.TemporaryDirectory(prefix="wf-") as folder:
        layout, run_as = _laid_out(Path(folder)), engine_user()
        settings = PostgresSettings(shared_buffers_mb=shared_mb)
        server = Postgres(layout, postgres_binaries(settings, run_as), settings, SystemClock(), run_as=run_as)
        await asyncio.to_thread(server.prepare)
        server.start()
        try:
            await server.ready()
            await bootstrap(server.superuser_dsn(), layout, DATABASE)
            await asyncio.to_thread(migrate, dsn_of(server.place, OWNER, password_file(layout, OWNER)))
            clock = SystemClock()
            async with as_owner(server.superuser_dsn(DATABASE)) as owner:
                agency, rule, readers = await _settled(owner, clock.now())
            database = await Database.connect(
                dsn_of(server.place, "wf_app", password_file(layout, "wf_app")), role="wf_app", max_size=2
            )
            try:
                yield History(server, database, clock, agency, rule, readers)
            finally:
                await database.close()
        finally:
            await server.stop()


def _laid_out(folder: Path) -> Layout:
    folder.chmod(0o711)  # the engine's own user goes through it
    layout = Layout.of(folder / "data")
    layout.prepare()
    return layout


async def _settled(owner: Connection, now: datetime) -> tuple[UUID, int, tuple[ReaderId, ...]]:
    agency = uuid7(now)
    await owner.execute("insert into agency values (%s, 'Bench City', 'America/Chicago', %s)", (agency, now))
    kept = await owner.execute(
        "insert into retention_rule (agency_id, keep_for, created_at) values (%s, %s::interval, %s) returning rule",
        (agency, _KEEP, now),
    )
    rule = int(sure(await kept.fetchone())["rule"])
    readers = tuple(ReaderId(uuid7(now)) for _ in range(READERS))
    async with owner.cursor() as cursor:
        await cursor.executemany(
            "insert into reader (id, agency_id, name, technology, place, lat, lon, created_at, created_by, version)"
            " values (%s, %s, %s, 'plate_reader', %s, %s, %s, %s, %s, 1)",
            [
                (one, agency, f"Reader {n}", f"Corner {n}", spot.lat, spot.lon, now, agency)
                for n, one in enumerate(readers)
                for spot in [place_of(n)]
            ],
        )
    return agency, rule, readers


def place_of(reader: int) -> Point:
    """Where a reader stands: along streets of 25, 400 m apart."""
    return Point(38.58 + 0.0036 * (reader // 25), -90.30 + 0.0046 * (reader % 25))


async def load(into: History, traffic: Traffic, passed: Callable[[Day], None]) -> tuple[float, float]:
    """Bring the traffic in, day by day, and tell of each; seconds by the wall and of the server's CPU, `vacuum analyze` in neither."""
    kept = Kept(
        into.agency.bytes,
        into.rule,
        uuid7(into.clock.now()).bytes,
        np.array([one.bytes for one in into.readers], "V16"),
    )
    wall, before, first = 0.0, into.cpu_s(), 0
    async with as_owner(into.server.superuser_dsn(DATABASE)) as owner:
        await owner.set_autocommit(True)
        for day in traffic:
            blocks = list(copied(day, kept, first, traffic.chance))
            wall += await _day_in(owner, into.rule, day, blocks)
            first += len(day)
            passed(day)
        spent = into.cpu_s() - before
        await owner.execute("vacuum analyze")
        await owner.execute("checkpoint")
    return wall, spent


async def at_rest(of: History) -> None:
    """Wait until the server does nothing by itself, a minute at most: what follows the loading would count as the first search's."""
    before = of.cpu_s()
    for _ in range(round(60 / _LOOK_S)):
        await of.clock.sleep(_LOOK_S)
        now = of.cpu_s()
        if now - before < _AT_REST_S:
            return
        before = now


async def _day_in(owner: Connection, rule: int, day: Day, blocks: list[bytes]) -> float:
    began = perf_counter()
    await owner.execute("call wf_partition_create('plate_read', %s::smallint, %s)", (rule, day.day))
    copy = f"copy plate_read ({', '.join(COLUMNS)}) from stdin (format binary)"
    async with owner.cursor() as cursor, cursor.copy(copy.encode()) as rows:
        await rows.write(_HEAD)
        for block in blocks:
            await rows.write(block)
        await rows.write(_TAIL)
    return perf_counter() - began


async def size(of: History) -> tuple[int, int]:
    """How many reads are in it, and how many bytes they and their indexes take."""
    async with as_owner(of.server.superuser_dsn(DATABASE)) as owner:
        found = await owner.execute(
            "select (select count(*) from plate_read) as reads, sum(pg_total_relation_size(c.oid))::bigint as taken from pg_class c"
            " where c.relispartition and c.relkind = 'r' and c.relname like 'plate\\_read\\_r%'"
        )
        row = sure(await found.fetchone())
        return int(row["reads"]), int(row["taken"])
