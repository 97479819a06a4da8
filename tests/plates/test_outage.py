"""With an engine away: what was acknowledged is kept once when it is back, and readers are told the truth meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns, run
from tests.plates.conftest import Town, a_town, held
from watchfloor.engines.binaries import nats_binary
from watchfloor.engines.layout import Layout
from watchfloor.engines.nats import HOST, USER, NatsServer
from watchfloor.engines.ports import chosen
from watchfloor.engines.postgres import Postgres
from watchfloor.engines.spawn import engine_user
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.plates.leave import FAILED_S, ReaderBook
from watchfloor.settings import NatsSettings
from watchfloor.storage.nats import Bus
from watchfloor.storage.tx import Tx


def seen(number: int, town: Town) -> dict[str, Any]:
    return {"id": f"r{number}", "plate": f"T{number:04d}", "state": "MO", "at": town.ago(seconds=1)}


class Outage:
    """Takes one test's database away from everybody, and brings it back."""

    def __init__(self, postgres: Postgres, dsns: Dsns) -> None:
        self._server = postgres.superuser_dsn()
        self._name = str(conninfo_to_dict(dsns.app)["dbname"])

    def begin(self) -> None:
        self._let_in("false")
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (self._name,)
            )

    def end(self) -> None:
        self._let_in("true")

    def _let_in(self, whether: LiteralString) -> None:
        statement = sql.SQL("alter database {} with allow_connections " + whether)
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(self._name)))


class Counted(Door):
    """A door that counts how often it was tried."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.tried = 0
        self.begun = asyncio.Event()

    @asynccontextmanager
    async def open(self, ask: Ask) -> AsyncIterator[Tx]:
        self.tried += 1
        self.begun.set()
        async with self._door.open(ask) as tx:
            yield tx


async def one_tries_for_all(book: ReaderBook, door: Counted, clock: ManualClock, agency: UUID) -> None:
    """Of many who ask with the database away one tries it, once a second, and all are told what is known; a stranger likewise."""
    known = await book.of(agency)
    await clock.advance(timedelta(seconds=3))
    door.tried = 0
    assert await asyncio.gather(*(book.of(agency) for _ in range(20))) == [known] * 20
    assert door.tried == 1
    await clock.advance(timedelta(seconds=FAILED_S + 0.1))
    door.begun.clear()
    trying = asyncio.create_task(book.of(agency))
    await door.begun.wait()
    assert [await book.of(agency) for _ in range(20)] == [known] * 20
    assert not trying.done(), "nobody waited for the one who tries"
    assert await trying == known
    assert door.tried == 2
    found = await asyncio.gather(*(book.anew(agency) for _ in range(20)), return_exceptions=True)
    assert [type(one) for one in found] == [Unavailable] * 20
    assert await book.of(agency) == known, "whoever is not known takes nobody else with them"
    assert door.tried == 2


async def test_reads_are_taken_while_the_database_is_away_and_kept_once_it_is_back(
    town: Town, postgres: Postgres, dsns: Dsns
) -> None:
    await town.a_list("T0003")
    reader = await town.reader()
    outage = Outage(postgres, dsns)
    door, clock = Counted(town.web.parts.door), ManualClock(town.now())
    book = ReaderBook(door, clock, "serve")
    (registered,) = await book.of(town.web.parts.agency)
    async with town.matching():
        assert (await reader.sends(seen(0, town))).status_code == 202
        await town.stored(1)
        outage.begin()
        try:
            for number in range(1, 6):
                answer = await reader.sends(seen(number, town))
                assert answer.status_code == 202, answer.text
            await turned_away(town)
            assert await held(town) > 0
            await one_tries_for_all(book, door, clock, town.web.parts.agency)
        finally:
            outage.end()
        await town.stored(6)
        await clock.advance(timedelta(seconds=FAILED_S + 0.1))
        assert list(await book.of(town.web.parts.agency)) == [registered]

        async def empty() -> bool:
            return await held(town) == 0

        await town.until(empty)
    assert sorted(await town.plates()) == [f"T{n:04d}" for n in range(6)]
    assert [hit.answer.read.plate.text for hit in town.hits] == ["T0003"]
    assert await town.rows("select 1 from quarantine") == []


async def turned_away(town: Town) -> None:
    """Who was not known before cannot be known now: a new device and somebody who signs in are told why."""
    words = {"name": "analyst", "password": "it does not matter which"}
    client = town.web.client()
    device: dict[str, Any] = {"content": b'{"reads":[]}', "headers": {"Authorization": "Bearer somebody-new"}}
    for path, sent in (("/api/v1/plate-reads", device), ("/api/v1/session", {"json": words})):
        answer = await client.post(path, **sent)
        assert (answer.status_code, answer.json()["reason"]) == (503, "database_away")
        assert answer.json()["detail"] == "The database does not answer at present."
        assert answer.json()["next_step"] == (
            "It is started again by itself; if this lasts, run `watchfloor check`."
        )
        assert int(answer.headers["retry-after"]) > 0


@pytest.fixture
def own_server(short_directory: Path) -> Iterator[NatsServer]:
    """A nats-server that this test may kill."""
    run_as = engine_user()
    layout = Layout.of(short_directory / "killed")
    layout.prepare()
    port, mqtt_port = chosen(HOST, 0, what="nats"), chosen(HOST, 0, what="mqtt")
    server = NatsServer(
        layout,
        nats_binary(NatsSettings(), run_as),
        SystemClock(),
        port=port,
        mqtt_port=mqtt_port,
        store_mb=64,
        run_as=run_as,
    )
    server.prepare()
    server.start()
    try:
        run(server.ready())
        yield server
    finally:
        run(server.stop())


@pytest_asyncio.fixture
async def town_with_own_bus(
    center: CenterMaker, own_server: NatsServer, dsns: Dsns, tmp_path: Path
) -> AsyncIterator[Town]:
    bus = await Bus.connect(own_server.url, user=USER, password=own_server.password(), name="test")
    await bus.ensure_intake(max_mb=8)
    async with a_town(center, bus, dsns, tmp_path) as town:
        yield town
    await bus.close()


async def _dead(server: NatsServer) -> bool:
    return server.child is None or not server.child.alive()


async def test_a_killed_bus_loses_no_read_that_was_acknowledged_and_doubles_none(
    town_with_own_bus: Town, own_server: NatsServer
) -> None:
    town = town_with_own_bus
    await town.a_list("T0001")
    reader = await town.reader()
    acknowledged: set[str] = set()
    async with town.matching():
        for number in range(60):
            answer = await reader.sends(seen(number, town))
            if answer.status_code == 202:
                acknowledged.add(f"T{number:04d}")
            else:
                assert answer.status_code == 503
                assert answer.json()["reason"] == "bus_away"
            if number in (10, 35):
                assert own_server.child is not None
                own_server.child.send(signal.SIGKILL)
                await town.until(partial(_dead, own_server))
                own_server.start()
        await own_server.ready()
        await town.stored(len(acknowledged))

        async def empty() -> bool:
            return await held(town) == 0

        await town.until(empty)
    kept = await town.plates()
    assert len(kept) == len(set(kept))
    assert acknowledged <= set(kept)
    assert len(acknowledged) >= 30
    assert len(town.hits) == 1
