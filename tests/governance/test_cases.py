"""Cases over HTTP: what they may be for, which are provisional, how those end, and what a case that ended opens no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio

from tests.fixtures.center import CHICAGO, CenterMaker, CenterParts, CenterWeb, new_id
from tests.fixtures.engines import Dsns
from tests.web.test_another_agency import of_elsewhere
from watchfloor.calls import api as calls_api
from watchfloor.calls.api import Calls
from watchfloor.governance.case_file import PROVISIONAL_FOR
from watchfloor.governance.cases import write_lapses
from watchfloor.governance.forms import PREFIX, case_of
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose, Role, TechnologyKind
from watchfloor.kit.clock import SystemClock, parse_rfc3339
from watchfloor.kit.geo import Point
from watchfloor.kit.said import moment
from watchfloor.settings import IdentitySettings

CALL = {"type": "Burglary", "priority": 2, "purpose": "burglary_theft", "place": "Mill St 12"}
NONE = "There is no open case of that id."
MINUTE = timedelta(minutes=1)
# What a case can be the reason of, for a person.
LOOKS = [need for need in Need if need.with_purpose and Role.MACHINE not in need.roles]


class Later(SystemClock):
    """A center's clock, which a test sets on; it runs meanwhile."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest_asyncio.fixture
async def web(center: CenterMaker, clock: Later) -> AsyncIterator[CenterWeb]:
    """A center where nobody is signed out by a day that passes."""

    def routers(parts: CenterParts) -> list[Any]:
        return [calls_api.routes(Calls(parts.door))]

    lasting = IdentitySettings(idle_min=10_000, session_h=1_000)
    async with center(routers=routers, settings=lasting, clock=clock) as started:
        yield started


