"""Taking a call, finding it again, closing it; and what a closed call no longer opens."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.calls import api, store
from watchfloor.calls.api import Calls
from watchfloor.governance.words import CaseKind

CALL = {
    "type": "Shots fired",
    "priority": 1,
    "purpose": "shots_fired",
    "place": "N Broadway at Mill St",
    "lat": 38.64,
    "lon": -90.19,
    "text": "Several shots, a car left northbound.",
}


@pytest_asyncio.fixture
async def web(center: CenterMaker) -> AsyncIterator[CenterWeb]:
    def routers(parts: CenterParts) -> list[APIRouter]:
        return [api.routes(Calls(parts.door))]

    async with center(routers=routers, cases={CaseKind.CALL: store.call_is_open}) as started:
        yield started


async def test_a_call_is_taken_and_gets_a_number_of_the_year(web: CenterWeb) -> None:
    analyst = await web.person("analyst")
    first, second = [(await analyst.post("/api/v1/calls", json=CALL)).json() for _ in range(2)]
    assert re.fullmatch(r"C\d\d-00001", first["number"]) and second["number"].endswith("-00002")
    assert first["place"] == {"text": "N Broadway at Mill St", "lat": 38.64, "lon": -90.19}
    assert (first["state"], first["taken_by"]["name"]) == ("open", "Analyst")
    listed = (await analyst.get("/api/v1/calls")).json()["items"]
    assert [call["id"] for call in listed] == [second["id"], first["id"]]


async def test_two_calls_at_once_get_two_numbers(web: CenterWeb) -> None:
    analyst = await web.person("analyst")
    answers = await asyncio.gather(*(analyst.post("/api/v1/calls", json=CALL) for _ in range(8)))
    assert sorted(int(answer.json()["number"][-5:]) for answer in answers) == list(range(1, 9))


async def test_a_number_from_elsewhere_is_kept_and_used_once(web: CenterWeb) -> None:
    analyst = await web.person("analyst")
    given = await analyst.post("/api/v1/calls", json=CALL | {"number": "CAD-7781"})
    assert given.json()["number"] == "CAD-7781"
    again = await analyst.post("/api/v1/calls", json=CALL | {"number": "CAD-7781"})
    assert (again.status_code, again.json()["reason"]) == (409, "number_taken")
    ours = await analyst.post("/api/v1/calls", json=CALL)
    assert ours.json()["number"].endswith("-00001")


async def test_a_call_is_closed_once_with_a_reason(web: CenterWeb) -> None:
    analyst = await web.person("analyst")
    call = (await analyst.post("/api/v1/calls", json=CALL)).json()
    closed = await analyst.post(f"/api/v1/calls/{call['id']}/close", json={"why": "Nobody there."})
    assert (closed.json()["state"], closed.json()["closed_why"]) == ("closed", "Nobody there.")
    again = await analyst.post(f"/api/v1/calls/{call['id']}/close", json={"why": "Nobody there."})
    assert (again.status_code, again.json()["reason"]) == (409, "closed")
    assert (await analyst.get("/api/v1/calls")).json()["items"] == []
    assert len((await analyst.get("/api/v1/calls?state=all")).json()["items"]) == 1


async def test_a_call_changed_meanwhile_is_not_closed_by_an_older_look(web: CenterWeb) -> None:
    analyst = await web.person("analyst")
    call = (await analyst.post("/api/v1/calls", json=CALL)).json()
    path = f"/api/v1/calls/{call['id']}/close"
    stale = await analyst.post(path, json={"why": "Nobody there."}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"priority": 0}, "priority"),
        ({"type": "x"}, "type"),
        ({"place": " "}, "place"),
        ({"purpose": "patrol_monitoring"}, "purpose"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "nonsense"}, "purpose"),
        ({"lon": None}, "lon"),
        ({"lat": 91.0}, "lat"),
        ({"text": "x" * 4001}, "text"),
        ({"number": "9" * 41}, "number"),
    ],
)
async def test_what_cannot_be_a_call_is_refused_by_its_field(
    web: CenterWeb, change: dict[str, object], reason: str
) -> None:
    refused = await (await web.person("analyst")).post("/api/v1/calls", json=CALL | change)
    assert (refused.status_code, refused.json()["reason"]) == (422, reason)


async def test_the_try_to_take_a_call_for_a_prohibited_purpose_or_for_none_is_kept(web: CenterWeb) -> None:
    analyst, auditor = await web.person("analyst"), await web.person("auditor")
    refused = await analyst.post("/api/v1/calls", json=CALL | {"purpose": "immigration_enforcement"})
    assert (await web.kept_refusal(refused))["reason"] == "purpose_prohibited"
    unknown = await analyst.post("/api/v1/calls", json=CALL | {"purpose": "nonsense"})
    kept = (await auditor.get(f"/api/v1/audit/entries/{unknown.json()['entry']}")).json()
    assert (kept["result"], kept["reason"]) == ("refused", "purpose_unknown")


async def test_those_without_the_duty_take_no_calls(web: CenterWeb) -> None:
    refused = await (await web.person("technician")).post("/api/v1/calls", json=CALL)
    assert (refused.status_code, refused.json()["reason"]) == (403, "role")


async def test_a_call_of_nobody_is_not_there(web: CenterWeb) -> None:
    analyst = await web.person("analyst")
    nowhere = f"/api/v1/calls/call_{'0' * 26}"
    assert (await analyst.get(nowhere)).status_code == 404
    assert (await analyst.post(nowhere + "/close", json={"why": "Nobody there."})).status_code == 404
