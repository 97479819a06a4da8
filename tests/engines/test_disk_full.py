"""A disk that really fills up: what is refused, that nothing acknowledged is lost, and that room heals it."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tests.engines.center import CLOCK, Center, a_center, until
from watchfloor.engines.check import of_disk
from watchfloor.kit.errors import Full, Unavailable
from watchfloor.settings import ObjectSettings, Settings
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus, Delivery
from watchfloor.storage.objects import Objects


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Center]:
    """A center that is alone on a disk of 400 MB."""
    with a_center() as center:
        center.data.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400m,mode=711", "none", center.data],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if mounted.returncode:
            pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
        try:
            yield center
        finally:
            if not center.ended:
                center.end()
            subprocess.run(["umount", center.data], check=True)


NOT_KEPT = (
    "The database's disk is full; nothing was kept.",
    "The database does not answer at present.",
    "The database went away while it was keeping this; it may be kept or not.",
)


def fill(folder: Path, *, leave_mb: int) -> Path:
    """Take the disk's room but `leave_mb`; the file that does it."""
    room = os.statvfs(folder)
    path = folder / "filler"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - leave_mb * 2**20)
    return path


async def test_a_full_disk_refuses_rows_keeps_what_was_committed_and_heals_with_room(small: Center) -> None:
    await small.up()
    with psycopg.connect(small.endpoints.dsn("wf_owner")) as owner:
        owner.execute("create table wide (n int primary key, filling text)")
        owner.execute("grant select, insert on wide to wf_app")
    database = await Database.connect(small.endpoints.dsn("wf_app"), role="wf_app")
    filler = fill(small.data, leave_mb=24)
    kept: list[int] = []
    refused: Exception | None = None
    for n in range(200):
        try:
            async with database.transaction() as connection:
                await connection.execute(
                    "insert into wide select %s, string_agg(md5(random()::text), '') from generate_series(1, 30000)",
                    (n,),
                )
            kept.append(n)
        except (Full, Unavailable) as error:
            # Full where a table could not grow; away where the log could not, and PostgreSQL restarts.
            refused = error
            break
    assert isinstance(refused, Full | Unavailable) and refused.detail in NOT_KEPT
    assert kept
    filler.unlink()
    end = CLOCK.monotonic() + 60
    found: list[int] | None = None
    while found is None:
        try:
            async with database.transaction() as connection:
                await connection.execute("insert into wide values (1000, 'there is room again')")
                rows = await (await connection.execute("select n from wide order by n")).fetchall()
                found = [row["n"] for row in rows]
        except (Full, Unavailable):
            assert CLOCK.monotonic() < end, "room did not heal it"
            await CLOCK.sleep(0.2)
    assert [n for n in found if n != refused_row(kept)] == [*kept, 1000]
    await database.close()


def refused_row(kept: list[int]) -> int:
    """The row whose commit was cut off: PostgreSQL may have kept it, and said so to nobody."""
    return kept[-1] + 1


async def test_a_full_disk_takes_no_picture_and_no_read_and_loses_none_it_took(small: Center) -> None:
    await small.up()
    address = small.endpoints.bus()
    bus = await Bus.connect(address.url, user=address.user, password=address.password, name="test")
    await bus.ensure_intake(max_mb=256)
    objects = Objects(ObjectSettings(min_free_mb=0), small.data / "objects")
    filler = fill(small.data, leave_mb=12)
    pictures = 0
    with pytest.raises(Full) as no_room:
        for n in range(60):
            await objects.put(f"plate-pictures/{n}", os.urandom(500_000))
            pictures += 1
    assert no_room.value.detail == "The disk of the object store has 0 MB left; nothing new is taken."
    reads = 0
    with pytest.raises((Full, Unavailable)) as refused:
        for n in range(60):
            await bus.put("intake.plates.r1", b"%d" % n + b"x" * 500_000, message_id=str(n))
            reads += 1
    # Whichever the bus says of its disk: both are answered 503, and the reader sends it again.
    assert refused.value.detail in (
        "The intake buffer is full; nothing was taken.",
        "The bus does not answer at present.",
    )
    filler.unlink()
    assert len([s async for s in objects.listed("plate-pictures")]) == pictures
    await objects.put("plate-pictures/after", b"x")

    await until_taken(bus, b"after")
    assert await all_taken(bus, last=b"after") >= {b"%d" % n + b"x" * 500_000 for n in range(reads)}
    await bus.close()


async def until_taken(bus: Bus, payload: bytes) -> None:
    """Put a message as often as it takes."""
    end = CLOCK.monotonic() + 60
    while True:
        try:
            await bus.put("intake.plates.r1", payload, message_id=payload.decode())
            break
        except (Full, Unavailable):
            assert CLOCK.monotonic() < end, "room did not heal the intake"


async def all_taken(bus: Bus, *, last: bytes) -> set[bytes]:
    """What the buffer held, up to the message that was put last."""
    kept: set[bytes] = set()

    async def handle(batch: Sequence[Delivery], /) -> None:
        kept.update(d.payload for d in batch)

    async def nothing(_: Delivery, __: str, /) -> None:
        return None

    taking = asyncio.create_task(bus.take("plates", "intake.plates.>", handle, nothing, batch=5))
    await until(lambda: last in kept, "what was put last")
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    return kept


async def test_check_says_that_the_disk_runs_low(small: Center) -> None:
    await small.up()
    settings = Settings(small.data, objects=ObjectSettings(min_free_mb=100))
    assert list(of_disk(settings, small.endpoints.layout)) == []
    filler = fill(small.data, leave_mb=5)
    (finding,) = of_disk(settings, small.endpoints.layout)
    assert finding.what.startswith(f"The disk of {small.data}") and finding.what.endswith(" MB left.")
    assert finding.so_what.endswith(" is refused: recording stops and readers are told to wait.")
    filler.unlink()
    await until(lambda: list(of_disk(settings, small.endpoints.layout)) == [], "room")
