"""A center with plate readers: real PostgreSQL, real NATS, real files, real HTTP, and a matcher that can be killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest_asyncio
from fastapi import APIRouter
from psycopg.rows import dict_row

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from tests.plates.make import reads_json
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.proposals import TwoPersonAct
from watchfloor.governance.words import CaseKind
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import rfc3339
from watchfloor.plate_settings import LookUpSettings
from watchfloor.plates import api, budgets, consume, file_kinds, hot_lists, watches
from watchfloor.plates.co_travel import Allowed
from watchfloor.plates.consume import ConsumeParts
from watchfloor.plates.leave import ReaderBook
from watchfloor.plates.misuse import api as misuse_api
from watchfloor.plates.misuse.parts import look_ups_of, tell_of
from watchfloor.plates.misuse.review import Reviews
from watchfloor.plates.misuse.staff import StaffPlates
from watchfloor.plates.model import Hit
from watchfloor.plates.take import Intake
from watchfloor.reports.store import called
from watchfloor.settings import ObjectSettings
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

KEY = b"k" * 32
PLACE = {"place": "N Broadway at Mill St", "lat": 38.64, "lon": -90.19}
# What is searched and found stands nowhere: an area binds the readers alone.
AREA = [[38.5, -90.4], [38.5, -90.0], [38.8, -90.0], [38.8, -90.4]]


@dataclass
class Device:
    """A reader's device: its id and what it says over HTTP."""

    id: str
    client: httpx.AsyncClient
    token: str

    async def posts(self, path: str, body: bytes, *, method: str = "POST") -> httpx.Response:
        return await self.client.request(
            method, f"/api/v1{path}", content=body, headers={"Authorization": f"Bearer {self.token}"}
        )

    async def sends(self, *reads: dict[str, Any]) -> httpx.Response:
        return await self.posts("/plate-reads", reads_json(*reads))


@dataclass
class Town:
    """A center with readers. `hits` is what the matcher handed on, in transactions that were committed."""

    web: CenterWeb
    bus: Bus
    objects: Objects
    owner_dsn: str
    hits: list[Hit] = field(default_factory=list)
    open_incidents: set[UUID] = field(default_factory=set)

    async def reader(self, name: str = "North", **changes: Any) -> Device:
        """Register a reader and give its device a token."""
        technician = await self.web.person("technician")
        made = await technician.post("/api/v1/readers", json={"name": name, **PLACE} | changes)
        assert made.status_code == 201, made.text
        token = await technician.post(f"/api/v1/readers/{made.json()['id']}/token", json={})
        assert token.status_code == 201, token.text
        return Device(made.json()["id"], self.web.client(), token.json()["token"])

    async def a_list(
        self, *plates: str, name: str = "State file", state: str = "MO", purpose: str = "stolen_vehicle"
    ) -> str:
        """An imported list in force; its id."""
        supervisor = await self.web.person("supervisor")
        made = await supervisor.post(
            "/api/v1/hot-lists", json={"name": name, "source": "imported", "purpose": purpose}
        )
        assert made.status_code == 201, made.text
        await self.filled(made.json()["id"], *plates, state=state)
        return str(made.json()["id"])

    async def filled(self, list_id: str, *plates: str, state: str = "MO") -> dict[str, Any]:
        """Replace what is in the list."""
        supervisor = await self.web.person("supervisor")
        file = "plate,state,reason\n" + "".join(f"{plate},{state},stolen\n" for plate in plates)
        preview = await supervisor.post(f"/api/v1/hot-lists/{list_id}/imports", content=file.encode())
        assert preview.status_code == 201, preview.text
        applied = await supervisor.post(f"/api/v1/hot-list-imports/{preview.json()['id']}/apply", json={})
        assert applied.status_code == 200, applied.text
        return dict(applied.json())

    async def rows(self, sql: str, *values: object, **named: object) -> list[dict[str, Any]]:
        """What is really in the database, all agencies."""
        async with await psycopg.AsyncConnection.connect(self.owner_dsn, row_factory=dict_row) as connection:
            return await (await connection.execute(sql.encode(), named or values)).fetchall()

    async def plates(self) -> list[str]:
        return [row["plate"] for row in await self.rows("select plate from plate_read order by at, number")]

    async def until(self, true: Callable[[], Awaitable[object]], within_s: float = 60.0) -> None:
        """Wait for a condition."""
        clock = self.web.parts.clock
        end = clock.monotonic() + within_s
        while not await true():
            assert clock.monotonic() < end, "what was waited for never came"
            await clock.sleep(0.02)

    async def stored(self, count: int, within_s: float = 60.0) -> None:
        """Wait until so many reads are stored."""

        async def there() -> bool:
            return len(await self.plates()) >= count

        await self.until(there, within_s)

    def consume_parts(self, door: Door | None = None, on_hits: Any = None) -> ConsumeParts:
        parts = self.web.parts
        sink = on_hits or self._keep
        return ConsumeParts(door or parts.door, parts.clock, self.bus, [parts.agency], sink, self.objects)

    async def _keep(self, tx: Tx, hits: Sequence[Hit], /) -> None:
        async def committed() -> None:
            self.hits.extend(hits)

        tx.after_commit(committed)

    @asynccontextmanager
    async def matching(self, **changes: Any) -> AsyncIterator[asyncio.Event]:
        """Run a matcher beside the block."""
        stop = asyncio.Event()
        task = asyncio.create_task(consume.run(self.consume_parts(**changes), stop))
        try:
            yield stop
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, 60)

    def now(self) -> datetime:
        return self.web.parts.clock.now()

    def ago(self, **back: float) -> str:
        return rfc3339(self.now() - timedelta(**back))


