"""The auditor asks who could see a camera on 3 March: by what held then, though roles and authorisations changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from tests.fixtures.center import A_CAMERA, CenterMaker, CenterWeb, as_owner, new_id
from tests.fixtures.engines import Dsns
from watchfloor.governance import lending_store
from watchfloor.governance import store as governance_store
from watchfloor.governance.audit import effect, make_entry
from watchfloor.governance.entry import Entry
from watchfloor.governance.forms import outside
from watchfloor.governance.lending import Lending
from watchfloor.governance.lending_store import Given
from watchfloor.governance.model import About
from watchfloor.governance.words import Role
from watchfloor.identity import store as identity_store
from watchfloor.reports import api
from watchfloor.storage.tx import Tx

# The center is in Chicago: its 3 March begins at 06:00 UTC.
SIX = timedelta(hours=6)

WAYS = ("camera.live", "camera.playback", "camera.snapshot")


def march(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC) + SIX + timedelta(hours=hour)


def said(at: datetime) -> str:
    """A whole second as the API says it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class March:
    """A camera and its people in March."""

    web: CenterWeb
    dsns: Dsns
    camera: UUID
    analyst: UUID
    technician: UUID
    authorisation: UUID

    async def asks(self, day: str = "2026-03-03", who: str = "auditor", **more: str) -> httpx.Response:
        person = await self.web.person(who)
        query = {"camera": outside("camera", self.camera), "day": day} | more
        return await person.get("/api/v1/audit/sight", params=query)

    async def told(self, day: str) -> dict[str, Any]:
        answer = await self.asks(day)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def could(self, day: str) -> list[tuple[str | None, str, str, str]]:
        """Who could in which way from when to when, but for those who are here only for the test."""
        ours = {outside("person", one) for one in (self.analyst, self.technician)}
        items = (await self.told(day))["items"]
        return [
            (one["who"]["name"], one["need"], one["since"], one["until"])
            for one in items
            if one["who"]["id"] in ours
        ]


@pytest_asyncio.fixture
async def then(center: CenterMaker, dsns: Dsns) -> AsyncIterator[March]:
    async with center(routers=lambda parts: [api.routes(api.Reports(parts.door))]) as web:
        made = March(web, dsns, new_id(), new_id(), new_id(), new_id())
        async with as_owner(dsns, march(1), web.parts.agency) as tx:
            await tx.execute(A_CAMERA, id=made.camera, agency=tx.agency, name="Quay", now=tx.now)
            await _authorised(tx, made.authorisation)
            await _account(tx, made.analyst, "a.reyes", "A. Reyes", Role.ANALYST)
            await _account(tx, made.technician, "t.ito", "T. Ito", Role.TECHNICIAN)
        yield made


async def _account(tx: Tx, person: UUID, name: str, full_name: str, role: Role) -> None:
    assert await identity_store.insert_person(tx, person, name, full_name, frozenset({role}), tx.actor)
    await effect(tx, "person.invited", About("person", person), more={"roles": role.value})
    await effect(tx, "invitation.accepted", About("person", person))


async def _authorised(tx: Tx, authorisation: UUID) -> None:
    await tx.execute(
        "with rule as (insert into retention_rule (agency_id, keep_for, created_at)"
        " values (%(agency)s, interval '30 days', %(now)s) returning rule)"
        " insert into authorisation (id, agency_id, technology, title, effective_at, expires_at, purposes, roles, area, rule,"
        " sharing, audio, proposed_by, proposed_at, approved_at, approved_by, note, created_at, version)"
        " select %(id)s, %(agency)s, 'fixed_camera', 'River front', %(now)s, %(ends)s, '{violent_crime}',"
        " '{analyst,supervisor}', '[]', rule, 'none', false, %(id)s, %(now)s, %(now)s, %(agency)s, '', %(now)s, 1 from rule",
        id=authorisation,
        agency=tx.agency,
        now=tx.now,
        ends=march(25),
    )
    await effect(tx, "authorisation.in_force", About("authorisation", authorisation))


