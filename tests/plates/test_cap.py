"""Alerts of missing children and elders (CAP 1.2): what is taken, what waits for a person, what ends them. All of it is invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx

from tests.plates.conftest import Device, Town, drained
from tests.plates.test_hot_lists import approve, entries, made
from tests.plates.test_inbox import a_box
from watchfloor.governance.forms import inside

NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]>'
SENDER, CAE = "alerts@missing.example", "<eventCode><valueName>SAME</valueName><value>CAE</value></eventCode>"
PROSE = "A child of 6 was taken from Mill St. The suspect drives a 2014 blue Ford Focus with Missouri license plate ZQ4 X7T."


def cap(
    identifier: str = "MO-1", *, now: datetime = NOW, msg_type: str = "Alert", status: str = "Actual", code: str = CAE,
    event: str = "Child Abduction Emergency", references: str = "", description: str = PROSE, hours: float = 6,
    sender: str = SENDER, sent: str | None = None, says: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    said = "".join(
        f"<parameter><valueName>{name}</valueName><value>{escape(value)}</value></parameter>"
        for name, value in (says or {}).items()
    )
    expires = (now + timedelta(hours=hours)).isoformat(timespec="seconds")
    info = (
        f"<info><category>Rescue</category><event>{event}</event>{code}<expires>{expires}</expires>"
        f"<headline>Alert of the invented county</headline><description>{escape(description)}</description>{said}</info>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{identifier}</identifier><sender>{sender}</sender><sent>{sent or sent_at(now)}</sent><status>{status}</status>"
        f"<msgType>{msg_type}</msgType><scope>Public</scope><references>{references}</references>"
        f"{'' if msg_type == 'Cancel' else info}</alert>"
    ).encode()


def sent_at(now: datetime) -> str:
    return (now - timedelta(minutes=1)).isoformat(timespec="seconds")


# ---- onto a list


async def a_list(town: Town) -> tuple[str, Device]:
    """A list for missing persons with its machine."""
    list_id = await made(town, "api", purpose="missing_person")
    administrator = await town.web.person("administrator")
    token = await administrator.post(f"/api/v1/hot-lists/{list_id}/token", json={})
    assert token.status_code == 201, token.text
    return list_id, Device(list_id, town.web.client(), token.json()["token"])


async def sends(machine: Device, document: bytes) -> dict[str, Any]:
    answer = await machine.posts("/hot-list-feed/cap", document)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def counts(answer: dict[str, Any]) -> tuple[bool, int, int, int]:
    return answer["taken"], answer["entries"], answer["waiting"], answer["withdrawn"]


async def open_proposals(town: Town) -> list[dict[str, Any]]:
    supervisor = await town.web.person("supervisor")
    every = (await supervisor.get("/api/v1/proposals")).json()["items"]
    return [one for one in every if (one["kind"], one["state"]) == ("hot_list_entry", "open")]


async def test_an_alert_alerts_once_a_person_has_seen_its_plate_until_it_is_cancelled(town: Town) -> None:
    now, (list_id, machine) = town.now(), await a_list(town)
    assert counts(await sends(machine, cap(now=now, status="Test"))) == (False, 0, 0, 0)
    assert counts(await sends(machine, cap(now=now))) == (True, 0, 1, 0)
    assert counts(await sends(machine, cap(now=now))) == (False, 0, 0, 0), "sent again it changes nothing"
    assert await entries(town, list_id) == [], "nobody has seen it"
    (waits,) = await open_proposals(town)
    assert "ZQ4X7T (MO)" in waits["title"] and "Missouri license plate ZQ4 X7T" in waits["sentence"]
    seen = await approve(town, "detective", httpx.Response(201, json=waits))
    assert seen.status_code == 200, seen.text
    (entry,) = await entries(town, list_id)
    assert (entry["plate"], entry["state"], entry["vehicle"]) == ("ZQ4X7T", "MO", "2014 blue Ford Focus")
    assert entry["reason"].startswith("AMBER Alert: ") and entry["agency"] == SENDER

    reader = await town.reader()
    read = {"plate": "ZQ4X7T", "state": "MO"}
    async with town.matching():
        await reader.sends(read | {"id": "1", "at": town.ago(seconds=2)})
        await drained(town)
        assert len(town.hits) == 1
        cancel = cap("MO-2", now=now, msg_type="Cancel", references=f"{SENDER},MO-1,{sent_at(now)}")
        assert counts(await sends(machine, cancel)) == (True, 0, 0, 1)
        # From the very next read on.
        await reader.sends(read | {"id": "2", "at": town.ago(seconds=1)})
        await drained(town)
    assert len(town.hits) == 1
    assert (await entries(town, list_id))[0]["ended"].endswith("Its sender cancelled the alert.")


async def test_an_update_replaces_what_it_names_and_what_a_person_saw_goes_on(town: Town) -> None:
    now, (list_id, machine) = town.now(), await a_list(town)
    first = cap(now=now, description="", says={"licensePlate": "ZQ4X7T", "licensePlateState": "MO"})
    assert counts(await sends(machine, first)) == (True, 1, 0, 0), (
        "what a parameter says plainly is in force at once"
    )
    named = f"{SENDER},MO-1,{sent_at(now)}"
    more = PROSE + " Or Illinois plate ZQX 107."
    update = cap("MO-2", now=now, msg_type="Update", references=named, description=more)
    assert counts(await sends(machine, update)) == (True, 1, 1, 1)
    live = [one["plate"] for one in await entries(town, list_id) if one["ended"] is None]
    assert live == ["ZQ4X7T"]
    (waits,) = await open_proposals(town)
    assert "ZQX107 (IL)" in waits["title"]
    # A cancelled alert is nobody's to approve, and one that comes after its cancel looks for nothing.
    cancel = f"{SENDER},MO-2,{sent_at(now)} {SENDER},MO-9,{sent_at(now)}"
    assert counts(await sends(machine, cap("MO-3", now=now, msg_type="Cancel", references=cancel))) == (
        True,
        0,
        0,
        1,
    )
    assert await open_proposals(town) == []
    late = await approve(town, "detective", httpx.Response(201, json=waits))
    assert late.status_code == 409, late.text
    after = await sends(machine, cap("MO-9", now=now, description="", says={"plate": "ZQX109"}))
    assert counts(after) == (False, 0, 0, 0) and "ended before it came" in after["said"]
    assert [one for one in await entries(town, list_id) if one["ended"] is None] == []


async def test_a_plate_that_a_person_withdrew_comes_back_by_a_person_and_then_goes_on(town: Town) -> None:
    now, (list_id, machine) = town.now(), await a_list(town)
    says = {"plate": "ZQX107"}

    def message(number: int, kind: str = "Update") -> bytes:
        named = f"{SENDER},MO-{number - 1},{sent_at(now)}" if kind == "Update" else ""
        return cap(
            f"MO-{number}", now=now, msg_type=kind, references=named, description="", says=says, hours=9999
        )

    assert counts(await sends(machine, message(1, "Alert"))) == (True, 1, 0, 0)
    (entry,) = await entries(town, list_id)
    analyst = await town.web.person("analyst")
    gone = await analyst.post(f"/api/v1/hot-list-entries/{entry['id']}/withdraw", json={"why": "another car"})
    assert gone.status_code == 200, gone.text
    assert counts(await sends(machine, message(2))) == (True, 0, 1, 0)
    (waits,) = await open_proposals(town)
    assert (
        waits["sentence"].endswith("another car") and "A parameter of the alert says it" in waits["sentence"]
    )
    assert counts(await sends(machine, message(3))) == (True, 0, 1, 0)
    assert counts(await sends(machine, message(9, "Alert"))) == (True, 0, 1, 0), "nor by a new alert"
    for one in await open_proposals(town):
        agreed = await approve(town, "detective", httpx.Response(201, json=one))
        assert agreed.status_code == 200, agreed.text
    # Somebody has seen it since: what updates it needs nobody, and its sender's own end of it is no person's.
    assert counts(await sends(machine, message(4))) == (True, 1, 0, 1)
    assert counts(await sends(machine, message(5))) == (True, 1, 0, 1)
    longer = await town.rows(
        "select m.reference from cap_message m join hot_list l on l.id = m.hot_list_id where m.kind is not null"
        " and m.expires_at > now() + make_interval(days => l.most_days)"
    )
    assert longer == [], "an alert is kept no longer than its list allows"


async def test_a_person_takes_a_file_of_an_alert_and_another_confirms_what_was_found_in_prose(
    town: Town,
) -> None:
    list_id, machine = await a_list(town)
    supervisor = await town.web.person("supervisor")
    taken = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=cap(now=town.now()))
    assert taken.status_code == 200 and taken.json()["waiting"] == 1, taken.text
    (waits,) = await open_proposals(town)
    own = await approve(town, "supervisor", httpx.Response(201, json=waits))
    assert (own.status_code, own.json()["reason"]) == (403, "same_person")
    # Nothing that one person hands in is in force by that person alone, what a parameter says neither; what is in force goes on.
    says = {"plate": "ZQX107"}
    sure = cap("MO-7", now=town.now(), description="", says=says)
    by_hand = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=sure)
    assert counts(by_hand.json()) == (True, 0, 1, 0) and await entries(town, list_id) == []
    sent = sent_at(town.now())
    fed = await sends(machine, cap("MO-8", now=town.now(), sent=sent, description="", says=says))
    assert counts(fed) == (True, 1, 0, 0)
    update = cap(
        "MO-9",
        now=town.now(),
        msg_type="Update",
        references=f"{SENDER},MO-8,{sent}",
        description="or plate ZQX108",
        says=says,
        hours=5.99,
    )
    by_hand = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=update)
    assert counts(by_hand.json()) == (True, 1, 1, 1), by_hand.text
    await no_file_of_one_person_lengthens_an_entry(town, list_id)
    await the_machine_s_own_message_takes_the_place_of_a_file(town, list_id, machine)
    other = await made(town, "api", name="Stolen", purpose="stolen_vehicle")
    wrong = await supervisor.post(f"/api/v1/hot-lists/{other}/cap", content=cap(now=town.now()))
    assert (wrong.status_code, wrong.json()["reason"]) == (409, "hot_list")
    hostile = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=BOMB + b"<a/>")
    assert (hostile.status_code, hostile.json()["reason"]) == (422, "xml")


async def live(town: Town, list_id: str) -> dict[str, dict[str, Any]]:
    return {one["plate"]: one for one in await entries(town, list_id) if one["ended"] is None}


async def no_file_of_one_person_lengthens_an_entry(town: Town, list_id: str) -> None:
    """It goes on as it was; what the file says otherwise holds once a second person agreed, and ends with the alert."""
    supervisor, path = await town.web.person("supervisor"), f"/api/v1/hot-lists/{list_id}/cap"
    was = (await live(town, list_id))["ZQX107"]
    named = (await town.rows("select reference from cap_message where identifier = 'MO-9'"))[0]["reference"]
    longer = cap(
        "MO-10", now=town.now(), msg_type="Update", references=named, description="", says={"plate": "ZQX107", "vehicleMake": "Ford"},
        hours=48,
    )  # fmt: skip
    taken = (await supervisor.post(path, content=longer)).json()
    assert counts(taken) == (True, 1, 1, 1)
    assert taken["said"].startswith(
        "1 plates are looked for, 0 wait for a person; what the alert says otherwise"
    )
    now = (await live(town, list_id))["ZQX107"]
    assert (now["expires_at"], now["vehicle"]) == (was["expires_at"], was["vehicle"])
    (waits,) = [
        one for one in await open_proposals(town) if "ZQX107" in one["title"] and "MO-7" not in str(one)
    ][-1:]
    says, _, instead = waits["sentence"].partition(" Instead of: until ")
    assert ", Ford. " in says and ": AMBER" in instead and "Ford" not in instead
    assert instead.endswith(" It goes on as it was, whatever is decided.")
    own = await approve(town, "supervisor", httpx.Response(201, json=waits))
    assert (own.status_code, own.json()["reason"]) == (403, "same_person")
    assert (await approve(town, "detective", httpx.Response(201, json=waits))).status_code == 200
    later = (await live(town, list_id))["ZQX107"]
    assert (later["id"], later["vehicle"]) == (now["id"], "Ford") and later["expires_at"] > now["expires_at"]
    (row,) = await town.rows(
        "select proposal_id from hot_list_entry where vehicle = 'Ford' and plate = 'ZQX107'"
    )
    assert row["proposal_id"] == inside("proposal", waits["id"]), "a second person agreed to what it says"


async def the_machine_s_own_message_takes_the_place_of_a_file(
    town: Town, list_id: str, machine: Device
) -> None:
    """Handed in by a person first, it waits; the machine's same message is in force at once, and once more it changes nothing."""
    supervisor = await town.web.person("supervisor")
    sent = sent_at(town.now())
    document = cap(
        "MO-20", now=town.now(), sent=sent, description="or plate ZQX121", says={"plate": "ZQX120"}
    )
    by_hand = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=document)
    assert counts(by_hand.json()) == (True, 0, 2, 0)
    before = [one["id"] for one in await open_proposals(town) if "ZQX12" in one["title"]]
    again = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=document)
    assert counts(again.json()) == (False, 0, 0, 0)
    assert counts(await sends(machine, document)) == (True, 1, 1, 0)
    assert "ZQX120" in await live(town, list_id)
    after = [one for one in await open_proposals(town) if "ZQX12" in one["title"]]
    assert [one["id"] for one in after if one["id"] in before] == [] and "ZQX121" in after[0]["title"], (
        "it waits once"
    )
    assert counts(await sends(machine, document)) == (False, 0, 0, 0)
    # What a second person has seen of the file goes on by the machine's message.
    prose = cap("MO-21", now=town.now(), description="plate ZQX122")
    assert counts((await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=prose)).json()) == (
        True,
        0,
        1,
        0,
    )
    (waits,) = [one for one in await open_proposals(town) if "ZQX122" in one["title"]]
    assert (await approve(town, "detective", httpx.Response(201, json=waits))).status_code == 200
    assert counts(await sends(machine, prose)) == (True, 1, 0, 1)
    assert "ZQX122" in await live(town, list_id)
    await one_person_s_cancellation_is_a_withdrawal_of_theirs(town, list_id, machine, sent)


