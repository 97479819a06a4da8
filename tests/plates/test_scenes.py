"""Vehicles at two scenes: near one place in one time, later near another; bounded, for a purpose and a case, with the search in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio

from tests.plates.conftest import Town
from watchfloor.kit.clock import rfc3339

WHY = {"Wf-Purpose": "stolen_vehicle"}
SOUTH = {"place": "S Broadway at Dock St", "lat": 38.60, "lon": -90.20}


def near(lat: float, lon: float, metres: float = 200) -> dict[str, Any]:
    return {"kind": "near", "points": [{"lat": lat, "lon": lon}], "within_m": metres}


def scenes(town: Town, for_case: str | None, **changes: Any) -> dict[str, Any]:
    """Between five and four hours ago in the north, between three and two hours ago in the south."""
    return {
        "first": {"where": near(38.64, -90.19), "from": town.ago(hours=5), "to": town.ago(hours=4)},
        "second": {"where": near(38.60, -90.20), "from": town.ago(hours=3), "to": town.ago(hours=2)},
        "purpose": "stolen_vehicle", "case": for_case,
    } | changes  # fmt: skip


async def asked(town: Town, for_case: str | None, who: str = "analyst", **changes: Any) -> httpx.Response:
    person = await town.web.person(who)
    return await person.post("/api/v1/scene-searches", json=scenes(town, for_case, **changes))


@pytest_asyncio.fixture
async def passed(town: Town) -> Town:
    """Three vehicles in the north; two of them later in the south at the time that is looked at, one read as another."""
    north, south = await town.reader(), await town.reader("South", **SOUTH)
    async with town.matching():
        await north.sends(
            {"id": "a", "plate": "AB0123", "at": town.ago(hours=4.5)},
            {"id": "b", "plate": "QZ04417", "at": town.ago(hours=4.4)},
            {"id": "c", "plate": "XY00001", "at": town.ago(hours=3.5)},
        )
        await south.sends(
            {"id": "a", "plate": "ABO123", "at": town.ago(hours=2.5)},
            {"id": "b", "plate": "QZ04417", "at": town.ago(hours=2.4)},
            {"id": "late", "plate": "QZ04417", "at": town.ago(hours=1)},
            {"id": "c", "plate": "XY00001", "at": town.ago(hours=2.4)},
        )
        await town.stored(7)
    return town


async def test_a_vehicle_at_both_scenes_is_found_however_it_was_read(passed: Town) -> None:
    case = await passed.web.case()
    found = (await asked(passed, case)).json()
    assert sorted(one["plates"] for one in found["vehicles"]) == [["AB0123", "ABO123"], ["QZ04417"]]
    (joined,) = [one for one in found["vehicles"] if len(one["plates"]) == 2]
    for scene, read in (("first", ("AB0123", True, "North")), ("second", ("ABO123", False, "South"))):
        assert [(one["plate"], one["strict"], one["reader"]["name"]) for one in joined[scene]] == [read]
    there = [found[scene]["readers_there"] for scene in ("first", "second")]
    assert (found["complete"], there) == (True, [1, 1])
    # Nobody was at the second scene first, and nobody looks where no reader stands.
    back = scenes(passed, case)
    first = back["first"] | {"where": back["second"]["where"]}
    second = back["second"] | {"where": back["first"]["where"]}
    assert (await asked(passed, case, first=first, second=second)).json()["vehicles"] == []
    nowhere = (await asked(passed, case, first=back["first"] | {"where": near(38.9, -90.4)})).json()
    assert (nowhere["vehicles"], nowhere["first"]["readers_there"]) == ([], 0)


async def test_a_search_of_two_scenes_is_opened_again_by_its_id_for_ones_own_purpose(passed: Town) -> None:
    case = await passed.web.case()
    found = (await asked(passed, case)).json()
    colleague, path = await passed.web.person("detective"), f"/api/v1/scene-searches/{found['id']}"
    assert (await colleague.get(path, headers=WHY | {"Wf-Case": case})).json() == found
    for headers, reason in (({}, "purpose_missing"), (WHY, "case_missing")):
        answer = await colleague.get(path, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (403, reason)
    # One kind of search is not opened as the other.
    other = f"/api/v1/plate-searches/{found['id']}"
    assert (await colleague.get(other, headers=WHY | {"Wf-Case": case})).status_code == 404
    (row, *_) = await passed.rows(
        "select e.leaf, e.case_id, p.payload from audit_entry e join audit_payload p on p.entry_id = e.id"
        " where e.need = 'plates.search' and e.about_id is null order by e.at"
    )
    assert b"38.64" not in row["leaf"] and row["case_id"] is not None
    assert [one["where"]["kind"] for one in row["payload"]["scenes"]] == ["near", "near"]


async def test_two_scenes_without_grounds_or_sense_or_bounds_are_refused_and_say_why(town: Town) -> None:
    case, now = await town.web.case(), town.now()
    for n in range(32):
        await town.reader(f"R{n}")
    whole = scenes(town, case)
    first, second = whole["first"], whole["second"]
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"case": None}, 403, "case_missing"),
        ({"purpose": "lawful_protest"}, 403, "purpose_prohibited"),
        ({"purpose": "curiosity"}, 422, "purpose"),
        ({"first": first | {"where": None}}, 422, "first"),
        ({"second": second | {"where": near(38.6, -90.2, 0)}}, 422, "second"),
        ({"second": second | {"where": near(38.6, -90.2, 99_999)}}, 422, "second"),
        ({"first": first | {"from": town.ago(hours=30)}}, 422, "first"),
        ({"second": second | {"to": second["from"]}}, 422, "second"),
        ({"second": second | {"from": town.ago(hours=9), "to": town.ago(hours=8)}}, 422, "second"),
        ({"first": first | {"from": rfc3339(now - timedelta(days=99)), "to": rfc3339(now - timedelta(days=98.9))}}, 422, "second"),
        ({"first": first | {"readers": ["cam_1"]}}, 422, "first"),
        # All 32 readers of the corner for a day are more reader hours than are looked through.
        ({"first": first | {"from": town.ago(hours=28)}}, 422, "where"),
    )  # fmt: skip
    for changes, status, reason in wrong:
        answer = await asked(town, case, **changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes
    for who in ("officer", "technician", "auditor", "administrator"):
        answer = await asked(town, case, who)
        assert (answer.status_code, answer.json()["reason"]) == (403, "role"), who
