"""Searching reads: for a purpose and a case, between two times, exact or alike, with the search itself in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.plates.conftest import Town
from tests.plates.make import jpeg
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339
from watchfloor.plates.picture import key_of, name_of


async def looked(town: Town, for_case: str | None, who: str = "analyst", **more: Any) -> httpx.Response:
    person = await town.web.person(who)
    body = {
        "plate": "AB0123", "match": "alike", "from": town.ago(days=2), "to": rfc3339(town.now() + timedelta(minutes=1)),
        "purpose": "stolen_vehicle", "case": for_case,
    } | more  # fmt: skip
    return await person.post("/api/v1/plate-searches", json=body)


@pytest.fixture
async def kept(town: Town) -> Town:
    """Reads of a few cars over two days."""
    reader = await town.reader()
    async with town.matching():
        await reader.sends(
            *({"id": f"n{n}", "plate": "AB0123", "state": "MO", "at": town.ago(hours=n)} for n in range(5)),
            {"id": "alike", "plate": "A8O1Z3", "at": town.ago(hours=10)},
            {"id": "other", "plate": "AB0124", "at": town.ago(hours=1)},
            {"id": "old", "plate": "AB0123", "at": town.ago(days=5)},
        )
        await town.stored(8)
    return town


async def test_a_search_finds_what_looks_alike_newest_first_and_says_what_is_exact(kept: Town) -> None:
    case = await kept.web.case()
    found = (await looked(kept, case)).json()["items"]
    assert [(row["plate"], row["strict"]) for row in found] == [("AB0123", True)] * 5 + [("A8O1Z3", False)]
    assert [row["at"] for row in found] == sorted((row["at"] for row in found), reverse=True)
    assert found[0]["reader"]["name"] == "North"
    assert found[0]["place"] == {"text": "N Broadway at Mill St", "lat": 38.64, "lon": -90.19}
    exact = (await looked(kept, case, match="exact")).json()["items"]
    assert [row["plate"] for row in exact] == ["AB0123"] * 5
    fuzzy = (await looked(kept, case, match="fuzzy")).json()
    assert sorted(row["plate"] for row in fuzzy["items"]) == ["A8O1Z3", *["AB0123"] * 5, "AB0124"]
    pattern = (await looked(kept, case, plate="ab?12*", match="exact")).json()
    assert sorted({row["plate"] for row in pattern["items"]}) == ["AB0123", "AB0124"]
    tally = pattern["tally"]
    assert (tally["reads"], [one["reads"] for one in tally["by_reader"]]) == (6, [6])
    assert (sum(one["reads"] for one in tally["by_hour"]), pattern["complete"]) == (6, True)
    near = {"kind": "near", "points": [{"lat": 38.6401, "lon": -90.19}], "within_m": 50}
    assert (
        len((await looked(kept, case, plate=None, where=near, **{"from": kept.ago(hours=3)})).json()["items"])
        == 4
    )
    far = near | {"points": [{"lat": 38.7, "lon": -90.19}]}
    assert (await looked(kept, case, plate=None, where=far)).json()["items"] == []


async def test_a_search_is_opened_again_by_its_id_for_ones_own_purpose(kept: Town) -> None:
    """A link to a search says no plate; who opens it passes the door, and finds what is there then."""
    case = await kept.web.case()
    made = (await looked(kept, case, plate="AB?12*", limit=4)).json()
    colleague, officer = await kept.web.person("detective"), await kept.web.person("officer")
    path, why = f"/api/v1/plate-searches/{made['id']}", WHY | {"Wf-Case": case}
    again = (await colleague.get(path, headers=why, params={"limit": 4})).json()
    assert {name: again[name] for name in ("id", "sought", "items", "tally")} == {
        name: made[name] for name in ("id", "sought", "items", "tally")
    }
    rest = (await colleague.get(path, headers=why, params={"limit": 4, "after": again["next"]})).json()
    assert (len(again["items"]), len(rest["items"]), rest["tally"]) == (4, 3, None)
    for who, headers, status, reason in (
        (colleague, {}, 403, "purpose_missing"),
        (colleague, WHY, 403, "case_missing"),
        (officer, why, 403, "role"),
    ):
        answer = await who.get(path, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    asked = await kept.rows(
        "select about_id from audit_entry where need = 'plates.search' and result = 'allowed' order by at"
    )
    assert [row["about_id"] is not None for row in asked] == [False, True, True]
    look = await kept.rows(
        "select id from audit_entry where need = 'plates.search' and about_id is not null limit 1"
    )
    for nothing in (f"ent_{'0' * 26}", outside("entry", look[0]["id"])):
        answer = await colleague.get(f"/api/v1/plate-searches/{nothing}", headers=why)
        assert (answer.status_code, answer.json()["reason"]) == (404, "not_found")


async def test_a_search_is_bounded_in_time_and_goes_on_page_by_page(kept: Town) -> None:
    case = await kept.web.case()
    assert len((await looked(kept, case, **{"from": kept.ago(days=6)})).json()["items"]) == 7
    assert len((await looked(kept, case, **{"from": kept.ago(hours=2.5)})).json()["items"]) == 3
    seen: list[str] = []
    after = None
    for _ in range(5):
        page = (await looked(kept, case, limit=2, after=after)).json()
        seen += [row["at"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 6


async def test_each_search_is_in_the_log_with_what_was_sought_beside_the_leaf_only(kept: Town) -> None:
    case = await kept.web.case()
    await looked(kept, case)
    (row,) = await kept.rows(
        "select e.leaf, e.case_id, p.payload from audit_entry e join audit_payload p on p.entry_id = e.id where e.need = 'plates.search'"
    )
    assert b"AB0123" not in row["leaf"]
    assert (row["payload"]["plate"], row["payload"]["match"]) == ("AB0123", "alike")
    assert row["case_id"] is not None


async def test_a_search_sent_again_under_its_key_passes_the_door_again(kept: Town) -> None:
    """Otherwise what was found could be had for a day, whatever became of the case or of the searcher's roles."""
    case, analyst = await kept.web.case(), await kept.web.person("analyst")
    body = {
        "plate": "AB0123", "match": "alike", "from": kept.ago(days=2), "to": rfc3339(kept.now()), "purpose": "stolen_vehicle",
        "case": case,
    }  # fmt: skip
    key = {"Idempotency-Key": "the-same-search"}
    answers = [await analyst.post("/api/v1/plate-searches", json=body, headers=key) for _ in range(2)]
    assert [len(answer.json()["items"]) for answer in answers] == [6, 6]
    logged = await kept.rows("select reason from audit_entry where need = 'plates.search'")
    assert len(logged) == 2
    await kept.web.lapse(case)
    late = await analyst.post("/api/v1/plate-searches", json=body, headers=key)
    assert (late.status_code, late.json()["reason"]) == (403, "case_lapsed")


