"""Workstations: while one is locked, live pictures of open incidents stay on it, and nothing else, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from tests.fixtures.center import PASSWORD, CenterMaker, CenterWeb, another_agency, invited, new_id
from tests.fixtures.engines import Dsns
from tests.governance.test_cases import Later
from tests.governance.test_door import ask_of, entries
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.forms import outside
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Case, Refused
from watchfloor.governance.words import CaseKind, Role
from watchfloor.identity.store import why_ended
from watchfloor.identity.workstation_store import looks_still_stay
from watchfloor.kit.sure import sure
from watchfloor.settings import IdentitySettings
from watchfloor.storage.database import Database
from watchfloor.storage.tx import Tx

LOCKED: Final = {"because": "locked"}


class Incidents:
    """Whether incidents are open."""

    open = True

    async def standing(self, _tx: Tx, _incident: UUID) -> bool:
        return self.open


async def at_a_workstation(web: CenterWeb) -> tuple[httpx.AsyncClient, str]:
    """The analyst's browser, which an administrator registered; and the workstation's id."""
    administrator, analyst = await web.administrator(), await web.person("analyst")
    made = await administrator.post("/api/v1/workstations", json={"name": "Desk 1"})
    assert made.status_code == 201, made.text
    analyst.cookies.set("wf_workstation", administrator.cookies["wf_workstation"])
    del administrator.cookies["wf_workstation"]
    return analyst, made.json()["id"]


async def looks(web: CenterWeb, dsns: Dsns) -> tuple[Grant, Grant]:
    """What the analyst watches live: for an incident, and for a case."""
    await web.authorise("fixed_camera")
    ask = await ask_of(web, dsns, "analyst")
    why = replace(sure(ask.why), case=Case(CaseKind.INCIDENT, new_id()))
    return await web.parts.door.grant(replace(ask, why=why)), await web.parts.door.grant(ask)


async def decided_again(web: CenterWeb, grant: Grant) -> None:
    """Policy changes, and what is open is decided anew."""
    before = grant.decided_at
    await web.authorise("plate_reader", title=f"Reading {new_id()}")
    clock = web.parts.clock
    end = clock.monotonic() + 15
    while not grant.ended.is_set() and grant.decided_at == before:
        assert clock.monotonic() < end, "it was never decided anew"
        await clock.sleep(0.05)


async def test_live_pictures_of_open_incidents_stay_on_a_locked_workstation_until_somebody_signs_in(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center(cases={CaseKind.INCIDENT: Incidents().standing}) as web:
        analyst, _ = await at_a_workstation(web)
        assert (await analyst.get("/api/v1/session")).json()["workstation"]["name"] == "Desk 1"
        of_incident, of_case = await looks(web, dsns)
        assert (await analyst.delete("/api/v1/session", params=LOCKED)).status_code == 204
        assert (of_incident.ended.is_set(), of_case.end_reason) == (False, "The screen was locked.")
        await decided_again(web, of_incident)
        assert not of_incident.ended.is_set()
        # What is watched stays; nothing new is opened by it.
        with pytest.raises(Refused) as caught:
            await web.parts.door.grant(of_incident.ask)
        assert caught.value.reason == "signed_out"
        assert (await analyst.get("/api/v1/cases")).status_code == 401
        (kept,) = await entries(dsns, "reason = 'sign_in.ended'")
        assert (kept["why"], kept["looks_stay_on"]) == ("locked", "Desk 1")

        await web.person("detective")
        body = {"name": "detective", "password": PASSWORD}
        assert (await analyst.post("/api/v1/session", json=body)).status_code == 200
        assert of_incident.end_reason == "Somebody signed in at the workstation."


async def _is_removed(web: CenterWeb, workstation: str) -> None:
    path = f"/api/v1/workstations/{workstation}"
    assert (await (await web.administrator()).delete(path)).status_code == 204


async def _is_suspended(web: CenterWeb, _workstation: str) -> None:
    people = (await (await web.administrator()).get("/api/v1/people")).json()["items"]
    person = next(one["id"] for one in people if one["name"] == "analyst")
    path = f"/api/v1/people/{person}/suspend"
    assert (await (await web.administrator()).post(path, json={"reason": "it left"})).status_code == 200


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (_is_removed, "The workstation is registered no more."),
        (_is_suspended, "This account is suspended."),
    ],
)
async def test_what_stays_ends_at_once(
    center: CenterMaker,
    dsns: Dsns,
    happens: Callable[[CenterWeb, str], Awaitable[None]],
    says: str,
) -> None:
    async with center(cases={CaseKind.INCIDENT: Incidents().standing}) as web:
        analyst, workstation = await at_a_workstation(web)
        look, _ = await looks(web, dsns)
        await analyst.delete("/api/v1/session", params={"because": "left_idle"})
        assert not look.ended.is_set()
        await happens(web, workstation)
        assert look.end_reason == says


async def test_what_stays_ends_when_somebody_of_another_agency_signs_in_there(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center(cases={CaseKind.INCIDENT: Incidents().standing}) as web:
        analyst, _ = await at_a_workstation(web)
        look, _ = await looks(web, dsns)
        await analyst.delete("/api/v1/session", params=LOCKED)
        clock = web.parts.clock
        theirs = await another_agency(dsns, clock, "Hill City")
        token = await invited(dsns, clock, theirs, "hill.analyst", {Role.ANALYST})
        body = {"token": token, "password": PASSWORD}
        assert (await analyst.post("/api/v1/invitations/accept", json=body)).status_code == 200
        assert (await analyst.get("/api/v1/session")).json()["workstation"] is None
        assert look.end_reason == "Somebody signed in at the workstation."


async def test_what_stays_by_another_process_ends_soon_when_a_right_is_taken(
    center: CenterMaker, dsns: Dsns, database: Database
) -> None:
    standing = {CaseKind.INCIDENT: Incidents().standing}
    async with center(cases=standing) as web:
        elsewhere = Door(database, web.parts.clock, DoorRules(standing, why_ended, False, looks_still_stay))
        watch = asyncio.create_task(elsewhere.watch([web.parts.agency]))
        analyst, _ = await at_a_workstation(web)
        look, _ = await looks(web, dsns)
        there = await elsewhere.grant(look.ask)
        await analyst.delete("/api/v1/session", params=LOCKED)
        await decided_again(web, there)
        assert not there.ended.is_set()
        path = f"/api/v1/people/{outside('person', look.ask.actor.id)}/roles"
        done = await (await web.administrator()).put(path, json={"roles": ["officer"]})
        assert done.status_code == 200, done.text
        assert look.ended.is_set()
        await asyncio.wait_for(there.ended.wait(), 60)
        watch.cancel()


async def test_what_stays_ends_with_its_incident_and_with_its_time(center: CenterMaker, dsns: Dsns) -> None:
    incidents, clock = Incidents(), Later()
    async with center(cases={CaseKind.INCIDENT: incidents.standing}, clock=clock) as web:
        analyst, _ = await at_a_workstation(web)
        look, _ = await looks(web, dsns)
        second = await web.parts.door.grant(look.ask)
        ask = replace(await ask_of(web, dsns, "detective"), why=look.ask.why)
        await analyst.delete("/api/v1/session", params=LOCKED)
        incidents.open = False
        await decided_again(web, look)
        # A decision that was under way when the incident was closed may have been the first one.
        await asyncio.wait_for(look.ended.wait(), 60)
        await asyncio.wait_for(second.ended.wait(), 60)

        incidents.open = True
        detective = await web.person("detective")
        detective.cookies.set("wf_workstation", analyst.cookies["wf_workstation"])
        look = await web.parts.door.grant(ask)
        await detective.delete("/api/v1/session", params=LOCKED)
        clock.ahead = timedelta(minutes=IdentitySettings().looks_stay_min)
        await decided_again(web, look)
        await asyncio.wait_for(look.ended.wait(), 60)
        assert look.end_reason == "This session has ended: the screen was locked."


@pytest.mark.parametrize(
    ("because", "registered", "minutes"),
    [("signed_out", True, 15), ("locked", False, 15), ("locked", True, 0)],
    ids=["signed out", "not a workstation", "switched off"],
)
async def test_nothing_stays_otherwise(
    center: CenterMaker, dsns: Dsns, because: str, registered: bool, minutes: int
) -> None:
    settings = IdentitySettings(looks_stay_min=minutes)
    async with center(cases={CaseKind.INCIDENT: Incidents().standing}, settings=settings) as web:
        analyst, _ = await at_a_workstation(web)
        if not registered:
            analyst.cookies.set("wf_workstation", "some token that nobody gave")
            assert (await analyst.get("/api/v1/session")).json()["workstation"] is None
        look, _ = await looks(web, dsns)
        await analyst.delete("/api/v1/session", params={"because": because})
        assert look.ended.is_set()


async def test_administrators_register_and_remove_workstations(center: CenterMaker) -> None:
    async with center() as web:
        administrator = await web.administrator()

        async def register(name: str) -> Any:
            return await administrator.post("/api/v1/workstations", json={"name": name})

        made = await register("  Desk 1 ")
        assert (made.status_code, made.json()["name"]) == (201, "Desk 1")
        assert "HttpOnly" in made.headers["set-cookie"] and "SameSite=strict" in made.headers["set-cookie"]
        assert (await register("Desk 1")).json()["reason"] == "name_taken"
        assert (await register("D")).json()["reason"] == "name"
        (listed,) = (await administrator.get("/api/v1/workstations")).json()["items"]
        assert listed == made.json()
        refused = await (await web.person("supervisor")).post("/api/v1/workstations", json={"name": "Mine"})
        assert refused.status_code == 403
        path = f"/api/v1/workstations/{listed['id']}"
        assert [(await administrator.delete(path)).status_code for _ in range(2)] == [204, 404]
        assert (await administrator.get("/api/v1/session")).json()["workstation"] is None
        assert (await register("Desk 1")).status_code == 201
        unknown = f"/api/v1/workstations/{outside('workstation', new_id())}"
        assert (await administrator.delete(unknown)).status_code == 404
