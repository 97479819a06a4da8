"""Two agencies on one center: a person of one asks for what is the other's, by its true id, and is told it is not there."""

from __future__ import annotations

import httpx
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from tests.fixtures.center import PASSWORD, CenterMaker, CenterWeb, new_id
from tests.fixtures.engines import Dsns
from watchfloor.governance import store as policy
from watchfloor.governance.actors import process_actor
from watchfloor.governance.words import Role
from watchfloor.identity import store
from watchfloor.identity.first import TECHNOLOGIES
from watchfloor.identity.people import make_invitation
from watchfloor.storage.classes import DataClass, Mode
from watchfloor.storage.tx import Tx


async def of_elsewhere(web: CenterWeb, dsns: Dsns, role: Role) -> httpx.AsyncClient:
    """Somebody of another agency, signed in over HTTP; the agency is made as the first start makes one."""
    agency, person = new_id(), new_id()
    everything = frozenset((data_class, mode) for data_class in DataClass for mode in Mode)
    async with await AsyncConnection.connect(dsns.owner, row_factory=dict_row) as connection:
        actor = process_actor(agency, "first_start").id
        tx = Tx(connection, agency, web.parts.clock.now(), None, actor, everything, "first_start")
        technologies = [(kind.value, title, words) for kind, (title, words) in TECHNOLOGIES.items()]
        await policy.insert_agency(tx, "Elsewhere", "UTC", technologies)
        await store.insert_person(tx, person, f"stranger.{role}", "A Stranger", frozenset({role}), actor)
        token = (await make_invitation(tx, person)).token
    client = web.client()
    answer = await client.post("/api/v1/invitations/accept", json={"token": token, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.json()["agency"]["name"] == "Elsewhere"
    return client


async def test_a_person_of_another_agency_finds_none_of_ours_even_by_its_true_id(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        case = (await web.case()).removeprefix("case:")
        authorisation = await web.authorise("fixed_camera")
        auditor, supervisor = await web.person("auditor"), await web.person("supervisor")
        (proposal,) = (await supervisor.get("/api/v1/proposals")).json()["items"]
        entries = (await auditor.get("/api/v1/audit/entries")).json()["items"]
        stranger = await of_elsewhere(web, dsns, Role.SUPERVISOR)
        for path in ("cases", "authorisations", "proposals"):
            assert (await stranger.get(f"/api/v1/{path}")).json()["items"] == [], path
        people = (await stranger.get("/api/v1/people")).json()["items"]
        assert [person["name"] for person in people] == ["stranger.supervisor"]
        for method, path, says in (
            ("GET", f"authorisations/{authorisation}", "There is no such authorisation."),
            ("POST", f"authorisations/{authorisation}/suspend", "There is no such authorisation."),
            ("POST", f"proposals/{proposal['id']}/approve", "There is no such proposal."),
            ("POST", f"cases/{case}/close", "There is no open case of that id."),
            ("GET", f"audit/entries/{entries[0]['id']}", "There is no such entry."),
        ):
            body = {"reason": "it is in our way", "note": ""} if method == "POST" else None
            answer = await stranger.request(method, f"/api/v1/{path}", json=body)
            assert (answer.status_code, answer.json()["detail"]) == (404, says), path
        (kept,) = (await supervisor.get("/api/v1/authorisations")).json()["items"]
        assert (kept["id"], kept["state"]) == (authorisation, "in_force")
        assert (await supervisor.get("/api/v1/cases")).json()["items"][0]["state"] == "open"
