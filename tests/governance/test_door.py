"""The door on a real database: what it writes down, what it opens, when it closes again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from tests.fixtures.center import CenterMaker, CenterWeb, new_id
from tests.fixtures.engines import Dsns
from tests.governance.lifting import lifted
from watchfloor.governance import case_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door, DoorRules
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import (
    About,
    Actor,
    ActorKind,
    AgencyId,
    Ask,
    Case,
    Denied,
    Refused,
    Why,
)
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind, Purpose, Role, TechnologyKind
from watchfloor.identity.store import why_ended
from watchfloor.kit.geo import Point
from watchfloor.kit.sure import sure
from watchfloor.storage.database import Database
from watchfloor.storage.tx import TouchRefused

PLACE = Point(38.6, -90.2)


def analyst(web: CenterWeb) -> Actor:
    return Actor(
        new_id(), ActorKind.PERSON, AgencyId(web.parts.agency), frozenset({Role.ANALYST}), name="An analyst"
    )


async def live_ask(web: CenterWeb) -> Ask:
    case = inside("case", (await web.case()).removeprefix("case:"))
    return Ask(
        analyst(web),
        Need.CAMERA_LIVE,
        Why(Purpose.STOLEN_VEHICLE, Case(CaseKind.CASE, case)),
        About("camera", new_id()),
        TechnologyKind.FIXED_CAMERA,
        PLACE,
    )


async def entries(dsns: Dsns, where: str) -> list[dict[str, object]]:
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        rows = await (
            await connection.execute(f"select leaf from audit_entry where {where} order by id")
        ).fetchall()
        return [json.loads(bytes(row[0])) for row in rows]


async def test_a_refusal_is_kept_with_its_reason_though_nothing_opened(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        ask = await live_ask(web)
        with pytest.raises(Refused) as caught:
            await web.parts.door.grant(ask)
        assert caught.value.reason == "no_authorisation"
        (kept,) = await entries(dsns, "result = 'refused'")
        assert kept["id"] == str(caught.value.entry)
        assert kept["reason"] == "no_authorisation"
        assert kept["purpose"] == "stolen_vehicle"


async def test_a_decision_stays_though_what_followed_rolled_back(center: CenterMaker, dsns: Dsns) -> None:
    async with center() as web:
        with pytest.raises(RuntimeError):
            async with web.parts.door.open(Ask(analyst(web), Need.CASES_CHANGE)) as tx:
                await case_store.insert_case(tx, new_id(), "26-1", "Rolled back", "rescue", None)
                raise RuntimeError("the use case failed")
        assert [e["need"] for e in await entries(dsns, "need = 'cases.change'")] == ["cases.change"]
        async with web.parts.door.open(Ask(analyst(web), Need.CASES_VIEW)) as tx:
            assert (await case_store.cases(tx)).items == []


async def test_what_a_row_forbids_is_kept_as_a_refusal_and_nothing_else_of_it(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        ask = Ask(analyst(web), Need.CASES_CHANGE)
        with pytest.raises(Refused) as caught:
            async with web.parts.door.open(ask) as tx:
                await case_store.insert_case(tx, new_id(), "26-1", "Forbidden", "rescue", None)
                raise Refused(Denied("same_person", "Somebody else does this."))
        kept = await entries(dsns, "need = 'cases.change'")
        assert [(e["result"], e["reason"]) for e in kept] == [("allowed", "role"), ("refused", "same_person")]
        assert (str(caught.value.entry), kept[1]["cause"]) == (kept[1]["id"], kept[0]["id"])
        async with web.parts.door.open(Ask(analyst(web), Need.CASES_VIEW)) as tx:
            assert (await case_store.cases(tx)).items == []


async def test_a_transaction_refuses_what_its_need_does_not_touch(center: CenterMaker) -> None:
    async with center() as web, web.parts.door.open(Ask(analyst(web), Need.CASES_VIEW)) as tx:
        with pytest.raises(TouchRefused):
            await case_store.insert_case(tx, new_id(), "26-1", "Not permitted", "rescue", None)


async def test_a_grant_ends_within_seconds_of_a_suspension_and_says_why(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        made = f"/api/v1/authorisations/{await web.authorise('fixed_camera')}"
        grant = await web.parts.door.grant(await live_ask(web))
        assert not grant.ended.is_set()
        auditor, body = await web.person("auditor"), {"reason": "the council asked"}
        assert (await auditor.post(f"{made}/suspend", json=body)).status_code == 200
        await asyncio.wait_for(grant.ended.wait(), 60)
        assert grant.end_reason is not None and "suspended" in grant.end_reason
        assert grant.end_cause == "suspended"
        await grant.close({"frames": 12})
        await grant.close({"frames": 13})
        ends = await entries(dsns, "kind = 'grant_end'")
        assert [end["counts"] for end in ends] == [{"frames": 12}]
        assert [e["reason"] for e in await entries(dsns, "kind = 'revocation'")] == ["suspended"]
        await lifted(web, made)
        assert not (await web.parts.door.grant(await live_ask(web))).ended.is_set()


async def ask_of(web: CenterWeb, dsns: Dsns, name: str) -> Ask:
    """The ask of a signed-in person to see a camera live."""
    ask = await live_ask(web)
    me = (await (await web.person(name)).get("/api/v1/session")).json()
    person = inside("person", me["person"]["id"])
    async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
        found = await connection.execute("select id from sign_in where person_id = %s", [person])
        (session,) = sure(await found.fetchone())
    actor = Actor(person, ActorKind.PERSON, ask.actor.agency, ask.actor.roles, session=session)
    return replace(ask, actor=actor)


async def test_signing_out_ends_what_the_session_held(center: CenterMaker, dsns: Dsns) -> None:
    async with center() as web:
        await web.authorise("fixed_camera")
        ask = await ask_of(web, dsns, "analyst")
        grant = await web.parts.door.grant(ask)
        assert (await (await web.person("analyst")).delete("/api/v1/session")).status_code == 204
        assert grant.ended.is_set() and grant.end_cause == "signed_out"
        with pytest.raises(Refused) as caught:
            await web.parts.door.grant(ask)
        assert caught.value.reason == "signed_out"


SUSPENDED = "This session has ended: the account was suspended."


async def test_suspending_somebody_ends_at_once_what_they_watch_and_soon_what_they_watch_by_another_process(
    center: CenterMaker, dsns: Dsns, database: Database
) -> None:
    async with center() as web:
        await web.authorise("fixed_camera")
        ask = await ask_of(web, dsns, "analyst")
        rules = DoorRules({CaseKind.CASE: case_store.case_standing}, why_ended, second_factor_required=False)
        elsewhere = Door(database, web.parts.clock, rules)
        here, there = await web.parts.door.grant(ask), await elsewhere.grant(ask)
        path = f"/api/v1/people/{outside('person', ask.actor.id)}/suspend"
        done = await (await web.administrator()).post(path, json={"reason": "left the force"})
        assert done.status_code == 200, done.text
        # By the request, or by the look of the same door that came between its commit and that.
        assert here.ended.is_set() and here.end_reason in ("This account is suspended.", SUSPENDED)
        # By the look of every half second and by those of requests that changed policy, all at once.
        watch = asyncio.create_task(elsewhere.watch([web.parts.agency]))
        await asyncio.gather(*(elsewhere.look_now(web.parts.agency) for _ in range(5)))
        assert there.ended.is_set()
        assert there.end_reason == SUSPENDED
        assert here.end_cause == there.end_cause == "signed_out"
        watch.cancel()
        revoked = [e["cause"] for e in await entries(dsns, "kind = 'revocation'")]
        assert str(there.entry) in revoked and len(revoked) == len(set(revoked)), revoked


async def test_a_password_set_anew_ends_what_the_sessions_before_it_held(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        await web.authorise("fixed_camera")
        ask = await ask_of(web, dsns, "analyst")
        grant = await web.parts.door.grant(ask)
        path = f"/api/v1/people/{outside('person', ask.actor.id)}/invitation"
        token = (await (await web.administrator()).post(path)).json()["token"]
        body = {"token": token, "password": "another quiet night at the river"}
        assert (await web.client().post("/api/v1/invitations/accept", json=body)).status_code == 200
        assert grant.ended.is_set() and grant.end_reason == "The password was set anew."


ENDED = {
    "ended_at = at, end_reason = 'signed out'": "This session has ended: signed out.",
    "until = at": "This session is over.",
}


@pytest.mark.parametrize("how", [*ENDED, "suspended"])
async def test_a_yes_is_not_kept_for_a_session_that_has_just_ended(
    center: CenterMaker, dsns: Dsns, how: str
) -> None:
    async with center() as web:
        me = (await (await web.person("analyst")).get("/api/v1/session")).json()
        person = inside("person", me["person"]["id"])
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            (session,) = sure(
                await (
                    await connection.execute("select id from sign_in where person_id = %s", [person])
                ).fetchone()
            )
        ask = Ask(replace(analyst(web), id=person, session=session), Need.CASES_VIEW)
        async with web.parts.door.open(ask) as tx:
            assert tx.decision is not None
        before = len(await entries(dsns, "need = 'cases.view' and result = 'allowed'"))
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            await connection.execute(
                "update person set suspended_at = created_at where id = %s" if how == "suspended"
                else f"update sign_in set {how} where person_id = %s",
                [person],
            )  # fmt: skip
        with pytest.raises(Refused) as caught:
            async with web.parts.door.open(ask):
                pass
        assert caught.value.detail == ENDED.get(how, "This account is suspended.")
        assert len(await entries(dsns, "need = 'cases.view' and result = 'allowed'")) == before
        (refused,) = await entries(dsns, "need = 'cases.view' and result = 'refused'")
        assert refused["reason"] == "signed_out"


async def test_a_single_statement_is_for_what_is_never_logged_and_sees_nothing_by_itself(
    center: CenterMaker,
) -> None:
    async with center() as web:
        await web.case()
        with pytest.raises(AssertionError, match="is logged"):
            async with web.parts.door.single(Ask(analyst(web), Need.CASES_VIEW)):
                pass
        machine = process_actor(AgencyId(web.parts.agency), "serve")
        async with web.parts.door.single(Ask(machine, Need.SESSION_LOOK_UP)) as tx:
            assert await tx.fetch("select id from person") == []


async def test_machines_are_answered_in_batches_and_only_changes_are_logged(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        machine = process_actor(web.parts.agency, "record")
        cameras = [About("camera", new_id()) for _ in range(20)]
        asks = [
            Ask(machine, Need.CAMERA_RECORD, about=c, technology=TechnologyKind.FIXED_CAMERA, place=PLACE)
            for c in cameras
        ]
        assert all(
            isinstance(a, Denied) and a.reason == "no_authorisation" for a in await web.parts.door.lease(asks)
        )
        await web.authorise("fixed_camera")
        async with asyncio.timeout(60):
            while not all(isinstance(answer, Lease) for answer in await web.parts.door.lease(asks)):
                await web.parts.clock.sleep(0.05)
        for _ in range(3):
            await asyncio.gather(*(web.parts.door.lease([ask]) for ask in asks))
        logged = await entries(dsns, "kind = 'lease'")
        assert len(logged) == 40
        assert {(e["result"], e["reason"]) for e in logged} == {
            ("refused", "no_authorisation"),
            ("allowed", "authorised"),
        }


async def test_the_explorer_says_why_and_everybody_sees_their_own(center: CenterMaker) -> None:
    async with center() as web:
        officer, auditor = await web.person("officer"), await web.person("auditor")
        refused = await officer.get("/api/v1/people")
        assert refused.status_code == 403
        entry = refused.json()["entry"]
        for reader in (officer, auditor):
            told = (await reader.get(f"/api/v1/audit/entries/{entry}")).json()
            failed = [c["text"] for c in told["explanation"]["conditions"] if c["met"] is False]
            assert failed == ["A role of the asker includes this need."]
            assert told["proof"]["state"] == "waiting"
        other = await web.person("analyst")
        assert (await other.get(f"/api/v1/audit/entries/{entry}")).status_code == 404


async def test_the_same_person_never_approves_their_own_proposal(center: CenterMaker) -> None:
    async with center() as web:
        supervisor = await web.person("supervisor")
        await web.authorise("plate_reader")
        proposals = (await supervisor.get("/api/v1/proposals")).json()["items"]
        again = await supervisor.post(f"/api/v1/proposals/{proposals[0]['id']}/approve", json={"note": ""})
        assert again.status_code == 409
        payload = {k: v for k, v in proposals[0]["payload"].items() if k != "area"}
        mine = await supervisor.post("/api/v1/authorisations", json=payload)
        assert mine.status_code == 201, mine.text
        own = await supervisor.post(f"/api/v1/proposals/{mine.json()['id']}/approve", json={"note": ""})
        assert own.json()["reason"] == "same_person"
        kept = await web.kept_refusal(own)
        assert kept["need"] == "policy.approve" and kept["about"] == f"proposal:{mine.json()['id']}"
        failed = [c["text"] for c in kept["explanation"]["conditions"] if c["met"] is not True]
        assert failed == ["Another person proposed, placed or opened it."]
        auditor = await web.person("auditor")
        caused = (await auditor.get(f"/api/v1/audit/entries/{kept['cause']}")).json()
        assert (caused["need"], caused["result"]) == ("policy.approve", "allowed")
        assert (await supervisor.get("/api/v1/proposals?state=open")).json()["items"][0]["state"] == "open"


HOSTILE = [
    ("update audit_entry set reason = 'nothing happened'", psycopg.errors.InsufficientPrivilege),
    ("delete from audit_entry", psycopg.errors.InsufficientPrivilege),
    ("truncate audit_entry", psycopg.errors.InsufficientPrivilege),
    ("delete from audit_payload", psycopg.errors.InsufficientPrivilege),
    ("update audit_payload set payload = '{}'", psycopg.errors.InsufficientPrivilege),
    ("delete from deletion_receipt", psycopg.errors.InsufficientPrivilege),
    (
        "insert into audit_entry (id, agency_id, at, kind, actor_id, result, reason, leaf, leaf_index)"
        " values (gen_random_uuid(), wf_agency(), now(), 'effect', wf_agency(), 'done', 'r', '{}', 1000000)",
        psycopg.errors.InsufficientPrivilege,
    ),
    (
        "insert into audit_payload select id, agency_id, null, null, now(), now(), 'r' from audit_entry limit 1",
        psycopg.errors.InsufficientPrivilege,
    ),
    ("insert into audit_checkpoint values (1, '', '', now())", psycopg.errors.InsufficientPrivilege),
    ("alter table audit_entry disable row level security", psycopg.errors.InsufficientPrivilege),
    ("alter table audit_entry disable trigger all", psycopg.errors.InsufficientPrivilege),
    ("drop table audit_entry", psycopg.errors.InsufficientPrivilege),
    ("set role wf_owner", psycopg.errors.InsufficientPrivilege),
    ("set session authorization wf_owner", psycopg.errors.InsufficientPrivilege),
    ("alter role wf_app superuser", psycopg.errors.InsufficientPrivilege),
    ("create table mine (id int)", psycopg.errors.InsufficientPrivilege),
    (
        "insert into agency values (gen_random_uuid(), 'Mine', 'UTC', now())",
        psycopg.errors.InsufficientPrivilege,
    ),
    ("call wf_partition_drop('plate_read', 1::smallint, '2026-01-01')", psycopg.errors.InsufficientPrivilege),
    ("call wf_isolate('agency')", psycopg.errors.InsufficientPrivilege),
    ("copy audit_entry to program 'cat'", psycopg.errors.InsufficientPrivilege),
    ("select pg_read_file('/etc/passwd')", psycopg.errors.InsufficientPrivilege),
    ("select * from pg_authid", psycopg.errors.InsufficientPrivilege),
]


@pytest.mark.parametrize(("statement", "error"), HOSTILE, ids=[s for s, _ in HOSTILE])
async def test_a_hostile_app_role_is_stopped(
    center: CenterMaker, dsns: Dsns, statement: str, error: type[psycopg.Error]
) -> None:
    async with center() as web, await psycopg.AsyncConnection.connect(dsns.app) as connection:
        await connection.execute("select set_config('wf.agency', %s, false)", [str(web.parts.agency)])
        with pytest.raises(error):
            await connection.execute(statement)


async def test_without_its_agency_a_connection_sees_and_writes_nothing(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        await web.case()
        async with await psycopg.AsyncConnection.connect(dsns.app, autocommit=True) as connection:
            for table in ("case_file", "person", "credential", "audit_entry", "authorisation", "proposal"):
                row = await (await connection.execute(f"select count(*) from {table}")).fetchone()
                assert row == (0,), table
            await connection.execute("select set_config('wf.agency', %s, false)", [str(UUID(int=7))])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(
                    "insert into technology values (gen_random_uuid(), %s, 'audio', 't', 'd', now())",
                    [web.parts.agency],
                )


async def test_what_was_done_under_one_authorisation_can_be_listed(center: CenterMaker) -> None:
    async with center() as web:
        authorisation = await web.authorise("fixed_camera")
        grant = await web.parts.door.grant(await live_ask(web))
        await grant.close({})
        auditor = await web.person("auditor")
        asked = await auditor.get("/api/v1/audit/entries", params={"authorisation": authorisation})
        named = [[entry[key] for key in ("kind", "need", "authorisation")] for entry in asked.json()["items"]]
        assert named == [["decision", "camera.live", authorisation]]
