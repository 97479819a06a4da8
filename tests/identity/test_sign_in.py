"""Who asks: one-time links, passwords, second factors, sessions, as people meet them over HTTP."""

from __future__ import annotations

import pyotp

from tests.fixtures.center import PASSWORD, CenterMaker


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


async def test_a_weak_password_is_told_beside_its_field(center: CenterMaker) -> None:
    async with center() as web:
        answer = await web.client().post(
            "/api/v1/invitations/accept", json={"token": web.first_token, "password": "short"}
        )
        assert answer.status_code == 422
        assert answer.json()["fields"][0]["field"] == "password"


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
        assert 0 < int(locked.headers["Retry-After"]) <= 900


async def test_a_second_factor_counts_once_and_is_asked_at_the_next_sign_in(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        secret = (await admin.post("/api/v1/session/second-factor", json={})).json()["secret"]
        totp = pyotp.TOTP(secret)
        code = totp.at(web.parts.clock.now())
        proved = await admin.post("/api/v1/session/second-factor", json={"code": code})
        assert proved.json()["second_factor"] is True
        client = web.client()
        asked = await client.post("/api/v1/session", json={"name": "administrator", "password": PASSWORD})
        assert asked.json()["reason"] == "code_needed"
        used = await client.post(
            "/api/v1/session", json={"name": "administrator", "password": PASSWORD, "code": code}
        )
        assert used.json()["reason"] == "wrong_code"


async def test_without_the_required_second_factor_nothing_opens(center: CenterMaker) -> None:
    async with center(second_factor_required=True) as web:
        admin = await web.administrator()
        refused = await admin.get("/api/v1/people")
        assert refused.status_code == 403
        assert refused.json()["reason"] == "second_factor"


async def test_a_suspended_account_is_out_at_once(center: CenterMaker) -> None:
    async with center() as web:
        analyst, admin = await web.person("analyst"), await web.administrator()
        people = (await admin.get("/api/v1/people")).json()["items"]
        analyst_id = next(person["id"] for person in people if person["name"] == "analyst")
        done = await admin.post(f"/api/v1/people/{analyst_id}/suspend", json={"reason": "left the agency"})
        assert done.json()["state"] == "suspended"
        assert (await analyst.get("/api/v1/session")).status_code == 401


async def test_nobody_administers_and_looks_at_data_with_one_account(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        answer = await admin.post(
            "/api/v1/people",
            json={"name": "both", "full_name": "Both", "roles": ["administrator", "analyst"]},
        )
        assert answer.status_code == 422
        assert answer.json()["reason"] == "roles"


async def test_a_page_of_another_site_cannot_act_for_a_signed_in_person(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        answer = await admin.post("/api/v1/people", json={}, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403
        assert answer.json()["reason"] == "wrong_origin"