async def _looked(
    then: March,
    at: datetime,
    *,
    result: str = "allowed",
    for_s: float | None = None,
    case: UUID | None = None,
    who: UUID | None = None,
    need: str = "camera.live",
) -> None:
    """The analyst, or another, asked to see the camera live, or for another need; with a time, they watched so long."""
    actor = who or then.analyst
    async with as_owner(then.dsns, at, then.web.parts.agency) as tx:
        entry = make_entry(
            "decision",
            agency=tx.agency,
            actor=actor,
            now=at,
            need=need,
            result=result,
            reason="authorised" if result == "allowed" else "case_missing",
            about=About("camera", then.camera),
            authorisation=then.authorisation if result == "allowed" else None,
            case=case,
            more={
                "purpose": "violent_crime",
                "case": f"case:{case}" if case else None,
                "actor_kind": "person",
            },
        )
        await governance_store.append_entry(tx, entry)
        if for_s is not None:
            await _for_a_while(tx, entry, at + timedelta(seconds=for_s))


async def _for_a_while(tx: Tx, entry: Entry, until: datetime) -> None:
    await tx.execute(
        "insert into access_grant (id, agency_id, entry_id, actor_id, need, opened_at, until, ended_at)"
        " values (%(id)s, %(agency)s, %(entry)s, %(by)s, %(need)s, %(at)s, %(end)s, %(end)s)",
        id=new_id(),
        agency=tx.agency,
        entry=entry.id,
        by=entry.actor,
        need=entry.need,
        at=entry.at,
        end=until,
    )


async def test_the_roles_of_that_day_count_and_not_those_of_today(then: March) -> None:
    async with as_owner(then.dsns, march(3, 12), then.web.parts.agency) as tx:
        await identity_store.set_roles(tx, then.analyst, frozenset({Role.CLERK}), tx.actor)
        more = {"roles": "clerk", "before": "analyst"}
        await effect(tx, "person.roles_changed", About("person", then.analyst), more=more)
        await identity_store.set_roles(tx, then.technician, frozenset({Role.ANALYST}), tx.actor)
        more = {"roles": "analyst", "before": "technician"}
        await effect(tx, "person.roles_changed", About("person", then.technician), more=more)
    begins, noon, ends = (said(march(3, hour)) for hour in (0, 12, 24))
    assert await then.could("2026-03-02") == [
        *(("A. Reyes", need, said(march(2)), begins) for need in WAYS),
        ("T. Ito", "camera.aiming_picture", said(march(2)), begins),
    ]
    assert await then.could("2026-03-03") == [
        *(("A. Reyes", need, begins, noon) for need in WAYS),
        ("T. Ito", "camera.aiming_picture", begins, noon),
        *(("T. Ito", need, noon, ends) for need in WAYS),
    ]
    assert {name for name, *_ in await then.could("2026-03-04")} == {"T. Ito"}
    (one, *_) = (await then.told("2026-03-03"))["items"]
    assert (one["roles"], one["agency"], one["purposes"]) == (["analyst"], "River City", ["violent_crime"])
    assert one["authorisation"] == {
        "id": outside("authorisation", then.authorisation),
        "title": "River front",
    }
    assert one["reason"] == (
        "As analyst could watch it live while “River front” was in force, with a purpose of it and the case it served."
    )


async def test_an_authorisation_counts_until_it_was_suspended_or_over(then: March) -> None:
    async with as_owner(then.dsns, march(10, 8), then.web.parts.agency) as tx:
        await effect(tx, "authorisation.suspended", About("authorisation", then.authorisation))
    assert {until for *_, until in await then.could("2026-03-10")} == {said(march(10, 8))}
    found = await then.told("2026-03-11")
    assert (found["items"], found["permitted"]) == ([], [])
    assert found["remarks"] == [
        "No authorisation of its technology was in force then that covers its place: nobody could see it."
    ]
    assert (await then.told("2026-02-27"))["remarks"] == ["The camera was registered later, on 1 Mar 2026."]


