"""Rows on their way into the index: whatever the database answers, they wait; only a row that cannot be is set aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
import pytest
from structlog.testing import capture_logs

from tests.fixtures.engines import Dsns, waits_for_a_lock
from tests.recordings.center import Block, until
from tests.recordings.test_outage import database_away
from watchfloor.engines.check import of_spool
from watchfloor.engines.layout import Layout
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.forms import inside
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Conflict, Full, Unavailable, WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.recordings.index import Index
from watchfloor.recordings.model import (
    Gap,
    GapReason,
    Label,
    Segment,
    SegmentId,
    Terms,
    day_of,
    object_path,
    us,
)
from watchfloor.recordings.spool import Spool
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects

CAMERA: Final = UUID(int=0xCA)


class Ahead(SystemClock):
    """The machine's clock, and as much more as a test says."""

    by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.by


@pytest.fixture
async def rule(city: Block, owner_dsn: str) -> int:
    """The rule under which footage is kept."""
    await city.web.authorise("fixed_camera")
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        row = await (await owner.execute("select rule from retention_rule")).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def spool(city: Block) -> Spool:
    return Spool.take(city.spool, "record")


def gaps(city: Block, rule: int, count: int, *, days_ago: int = 0) -> list[Gap]:
    """Gaps of a second each, that ended lately."""
    agency, now = city.web.parts.agency, city.web.parts.clock.now() - timedelta(days=days_ago)
    made = [now - timedelta(minutes=count - n) for n in range(count)]
    terms = Terms(agency, UUID(int=0x33), 1, rule)
    return [Gap(uuid7(at), CAMERA, terms, us(at), us(at) + 1_000_000, GapReason.RECORDER_DOWN) for at in made]


def waiting(spool: Spool, rows: Sequence[Gap], index: Index) -> list[Path]:
    """Let rows wait for the index, beside the spool as a recorder does."""
    paths = [spool.keep_row(row) for row in rows]
    for path in paths:
        index.add(path)
    return paths


def an_index(city: Block, spool: Spool, door: Door | None = None) -> Index:
    return Index(door or city.web.parts.door, spool, city.objects, city.keystore)


async def indexed(owner_dsn: str) -> set[UUID]:
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        return {row[0] for row in await (await owner.execute("select id from footage_gap")).fetchall()}


@asynccontextmanager
async def answering(
    owner_dsn: str, sqlstate: str, row: UUID | None = None, *, table: str = "footage_gap"
) -> AsyncIterator[None]:
    """The database answers this to whoever inserts a row, or that one row."""
    which = "" if row is None else f"when (new.id = '{row}')"
    async with await psycopg.AsyncConnection.connect(owner_dsn, autocommit=True) as owner:
        await owner.execute(
            "create function answer() returns trigger language plpgsql as"
            f" $$ begin raise exception 'so says the test' using errcode = '{sqlstate}'; end $$".encode()
        )
        await owner.execute(
            f"create trigger answer before insert on {table} for each row {which} execute function answer()".encode()
        )
        try:
            yield
        finally:
            await owner.execute("drop function answer cascade")


async def brought(index: Index, rounds: int) -> None:
    """As many rounds of the recorder's loop, which outlives whatever a round meets."""
    for _ in range(rounds):
        with suppress(WatchfloorError, psycopg.Error):
            while await index.bring():
                pass


async def test_a_database_that_is_away_for_over_fifteen_minutes_costs_no_row(
    city: Block, rule: int, spool: Spool, dsns: Dsns
) -> None:
    clock = Ahead()
    rules = DoorRules({}, identity_store.why_ended, second_factor_required=False)
    index = an_index(city, spool, Door(city.web.parts.database, clock, rules))
    (before, *during) = gaps(city, rule, 4)
    waiting(spool, [before], index)
    assert await index.bring() == 1
    async with database_away(dsns):
        clock.by = timedelta(minutes=16)
        rows = waiting(spool, during, index)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await index.bring()
    assert all(row.exists() for row in rows) and index.waiting == 3
    await brought(index, 20)
    assert await indexed(dsns.owner) == {gap.id for gap in (before, *during)}
    assert not any(row.exists() for row in rows)


