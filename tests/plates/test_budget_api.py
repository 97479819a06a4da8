"""Budgets of false alerts and readers' records, as people see and change them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.plates.conftest import Town, drained
from watchfloor.kit.ids import uuid7
from watchfloor.plates.budget import FIRST
from watchfloor.plates.budget_api import record_json
from watchfloor.plates.model import ReaderId
from watchfloor.plates.record import Judged, ReaderVerdict
from watchfloor.plates.verdict_store import Told

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


async def posts(town: Town, who: str, path: str, body: dict[str, Any]) -> httpx.Response:
    return await (await town.web.person(who)).post(f"/api/v1{path}", json=body)


async def looks(town: Town, who: str = "analyst") -> dict[str, Any]:
    shown = await (await town.web.person(who)).get("/api/v1/alert-budget")
    assert shown.status_code == 200, shown.text
    return dict(shown.json())


async def test_a_budget_is_changed_by_two_persons_and_shows_what_thresholds_cost(town: Town) -> None:
    await town.a_list("ABC123", "XYZ987")
    reader = await town.reader()
    async with town.matching():
        at = town.ago(seconds=1)
        await reader.sends(
            {"id": "1", "plate": "ABC123", "state": "MO", "at": at, "confidence": 0.98},
            {"id": "2", "plate": "ABC123", "state": "MO", "at": at, "confidence": 0.98},
            {"id": "3", "plate": "XYZ987", "state": "MO", "at": at, "confidence": 0.2},
            {"id": "4", "plate": "XYZ987", "at": at, "confidence": 0.99},
        )
        await town.stored(4)
        await drained(town)
    before = await looks(town)
    usual = next(one for one in before["priorities"] if one["priority"] == "usual")
    assert (usual["per_shift"], usual["decided_at"], usual["derived"], usual["threshold"]) == (
        2,
        None,
        False,
        FIRST,
    )
    # The car seen twice is one alert; what has no state could not alert at any threshold.
    assert sorted(one["alerts"] for one in before["week"]) == [1, 1]
    assert {one["name"] for one in before["week"]} == {"State file"}
    assert sum(one["probability"] < FIRST for one in before["week"]) == 1

    body = {"priority": "usual", "per_shift": 5.5, "why": "two more analysts by night"}
    proposal = await posts(town, "supervisor", "/alert-budget", body)
    assert proposal.status_code == 201, proposal.text
    decide = f"/proposals/{proposal.json()['id']}/approve"
    same = await posts(town, "supervisor", decide, {"note": "agreed"})
    assert (same.status_code, same.json()["reason"]) == (403, "same_person")
    assert next(p for p in (await looks(town))["priorities"] if p["priority"] == "usual")["per_shift"] == 2
    assert (await posts(town, "clerk", decide, {"note": "agreed"})).status_code == 200
    after = next(p for p in (await looks(town, "auditor"))["priorities"] if p["priority"] == "usual")
    assert after["per_shift"] == 5.5 and after["decided_at"] is not None
    await is_refused(town, body, reader.id)


async def is_refused(town: Town, body: dict[str, Any], reader: str) -> None:
    """What cannot be, who may not, and whom there is not."""
    refused = await posts(town, "supervisor", "/alert-budget", body | {"per_shift": 101})
    assert refused.status_code == 422
    assert (await posts(town, "analyst", "/alert-budget", body)).status_code == 403
    shown = await (await town.web.person("analyst")).get(f"/api/v1/readers/{reader}/record")
    assert shown.status_code == 200
    assert (shown.json()["all"]["judged"], shown.json()["pooled"]) == (0, True)
    nobody = await (await town.web.person("analyst")).get(f"/api/v1/readers/{reader[:-1]}0/record")
    assert nobody.status_code == 404


def test_a_record_is_split_by_state_and_hour_and_names_the_characters() -> None:
    reader = ReaderId(uuid7(NOW))

    def told(
        verdict: ReaderVerdict, state: str | None, hour: int, *pairs: tuple[str, str], alerted: bool = True
    ) -> Told:
        return Told(
            reader, uuid7(NOW) if alerted else None, NOW, hour, state, Judged(verdict, hour > 20, pairs)
        )

    shown = record_json(
        reader,
        "North",
        [
            told(ReaderVerdict.RIGHT, "MO", 9),
            told(ReaderVerdict.RIGHT, "MO", 22),
            told(ReaderVerdict.MISREAD, "IL", 22, ("B", "8"), ("O", "0")),
            told(ReaderVerdict.MISREAD, "IL", 22, ("B", "8")),
            told(ReaderVerdict.STALE, "MO", 9),
            # What alerted nobody is no part of how often alerts were right.
            told(ReaderVerdict.MISREAD, "MO", 9, ("O", "0"), alerted=False),
            told(ReaderVerdict.RIGHT, "KS", 5, alerted=False),
        ],
    )
    assert (shown["all"]["right"], shown["all"]["judged"], shown["all"]["stale_entry"]) == (2, 4, 1)
    assert (shown["verdicts"], shown["all"]["possible_right"], shown["all"]["possible_judged"]) == (7, 1, 2)
    assert [
        (row["of"], row["right"], row["judged"], row["possible_right"], row["possible_judged"])
        for row in shown["by_state"]
    ] == [("IL", 0, 2, 0, 0), ("KS", 0, 0, 1, 1), ("MO", 2, 2, 0, 1)]
    assert [(row["of"], row["right"], row["judged"]) for row in shown["by_hour"]] == [
        ("05", 0, 0),
        ("09", 1, 1),
        ("22", 1, 3),
    ]
    assert [(pair["true"], pair["read"], pair["times"]) for pair in shown["pairs"]] == [
        ("B", "8", 2),
        ("O", "0", 2),
    ]
