"""Disks that are full or away: what gives way, in which order, and that it is told wherever somebody looks; never what is held."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.fixtures.disks import Mounted
from tests.sweep.conftest import Night
from watchfloor.kit.errors import Invalid
from watchfloor.recordings import store as footage
from watchfloor.recordings.keystore import DayDestroyed
from watchfloor.recordings.model import GapReason
from watchfloor.settings import ObjectSettings
from watchfloor.storage.classes import DataClass
from watchfloor.storage.disks import Disks, DiskState
from watchfloor.storage.objects import Room
from watchfloor.sweep import prove
from watchfloor.sweep.files import FootageFiles
from watchfloor.sweep.forget import Sweep
from watchfloor.sweep.give_way import GiveWay, Yielding, candidates, giving_way, lacking, order_of
from watchfloor.sweep.store import Day

CAMERA, HELD = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", []),
        ("footage:14", [(DataClass.FOOTAGE, 14)]),
        ("plate_picture: 7 , footage:30,", [(DataClass.PLATE_PICTURE, 7), (DataClass.FOOTAGE, 30)]),
    ],
)
def test_the_order_is_read_as_it_is_written(text: str, order: list[tuple[DataClass, int]]) -> None:
    assert [(one.data_class, one.kept_at_least.days) for one in order_of(text)] == order


@pytest.mark.parametrize(
    "text", ["footage", "footage:0", "footage:-1", "footage:x", "audit:9", "plate_read:3"]
)
def test_a_class_that_may_not_give_way_or_without_its_days_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="should be a class and the days that it is kept at least"):
        order_of(text)


def test_the_oldest_gives_way_first_class_by_class_and_nothing_younger_than_its_days() -> None:
    days = [
        Day(table, rule, date(2026, 11, day))
        for table in ("segment", "plate_picture", "plate_hit")
        for rule in (2, 1)
        for day in (20, 3, 12)
    ]
    order = (
        Yielding(DataClass.PLATE_PICTURE, timedelta(days=14)),
        Yielding(DataClass.FOOTAGE, timedelta(days=9)),
    )
    assert [(day.table, day.day.day, day.rule) for day in candidates(order, days, NOW)] == [
        ("plate_picture", 3, 1), ("plate_picture", 3, 2),
        ("segment", 3, 1), ("segment", 3, 2), ("segment", 12, 1), ("segment", 12, 2),
    ]  # fmt: skip


def test_room_is_what_the_disks_that_take_footage_have_together() -> None:
    def disk(free: int, trouble: str = "", *, takes: bool = True) -> DiskState:
        return DiskState(Path("/d"), trouble, None if trouble else Room(free, 100), takes)

    assert lacking([disk(3), disk(4), disk(90, takes=False)], 90, 10) == 3
    assert lacking([disk(30), disk(4)], 0, 10) == 0
    assert lacking([disk(0, "gone")], 0, 10) == 0  # deleting would make no room
    assert (lacking([], 4, 10), lacking([], 40, 10), lacking([], None, 10)) == (6, 0, None)


async def test_one_day_a_round_gives_way_with_receipt_entry_alarm_and_gap_and_never_what_is_held(
    night: Night,
) -> None:
    _, held, older, young = everything = [
        await night.footage(camera, ago) for camera, ago in ((CAMERA, 9), (HELD, 9), (CAMERA, 8), (CAMERA, 2))
    ]
    await night.hold(HELD, 9)
    short = False

    async def lacks(_: DataClass) -> int:
        return 1000 if short else 0

    sweep = Sweep(
        night.door,
        night.clock,
        night.files,
        night.objects.clear_leftovers,
        GiveWay(order_of("footage:5"), lacks),
    )
    await sweep.round(night.agency)
    assert await night.kept("footage") == sorted(everything)
    short = True
    (receipt,) = [r for r in await sweep.round(night.agency) if r.of.table == "segment"]
    assert (receipt.of.day, receipt.kept_by_hold) == (night.day(9), 1) and receipt.due_at > night.clock.now()
    assert await night.kept("footage") == sorted([held, older, young])
    (entry,) = await night.entries("retention.gave_way")
    assert (entry["day"], entry["kept_by_hold"]) == (night.day(9).isoformat(), 1)
    async with night.door.open(night.ask) as tx:
        (alarm,) = await prove.alarms(tx)
        gaps = await footage.gaps_of(
            tx, [CAMERA, HELD], night.clock.now() - timedelta(days=10), night.clock.now()
        )
    assert alarm.sentence.startswith(
        f"The disks were full: segment of {night.day(9)} (rule {night.rule}) gave way, 2"
    )
    assert [reason for *_, reason in gaps[CAMERA]] == [GapReason.GAVE_WAY] and gaps[HELD] == []

    # What is held of the first day stays for ever; the next older day is next, and nothing younger than five days.
    [await sweep.round(night.agency) for _ in range(2)]
    assert await night.kept("footage") == sorted([held, young])


async def test_without_the_setting_nothing_gives_way(night: Night) -> None:
    kept = await night.footage(CAMERA, 20)

    async def lacks(_: DataClass) -> int:
        return 1000

    sweep = Sweep(night.door, night.clock, night.files, night.objects.clear_leftovers, GiveWay((), lacks))
    assert [r for r in await sweep.round(night.agency) if r.of.table == "segment"] == []
    assert await night.kept("footage") == [kept] and await night.entries("retention.gave_way") == []


async def test_a_disk_that_is_away_keeps_no_key_from_being_destroyed_and_is_an_alarm_until_it_is_back(
    night: Night, tmp_path: Path, two_disks: tuple[Mounted, Mounted]
) -> None:
    disks = on_disks(night, tmp_path, two_disks)
    await night.footage(CAMERA, 40)
    two_disks[1].gone()
    assert [r for r in await night.sweep.round(night.agency) if r.of.table == "segment"] == []
    with pytest.raises(DayDestroyed):
        night.keystore.find(CAMERA, night.rule, night.day(40))
    async with night.door.open(night.ask) as tx:
        said = [alarm.sentence for alarm in await prove.alarms(tx)]
    assert any("disk2 is away" in one for one in said)
    two_disks[1].back()
    await disks.disks()
    (receipt,) = [r for r in await night.sweep.round(night.agency) if r.of.table == "segment"]
    assert receipt.keys_destroyed == 1 and await night.kept("footage") == []


async def test_while_a_disk_is_away_other_days_give_way_and_each_is_told_once(
    night: Night, tmp_path: Path, two_disks: tuple[Mounted, Mounted]
) -> None:
    disks = on_disks(night, tmp_path, two_disks)
    # The two oldest lie on the larger disk, which goes away; the next on the other.
    for ago in (9, 8, 7):
        await night.footage(CAMERA, ago, b"x" * 5 * 2**20)
    two_disks[1].gone()

    async def lacks(_: DataClass) -> int:
        return 1000

    sweep = Sweep(
        night.door,
        night.clock,
        night.files,
        night.objects.clear_leftovers,
        GiveWay(order_of("footage:5"), lacks),
    )
    # One a round, however much of it is on the disk that is away.
    for left in (1, 1, 0, 0):
        await sweep.round(night.agency)
        assert len([one async for one in disks.listed("footage", despite_away=True)]) == left
    told = [entry["day"] for entry in await night.entries("retention.gave_way")]
    assert told == [night.day(ago).isoformat() for ago in (9, 8, 7)]
    async with night.door.open(night.ask) as tx:
        gaps = await footage.gaps_of(tx, [CAMERA], night.clock.now() - timedelta(days=10), night.clock.now())
    assert len(gaps[CAMERA]) <= 3
    two_disks[1].back()
    await disks.disks()
    days = [r.of.day for r in await sweep.round(night.agency) if r.of.table == "segment"]
    assert days == [night.day(ago) for ago in (9, 8, 7)] and await night.kept("footage") == []


def on_disks(night: Night, tmp_path: Path, two_disks: tuple[Mounted, Mounted]) -> Disks:
    """Let the night's footage lie on two disks."""
    named = ",".join(str(disk.folder) for disk in two_disks)
    disks = Disks(ObjectSettings(min_free_mb=10, directories=named), tmp_path / "objects", clock=night.clock)
    night.objects = disks
    night.files[DataClass.FOOTAGE] = FootageFiles(disks, night.keystore, night.spool)
    return disks


async def test_pictures_give_way_for_want_of_room_where_they_lie_and_not_on_the_disks_of_footage(
    tmp_path: Path, two_disks: tuple[Mounted, Mounted]
) -> None:
    named = ",".join(str(disk.folder) for disk in two_disks)
    disks = Disks(ObjectSettings(min_free_mb=10, directories=named), tmp_path / "objects")
    # Both disks together have less than this; the data directory has more.
    way = giving_way(order_of("plate_picture:7, footage:14"), disks, 30)
    assert [one.data_class for one in await way.now()] == [DataClass.FOOTAGE]