@pytest.mark.parametrize(
    ("sqlstate", "error"),
    [("53100", Full), ("40P01", Conflict), ("57014", Unavailable), ("57P01", Unavailable)],
)
async def test_what_is_no_fault_of_a_row_leaves_it_waiting_however_often(
    city: Block, rule: int, spool: Spool, owner_dsn: str, sqlstate: str, error: type[WatchfloorError]
) -> None:
    """Its disk full, a deadlock, a statement that took too long, a shutdown: PostgreSQL says so itself."""
    index = an_index(city, spool)
    wanted = gaps(city, rule, 3)
    rows = waiting(spool, wanted, index)
    async with answering(owner_dsn, sqlstate):
        for _ in range(8):
            with pytest.raises(error):
                await index.bring()
        assert all(row.exists() for row in rows) and index.waiting == 3
    await brought(index, 1)
    assert await indexed(owner_dsn) == {gap.id for gap in wanted} and not list(spool.rows())


async def test_a_row_that_cannot_be_is_set_aside_loudly_alone_and_tried_at_the_next_start(
    city: Block, rule: int, spool: Spool, owner_dsn: str
) -> None:
    index = an_index(city, spool)
    wanted = gaps(city, rule, 5)
    rows = waiting(spool, wanted, index)
    impossible = wanted[2]
    async with answering(owner_dsn, "23514", impossible.id):
        await brought(index, 3)
        # It holds up nobody, and is not given up at once.
        assert await indexed(owner_dsn) == {gap.id for gap in wanted} - {impossible.id}
        assert rows[2].exists() and index.waiting == 1 and index.troubled
        with capture_logs() as said:
            await brought(index, 4)
        assert not rows[2].exists() and rows[2].with_suffix(".bad").exists()
        assert index.waiting == 0 and not index.troubled
        assert [line["row"] for line in said if line.get("alarm")] == [rows[2].name]
        spool.close()
        # While what is in its way stays there it is set aside again, at every start.
        await started(city)
        assert rows[2].with_suffix(".bad").exists()
    await started(city)
    assert not rows[2].with_suffix(".bad").exists()
    assert await indexed(owner_dsn) == {gap.id for gap in wanted}


async def started(city: Block) -> None:
    """A recorder starts on the spool and goes its rounds."""
    process = city.process()
    try:
        await process.begin()
        await brought(process.index, 8)
    finally:
        await process.end()
        process.spool.close()


async def test_a_row_that_cannot_be_read_keeps_no_recorder_from_starting(
    city: Block, rule: int, spool: Spool, owner_dsn: str
) -> None:
    (gap,) = gaps(city, rule, 1)
    spool.keep_row(gap)
    (torn := spool.folder / "rows" / "torn.row").write_bytes(b'{"kind": "gap", "id"')
    spool.close()
    for _ in range(2):
        await started(city)
        assert torn.with_suffix(".bad").exists()
    assert await indexed(owner_dsn) == {gap.id}


async def test_a_day_whose_partition_was_rolled_back_gets_it_with_the_next_try(
    city: Block, rule: int, spool: Spool, owner_dsn: str
) -> None:
    """Of a day long ago, of which nobody made one ahead."""
    index = an_index(city, spool)
    wanted = gaps(city, rule, 2, days_ago=9)
    waiting(spool, wanted, index)
    async with answering(owner_dsn, "53100"):
        with pytest.raises(Full):
            await index.bring()
    assert await index.bring() == 2
    assert await indexed(owner_dsn) == {gap.id for gap in wanted}


class NoAnswer(Objects):
    """A store that does not answer while it is away."""

    away = True

    async def get(self, key: str) -> bytes:
        if self.away:
            raise Unavailable("The object store does not answer at present.", reason="objects_away")
        return await super().get(key)


async def taken_over(city: Block, owner_dsn: str, name: str = "Mill St") -> UUID:
    """A camera that another recorder took an hour ago and has."""
    camera = inside("camera", (await city.camera("rtsp://127.0.0.1:9/none", name=name))["id"])
    async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
        await owner.execute(
            "insert into camera_assignment values (%s, %s, %s, 2, %s)",
            (camera, city.web.parts.agency, UUID(int=0x44), city.web.parts.clock.now() - timedelta(hours=1)),
        )
    return camera


