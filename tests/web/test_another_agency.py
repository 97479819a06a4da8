"""Two agencies on one center: a person of one asks for what is the other's, by its true id, and is told it is not there."""

from __future__ import annotations

import httpx
import psycopg

from tests.fixtures.center import PASSWORD, CenterMaker, CenterWeb, another_agency, invited
from tests.fixtures.engines import Dsns
from watchfloor.governance.words import Role


def test_what_one_agency_names_is_free_for_another_but_the_name_of_an_account(dsns: Dsns) -> None:
    """Or else "taken" would tell what the other has. An agency's own name is given at its making."""
    with psycopg.connect(dsns.owner) as connection:
        rows = connection.execute(
            "select t.relname, array_agg(a.attname::text) from pg_index x join pg_class t on t.oid = x.indrelid"
            " join pg_namespace n on n.oid = t.relnamespace and n.nspname = 'public'"
            " join pg_attribute a on a.attrelid = t.oid and a.attnum = any (x.indkey)"
            " where x.indisunique and not t.relispartition group by t.relname, x.indexrelid"
            " having not bool_or(a.attname = 'agency_id' or a.atttypid = 'uuid'::regtype)"
            " and bool_or(a.atttypid = 'text'::regtype)"
        ).fetchall()
    assert sorted(rows) == [("agency", ["name"]), ("job", ["unique_key"]), ("person", ["name"])]


async def of_elsewhere(web: CenterWeb, dsns: Dsns, role: Role) -> httpx.AsyncClient:
    """Somebody of another agency, signed in over HTTP."""
    clock = web.parts.clock
    agency = await another_agency(dsns, clock, "Elsewhere")
    token = await invited(dsns, clock, agency, f"stranger.{role}", {role})
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
