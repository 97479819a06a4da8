"""From an incident to its outcome over HTTP: proposed, sent, heard, there, clear; and everything that is refused."""

from __future__ import annotations

import asyncio
import json

from tests.dispatch.street import Street, town
from tests.incidents.floor import PICTURE, PLATE
from watchfloor.kit.ids import decode


async def test_the_whole_way_from_a_hit_to_an_outcome(street: Street) -> None:
    await street.streets()
    near = await street.unit("3142", 600, 0)
    await street.unit("3150", 0, 1900)
    incident = await street.floor.incident()
    path = f"/incidents/{incident}/hit-confirmation"
    assert (await street.post(path, {"agency": "MO0960000", "urgency": "urgent"})).status_code == 200
    answer = {"answer": "confirmed", "spoke_with": "Sgt. Reyes", "reference": "C-7"}
    assert (await street.post(f"{path}/answer", answer)).status_code == 200
    best, second = (await street.proposals(incident))["items"]
    nearest = await street.get(f"/incidents/{incident}/proposals?limit=1")
    assert ([one["unit"] for one in nearest["items"]], nearest["free"]) == ([best["unit"]], 2)
    assert (best["unit"]["call_sign"], best["how"], second["unit"]["call_sign"]) == ("3142", "road", "3150")
    assert 55 <= best["eta_s"] <= 65 and 580 <= best["distance_m"] <= 620
    sent = await street.send(incident, near, message="Grey hatchback.")
    assert (sent["state"], sent["how"], sent["sent_by"]["name"]) == ("sent", "road", "Analyst")
    (mine,) = (await street.get("/assignments/mine", by="officer-3142"))["items"]
    (on,) = (await street.get("/assignments"))["items"]
    assert (on["unit"]["call_sign"], on["incident"]["id"], on["incident"]["call"]) == ("3142", incident, None)
    assert mine["incident"]["plate"] == {"plate": PLATE, "state": "RC"}
    assert "no ground to stop or search anyone" in mine["incident"]["says"]
    assert mine["incident"]["hit"] == {"confirmed": True, "sentence": "Hit confirmed by MO0960000."}
    for step, state in (("accept", "accepted"), ("en-route", "en_route"), ("on-scene", "on_scene")):
        stepped = await street.says("3142", sent["id"], step)
        assert stepped.json()["state"] == state, stepped.text
        assert stepped.json()["sent_by"]["name"] == "Analyst"
    body = {"results": ["vehicle_recovered", "arrest"], "arrests": 1, "charges": ["Tampering"], "note": None}
    outcome = await (await street.officer("3142")).post(f"/api/v1/incidents/{incident}/outcome", json=body)
    assert outcome.status_code == 201, outcome.text
    assert (await street.says("3142", sent["id"], "clear")).json()["state"] == "cleared"
    shown = await street.get(f"/incidents/{incident}")
    assert (shown["state"], shown["outcome"]["results"]) == ("closed", ["arrest", "vehicle_recovered"])
    kinds = [line["kind"] for line in shown["timeline"]]
    assert kinds[-6:] == ["sent", "accepted", "en_route", "on_scene", "outcome", "cleared"]
    assert shown["timeline"][-2]["text"] == "Outcome: arrest, vehicle recovered. Charges: Tampering."
    assert [unit["state"] for unit in (await street.get("/units"))["items"]] == ["free", "free"]
    assert (await street.get("/assignments"))["items"] == []
    (one,) = (await street.get("/outcomes"))["items"]
    assert (one["incident_id"], one["incident"]["number"]) == (incident, shown["number"])


