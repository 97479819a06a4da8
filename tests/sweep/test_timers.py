"""Timers of policy: an end is warned of, a hold lapses only after a warning, and only then is anything forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tests.fixtures.center import A_CAMERA
from tests.sweep.conftest import START, Night
from watchfloor.cameras import store as camera_store
from watchfloor.detections.envelope import Changed, heard, written
from watchfloor.governance import holds, policy_store, warn
from watchfloor.governance.model import Actor, ActorKind, AgencyId, Case, Why
from watchfloor.governance.words import CaseKind, Purpose, Role
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import DataClass
from watchfloor.sweep.run import do_due

CAMERA = UUID(int=1)


async def day_by_day(night: Night, days: int) -> list[str]:
    """So many days of the timers; the news that was told, as its readers read it."""
    told = []

    async def news(news_type: str, agency: UUID, thing: UUID) -> None:
        now = night.clock.now()
        told.append(heard(written(news_type, agency, Changed(id=thing), at=now, now=now)).type)

    works = {warn.KIND: warn.warner(night.door, news)} | holds.timers(night.door, news)
    for _ in range(days):
        await do_due(night.door, night.agency, works)
        await night.clock.advance(timedelta(days=1))
    return told


async def authorise(night: Night, *, days: int) -> UUID:
    async with night.door.open(night.ask) as tx:
        made = uuid7(tx.now)
        expires_at = tx.now + timedelta(days=days)
        await policy_store.insert_authorisation(
            tx,
            made,
            {
                "technology": "fixed_camera", "title": "Cameras", "effective_at": tx.now, "expires_at": expires_at, "purposes": [],
                "roles": [], "area": "[]", "rule": night.rule, "audio": False, "proposed_by": made, "proposed_at": tx.now,
                "approved_by": tx.actor, "note": "",
            },
        )  # fmt: skip
        await warn.plan_warnings(tx, made, expires_at)
    return made


async def test_the_end_of_an_authorisation_is_warned_of_four_times(night: Night) -> None:
    await authorise(night, days=100)
    assert await day_by_day(night, 110) == ["governance.policy.changed"] * 4
    assert [entry["days"] for entry in await night.entries("authorisation.expires_soon")] == [90, 30, 7, 1]


async def test_a_short_authorisation_is_warned_of_as_often_as_there_is_time_and_a_suspended_one_is_not(
    night: Night,
) -> None:
    await authorise(night, days=10)
    suspended = await authorise(night, days=20)
    async with night.door.open(night.ask) as tx:
        await policy_store.suspend(tx, suspended, "the council asked", None)
    await day_by_day(night, 25)
    assert [entry["days"] for entry in await night.entries("authorisation.expires_soon")] == [7, 1]


def test_people_see_how_long_it_lasts_from_90_days_on() -> None:
    assert warn.warnings_of(START + timedelta(days=91), START) == []
    assert warn.warnings_of(START, START) == []
    words = {30: "30 days", 1: "1 day", 0.5: "less than a day"}
    for days, said in words.items():
        assert warn.warnings_of(START + timedelta(days=days), START)[0].startswith(f"It expires in {said};")


async def place(night: Night, ago: int) -> holds.Placed:
    case = uuid7(night.clock.now())
    await night.owner(
        "insert into case_file values (%(id)s, %(agency)s, %(number)s, 'A case', 'violent_crime', null, %(id)s, %(now)s, null)",
        id=case, agency=night.agency, number=case.hex, now=night.clock.now(),
    )  # fmt: skip
    actor = Actor(
        uuid7(night.clock.now()), ActorKind.PERSON, AgencyId(night.agency), frozenset({Role.ANALYST})
    )
    day = night.clock.now() - timedelta(days=ago)
    wish = holds.Wish(DataClass.FOOTAGE, CAMERA, day, day + timedelta(minutes=5), "an arrest")
    why = Why(Purpose.VIOLENT_CRIME, Case(CaseKind.CASE, case))
    await night.owner(A_CAMERA, id=CAMERA, agency=night.agency, name="A camera", now=night.clock.now())
    return await holds.place(night.door, actor, why, wish, {"camera": camera_store.was_registered})


async def test_a_hold_lapses_after_72_hours_with_a_warning_and_only_then_is_its_footage_forgotten(
    night: Night,
) -> None:
    await night.footage(CAMERA, 30)
    await place(night, 30)
    await day_by_day(night, 2)
    await night.sweep.round(night.agency)
    assert len(await night.kept("footage")) == 1
    assert await day_by_day(night, 1) == ["governance.hold.changed"]
    assert len(await night.entries("hold.due_soon")) == 1 and await night.entries("hold.lapsed") == []
    assert await day_by_day(night, 1) == ["governance.hold.changed"]
    assert len(await night.entries("hold.lapsed")) == 1
    await night.sweep.round(night.agency)
    assert await night.kept("footage") == []


async def test_a_warning_that_is_given_twice_is_told_once(night: Night) -> None:
    """The process that gave it died before it could say that the job was done."""
    await place(night, 5)
    await day_by_day(night, 2)
    assert await day_by_day(night, 1) == ["governance.hold.changed"]
    await night.owner("update job set done_at = null where kind = 'hold.warn' returning id")
    await day_by_day(night, 1)
    assert len(await night.entries("hold.due_soon")) == 1


async def test_a_hold_that_came_due_while_the_sweep_was_down_still_gets_its_warning_and_a_day(
    night: Night,
) -> None:
    await night.footage(CAMERA, 30)
    await place(night, 30)
    await night.clock.advance(timedelta(days=20))
    await night.sweep.round(night.agency)
    assert len(await night.kept("footage")) == 1
    await day_by_day(night, 1)
    assert len(await night.entries("hold.due_soon")) == 1 and await night.entries("hold.lapsed") == []
    await day_by_day(night, 1)
    assert len(await night.entries("hold.lapsed")) == 1


async def test_a_hold_that_a_second_person_made_last_is_warned_of_at_its_new_end(night: Night) -> None:
    hold = (await place(night, 5)).hold
    second = Actor(
        uuid7(night.clock.now()), ActorKind.PERSON, AgencyId(night.agency), frozenset({Role.SUPERVISOR})
    )
    why = Why(Purpose.VIOLENT_CRIME, Case(CaseKind.CASE, hold.case))
    await holds.confirm(night.door, second, why, hold.id, night.clock.now() + timedelta(days=20))
    await day_by_day(night, 18)
    assert await night.entries("hold.due_soon") == []
    await day_by_day(night, 4)
    assert (len(await night.entries("hold.due_soon")), len(await night.entries("hold.lapsed"))) == (1, 1)
