"""Whoever is asked for evidence sends it by a link, part by part, and what comes is kept as it was sent, with its hash in the log."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.conftest import CAM, VIDEO, Case, as_owner
from tests.fixtures.center import A_CAMERA, new_id
from tests.owners.conftest import Shop
from tests.recordings.footage import CAMERA
from watchfloor.evidence import unfinished
from watchfloor.evidence.asked import PART, begins_as, named
from watchfloor.evidence.canvass import circle, neighbours
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import Actor, ActorKind, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point


async def test_an_owner_sends_a_video_with_a_break_and_it_comes_out_as_it_went_in(asked: Case) -> None:
    link = await asked.link()
    page = await asked.page(link)
    assert page.status_code == 200
    for words in ("burglary or theft", "Mill St 12", "It is voluntary", "Somebody ran past your door."):
        assert words in page.text
    assert [one["state"] for one in await asked.listed()] == ["asked"]
    assert (await asked.visitor.post("/evidence/answer/seen", headers=link)).status_code == 204
    assert [one["state"] for one in await asked.listed()] == ["seen"]

    begun = (await asked.begins(link)).json()
    first = await asked.part(link, begun["id"], 0, VIDEO[:PART])
    assert (first.status_code, first.json()["taken"]) == (200, PART), first.text
    # The telephone lost its network: the same file is gone on with where it was.
    again = (await asked.begins(link)).json()
    assert (again["id"], again["taken"]) == (begun["id"], PART)
    # What was written and not said, as when power fails in between, comes again.
    part = next((asked.data / "spool" / "received").glob("*.part"))
    part.write_bytes(part.read_bytes() + b"half a piece")
    last = await asked.part(link, begun["id"], PART, VIDEO[PART:])
    digest = hashlib.sha256(VIDEO).hexdigest()
    assert last.json()["sha256"] == digest, last.text
    assert not list((asked.data / "spool" / "received").glob("*.part"))
    for path in (asked.data / "objects").rglob("*"):
        assert not path.is_file() or b"ftypmp42" not in path.read_bytes()
    await comes_out_for_its_case_alone(asked, digest)
    # Once everything is sent the link opens nothing.
    assert (await asked.acts(link, "done")).status_code == 200
    for over in (
        await asked.page(link),
        await asked.begins(link, "b.mp4"),
        await asked.acts(link, "decline"),
    ):
        assert over.status_code == 410
    await a_canvass_preserves_and_asks_at_once(asked)


def canvass_of(asked: Case) -> dict[str, Any]:
    """What a canvass preserves of the one camera, and what it asks the one owner for."""
    now = asked.clock.now()
    return {
        "purpose": "burglary_theft", "case": asked.case, "reason": "a window was broken", "cameras": [CAM],
        "owners": [asked.owner], "place": "Mill St 12", "words": "Somebody ran past your door.", "export": True,
        "from_at": rfc3339(now - timedelta(hours=2)), "to_at": rfc3339(now - timedelta(hours=1)),
    }  # fmt: skip


async def a_canvass_preserves_and_asks_at_once(asked: Case) -> None:
    """In one transaction, once: where one of those chosen cannot be asked, or was never here, nothing of it is done."""
    now, analyst = asked.clock.now(), await asked.web.person("analyst")
    await as_owner(
        asked.dsns,
        A_CAMERA,
        id=CAMERA,
        agency=asked.web.parts.agency,
        name="Mill St",
        now=now - timedelta(days=1),
    )
    body = canvass_of(asked)

    async def done() -> tuple[int, int]:
        (held,) = await as_owner(asked.dsns, "select count(*) as n from hold")
        return held["n"], len(await asked.listed())

    before = await done()
    nowhere = {kind: outside(kind, new_id()) for kind in ("owner", "camera")}
    for more, status, reason in (
        ({"owners": [asked.owner, nowhere["owner"]]}, 404, "not_found"),
        ({"cameras": [CAM, nowhere["camera"]]}, 404, "not_found"),
        ({"words": ""}, 422, "words"),
        ({"cameras": [], "owners": []}, 422, "cameras"),
    ):
        wrong = await analyst.post("/api/v1/canvasses", json=body | more)
        assert (wrong.status_code, wrong.json()["reason"]) == (status, reason), wrong.text
        assert await done() == before
    key = {"Idempotency-Key": new_id().hex}
    once, again = [await analyst.post("/api/v1/canvasses", json=body, headers=key) for _ in range(2)]
    assert (once.status_code, again.json()) == (201, once.json()), once.text
    assert await done() == (before[0] + 1, before[1] + 1)
    made = once.json()
    assert len(made["holds"]) == 1 and made["export"] is None and "authoris" in made["export_refused"]
    (sent,) = made["asked"]
    assert (
        sent["request"]["words"] == body["words"]
        and (await asked.page(asked.headers(sent["link"]))).is_success
    )
    await is_in_the_log_of_its_camera(asked)


async def is_in_the_log_of_its_camera(asked: Case) -> None:
    """Whoever asks what was done about a camera finds it: the decision is about all of them."""
    auditor = await asked.web.person("auditor")
    told = (await auditor.get("/api/v1/audit/entries", params={"about": f"camera:{CAM}"})).json()["items"]
    assert [one["reason"] for one in told if one["need"] == "canvass.preserve"] == ["canvass.preserved"]


async def comes_out_for_its_case_alone(asked: Case, digest: str) -> None:
    """Byte for byte, with its hash in the log, and nobody is named."""
    (request,) = await asked.listed()
    (file,) = request["files"]
    assert (request["state"], file["name"], file["sha256"]) == ("received", "door.mp4", digest)
    analyst = await asked.web.person("analyst")
    why = {"Wf-Purpose": "burglary_theft", "Wf-Case": asked.case}
    came = await analyst.get(f"/api/v1/evidence-files/{file['id']}", headers=why)
    assert (came.status_code, came.content) == (200, VIDEO)
    other = why | {"Wf-Case": await asked.web.case()}
    refused = await analyst.get(f"/api/v1/evidence-files/{file['id']}", headers=other)
    assert (refused.status_code, refused.json()["reason"]) == (403, "other_case")
    auditor = await asked.web.person("auditor")
    entry = (await auditor.get(f"/api/v1/audit/entries/{file['entry']}")).json()
    assert digest in entry["leaf"] and entry["reason"] == "evidence.received"
    assert "Hardware" not in entry["leaf"] and "Hardware" not in str(await asked.listed("auditor"))


async def test_hostile_uploads_are_refused_and_leave_nothing(asked: Case) -> None:
    link = await asked.link({"email": "witness@example.org"})
    for name, size, status, reason in (
        ("door.mp4", 3 * 2**20 + 1, 413, None),
        ("door.mp4", 0, 422, "size"),
        ("door.exe", 5000, 422, "kind"),
        ("door.mp4.zip", 5000, 422, "kind"),
        ("page.svg", 5000, 422, "kind"),
        ("..", 5000, 422, "kind"),
    ):
        answer = await asked.begins(link, name, size)
        assert answer.status_code == status, (name, answer.text)
        assert reason is None or answer.json()["reason"] == reason
    guessed = link | {"Wf-Link": link["Wf-Link"][:-2] + "xx"}
    assert (await asked.begins(guessed)).status_code == 410
    assert (
        await asked.visitor.post("/evidence/answer/files", json={"name": 1}, headers=link)
    ).status_code == 422
    await what_is_no_part_is_refused(asked, link)


async def what_is_no_part_is_refused(asked: Case, link: dict[str, str]) -> None:
    """What is another thing than it says, does not fit, or is somebody else's; and a link is of ten files and fourteen days."""
    # A program that calls itself a video.
    begun = (await asked.begins(link, "door.mp4", 2000)).json()
    wrong = await asked.part(link, begun["id"], 0, b"MZ" + bytes(1998))
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "kind")
    assert (await asked.part(link, begun["id"], 0, VIDEO[:2000])).status_code == 404
    # Parts that are too long, do not fit, or are not those that come next.
    begun = (await asked.begins(link)).json()
    for offset, content, reason in (
        (0, VIDEO[:1000], "part"),
        (PART, VIDEO[PART:], "offset"),
        (0, b"", "part"),
    ):
        answer = await asked.part(link, begun["id"], offset, content)
        assert answer.status_code in (409, 422) and answer.json()["reason"] == reason, answer.text
    assert (await asked.part(link, begun["id"], 0, bytes(5 * PART))).status_code == 413
    # Somebody else's file, by one's own link.
    other = await asked.link()
    assert (await asked.part(other, begun["id"], 0, VIDEO[:PART])).status_code == 404
    assert (await asked.acts(other, "done")).status_code == 409
    for number in range(9):
        assert (await asked.begins(link, f"{number}.mp4")).status_code == 200
    full = await asked.begins(link, "one-more.mp4")
    assert (full.status_code, full.json()["reason"]) == (409, "files")
    # Hours later the link is over.
    asked.clock.ahead = timedelta(days=15)
    assert (await asked.page(link)).status_code == 410
    assert (await asked.part(link, begun["id"], 0, VIDEO[:PART])).status_code == 410


