"""A crew and the room write to each other: in the timeline, seen or not, late or not; and everything that is refused."""

from __future__ import annotations

from datetime import timedelta

import httpx

from tests.dispatch.street import Street
from watchfloor.dispatch.message import MOST
from watchfloor.kit.clock import rfc3339


async def writes(street: Street, call_sign: str, incident: str, text: str, **more: object) -> httpx.Response:
    officer = await street.officer(call_sign)
    return await officer.post(f"/api/v1/incidents/{incident}/messages", json={"text": text} | more)


async def test_a_message_goes_both_ways_and_each_side_sees_that_the_other_saw_it(street: Street) -> None:
    incident = await street.floor.incident()
    await street.send(incident, await street.unit("3142", 500))
    told = await writes(street, "3142", incident, "  Car is empty,\nengine warm.  ")
    assert told.status_code == 201, told.text
    first = told.json()
    assert (first["side"], first["unit"]["call_sign"], first["text"], first["seen"]) == (
        "field", "3142", "Car is empty, engine warm.", [],
    )  # fmt: skip
    answer = await street.post(f"/incidents/{incident}/messages", {"text": "Tow is on its way."})
    assert (answer.json()["side"], answer.json()["unit"]) == ("room", None)

    shown = await street.get(f"/incidents/{incident}")
    assert [one["text"] for one in shown["messages"]] == ["Car is empty, engine warm.", "Tow is on its way."]
    said = [line for line in shown["timeline"] if line["kind"] == "message"]
    assert [line["text"] for line in said] == [
        "3142 to the room: “Car is empty, engine warm.”",
        "The room to 3142: “Tow is on its way.”",
    ]
    assert [line["by"]["name"] for line in said] == [first["by"]["name"], "Analyst"]

    # What is new is counted for each of the room, until they say that they saw it.
    (new,) = (await street.get("/new-messages"))["items"]
    assert (new["id"], new["count"], new["call_sign"]) == (incident, 1, "3142")
    for person in ("supervisor", "officer-3142"):
        found = (await street.get("/new-messages", by=person))["items"]
        assert [one["count"] for one in found] == ([1] if person == "supervisor" else [])
    upto = {"until": shown["messages"][-1]["id"]}
    assert (await street.post(f"/incidents/{incident}/messages/seen", upto)).json() == {"seen": 1}
    assert (await street.get("/new-messages"))["items"] == []
    assert (await street.post(f"/incidents/{incident}/messages/seen", upto)).json() == {"seen": 0}
    officer = await street.officer("3142")
    assert (await officer.post(f"/api/v1/incidents/{incident}/messages/seen", json=upto)).json() == {
        "seen": 1
    }
    (mine,) = (await street.get("/assignments/mine", by="officer-3142"))["items"]
    assert [[seen["by"]["name"] for seen in one["seen"]] for one in mine["messages"]] == [
        ["Analyst"], [first["by"]["name"]],
    ]  # fmt: skip


async def test_two_crews_at_one_incident_read_each_other(street: Street) -> None:
    incident = await street.floor.incident()
    for sign in ("3142", "3150"):
        await street.send(incident, await street.unit(sign, 500))
    told = (await writes(street, "3142", incident, "North door is ours.")).json()
    for sign, new in (("3142", 0), ("3150", 1)):
        officer = await street.officer(sign)
        seen = await officer.post(f"/api/v1/incidents/{incident}/messages/seen", json={"until": told["id"]})
        assert seen.json() == {"seen": new}
    answer = await street.post(f"/incidents/{incident}/messages", {"text": "Understood."})
    line = (await street.get(f"/incidents/{incident}"))["timeline"][-1]
    assert (answer.status_code, line["text"]) == (201, "The room to 3142, 3150: “Understood.”")


async def test_whoever_is_not_there_writes_nothing(street: Street) -> None:
    incident = await street.floor.incident()
    nobody = await street.post(f"/incidents/{incident}/messages", {"text": "Anybody?"})
    assert (nobody.status_code, nobody.json()["reason"]) == (409, "nobody_there")
    await street.unit("3150", 900)
    stranger = await writes(street, "3150", incident, "What is it?")
    assert (await street.floor.web.kept_refusal(stranger))["reason"] == "not_at_incident"
    sent = await street.send(incident, await street.unit("3142", 500))
    told = (await writes(street, "3142", incident, "Here.")).json()
    other = await street.officer("3150")
    seen = await other.post(f"/api/v1/incidents/{incident}/messages/seen", json={"until": told["id"]})
    assert seen.status_code == 403
    await street.says("3142", sent["id"], "clear")
    gone = await writes(street, "3142", incident, "One more thing.")
    assert (gone.status_code, gone.json()["detail"]) == (
        403, "Your unit is not at this incident, or not any more.",
    )  # fmt: skip
    clerk = await (await street.floor.web.person("clerk")).post(
        f"/api/v1/incidents/{incident}/messages", json={"text": "Hello."}
    )
    assert clerk.status_code == 403


async def test_a_message_has_some_text_and_not_too_much(street: Street) -> None:
    incident = await street.floor.incident()
    await street.send(incident, await street.unit("3142", 500))
    for body in ({"text": "   "}, {"text": "x" * (MOST + 1)}, {}, {"text": "Here.", "said_at": "soon"}):
        assert (await street.post(f"/incidents/{incident}/messages", body)).status_code == 422, body
    assert (await street.post(f"/incidents/{incident}/messages", {"text": "x" * MOST})).status_code == 201
    elsewhere = await street.post(f"/incidents/{street.floor.nowhere('inc')}/messages", {"text": "Hello."})
    assert elsewhere.status_code == 404
    path = f"/incidents/{incident}/messages/seen"
    assert (await street.post(path, {"until": street.floor.nowhere("msg")})).status_code == 404
    assert (await street.post(path, {"until": "msg"})).status_code == 422


async def test_what_a_phone_kept_stands_where_it_was_pressed_and_says_that_it_came_late(
    street: Street,
) -> None:
    incident = await street.floor.incident()
    sent = await street.send(incident, await street.unit("3142", 500))
    await street.backdate(sent["id"], timedelta(minutes=30))
    now = street.floor.clock.now()
    accepted, written, ahead = (
        rfc3339(now - timedelta(minutes=12)),
        rfc3339(now - timedelta(minutes=5)),
        rfc3339(now + timedelta(hours=3)),
    )
    assert (await street.says("3142", sent["id"], "accept", {"said_at": accepted})).status_code == 200
    told = await writes(street, "3142", incident, "No link here.", said_at=written)
    assert (told.json()["at"], told.json()["received_at"] > written) == (written, True)
    # A clock that runs ahead is not believed.
    assert (await street.says("3142", sent["id"], "on-scene", {"said_at": ahead})).status_code == 200
    body = {"results": ["nothing_found"], "said_at": rfc3339(now - timedelta(minutes=2))}
    outcome = await (await street.officer("3142")).post(f"/api/v1/incidents/{incident}/outcome", json=body)
    assert outcome.status_code == 201, outcome.text
    lines = [(line["at"], line["text"]) for line in (await street.get(f"/incidents/{incident}"))["timeline"]]
    assert (accepted, "3142 accepted, told 12 min later.") in lines
    assert (written, "3142 to the room, told 5 min later: “No link here.”") in lines
    assert [text for at, text in lines if "on scene" in text] == ["3142 is on scene."]
    assert any(text == "Outcome: nothing found, told 2 min later." for _, text in lines)