async def test_of_two_who_send_the_same_unit_one_has_it(street: Street) -> None:
    unit = await street.unit("3142", 500)
    first = await street.floor.incident()
    call = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St 12"}
    taken = (await street.post("/calls", call)).json()
    assert [one["id"] for one in (await street.get("/unanswered-calls"))["items"]] == [taken["id"]]
    opened = (await street.post("/incidents", {"call": taken["id"]})).json()
    assert (await street.get("/unanswered-calls"))["items"] == []
    assert opened["call"] == taken["id"]
    second = opened["id"]
    answers = await asyncio.gather(
        street.post(f"/incidents/{first}/assignments", {"unit": unit}),
        street.post(f"/incidents/{second}/assignments", {"unit": unit}, by="supervisor"),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (late,) = [answer for answer in answers if answer.status_code == 409]
    assert (late.json()["reason"], late.json()["detail"]) == ("unit_taken", "3142 is on another assignment.")
    async with street.floor.upkeep() as tx:
        assert len(await tx.fetch("select 1 from assignment")) == 1


async def test_a_warning_is_heard_before_the_crew_accepts(street: Street) -> None:
    unit = await street.unit("3142", 500)
    incident = await street.floor.incident()
    sent = await street.send(incident, unit, warning="The driver was seen with a gun.")
    assert sent["warning"] == {"text": "The driver was seen with a gun.", "heard_at": None}
    (mine,) = (await street.get("/assignments/mine", by="officer-3142"))["items"]
    assert (
        mine["incident"]["hit"]["confirmed"],
        "no arrest, no tow" in mine["incident"]["hit"]["sentence"],
    ) == (False, True)
    unheard = await street.says("3142", sent["id"], "accept", {"warning_heard": False})
    assert (unheard.status_code, unheard.json()["reason"]) == (409, "warning_unheard")
    heard = await street.says("3142", sent["id"], "accept", {"warning_heard": True})
    assert heard.json()["warning"]["heard_at"] is not None
    shown = await street.get(f"/incidents/{incident}")
    assert shown["hazards"][0]["text"] == "The driver was seen with a gun."
    assert shown["hazards"][0]["source"] == "Analyst"
    assert "heard the warning" in shown["timeline"][-1]["text"]


async def test_the_floor_reports_by_radio_and_it_says_so(street: Street) -> None:
    sent = await street.send(await street.floor.incident(), await street.unit("3142", 500))
    answer = await street.post(f"/assignments/{sent['id']}/accept", {"warning_heard": True})
    assert answer.json()["state"] == "accepted"
    shown = await street.get(f"/incidents/{sent['incident_id']}")
    assert shown["timeline"][-1]["text"] == "3142 accepted, by radio."


async def test_nobody_reports_for_another_crew(street: Street) -> None:
    sent = await street.send(await street.floor.incident(), await street.unit("3142", 500))
    await street.unit("3150", 900)
    refused = await street.says("3150", sent["id"], "accept")
    assert (await street.floor.web.kept_refusal(refused))["reason"] == "not_on_this_unit"
    assert (await street.get("/assignments/mine", by="officer-3150"))["items"] == []


async def test_steps_have_an_order_and_the_same_step_twice_is_one(street: Street) -> None:
    sent = await street.send(await street.floor.incident(), await street.unit("3142", 500))
    early = await street.says("3142", sent["id"], "en-route")
    assert (early.status_code, early.json()["reason"]) == (409, "is_sent")
    first = (await street.says("3142", sent["id"], "accept")).json()
    again = (await street.says("3142", sent["id"], "accept")).json()
    assert (again["accepted_at"], again["version"]) == (first["accepted_at"], first["version"])
    assert (await street.says("3142", sent["id"], "on-scene")).json()["state"] == "on_scene"
    back = await street.says("3142", sent["id"], "en-route")
    assert (back.status_code, back.json()["detail"]) == (409, "3142 is on scene.")


async def test_a_unit_called_back_is_free_and_the_incident_open_again(street: Street) -> None:
    unit = await street.unit("3142", 500)
    incident = await street.floor.incident()
    sent = await street.send(incident, unit)
    assert (await street.get(f"/incidents/{incident}"))["state"] == "assigned"
    assert (await street.post(f"/assignments/{sent['id']}/clear")).json()["state"] == "cancelled"
    assert (await street.get(f"/incidents/{incident}"))["state"] == "open"
    await street.send(incident, unit)


async def test_two_units_at_one_incident_and_it_is_assigned_until_the_last_is_clear(street: Street) -> None:
    incident = await street.floor.incident()
    sent = [await street.send(incident, await street.unit(sign, 500)) for sign in ("3142", "3150")]
    await street.post(f"/assignments/{sent[0]['id']}/clear")
    assert (await street.get(f"/incidents/{incident}"))["state"] == "assigned"
    await street.post(f"/assignments/{sent[1]['id']}/clear")
    assert (await street.get(f"/incidents/{incident}"))["state"] == "open"


async def test_a_unit_with_nobody_on_it_is_not_sent(street: Street) -> None:
    empty = (await street.post("/units", {"call_sign": "3199"}, by="supervisor")).json()["id"]
    refused = await street.post(f"/incidents/{await street.floor.incident()}/assignments", {"unit": empty})
    assert (refused.status_code, refused.json()["reason"]) == (409, "unit_off")


async def test_a_unit_on_an_assignment_keeps_its_crew(street: Street) -> None:
    unit = await street.unit("3142", 500)
    await street.send(await street.floor.incident(), unit)
    supervisor = await street.floor.web.person("supervisor")
    emptied = await supervisor.put(f"/api/v1/units/{unit}/crew", json={"people": []})
    assert (emptied.status_code, emptied.json()["reason"]) == (409, "unit_assigned")
    other = (await street.post("/units", {"call_sign": "3150"}, by="supervisor")).json()["id"]
    me = (await (await street.officer("3142")).get("/api/v1/session")).json()["person"]["id"]
    moved = await supervisor.put(f"/api/v1/units/{other}/crew", json={"people": [me]})
    assert (moved.status_code, moved.json()["reason"]) == (409, "unit_assigned")
    assert (await supervisor.delete(f"/api/v1/units/{unit}")).status_code == 409


async def test_what_came_of_it_is_said_once_by_whoever_was_sent(street: Street) -> None:
    incident = await street.floor.incident()
    await street.unit("3150", 900)
    path = f"/api/v1/incidents/{incident}/outcome"
    stranger = await (await street.officer("3150")).post(path, json={"results": ["nothing_found"]})
    assert (await street.floor.web.kept_refusal(stranger))["reason"] == "not_sent_there"
    body = {"results": ["vehicle_recovered"]}
    assert (await street.post(f"/incidents/{incident}/outcome", body)).status_code == 201
    last = (await street.get(f"/incidents/{incident}"))["timeline"][-1]
    assert (last["level"], last["text"]) == (
        "serious", "Outcome: vehicle recovered. The entering agency had not confirmed the hit.",
    )  # fmt: skip
    again = await street.post(f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})
    assert (again.status_code, again.json()["reason"]) == (409, "closed")