async def test_a_search_without_grounds_or_sense_is_refused_and_says_why(town: Town) -> None:
    case = await town.web.case()
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"case": None}, 403, "case_missing"),
        ({"case": await town.web.lapsed_case()}, 403, "case_lapsed"),
        ({"purpose": "patrol_monitoring", "case": None}, 403, "patrol_only_live"),
        ({"purpose": "lawful_protest"}, 403, "purpose_prohibited"),
        ({"purpose": ""}, 422, "purpose"),
        ({"purpose": "curiosity"}, 422, "purpose"),
        ({"match": "nearly"}, 422, "match"),
        ({"match": "fuzzy", "plate": "AB0*"}, 422, "match"),
        ({"plate": "♦"}, 422, "bad_plate"),
        ({"plate": "A*"}, 422, "plate"),
        ({"plate": None}, 422, "plate"),
        (
            {
                "plate": None,
                "where": {"kind": "near", "points": [{"lat": 38.64, "lon": -90.19}], "within_m": 0},
            },
            422,
            "where",
        ),
        ({"where": {"kind": "state", "points": [{"lat": 38.64, "lon": -90.19}]}}, 422, "where"),
        ({"where": {"kind": "area", "points": [{"lat": 38.64, "lon": -90.19}]}}, 422, "where"),
        ({"readers": ["cam_1"]}, 422, "id"),
        ({"from": "2020-01-01T00:00:00Z"}, 422, "to"),
        ({"to": "2020-01-01T00:00:00Z"}, 422, "to"),
        ({"from": "2020-01-01T00:00:00"}, 422, "invalid"),
        ({"to": "9999-12-31T23:59:59-23:59"}, 422, "invalid"),
        ({"limit": 100_000}, 422, "invalid"),
        ({"after": "x.y"}, 422, "after"),
        ({"after": "9" * 40 + ".1"}, 422, "after"),
    )
    for changes, status, reason in wrong:
        answer = await looked(town, case, **changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes


async def test_a_word_that_is_no_purpose_is_refused_by_the_door_and_kept_in_the_log(town: Town) -> None:
    """What was said stands in the erasable payload, cut and fit to be printed; in the leaf stands nothing of it."""
    case, analyst, auditor = (
        await town.web.case(),
        *[await town.web.person(who) for who in ("analyst", "auditor")],
    )
    longer = "AB0123 of the neighbour\x07\u202e, who parks before my house"
    tried = [(await looked(town, case, purpose=word), word) for word in ("curiosity", "", longer)]
    for path in ("", "/picture"):
        headers = {"Wf-Purpose": "curiosity", "Wf-Case": case}
        look = await analyst.get(f"/api/v1/plate-reads/read_{'0' * 26}{path}", headers=headers)
        tried.append((look, "curiosity"))
    for answer, word in tried:
        said = answer.json()
        assert (answer.status_code, said["reason"], said["fields"][0]["field"]) == (422, "purpose", "purpose")
        kept = (await auditor.get(f"/api/v1/audit/entries/{said['entry']}")).json()
        assert (kept["result"], kept["reason"], kept["need"]) == (
            "refused",
            "purpose_unknown",
            "plates.search",
        )
        shown = word[:40].replace("\x07", "?").replace("\u202e", "?")
        assert kept["payload"]["sentence"] == said["detail"] == f"{shown!r} is not a purpose of the list."
        assert kept["purpose"] is None and "curio" not in kept["leaf"] and "AB0123" not in kept["leaf"]


async def test_who_may_not_search_finds_nothing(kept: Town) -> None:
    case = await kept.web.case()
    for who in ("officer", "technician", "auditor", "administrator"):
        answer = await looked(kept, case, who)
        assert (answer.status_code, answer.json()["reason"]) == (403, "role"), who


WHY = {"Wf-Purpose": "stolen_vehicle"}


async def test_one_read_is_looked_at_for_a_purpose_with_the_entry_it_answered_to_and_its_picture(
    town: Town,
) -> None:
    picture = jpeg(tail=b"grey hatchback")
    reader = await town.reader()
    await town.a_list("AB0123")
    await reader.posts(f"/plate-pictures/{name_of(picture)}", picture, method="PUT")
    async with town.matching():
        await reader.sends(
            {"id": "n1", "plate": "AB0123", "state": "MO", "at": town.ago(minutes=1), "picture": name_of(picture)},
            {"id": "n2", "plate": "AB0123", "state": "IL", "at": town.ago(minutes=2)},
        )  # fmt: skip
        await town.stored(2)
    case = await town.web.case()
    wanted, other = (await looked(town, case)).json()["items"]
    person = await town.web.person("analyst")
    for_case = WHY | {"Wf-Case": case}

    seen = (await person.get(f"/api/v1/plate-reads/{wanted['id']}", headers=for_case)).json()
    assert {name: seen[name] for name in ("plate", "state", "at")} == {
        name: wanted[name] for name in ("plate", "state", "at")
    }
    (hit,) = seen["hits"]
    assert (hit["answer"], hit["plate"], hit["wanted_for"]) == ("match", "AB0123", "stolen")
    shown = await person.get(wanted["picture"], headers=for_case)
    assert (shown.content, shown.headers["cache-control"]) == (picture, "no-store")

    seen = (await person.get(f"/api/v1/plate-reads/{other['id']}", headers=for_case)).json()
    assert (seen["hits"], seen["picture"]) == ([], None)
    none = await person.get(f"/api/v1/plate-reads/{other['id']}/picture", headers=for_case)
    assert (none.status_code, none.json()["reason"]) == (404, "no_picture")
    await town.objects.delete(key_of(town.web.parts.agency, name_of(picture)))
    gone = await person.get(wanted["picture"], headers=for_case)
    assert (gone.status_code, gone.json()["reason"]) == (404, "no_picture")

    looks = await town.rows(
        "select about_id from audit_entry where need = 'plates.search' and about_id is not null"
    )
    assert len(looks) == 5


async def test_a_look_at_a_read_without_grounds_or_sense_is_refused_and_says_why(kept: Town) -> None:
    case = await kept.web.case()
    read = (await looked(kept, case)).json()["items"][0]["id"]
    person, nobody = await kept.web.person("analyst"), f"read_{'0' * 26}"
    late = f"read_7{'Z' * 25}"  # later than there are years
    for_case = WHY | {"Wf-Case": case}
    asked: tuple[tuple[str, dict[str, str], int, str], ...] = (
        (read, {}, 403, "purpose_missing"),
        (read, WHY, 403, "case_missing"),
        (nobody, for_case, 404, "not_found"),
        (late, for_case, 404, "not_found"),
        ("rdr_1", for_case, 422, "id"),
    )
    for wanted, headers, status, reason in asked:
        for path in (f"/api/v1/plate-reads/{wanted}", f"/api/v1/plate-reads/{wanted}/picture"):
            answer = await person.get(path, headers=headers)
            assert (answer.status_code, answer.json()["reason"]) == (status, reason), (path, headers)
    answer = await looked(kept, case, after=late)
    assert (answer.status_code, answer.json()["reason"]) == (422, "after")
