"""A log at work: real entries in a real database, a real folder, a key of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest_asyncio

from tests.fixtures.engines import Dsns
from watchfloor.governance import store as governance_store
from watchfloor.governance.audit import make_entry
from watchfloor.governance.entry import Entry
from watchfloor.governance.model import About
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.ledger.files import LogFiles
from watchfloor.ledger.key import Signer, signer_of
from watchfloor.ledger.sequence import Sequencer
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.database import Database
from watchfloor.storage.session import Session
from watchfloor.storage.tx import Tx

AGENCY = UUID("01890000-0000-7000-8000-000000000001")
ANALYST = UUID("01890000-0000-7000-8000-0000000000a1")
BEGUN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
NAME = "test.watchfloor.example/log"


@dataclass
class Log:
    """One center's log, as the tests write to it, sequence it and look at it."""

    database: Database
    dsns: Dsns
    root: Path
    keys: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(BEGUN))

    @property
    def files(self) -> LogFiles:
        return LogFiles(self.root)

    @property
    def signer(self) -> Signer:
        return signer_of(self.keys / "ledger.key", NAME, may_make=True)

    async def write(self, count: int, *, payload: dict[str, Json] | None = None) -> list[Entry]:
        """So many entries of people who look at cameras, committed."""
        made = [entry(payload=payload) for _ in range(count)]
        async with self.tx() as tx:
            for one in made:
                await governance_store.append_entry(tx, one)
        return made

    @asynccontextmanager
    async def tx(self, database: Database | None = None) -> AsyncIterator[Tx]:
        async with (database or self.database).transaction(agency=AGENCY) as connection:
            yield Tx(
                connection=connection,
                agency=AGENCY,
                now=BEGUN + timedelta(days=40),
                decision=None,
                actor=ANALYST,
                touches=frozenset((d, m) for d in DataClass for m in (READ, WRITE)),
                need="test",
            )

    @asynccontextmanager
    async def sequencer(self) -> AsyncIterator[Sequencer]:
        """A ledger that takes up; its connection, and so its lock, has ended with the block, at the server too."""
        session = await Session.open(self.dsns.ledger, name="test ledger")
        [row] = await session.fetch("select pg_backend_pid() as pid")
        try:
            yield await Sequencer.take_up(session, self.files, self.signer, self.clock)
        finally:
            await session.close()
            # A busy server reads of the end a moment later; a ledger of the product asks again, a test does not.
            while await self.as_owner("select 1 from pg_stat_activity where pid = %s", row["pid"]):
                await SystemClock().sleep(0.005)

    async def sequence(self) -> int:
        """Sequence all that waits; the size of the log."""
        async with self.sequencer() as sequencer:
            return await settle(sequencer)

    async def grow(self, count: int) -> int:
        """Write and sequence; the size of the log."""
        await self.write(count)
        return await self.sequence()

    async def as_owner(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        """What no process of the center may do: the superuser's hand in the database."""
        async with await psycopg.AsyncConnection.connect(self.dsns.superuser, autocommit=True) as connection:
            cursor = await connection.execute(query.encode(), parameters or None)
            return await cursor.fetchall() if cursor.description else []


async def settle(sequencer: Sequencer) -> int:
    """Rounds until nothing is behind."""
    while True:
        async for _ in sequencer.round():
            pass
        if not sequencer.behind:
            return sequencer.published


def entry(*, payload: dict[str, Json] | None = None) -> Entry:
    """An analyst watched a camera."""
    return make_entry(
        "decision",
        agency=AGENCY,
        actor=ANALYST,
        now=BEGUN,
        need="camera.live",
        result="allowed",
        reason="authorised",
        about=About("camera", UUID(int=7)),
        more={"purpose": "violent_crime"},
        payload=payload,
    )


@pytest_asyncio.fixture
async def log(database: Database, dsns: Dsns, tmp_path: Path) -> Log:
    """An empty log of one agency."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    made = Log(database, dsns, tmp_path / "ledger", keys)
    await made.as_owner(
        "insert into agency (id, name, time_zone, created_at) values (%s, 'Test City', 'UTC', %s)",
        AGENCY,
        BEGUN,
    )
    return made