async def test_whoever_is_asked_may_say_no_and_staff_withdraw_and_remind(asked: Case) -> None:
    link = await asked.link()
    assert (await asked.acts(link, "decline")).status_code == 200
    assert (await asked.page(link)).status_code == 410
    assert [one["state"] for one in await asked.listed()] == ["declined"]

    answer = (await asked.asks({"email": "witness@example.org"})).json()["items"][0]
    request, analyst = answer["request"]["id"], await asked.web.person("analyst")
    assert "witness@example.org" not in str(await asked.listed())
    early = await analyst.post(f"/api/v1/evidence-requests/{request}/remind", json={})
    assert (early.status_code, early.json()["reason"]) == (409, "reminded")
    handed = (await analyst.post(f"/api/v1/evidence-requests/{request}/link", json={})).json()["link"]
    assert (await asked.page(asked.headers(answer["link"]))).status_code == 410  # an earlier link is over
    assert (await asked.page(asked.headers(handed))).status_code == 200
    gone = await analyst.post(f"/api/v1/evidence-requests/{request}/withdraw", json={})
    assert gone.json()["state"] == "withdrawn"
    assert (await asked.page(asked.headers(handed))).status_code == 410
    for more, status, reason in (
        ({"of": [{"owner": asked.owner, "email": "a@example.org"}]}, 422, "whom"),
        ({"of": [{"email": "nobody"}]}, 422, "email"),
        ({"of": [{"email": "a@example.org"}, {"email": "A@example.org"}]}, 422, "email"),
        ({"words": ""}, 422, "words"),
        ({"from_at": rfc3339(asked.clock.now())}, 422, "to_at"),
    ):
        wrong = await asked.asks(**more)
        assert (wrong.status_code, wrong.json()["reason"]) == (status, reason), wrong.text
    for who in ("auditor", "technician", "officer"):
        assert (await asked.asks(who=who)).status_code == 403
    often = [(await asked.asks()).status_code for _ in range(5)]
    assert often == [201, 201, 201, 201, 409]
    often = [(await asked.asks({"email": "Witness@example.org"})).status_code for _ in range(5)]
    assert often == [201, 201, 201, 201, 409]  # one was asked above
    await a_canvass_lists_whom_to_ask(asked)
    sent = await Shop(asked.web, asked.asking.owners, asked.visitor).letters()
    (letter, *_) = [one for _, one in sent if one.kind == "evidence_wanted"]
    assert re.search(r"https://\S+/evidence/answer\?", letter.text) and "It is voluntary" in letter.text


