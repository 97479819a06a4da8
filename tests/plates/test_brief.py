"""Reads that are kept for minutes go by their own age, with their pictures, while hits stay; a canary finds out whether they did."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns
from tests.governance.test_holds import hold_routes
from tests.plates.conftest import Device, Town, a_town, drained
from tests.plates.holding import is_moved_by_a_hold, logged, receipt_says_two
from tests.plates.make import jpeg
from tests.plates.test_inbox import a_box
from tests.plates.test_keeping import sees
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.plates.inbox import Watch
from watchfloor.plates.picture import Shelf, folder_of, key_of, name_of
from watchfloor.settings import ObjectSettings
from watchfloor.storage.database import Database
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects
from watchfloor.storage.streams import INTAKE, TRANSIENT
from watchfloor.sweep import brief, canary, canary_store, prove
from watchfloor.sweep.canary import Nest
from watchfloor.sweep.canary_model import Canary, Stands

# How old reads are made, to be gone, and canaries, to be looked for: each by a minute nearly from where that changes.
GONE, LOOKED = timedelta(seconds=220), timedelta(seconds=125)
WANTED, OTHER, LATE = jpeg(tail=b"wanted"), jpeg(tail=b"other"), jpeg(tail=b"late")

# Canaries as they were kept before there were any of pictures.
OLD_FORM = "update job set payload = payload - 'pictures' where kind = 'retention.canary' returning id"
# As if the intake had kept a canary's read waiting until the canary was over.
CAME_LATE = """insert into plate_read (agency_id, rule, at, device_id, source_key, plate, folded_key, received_at, clock_suspect,
    authorisation_id) select agency_id, rule, at, device_id, 'late', plate, folded_key, received_at, false, authorisation_id
    from plate_read returning 1"""
# What is held cannot be moved: whoever moved it at the same moment was there first.
CANNOT_MOVE = """select 1; create or replace function wf_keep_held(
    at_now timestamptz, of_devices uuid[], first_at timestamptz, last_at timestamptz)
    returns table (device_id uuid, source_key text, at timestamptz) language plpgsql as $$ begin
    raise exception using errcode = '40001'; end $$"""


@pytest_asyncio.fixture
async def swift(center: CenterMaker, bus: Bus, dsns: Dsns, tmp_path: Path) -> AsyncIterator[Town]:
    """Reads and pictures three minutes, hits a year."""
    async with a_town(
        center,
        bus,
        dsns,
        tmp_path,
        keep_minutes={"plate_read": 3},
        keep_by_class={"plate_hit": 365},
        more=lambda parts, _: hold_routes(parts),
    ) as town:
        yield town


@pytest_asyncio.fixture
async def nest(swift: Town, sweep_database: Database, tmp_path: Path) -> Nest:
    """The sweep's place beside it."""
    rules = DoorRules({}, identity_store.why_ended, second_factor_required=False)
    door = Door(sweep_database, swift.web.parts.clock, rules)
    return Nest(door, swift.web.parts.clock, swift.bus, swift.objects, [tmp_path / "logs"])


class Away(Objects):
    """A store that does not answer of one picture."""

    async def has(self, key: str) -> bool:
        if key.endswith("f" * 64):
            raise Unavailable("The store does not answer.")
        return await super().has(key)


async def pass_by(town: Town, folder: Path, by: timedelta, canaries: timedelta | None = None) -> None:
    """Let what is there be older than it is: rows by when they were received, pictures by their files, canaries by their planting,
    these by less where a look must come before their end on a busy machine too.
    """
    await town.rows(
        "with r as (update plate_read set received_at = received_at - %s returning 1), j as (update job set payload = payload ||"
        " jsonb_build_object('planted_at', to_char((payload ->> 'planted_at')::timestamptz at time zone 'UTC' - %s,"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')) where kind = 'retention.canary' returning 1) select 1",
        by,
        canaries or by,
    )

    def age() -> None:
        for path in (folder / "objects" / Shelf.BRIEF.value).rglob("*"):
            then = path.stat().st_mtime - by.total_seconds()
            os.utime(path, (then, then))

    await asyncio.to_thread(age)


async def lying(town: Town) -> list[str]:
    """The pictures of reads that are kept for minutes."""
    return sorted(
        [one.key async for one in town.objects.listed(folder_of(town.web.parts.agency, Shelf.BRIEF))]
    )


