"""The way of an export: asked for by one, approved by another, made, fetched, and verified by somebody outside."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import bagit
from playwright.async_api import async_playwright, expect

from tests.evidence.conftest import Room, manifest, no_news
from tests.fixtures.browser import FLAGS, chromium_path, leave_out, why_no_browser
from tests.fixtures.disks import Mounted
from watchfloor.evidence.forget import forgetting
from watchfloor.evidence.model import FORGOTTEN, Hole, holes
from watchfloor.evidence.verify import is_export, run, verify
from watchfloor.governance.checkpoint import VerifierKey
from watchfloor.governance.extract import Extract
from watchfloor.governance.forms import inside
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.recordings.model import GapReason
from watchfloor.recordings.play import Player, Range
from watchfloor.settings import ObjectSettings
from watchfloor.storage.disks import objects_of, states_of
from watchfloor.storage.jobs import Job
from watchfloor.storage.objects import Objects


async def test_two_persons_get_an_export_that_proves_itself_and_says_what_is_missing(
    room: Room, tmp_path: Path, capsys: Any
) -> None:
    asked = await room.asked((3, 38))
    (span,) = asked["spans"]
    assert asked["state"] == "asked" and 14 <= span["recorded_s"] <= 16
    assert [gap["reason"] for gap in span["gaps"]] == ["The camera did not answer."]
    analyst, supervisor = await room.web.person("analyst"), await room.web.person("supervisor")
    path = f"/api/v1/proposals/{asked['proposal']}/approve"
    assert (await room.fetched(asked["id"])).json()["reason"] == "asked"
    assert (await analyst.post(path, json={"note": ""})).status_code == 403
    assert (await supervisor.post(path, json={"note": "fits the case"})).status_code == 200
    await room.sign()
    assert await room.work() == 1
    made = await room.seen(asked["id"])
    assert (made["state"], made["clips"], made["decided_by"]["name"]) == ("ready", 2, "Supervisor"), made
    folder = await room.unpacked(asked["id"], tmp_path)
    bagit.Bag(str(folder)).validate()
    said = manifest(folder)
    _is_as_asked(said, folder, room)
    key = VerifierKey.parse((room.data / "ledger" / "key.pub").read_text())
    await room.sign()
    proof = await analyst.get(f"/api/v1/exports/{asked['id']}/proof")
    found = verify(folder, key=key, extract=Extract.parse(json.dumps(proof.json()["extract"]).encode()))
    assert found.verdict == "verified", found.lines()
    assert any("This very manifest stands at place" in line for line in found.lines())
    await _one_flipped_byte_names_the_file(folder, said, capsys)
    _also_inside_a_zip(folder, said, capsys)
    assert (await room.seen(asked["id"]))["fetched"] == 1
    await _the_page_says_the_same(folder, said)


def _is_as_asked(said: dict[str, Any], folder: Path, room: Room) -> None:
    first, second = said["clips"]
    assert said["complete"] is False and said["log"]["state"] == "included"
    # By keyframes: it begins before what was asked for, by less than the longest group of pictures.
    begins = parse_rfc3339(first["delivered"]["from"]) - room.begun
    assert timedelta(0) <= begins <= timedelta(seconds=3) and first["asked"] == second["asked"]
    (missing,) = said["missing"]
    assert missing["reason"] == "The camera did not answer."
    assert abs((parse_rfc3339(missing["from"]) - room.begun).total_seconds() - 10) < 0.3
    for clip in said["clips"]:
        with av.open(str(folder / clip["file"])) as opened:
            shown = sum(1 for _ in opened.decode(video=0))
        length = parse_rfc3339(clip["delivered"]["to"]) - parse_rfc3339(clip["delivered"]["from"])
        assert shown == clip["frames"] and abs(shown / 25 - length.total_seconds()) < 0.1
        assert all(len(source["sha256_sealed"]) == 64 for source in clip["sources"])
    # Nothing of it lies in the plain.
    assert list((room.data / "spool" / "exports").iterdir()) == []
    stored = next((room.data / "objects" / "exports").rglob("*.wfx")).read_bytes()
    assert b"ftyp" not in stored and b"manifest.json" not in stored


def _also_inside_a_zip(folder: Path, said: dict[str, Any], capsys: Any) -> None:
    """A changed ZIP is judged file by file, and not turned away by its own sums."""
    zipped = folder.with_name(f"{folder.name}.zip")
    assert is_export(zipped) and run(zipped, key=None, checkpoints=[], extract=None, as_json=True) == 0
    content, clip = zipped.read_bytes(), (folder / said["clips"][0]["file"]).read_bytes()
    at = content.index(clip[2000:2100]) + 50
    zipped.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    capsys.readouterr()
    assert run(zipped, key=None, checkpoints=[], extract=None, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["file"] for one in told["findings"]} == {said["clips"][0]["file"]}


async def _the_page_says_the_same(folder: Path, said: dict[str, Any]) -> None:
    """In a real browser, from the package's own page, with no network: whole, changed, added to; and its own SHA-256 by pieces."""
    if (why := why_no_browser()) is not None:
        leave_out(why)
    clip = folder / said["clips"][0]["file"]
    whole = clip.read_bytes()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        page = await browser.new_page()
        await page.goto((folder / "verify.html").as_uri())
        verdict, choose = page.get_by_role("status"), page.get_by_label("choose it:")
        await choose.set_input_files(folder)
        await expect(verdict).to_contain_text("Every file is as it was packed")
        await expect(page.get_by_role("row").filter(has_text="The camera did not answer.")).to_have_count(1)
        same = "(async () => { for (const file of document.querySelector('input').files) { if (await streamed(file, () => {}) !=="
        assert (
            await page.evaluate(
                f"{same} await sha256(file, () => {{}})) return file.name; }} return 'same'; }})()"
            )
            == "same"
        )
        clip.write_bytes(whole[:9000] + bytes([whole[9000] ^ 4]) + whole[9001:])
        (folder / "data" / "more.txt").write_text("not of it")
        await choose.set_input_files(folder)
        await expect(verdict).to_contain_text(
            f"NOT as it was packed: {said['clips'][0]['file']}, data/more.txt"
        )
        await choose.set_input_files(folder / "data" / "clips")
        await expect(verdict).to_contain_text("this is not the folder of an export")
        await browser.close()
    clip.write_bytes(whole)
    (folder / "data" / "more.txt").unlink()