async def test_what_came_half_goes_with_its_request(asked: Case) -> None:
    def left() -> list[Path]:
        received, keys = asked.data / "spool" / "received", asked.data / "keystore" / "exports"
        return [*received.glob("*.part"), *keys.glob("*.key")]

    async def half() -> dict[str, str]:
        link = await asked.link({"email": "witness@example.org"})
        begun = (await asked.begins(link)).json()
        assert (await asked.part(link, begun["id"], 0, VIDEO[:PART])).status_code == 200
        assert len(left()) == 2
        return link

    assert (await asked.acts(await half(), "decline")).status_code == 200
    assert left() == []
    await half()
    newest, analyst = (await asked.listed())[0]["id"], await asked.web.person("analyst")
    await analyst.post(f"/api/v1/evidence-requests/{newest}/withdraw", json={})
    assert left() == []
    parts, asking = asked.web.parts, asked.asking
    await half()
    for days, files in ((0, 2), (15, 0)):
        asked.clock.ahead = timedelta(days=days)
        now = asked.clock.now()
        await unfinished.forget(parts.door, asking.parts, asking.keys, parts.agency, now)
        assert len(left()) == files


async def a_canvass_lists_whom_to_ask(asked: Case) -> None:
    """Who is registered close by is listed, with how far asking them is, and unnamed; who is farther away is not."""
    agency = process_actor(asked.web.parts.agency, "serve").agency
    analyst = Actor(new_id(), ActorKind.PERSON, agency, frozenset({Role.ANALYST}))
    end = asked.clock.now()
    door, begin = asked.web.parts.door, end - timedelta(hours=3)
    for lat, found in ((38.6305, 1), (38.635, 0)):
        where = circle(Point(lat, -90.19), 20.0)
        near, unplaced = await neighbours(door, analyst, where, [], begin, end)
        assert (len(near), unplaced) == (found, 0)
        for one in near:
            assert (outside("owner", one.owner), one.camera) == (
                asked.owner,
                None,
            ) and 50 < one.distance_m < 60
            assert one.asked is not None and one.asked.state(end) == "asked"
    # Who wrote an address alone is counted as found by no area, until staff put it on the map.
    async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        await tx.execute("update owner set lat = null, lon = null")
    around = circle(Point(38.6305, -90.19), 20.0)
    assert await neighbours(door, analyst, around, [], begin, end) == ([], 1)
    technician = await asked.web.person("technician")
    path, there = f"/api/v1/owners/{asked.owner}", {"lat": 38.63, "lon": -90.19}
    version = (await technician.get(path)).json()["version"]
    old = await technician.post(f"{path}/place", json=there, headers={"If-Match": f'"{version - 1}"'})
    assert old.status_code == 412
    placed = (await technician.post(f"{path}/place", json=there, headers={"If-Match": f'"{version}"'})).json()
    assert placed["place"] == {"text": "12 Mill St", **there}
    version = (await technician.get(path)).json()["version"]
    moved = {"lat": 38.63, "lon": -90.191}
    assert (
        await technician.post(f"{path}/place", json=moved, headers={"If-Match": f'"{version}"'})
    ).is_success
    assert (await technician.post(f"{path}/place", json=there)).status_code < 300
    await _is_told_how_far_it_went(asked)
    near, unplaced = await neighbours(door, analyst, around, [], begin, end)
    assert ([one.owner for one in near], unplaced) == ([inside("owner", asked.owner)], 0)