async def test_nobody_is_sent_to_what_is_closed(street: Street) -> None:
    unit = await street.unit("3142", 500)
    incident = await street.floor.incident()
    await street.post(f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})
    refused = await street.post(f"/incidents/{incident}/assignments", {"unit": unit})
    assert (refused.status_code, refused.json()["reason"]) == (409, "closed")
    assert [u["state"] for u in (await street.get("/units"))["items"]] == ["free"]


async def test_a_wrong_alert_lowers_the_next_of_the_same_reading(street: Street) -> None:
    incident = await street.floor.incident()
    silent = await street.post(f"/incidents/{incident}/outcome", {"results": ["wrong_alert"]})
    assert (silent.status_code, silent.json()["reason"]) == (422, "note")
    body = {"results": ["wrong_alert"], "note": "The car was given back a week ago."}
    assert (await street.post(f"/incidents/{incident}/outcome", body)).status_code == 201
    await street.floor.sees()
    (again,) = await street.floor.queue()
    assert (again["lowered"], again["level"]) == (True, "normal")
    assert "a person found the same reading of this entry false: the alert was wrong" in again["why"]


async def test_a_call_is_answered_like_an_alert(street: Street) -> None:
    unit = await street.unit("3142", 500)
    call = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St 12"}
    taken = (await street.post("/calls", call)).json()
    incident = (await street.post("/incidents", {"call": taken["id"]})).json()["id"]
    found = await street.proposals(incident)
    assert found["sentence"].startswith("The incident's place is not known")
    (only,) = found["items"]
    assert (only["eta_s"], only["distance_m"]) == (None, None)
    await street.send(incident, unit)
    (mine,) = (await street.get("/assignments/mine", by="officer-3142"))["items"]
    assert (mine["picture"], mine["incident"]["plate"]) == (None, None)


async def test_without_streets_the_room_still_sends_and_is_told(street: Street) -> None:
    unit = await street.unit("3142", 300, 400)
    incident = await street.floor.incident()
    found = await street.proposals(incident)
    assert (found["sentence"], found["free"]) == (
        "One unit by straight line only: no street map is loaded.",
        1,
    )
    (only,) = found["items"]
    assert (only["how"], only["eta_s"]) == ("straight_line", None) and 490 <= only["distance_m"] <= 510
    assert (await street.send(incident, unit))["how"] == "straight_line"