async def opened(
    web: CenterWeb, number: str = "26-07001", *, by: str = "analyst", **more: Any
) -> dict[str, Any]:
    """A case as it is answered at its opening."""
    answer = await asks_for(web, number, by=by, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def asks_for(web: CenterWeb, number: str, *, by: str = "analyst", **more: Any) -> httpx.Response:
    body = {"number": number, "title": "Stolen vehicle, Mill St", "purpose": "stolen_vehicle"} | more
    return await (await web.person(by)).post("/api/v1/cases", json=body)


async def does(web: CenterWeb, act: str, case: dict[str, Any], *, by: str) -> httpx.Response:
    person = await web.person("supervisor" if by.startswith("supervisor") else by, name=by)
    return await person.post(f"/api/v1/cases/{case['id']}/{act}", json={})


async def provisional(web: CenterWeb, person: httpx.AsyncClient | None = None) -> list[dict[str, Any]]:
    answer = await (person or await web.person("supervisor")).get("/api/v1/cases/provisional")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def listed(web: CenterWeb, **query: str) -> list[dict[str, Any]]:
    return list((await (await web.person("analyst")).get("/api/v1/cases", params=query)).json()["items"])


def look(web: CenterWeb, case: dict[str, Any], need: Need = Need.CAMERA_LIVE) -> Ask:
    """Somebody's ask for which the case is the reason."""
    return Ask(
        Actor(new_id(), ActorKind.PERSON, AgencyId(web.parts.agency), need.roles, name="Somebody"),
        need,
        Why(Purpose.STOLEN_VEHICLE, case_of(f"case:{case['id']}")),
        About("camera", new_id()),
        TechnologyKind.FIXED_CAMERA if need.with_technology else None,
        Point(38.6, -90.2),
    )


async def why_not(web: CenterWeb, ask: Ask) -> tuple[str, str] | None:
    """The reason and the sentence with which an ask is refused; None when it is not."""
    try:
        async with web.parts.door.open(ask):
            return None
    except Refused as refused:
        assert refused.entry is not None
        return refused.reason, refused.detail


async def entries(web: CenterWeb, **wanted: str) -> list[dict[str, Any]]:
    answer = await (await web.person("auditor")).get("/api/v1/audit/entries", params=wanted)
    return list(answer.json()["items"])


async def entry_of(web: CenterWeb, entry: str) -> dict[str, Any]:
    found: dict[str, Any] = (await (await web.person("auditor")).get(f"/api/v1/audit/entries/{entry}")).json()
    return found


async def test_no_case_is_opened_for_what_is_no_purpose_or_a_prohibited_one(web: CenterWeb) -> None:
    for word in ("curiosity", ""):
        refused = await asks_for(web, "26-07001", purpose=word)
        said = refused.json()
        assert (refused.status_code, said["kind"], said["reason"]) == (422, "invalid", "purpose")
        assert said["detail"] == f"{word!r} is not a purpose of the list."
        assert said["fields"] == [{"field": "purpose", "detail": said["detail"]}]
        kept = await entry_of(web, said["entry"])
        assert (kept["result"], kept["reason"], kept["need"]) == (
            "refused",
            "purpose_unknown",
            "cases.change",
        )
        failed = [one["text"] for one in kept["explanation"]["conditions"] if one["met"] is False]
        assert failed == ["The purpose is a word of the list."]
        assert kept["payload"]["sentence"] == said["detail"]
    prohibited = [purpose for purpose in Purpose if purpose.prohibited]
    for who, purpose in product(("analyst", "supervisor"), prohibited):
        refused = await asks_for(web, "26-07001", by=who, purpose=purpose.word)
        kept = await web.kept_refusal(refused)
        said = f"{purpose.title} is a prohibited purpose; nobody can be given leave for it."
        assert refused.json()["detail"] == said
        assert (kept["reason"], kept["purpose"]) == ("purpose_prohibited", purpose.word)
    assert await listed(web) == []


async def test_a_number_that_the_agency_does_not_know_stands_for_a_day(web: CenterWeb, dsns: Dsns) -> None:
    """What is known is the number of a call, open or not; not that of another agency's, or of a call that the opener took."""
    analyst, taker_of_calls = await web.person("analyst"), await web.person("supervisor")
    stranger = await of_elsewhere(web, dsns, Role.SUPERVISOR)
    for taker, number in (
        (taker_of_calls, "CAD-7781"),
        (taker_of_calls, "CAD-7782"),
        (stranger, "CAD-7783"),
        (analyst, "CAD-7784"),
    ):
        body = CALL | {"number": number}
        call = await taker.post("/api/v1/calls", json=body)
        assert call.status_code == 201, call.text
        if number == "CAD-7782":
            await taker.post(f"/api/v1/calls/{call.json()['id']}/close", json={"why": "Nobody there."})
    ours, own = [
        (await taker.post("/api/v1/calls", json=CALL)).json()["number"] for taker in (taker_of_calls, analyst)
    ]
    for number in ("CAD-7781", " CAD-7782 ", ours):
        assert (await opened(web, number))["provisional_until"] is None
    for number in ("26-07001", "CAD-7783", "CAD-7784", own, ""):
        case = await opened(web, number)
        assert case["number"] == number or (not number and case["number"].startswith("provisional-"))
        until = parse_rfc3339(case["provisional_until"])
        assert until - parse_rfc3339(case["opened_at"]) == PROVISIONAL_FOR == timedelta(hours=24)
        assert (case["state"], case["opened_by"]["name"]) == ("open", "Analyst")
        for act in ("confirm", "close"):
            foreign = await stranger.post(f"/api/v1/cases/{case['id']}/{act}", json={})
            assert (foreign.status_code, foreign.json()["detail"]) == (404, NONE)
    assert len(await provisional(web)) == 5 and await provisional(web, stranger) == []


async def test_provisional_cases_are_the_supervisors_to_confirm_but_not_their_own(
    web: CenterWeb, clock: Later
) -> None:
    first, own = await opened(web, "26-07001"), await opened(web, "26-07002", by="supervisor")
    rows = await provisional(web)
    assert [(row["number"], row["opened_by"]["name"], row["purpose"]) for row in rows] == [
        ("26-07001", "Analyst", "stolen_vehicle"),
        ("26-07002", "Supervisor", "stolen_vehicle"),
    ]
    assert [row["provisional_until"] for row in rows] == [case["provisional_until"] for case in (first, own)]
    assert await listed(web, state="open") == await listed(web)
    wrong = await (await web.person("analyst")).get("/api/v1/cases", params={"state": "lapsed"})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "state")
    for who in ("analyst", "detective", "officer", "auditor", "administrator"):
        refused = await (await web.person(who)).get("/api/v1/cases/provisional")
        assert (refused.status_code, refused.json()["reason"]) == (403, "role"), who
        assert (await does(web, "confirm", first, by=who)).json()["reason"] == "role", who
    refused = await does(web, "confirm", own, by="supervisor")
    kept = await web.kept_refusal(refused)
    assert refused.json()["detail"] == "You opened this case yourself; another supervisor confirms it."
    assert (kept["reason"], kept["need"]) == ("same_person", "cases.confirm")

    said = (await does(web, "confirm", first, by="supervisor")).json()
    assert (said["provisional_until"], said["state"]) == (None, "open")
    assert said["confirmed_by"]["name"] == "Supervisor" and said["confirmed_at"] is not None
    assert (await does(web, "confirm", own, by="supervisor.two")).status_code == 200
    effects = await entries(web, need="cases.confirm", kind="effect")
    assert [(entry["reason"], entry["about"]) for entry in effects] == [
        ("case.confirmed", f"case:{case['id']}") for case in (own, first)
    ]
    again = await does(web, "confirm", first, by="supervisor.two")
    assert (again.status_code, again.json()["detail"]) == (409, "Case 26-07001 is not provisional.")
    assert await provisional(web) == []
    clock.ahead = PROVISIONAL_FOR + MINUTE
    assert {row["state"] for row in await listed(web)} == {"open"}
    assert await why_not(web, look(web, first, Need.HOLDS_CHANGE)) is None