async def three_pass(town: Town) -> Device:
    """A wanted car, another, and one that was seen ten minutes ago and is wanted too."""
    await town.a_list("ZZWANTED00", "ZZLATE0000")
    reader = await town.reader()
    await sees(town, reader, "ZZWANTED00", WANTED)
    await sees(town, reader, "ZZOTHER000", OTHER)
    await sees(town, reader, "ZZLATE0000", LATE, at=town.ago(minutes=10))
    # What waits to be matched is in the memory of the bus.
    assert [(await town.bus.waiting(stream)).messages for stream in (TRANSIENT, INTAKE)] == [3, 0]
    async with town.matching():
        await drained(town)
    return reader


async def test_reads_go_in_their_minutes_with_their_pictures_and_hits_stay(
    swift: Town, nest: Nest, tmp_path: Path
) -> None:
    agency, objects = swift.web.parts.agency, swift.objects
    reader = await three_pass(swift)
    # What came later than it may be kept was matched and never stored.
    assert sorted(await swift.plates()) == ["ZZOTHER000", "ZZWANTED00"]
    assert len(await swift.rows("select 1 from plate_picture")) == 2
    assert await logged(swift) == {"ZZOTHER000": False, "ZZWANTED00": False}, "it is in no write-ahead log"
    both = [key_of(agency, name_of(one), Shelf.BRIEF) for one in (WANTED, OTHER)]
    assert await lying(swift) == sorted(both)

    assert await brief.forget(nest.door, objects, agency) is None
    assert len(await swift.plates()) == 2, "their time is not over"
    await pass_by(swift, tmp_path, timedelta(seconds=170))
    await is_moved_by_a_hold(swift, reader, "ZZOTHER000", "ZZWANTED00", OTHER)
    assert await brief.forget(nest.door, objects, agency) is None
    assert (await swift.plates(), await lying(swift)) == (["ZZOTHER000"], both[1:])
    # The held car's picture comes again with a read that is too late to be stored.
    await sees(swift, reader, "ZZOTHER000", OTHER, id="again", at=swift.ago(minutes=10))
    async with swift.matching():
        await drained(swift)
    await brief.forget_orphans(nest.door, objects, agency)
    assert (await swift.plates(), await lying(swift)) == (["ZZOTHER000"], both[1:])
    await swift.rows("update hold set ended_at = now() returning id")
    await swift.rows(CANNOT_MOVE)
    assert "is not yet where a crash does not lose it" in str(await brief.forget(nest.door, objects, agency))
    assert (await swift.plates(), await lying(swift)) == ([], [])
    assert await swift.rows("select 1 from plate_picture") == []

    hits = await swift.rows("select plate from plate_hit order by plate")
    assert [hit["plate"] for hit in hits] == ["ZZLATE0000", "ZZWANTED00"]
    for picture in (WANTED, LATE):
        assert await objects.get(key_of(agency, name_of(picture))) == picture
    await receipt_says_two(swift, nest)


async def test_a_picture_whose_read_never_came_goes_after_the_longest_length_in_force(
    swift: Town, nest: Nest, tmp_path: Path
) -> None:
    agency = swift.web.parts.agency
    await swift.objects.put_content(folder_of(agency, Shelf.BRIEF), OTHER)
    await swift.rows(
        "insert into retention_rule (agency_id, keep_for, created_at) values (%s, interval '1 minute', now()) returning rule",
        agency,
    )
    await pass_by(swift, tmp_path, timedelta(seconds=70))
    assert await brief.forget(nest.door, swift.objects, agency) is None
    assert await brief.forget_orphans(nest.door, swift.objects, agency) == timedelta(seconds=10)
    assert len(await lying(swift)) == 1, "its read may still come: a shorter rule is nobody's"
    await pass_by(swift, tmp_path, timedelta(seconds=90))
    await brief.forget_orphans(nest.door, swift.objects, agency)
    assert await lying(swift) == []


async def findings(nest: Nest, town: Town) -> list[str]:
    async with nest.door.open(Ask(process_actor(town.web.parts.agency, "sweep"), Need.RETENTION_LOOK)) as tx:
        return [alarm.sentence for alarm in await prove.alarms(tx)]


