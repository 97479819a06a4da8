"""What machines asked for in a day is one entry each: renewals are counted, never kept one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tests.sweep.conftest import Night
from tests.sweep.test_timers import authorise
from watchfloor.governance import store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.grant import LEFT_AFTER
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.tell import sentence_of
from watchfloor.governance.words import Role, TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.said import moment

Told = tuple[str, str, str, int, int, int]


async def ask(night: Night, process: str, camera: int) -> None:
    about = About("camera", UUID(int=camera))
    actor = process_actor(night.agency, process)
    await night.door.lease(
        [Ask(actor, Need.CAMERA_RECORD, about=about, technology=TechnologyKind.FIXED_CAMERA)]
    )


async def told(night: Night) -> list[Told]:
    return [
        (e["day"], e["asker"], e["need"], e["allowed"], e["refused"], e["changes"])
        for e in await night.entries("lease.summary")
        if e["asker"] != "sweep"
    ]


async def test_a_day_of_leases_is_told_once_when_it_is_over_by_asker_and_need(night: Night) -> None:
    noon = datetime.combine(night.clock.now().astimezone(UTC).date(), datetime.min.time(), UTC)
    await night.clock.advance(noon + timedelta(days=1, hours=12) - night.clock.now())
    day = night.clock.now().date()
    await ask(night, "record", 1)  # nothing is authorised yet: a change, kept by itself
    await authorise(night, days=100)
    for _ in range(3):
        await night.clock.advance(timedelta(seconds=61))
        await ask(night, "record", 1)
        await ask(night, "record", 2)
    await ask(night, "bench", 3)
    await night.sweep.round(night.agency)
    assert await told(night) == []
    await night.clock.advance(timedelta(days=1))
    await ask(night, "record", 1)
    for _ in range(2):
        await night.sweep.round(night.agency)
        await night.clock.advance(timedelta(minutes=1))
    assert await told(night) == [
        (day.isoformat(), "bench", "camera.record", 1, 0, 1),
        (day.isoformat(), "record", "camera.record", 6, 1, 3),
    ]


async def test_a_sweep_that_was_down_tells_of_each_day(night: Night) -> None:
    days: list[date] = []
    await authorise(night, days=100)
    for _ in range(3):
        days.append(night.clock.now().astimezone(UTC).date())
        await ask(night, "record", 1)
        await night.clock.advance(timedelta(days=1))
    await night.sweep.round(night.agency)
    assert [(day, allowed) for day, _, _, allowed, _, _ in await told(night)] == [
        (day.isoformat(), 1) for day in days
    ]


async def test_what_a_killed_process_held_open_is_ended_in_the_log_once_and_what_is_held_is_not(
    night: Night,
) -> None:
    analyst = Actor(UUID(int=7), ActorKind.PERSON, AgencyId(night.agency), frozenset({Role.ANALYST}))
    about = About("alert", UUID(int=8))
    left = await night.door.grant(Ask(analyst, Need.ALERTS_VIEW, about=about))
    closed = await night.door.grant(Ask(analyst, Need.ALERTS_VIEW))
    await closed.close({"frames": 3})
    await night.clock.advance(LEFT_AFTER)
    held = await night.door.grant(Ask(analyst, Need.ALERTS_VIEW))
    await night.sweep.round(night.agency)
    assert (
        await night.entries("grant.left") == []
    )  # it may have been held in an outage, and be told of by its spool
    await night.clock.advance(timedelta(minutes=2))
    for _ in range(2):
        async with night.door.open(night.ask) as tx:
            await store.renew_grant(tx, held.id, night.clock.now())
        await night.sweep.round(night.agency)
    (told,) = await night.entries("grant.left")
    assert (told["kind"], told["grant"], told["cause"]) == ("grant_end", str(left.id), str(left.entry))
    assert (told["about"]["id"], told["until"]) == (str(about.id), rfc3339(left.until))
    assert sentence_of(told, "B. Okoye", UTC) == (
        f"B. Okoye had leave to see the queue of alerts until {moment(left.until, UTC)} at the latest:"
        " its process was killed, so nobody said when it ended."
    )
    rows = await night.owner("select id, ended_at from access_grant where need = 'alerts.view'")
    assert {row["id"]: row["ended_at"] for row in rows} == {
        left.id: left.until, closed.id: night.clock.now() - LEFT_AFTER - timedelta(minutes=2), held.id: None
    }  # fmt: skip


def test_a_summary_reads_as_a_sentence() -> None:
    leaf: dict[str, Json] = {
        "kind": "summary", "need": "camera.record", "result": "done", "reason": "lease.summary", "day": "2026-11-22",
        "asker": "record", "allowed": 5760, "refused": 2, "changes": 3,
    }  # fmt: skip
    assert sentence_of(leaf, None, UTC) == (
        "On 22 Nov 2026 (UTC) “The recorder” asked to record a camera: 5760 allowed, 2 refused; 3 entries say what changed."
    )
