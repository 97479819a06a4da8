"""Forgetting on a real database and real files: what goes, what stays, what is proven, what happens after a crash."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests.sweep.conftest import START, Night, digest_of
from watchfloor.governance import authorise
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.plates.picture import key_of
from watchfloor.recordings import store as recording_store
from watchfloor.recordings.keystore import DayDestroyed
from watchfloor.recordings.model import Gap, GapReason, Terms, us
from watchfloor.recordings.wire import encode_row
from watchfloor.storage.classes import TABLES, DataClass, Retention
from watchfloor.sweep import expire_store, prove
from watchfloor.sweep.files import Files, Found, Names, Unreferenced
from watchfloor.sweep.forget import due_days
from watchfloor.sweep.prove import Alarm
from watchfloor.sweep.store import BY_RULE, Day

CAMERA, OTHER = UUID(int=1), UUID(int=2)


async def alarms(night: Night) -> list[Alarm]:
    async with night.door.open(night.ask) as tx:
        return await prove.alarms(tx)


def test_every_table_kept_by_rule_is_known_to_the_sweep_and_every_one_with_an_end_too() -> None:
    assert sorted(BY_RULE) == authorise.by_rule()
    own_end = {name for name, kept in TABLES.items() if kept.retention is Retention.UNTIL_EXPIRY}
    assert set(expire_store.EXPIRED) == own_end - {"audit_payload"}


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-22T00:00:00+00:00", ["2026-10-22"]),
        ("2026-11-21T23:59:59+00:00", []),
        ("2026-11-23T09:00:00+00:00", ["2026-10-22", "2026-10-23"]),
    ],
)
def test_a_day_is_due_when_its_last_instant_is_older_than_the_rule(now: str, due: list[str]) -> None:
    days = [Day("segment", 1, date(2026, 10, d)) for d in (22, 23, 24)]
    found = due_days(days, timedelta(days=30), datetime.fromisoformat(now))
    assert [day.day.isoformat() for day in found] == due


async def test_a_day_past_its_rule_is_gone_with_keys_files_and_rows_and_a_receipt_in_the_log(
    night: Night,
) -> None:
    name = await night.footage(CAMERA, 40)
    kept = await night.footage(CAMERA, 29)
    receipts = [r for r in await night.sweep.round(night.agency) if r.of.table == "segment"]
    assert [(r.of.day, r.objects, r.keys_destroyed, r.kept_by_hold) for r in receipts] == [
        (night.day(40), 2, 1, 0)
    ]
    assert await night.kept("footage") == [kept]
    assert not (
        await night.owner("select from segment where at < %(at)s", at=night.clock.now() - timedelta(days=31))
    )
    assert f"segment_r{night.rule}_{night.day(40):%Y%m%d}" not in await night.partitions("segment")
    with pytest.raises(DayDestroyed):
        night.keystore.find(CAMERA, night.rule, night.day(40))
    assert night.keystore.find(CAMERA, night.rule, night.day(29))
    (row,) = await night.receipts()
    assert (row["digest"], row["bytes"]) == (digest_of((name, 6)), 6)
    (entry,) = await night.entries("retention.forgotten")
    assert (entry["table"], entry["day"], entry["digest"]) == (
        "segment",
        night.day(40).isoformat(),
        row["digest"],
    )
    assert await night.sweep.round(night.agency) == []


async def test_what_is_held_stays_readable_and_only_that(night: Night) -> None:
    held, gone = await night.footage(CAMERA, 40), await night.footage(OTHER, 40)
    hold = await night.hold(CAMERA, 40)
    first = [r for r in await night.sweep.round(night.agency) if r.of.table == "segment"]
    assert [(r.kept_by_hold, r.keys_destroyed) for r in first] == [(1, 1)]
    assert await night.kept("footage") == [held] != [gone]
    assert night.keystore.find(CAMERA, night.rule, night.day(40))
    with pytest.raises(DayDestroyed):
        night.keystore.find(OTHER, night.rule, night.day(40))
    rows = await night.owner("select camera_id from segment")
    assert [row["camera_id"] for row in rows] == [CAMERA]
    assert await shown(night, CAMERA, 40) == 1
    assert await night.sweep.round(night.agency) == []
    assert await alarms(night) == []
    await night.owner("update hold set ended_at = %(now)s where id = %(id)s", now=night.clock.now(), id=hold)
    assert await shown(night, CAMERA, 40) == 0
    last = [r for r in await night.sweep.round(night.agency) if r.of.table == "segment"]
    assert [(r.objects, r.keys_destroyed, r.kept_by_hold) for r in last] == [(2, 1, 0)]
    assert await night.kept("footage") == []
    assert f"segment_r{night.rule}_{night.day(40):%Y%m%d}" not in await night.partitions("segment")


async def shown(night: Night, camera: UUID, ago: int) -> int:
    """How many segments of a day are shown and exported."""
    begin = datetime.combine(night.day(ago), datetime.min.time(), UTC)
    end = begin + timedelta(days=1)
    async with night.door.open(night.ask) as tx:
        return len(await recording_store.segments_of(tx, camera, begin, end, margin=begin))


async def test_a_hold_of_another_class_or_day_holds_nothing_here(night: Night) -> None:
    await night.footage(CAMERA, 40)
    await night.hold(CAMERA, 41)
    await night.hold(CAMERA, 40, DataClass.PLATE_READ)
    await night.sweep.round(night.agency)
    assert await night.kept("footage") == []


class Interrupted(BaseException):
    """The process dies here."""


class Dies:
    """Files whose process dies before or after the deletion."""

    def __init__(self, inner: Files, when: str) -> None:
        self.inner, self.when = inner, when

    async def found(self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names) -> Found:
        found = await self.inner.found(agency, day, spared, names)
        if self.when == "listed":
            raise Interrupted
        return found

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        if self.when == "planned":
            raise Interrupted
        await self.inner.forget(agency, day, spared, names, now)
        raise Interrupted

    async def days(self, rule: int) -> set[date]:
        return await self.inner.days(rule)

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        return await self.inner.oldest(agency, rules)

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        return await self.inner.strays(agency, now, unreferenced)


@pytest.mark.parametrize("when", ["listed", "planned", "deleted"])
async def test_a_crash_between_any_two_steps_is_made_good_and_counted_once(night: Night, when: str) -> None:
    name = await night.footage(CAMERA, 40)
    dies = Dies(night.files[DataClass.FOOTAGE], when)
    with pytest.raises(Interrupted):
        await night.sweep_of({DataClass.FOOTAGE: dies}).round(night.agency)
    assert await night.receipts() == []
    await night.sweep.round(night.agency)
    (row,) = await night.receipts()
    assert (row["objects"], row["bytes"], row["keys_destroyed"], row["digest"]) == (
        2,
        6,
        1,
        digest_of((name, 6)),
    )
    assert await night.kept("footage") == []


async def test_a_hold_placed_between_plan_and_crash_still_spares_what_is_left(night: Night) -> None:
    await night.footage(CAMERA, 40)
    with pytest.raises(Interrupted):
        await night.sweep_of({DataClass.FOOTAGE: Dies(night.files[DataClass.FOOTAGE], "planned")}).round(
            night.agency
        )
    await night.hold(CAMERA, 40)
    await night.sweep.round(night.agency)
    assert len(await night.kept("footage")) == 1
    assert night.keystore.find(CAMERA, night.rule, night.day(40))


async def test_a_sweep_that_slept_for_weeks_catches_up_and_makes_days_ahead(night: Night) -> None:
    for ago in (0, 5, 12, 28):
        await night.footage(CAMERA, ago)
    await night.clock.advance(timedelta(days=45))
    days = [r.of.day for r in await night.sweep.round(night.agency) if r.of.table == "segment"]
    assert days == [night.day(45 + ago) for ago in (28, 12, 5, 0)]
    left = await night.partitions("segment")
    assert left == [f"segment_r{night.rule}_{night.day(-n):%Y%m%d}" for n in (-1, 0, 1, 2, 3)]


async def test_what_a_dead_process_left_half_put_goes_within_an_hour_and_what_is_being_put_stays(
    night: Night, tmp_path: Path
) -> None:
    for name, ago in (("dead", timedelta(minutes=61)), ("alive", timedelta(minutes=1))):
        half = tmp_path / "objects" / ".putting" / name
        half.write_bytes(b"half a picture")
        os.utime(half, times=((night.clock.now() - ago).timestamp(),) * 2)
    await night.sweep.round(night.agency)
    assert [path.name for path in (tmp_path / "objects" / ".putting").iterdir()] == ["alive"]
    shutil.rmtree(tmp_path / "objects" / ".putting")
    await night.sweep.round(night.agency)
    assert any("objects half put" in alarm.sentence for alarm in await alarms(night))


class Broken(Dies):
    """Files that cannot be deleted: the disk says no."""

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        raise Unavailable("The object store does not answer at present.")


async def test_a_class_that_cannot_be_deleted_stops_no_other_and_is_an_alarm_until_it_can(
    night: Night,
) -> None:
    await night.footage(CAMERA, 40)
    await night.make_days("plate_read", [40])
    broken = night.sweep_of({DataClass.FOOTAGE: Broken(night.files[DataClass.FOOTAGE], "")})
    receipts = await broken.round(night.agency)
    assert [r.of.table for r in receipts] == ["plate_read"]
    told = await alarms(night)
    assert any("The object store does not answer" in alarm.sentence for alarm in told)
    assert any(alarm.sentence.startswith("segment of ") for alarm in told)
    await night.sweep.round(night.agency)
    # What was listed stands until it is listed again, the next day.
    assert [a.sentence for a in await alarms(night) if not a.sentence.startswith("Files of")] == []
    assert len(await night.entries("retention.forgotten")) == 2
    await night.clock.advance(timedelta(days=1))
    await night.sweep.round(night.agency)
    assert await alarms(night) == []


async def test_a_sweep_that_is_dead_is_told_of_without_its_help(night: Night) -> None:
    await night.footage(CAMERA, 31)
    assert await alarms(night) == []
    await night.clock.advance(timedelta(hours=26))
    dead, late = [alarm.sentence for alarm in await alarms(night)]
    assert dead.startswith("The sweep has ended no round since ")
    assert late == f"segment of {night.day(32)} should have been forgotten and is still there."


async def test_footage_that_no_index_knows_is_forgotten_with_its_day(night: Night) -> None:
    night.keystore.make_or_find(CAMERA, night.rule, night.day(50))
    await night.objects.put(f"footage/r{night.rule}/{night.day(50):%Y%m%d}/{CAMERA}/stray.seg", b"x")
    await night.sweep.round(night.agency)
    assert await night.kept("footage") == []
    assert [r["objects"] for r in await night.receipts()] == [1]


async def test_a_picture_goes_with_the_last_row_that_refers_to_it(night: Night) -> None:
    shared = await night.picture(CAMERA, 40, b"shared")
    await night.picture(CAMERA, 10, b"shared")
    alone = await night.picture(CAMERA, 40, b"alone")
    held = await night.picture(OTHER, 40, b"held")
    await night.hold(OTHER, 40, DataClass.PLATE_PICTURE)
    await night.sweep.round(night.agency)
    assert await night.objects.has(key_of(night.agency, shared))
    assert await night.objects.has(key_of(night.agency, held))
    assert not await night.objects.has(key_of(night.agency, alone))
    rows = await night.owner("select sha256, at::date::text as day from plate_picture order by at")
    assert [(row["sha256"], row["day"]) for row in rows] == [
        (held, str(night.day(40))),
        (shared, str(night.day(10))),
    ]


async def test_a_picture_whose_read_never_came_is_deleted_after_a_day_and_not_before(night: Night) -> None:
    old = await night.picture(CAMERA, 1, b"with a row")
    stray = await night.objects.put_content(f"plate-pictures/{night.agency}", b"without a row")
    await night.clock.advance(SystemClock().now() - night.clock.now() + timedelta(hours=23))
    await night.sweep.round(night.agency)
    assert await night.objects.has(key_of(night.agency, stray))
    await night.clock.advance(timedelta(hours=25))
    await night.sweep.round(night.agency)
    assert not await night.objects.has(key_of(night.agency, stray))
    assert await night.objects.has(key_of(night.agency, old))


async def test_what_lies_in_the_spool_goes_with_its_day_too(night: Night) -> None:
    folder = night.spool / "recorder-1" / str(CAMERA)
    folder.mkdir(parents=True)
    bad = folder / "seg.bad"
    bad.write_bytes(b"no head at all")
    past = datetime.combine(night.day(40), datetime.min.time(), UTC).timestamp()
    os.utime(bad, (past, past))
    young = folder / "young.bad"
    young.write_bytes(b"no head either")
    os.utime(young, (night.clock.now().timestamp(),) * 2)
    await night.footage(CAMERA, 40)
    await night.sweep.round(night.agency)
    assert sorted(p.name for p in folder.iterdir()) == ["young.bad"]


async def test_a_row_that_was_set_aside_goes_with_its_own_day_under_its_own_rule(night: Night) -> None:
    folder = night.spool / "recorder-1" / "rows"
    folder.mkdir(parents=True)
    past = datetime.combine(night.day(40), datetime.min.time(), UTC)
    longer = await night.make_rule(365)
    for name, rule, at in (
        ("due", night.rule, past),
        ("longer", longer, past),
        ("young", night.rule, night.clock.now()),
    ):
        gap = Gap(uuid7(at), CAMERA, Terms(night.agency, OTHER, 1, rule), us(at), us(at), GapReason.NO_ROOM)
        row = folder / f"{name}.bad"
        row.write_bytes(encode_row(gap))
        os.utime(row, (past.timestamp(),) * 2)
    await night.footage(CAMERA, 40)
    await night.sweep.round(night.agency)
    assert sorted(p.name for p in folder.iterdir()) == ["longer.bad", "young.bad"]


async def test_a_restored_backup_does_not_bring_a_destroyed_day_back(night: Night, tmp_path: Path) -> None:
    """The canary: footage sealed, state backed up, the day forgotten, the backup put back: unreadable."""
    name = await night.footage(CAMERA, 40, b"the canary")
    shutil.copytree(tmp_path / "objects", tmp_path / "backup")
    keys = tmp_path / "stolen"
    shutil.copytree(tmp_path / "keystore" / f"r{night.rule}", keys)
    await night.sweep.round(night.agency)
    shutil.rmtree(tmp_path / "objects")
    shutil.copytree(tmp_path / "backup", tmp_path / "objects")
    assert await night.objects.has(name)
    with pytest.raises(DayDestroyed):
        night.keystore.find(CAMERA, night.rule, night.day(40))
    # Even somebody who kept the key files and puts them back opens nothing, and the next daily round shreds both again.
    shutil.copytree(keys, tmp_path / "keystore" / f"r{night.rule}", dirs_exist_ok=True)
    with pytest.raises(DayDestroyed):
        night.keystore.find(CAMERA, night.rule, night.day(40))
    await night.clock.advance(timedelta(days=1))
    await night.sweep.round(night.agency)
    assert not await night.objects.has(name)
    assert night.keystore.keys(night.rule, night.day(41)) == []


async def test_rows_with_an_end_of_their_own_go_after_it_and_not_before(night: Night) -> None:
    now = night.clock.now()
    for key, at in (("old", now - timedelta(hours=25)), ("young", now - timedelta(hours=23))):
        await night.owner(
            "insert into idempotency (agency_id, actor_id, key, route, request_sha256, held_by, done, at)"
            " values (%(agency)s, %(agency)s, %(key)s, '/', '', %(agency)s, true, %(at)s)",
            agency=night.agency,
            key=key,
            at=at,
        )
    await night.sweep.round(night.agency)
    assert [row["key"] for row in await night.owner("select key from idempotency")] == ["young"]


async def test_payloads_of_the_log_are_erased_at_their_end_with_an_entry_of_their_own(night: Night) -> None:
    hold = await night.footage(CAMERA, 40)
    await night.sweep.round(night.agency)
    (entry,) = await night.owner(
        "select id from audit_entry where kind = 'effect' and reason = 'retention.forgotten'"
    )
    await night.owner(
        "insert into audit_payload values (%(id)s, %(agency)s, 'salt', '{\"plate\": \"ABC\"}', %(end)s)",
        id=entry["id"], agency=night.agency, end=night.clock.now() + timedelta(hours=1),
    )  # fmt: skip
    await night.sweep.round(night.agency)
    assert [
        row["salt"]
        for row in await night.owner("select salt from audit_payload where entry_id = %(id)s", id=entry["id"])
    ] == [b"salt"]
    await night.clock.advance(timedelta(hours=2))
    await night.sweep.round(night.agency)
    (row,) = await night.owner("select * from audit_payload where entry_id = %(id)s", id=entry["id"])
    assert (row["salt"], row["payload"], row["erased_under"]) == (None, None, "retention")
    (erasure,) = await night.owner("select about_id from audit_entry where kind = 'erasure'")
    assert erasure["about_id"] == entry["id"] and hold


async def test_a_long_search_delays_a_drop_but_the_day_goes_in_the_next_round(night: Night) -> None:
    await night.footage(CAMERA, 40)
    async with await psycopg.AsyncConnection.connect(night.dsns.owner) as searching:
        await searching.execute("select count(*) from segment")
        await night.sweep.round(night.agency)
        assert [a.sentence for a in await alarms(night) if "took too long" in a.sentence]
    await night.sweep.round(night.agency)
    assert [(r["objects"], r["keys_destroyed"]) for r in await night.receipts()] == [(2, 1)]
    assert await alarms(night) == []


async def test_the_sweep_sees_and_forgets_nothing_of_another_agency(night: Night) -> None:
    await night.footage(CAMERA, 40)
    other = uuid7(START)
    await night.owner(
        "insert into agency values (%(id)s, 'Other', 'UTC', %(now)s)", id=other, now=night.clock.now()
    )
    assert await night.sweep.round(other) == []
    assert len(await night.kept("footage")) == 1