async def test_a_new_street_map_is_used_at_once_and_a_lost_one_is_no_catastrophe(street: Street) -> None:
    unit = await street.unit("3142", -500)
    incident = await street.floor.incident()
    assert (await street.proposals(incident))["items"][0]["how"] == "straight_line"
    brought = (await street.streets()).json()
    assert (brought["in_use"], brought["streets"], brought["imported_by"]["name"]) == (True, 4, "Technician")
    assert (await street.proposals(incident))["items"][0]["how"] == "road"
    await street.streets()
    async with street.floor.upkeep() as tx:
        rows = await tx.fetch("select sha256 from street_map")
    digest = rows[0]["sha256"]
    await street.floor.objects.delete(f"streets/{street.floor.agency}/{digest[:2]}/{digest}")
    assert (await street.proposals(incident))["items"][0]["how"] == "straight_line"
    await street.send(incident, unit)


async def test_the_one_way_street_counts_for_who_is_near(street: Street) -> None:
    """From the east side of the scene nobody drives the western arm westward; from its end one drives in."""
    await street.streets()
    await street.unit("3142", -900)
    incident = await street.floor.incident()
    (coming,) = (await street.proposals(incident))["items"]
    assert coming["how"] == "road" and 85 <= coming["eta_s"] <= 95


async def test_the_crew_sees_the_picture_while_it_is_on_the_assignment(street: Street) -> None:
    await street.floor.put_picture()
    sent = await street.send(await street.floor.incident(), await street.unit("3142", 500))
    await street.unit("3150", 900)
    path = f"/api/v1/assignments/{sent['id']}/picture"
    assert (await (await street.officer("3142")).get(path)).content == PICTURE
    refused = await (await street.officer("3150")).get(path)
    assert (refused.status_code, refused.json()["reason"]) == (403, "not_on_this_unit")
    await street.says("3142", sent["id"], "clear")
    assert (await (await street.officer("3142")).get(path)).status_code == 403


async def test_what_is_said_to_a_crew_is_short_enough_to_read_in_a_car(street: Street) -> None:
    unit = await street.unit("3142", 500)
    body = {"unit": unit, "warning": "x" * 501}
    refused = await street.post(f"/incidents/{await street.floor.incident()}/assignments", body)
    assert (refused.status_code, refused.json()["reason"]) == (422, "warning")


async def test_what_is_not_ours_is_not_there(street: Street) -> None:
    incident, unit, assignment = (street.floor.nowhere(prefix) for prefix in ("inc", "unt", "asg"))
    real = await street.floor.incident()
    analyst = await street.floor.web.person("analyst")
    assert (await analyst.get(f"/api/v1/incidents/{incident}/proposals")).status_code == 404
    assert (await street.post(f"/incidents/{incident}/assignments", {"unit": unit})).status_code == 404
    assert (await street.post(f"/incidents/{real}/assignments", {"unit": unit})).status_code == 404
    assert (await street.post(f"/assignments/{assignment}/accept", {})).status_code == 404
    assert (
        await street.post(f"/incidents/{incident}/outcome", {"results": ["nothing_found"]})
    ).status_code == 404
    assert (await analyst.get(f"/api/v1/assignments/{assignment}/picture")).status_code == 404


async def test_only_the_floor_sends(street: Street) -> None:
    unit = await street.unit("3142", 500)
    incident = await street.floor.incident()
    for role in ("officer", "detective", "technician", "auditor", "administrator"):
        refused = await street.post(f"/incidents/{incident}/assignments", {"unit": unit}, by=role)
        assert (refused.status_code, refused.json()["reason"]) == (403, "role")
    technician = await street.floor.web.person("technician")
    assert (await technician.get(f"/api/v1/incidents/{incident}/proposals")).status_code == 403


async def test_the_log_has_every_step_and_no_words_of_the_warning(street: Street) -> None:
    sent = await street.send(
        await street.floor.incident(), await street.unit("3142", 500), warning="Seen with a gun."
    )
    await street.says("3142", sent["id"], "accept", {"warning_heard": True})
    await street.says("3142", sent["id"], "clear")
    async with street.floor.upkeep() as tx:
        rows = await tx.fetch(
            "select reason, leaf from audit_entry where kind = 'effect' and about_id = %(id)s order by id",
            id=decode("asg", sent["id"]),
        )
    assert [row["reason"] for row in rows] == ["unit.assigned", "assignment.accepted", "assignment.cleared"]
    assert not any(b"gun" in bytes(row["leaf"]) for row in rows)