async def _one_flipped_byte_names_the_file(folder: Path, said: dict[str, Any], capsys: Any) -> None:
    clip = folder / said["clips"][1]["file"]
    whole = clip.read_bytes()
    at = len(whole) // 2
    clip.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert is_export(folder)
    capsys.readouterr()
    assert run(folder, key=None, checkpoints=[], extract=None, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert {one["file"] for one in told["findings"]} == {said["clips"][1]["file"]}
    assert any("assertion.bmffHash.mismatch" in one["sentence"] for one in told["findings"])
    clip.write_bytes(whole)


async def test_what_is_no_longer_allowed_is_not_fetched_and_the_reason_is_kept(room: Room) -> None:
    made = await room.made((0, 5))
    other = await room.web.case()
    refused = await room.fetched(made["id"], **{"Wf-Case": other})
    assert (await room.web.kept_refusal(refused))["reason"] == "other_case"
    assert (await room.fetched(made["id"], **{"Wf-Purpose": "rescue"})).json()["reason"] == "other_case"
    without = await (await room.web.person("analyst")).get(f"/api/v1/exports/{made['id']}/package")
    assert without.json()["reason"] == "purpose_missing"
    supervisor, clerk = await room.web.person("supervisor"), await room.web.person("clerk")
    # A second one waits for its work when the authorisation is suspended: it stops, and nothing of it is kept.
    later = await room.approved((0, 5))
    (authorisation,) = (await clerk.get("/api/v1/authorisations")).json()["items"]
    path = f"/api/v1/authorisations/{authorisation['id']}/suspend"
    assert (await clerk.post(path, json={"reason": "the council asked"})).status_code == 200
    assert (await room.fetched(made["id"])).json()["reason"] == "suspended"
    await room.work()
    stopped = await room.seen(later["id"])
    assert stopped["state"] == "stopped" and "is suspended" in stopped["state_text"]
    assert len(room.keys.all()) == 1
    case_id = room.case.removeprefix("case:")
    assert (await supervisor.post(f"/api/v1/cases/{case_id}/close", json={})).status_code == 200
    assert (await room.fetched(made["id"])).json()["reason"] == "case_closed"
    # Whoever is in another role asks for none; a refused one is over.
    officer = await room.web.person("officer")
    assert (await officer.get(f"/api/v1/exports/{made['id']}")).status_code == 403


async def test_what_is_damaged_full_or_killed_is_said_and_never_shortens_a_clip_silently(
    room: Room, tmp_path: Path
) -> None:
    stored = sorted((room.data / "objects" / "footage").rglob("*.seg"))
    whole = stored[0].read_bytes()
    stored[0].write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    approved = await room.approved((0, 9))
    # A worker that was killed left this; the next one begins anew.
    (left := room.data / "spool" / "exports" / str(inside("export", approved["id"])) / "raw").mkdir(
        parents=True
    )
    (left / "001.fmp4").write_bytes(b"in the plain")
    room.changes = {"objects": Objects(ObjectSettings(min_free_mb=2**40), room.data / "objects")}
    assert await room.work() == 0
    waiting = await room.seen(approved["id"])
    assert waiting["state"] == "waiting" and "nothing new is taken" in waiting["state_text"]
    assert not left.exists()
    room.changes = {}
    await room.owner("update job set run_at = now() - interval '1 minute' where kind = 'export.make'")
    assert await room.work() == 1
    made = await room.seen(approved["id"])
    assert made["state"] == "ready" and made["clips"] == 2
    assert [one["reason"] for one in made["missing"]] == [
        "Footage was altered, or lies where it does not belong."
    ]
    folder = await room.unpacked(approved["id"], tmp_path)
    found = verify(folder)
    assert found.verdict == "verified" and any(
        line.startswith("  Missing: Mill St") for line in found.lines()
    )
    # A hold keeps it past its time; without one it goes, key first.
    await _kept_while_held_then_forgotten(room, approved["id"])


async def _lies_on(room: Room, small: Mounted, large: Mounted) -> None:
    """The footage is on the larger of these disks."""
    kept = ObjectSettings(min_free_mb=10, directories=f"{small.folder},{large.folder}")
    for stored in (room.data / "objects" / "footage").rglob("*.seg"):
        moved = large.folder / stored.relative_to(room.data / "objects")
        moved.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(stored, moved)
    disks = objects_of(kept, room.data / "objects")
    player = Player(disks, room.desk.keystore, room.data / "spool" / "footage")
    room.changes = {"objects": disks, "player": player}
    assert {disk.trouble for disk in await states_of(disks)} == {""}


async def test_footage_on_a_disk_that_is_away_is_waited_for_and_called_missing_by_nobody(
    room: Room, two_disks: tuple[Mounted, Mounted]
) -> None:
    large = two_disks[1]
    await _lies_on(room, *two_disks)
    large.gone()
    approved = await room.approved((0, 9))
    await room.sign()
    assert await room.work() == 1
    waiting = await room.seen(approved["id"])
    assert waiting["state"] == "waiting" and waiting["missing"] == [], waiting
    assert (
        "on a disk that is away. The export waits, and goes on when it is back: until"
        in waiting["state_text"]
    )
    # Looked at again while it is away: the end of its waiting stays as it was.
    due = "update job set run_at = now() - interval '1 minute' where kind = 'export.make' and done_at is null"
    await room.owner(due)
    assert await room.work() == 1
    assert (await room.seen(approved["id"]))["state_text"] == waiting["state_text"]
    lost = await room.approved((30, 35))
    await room.owner(
        "update job set payload = payload || jsonb_build_object('away_since', now() - interval '25 hours'),"
        " run_at = now() - interval '1 minute' where kind = 'export.make' and payload ->> 'export' = %(export)s",
        export=str(inside("export", lost["id"])),
    )
    await room.work()
    over = await room.seen(lost["id"])
    assert over["state"] == "failed" and "did not come back within 24 hours" in over["state_text"], over
    large.back()
    await room.owner(due)
    assert await room.work() == 1
    made = await room.seen(approved["id"])
    assert (made["state"], made["missing"]) == ("ready", []), made


async def _kept_while_held_then_forgotten(room: Room, export: str) -> None:
    forget = forgetting(room.web.parts.door, room.objects, room.keys, no_news)
    job = Job(
        UUID(int=1), "export.forget", room.web.parts.agency, {"export": str(inside("export", export))}, 1
    )
    await room.owner(
        "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by, placed_at,"
        " ends_at) select %(hold)s, agency_id, case_id, 'export', 'export', id, asked_at, asked_at + interval '1 hour', 'court',"
        " asked_by, asked_at,"
        " asked_at + interval '3 days' from export",
        hold=UUID(int=5),
    )
    await forget["export.forget"](job)
    assert (await room.seen(export))["state"] == "ready"
    await room.owner("update hold set ended_at = now()")
    await forget["export.forget"](job)
    assert (await room.seen(export))["state"] == "forgotten" and room.keys.all() == []
    assert list((room.data / "objects" / "exports").rglob("*.wfx")) == []
    assert (await room.fetched(export)).json()["reason"] == "forgotten"


async def test_only_what_can_be_is_asked_for_and_who_asked_cancels(room: Room) -> None:
    analyst, supervisor = await room.web.person("analyst"), await room.web.person("supervisor")
    body = {"purpose": "stolen_vehicle", "case": room.case, "reason": "the car", "spans": [room.span(0, 5)]}
    for changes, reason in (
        ({"spans": [room.span(5, 5)]}, "spans"),
        ({"spans": [room.span(0, 90_000)]}, "spans"),
        ({"spans": [room.span(-90_000, 0)]}, "spans"),
        ({"purpose": "patrol_monitoring"}, "patrol_only_live"),
    ):
        answer = await analyst.post("/api/v1/exports", json=body | changes)
        assert answer.status_code in (400, 403, 422) and answer.json()["reason"] == reason, answer.text
    asked = await room.asked((0, 5), (30, 35))
    detective = await room.web.person("detective")
    path = f"/api/v1/exports/{asked['id']}/cancel"
    assert (await detective.post(path, json={"reason": "not needed"})).json()["reason"] == "not_yours"
    cancelled = await analyst.post(path, json={"reason": "not needed"})
    assert (cancelled.json()["state"], cancelled.json()["state_text"]) == (
        "cancelled",
        "Cancelled. not needed",
    )
    # It waits for nobody any more.
    waiting = (await supervisor.get("/api/v1/proposals", params={"state": "open"})).json()["items"]
    assert asked["proposal"] not in [one["id"] for one in waiting]
    assert (await analyst.post(path, json={"reason": "again"})).status_code == 409
    approve = f"/api/v1/proposals/{asked['proposal']}/approve"
    assert (await supervisor.post(approve, json={"note": ""})).status_code == 409
    refused = await room.asked((0, 5))
    answer = await supervisor.post(
        f"/api/v1/proposals/{refused['proposal']}/refuse", json={"reason": "too much"}
    )
    assert answer.status_code == 200
    seen = (await analyst.get("/api/v1/exports")).json()["items"]
    assert [(one["state"], one["note"]) for one in seen] == [("refused", "too much"), ("cancelled", "")]
    await _a_canvass_finds_it_and_preserves_it(room)
    # One that is cancelled while it is made leaves nothing.
    running = await room.approved((0, 5))
    await analyst.post(f"/api/v1/exports/{running['id']}/cancel", json={"reason": "found it"})
    assert await room.work() == 1 and room.keys.all() == []


async def _a_canvass_finds_it_and_preserves_it(room: Room) -> None:
    analyst, span = await room.web.person("analyst"), room.span(0, 38)
    time = {"from": span["from_at"], "to": span["to_at"]}
    found = await analyst.get("/api/v1/canvass", params={**time, "lat": "38.6", "lon": "-90.2"})
    (camera,) = found.json()["cameras"]
    assert (camera["visibility"], camera["recorded_s"]) == ("may_see", 18), camera
    assert [gap["reason"] for gap in camera["gaps"]] == ["The camera did not answer."]
    corners = "38.599,-90.201;38.599,-90.199;38.601,-90.199"
    assert (
        len((await analyst.get("/api/v1/canvass", params={**time, "area": corners})).json()["cameras"]) == 1
    )
    for wrong in ({}, {"area": "here"}, {"area": "38.6,-90.2;38.7,-90.2"}):
        answer = await analyst.get("/api/v1/canvass", params={**time, **wrong})
        assert (answer.status_code, answer.json()["reason"]) == (422, "area"), answer.text
    body = {
        "purpose": "stolen_vehicle",
        "case": room.case,
        "reason": "the car",
        "cameras": [camera["id"]],
        "export": True,
    }
    kept = await analyst.post("/api/v1/canvasses", json=body | {"from_at": time["from"], "to_at": time["to"]})
    assert kept.status_code == 201 and len(kept.json()["holds"]) == 1, kept.text
    assert (await room.seen(kept.json()["export"]))["state"] == "asked"
    # What cannot be exported is preserved all the same, and the reason is told.
    ahead = room.span(0, 3600)
    kept = await analyst.post(
        "/api/v1/canvasses", json=body | {"from_at": ahead["from_at"], "to_at": ahead["to_at"]}
    )
    assert len(kept.json()["holds"]) == 1 and kept.json()["export"] is None
    assert "not recorded yet" in kept.json()["export_refused"]


def test_a_time_that_is_missing_has_the_reason_that_explains_most_of_it() -> None:
    second = 1_000_000
    found = holes(
        [Range(0, 10 * second, 1), Range(30 * second, 40 * second, 2)],
        [Hole(10 * second, 12 * second, "It was altered.")],
        [(12 * second, 30 * second, GapReason.NO_ROOM)],
        ["1970-01-01"],
        begin_us=0,
        end_us=60 * second,
    )
    assert [(one.begin_us // second, one.end_us // second, one.reason) for one in found] == [
        (10, 30, "There was no room left to record to."),
        (40, 60, FORGOTTEN),
    ]