async def test_who_asked_to_see_it_is_told_beside_it_the_refused_too(then: March) -> None:
    await _looked(then, march(3, -0.5), for_s=3600)  # half of it on the day before
    await _looked(then, march(3, 9), for_s=60)
    await _looked(then, march(3, 10), result="refused")
    await _looked(then, march(4, 9), for_s=60)
    found = (await then.told("2026-03-03"))["asked"]
    assert [(one["result"], one["times"], one["watched_s"], one["first_at"]) for one in found] == [
        ("allowed", 2, 1860.0, said(march(3))),
        ("refused", 1, 0.0, said(march(3, 10))),
    ]
    assert {one["who"]["name"] for one in found} == {"A. Reyes"}
    assert found[1]["reason"] == "case_missing" and found[1]["authorisation"] is None
    await _is_recorded_by_a_partner(then)


async def _is_recorded_by_a_partner(then: March) -> None:
    """To which it was lent: who could is told, and who did."""
    county = new_id()
    async with as_owner(then.dsns, march(5), then.web.parts.agency) as tx:
        await _account(tx, county, "county", "County", Role.PARTNER)
        await tx.execute("update authorisation set roles = roles || '{partner}'")
        lent = Lending(new_id(), county, "Gates", frozenset({then.camera}), march(6, 9), march(30))
        await lending_store.insert(tx, Given(lent, "the river front", then.analyst, then.technician))
    await _looked(then, march(6, 10), for_s=600, who=county, need="camera.lent")
    told = await then.told("2026-03-06")
    (one,) = [one for one in told["items"] if one["need"] == "camera.lent"]
    assert (one["who"]["name"], one["since"], one["purposes"]) == ("County", said(march(6, 9)), [])
    assert (
        "record it in its own center, to which it was lent, while “River front” was in force."
        in one["reason"]
    )
    (one,) = told["asked"]
    assert (one["who"]["name"], one["need"], one["watched_s"]) == ("County", "camera.lent", 600.0)


async def test_the_log_names_cameras_and_cases_to_whoever_may_see_them(then: March) -> None:
    case = new_id()
    async with as_owner(then.dsns, march(2), then.web.parts.agency) as tx:
        await tx.execute(
            "insert into case_file (id, agency_id, number, title, purpose, opened_by, opened_at)"
            " values (%(id)s, %(agency)s, '26-0412', 'Break-ins on Quay St', 'violent_crime', %(by)s, %(now)s)",
            id=case,
            agency=tx.agency,
            by=then.analyst,
            now=tx.now,
        )
    await _looked(then, march(3, 9), case=case)
    about = f"camera:{outside('camera', then.camera)}"
    auditor = await then.web.person("auditor")
    (entry,) = (await auditor.get("/api/v1/audit/entries", params={"about": about})).json()["items"]
    named = (entry["about"], entry["about_name"], entry["case_name"], entry["authorisation_title"])
    assert named == (about, "Quay", "26-0412", "River front")
    assert (await auditor.get(f"/api/v1/audit/entries/{entry['id']}")).json()["case_name"] == "26-0412"
    assert [one["case_name"] for one in (await then.told("2026-03-03"))["asked"]] == ["26-0412"]
    technician = await then.web.person("technician")
    for find, kind, expected in (
        ("quay", None, [("camera", "Quay"), ("case", "26-0412")]),
        ("QUAY", "camera", [("camera", "Quay")]),
        (about, None, [("camera", "Quay")]),
        ("nowhere", None, []),
    ):
        query = {"find": find} | ({"kind": kind} if kind else {})
        items = (await auditor.get("/api/v1/audit/things", params=query)).json()["items"]
        assert sorted((one["kind"], one["text"]) for one in items) == expected
    items = (await technician.get("/api/v1/audit/things", params={"find": "quay"})).json()["items"]
    assert [one["text"] for one in items] == ["Quay"]
    for who, kind in ((technician, "case"), (auditor, "alert"), (auditor, "plate")):
        answer = await who.get("/api/v1/audit/things", params={"kind": kind})
        assert (answer.status_code, answer.json()["reason"]) == (422, "kind")