async def test_a_street_file_that_is_none_changes_nothing(street: Street) -> None:
    await street.streets()
    technician = await street.floor.web.person("technician")
    path = "/api/v1/street-maps"
    bad = await technician.post(path, params={"name": "Bad", "form": "geoparquet"}, content=town())
    assert (bad.status_code, bad.json()["reason"]) == (422, "bad_map_file")
    odd = {"name": "Odd", "form": "geojson", "mapping": json.dumps({"nmae": "name"})}
    assert (await technician.post(path, params=odd, content=town())).json()["reason"] == "mapping"
    mapped = {"name": "Mapped", "form": "geojson", "mapping": json.dumps({"name": "name"})}
    assert (await technician.post(path, params=mapped, content=town())).status_code == 201
    names = [(one["name"], one["in_use"]) for one in (await technician.get(path)).json()["items"]]
    assert names == [("Mapped", True), ("The town", False)]
    analyst = await street.floor.web.person("analyst")
    assert (await analyst.post(path, params=mapped, content=town())).status_code == 403


async def test_what_came_of_it_is_counted_by_kind_and_time_with_how_alerts_ended(street: Street) -> None:
    dismissed = await street.floor.alert()
    await street.post(f"/alerts/{dismissed}/dismiss", {"reason": "record_cancelled", "note": None})
    wrong = await street.floor.incident()
    right, other = await _answered(street), await _answered(street)
    for incident, body in (
        (wrong, {"results": ["wrong_alert"], "arrests": 0, "note": "Another car."}),
        (right, {"results": ["vehicle_recovered", "arrest"], "arrests": 2, "charges": ["Tampering"]}),
        (other, {"results": ["wrong_alert"], "arrests": 0, "note": "Another car."}),
    ):
        answer = await street.post(f"/incidents/{incident}/outcome", body)
        assert answer.status_code == 201, answer.text

    sums = await street.get("/outcomes/sums", by="auditor")
    assert (sums["outcomes"], sums["arrests"], sums["charges"]) == (3, 2, 1)
    assert sums["results"] == {
        "arrest": 1, "force_used": 0, "vehicle_recovered": 1, "person_helped": 0, "nothing_found": 0, "wrong_alert": 2
    }  # fmt: skip
    # The call's wrong alert is no machine's.
    assert sums["alerts"] == {"confirmed": 1, "dismissed": 1, "reasons": {"record_cancelled": 1}, "wrong": 1}

    first = await street.get("/outcomes?result=wrong_alert&limit=1")
    (newest,) = first["items"]
    (oldest,) = (await street.get(f"/outcomes?result=wrong_alert&limit=1&after={first['next']}"))["items"]
    assert [newest["incident_id"], oldest["incident_id"]] == [other, wrong]
    earlier = "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z"
    assert (await street.get(f"/outcomes?{earlier}"))["items"] == []
    none = await street.get(f"/outcomes/sums?{earlier}")
    assert (none["outcomes"], none["alerts"]["confirmed"]) == (0, 0)


async def _answered(street: Street) -> str:
    """An incident for a call."""
    call = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St 12"}
    taken = (await street.post("/calls", call)).json()
    return str((await street.post("/incidents", {"call": taken["id"]})).json()["id"])


async def test_a_time_or_kind_of_outcomes_that_is_none_is_refused_and_says_why(street: Street) -> None:
    analyst = await street.floor.web.person("analyst")
    backwards = "from=2020-02-01T00:00:00Z&to=2020-01-01T00:00:00Z"
    for path, reason in (
        (f"/outcomes?{backwards}", "to"),
        (f"/outcomes/sums?{backwards}", "to"),
        ("/outcomes?result=luck", "invalid"),
        ("/outcomes?after=out_1", "after"),
        ("/outcomes?from=2020-01-01T00:00:00", "invalid"),
        ("/outcomes?to=9999-12-31T23:59:59-23:59", "invalid"),
        ("/outcomes/sums?from=0001-01-01T00:00:00%2B23:59", "invalid"),
    ):
        answer = await analyst.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["reason"]) == (422, reason), path