def written_after(city: Block, camera: UUID, rule: int) -> Segment:
    """A minute that a recorder wrote of a camera which it had lost."""
    now = city.web.parts.clock.now()
    terms = Terms(city.web.parts.agency, UUID(int=0x33), 1, rule)
    label = Label(camera, rule, day_of(us(now)), 1)
    return Segment(
        SegmentId(uuid7(now)), label, terms, us(now), us(now) + 60_000_000, 7, b"", 9, b"", "avc1.640015", 640, 272,
    )  # fmt: skip


async def test_a_segment_that_cannot_be_cut_is_set_aside_and_holds_up_no_other_row(
    city: Block, rule: int, spool: Spool, owner_dsn: str
) -> None:
    """Another recorder has the cameras, so each would have to be cut; its key, its bytes or all of it is gone."""
    cameras = [await taken_over(city, owner_dsn, name) for name in ("Mill St", "Oak St", "Elm St")]
    no_key, no_bytes, nothing = lost = [written_after(city, camera, rule) for camera in cameras]
    for segment in (no_bytes, nothing):
        city.keystore.make_or_find(segment.label.camera, rule, segment.label.day)
    for segment in (no_key, no_bytes):
        await city.objects.put(object_path(segment.id, segment.label), b"rubbish")
    (gap,) = gaps(city, rule, 1)
    index = an_index(city, spool)
    rows: list[Segment | Gap] = [*lost, gap]
    for row in rows:
        index.add(spool.keep_row(row))
    with capture_logs() as said:
        assert await index.bring() == 4
    assert await indexed(owner_dsn) == {gap.id}
    assert index.waiting == 0 and not spool.rows() and not spool.parts()
    assert [(line["row"], line["why"]) for line in said if line.get("alarm")] == [
        (spool.row(no_key).name, f"There is no key for the footage of {no_key.label.day}."),
        (spool.row(no_bytes).name, "This is not a segment of footage."),
        (spool.row(nothing).name, f"There is no object {object_path(nothing.id, nothing.label)}."),
    ]
    # Beside the spool `watchfloor check` sees them, the sweep forgets them with their day, and the next start tries them again.
    assert all(spool.row(segment).with_suffix(".bad").exists() for segment in lost)
    (found,) = of_spool(Layout(city.spool.parents[1]), city.web.parts.clock.now())
    assert found.what.startswith("3 rows of footage were set aside")


async def test_a_segment_waits_to_be_cut_while_the_store_is_away(
    city: Block, rule: int, spool: Spool, owner_dsn: str, tmp_path: Path
) -> None:
    lost = written_after(city, await taken_over(city, owner_dsn), rule)
    city.keystore.make_or_find(lost.label.camera, rule, lost.label.day)
    objects = NoAnswer(ObjectSettings(), tmp_path / "elsewhere")
    index = Index(city.web.parts.door, spool, objects, city.keystore)
    index.add(row := spool.keep_row(lost))
    for _ in range(8):
        with pytest.raises(Unavailable, match="The object store does not answer"):
            await index.bring()
    assert row.exists() and index.waiting == 1
    objects.away = False
    assert await index.bring() == 1 and row.with_suffix(".bad").exists()


async def test_makers_of_partitions_never_wait_for_each_other_in_a_ring(
    city: Block, rule: int, spool: Spool, owner_dsn: str
) -> None:
    """Another maker, who takes the tables in the order of their names, is half way."""
    index = an_index(city, spool)
    (gap,) = gaps(city, rule, 1, days_ago=9)
    waiting(spool, [gap], index)
    make = "call wf_partition_create(%s, %s::smallint, %s)"
    async with await psycopg.AsyncConnection.connect(owner_dsn) as other:
        await other.execute(make, ("footage_gap", rule, day_of(gap.began_us)))
        bringing = asyncio.create_task(index.bring())
        await until(lambda: waits_for_a_lock(owner_dsn), bool)
        await other.execute(make, ("segment", rule, day_of(gap.began_us)))
    assert await bringing == 1
    assert await indexed(owner_dsn) == {gap.id}
