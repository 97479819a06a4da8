"""Where hot lists come from: national files under an approval of their own, a machine of the owner; what ends an entry early."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx

from tests.plates.conftest import Town
from tests.plates.test_hot_lists import apply, approve, entries, made, preview, proposed
from tests.plates.test_import_ncic import extract, record
from watchfloor.kit.clock import rfc3339


def file_of(*records: str, **more: Any) -> bytes:
    return "".join(extract(*records, **more)).encode()


async def allowed(town: Town, kind: str) -> httpx.Response:
    """A kind of file is proposed by a clerk and approved by a supervisor."""
    now = town.now()
    body = {
        "kind": kind, "body": "City Council", "instrument": "Resolution 31",
        "effective_at": rfc3339(now - timedelta(days=1)), "expires_at": rfc3339(now + timedelta(days=90)),
    }  # fmt: skip
    clerk = await town.web.person("clerk")
    proposal = await clerk.post("/api/v1/hot-list-file-kinds", json=body)
    return await approve(town, "supervisor", proposal) if proposal.status_code == 201 else proposal


async def test_a_file_of_national_records_needs_an_approval_of_its_kind_and_one_kind_is_refused_to_everybody(
    town: Town,
) -> None:
    list_id = await made(town, file_kind="stolen_vehicle", refresh_hours=12, owner="State police")
    file = file_of(record(cautions="00", watch_only="W"), record(plate="QZ04418"))
    before = await preview(town, list_id, file)
    assert (before.status_code, before.json()["reason"]) == (403, "file_kind_not_authorised")
    await town.web.kept_refusal(before)
    assert (await allowed(town, "stolen_vehicle")).status_code == 200
    waiting = await preview(town, list_id, file)
    assert waiting.status_code == 201, waiting.text
    assert (await apply(town, waiting.json()["id"])).status_code == 200
    armed = next(e for e in await entries(town, list_id) if e["plate"] == "QZ04417")
    assert [note["word"] for note in armed["handling"]] == ["do_not_stop", "armed"]
    assert (armed["agency"], armed["stale"], armed["ended"]) == ("MO0960000", None, None)

    await _one_kind_is_never_taken(town, list_id, file)
    await _with_the_end_of_its_approval_nothing_answers(town, list_id, file)


async def _one_kind_is_never_taken(town: Town, list_id: str, file: bytes) -> None:
    """By its name, by its file's name, by a record of it, and as a kind of list."""
    for refused in (
        await preview(town, list_id, file_of(record(), record(kind="IV"))),
        await preview(town, list_id, b"plate,state,type\nQZ04419,MO,Immigration violator\n"),
        await (await town.web.person("supervisor")).post(
            f"/api/v1/hot-lists/{list_id}/imports?name=NCIC_immigration_violator.txt", content=file
        ),
        await allowed(town, "immigration_violator"),
        await (await town.web.person("supervisor")).post(
            "/api/v1/hot-lists",
            json={"name": "Immigration violators", "source": "imported", "purpose": "stolen_vehicle"},
        ),
    ):
        assert (await town.web.kept_refusal(refused))["reason"] == "immigration_file"
    assert {e["plate"] for e in await entries(town, list_id)} == {"QZ04417", "QZ04418"}


async def _with_the_end_of_its_approval_nothing_answers(town: Town, list_id: str, file: bytes) -> None:
    await town.rows("update hot_list_file_kind set expires_at = now() where true returning 1")
    ended = {e["ended"] for e in await entries(town, list_id)}
    assert ended == {"No approval in force allows files of the kind “Stolen vehicles”."}
    late = await preview(town, list_id, file)
    assert (late.status_code, late.json()["reason"]) == (403, "file_kind_not_authorised")
    kinds = (await (await town.web.person("analyst")).get("/api/v1/hot-list-file-kinds")).json()["items"]
    assert [(one["kind"], one["in_force"]) for one in kinds] == [("stolen_vehicle", False)]


async def test_a_file_that_fails_or_has_shrunk_leaves_the_list_and_says_so(town: Town) -> None:
    list_id = await town.a_list(*(f"A{n}" for n in range(12)), "TWICE1", "TWICE1")
    supervisor = await town.web.person("supervisor")

    async def shown() -> dict[str, Any]:
        return dict((await supervisor.get(f"/api/v1/hot-lists/{list_id}")).json())

    cut = await preview(town, list_id, b'plate\nA1,"never closed')
    assert cut.status_code == 422
    failed = await shown()
    assert failed["failure"]["why"] == cut.json()["detail"]
    assert (failed["entries"], failed["reading"], failed["stale"]) == (13, None, False)

    small = (await preview(town, list_id, b"plate,state,reason\nA1,MO,stolen\nA1,MO,stolen\n")).json()
    assert (small["shrunk"], small["gone"], small["doubled"]) == (True, 12, 1)
    refused = await apply(town, small["id"])
    assert (refused.status_code, refused.json()["reason"]) == (409, "shrunk")
    assert (await shown())["entries"] == 13
    path = f"/api/v1/hot-list-imports/{small['id']}/apply"
    assert (await supervisor.post(path, json={"shrunk_is_meant": True})).status_code == 200
    assert ((await shown())["entries"], (await shown())["failure"]) == (1, None)
    editions = (await supervisor.get(f"/api/v1/hot-lists/{list_id}/imports")).json()["items"]
    assert [(one["state"], one["good"]) for one in editions] == [("applied", 1), ("applied", 13)]


