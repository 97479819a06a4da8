"""Hot lists: from a file with a preview, by two persons one by one, in force within two seconds, gone when they expire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.fixtures.engines import Dsns
from tests.plates.conftest import Town
from watchfloor.governance.actors import process_actor
from watchfloor.governance.cases import write_lapses
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.forms import case_of
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity import store as identity_store
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.ids import decode
from watchfloor.plates.entry_end import end_with_cases
from watchfloor.storage.database import Database
from watchfloor.sweep.expire_store import delete_expired


async def made(town: Town, source: str = "imported", **more: Any) -> str:
    supervisor = await town.web.person("supervisor")
    body = {"name": f"List {source}", "source": source, "purpose": "stolen_vehicle"} | more
    answer = await supervisor.post("/api/v1/hot-lists", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def preview(town: Town, list_id: str, file: bytes) -> httpx.Response:
    supervisor = await town.web.person("supervisor")
    return await supervisor.post(f"/api/v1/hot-lists/{list_id}/imports", content=file)


async def apply(town: Town, import_id: str) -> httpx.Response:
    supervisor = await town.web.person("supervisor")
    return await supervisor.post(f"/api/v1/hot-list-imports/{import_id}/apply", json={})


async def entries(town: Town, list_id: str) -> list[dict[str, Any]]:
    analyst = await town.web.person("analyst")
    answer = await analyst.get(f"/api/v1/hot-lists/{list_id}/entries")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_a_file_is_looked_at_first_and_changes_nothing_until_it_is_applied(town: Town) -> None:
    list_id = await made(town)
    file = "LIC,LIS,OFFENSE\nABC123,MO,stolen\nABC123,MO,stolen\n♦♦♦,MO,stolen\nDEF456,Illinois,stolen\nGHI789,IL,felony\n"
    seen = (await preview(town, list_id, file.encode())).json()
    assert (seen["state"], seen["rows"], seen["good"], seen["bad"], seen["new"], seen["changed"], seen["gone"]) == (
        "waiting", 5, 2, 2, 2, 0, 0,
    )  # fmt: skip
    assert seen["bad_rows"] == [
        {
            "line": 4,
            "field": "LIC",
            "text": "♦♦♦",
            "reason": "a plate has letters A-Z and digits, not black diamond suit",
        },
        {
            "line": 5,
            "field": "LIS",
            "text": "Illinois",
            "reason": "a state is two or three letters, like MO or us-mo",
        },
    ]
    assert await entries(town, list_id) == []
    applied = await apply(town, seen["id"])
    assert applied.json()["state"] == "applied"
    assert {(e["plate"], e["state"], e["reason"], e["source"]) for e in await entries(town, list_id)} == {
        ("ABC123", "MO", "stolen", "List imported"),
        ("GHI789", "IL", "felony", "List imported"),
    }
    again = await apply(town, seen["id"])
    assert (again.status_code, again.json()["reason"]) == (409, "applied")


async def test_a_new_file_replaces_the_list_and_says_what_is_new_changed_and_gone(town: Town) -> None:
    list_id = await made(town)
    first = (
        await preview(
            town,
            list_id,
            b"plate,state,reason,reference,expires\nA1,MO,x,R1,\nB2,MO,x,R2,2026-12-24\nC3,MO,x,R3,\n",
        )
    ).json()
    await apply(town, first["id"])
    before = {e["plate"]: e for e in await entries(town, list_id)}
    file = b"plate,state,reason,reference,expires\nB2,MO,x,R2,2026-12-24\nC3,MO,armed,R3,\nD4,MO,x,R4,\n"
    second = (await preview(town, list_id, file)).json()
    assert (second["good"], second["new"], second["gone"]) == (3, 1, 1)
    await apply(town, second["id"])
    after = {e["plate"]: e for e in await entries(town, list_id)}
    assert set(after) == {"B2", "C3", "D4"}
    assert after["B2"]["id"] == before["B2"]["id"]
    assert (after["B2"]["version"], after["C3"]["version"]) == (1, 2)
    assert (after["C3"]["id"], after["C3"]["reason"]) == (before["C3"]["id"], "armed")
    assert after["C3"]["entered_at"] == before["C3"]["entered_at"]


async def test_a_file_looked_at_before_another_was_applied_has_to_be_looked_at_again(town: Town) -> None:
    list_id = await made(town)
    older = (await preview(town, list_id, b"plate\nA1\n")).json()
    newer = (await preview(town, list_id, b"plate\nB2\n")).json()
    assert (await apply(town, newer["id"])).status_code == 200
    refused = await apply(town, older["id"])
    assert (refused.status_code, refused.json()["reason"]) == (409, "base")
    assert refused.json()["detail"] == (
        "Another file was applied since this one was looked at; import it again."
    )
    assert [e["plate"] for e in await entries(town, list_id)] == ["B2"]


async def test_a_file_that_waited_a_day_is_expired_and_says_so(town: Town) -> None:
    list_id = await made(town)
    waiting = (await preview(town, list_id, b"plate\nA1\n")).json()
    await town.rows("update hot_list_import set expires_at = now() returning 1")
    answer = await apply(town, waiting["id"])
    assert (answer.status_code, answer.json()["kind"]) == (410, "expired")
    assert answer.json()["detail"] == "It waited for more than a day; import the file again."


async def test_a_file_that_is_none_is_refused_and_leaves_nothing(town: Town) -> None:
    list_id = await made(town)
    for file, says in (
        (b"", "The file is empty."),
        (b"name,colour\nx,y\n", "No column is called plate"),
        (b"plate\n\xe2\x99\xa6\n", "No row could be used. Line 2, plate: a plate has letters"),
        (b"PK\x03\x04rest", "This is a spreadsheet, not a CSV file."),
        (b'plate,reason\nA1,"never closed', "A quote that opened before line 2 is never closed."),
        (b"\x00\x01\x02\x03plate", "This is not a text file."),
        (b"plate,tag\nA,B\n", "Two columns name the plate: “plate” and “tag”."),
        (b"plate," * 300 + b"\n", "The header has 301 columns; at most 200 are taken."),
    ):
        answer = await preview(town, list_id, file)
        assert answer.status_code == 422, file
        assert says in answer.json()["detail"]
    assert (await town.rows("select count(*) as n from hot_list_entry"))[0]["n"] == 0
    assert (await town.rows("select count(*) as n from hot_list_import"))[0]["n"] == 0


async def test_twenty_thousand_rows_go_in_with_every_bad_one_counted_and_a_hundred_shown(town: Town) -> None:
    list_id = await made(town)
    lines = [f"T{n:05d},MO" if n % 50 else "♦,MO" for n in range(20_000)]
    seen = (await preview(town, list_id, ("plate,state\n" + "\n".join(lines)).encode())).json()
    assert (seen["rows"], seen["good"], seen["bad"], len(seen["bad_rows"])) == (20_000, 19_600, 400, 100)
    await apply(town, seen["id"])
    analyst = await town.web.person("analyst")
    (row,) = (await analyst.get("/api/v1/hot-lists")).json()["items"]
    assert (row["entries"], row["expiring"]) == (19_600, None)
    plates: list[str] = []
    after = ""
    for _ in range(50):
        page = (await analyst.get(f"/api/v1/hot-lists/{list_id}/entries?limit=500{after}")).json()
        plates += [e["plate"] for e in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(plates) == len(set(plates)) == 19_600


async def test_a_change_is_in_effect_within_two_seconds(town: Town) -> None:
    list_id = await town.a_list("OTHER1")
    reader = await town.reader()
    clock = town.web.parts.clock
    async with town.matching():
        await reader.sends({"id": "warm", "plate": "OTHER1", "state": "MO", "at": town.ago(seconds=1)})
        await town.stored(1)
        await town.filled(list_id, "NEW111")
        began = clock.monotonic()
        number = 0
        while not any(hit.answer.wanted.plate.text == "NEW111" for hit in town.hits):
            assert clock.monotonic() - began < 2.0, "the new list is not in effect"
            number += 1
            await reader.sends(
                {"id": f"n{number}", "plate": "NEW111", "state": "MO", "at": town.ago(seconds=1)}
            )
            await reader.sends(
                {"id": f"o{number}", "plate": "OTHER1", "state": "MO", "at": town.ago(seconds=1)}
            )
            await town.stored(1 + 2 * number)
        count = len(town.hits)
        await reader.sends({"id": "last", "plate": "OTHER1", "state": "MO", "at": town.ago(seconds=1)})
        await town.stored(2 + 2 * number)
        assert len(town.hits) == count, "what is gone from the list answers no more, at once"


async def proposed(
    town: Town, list_id: str, for_case: str, who: str = "analyst", **more: Any
) -> httpx.Response:
    person = await town.web.person(who)
    body = {
        "hot_list": list_id, "plate": "abc 123", "state": "MO", "reason": "seen leaving a burglary", "vehicle": "red van",
        "expires_at": rfc3339(town.now() + timedelta(days=3)), "purpose": "stolen_vehicle", "case": for_case,
    } | more  # fmt: skip
    return await person.post("/api/v1/hot-list-entries", json=body)


async def approve(town: Town, who: str, proposal: httpx.Response) -> httpx.Response:
    person = await town.web.person(who)
    return await person.post(f"/api/v1/proposals/{proposal.json()['id']}/approve", json={"note": "agreed"})


async def test_a_manual_entry_needs_two_persons_and_the_same_person_is_refused(town: Town) -> None:
    list_id, case = await made(town, "manual"), await town.web.case()
    proposal = await proposed(town, list_id, case, "supervisor")
    late = await proposed(town, list_id, case, plate="LATE 1")
    assert proposal.status_code == 201
    assert (proposal.json()["kind"], proposal.json()["state"]) == ("hot_list_entry", "open")
    same = await approve(town, "supervisor", proposal)
    assert (same.status_code, same.json()["reason"]) == (403, "same_person")
    assert same.json()["detail"] == "You proposed this yourself; a second person decides it."
    role = await approve(town, "analyst", proposal)
    assert (role.status_code, role.json()["reason"]) == (403, "role")
    assert await entries(town, list_id) == []
    approved = await approve(town, "detective", proposal)
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    (entry,) = await entries(town, list_id)
    assert (entry["plate"], entry["reason"], entry["vehicle"]) == (
        "ABC123",
        "seen leaving a burglary",
        "red van",
    )
    assert approved.json()["subject"] == entry["id"]
    (row,) = (await (await town.web.person("analyst")).get("/api/v1/hot-lists")).json()["items"]
    assert (row["entries"], row["expiring"]) == (1, 1)  # in three days
    assert row["imported_at"] == entry["entered_at"]  # a list by hand is as fresh as its newest entry
    again = await approve(town, "detective", proposal)
    assert (again.status_code, again.json()["reason"]) == (409, "decided")
    await town.web.lapse(case)  # what was proposed for it is approved no more
    too_late = await approve(town, "detective", late)
    assert (too_late.status_code, too_late.json()["reason"]) == (403, "case_lapsed")
    refuse = f"/api/v1/proposals/{late.json()['id']}/refuse"
    assert (
        await (await town.web.person("detective")).post(refuse, json={"reason": "late"})
    ).status_code == 200


async def test_a_manual_entry_is_in_effect_within_two_seconds_of_the_second_person(town: Town) -> None:
    list_id = await made(town, "manual")
    reader = await town.reader()
    await town.web.person("detective")
    proposal = await proposed(town, list_id, await town.web.case())
    async with town.matching():
        await reader.sends({"id": "before", "plate": "ABC123", "state": "MO", "at": town.ago(seconds=1)})
        await town.stored(1)
        assert (await approve(town, "detective", proposal)).status_code == 200
        began, number = town.web.parts.clock.monotonic(), 0
        while not town.hits:
            assert town.web.parts.clock.monotonic() - began < 2.0
            number += 1
            await reader.sends(
                {"id": f"n{number}", "plate": "ABC123", "state": "MO", "at": town.ago(seconds=1)}
            )
            await town.stored(1 + number)
    assert town.hits[0].answer.wanted.vehicle == "red van"
    assert town.hits[0].answer.read.source_key != "id:before"


async def test_an_entry_alerts_no_more_once_the_case_it_was_approved_for_has_lapsed_or_was_closed(
    town: Town,
) -> None:
    list_id, reader = await made(town, "manual"), await town.reader()
    cases = [await town.web.case() for _ in range(3)]
    lapsing, closing, _ = cases
    for plate, case in zip(("ABC121", "ABC122", "ABC123"), cases, strict=True):
        proposal = await proposed(town, list_id, case, plate=plate)
        assert (await approve(town, "detective", proposal)).status_code == 200

    async def seen(times: int) -> list[str]:
        """What was hit when all three plates were read once more."""
        town.hits.clear()
        for plate in ("ABC121", "ABC122", "ABC123"):
            await reader.sends(
                {"id": f"{plate}-{times}", "plate": plate, "state": "MO", "at": town.ago(seconds=1)}
            )
        await town.stored(3 * times)
        return sorted(hit.answer.wanted.plate.text for hit in town.hits)

    async with town.matching():
        assert await seen(1) == ["ABC121", "ABC122", "ABC123"]
        await town.web.lapse(lapsing)
        closed = await (await town.web.person("analyst")).post(f"/api/v1/cases/{closing[5:]}/close", json={})
        assert closed.status_code == 200
        assert await seen(2) == ["ABC123"]
    said = {entry["plate"]: entry["ended"] for entry in await entries(town, list_id)}
    assert said["ABC123"] is None and "was provisional and lapsed on " in said["ABC121"]
    assert " was closed on " in said["ABC122"]
    # What had ended by itself before did not end with its case.
    expired = "update hot_list_entry set expires_at = entered_at + interval '1 microsecond', case_id = %s"
    await town.rows(f"{expired} where plate = 'ABC123' returning 1", case_of(closing).id)
    await both_ends_are_in_the_log(town, lapsing, closing)
    (row,) = (await (await town.web.person("analyst")).get("/api/v1/hot-lists")).json()["items"]
    assert row["entries"] == 0


async def both_ends_are_in_the_log(town: Town, lapsed: str, closed: str) -> None:
    """And the lapse, each once."""
    for _ in range(2):
        await write_lapses(town.web.parts.door, town.web.parts.agency, [end_with_cases])
    told = await town.rows(
        "select convert_from(leaf, 'utf8')::json as leaf from audit_entry where reason in"
        " ('case.lapsed', 'hot_list_entry.ended') order by reason"
    )
    assert [(row["leaf"]["reason"], row["leaf"].get("why")) for row in told[:1]] == [("case.lapsed", None)]
    assert sorted((row["leaf"]["why"], row["leaf"]["of_case"]) for row in told[1:]) == [
        ("case_closed", str(case_of(closed).id)),
        ("case_lapsed", str(case_of(lapsed).id)),
    ]


async def test_an_entry_that_lasts_too_long_has_no_purpose_or_goes_into_the_wrong_list_is_refused(
    town: Town,
) -> None:
    manual, imported = await made(town, "manual", most_days=30), await made(town)
    case = await town.web.case()
    for changes, status, reason in (
        ({"expires_at": rfc3339(town.now() + timedelta(days=31))}, 422, "expires_at"),
        ({"expires_at": rfc3339(town.now() - timedelta(seconds=1))}, 422, "expires_at"),
        ({"purpose": "immigration_enforcement"}, 403, "purpose_prohibited"),
        ({"purpose": "violent_crime"}, 422, "purpose"),
        ({"purpose": "no_such_purpose"}, 422, "purpose"),
        ({"case": None}, 403, "case_missing"),
        ({"case": "case:case_" + "0" * 26}, 403, "case_unknown"),
        ({"plate": "♦"}, 422, "bad_plate"),
        ({"state": "Missouri"}, 422, "bad_state"),
        ({"hot_list": imported}, 409, "imported"),
        ({"hot_list": "hl_" + "0" * 26}, 404, "not_found"),
    ):
        answer = await proposed(town, manual, case, **changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes
    refused = await (await town.web.person("officer")).get("/api/v1/hot-lists")
    assert (refused.status_code, refused.json()["reason"]) == (403, "role")
    file = await preview(town, manual, b"plate\nA1\n")
    assert (file.status_code, file.json()["reason"]) == (409, "manual")
    assert file.json()["detail"] == "A manual list takes no files; each entry needs two persons."


async def test_a_list_for_a_prohibited_purpose_or_without_end_cannot_be_made(town: Town) -> None:
    supervisor = await town.web.person("supervisor")
    for changes, reason in (
        ({"purpose": "curiosity"}, "purpose"),
        ({"most_days": 100_000}, "most_days"),
        ({"default_days": 0}, "most_days"),
        ({"default_days": 31, "most_days": 30}, "most_days"),
    ):
        body = {"name": "x", "source": "imported", "purpose": "stolen_vehicle"} | changes
        answer = await supervisor.post("/api/v1/hot-lists", json=body)
        assert (answer.status_code, answer.json()["reason"]) == (422, reason)
    body = {"name": "x", "source": "imported", "purpose": "immigration_enforcement"}
    await town.web.kept_refusal(await supervisor.post("/api/v1/hot-lists", json=body))
    await made(town)
    twice = await supervisor.post(
        "/api/v1/hot-lists", json={"name": "List imported", "source": "imported", "purpose": "stolen_vehicle"}
    )
    assert twice.status_code == 409


async def test_no_log_entry_in_the_clear_holds_a_plate(town: Town) -> None:
    list_id = await made(town, "manual")
    await proposed(town, list_id, await town.web.case())
    await town.a_list("ABC123")
    leaves = await town.rows("select leaf from audit_entry")
    assert len(leaves) > 10
    assert not [row for row in leaves if b"ABC123" in row["leaf"]]
    (kept,) = await town.rows(
        "select payload from audit_payload p join audit_entry e on e.id = p.entry_id"
        " where e.need = 'hot_list.propose' and kind = 'decision'"
    )
    assert kept["payload"]["plate"] == "ABC123"


async def test_editions_that_were_replaced_or_never_applied_are_forgotten_and_what_is_in_force_stays(
    town: Town, dsns: Dsns
) -> None:
    list_id = await made(town)
    for file in (b"plate\nOLD111\n", b"plate\nNOW111\n"):
        await apply(town, (await preview(town, list_id, file)).json()["id"])
    never = (await preview(town, list_id, b"plate\nNEVER1\n")).json()
    waiting = (await preview(town, list_id, b"plate\nWAIT11\n")).json()
    await town.rows(
        "update hot_list_import set expires_at = now() where id = %s returning 1", decode("imp", never["id"])
    )
    parts = town.web.parts
    database = await Database.connect(dsns.sweep, role="wf_sweep")
    door = Door(database, parts.clock, DoorRules({}, identity_store.why_ended, False))
    async with door.open(Ask(process_actor(parts.agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        await delete_expired(tx, "hot_list_entry")
    await database.close()
    assert {row["plate"] for row in await town.rows("select plate from hot_list_entry")} == {
        "NOW111",
        "WAIT11",
    }
    assert (await apply(town, waiting["id"])).status_code == 200
    assert [e["plate"] for e in await entries(town, list_id)] == ["WAIT11"]