async def test_who_has_sight_comes_page_by_page(then: March) -> None:
    async with as_owner(then.dsns, march(2), then.web.parts.agency) as tx:
        for number in range(5):
            await _account(tx, new_id(), f"s.{number}", "S. Same", Role.SUPERVISOR)
    everybody = (await then.told("2026-03-03"))["items"]
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await then.asks(limit="3", **after)).json()
        found += page["items"]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == everybody and len(everybody) == 24
    for wrong in ("nonsense", page["next"] or "W10"):
        assert (await then.asks(after=wrong)).json()["reason"] == "after"


async def test_the_question_is_itself_in_the_log_and_for_overseers_alone(then: March) -> None:
    await then.told("2026-03-03")
    auditor = await then.web.person("auditor")
    query = {"about": f"camera:{outside('camera', then.camera)}", "need": "audit.view"}
    (entry,) = (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]
    assert (entry["result"], entry["actor"]["name"]) == ("allowed", "Auditor")
    await then.web.kept_refusal(await then.asks(who="analyst"))
    nowhere = await then.asks(camera=outside("camera", new_id()))
    assert (nowhere.status_code, nowhere.json()["detail"]) == (
        404,
        "There is no such camera, and there was none.",
    )
    for wrong, field in (
        ({"day": "3 March"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"camera": "it"}, "id"),
    ):
        answer = await then.asks(**wrong)
        assert answer.status_code == 422 and answer.json()["fields"][0]["field"] == field, answer.text


async def test_roles_are_changed_by_an_administrator_and_the_sessions_end(then: March) -> None:
    analyst, admin = await then.web.person("analyst"), await then.web.administrator()
    person = (await analyst.get("/api/v1/session")).json()["person"]["id"]
    path = f"/api/v1/people/{person}/roles"
    listed = (await admin.get("/api/v1/people")).json()["items"]
    (read,) = [one["version"] for one in listed if one["id"] == person]
    late = await admin.put(path, json={"roles": ["clerk"]}, headers={"If-Match": f'"{read + 1}"'})
    assert (late.status_code, late.json()["kind"], late.json()["next_step"]) == (
        412,
        "stale",
        "Read it again.",
    )
    made = await admin.put(path, json={"roles": ["detective"]}, headers={"If-Match": f'"{read}"'})
    assert (made.status_code, made.json()["roles"]) == (200, ["detective"])
    assert (await analyst.get("/api/v1/session")).status_code == 401
    assert (await admin.put(path, json={"roles": ["detective"]})).json()["version"] == made.json()["version"]
    today = then.web.parts.clock.now() - SIX
    auditor = await then.web.person("auditor")
    query = {"about": f"person:{person}", "kind": "effect"}
    told = (await auditor.get("/api/v1/audit/entries", params=query)).json()["items"]
    assert [one["reason"] for one in told].count("person.roles_changed") == 1
    await then.web.authorise("fixed_camera")
    items = (await then.told(f"{today:%Y-%m-%d}"))["items"]
    assert {tuple(one["roles"]) for one in items if one["who"]["id"] == person} == {("detective",)}
    own = (await admin.get("/api/v1/session")).json()["person"]["id"]
    for wrong, body, status, reason in (
        (own, ["clerk"], 422, "roles"),
        (person, [], 422, "roles"),
        (person, ["administrator", "analyst"], 422, "roles"),
        (person, ["mayor"], 422, "roles"),
        (outside("person", new_id()), ["clerk"], 404, "not_found"),
    ):
        answer = await admin.put(f"/api/v1/people/{wrong}/roles", json={"roles": body})
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text
    refused = await (await then.web.person("supervisor")).put(path, json={"roles": ["clerk"]})
    assert refused.status_code == 403
