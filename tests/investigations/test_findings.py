"""Reads that a search found are put into a case with that search: seen by whoever looks for the case, gone with their retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from tests.fixtures.center import new_id
from tests.plates.conftest import Town
from tests.plates.test_scenes import SOUTH, scenes
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import rfc3339

WHY = {"purpose": "stolen_vehicle"}
PATH = "/api/v1/findings"


def headers(case: str) -> dict[str, str]:
    return {"Wf-Purpose": "stolen_vehicle", "Wf-Case": case}


@dataclass
class Put:
    """A town of a few reads, two of which an analyst put into a case; `earlier` is a read that this search does not find."""

    town: Town
    analyst: httpx.AsyncClient
    case: str
    search: str
    reads: list[str]
    earlier: str

    @property
    def body(self) -> dict[str, Any]:
        note = " seen by the school "
        return {"case": self.case, "search": self.search, "reads": self.reads[:2], "note": note, **WHY}

    async def seen(
        self, who: httpx.AsyncClient | None = None, case: str | None = None
    ) -> list[dict[str, Any]]:
        answer = await (who or self.analyst).get(PATH, headers=headers(case or self.case))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


@pytest_asyncio.fixture
async def put(town: Town) -> Put:
    reader, south = await town.reader(), await town.reader("South", **SOUTH)
    async with town.matching():
        await reader.sends(
            *({"id": f"n{n}", "plate": "AB0123", "at": town.ago(hours=4 + n / 10)} for n in range(3)),
            {"id": "other", "plate": "QZ04417", "at": town.ago(hours=3)},
        )
        await south.sends({"id": "s", "plate": "AB0123", "at": town.ago(hours=2.5)})
        await town.stored(5)
    case, analyst = await town.web.case(), await town.web.person("analyst")
    body = {"plate": "AB0123", "from": town.ago(hours=4.15), "to": rfc3339(town.now()), "case": case, **WHY}
    search = (await analyst.post("/api/v1/plate-searches", json=body)).json()
    reads = [one["id"] for one in search["items"]]
    everything = body | {"plate": "*0123", "from": town.ago(days=1), "match": "exact"}
    wider = (await analyst.post("/api/v1/plate-searches", json=everything)).json()
    (earlier,) = [one["id"] for one in wider["items"] if one["id"] not in reads]
    made = Put(town, analyst, case, search["id"], reads, earlier)
    kept = await analyst.post(PATH, json=made.body)
    assert (kept.status_code, kept.json()) == (201, {"kept": 2, "before": 0})
    return made


async def test_reads_of_a_search_stand_in_the_case_once_and_for_whoever_looks_for_it(put: Put) -> None:
    again = await put.analyst.post(PATH, json=put.body | {"reads": put.reads})
    assert again.json() == {"kept": 1, "before": 2}
    both = (await put.analyst.post("/api/v1/scene-searches", json=scenes(put.town, put.case))).json()
    at_both = both["vehicles"][0]["first"][0]["id"]
    of_scenes = put.body | {"search": both["id"], "reads": [at_both, put.reads[0]]}
    assert sum((await put.analyst.post(PATH, json=of_scenes)).json().values()) == 2

    found = await put.seen()
    mine = {one["read"]["id"]: one for one in found}
    one = mine[put.reads[0]]
    assert (one["search"], one["scenes"], one["note"], one["read"]["plate"]) == (
        put.search, False, "seen by the school", "AB0123",
    )  # fmt: skip
    walked: list[str] = []
    after: dict[str, str] = {}
    for _ in found:
        query = {"limit": "1", **after}
        part = (await put.analyst.get(PATH, headers=headers(put.case), params=query)).json()
        walked += [item["id"] for item in part["items"]]
        after = {"after": str(part["next"])}
    assert walked == [item["id"] for item in found]
    # A colleague sees it by looking for that case, and for no other.
    detective, other = await put.town.web.person("detective"), await put.town.web.case()
    assert (len(await put.seen(detective)), await put.seen(detective, other)) == (len(found), [])
    path = f"{PATH}/{one['id']}"
    assert (await detective.delete(path, headers=headers(put.case))).json()["reason"] == "not_the_author"
    assert (await detective.delete(path, headers=headers(other))).status_code == 404
    assert (await put.analyst.delete(path, headers=headers(put.case))).status_code == 204
    assert len(await put.seen()) == len(found) - 1


async def test_what_is_put_in_without_grounds_or_sense_is_refused_and_says_why(put: Put) -> None:
    wrong: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"case": None}, 422, "invalid"),
        ({"reads": []}, 422, "reads"),
        ({"reads": [put.reads[0]] * 51}, 422, "reads"),
        ({"reads": ["cam_1"]}, 422, "id"),
        ({"reads": [f"read_{'0' * 26}"]}, 404, "reads"),
        ({"reads": [put.earlier]}, 422, "reads"),
        ({"search": outside("entry", new_id())}, 404, "search"),
        ({"note": "x" * 501}, 422, "note"),
        ({"purpose": "personal_interest"}, 403, "purpose_prohibited"),
    )
    for changes, status, reason in wrong:
        answer = await put.analyst.post(PATH, json=put.body | changes)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), changes
    for who in ("officer", "auditor"):
        person = await put.town.web.person(who)
        assert (await person.get(PATH, headers=headers(put.case))).json()["reason"] == "role"
    assert (await put.analyst.get(PATH)).json()["reason"] == "purpose_missing"
    (logged,) = await put.town.rows("select leaf from audit_entry where reason = 'finding.kept'")
    assert b"school" not in logged["leaf"]


async def test_a_finding_whose_read_is_past_its_time_says_so_and_has_no_plate(put: Put) -> None:
    assert len(await put.town.rows("delete from plate_read where plate = 'AB0123' returning plate")) == 4
    left = await put.seen()
    assert len(left) == 2 and all(one["read"] is None and one["read_at"] for one in left)