@asynccontextmanager
async def a_town(
    center: CenterMaker, bus: Bus, dsns: Dsns, folder: Path, *, min_free_mb: int = 0, most_per_shift: int = 25,
    asked: LookUpSettings = LookUpSettings(),
    more: Callable[[CenterParts, Objects], list[APIRouter]] | None = None, acts: Sequence[TwoPersonAct] = (),
    co_travel: Allowed = api.NO_CO_TRAVEL, **approved: Any,
) -> AsyncIterator[Town]:  # fmt: skip
    """A center on this bus whose plate readers are authorised; `approved` replaces fields of that, `more` are routes beside."""
    objects = Objects(ObjectSettings(min_free_mb=min_free_mb), folder / "objects")

    def routers(parts: CenterParts) -> list[APIRouter]:
        intake = Intake(parts.door, parts.clock, bus, objects, ReaderBook(parts.door, parts.clock, "serve"))
        limits = watches.Limits(timedelta(days=14), most_per_shift)
        look_ups = look_ups_of(asked, KEY)
        reviews = Reviews(parts.door, identity_store.names_of, called, tell_of(asked))
        staff = StaffPlates(parts.door, look_ups.fingerprints)
        return [
            api.routes(api.PlatesParts(intake, folder, look_ups, limits, co_travel)),
            misuse_api.routes(reviews, staff, parts.clock),
            *(more(parts, objects) if more else []),
        ]

    opened: set[UUID] = set()

    async def incident_is_open(_: Tx, incident: UUID) -> bool:
        return incident in opened

    known = {CaseKind.INCIDENT: incident_is_open}
    async with center(
        routers=routers,
        cases=known,
        acts={one.kind: one for one in (hot_lists.ACT, file_kinds.ACT, budgets.ACT, watches.ACT, *acts)},
    ) as web:
        made = Town(web, bus, objects, dsns.owner, open_incidents=opened)
        await web.authorise("plate_reader", **approved)
        yield made


@pytest_asyncio.fixture
async def town(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Town]:
    """A center whose plate readers are authorised."""
    async with a_town(center, bus, dsns, tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def blind(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Town]:
    """Who is not wanted is never stored."""
    async with a_town(center, bus, dsns, tmp_path, keep_by_class={"plate_read": 0}) as town:
        yield town


async def held(town: Town) -> int:
    """Messages that still lie in the intake buffer, on disk or in memory: none in the memory of a server that began anew."""
    server = town.bus._client.jetstream()  # counted at the server, not by us
    there = {one.config.name: one.state.messages for one in await server.streams_info()}
    return there["INTAKE"] + there.get("TRANSIENT", 0)


async def drained(town: Town) -> None:
    async def empty() -> bool:
        return await held(town) == 0

    await town.until(empty)


@asynccontextmanager
async def another_door(town: Town, dsns: Dsns) -> AsyncIterator[Door]:
    """A door of another process on the same database."""
    database = await Database.connect(dsns.app, role="wf_app")
    try:
        yield Door(database, town.web.parts.clock, DoorRules({}, identity_store.why_ended, False))
    finally:
        await database.close()
