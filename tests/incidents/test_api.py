"""The review over HTTP, step by step, and everything that must be refused on the way."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import pytest

from tests.incidents.floor import PICTURE, PLATE, Floor
from watchfloor.kit.ids import decode


async def test_the_picture_comes_before_the_entry_and_the_entry_before_the_verdict(floor: Floor) -> None:
    await floor.put_picture()
    alert = await floor.alert()
    claimed = (await floor.post(f"/alerts/{alert}/acknowledge")).json()
    assert (claimed["state"], claimed["holder"]["name"]) == ("acknowledged", "Analyst")
    opened = (await floor.post(f"/alerts/{alert}/review")).json()
    assert (opened["step"], opened["entry"], opened["read"], opened["typed"]) == ("picture", None, None, None)
    assert PLATE not in json.dumps(opened)
    analyst = await floor.web.person("analyst")
    picture = await analyst.get(opened["picture"])
    assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/jpeg")
    assert picture.headers["cache-control"] == "no-store"
    typed = (
        await floor.post(f"/alerts/{alert}/typed", {"plate": "qz0-4417", "state": "rc", "vehicle": "grey"})
    ).json()
    assert (typed["step"], typed["agreement"], typed["entry"]["plate"]) == ("entry", "match", PLATE)
    assert typed["entry"]["reason"] == "stolen vehicle" and typed["entry"]["source"] == "Local"
    assert [d["field"] for d in typed["differences"]] == ["vehicle"]
    confirmed = await floor.confirm(alert)
    assert confirmed.status_code == 200, confirmed.text
    done = confirmed.json()
    assert done["alert"]["state"] == "confirmed" and done["alert"]["incident"] == done["incident"]["id"]
    assert re.fullmatch(r"\d\d-00001", done["incident"]["number"])
    assert await floor.queue() == []


async def test_an_incident_says_what_it_rests_on(floor: Floor) -> None:
    incident = await floor.incident()
    analyst = await floor.web.person("analyst")
    shown = (await analyst.get(f"/api/v1/incidents/{incident}")).json()
    assert (shown["state"], shown["kind"], shown["case"]) == ("open", "plate_hit", f"incident:{incident}")
    assert shown["plate"] == {"plate": PLATE, "state": "RC"} and shown["vehicle"] == "grey hatchback"
    assert "no ground to stop or search anyone" in shown["says"]
    assert not any("live record" in words for words in shown["unknown"])
    kinds = [line["kind"] for line in shown["timeline"]]
    assert kinds[:2] == ["seen", "confirmed"] and "hasty" in kinds
    listed = (await analyst.get("/api/v1/incidents?state=open")).json()["items"]
    assert [item["id"] for item in listed] == [incident]


async def test_every_step_is_in_the_log_in_its_order(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    await floor.confirm(alert)
    async with floor.upkeep() as tx:
        rows = await tx.fetch(
            "select kind, reason from audit_entry where about_id = %(id)s and kind = 'effect' order by id",
            id=decode("alt", alert),
        )
        leaves = await tx.fetch("select leaf from audit_entry")
    assert [row["reason"] for row in rows] == [
        "alert.raised",
        "alert.review_opened",
        "alert.typed",
        "alert.record_asked",
        "alert.confirmed",
    ]
    assert not any(PLATE.encode() in bytes(row["leaf"]) for row in leaves)


async def test_numbers_of_incidents_leave_no_gap(floor: Floor) -> None:
    alerts = []
    for minutes in (40, 20, 0):
        at = floor.clock.now() - timedelta(minutes=minutes)
        await floor.sees(floor.hit_of(floor.read_of(at=at)))
    alerts = [alert["id"] for alert in await floor.queue()]
    for alert in alerts:
        await floor.reviewed(alert)
    refused = await floor.confirm(alerts[0], vehicle_agrees=False)
    assert refused.status_code == 409
    done = await asyncio.gather(*(floor.confirm(alert) for alert in alerts))
    numbers = sorted(answer.json()["incident"]["number"][-5:] for answer in done)
    assert numbers == ["00001", "00002", "00003"]


_DIFFERENT: list[tuple[dict[str, object], str]] = [
    ({"plate": "QZ04471", "state": "RC"}, "plate_differs"),
    ({"plate": None, "state": "RC"}, "plate_unread"),
    ({"plate": PLATE, "state": "KS"}, "state_differs"),
    ({"plate": PLATE, "state": None}, "state_unread"),
    ({"plate": "QZO4417", "state": "RC"}, "plate_differs"),
]


async def test_what_does_not_agree_is_not_confirmed(floor: Floor) -> None:
    for typed, reason in _DIFFERENT:
        alert = await floor.alert()
        await floor.post(f"/alerts/{alert}/review")
        await floor.post(f"/alerts/{alert}/typed", typed)
        refused = await floor.confirm(alert)
        assert (refused.status_code, refused.json()["reason"]) == (409, reason)
        assert [a["state"] for a in await floor.queue()] == ["in_review"]
        await floor.post(f"/alerts/{alert}/dismiss", {"reason": "test"})


async def test_without_an_active_record_there_is_no_hit_and_the_reply_is_kept(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    replies = {"cancelled": "record_cancelled", "no_record": "no_record", "unreachable": "record_unreachable"}
    for reply, reason in replies.items():
        refused = await floor.confirm(alert, live_record=floor.record(reply))
        assert (refused.status_code, refused.json()["reason"]) == (409, reason)
        async with floor.upkeep() as tx:
            (kept,) = await tx.fetch("select record_reply, verdict from review")
        assert (kept["record_reply"], kept["verdict"]) == (reply, None)
    async with floor.upkeep() as tx:
        logged = await tx.fetch("select 1 from audit_entry where reason = 'alert.not_confirmed'")
    assert len(logged) == 3
    assert (await floor.confirm(alert)).status_code == 200


async def test_an_answer_of_the_live_record_grows_old(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    refused = await floor.confirm(alert, live_record=floor.record(minutes=11))
    assert (refused.status_code, refused.json()["reason"]) == (409, "record_old")


async def test_an_entry_that_expires_or_goes_meanwhile_is_not_confirmed(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    await floor.drop_entry()
    refused = await floor.confirm(alert)
    assert (refused.status_code, refused.json()["reason"]) == (409, "entry_expired")


async def test_an_entry_changed_meanwhile_is_shown_again_first(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    await floor.change_entry(vehicle="red lorry")
    refused = await floor.confirm(alert)
    assert (refused.status_code, refused.json()["reason"]) == (409, "entry_changed")
    shown = (await floor.post(f"/alerts/{alert}/review")).json()
    assert (shown["step"], shown["entry"]["vehicle"], shown["entry"]["version"]) == ("entry", "red lorry", 2)
    assert (await floor.confirm(alert)).status_code == 200


async def test_nothing_is_confirmed_or_typed_without_an_open_review(floor: Floor) -> None:
    alert = await floor.alert()
    typed = await floor.post(f"/alerts/{alert}/typed", {"plate": PLATE, "state": "RC"})
    confirmed = await floor.confirm(alert)
    assert [a.json()["reason"] for a in (typed, confirmed)] == ["not_in_review", "not_in_review"]
    await floor.post(f"/alerts/{alert}/review")
    refused = await floor.confirm(alert)
    assert (refused.status_code, refused.json()["reason"]) == (409, "not_typed")


async def test_what_was_typed_blind_is_not_typed_again(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert, plate="QZ04471")
    again = await floor.post(f"/alerts/{alert}/typed", {"plate": PLATE, "state": "RC"})
    assert (again.status_code, again.json()["reason"]) == (409, "already_typed")


async def test_without_a_picture_nothing_can_be_read(floor: Floor) -> None:
    await floor.sees(floor.hit_of(floor.read_of(picture=None)))
    (alert,) = await floor.queue()
    opened = (await floor.post(f"/alerts/{alert['id']}/review")).json()
    assert (opened["picture"], opened["pictures"]) == (None, [])
    refused = await floor.post(f"/alerts/{alert['id']}/typed", {"plate": PLATE, "state": "RC"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "no_picture")
    missing = await (await floor.web.person("analyst")).get(f"/api/v1/alerts/{alert['id']}/picture")
    assert (missing.status_code, missing.json()["reason"]) == (404, "no_picture")


async def test_the_picture_is_for_whoever_reviews(floor: Floor) -> None:
    await floor.put_picture()
    alert = await floor.alert()
    path = f"/api/v1/alerts/{alert}/picture"
    analyst, supervisor = await floor.web.person("analyst"), await floor.web.person("supervisor")
    assert (await analyst.get(path)).status_code == 409
    await floor.post(f"/alerts/{alert}/review")
    assert (await analyst.get(path)).status_code == 200
    assert (await supervisor.get(path)).status_code == 409
    await floor.post(f"/alerts/{alert}/dismiss", {"reason": "test"})
    assert (await supervisor.get(path)).status_code == 200


async def test_a_second_reviewer_is_told_who_was_first(floor: Floor) -> None:
    await floor.web.person("analyst", name="colleague")
    alert = await floor.alert()
    await floor.reviewed(alert)
    held = await floor.post(f"/alerts/{alert}/review", by="colleague")
    assert (held.status_code, held.json()["reason"]) == (409, "held_by_another")
    assert held.json()["detail"] == "Analyst is reviewing this alert."
    await floor.confirm(alert)
    for path, body in (("review", {}), ("dismiss", {"reason": "test"}), ("acknowledge", {})):
        late = await floor.post(f"/alerts/{alert}/{path}", body, by="colleague")
        assert (late.status_code, late.json()["reason"]) == (409, "already_reviewed")
        assert late.json()["detail"].startswith("This alert was already confirmed by Analyst at ")


async def test_whoever_gave_the_verdict_sees_it_again(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.post(f"/alerts/{alert}/dismiss", {"reason": "duplicate", "note": "The same car."})
    again = (await floor.post(f"/alerts/{alert}/review")).json()
    assert (again["step"], again["alert"]["state"], again["alert"]["reason"]) == (
        "done",
        "dismissed",
        "duplicate",
    )


async def test_two_who_claim_at_once_one_has_it(floor: Floor) -> None:
    await floor.web.person("analyst", name="colleague")
    alert = await floor.alert()
    answers = await asyncio.gather(
        *(floor.post(f"/alerts/{alert}/acknowledge", by=name) for name in ("analyst", "colleague"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_two_who_give_a_verdict_at_once_one_counts(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    answers = await asyncio.gather(
        floor.confirm(alert), floor.post(f"/alerts/{alert}/dismiss", {"reason": "test"}, by="supervisor")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_supervisor_takes_over_and_begins_blind(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert, plate="QZ04471")
    taken = await floor.post(f"/alerts/{alert}/review", by="supervisor")
    assert (taken.json()["step"], taken.json()["entry"]) == ("picture", None)
    mine = await floor.post(f"/alerts/{alert}/dismiss", {"reason": "test"})
    assert (mine.status_code, mine.json()["reason"]) == (409, "held_by_another")
    await floor.post(f"/alerts/{alert}/typed", {"plate": PLATE, "state": "RC"}, by="supervisor")
    assert (await floor.confirm(alert, by="supervisor")).status_code == 200


async def test_a_review_opened_twice_is_the_same_review(floor: Floor) -> None:
    alert = await floor.alert()
    first = (await floor.post(f"/alerts/{alert}/review")).json()
    again = (await floor.post(f"/alerts/{alert}/review")).json()
    assert again["opened_at"] == first["opened_at"]


async def test_a_dismissal_names_a_reason_of_the_list(floor: Floor) -> None:
    alert = await floor.alert()
    unknown = await floor.post(f"/alerts/{alert}/dismiss", {"reason": "because"})
    assert unknown.status_code == 422
    silent = await floor.post(f"/alerts/{alert}/dismiss", {"reason": "other"})
    assert (silent.status_code, silent.json()["reason"]) == (422, "note")
    await floor.reviewed(alert)
    untrue = await floor.post(f"/alerts/{alert}/dismiss", {"reason": "misread"})
    assert (untrue.status_code, untrue.json()["reason"]) == (422, "reason")


async def test_a_quick_verdict_is_reported(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.reviewed(alert)
    await floor.confirm(alert)
    async with floor.upkeep() as tx:
        (row,) = await tx.fetch("select hasty from review")
        (entry,) = await tx.fetch("select leaf from audit_entry where reason = 'alert.confirmed'")
    assert row["hasty"] is True and json.loads(bytes(entry["leaf"]))["hasty"] is True


async def test_a_card_changed_since_it_was_read_is_stale(floor: Floor) -> None:
    alert = await floor.alert()
    await floor.sees()
    stale = await floor.post(f"/alerts/{alert}/acknowledge", headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_only_the_floor_reviews(floor: Floor) -> None:
    alert = await floor.alert()
    for role in ("officer", "technician", "auditor", "detective", "administrator", "clerk"):
        for path in ("acknowledge", "review"):
            refused = await floor.post(f"/alerts/{alert}/{path}", by=role)
            assert (refused.status_code, refused.json()["reason"]) == (403, "role")
        assert (await (await floor.web.person(role)).get("/api/v1/alerts")).status_code == 403


async def test_without_an_authorisation_nothing_is_reviewed(floor: Floor) -> None:
    alert = await floor.alert()
    supervisor = await floor.web.person("supervisor")
    (granted,) = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    ended = await supervisor.post(
        f"/api/v1/authorisations/{granted['id']}/suspend", json={"reason": "A test of it."}
    )
    assert ended.status_code == 200, ended.text
    refused = await floor.post(f"/alerts/{alert}/review")
    assert (refused.status_code, refused.json()["reason"]) == (403, "suspended")


async def test_what_is_not_ours_is_not_there(floor: Floor) -> None:
    alert, incident = floor.nowhere("alt"), floor.nowhere("inc")
    for path, body in (("review", {}), ("acknowledge", {}), ("dismiss", {"reason": "test"})):
        assert (await floor.post(f"/alerts/{alert}/{path}", body)).status_code == 404
    analyst = await floor.web.person("analyst")
    assert (await analyst.get(f"/api/v1/alerts/{alert}/picture")).status_code == 404
    assert (await analyst.get(f"/api/v1/incidents/{incident}")).status_code == 404


async def test_closed_alerts_are_listed_the_latest_first_page_by_page(floor: Floor) -> None:
    ids = []
    for _ in range(3):
        alert = await floor.alert()
        await floor.post(f"/alerts/{alert}/dismiss", {"reason": "test"})
        ids.append(alert)
    analyst = await floor.web.person("analyst")
    first = (await analyst.get("/api/v1/alerts?state=closed&limit=2")).json()
    rest = (
        await analyst.get("/api/v1/alerts", params={"state": "closed", "limit": 2, "after": first["next"]})
    ).json()
    assert [a["id"] for a in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None


async def test_what_is_past_its_retention_is_shown_to_nobody_though_the_sweep_be_late(floor: Floor) -> None:
    dismissed = await floor.alert()
    await floor.post(f"/alerts/{dismissed}/dismiss", {"reason": "test"})
    closed = await floor.incident()
    async with floor.upkeep() as tx:
        await tx.execute(
            "update incident set state = 'closed', closed_at = %(now)s, closed_by = %(by)s, erase_after = %(now)s",
            now=tx.now,
            by=tx.actor,
        )
    waiting = await floor.alert()
    analyst = await floor.web.person("analyst")
    async with floor.upkeep() as tx:
        await tx.execute("update alert set erase_after = %(end)s", end=tx.now)
    for state in ("open", "closed"):
        assert (await analyst.get(f"/api/v1/alerts?state={state}")).json()["items"] == []
    assert (await analyst.get("/api/v1/incidents?state=all")).json()["items"] == []
    assert (await analyst.get(f"/api/v1/incidents/{closed}")).status_code == 404
    assert (await floor.post(f"/alerts/{waiting}/review")).status_code == 404
    # A car that is seen again is a new card, with its own end: nothing joins what should be gone.
    await floor.sees()
    (fresh,) = await floor.queue()
    assert (fresh["seen"], fresh["id"] in (waiting, dismissed)) == (1, False)


CALL = {
    "type": "Burglary",
    "priority": 2,
    "purpose": "burglary_theft",
    "place": "Mill St 12",
    "text": "A door is open.",
}


async def test_a_call_that_is_answered_becomes_an_incident_once(floor: Floor) -> None:
    call = (await floor.post("/calls", CALL)).json()
    opened = await floor.post("/incidents", {"call": call["id"]})
    assert (opened.status_code, opened.json()["level"], opened.json()["kind"]) == (201, "serious", "call")
    again = await floor.post("/incidents", {"call": call["id"]})
    assert (again.status_code, again.json()["reason"]) == (409, "has_incident")


async def test_a_closed_call_is_not_answered(floor: Floor) -> None:
    call = (await floor.post("/calls", CALL)).json()
    await floor.post(f"/calls/{call['id']}/close", {"why": "Nobody there."})
    assert (await floor.post("/incidents", {"call": call["id"]})).json()["reason"] == "closed"


async def test_an_officer_in_danger_is_answered_at_once(floor: Floor) -> None:
    officer, other = await floor.web.person("officer"), await floor.web.person("officer", name="other")
    me = (await officer.get("/api/v1/session")).json()["person"]["id"]
    unit = (await floor.post("/units", {"call_sign": "3142"}, by="supervisor")).json()["id"]
    await (await floor.web.person("supervisor")).put(f"/api/v1/units/{unit}/crew", json={"people": [me]})
    refused = await other.post("/api/v1/incidents", json={"unit": unit})
    assert (refused.status_code, refused.json()["reason"]) == (403, "not_on_this_unit")
    opened = await officer.post("/api/v1/incidents", json={"unit": unit, "words": "Shots at us."})
    assert (opened.status_code, opened.json()["level"]) == (201, "critical")
    assert "not reported a position" in opened.json()["unknown"][0]


async def test_an_incident_is_opened_for_one_thing(floor: Floor) -> None:
    call, unit = {"call": floor.nowhere("call")}, {"unit": floor.nowhere("unt")}
    for body, status in (({}, 422), (call | unit, 422), (call, 404), (unit, 404)):
        assert (await floor.post("/incidents", body)).status_code == status


async def test_the_table_itself_takes_no_confirmation_that_does_not_stand(floor: Floor) -> None:
    """Below any code: not even a wrong line of ours could keep one."""
    alert = await floor.alert()
    await floor.reviewed(alert, state=None)
    with pytest.raises(Exception, match="review_check"):
        async with floor.upkeep() as tx:
            await tx.execute("update review set verdict = 'confirmed', closed_at = %(now)s", now=tx.now)
