"""Who asks: one-time links, passwords, second factors, sessions, as people meet them over HTTP."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import psycopg
import pyotp
import pytest

from tests.fixtures.center import PASSWORD, CenterMaker, CenterWeb, new_id
from tests.fixtures.engines import Dsns
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, ActorKind, AgencyId, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.secrets import Passwords
from watchfloor.identity.sign_in import Identity, agency_shown, sign_in
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.envelope import Envelope
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.settings import IdentitySettings


class Ahead(SystemClock):
    """A clock that can be put forward."""

    jump = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.jump


def identity_at(door: Door, clock: Ahead) -> Identity:
    return Identity(
        door, clock, IdentitySettings(), Passwords(), Envelope(bytes(32)), second_factor_required=False
    )


async def test_the_first_link_makes_an_administrator_and_works_once(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        me = (await admin.get("/api/v1/session")).json()
        assert me["roles"] == ["administrator"]
        assert me["agency"]["name"] == "River City"
        again = await web.client().post(
            "/api/v1/invitations/accept", json={"token": web.first_token, "password": PASSWORD}
        )
        assert again.status_code == 404
        assert again.json()["detail"] == "This link was used already."


async def test_before_signing_in_one_reads_whose_center_it_is_where_that_is_one_agencys(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        assert (await web.client().get("/api/v1/notice")).json()["agency"] == "River City"
        clock = Ahead()
        shown = partial(agency_shown, identity_at(web.parts.door, clock))
        assert await shown() == "River City"
        async with await psycopg.AsyncConnection.connect(dsns.owner) as owner:
            await owner.execute(
                "insert into agency (id, name, time_zone, created_at) values (%s, 'Elsewhere', 'UTC', %s)",
                (uuid7(web.parts.clock.now()), web.parts.clock.now()),
            )
        assert [await shown() for _ in range(20)] == ["River City"] * 20  # however often anybody asks
        clock.jump = 5.0
        assert await asyncio.gather(*(shown() for _ in range(20))) == [None] * 20


async def test_a_weak_password_is_told_beside_its_field(center: CenterMaker) -> None:
    async with center() as web:
        answer = await web.client().post(
            "/api/v1/invitations/accept", json={"token": web.first_token, "password": "short"}
        )
        assert answer.status_code == 422
        assert answer.json()["fields"] == [
            {"field": "password", "detail": "At least 15 characters; a short sentence does well."}
        ]


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(center: CenterMaker) -> None:
    async with center() as web:
        await web.administrator()
        wrong = await web.client().post(
            "/api/v1/session", json={"name": "administrator", "password": "not it at all, no"}
        )
        unknown = await web.client().post(
            "/api/v1/session", json={"name": "nobody", "password": "not it at all, no"}
        )
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.json()["detail"] == unknown.json()["detail"]
        assert wrong.json()["detail"] == "That name and password do not belong together."


async def test_five_wrong_passwords_lock_the_account_for_a_while(center: CenterMaker) -> None:
    async with center() as web:
        await web.administrator()
        client = web.client()
        for _ in range(5):
            await client.post(
                "/api/v1/session", json={"name": "administrator", "password": "wrong wrong wrong"}
            )
        locked = await client.post("/api/v1/session", json={"name": "administrator", "password": PASSWORD})
        assert locked.status_code == 429
        assert locked.json()["reason"] == "locked"
        assert locked.json()["detail"] in (
            "Too many wrong tries; this account is locked for 15 min.",
            "Too many wrong tries; this account is locked for 14 min.",
        )
        assert locked.json()["next_step"] == "Wait, or ask an administrator for a new invitation."
        assert 0 < int(locked.headers["Retry-After"]) <= 900


async def all_at_once(identity: Identity, tries: Sequence[tuple[str, str | None]]) -> list[str]:
    """What came of these passwords and codes of the administrator, tried in one moment: a reason, or `opened`."""
    done = await asyncio.gather(
        *(sign_in(identity, "administrator", password, code, "192.0.2.1") for password, code in tries),
        return_exceptions=True,
    )
    return [one.reason if isinstance(one, WatchfloorError) else type(one).__name__.lower() for one in done]


def judged(came: Sequence[str]) -> Counter[str]:
    """How often each came. Whom a busy machine sent away unjudged would have been told that it is locked, the right one too."""
    return Counter("locked" if one == "database_busy" else one for one in came)


async def test_wrong_passwords_that_come_at_once_lock_the_account_too(center: CenterMaker) -> None:
    """Forty tries wait for their turn together; what they are worth is judged one after another."""
    async with center() as web:
        await web.administrator()
        identity: Identity = web.app.state.identity
        came = await all_at_once(identity, [("wrong wrong wrong", None)] * 40 + [(PASSWORD, None)])
        assert judged(came) == {"wrong_name_or_password": 5, "locked": 36}


async def test_wrong_codes_that_come_at_once_lock_the_account_too(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        secret = (await admin.post("/api/v1/session/second-factor", json={})).json()["secret"]
        totp, now = pyotp.TOTP(secret), web.parts.clock.now()
        assert (await admin.post("/api/v1/session/second-factor", json={"code": totp.at(now)})).is_success
        right = totp.at(now, counter_offset=1)
        near = {totp.at(now, counter_offset=steps) for steps in range(-2, 4)}
        wrong = next(code for code in ("000000", "111111", "222222") if code not in near)
        identity: Identity = web.app.state.identity
        came = await all_at_once(identity, [(PASSWORD, wrong)] * 40 + [(PASSWORD, right)])
        assert judged(came) == {"wrong_code": 5, "locked": 36}


async def test_a_second_factor_counts_once_and_is_asked_at_the_next_sign_in(center: CenterMaker) -> None:
    async with center() as web:
        admin, other = await web.administrator(), web.client()
        password = {"name": "administrator", "password": PASSWORD}
        assert (await other.post("/api/v1/session", json=password)).status_code == 200
        others = (await other.post("/api/v1/session/second-factor", json={})).json()["secret"]
        secret = (await admin.post("/api/v1/session/second-factor", json={})).json()["secret"]
        totp = pyotp.TOTP(secret)
        code = totp.at(web.parts.clock.now())
        proved = await admin.post("/api/v1/session/second-factor", json={"code": code})
        assert proved.json()["second_factor"] is True
        # A session that knows the password alone does not put a factor of its own in place of this one, begun before or not.
        theirs = pyotp.TOTP(others).at(web.parts.clock.now())
        for body in ({"code": theirs}, {}):
            refused = await other.post("/api/v1/session/second-factor", json=body)
            assert (refused.status_code, refused.json()["reason"]) == (409, "second_factor_exists"), body
        client = web.client()
        asked = await client.post("/api/v1/session", json=password)
        assert asked.json()["reason"] == "code_needed"
        assert asked.json()["detail"] == "The code of your second factor is needed."
        used = await client.post(
            "/api/v1/session", json={"name": "administrator", "password": PASSWORD, "code": code}
        )
        assert used.json()["reason"] == "wrong_code"
        assert used.json()["detail"] == "That code is wrong, or was used already."
        assert used.json()["next_step"] == "Wait for the next code."


async def test_without_the_required_second_factor_nothing_opens(center: CenterMaker) -> None:
    async with center(second_factor_required=True) as web:
        admin = await web.administrator()
        refused = await admin.get("/api/v1/people")
        assert refused.status_code == 403
        assert refused.json()["reason"] == "second_factor"
        assert refused.json()["detail"] == "A second factor is required here."
        assert refused.json()["next_step"] == "Sign in again with your code."
        # Nor what is asked each second, whose answers are remembered: one that proved it lends it to no other session.
        officer = Actor(new_id(), ActorKind.PERSON, AgencyId(web.parts.agency), frozenset({Role.OFFICER}))
        proved = replace(officer, second_factor=True)
        for asker, holds in ((officer, False), (proved, True), (officer, False)):
            assert await _may_report(web, asker) is holds


async def _may_report(web: CenterWeb, actor: Actor) -> bool:
    try:
        async with web.parts.door.open(Ask(actor, Need.UNIT_POSITION, about=About("person", actor.id))):
            return True
    except Refused as refused:
        assert refused.reason == "second_factor"
        return False


async def test_a_suspended_account_is_out_at_once(center: CenterMaker) -> None:
    async with center() as web:
        analyst, admin = await web.person("analyst"), await web.administrator()
        people = (await admin.get("/api/v1/people")).json()["items"]
        analyst_id = next(person["id"] for person in people if person["name"] == "analyst")
        done = await admin.post(f"/api/v1/people/{analyst_id}/suspend", json={"reason": "left the agency"})
        assert done.json()["state"] == "suspended"
        out = await analyst.get("/api/v1/session")
        assert (out.status_code, out.json()["detail"]) == (401, "The session is over.")
        back = await web.client().post("/api/v1/session", json={"name": "analyst", "password": PASSWORD})
        assert (back.status_code, back.json()["detail"]) == (
            401,
            "That name and password do not belong together.",
        )


async def test_nobody_administers_and_looks_at_data_with_one_account(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        answer = await admin.post(
            "/api/v1/people",
            json={"name": "both", "full_name": "Both", "roles": ["administrator", "analyst"]},
        )
        assert answer.status_code == 422
        assert answer.json()["reason"] == "roles"
        assert answer.json()["detail"] == "These roles may not be held together: administrator, analyst."


async def test_no_person_is_given_the_role_of_a_machine(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        body = {"name": "robot", "full_name": "A Robot", "roles": ["machine"]}
        answer = await admin.post("/api/v1/people", json=body)
        assert (answer.status_code, answer.json()["reason"]) == (422, "roles")
        assert answer.json()["detail"] == "The role of a machine is for no person."


async def test_a_page_of_another_site_cannot_act_for_a_signed_in_person(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        answer = await admin.post("/api/v1/people", json={}, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403
        assert answer.json()["reason"] == "wrong_origin"
        assert answer.json()["detail"] == "This was sent from a page of another site."


async def test_a_link_that_nobody_made_or_that_is_too_old_opens_nothing(
    center: CenterMaker, dsns: Dsns
) -> None:
    async with center() as web:
        for token in ("", "made-up", "'; drop table person; --", "♦" * 500, web.first_token[:-1]):
            guessed = await web.client().post(
                "/api/v1/invitations/accept", json={"token": token, "password": PASSWORD}
            )
            assert guessed.status_code in (404, 422), token
            assert guessed.status_code == 422 or guessed.json()["detail"] == "This link is not known."
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            await connection.execute("update invitation set until = now()")
        late = await web.client().post(
            "/api/v1/invitations/accept", json={"token": web.first_token, "password": PASSWORD}
        )
        assert (late.status_code, late.json()["detail"]) == (410, "This link is no longer valid.")
        assert late.json()["next_step"] == "Ask an administrator for a new one."


async def test_a_session_left_idle_asks_for_the_password_again(center: CenterMaker) -> None:
    async with center(settings=IdentitySettings(idle_min=0)) as web:
        left = await (await web.administrator()).get("/api/v1/people")
        assert (left.status_code, left.json()["detail"]) == (401, "The session was left idle.")
        assert left.json()["next_step"] == "Sign in again."


async def test_whoever_signs_in_at_a_browser_ends_the_session_it_had(center: CenterMaker, dsns: Dsns) -> None:
    async with center() as web:
        admin, analyst = await web.administrator(), await web.person("analyst")
        (name,) = analyst.cookies
        before = analyst.cookies[name]
        account = (await admin.get("/api/v1/session")).json()["person"]["name"]
        took = await analyst.post("/api/v1/session", json={"name": account, "password": PASSWORD})
        assert took.json()["roles"] == ["administrator"]
        stolen = await web.client(cookies={name: before}).get("/api/v1/session")
        assert (stolen.status_code, stolen.json()["reason"]) == (401, "signed_out")
        assert (await admin.get("/api/v1/session")).status_code == 200, "another browser's goes on"
        # Both in one transaction: a server that falls in between leaves neither a session without a cookie nor a cookie without one.
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            row = await (
                await connection.execute(
                    "select count(*) from sign_in a join sign_in b on a.xmin = b.xmin"
                    " where a.end_reason = 'somebody signed in at the same browser' and b.ended_at is null"
                )
            ).fetchone()
        assert row == (1,)


@pytest.mark.parametrize("because", ["signed_out", "locked", "left_idle"])
async def test_a_session_that_ends_says_why_in_the_log(center: CenterMaker, because: str) -> None:
    async with center() as web:
        analyst, auditor = await web.person("analyst"), await web.person("auditor")
        assert (await analyst.delete("/api/v1/session", params={"because": because})).status_code == 204
        assert (await analyst.get("/api/v1/session")).status_code == 401
        found = (await auditor.get("/api/v1/audit/entries", params={"kind": "effect"})).json()["items"]
        assert [one["reason"] for one in found].count("sign_in.ended") == 1
        assert because in (await auditor.get(f"/api/v1/audit/entries/{found[0]['id']}")).json()["leaf"]


async def test_no_other_reason_is_taken_for_the_end_of_a_session(center: CenterMaker) -> None:
    async with center() as web:
        analyst = await web.person("analyst")
        assert (await analyst.delete("/api/v1/session?because=bored")).status_code == 422
        assert (await analyst.get("/api/v1/session")).status_code == 200


async def test_a_session_past_its_end_asks_for_the_password_again(center: CenterMaker, dsns: Dsns) -> None:
    async with center() as web:
        admin = await web.administrator()
        assert (await admin.get("/api/v1/people")).status_code == 200
        async with await psycopg.AsyncConnection.connect(dsns.owner) as connection:
            await connection.execute("update sign_in set until = now()")
        over = await admin.get("/api/v1/people")
        assert (over.status_code, over.json()["detail"]) == (401, "The session is over.")
        assert over.json()["next_step"] == "Sign in again."


async def test_a_cookie_that_somebody_made_up_is_nobody(center: CenterMaker) -> None:
    async with center() as web:
        (name,) = (await web.administrator()).cookies
        for made_up in ("x", "a" * 4000, "%00"):
            answer = await web.client(cookies={name: made_up}).get("/api/v1/people")
            assert (answer.status_code, answer.json()["detail"]) == (401, "Nobody is signed in.")