async def test_a_lapsed_case_is_the_reason_of_nothing(web: CenterWeb, clock: Later) -> None:
    await web.authorise("fixed_camera")
    case = await opened(web)
    grant = await web.parts.door.grant(look(web, case))
    clock.ahead = PROVISIONAL_FOR - MINUTE
    assert {await why_not(web, look(web, case, need)) for need in LOOKS} == {None}
    clock.ahead = PROVISIONAL_FOR
    at = moment(parse_rfc3339(case["provisional_until"]), CHICAGO)
    sentence = f"Case 26-07001 was provisional and lapsed on {at}: no second person confirmed it."
    for need in LOOKS:
        assert await why_not(web, look(web, case, need)) == ("case_lapsed", sentence), need
    await asyncio.wait_for(grant.ended.wait(), 60)  # what was being watched ends by itself
    assert grant.end_reason == sentence
    for act in ("confirm", "close"):
        late = (await does(web, act, case, by="supervisor")).json()
        assert (late["kind"], late["reason"], late["detail"]) == ("conflict", "case_lapsed", sentence)
    assert ([row["state"] for row in await listed(web)], await provisional(web)) == (["lapsed"], [])
    assert await listed(web, state="open") == []

    (refusal,) = await entries(web, need="plates.search", result="refused")
    kept = await entry_of(web, refusal["id"])
    failed = [one["text"] for one in kept["explanation"]["conditions"] if one["met"] is False]
    assert failed == ["The named case is not provisional past its 24 hours."]
    assert "26-07001" not in kept["leaf"] and kept["payload"]["sentence"] == sentence

    await another_person_opens_it_again(web, case)


async def another_person_opens_it_again(web: CenterWeb, case: dict[str, Any]) -> None:
    """The number is free again, for a case of its own, but not to who let it lapse."""
    refused = await asks_for(web, case["number"])
    kept = await web.kept_refusal(refused)
    at = moment(parse_rfc3339(case["provisional_until"]), CHICAGO)
    assert refused.json()["detail"] == (
        f"Your provisional case 26-07001 lapsed on {at}; only another person opens this number again."
    )
    assert (kept["reason"], kept["need"]) == ("number_lapsed", "cases.change")
    assert kept["explanation"]["conditions"][-1] == {
        "text": "No provisional case of this number that the asker opened has lapsed.",
        "met": False,
    }
    anew = await opened(web, by="detective")
    assert anew["id"] != case["id"] and [row["id"] for row in await provisional(web)] == [anew["id"]]
    assert [row["id"] for row in await listed(web, state="open")] == [anew["id"]]
    assert (await does(web, "close", anew, by="detective")).status_code == 200
    assert (await listed(web, state="open"), len(await listed(web))) == ([], 2)
    await write_lapses(web.parts.door, web.parts.agency)  # which the sweep does each few seconds
    lapses = [
        entry["about"] for entry in await entries(web, kind="effect") if entry["reason"] == "case.lapsed"
    ]
    assert lapses == [f"case:{case['id']}"]  # once, whoever came first
    assert await why_not(web, look(web, case)) is not None


async def test_a_closed_case_is_the_reason_of_nothing_though_five_hundred_are_newer(
    web: CenterWeb, owner_dsn: str
) -> None:
    case = await opened(web)
    taken = await asks_for(web, "26-07001")
    assert (taken.status_code, taken.json()["reason"]) == (409, "number_taken")
    assert await why_not(web, look(web, case, Need.HOLDS_CHANGE)) is None
    async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
        await connection.execute(
            "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
            " select gen_random_uuid(), agency_id, 'newer-' || n, title, purpose, opened_by, opened_at + interval '1 s'"
            " from case_file, generate_series(1, 501) n"
        )
    assert case["id"] not in {row["id"] for row in await listed(web)}
    closed = await does(web, "close", case, by="analyst")
    assert (closed.status_code, closed.json()["id"], closed.json()["state"]) == (200, case["id"], "closed")
    for need in LOOKS:
        reason, sentence = await why_not(web, look(web, case, need)) or ("", "")
        assert reason == "case_closed" and sentence.startswith("Case 26-07001 was closed on "), need
    for act in ("confirm", "close"):
        again = await does(web, act, case, by="supervisor")
        assert (again.status_code, again.json()["reason"]) == (409, "case_closed")
        missing = await does(web, act, {"id": "case_" + "0" * 26}, by="supervisor")
        assert (missing.status_code, missing.json()["detail"]) == (404, NONE)
    anew = await opened(web)
    assert anew["id"] != case["id"]
    assert anew["provisional_until"] == case["provisional_until"]  # closing early gives no second day


def test_each_kind_of_thing_has_a_prefix_of_its_own() -> None:
    """By it a mistaken id is told, and the log says what it is about."""
    assert len(set(PREFIX.values())) == len(PREFIX)
