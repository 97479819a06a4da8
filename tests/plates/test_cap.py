"""Alerts of missing children and elders (CAP 1.2): what is taken, what waits for a person, what ends them. All of it is invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plates.conftest import Device, Town, drained
from tests.plates.test_hot_lists import approve, entries, made
from tests.plates.test_inbox import a_box
from watchfloor.kit.errors import Invalid
from watchfloor.plates.cap import MOST_PARAMETER, MOST_WORDS, CapMessage, message_of
from watchfloor.plates.cap_words import named_in, vehicle_of

NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
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


def plates(message: CapMessage) -> list[tuple[str, str | None, bool]]:
    return [(one.plate.text, one.state, one.sure) for one in named_in(message)]


@pytest.mark.parametrize(
    ("description", "found"),
    [
        (PROSE, [("ZQ4X7T", "MO")]),
        (
            "LAST SEEN IN A WHITE HONDA CIVIC MO LICENSE PLATE ZQ4X7T LAST SEEN NEAR MILL ST",
            [("ZQ4X7T", "MO")],
        ),
        ("License plate number: ZQX-107 (IL).", [("ZQX107", "IL")]),
        ("a tan van, tag number ZQX 107, New Mexico", [("ZQX107", "NM")]),
        ("last seen, plate ZQ4X7T", [("ZQ4X7T", None)]),
        ("at the weekend with friends,\nlicense\n  plate   ZQ4X7T", [("ZQ4X7T", None)]),
        ("with Kansas tag 107 ZQ2 or plate ZQX108", [("107ZQ2", "KS"), ("ZQX108", None)]),
        # A part of a plate is none, nor is a number that no word calls a plate.
        ("a partial plate of ZQX1", []),
        ("a license plate beginning with ZQX1", []),
        ("the last four digits of the license plate: ZQX1", []),
        ("a tag SEDAN 2014", []),
        ("plate ZQX1**", []),
        ("plate unknown. Call 555 0107. Case 26-1201", []),
        ("license plate zqx107", []),
        ("she weighs 107 pounds; the plate is missing", []),
    ],
)
def test_plates_are_found_in_prose_where_a_word_says_so_and_are_never_sure(
    description: str, found: list[tuple[str, str | None]]
) -> None:
    message = message_of(cap(description=description), NOW)
    assert plates(message) == [(plate, state, False) for plate, state in found]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"licensePlate": "ZQ4 X7T", "licensePlateState": "Missouri"}, ("ZQ4X7T", "MO", True)),
        ({"License Plate Number": "ZQ4X7T"}, ("ZQ4X7T", None, True)),
        ({"plate": "unknown"}, ("UNKNOWN", None, False)),
        ({"plate": "MO 4QX7T"}, ("MO4QX7T", None, False)),
        ({"plate": "ZQ4X7T", "plateState": "somewhere"}, ("ZQ4X7T", None, False)),
    ],
)
def test_a_plate_that_a_parameter_says_plainly_is_sure(
    parameters: dict[str, str], found: tuple[str, str | None, bool]
) -> None:
    assert plates(message_of(cap(description="", says=parameters), NOW)) == [found]


@pytest.mark.parametrize(
    "long", [f"plate{' ' * 200_000}x", "TAG " * 250_000, "blue " * 100_000, "A1" * 200_000]
)
@pytest.mark.parametrize("in_parameter", [False, True])
def test_however_long_the_words_are_only_so_much_of_them_is_looked_at(long: str, in_parameter: bool) -> None:
    document = cap(description="", says={"plate": long}) if in_parameter else cap(description=long)
    message = message_of(document, NOW)
    assert len(message.prose) <= MOST_WORDS and all(
        len(said) <= MOST_PARAMETER for said in message.parameters[0].values()
    )
    assert (
        all("PLATE" in one.plate.text and not one.sure for one in named_in(message))
        and len(vehicle_of(message) or "") <= 200
    )
    # No word is cut in two at the end: half a plate would be another one.
    end = message_of(cap(description=f"{'a ' * (MOST_WORDS // 2 - 25)}plate ZQ4X7T9 {'b ' * 99}"), NOW)
    assert all(one.plate.text == "ZQ4X7T9" for one in named_in(end))


def test_every_part_in_english_is_read_and_what_lasts_longest_counts() -> None:
    spanish = cap(description="Placa", says={"plate": "ZQX100"}).replace(
        b"<info>", b"<info><language>es-US</language>"
    )
    first, second = (
        cap(description="", hours=-1, says={"plate": "ZQX107"}),
        cap(description="", says={"plate": "ZQX108"}),
    )
    parts = [one[one.index(b"<info>") : one.index(b"</alert>")] for one in (spanish, second)]
    message = message_of(first.replace(b"</alert>", b"".join(parts) + b"</alert>"), NOW)
    assert plates(message) == [("ZQX107", None, True), ("ZQX108", None, True)]
    assert message.empty is None and message.expires_at == NOW + timedelta(hours=6)


def test_the_vehicle_is_described_by_parameters_or_by_the_prose() -> None:
    said = {"vehicleYear": "2014", "vehicleColor": "blue", "vehicleMake": "Ford", "vehicleModel": "Focus"}
    assert vehicle_of(message_of(cap(says=said), NOW)) == "2014 blue Ford Focus"
    assert vehicle_of(message_of(cap(), NOW)) == "2014 blue Ford Focus"
    assert vehicle_of(message_of(cap(description="on foot"), NOW)) is None


def test_amber_and_silver_are_told_by_their_code_or_their_name_and_others_are_none() -> None:
    silver = message_of(cap(code="", event="Silver Alert"), NOW)
    coded = message_of(cap(code=CAE.replace("CAE", "MEP"), event="Missing"), NOW)
    other = message_of(cap(code=CAE.replace("CAE", "TOR"), event="Tornado Warning"), NOW)
    assert (silver.kind, coded.kind, message_of(cap(), NOW).kind) == ("silver", "silver", "amber")
    assert other.kind is None and other.empty is not None
    assert message_of(cap(hours=-0.01), NOW).empty == "It has expired."
    for status in ("Exercise", "System", "Test", "Draft"):
        assert status in (message_of(cap(status=status), NOW).ignored or "")


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]>'


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (cap().replace(b'<?xml version="1.0" encoding="UTF-8"?>', BOMB), "xml"),
        (cap()[:-20], "xml"),
        (b"", "xml"),
        (cap().replace(b"cap:1.2", b"cap:1.1"), "alert"),
        (cap(identifier="MO 1"), "identifier"),
        (cap(sender="a,b"), "sender"),
        (cap(sent="2026-11-29T20:00:00"), "sent"),
        (cap(sent="2026-11-29T21:00:00+00:00"), "sent"),
        (cap(status="Real"), "status"),
        (cap(msg_type="Alarm"), "msgType"),
        (cap(msg_type="Cancel"), "references"),
        (cap(msg_type="Update", references="MO-1"), "references"),
        (cap(msg_type="Cancel", references=f"{SENDER},{'9' * 3000},{sent_at(NOW)}"), "references"),
        (cap(msg_type="Cancel", references=f"other@x.example,MO-1,{sent_at(NOW)}"), "references"),
        (cap().replace(b"</alert>", b"<info/>" * 20 + b"</alert>"), "info"),
        (b"<a>" * 30_000, "xml"),
        (b"x" * (2**20 + 1), "alert"),
    ],
)
def test_what_is_no_cap_or_not_wholly_understood_is_refused_with_the_field(
    document: bytes, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        message_of(document, NOW)
    assert refused.value.reason == field


@given(st.integers(0, len(cap()) - 1), st.binary(max_size=3))
def test_no_damage_is_a_fault_of_ours(at: int, put: bytes) -> None:
    document = cap()
    try:
        message = message_of(document[:at] + put + document[at + len(put) :], NOW)
    except Invalid:
        return
    assert len(named_in(message)) <= 5


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
    )
    by_hand = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=update)
    assert counts(by_hand.json()) == (True, 1, 1, 1), by_hand.text
    other = await made(town, "api", name="Stolen", purpose="stolen_vehicle")
    wrong = await supervisor.post(f"/api/v1/hot-lists/{other}/cap", content=cap(now=town.now()))
    assert (wrong.status_code, wrong.json()["reason"]) == (409, "hot_list")
    hostile = await supervisor.post(f"/api/v1/hot-lists/{list_id}/cap", content=BOMB + b"<a/>")
    assert (hostile.status_code, hostile.json()["reason"]) == (422, "xml")


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