async def one_person_s_cancellation_is_a_withdrawal_of_theirs(
    town: Town, list_id: str, machine: Device, sent: str
) -> None:
    """It ends what came, in their own name and not as the sender's word, and nothing that is still to come."""
    supervisor = await town.web.person("supervisor")
    ends = " ".join(f"{SENDER},{one},{sent}" for one in ("MO-20", "MO-22"))
    forged = cap("MO-23", now=town.now(), msg_type="Cancel", references=ends)
    by_hand = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=forged)
    assert counts(by_hand.json()) == (True, 0, 0, 1)
    ended = [one["ended"] for one in await entries(town, list_id) if one["plate"] == "ZQX120"]
    assert ended[-1].endswith("A person handed in that its sender cancelled the alert.")
    to_come = cap("MO-22", now=town.now(), sent=sent, description="-", says={"plate": "ZQX123"})
    assert counts(await sends(machine, to_come)) == (True, 1, 0, 0)
    assert "ZQX123" in await live(town, list_id)


async def test_an_alert_that_is_put_into_the_folder_of_its_list_is_taken(town: Town, tmp_path: Path) -> None:
    box, (list_id, _) = a_box(town, tmp_path / "inbox"), await a_list(town)
    folder = box.root / list_id / "cap"
    folder.mkdir(parents=True)
    (folder / "1.xml").write_bytes(cap(now=town.now(), description="", says={"plate": "ZQX107"}))
    (folder / "2.xml").write_bytes(BOMB + b"<a/>")
    await box.looks()
    assert [one["plate"] for one in await entries(town, list_id)] == ["ZQX107"]
    (why,) = box.reasons()
    assert "a document type is not taken" in why
    assert [name.partition("-")[2] for name in box.lying()] == ["2.xml"]
