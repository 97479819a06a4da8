"""An alert whose entry was withdrawn says so and is closed by rule; how a vehicle is to be handled stands first and forbids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.incidents.floor import Floor
from watchfloor.incidents.ended import close_ended
from watchfloor.plates import entry_store


async def _closes(floor: Floor, **later: float) -> int:
    async def told(kind: str, agency: object, thing: object) -> None: ...

    door = floor.door_at(floor.clock.now() + timedelta(**later)) if later else floor.web.parts.door
    return len(await close_ended(door, floor.agency, told))


async def test_an_alert_whose_entry_was_withdrawn_says_so_and_is_closed_unless_somebody_reviews_it(
    floor: Floor,
) -> None:
    await floor.put_picture()
    waiting = await floor.alert()
    assert await _closes(floor) == 0
    reviewed = await floor.alert_of_another_plate()
    await floor.reviewed(reviewed)
    async with floor.upkeep() as tx:
        assert await entry_store.withdraw(tx, floor.entry, "recovered this morning")
    assert await _closes(floor) == 1
    (left,) = await floor.queue()
    assert left["id"] == reviewed
    assert "It was withdrawn on " in left["entry_gone"] and left["entry_gone"].endswith(
        "recovered this morning"
    )
    cannot = await floor.confirm(reviewed)
    assert (cannot.status_code, cannot.json()["reason"]) == (409, "entry_expired")
    assert "recovered this morning" in cannot.json()["detail"]
    closed = (await (await floor.web.person("analyst")).get("/api/v1/alerts?state=closed")).json()["items"]
    assert [(one["id"], one["reason"], one["holder"]) for one in closed] == [
        (waiting, "entry_withdrawn", None)
    ]
    late = await floor.post(f"/alerts/{waiting}/acknowledge")
    assert (late.status_code, late.json()["reason"]) == (409, "already_reviewed")
    assert "its entry answers no more" in late.json()["detail"]
    assert await _closes(floor, minutes=6) == 1, "what was left lying is closed too"


async def test_what_must_not_be_stopped_says_so_first_and_nobody_is_sent(floor: Floor) -> None:
    await floor.put_picture()
    await floor.change_entry(handling=("do_not_stop", "armed"), agency="MO0960000")
    floor.entry = replace(floor.entry)
    alert = await floor.alert()
    (card,) = await floor.queue()
    assert [note["text"] for note in card["handling"]] == ["Do not stop: watch only", "Armed and dangerous"]
    await floor.reviewed(alert)
    confirmed = await floor.confirm(alert)
    assert confirmed.status_code == 200, confirmed.text
    incident = confirmed.json()["incident"]["id"]
    told = (await (await floor.web.person("analyst")).get(f"/api/v1/incidents/{incident}")).json()
    assert [hazard["text"] for hazard in told["hazards"]] == [
        "Do not stop: watch only, says the entry.",
        "Armed and dangerous, says the entry.",
    ]


async def test_a_list_that_was_not_renewed_in_its_time_is_told_once(floor: Floor) -> None:
    async with floor.upkeep() as tx:
        await tx.execute(
            "update hot_list set source = 'imported', refresh_hours = 12, changed_at = %(then)s",
            then=tx.now - timedelta(hours=13),
        )
    for _ in range(2):
        await _closes(floor)
    async with floor.upkeep() as tx:
        told = await tx.fetch("select id from audit_entry where reason = 'hot_list.stale'")
    assert len(told) == 1