def seconds_of(sentence: str, before: str) -> int:
    """The number behind these words."""
    found = re.search(rf"{before} (\d+) seconds", sentence)
    assert found is not None, sentence
    return int(found[1])


async def in_force(town: Town, lengths: dict[str, str]) -> None:
    """The last round of planting found these lengths, since then."""
    await town.rows(
        "update job set payload = payload || jsonb_build_object('in_force', %s::jsonb) where kind = 'retention.canaries' returning id",
        json.dumps(lengths),
    )


async def planted_and_matched(town: Town, nest: Nest, before: str = "select 1") -> Canary:
    """One more, whenever the last was, after this statement."""
    await town.rows(before)
    await town.rows("delete from job where kind = 'retention.canaries' returning id")
    (planted,) = await canary.plant(nest, town.web.parts.agency)
    async with town.matching():
        await drained(town)
    assert await town.plates() == [planted.plate.text]
    assert await canary.look(nest, town.web.parts.agency) == []
    return planted


async def test_a_canary_is_followed_until_nothing_of_it_is_left(
    swift: Town, nest: Nest, tmp_path: Path
) -> None:
    agency = swift.web.parts.agency
    assert await canary.plant(nest, agency) == [], "no reader, no canary"
    await swift.reader()
    taken = "update reader set name = %s where name = %s returning id"
    await swift.rows("delete from job where kind = 'retention.canaries' returning id")
    await swift.rows(taken, "Canary of reads kept 3 minutes", "North")
    assert await canary.plant(nest, agency) == [], "people's reader has the name"
    assert await findings(nest, swift) == []
    await in_force(swift, {"3": "2026-01-01T00:00:00Z"})
    (said,) = await findings(nest, swift)
    assert said.startswith("No canary of reads that are kept 3 minutes was planted since 2026-01-01")
    await swift.rows(taken, "North", "Canary of reads kept 3 minutes")
    planted = await planted_and_matched(swift, nest)
    assert await canary.plant(nest, agency) == [], "one an hour"
    await pass_by(swift, tmp_path, GONE, LOOKED)
    await brief.forget(nest.door, swift.objects, agency)
    (gone,) = await canary.look(nest, agency)
    assert gone.fault is None and gone.gone_s.keys() == {"row", "picture", "stream", "files"}
    assert 125 <= gone.gone_s["row"] <= 180 and gone.gone_s["stream"] < 125
    assert await findings(nest, swift) == []
    (logged,) = await swift.rows("select leaf from audit_entry where reason = 'retention.canary'")
    assert planted.plate.text.encode() not in bytes(logged["leaf"])
    # Nobody's list of readers has its reader.
    technician = await swift.web.person("technician")
    assert [one["name"] for one in (await technician.get("/api/v1/readers")).json()["items"]] == ["North"]


async def test_a_canary_of_which_something_stays_is_an_alarm_until_the_next_went_as_it_should(
    swift: Town, nest: Nest, tmp_path: Path
) -> None:
    agency = swift.web.parts.agency
    await swift.reader()
    planted = await planted_and_matched(swift, nest)
    await pass_by(swift, tmp_path, timedelta(minutes=14))
    (said,) = await findings(nest, swift)
    assert said.startswith("A canary of reads that are kept 3 minutes was not looked for to its end since")
    assert await canary.look(nest, agency) == []
    (said,) = await findings(nest, swift)
    assert "the table of reads, the pictures" in said
    assert seconds_of(said, "kept 3 minutes is still there after") >= 840
    await brief.forget(nest.door, swift.objects, agency)
    log = tmp_path / "logs" / "sense.log"
    log.parent.write_text("no folder, so nobody can look into it")
    assert await canary.look(nest, agency) == []
    (said,) = await findings(nest, swift)
    assert "cannot be looked for: something in" in said
    log.parent.unlink()
    log.parent.mkdir()
    log.write_text(f"read {planted.plate.text} of a car")
    assert await canary.look(nest, agency) == []
    (said,) = await findings(nest, swift)
    assert "files of the spool, the inbox, the bus or the logs" in said and planted.plate.text not in said
    log.unlink()
    (gone,) = await canary.look(nest, agency)
    assert gone.fault is not None and seconds_of(gone.fault, "was found gone only after") >= 840
    assert await findings(nest, swift) == [gone.fault]
    async with nest.door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_LOOK)) as tx:
        assert await canary_store.newest(tx) == [gone]
    await in_force(swift, {})
    assert await findings(nest, swift) == [], "nobody's reads are kept so any more"
    await planted_and_matched(swift, nest, OLD_FORM)
    await pass_by(swift, tmp_path, GONE, LOOKED)
    await brief.forget(nest.door, swift.objects, agency)
    await canary.look(nest, agency)
    assert await findings(nest, swift) == []


