"""A night of the sweep: a real database, a clock moved by hand, a rule of 30 days, files in a real directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest_asyncio
from psycopg.rows import dict_row

from tests.fixtures.engines import Dsns
from watchfloor.governance import case_store, policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind
from watchfloor.identity import store as identity_store
from watchfloor.identity.first import first_start
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.ids import uuid7
from watchfloor.plates.picture import folder_of
from watchfloor.recordings.keystore import Keystore
from watchfloor.settings import ObjectSettings
from watchfloor.storage.classes import DataClass
from watchfloor.storage.database import Database
from watchfloor.storage.objects import Objects
from watchfloor.sweep.files import Files, FootageFiles, PictureFiles
from watchfloor.sweep.forget import Sweep

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass
class Night:
    """What the sweep's tests stand on. `rule` keeps 30 days; `today` is START's."""

    dsns: Dsns
    database: Database
    clock: ManualClock
    agency: UUID
    door: Door
    objects: Objects
    keystore: Keystore
    spool: Path
    files: dict[DataClass, FootageFiles | PictureFiles]
    rule: int = 0

    @property
    def ask(self) -> Ask:
        return Ask(process_actor(self.agency, "sweep"), Need.RETENTION_SWEEP)

    @property
    def sweep(self) -> Sweep:
        """A sweep that has just started."""
        return self.sweep_of(self.files)

    def sweep_of(self, files: Mapping[DataClass, Files]) -> Sweep:
        return Sweep(self.door, self.clock, files, self.objects.clear_leftovers)

    def day(self, ago: int) -> date:
        return (self.clock.now() - timedelta(days=ago)).date()

    async def make_rule(self, days: int) -> int:
        async with self.door.open(self.ask) as tx:
            return await policy_store.rule_for(tx, timedelta(days=days))

    async def make_days(self, table: str, ago: list[int], rule: int | None = None) -> None:
        async with self.door.open(self.ask) as tx:
            await policy_store.create_partitions(tx, [table], rule or self.rule, [self.day(a) for a in ago])

    async def owner(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """Arrange, or look, as the owner of the schema, whom row security shows everything."""
        async with await psycopg.AsyncConnection.connect(self.dsns.owner, row_factory=dict_row) as connection:
            cursor = await connection.execute(sql, params)
            return await cursor.fetchall() if cursor.description else []

    async def footage(
        self, camera: UUID, ago: int, content: bytes = b"sealed", *, rule: int | None = None
    ) -> str:
        """A minute of footage: key, object, and row; the object's key."""
        day, segment, rule = self.day(ago), uuid7(START), rule or self.rule
        self.keystore.make_or_find(camera, rule, day)
        name = f"footage/r{rule}/{day:%Y%m%d}/{camera}/{segment}.seg"
        await self.objects.put(name, content)
        await self.make_days("segment", [ago], rule)
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        await self.owner(
            "insert into segment values (%(agency)s, %(rule)s, %(at)s, %(at)s, %(id)s, %(camera)s, 1, %(id)s, 1, 1, 6, '', '', '', 1, 1)",
            agency=self.agency, rule=rule, at=at, id=segment, camera=camera,
        )  # fmt: skip
        return name

    async def picture(self, reader: UUID, ago: int, content: bytes, *, table: str = "plate_picture") -> str:
        """A picture and the row that refers to it; its name."""
        name = await self.objects.put_content(folder_of(self.agency), content)
        await self.make_days("plate_picture", [ago])
        at = datetime.combine(self.day(ago), datetime.min.time(), UTC) + timedelta(hours=12)
        await self.owner(
            "insert into plate_picture values (%(agency)s, %(rule)s, %(at)s, %(name)s, %(reader)s)",
            agency=self.agency, rule=self.rule, at=at, name=name, reader=reader,
        )  # fmt: skip
        return name

    async def pulse(self, microphone: UUID, ago: int) -> None:
        """A pulse of a microphone."""
        await self.make_days("pulse", [ago])
        at = datetime.combine(self.day(ago), datetime.min.time(), UTC) + timedelta(hours=12)
        await self.owner(
            "insert into pulse values (%(agency)s, %(rule)s, %(at)s, %(microphone)s, 1, 'a', %(at)s, 1, 20, 95, '{}', false, false,"
            " %(agency)s)",
            agency=self.agency, rule=self.rule, at=at, microphone=microphone,
        )  # fmt: skip

    async def hold(
        self, camera: UUID, ago: int, data_class: DataClass = DataClass.FOOTAGE, *, from_hour: float = 12
    ) -> UUID:
        """A hold on ten minutes of a thing's day; its id."""
        case, hold = uuid7(START), uuid7(START)
        at = datetime.combine(self.day(ago), datetime.min.time(), UTC) + timedelta(hours=from_hour)
        await self.owner(
            "insert into case_file values"
            " (%(case)s, %(agency)s, %(number)s, 'A case', 'violent_crime', null, %(case)s, %(now)s, null)",
            case=case, agency=self.agency, number=case.hex, now=self.clock.now(),
        )  # fmt: skip
        await self.owner(
            "insert into hold values (%(id)s, %(agency)s, %(case)s, %(class)s, 'camera', %(camera)s, %(from)s, %(to)s,"
            " 'an arrest', %(case)s, %(from)s, null, %(ends)s, null)",
            **{"id": hold, "agency": self.agency, "case": case, "class": data_class.value, "camera": camera, "from": at,
               "to": at + timedelta(minutes=10), "ends": self.clock.now() + timedelta(days=90)},
        )  # fmt: skip
        return hold

    async def receipts(self) -> list[dict[str, Any]]:
        return await self.owner("select * from deletion_receipt order by done_at, id")

    async def entries(self, reason: str) -> list[dict[str, Any]]:
        """What the log says of this."""
        rows = await self.owner(
            "select leaf from audit_entry where reason = %(reason)s order by id", reason=reason
        )
        return [json.loads(bytes(row["leaf"])) for row in rows]

    async def partitions(self, table: str) -> list[str]:
        rows = await self.owner(
            "select relname from pg_class where relispartition and relkind = 'r' and relname like %(like)s order by 1",
            like=f"{table}_r%",
        )
        return [row["relname"] for row in rows]

    async def kept(self, prefix: str) -> list[str]:
        return sorted([stored.key async for stored in self.objects.listed(prefix)])