async def test_a_withdrawn_entry_answers_nothing_two_seconds_later_whatever_the_next_file_says(
    town: Town,
) -> None:
    list_id, reader = await town.a_list("ABC123", "DEF456"), await town.reader()
    analyst = await town.web.person("analyst")

    async def hit_by(plate: str, key: str) -> bool:
        town.hits.clear()
        stored = len(await town.plates())
        await reader.sends({"id": key, "plate": plate, "state": "MO", "at": town.ago(seconds=1)})
        await town.stored(stored + 1)
        return bool(town.hits)

    async with town.matching():
        assert await hit_by("ABC123", "before")
        entry = next(e for e in await entries(town, list_id) if e["plate"] == "ABC123")
        path = f"/api/v1/hot-list-entries/{entry['id']}/withdraw"
        assert (await analyst.post(path, json={"why": "recovered this morning"})).status_code == 200
        assert not await hit_by("ABC123", "after"), "at once, not in two seconds"
        assert await hit_by("DEF456", "other")
        twice = await analyst.post(path, json={"why": "recovered this morning"})
        assert (twice.status_code, twice.json()["reason"]) == (409, "withdrawn")
        await town.filled(list_id, "ABC123", "DEF456")
        assert not await hit_by("ABC123", "next file")
        # The same plate of another state is another car: it is not what was withdrawn.
        await town.filled(list_id, "ABC123", "DEF456", state="IL")
        assert not await hit_by("ABC123", "another state's")
        # A list that nobody renewed in its time goes on answering, and each hit says so.
        await town.rows(
            "update hot_list set changed_at = now() - interval '25 hours', edition = edition returning 1"
        )
        town.hits.clear()
        await reader.sends({"id": "stale", "plate": "DEF456", "state": "IL", "at": town.ago(seconds=1)})
        await town.until(lambda: _there(town))
    assert "is due every 24 hours" in (town.hits[0].answer.wanted.stale or "")
    ended = [e["ended"] for e in await entries(town, list_id) if e["ended"]]
    assert ended == [], "the file of the other state has other entries"


async def _there(town: Town) -> bool:
    return bool(town.hits)


Sends = Callable[[str, str, object], Awaitable[httpx.Response]]


async def _machine_of(town: Town, list_id: str) -> Sends:
    """What the machine of a list's owner sends, with the token of that list."""
    technician = await town.web.person("technician")
    token = (await technician.post(f"/api/v1/hot-lists/{list_id}/token", json={})).json()["token"]
    machine = town.web.client()

    async def sends(method: str, path: str, body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await machine.request(method, f"/api/v1/hot-list-feed/{path}", content=text, headers=headers)

    return sends


def wanted(*plates: str) -> dict[str, object]:
    return {"entries": [{"plate": p, "state": "MO", "reason": "scofflaw", "reference": p} for p in plates]}


async def test_a_machine_writes_its_one_list_and_may_send_each_act_twice(town: Town) -> None:
    list_id = await made(town, "api", owner="Parking authority")
    sends = await _machine_of(town, list_id)
    for _ in range(2):
        whole = await sends("PUT", "entries", wanted("ABC123", "DEF456"))
        assert (whole.status_code, whole.json()["entries"]) == (200, 2), whole.text
    for new in (1, 0):
        added = (await sends("POST", "entries", wanted("GHI789", "♦"))).json()
        assert (added["done"], added["new"], added["entries"]) == (1, new, 3)
        assert added["bad_rows"][0]["line"] == 2
    for done in (1, 0):
        assert (await sends("POST", "withdrawals", wanted("DEF456"))).json()["done"] == done
    listed = {e["plate"]: e["ended"] for e in await entries(town, list_id)}
    assert {plate for plate, ended in listed.items() if ended} == {"DEF456"}
    await sends("POST", "entries", wanted("DEF456"))
    assert not any(e["ended"] for e in await entries(town, list_id)), "its owner entered it again"
    await _what_it_sends_that_is_none(town, sends)
    await _its_token_opens_this_list_alone(town, list_id, sends)


async def _what_it_sends_that_is_none(town: Town, sends: Sends) -> None:
    many = wanted(*(f"M{n}" for n in range(30)))
    assert (await sends("PUT", "entries", many)).status_code == 200
    shrunk = await sends("PUT", "entries", wanted("ABC123"))
    assert (shrunk.status_code, shrunk.json()["reason"]) == (409, "shrunk")
    for body, says in (
        (b"{", "This is not what the list takes"),
        ({"entries": [{"state": "MO"}]}, "missing required field `plate`"),
        ({"entries": [{"plate": "A1", "colour": "red"}]}, "unknown field `colour`"),
        (wanted("♦"), "No entry could be used"),
    ):
        answer = await sends("PUT", "entries", body)
        assert answer.status_code == 422 and says in answer.json()["detail"], answer.text
    immigration = {"entries": [{"plate": "A1", "reason": "Immigration violator"}]}
    refused = await sends("POST", "entries", immigration)
    assert (refused.status_code, refused.json()["reason"]) == (403, "immigration_file")


async def _its_token_opens_this_list_alone(town: Town, list_id: str, sends: Sends) -> None:
    """And a reader's token opens no list."""
    assert len(await entries(town, list_id)) == 30
    reader = await town.reader()
    foreign = await reader.posts("/hot-list-feed/entries", json.dumps(wanted("A1")).encode())
    assert foreign.status_code == 404
    assert (await sends("POST", "../plate-reads", {"reads": []})).status_code == 404
    file = await preview(town, list_id, b"plate\nA1\n")
    assert (file.status_code, file.json()["reason"]) == (409, "api")
    by_hand = await proposed(town, list_id, await town.web.case())
    assert (by_hand.status_code, by_hand.json()["reason"]) == (409, "api")
    manual, technician = await made(town, "manual"), await town.web.person("technician")
    none = await technician.post(f"/api/v1/hot-lists/{manual}/token", json={})
    assert (none.status_code, none.json()["reason"]) == (409, "manual")