@pytest.mark.parametrize(
    ("name", "start", "fits"),
    [
        ("a.MOV", b"\0\0\0\x14ftypqt  ", True),
        ("C:\\cam\\b.mkv", b"\x1a\x45\xdf\xa3" + bytes(20), True),
        ("c.avi", b"RIFF\0\0\0\0AVI ", True),
        ("d.ts", b"\x47" + bytes(187) + b"\x47", True),
        ("e.jpeg", b"\xff\xd8\xff\xe0", True),
        ("f.png", b"\x89PNG\r\n\x1a\n", True),
        ("g.mp4", b"PK\x03\x04" + bytes(20), False),
        ("h.jpg", b"<svg", False),
    ],
)
def test_a_file_is_what_its_name_says(name: str, start: bytes, fits: bool) -> None:  # a column
    kept, kind = named(name)
    assert "\\" not in kept and begins_as(kind, start) is fits


@pytest.mark.parametrize("name", ["a", ".mp4x", "a.html", "a\n.mp4", "x" * 300 + ".mp4"])
def test_what_is_no_video_and_no_picture_is_not_taken(name: str) -> None:
    with pytest.raises(Invalid):
        named(name)


async def _is_told_how_far_it_went(asked: Case) -> None:
    """Where an owner lives is in no entry: that the point was moved, and how far, is."""
    auditor, told = await asked.web.person("auditor"), []
    query = {"about": f"owner:{asked.owner}", "limit": "100"}
    for one in (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]:
        if one["reason"] == "owner.located":
            whole = (await auditor.get(f"/api/v1/audit/entries/{one['id']}")).json()
            # 38.63 seconds past a minute are no latitude.
            assert not re.search(r"(?<!:\d\d:)38\.63", str(whole)) and "12 Mill" not in str(whole)
            leaf = json.loads(whole["leaf"])
            told.append((leaf["placed_before"], leaf["moved_m"]))
    assert sorted(told, key=str) == [(False, None), (True, 87), (True, 87)]
