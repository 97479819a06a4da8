"""Each class of data lives as long as was approved for it: reads, their pictures, hits; or is never stored at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns
from tests.plates.conftest import Device, Town, a_town, drained
from tests.plates.make import jpeg
from watchfloor.plates.picture import key_of, name_of
from watchfloor.storage.nats import Bus

WANTED, OTHER, CROWD = jpeg(tail=b"wanted"), jpeg(tail=b"other"), jpeg(tail=b"two cars")


@pytest_asyncio.fixture
async def lengths(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Town]:
    """Reads 30 days, pictures a week, hits a year."""
    kept = {"plate_picture": 7, "plate_hit": 365}
    async with a_town(center, bus, dsns, tmp_path, keep_by_class=kept) as town:
        yield town


async def sees(town: Town, reader: Device, plate: str, picture: bytes, **more: Any) -> None:
    await reader.posts(f"/plate-pictures/{name_of(picture)}", picture, method="PUT")
    read = {
        "id": plate,
        "plate": plate,
        "state": "MO",
        "at": town.ago(seconds=2),
        "picture": name_of(picture),
    }
    answer = await reader.sends(read | more)
    assert answer.status_code == 202, answer.text


async def rule_of(town: Town, table: str) -> tuple[int, timedelta]:
    rows = await town.rows(f"select t.rule, r.keep_for from {table} t join retention_rule r using (rule)")
    (found,) = {(row["rule"], row["keep_for"]) for row in rows}
    return found


async def test_reads_pictures_and_hits_live_by_their_own_rules(lengths: Town) -> None:
    await lengths.a_list("ABC123")
    reader = await lengths.reader()
    async with lengths.matching():
        await sees(lengths, reader, "ABC123", WANTED)
        await drained(lengths)
    kept = {
        table: (await rule_of(lengths, table))[1].days
        for table in ("plate_read", "plate_picture", "plate_hit")
    }
    assert kept == {"plate_read": 30, "plate_picture": 7, "plate_hit": 365}
    # Room was made ahead for what each rule keeps, and for nothing else.
    rules = {table: (await rule_of(lengths, table))[0] for table in kept}
    made = await lengths.rows("select relname from pg_class where relispartition and relkind = 'r'")
    names = {row["relname"].rpartition("_")[0] for row in made}
    assert {f"{table}_r{rule}" for table, rule in rules.items()} <= names
    assert f"plate_hit_r{rules['plate_picture']}" not in names


async def test_a_read_that_nobody_wants_is_never_stored_where_that_is_approved(blind: Town) -> None:
    await blind.a_list("ABC123")
    reader = await blind.reader()
    async with blind.matching():
        await sees(blind, reader, "ABC123", WANTED)
        await sees(blind, reader, "XYZ987", OTHER)
        await drained(blind)
    assert await blind.plates() == []
    assert await blind.rows("select * from plate_picture") == []
    (hit,) = await blind.rows("select plate, picture from plate_hit")
    assert (hit["plate"], hit["picture"]) == ("ABC123", name_of(WANTED))
    agency = blind.web.parts.agency
    assert await blind.objects.has(key_of(agency, name_of(WANTED)))
    assert not await blind.objects.has(key_of(agency, name_of(OTHER)))
    for table in ("plate_hit", "quarantine", "audit_entry", "audit_payload", "alert"):
        told = f"select t::text as said from {table} t where t::text like %s"
        assert await blind.rows(told, "%XYZ987%") == [], table
        assert table != "plate_hit" or await blind.rows(told, "%ABC123%")


async def test_a_picture_of_a_hit_stays_though_another_car_is_on_it_too(blind: Town) -> None:
    await blind.a_list("ABC123")
    reader = await blind.reader()
    async with blind.matching():
        await sees(blind, reader, "ABC123", CROWD)
        await sees(blind, reader, "XYZ987", CROWD)
        await drained(blind)
    assert await blind.objects.has(key_of(blind.web.parts.agency, name_of(CROWD)))


async def test_a_read_that_is_never_stored_is_one_hit_however_often_it_is_sent(blind: Town) -> None:
    await blind.a_list("ABC123")
    reader = await blind.reader()
    async with blind.matching():
        for at in (blind.ago(seconds=2), None):
            for _ in range(3):
                await sees(blind, reader, "ABC123", WANTED, id=f"with time {at is not None}", at=at)
                await drained(blind)
    assert len(await blind.rows("select * from plate_hit")) == 2
    assert len(blind.hits) == 2


async def test_a_time_that_lies_further_back_than_anything_of_the_read_is_kept_is_not_believed(
    lengths: Town,
) -> None:
    reader = await lengths.reader()
    async with lengths.matching():
        await sees(lengths, reader, "ABC123", WANTED, at=lengths.ago(days=31))
        await drained(lengths)
    (read,) = await lengths.rows("select at, clock_suspect from plate_read")
    assert read["clock_suspect"]
    assert isinstance(read["at"].date(), date) and lengths.now() - read["at"] < timedelta(minutes=5)