def digest_of(*named: tuple[str, int]) -> str:
    return hashlib.sha256("".join(f"{name} {size}\n" for name, size in named).encode()).hexdigest()


async def no_reason(*_: object) -> None:
    return None


@pytest_asyncio.fixture
async def night(
    dsns: Dsns, unpartitioned: None, sweep_database: Database, tmp_path: Path
) -> AsyncIterator[Night]:
    """It begins on a day of its own, of which nothing is there."""
    clock = ManualClock(START)
    async with await psycopg.AsyncConnection.connect(dsns.owner, row_factory=dict_row) as connection:
        await first_start(connection, agency="River City", time_zone="America/Chicago", now=clock.now())
        row = await (await connection.execute("select id from agency")).fetchone()
    assert row is not None
    rules = DoorRules({CaseKind.CASE: case_store.case_standing}, identity_store.why_ended, False)
    objects, keystore = (
        Objects(ObjectSettings(), tmp_path / "objects"),
        Keystore(tmp_path / "keystore", b"w" * 32),
    )
    spool = tmp_path / "spool"
    made = Night(
        dsns, sweep_database, clock, row["id"], Door(sweep_database, clock, rules), objects, keystore, spool,
        {DataClass.FOOTAGE: FootageFiles(objects, keystore, spool), DataClass.PLATE_PICTURE: PictureFiles(objects)},
    )  # fmt: skip
    made.rule = await made.make_rule(30)
    yield made
