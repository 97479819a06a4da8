"""The proof of the oldest: once a day, by listing what is stored, each file held against the rule that it lies under."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.sweep.conftest import START, Night
from watchfloor.governance import policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import DataClass
from watchfloor.sweep import prove, prove_store
from watchfloor.sweep.prove import Alarm

CAMERA = UUID(int=1)


async def alarms(night: Night) -> list[Alarm]:
    async with night.door.open(night.ask) as tx:
        return await prove.alarms(tx)


async def test_the_oldest_is_proven_once_a_day_by_listing_storage(night: Night) -> None:
    await night.footage(CAMERA, 20)
    night.keystore.make_or_find(CAMERA, night.rule, night.day(25))
    await night.make_days("plate_read", [28])
    for _ in range(2):
        await night.sweep.round(night.agency)
    (entry,) = await night.entries("retention.oldest")
    assert entry["oldest"] == {
        "segment": night.day(20).isoformat(),
        f"files of footage under rule {night.rule}": night.day(25).isoformat(),
    }
    async with night.door.open(night.ask) as tx:
        at, oldest = await prove.oldest(tx)
    kept = timedelta(days=30)
    assert (at, oldest) == (START, [
        prove.Oldest(f"files of footage under rule {night.rule}", night.day(25), kept),
        prove.Oldest("segment", night.day(20), kept),
    ])  # fmt: skip
    await night.clock.advance(timedelta(days=1))
    await night.sweep.round(night.agency)
    assert len(await night.entries("retention.oldest")) == 2


async def test_a_sweep_that_ends_no_round_is_an_alarm_after_an_hour(night: Night) -> None:
    await night.clock.advance(timedelta(minutes=59))
    assert await alarms(night) == []  # the agency has just begun
    await night.sweep.round(night.agency)
    ended = night.clock.now()
    await night.clock.advance(timedelta(minutes=61))
    (alarm,) = await alarms(night)
    assert (alarm.sentence, alarm.since) == (
        f"The sweep has ended no round since {ended:%Y-%m-%d %H:%M} UTC.",
        ended,
    )
    await night.sweep.round(night.agency)
    assert await alarms(night) == []


async def test_a_step_that_fails_is_said_to_be_tried_again(night: Night) -> None:
    async with night.door.open(night.ask) as tx:
        await prove_store.keep_alarm(tx, "rows of alert", "the disk is full")
    (alarm,) = await alarms(night)
    assert alarm.sentence == "Forgetting fails: rows of alert: the disk is full"
    assert alarm.so_what.endswith("It is tried again each minute.")


async def test_files_older_than_any_rule_are_an_alarm_though_no_row_knows_them(night: Night) -> None:
    await night.objects.put(f"footage/r{night.rule}/{night.day(90):%Y%m%d}/{CAMERA}/lost.seg", b"x")
    await night.sweep.round(night.agency)
    assert [alarm.sentence for alarm in await alarms(night)] == [
        f"Files of footage of {night.day(90)} are older than any rule keeps."
    ]


async def test_files_of_a_short_rule_are_an_alarm_though_another_class_is_kept_for_years(
    night: Night,
) -> None:
    years = await night.make_rule(900)
    await night.make_days("plate_hit", [3], years)
    await night.objects.put(f"footage/r{night.rule}/{night.day(90):%Y%m%d}/{CAMERA}/lost.seg", b"x")
    await night.objects.put(f"footage/r{years}/{night.day(90):%Y%m%d}/{CAMERA}/lawful.seg", b"x")
    await night.sweep.round(night.agency)
    assert [alarm.sentence for alarm in await alarms(night)] == [
        f"Files of footage of {night.day(90)} are older than any rule keeps."
    ]


async def test_an_old_picture_that_an_alert_still_shows_is_no_alarm(night: Night) -> None:
    name = await night.picture(CAMERA, 2, b"shown")
    async with night.door.open(night.ask) as tx:
        old = {"files of plate_picture": night.day(400).isoformat()}
        assert await prove_store.keep_oldest(tx, old)
    assert [alarm.sentence for alarm in await alarms(night)] == [
        f"Files of plate_picture of {night.day(400)} are older than any rule keeps."
    ]
    alert, at = uuid7(START), START - timedelta(days=401)
    await night.owner(
        "insert into alert (id, agency_id, kind, state, level, title, place, at, raised_at, why, sure_word, unknown, purpose, technology,"
        " basis, entry_id, entry_version, read_plate, read_state, vehicle_key, seen, last_seen_at, erase_after, version) values"
        " (%(id)s, %(agency)s, 'plate_hit', 'waiting', 'normal', 't', 'p', %(at)s, %(at)s, 'w', 's', '{}', 'rescue', 'plate_reader',"
        " '{}', %(id)s, 1, 'A', '', '', 1, %(at)s, %(end)s, 1)",
        id=alert, agency=night.agency, at=at, end=START + timedelta(days=400),
    )  # fmt: skip
    await night.owner(
        "insert into alert_part (alert_id, agency_id, hit_id, at, device_id, place, picture, added_at)"
        " values (%(id)s, %(agency)s, %(id)s, %(at)s, %(id)s, 'p', %(name)s, %(at)s)",
        id=alert, agency=night.agency, at=at, name=name,
    )  # fmt: skip
    assert await alarms(night) == []


async def test_after_two_days_without_a_sweep_all_that_became_due_goes_in_its_first_round(
    night: Night,
) -> None:
    camera = UUID(int=1)
    for ago in (30, 29, 28):
        await night.footage(camera, ago)
    await night.sweep.round(night.agency)
    assert len(await night.kept("footage")) == 3
    await night.clock.advance(timedelta(hours=48))
    async with night.door.open(night.ask) as tx:
        said = [alarm.sentence for alarm in await prove.alarms(tx)]
    assert said[0].startswith("The sweep has ended no round since")
    assert f"segment of {night.day(32)} should have been forgotten and is still there." in said

    receipts = [one for one in await night.sweep.round(night.agency) if one.of.table == "segment"]
    assert [one.of.day for one in receipts] == [night.day(32), night.day(31)]
    assert all(one.keys_destroyed == 1 and one.due_at <= night.clock.now() for one in receipts)
    assert len(await night.kept("footage")) == 1
    async with night.door.open(night.ask) as tx:
        assert await prove.alarms(tx) == []
        listed_at, oldest = await prove.oldest(tx)
    kept = {one.what: one.day for one in oldest}
    assert listed_at == night.clock.now() and kept[f"files of footage under rule {night.rule}"] == night.day(
        30
    )


# Two jurisdictions side by side, and a point in each, and one beside both.
WEST, EAST = ([[38.0, west], [39.0, west], [39.0, west + 1], [38.0, west + 1]] for west in (-91.0, -90.0))
IN_WEST, IN_EAST, IN_NEITHER = (Point(38.5, lon) for lon in (-90.5, -89.5, -80.0))


async def approved(night: Night, area: list[list[float]], days: int) -> int:
    """Cameras are approved in that area alone, their footage for so many days; the number of that rule."""
    rule = await night.make_rule(days)
    async with night.door.open(night.ask) as tx:
        made = uuid7(tx.now)
        await policy_store.insert_authorisation(
            tx,
            made,
            {
                "technology": "fixed_camera", "title": "Cameras", "effective_at": tx.now, "purposes": [], "roles": [],
                "expires_at": tx.now + timedelta(days=365), "area": policy_store.json_text(area), "rule": rule, "audio": False,
                "proposed_by": made, "proposed_at": tx.now, "approved_by": tx.actor, "note": "",
            },
        )  # fmt: skip
    return rule


async def rule_at(night: Night, camera: UUID, place: Point) -> int | None:
    """Under which rule a recorder may keep the footage of a camera there; None where it may keep none."""
    recorder = process_actor(night.agency, "record")
    ask = Ask(
        recorder, Need.CAMERA_RECORD, about=About("camera", camera), technology=TechnologyKind.FIXED_CAMERA, place=place
    )  # fmt: skip
    (leave,) = await night.door.lease([ask])
    if not isinstance(leave, Lease) or leave.authorisation is None:
        return None
    return leave.authorisation.keeping(DataClass.FOOTAGE).rule


async def test_footage_of_each_jurisdiction_goes_in_the_time_that_was_approved_there(night: Night) -> None:
    west, east = await approved(night, WEST, 30), await approved(night, EAST, 7)
    here, there = UUID(int=1), UUID(int=2)
    assert [await rule_at(night, here, IN_WEST), await rule_at(night, there, IN_EAST)] == [west, east]
    assert await rule_at(night, here, IN_NEITHER) is None
    of_west = [await night.footage(here, ago, rule=west) for ago in (8, 6)]
    of_east = [await night.footage(there, ago, rule=east) for ago in (8, 6)]

    await night.sweep.round(night.agency)
    assert await night.kept("footage") == sorted([*of_west, of_east[1]])
    await night.clock.advance(timedelta(days=2))
    await night.sweep.round(night.agency)
    assert await night.kept("footage") == sorted(of_west)
    await night.clock.advance(timedelta(days=22))
    await night.sweep.round(night.agency)
    assert await night.kept("footage") == of_west[1:]
    rows = await night.owner("select camera_id, rule from segment")
    assert [(row["camera_id"], row["rule"]) for row in rows] == [(here, west)]
    assert [alarm.sentence for alarm in await alarms(night)] == []