async def test_where_reads_are_never_stored_a_canary_is_in_no_table_and_soon_nowhere(
    blind: Town, sweep_database: Database, tmp_path: Path
) -> None:
    agency, clock = blind.web.parts.agency, blind.web.parts.clock
    door = Door(sweep_database, clock, DoorRules({}, identity_store.why_ended, second_factor_required=False))
    nest = Nest(door, clock, blind.bus, blind.objects, [])
    await blind.reader()
    (planted,) = await canary.plant(nest, agency)
    assert planted.stands == Stands(0)
    assert await blind.objects.has(key_of(agency, planted.picture, Shelf.TRANSIENT))
    assert await canary.look(nest, agency) == []
    async with blind.matching():
        await drained(blind)
    await pass_by(blind, tmp_path, timedelta(seconds=40))
    stuck = Canary(
        uuid7(clock.now()), planted.reader, Stands(0), "f" * 64, clock.now() - timedelta(minutes=1)
    )
    async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        await canary_store.keep(tx, stuck)
    away = Away(ObjectSettings(min_free_mb=0), tmp_path / "objects")
    (gone,) = await canary.look(replace(nest, objects=away), agency)
    assert gone.id == planted.id, "one that cannot be looked for keeps no other waiting"
    assert (gone.arrived, gone.fault) == (False, None)
    assert gone.gone_s.keys() == {"row", "picture", "stream", "files"}
    assert await blind.plates() == []


async def test_where_pictures_alone_are_kept_for_minutes_a_canary_of_pictures_is_followed(
    center: CenterMaker, bus: Bus, dsns: Dsns, sweep_database: Database, tmp_path: Path
) -> None:
    async with a_town(center, bus, dsns, tmp_path, keep_minutes={"plate_picture": 3}) as town:
        agency, clock = town.web.parts.agency, town.web.parts.clock
        door = Door(
            sweep_database, clock, DoorRules({}, identity_store.why_ended, second_factor_required=False)
        )
        nest = Nest(door, clock, town.bus, town.objects, [])
        await town.reader()
        planted = await planted_and_matched(town, nest)
        assert planted.stands == Stands(3, pictures=True)
        await pass_by(town, tmp_path, GONE, LOOKED)
        await brief.forget(nest.door, town.objects, agency)
        assert await town.plates() == [planted.plate.text], "its read is kept for days"
        await town.rows(CAME_LATE)
        (gone,) = await canary.look(nest, agency)
        assert gone.fault is None and gone.gone_s.keys() == {"row", "picture"}
        kept = await town.rows("select source_key from plate_read")
        assert [one["source_key"] for one in kept] == ["late"], (
            "and stands for nothing: it goes with the canary"
        )
        await planted_and_matched(town, nest)
        await pass_by(town, tmp_path, timedelta(minutes=14))
        assert await canary.look(nest, agency) == []
        (said,) = await findings(nest, town)
        assert said.startswith("A canary of pictures that are kept 3 minutes is still there after")
        assert said.endswith("in the index of pictures, the pictures.")


async def test_a_file_that_nobody_can_take_waits_no_longer_than_reads_are_kept(
    swift: Town, tmp_path: Path
) -> None:
    parts = swift.web.parts
    box, reader = a_box(swift, tmp_path / "inbox"), await swift.reader()
    await box.looks()
    (box.folder(reader, "plain") / "one.json.part").write_bytes(b"{")
    (box.folder(reader, "plain") / "two.json").write_bytes(b"{}")
    inbox = box.watch._inbox
    clock = ManualClock(parts.clock.now() + timedelta(seconds=130))
    later = replace(inbox.intake, clock=clock)
    watch = Watch(replace(inbox, intake=later, settle_s=3600.0))
    await watch.look()
    assert box.lying() == ["two.json"], "an upload that was broken off goes before"
    await clock.advance(timedelta(minutes=1.1))
    await watch.look()
    assert box.lying() == []
