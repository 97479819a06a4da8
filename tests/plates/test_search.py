"""Searching reads: for a purpose and a case, between two times, exact or alike, with the search itself in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.plates.conftest import Town
from watchfloor.kit.clock import rfc3339


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


async def test_a_search_without_grounds_or_sense_is_refused_and_says_why(town: Town) -> None:
    case = await town.web.case()
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"case": None}, 403, "case_missing"),
        ({"purpose": "patrol_monitoring", "case": None}, 403, "patrol_only_live"),
        ({"purpose": "lawful_protest"}, 403, "purpose_prohibited"),
        ({"purpose": ""}, 422, "purpose"),
        ({"match": "fuzzy"}, 422, "match"),
        ({"plate": "♦"}, 422, "bad_plate"),
        ({"from": "2020-01-01T00:00:00Z"}, 422, "to"),
        ({"to": "2020-01-01T00:00:00Z"}, 422, "to"),
        ({"from": "2020-01-01T00:00:00"}, 422, "invalid"),
        ({"limit": 100_000}, 422, "invalid"),
        ({"after": "x.y"}, 422, "after"),
        ({"after": "9" * 40 + ".1"}, 422, "after"),
    )
    for changes, status, reason in wrong:
        answer = await looked(town, case, **changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes


async def test_who_may_not_search_finds_nothing(kept: Town) -> None:
    case = await kept.web.case()
    for who in ("officer", "technician", "auditor", "administrator"):
        answer = await looked(kept, case, who)
        assert (answer.status_code, answer.json()["reason"]) == (403, "role"), who
