"""From hits to the queue: raised once, bundled and counted, lowered where a person found it false, up when unclaimed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests.fixtures.center import PASSWORD
from tests.incidents.floor import PLATE, Floor
from tests.incidents.made import reader
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Actor, ActorKind, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role
from watchfloor.identity import store as identity_store
from watchfloor.incidents.alert_store import open_versions
from watchfloor.incidents.api import alerts_by_id
from watchfloor.incidents.escalate import escalate, release
from watchfloor.kit.clock import ManualClock, rfc3339
from watchfloor.kit.ids import uuid7
from watchfloor.plates import reader_store
from watchfloor.plates.model import Plate
from watchfloor.storage.database import Database
from watchfloor.storage.tx import Tx
from watchfloor.web.feed import Feed, Item, Message, Topic, Versions, Watcher

IDLE = timedelta(minutes=30)


async def no_news(kind: str, agency: object, thing: object) -> None:
    """Nobody listens."""


async def test_a_hit_raises_an_alert_and_tells_the_room(floor: Floor) -> None:
    await floor.sees()
    (alert,) = await floor.queue()
    assert (alert["kind"], alert["state"], alert["level"]) == ("plate_hit", "waiting", "serious")
    assert alert["place"]["text"] == "N Broadway at Northgate"
    assert alert["sure"] == {"percent": 97, "word": "probable"}
    assert alert["says"].startswith("A plate names a car, not a person.")
    assert [kind for kind, _, _ in floor.news] == ["incidents.alert.changed"]


async def test_the_queue_carries_no_plate(floor: Floor) -> None:
    await floor.sees()
    said = json.dumps(await floor.queue())
    for secret in (PLATE, "4417", "grey", "hatchback", "stolen vehicle"):
        assert secret not in said


async def test_the_same_car_again_is_one_card_with_a_count(floor: Floor) -> None:
    now = floor.clock.now()
    first, second = reader(), reader("Mill St at 5th")
    await floor.sees(floor.hit_of(floor.read_of(at=now - timedelta(minutes=9)), at=first))
    await floor.sees(floor.hit_of(at=second))
    (alert,) = await floor.queue()
    assert alert["seen"] == 2
    async with floor.upkeep() as tx:
        rows = await tx.fetch("select place from alert_part order by at")
    assert [row["place"] for row in rows] == ["N Broadway at Northgate", "Mill St at 5th"]


async def test_a_hit_that_comes_late_joins_the_card_of_its_time(floor: Floor) -> None:
    now = floor.clock.now()
    await floor.sees(floor.hit_of())
    await floor.sees(floor.hit_of(floor.read_of(at=now - timedelta(minutes=8))))
    (alert,) = await floor.queue()
    assert alert["seen"] == 2


async def test_after_the_window_it_is_another_card(floor: Floor) -> None:
    now = floor.clock.now()
    await floor.sees(floor.hit_of(floor.read_of(at=now - timedelta(minutes=11))))
    await floor.sees(floor.hit_of())
    assert [alert["seen"] for alert in await floor.queue()] == [1, 1]


async def test_another_plate_is_another_card(floor: Floor) -> None:
    """Of one batch as of several: the second sighting of a car is behind what the first one raised a moment before."""
    other = replace(floor.entry, plate=Plate("QZO4417"))
    again = floor.hit_of(floor.read_of(at=floor.clock.now() - timedelta(seconds=30)))
    await floor.sees(floor.hit_of(), floor.hit_of(floor.read_of(plate=Plate("QZO4417")), entry=other), again)
    assert sorted(alert["seen"] for alert in await floor.queue()) == [1, 2]


async def test_the_same_hit_twice_is_one(floor: Floor) -> None:
    hit = floor.hit_of()
    await floor.sees(hit)
    await floor.sees(hit)
    (alert,) = await floor.queue()
    assert alert["seen"] == 1


async def test_two_matchers_at_once_raise_one_card(floor: Floor) -> None:
    await asyncio.gather(*(floor.sees() for _ in range(6)))
    (alert,) = await floor.queue()
    assert alert["seen"] == 6


async def test_a_better_reading_makes_an_unclaimed_card_more_urgent(floor: Floor) -> None:
    await floor.sees(floor.hit_of(floor.read_of(state=None)))
    (before,) = await floor.queue()
    await floor.sees()
    (after,) = await floor.queue()
    assert (before["level"], after["level"]) == ("caution", "serious")
    assert (before["id"], after["seen"]) == (after["id"], 2)


async def test_the_most_urgent_comes_first(floor: Floor) -> None:
    await floor.sees()
    armed = replace(floor.entry, purpose=Purpose.VIOLENT_CRIME, plate=Plate("ZZ90001"))
    await floor.sees(floor.hit_of(floor.read_of(plate=Plate("ZZ90001")), entry=armed))
    assert [alert["level"] for alert in await floor.queue()] == ["critical", "serious"]


async def test_a_critical_alert_nobody_claims_in_30_s_goes_up_to_the_supervisor(floor: Floor) -> None:
    armed = replace(floor.entry, purpose=Purpose.VIOLENT_CRIME)
    await floor.sees(floor.hit_of(entry=armed))
    raised = floor.clock.now()
    assert await escalate(floor.door_at(raised + timedelta(seconds=25)), floor.agency, no_news) == []
    (up,) = await escalate(floor.door_at(raised + timedelta(seconds=31)), floor.agency, no_news)
    (alert,) = await floor.queue()
    assert (alert["state"], alert["holder"]["name"]) == ("escalated", "Supervisor")
    async with floor.upkeep() as tx:
        rows = await tx.fetch("select reason from audit_entry where about_id = %(id)s order by id", id=up)
    assert [row["reason"] for row in rows] == ["alert.raised", "alert.escalated"]


async def test_the_sweep_hands_alerts_up_with_its_own_rights(floor: Floor, sweep_database: Database) -> None:
    await floor.sees()
    late = ManualClock(floor.clock.now() + timedelta(minutes=5))
    door = Door(sweep_database, late, DoorRules({}, identity_store.why_ended, False))
    assert len(await escalate(door, floor.agency, no_news)) == 1


async def test_a_claimed_alert_does_not_go_up(floor: Floor) -> None:
    alert = await floor.alert()
    assert (await floor.post(f"/alerts/{alert}/acknowledge")).status_code == 200
    assert await escalate(floor.door_at(floor.clock.now() + timedelta(hours=1)), floor.agency, no_news) == []


async def test_who_signs_out_holds_nothing_and_comes_back_to_what_they_did(
    floor: Floor, sweep_database: Database
) -> None:
    alert = await floor.alert()
    analyst = await floor.web.person("analyst")
    await floor.post(f"/alerts/{alert}/review")
    await floor.post(f"/alerts/{alert}/typed", {"plate": PLATE, "state": "MO", "vehicle": None})
    door = Door(sweep_database, floor.clock, DoorRules({}, identity_store.why_ended, False))
    assert await release(door, floor.agency, no_news, idle=IDLE) == [], (
        "whoever is signed in holds what they hold"
    )
    assert (await analyst.delete("/api/v1/session?because=locked")).status_code == 204
    (given_back,) = await release(door, floor.agency, no_news, idle=IDLE)
    assert await release(door, floor.agency, no_news, idle=IDLE) == []
    (waiting,) = await floor.queue("supervisor")
    assert (waiting["state"], waiting["holder"]) == ("waiting", None)
    async with floor.upkeep() as tx:
        rows = await tx.fetch(
            "select reason from audit_entry where about_id = %(id)s order by id", id=given_back
        )
    assert rows[-1]["reason"] == "alert.released"

    people = (await (await floor.web.administrator()).get("/api/v1/people")).json()["items"]
    me = next(one["name"] for one in people if "analyst" in one["roles"])
    assert (await analyst.post("/api/v1/session", json={"name": me, "password": PASSWORD})).status_code == 200
    again = (await floor.post(f"/alerts/{alert}/review")).json()
    assert (again["step"], again["typed"]["plate"]) == ("entry", PLATE)
    assert again["alert"]["holder"]["name"] == (await analyst.get("/api/v1/session")).json()["full_name"]


async def test_what_had_gone_up_is_given_back_to_the_supervisor(floor: Floor) -> None:
    await floor.sees()
    late = floor.door_at(floor.clock.now() + timedelta(minutes=5))
    await escalate(late, floor.agency, no_news)
    (up,) = await floor.queue()
    await floor.post(f"/alerts/{up['id']}/acknowledge")
    await (await floor.web.person("analyst")).delete("/api/v1/session")
    await release(late, floor.agency, no_news, idle=IDLE)
    (alert,) = await floor.queue("supervisor")
    assert (alert["state"], alert["holder"]["name"]) == ("escalated", "Supervisor")


async def test_who_closed_the_browser_holds_nothing_once_the_session_was_left_idle(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.post(f"/alerts/{alert}/review")
    analyst = await floor.web.person("analyst")
    async with floor.upkeep() as tx:
        (row,) = await tx.fetch(
            "select s.seen_at from sign_in s join alert a on a.holder_id = s.person_id where s.ended_at is null"
        )
    within, after = floor.door_at(row["seen_at"] + IDLE), floor.door_at(row["seen_at"] + IDLE * 1.01)
    assert await release(within, floor.agency, no_news, idle=IDLE) == []
    assert len(await release(after, floor.agency, no_news, idle=IDLE)) == 1
    (waiting,) = await floor.queue("supervisor")
    assert (waiting["state"], waiting["holder"]) == ("waiting", None)
    again = (await floor.post(f"/alerts/{alert}/review")).json()
    assert again["alert"]["holder"]["name"] == (await analyst.get("/api/v1/session")).json()["full_name"]


async def test_two_timers_hand_an_alert_up_once(floor: Floor) -> None:
    await floor.sees()
    late = floor.clock.now() + timedelta(minutes=5)
    up = await asyncio.gather(*(escalate(floor.door_at(late), floor.agency, no_news) for _ in range(4)))
    assert sorted(len(alerts) for alerts in up) == [0, 0, 0, 1]


async def test_a_reading_found_false_is_lowered_and_shown_and_never_muted(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert, plate="QZ04471")
    assert (await floor.post(f"/alerts/{alert}/dismiss", {"reason": "misread"})).status_code == 200
    await floor.sees()
    (again,) = await floor.queue()
    assert (again["level"], again["lowered"], again["sure"]["word"]) == ("normal", True, "doubtful")
    assert "a person found the same reading of this entry false: the plate was misread" in again["why"]


async def test_what_was_found_false_ends_with_the_entry(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert, plate="QZ04471")
    await floor.post(f"/alerts/{alert}/dismiss", {"reason": "misread"})
    await floor.change_entry(vehicle="grey hatchback, dented")
    await floor.sees()
    (again,) = await floor.queue()
    assert (again["level"], again["lowered"]) == ("serious", False)


async def test_a_dismissal_that_says_nothing_of_the_reading_lowers_nothing(floor: Floor) -> None:
    for body in ({"reason": "test"}, {"reason": "duplicate"}, {"reason": "misread"}):
        alert = await floor.alert()
        assert (await floor.post(f"/alerts/{alert}/dismiss", body)).status_code == 200
    await floor.sees()
    (again,) = await floor.queue()
    assert (again["level"], again["lowered"]) == ("serious", False)


async def test_a_confirmed_car_seen_again_is_on_the_incidents_timeline(floor: Floor) -> None:
    incident = await floor.incident()
    await floor.sees(floor.hit_of(at=reader("Mill St at 5th")))
    assert await floor.queue() == []
    analyst = await floor.web.person("analyst")
    timeline = (await analyst.get(f"/api/v1/incidents/{incident}")).json()["timeline"]
    assert timeline[-1]["text"].startswith("Seen again by reader Mill St at 5th: Mill St at 5th.")
    assert (timeline[-1]["level"], timeline[-1]["by"]) == ("caution", None)
    assert floor.news[-1][0] == "incidents.incident.changed"


class Watching:
    """Somebody who follows the queue by a feed, and how many alerts were loaded for that, look by look."""

    def __init__(self, floor: Floor, grant: Grant) -> None:
        self.loaded: list[int] = []
        self._floor, self._watcher = floor, Watcher(grant)
        load = Versions(open_versions, self._load)
        topic = Topic("alerts", lambda actor, _: Ask(actor, Need.ALERTS_VIEW), load, ())
        self._feed = Feed(topic, grant.ask.actor, "", 1)

    async def _load(self, tx: Tx, wanted: Sequence[UUID]) -> Mapping[UUID, Item]:
        self.loaded.append(len(wanted))
        return await alerts_by_id(tx, wanted)

    async def begins(self) -> set[str]:
        """The ids of the first snapshot."""
        async with self._floor.web.parts.door.under(self._watcher.grant) as tx:
            await self._feed.join(self._watcher, None, tx)
        (snapshot,) = await self._watcher.next()
        return {item["id"] for item in snapshot["items"]}

    async def told(self) -> list[Message]:
        """What the next look tells."""
        async with self._floor.web.parts.door.under(self._watcher.grant) as tx:
            await self._feed.reload(tx)
        return list(await self._watcher.next()) if self._watcher.waiting else []


async def test_whoever_watches_the_queue_is_told_of_the_card_that_changed_and_of_no_other(
    floor: Floor,
) -> None:
    other_car = replace(floor.entry, plate=Plate("QZO4417"))
    await floor.sees(floor.hit_of(), floor.hit_of(floor.read_of(plate=Plate("QZO4417")), entry=other_car))
    mine, other = (alert["id"] for alert in await floor.queue())
    analyst = Actor(
        uuid7(floor.clock.now()), ActorKind.PERSON, AgencyId(floor.agency), frozenset({Role.ANALYST})
    )
    grant = await floor.web.parts.door.grant(Ask(analyst, Need.ALERTS_VIEW))
    watching = Watching(floor, grant)
    assert (await watching.begins(), watching.loaded) == ({mine, other}, [2])
    assert (await watching.told(), watching.loaded) == ([], [2])
    for act, by in (("acknowledge", "analyst"), ("review", "supervisor")):
        answer = await floor.post(f"/alerts/{mine}/{act}", by=by)
        assert answer.status_code == 200, answer.text
        (put,) = await watching.told()
        shown = next(alert for alert in await floor.queue() if alert["id"] == mine)
        assert (put["op"], json.loads(json.dumps(put["item"], default=rfc3339))) == ("put", shown)
    await floor.sees(floor.hit_of(at=reader("Mill St at 5th")))
    (put,) = await watching.told()
    assert (put["item"]["id"], put["item"]["seen"]) == (mine, 2)
    dismissed = await floor.post(f"/alerts/{other}/dismiss", {"reason": "test", "note": None})
    assert dismissed.status_code == 200, dismissed.text
    assert [(gone["op"], gone["key"]) for gone in await watching.told()] == [("delete", other)]
    assert watching.loaded == [2, 1, 1, 1]
    await grant.close({})


async def test_the_timeline_begins_when_the_reader_saw_the_car_and_names_the_reader(floor: Floor) -> None:
    async with floor.upkeep() as tx:
        assert await reader_store.insert_reader(tx, replace(floor.reader, name="Northgate"))
    alert = await floor.alert()
    await floor.reviewed(alert)
    incident = (await floor.confirm(alert)).json()["incident"]["id"]
    analyst = await floor.web.person("analyst")
    seen, confirmed, *_ = (await analyst.get(f"/api/v1/incidents/{incident}")).json()["timeline"]
    (read_at,) = [item["at"] for item in (await analyst.get("/api/v1/alerts?state=closed")).json()["items"]]
    assert (seen["kind"], seen["at"], seen["by"]) == ("seen", read_at, None)
    assert seen["text"] == "Seen by reader Northgate: N Broadway at Northgate."
    assert seen["at"] < confirmed["at"] and confirmed["by"]["name"] == "Analyst"
