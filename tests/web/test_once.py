"""The web's own promises: an act with a key happens once, errors have one form, nothing larger than agreed comes in."""

from __future__ import annotations

import asyncio

import httpx
import psycopg
import pytest
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, new_id
from watchfloor.governance import case_store
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.errors import Conflict
from watchfloor.kit.ids import uuid7

PERSON = {"name": "newcomer", "full_name": "New Comer", "roles": ["analyst"]}


async def test_the_same_key_gets_the_first_answer_again_and_acts_once(
    center: CenterMaker, owner_dsn: str
) -> None:
    async with center() as web:
        admin = await web.administrator()
        key = {"Idempotency-Key": str(new_id())}
        first = await admin.post("/api/v1/people", json=PERSON, headers=key)
        again = await admin.post("/api/v1/people", json=PERSON, headers=key)
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        assert again.headers["idempotency-replayed"] == "true"
        async with await psycopg.AsyncConnection.connect(owner_dsn) as connection:
            rows = await (await connection.execute("select body from idempotency")).fetchall()
        kept = b"".join(body for (body,) in rows if body is not None)
        assert kept and first.json()["invitation"]["token"].encode() not in kept, (
            "a link is kept nowhere in the clear"
        )
        assert [p["name"] for p in (await admin.get("/api/v1/people")).json()["items"]].count("newcomer") == 1


async def test_a_key_used_for_another_request_is_a_conflict(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        key = {"Idempotency-Key": str(new_id())}
        await admin.post("/api/v1/people", json=PERSON, headers=key)
        other = await admin.post("/api/v1/people", json=PERSON | {"name": "someone.else"}, headers=key)
        assert other.status_code == 409
        assert other.json()["reason"] == "idempotency_key"


async def test_a_refused_request_leaves_its_key_free(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        key = {"Idempotency-Key": str(new_id())}
        wrong = await admin.post("/api/v1/people", json=PERSON | {"roles": ["nobody"]}, headers=key)
        assert wrong.status_code == 422
        right = await admin.post("/api/v1/people", json=PERSON, headers=key)
        assert right.status_code == 201


async def test_ten_at_once_with_one_key_act_once(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        key = {"Idempotency-Key": str(new_id())}
        answers = await asyncio.gather(
            *(admin.post("/api/v1/people", json=PERSON, headers=key) for _ in range(10))
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes[0] == 201
        assert set(codes) <= {201, 409}
        assert [p["name"] for p in (await admin.get("/api/v1/people")).json()["items"]].count("newcomer") == 1


@pytest.mark.parametrize("key", ["short", "with space in it", "semi;colon;here", "x" * 200])
async def test_a_malformed_key_is_told(center: CenterMaker, key: str) -> None:
    async with center() as web:
        admin = await web.administrator()
        answer = await admin.post("/api/v1/people", json=PERSON, headers={"Idempotency-Key": key})
        assert answer.status_code == 422


async def test_every_failure_has_the_one_form(center: CenterMaker) -> None:
    async with center() as web:
        admin = await web.administrator()
        for answer in (
            await web.client().get("/api/v1/people"),
            await admin.get("/api/v1/nothing/here"),
            await admin.post(
                "/api/v1/people", content=b"{not json", headers={"Content-Type": "application/json"}
            ),
            await admin.get("/api/v1/authorisations/auth_00000000000000000000000000"),
            await admin.get("/api/v1/authorisations/rubbish"),
            await admin.put("/api/v1/session"),
        ):
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            problem = answer.json()
            assert {"kind", "reason", "detail", "next_step", "request_id"} <= set(problem)
            assert problem["detail"].endswith(".")
            assert answer.headers["x-request-id"] == problem["request_id"]


async def test_what_was_sent_is_never_repeated_in_an_error(center: CenterMaker) -> None:
    async with center() as web:
        answer = await web.client().post(
            "/api/v1/session", json={"name": ["QZ0-SECRET"], "password": {"a": "QZ0-SECRET"}}
        )
        assert answer.status_code == 422
        assert "QZ0-SECRET" not in answer.text


async def test_more_than_agreed_is_refused_before_it_is_read(center: CenterMaker) -> None:
    async with center() as web:
        client = web.client()
        told = await client.post("/api/v1/session", content=b"x" * (4 * 1024 * 1024 + 1))
        assert told.status_code == 413

        async def endless() -> object:
            for _ in range(80):
                yield b"y" * 65536

        streamed = await client.post("/api/v1/session", content=endless())  # type: ignore[arg-type]  # a stream is content too
        assert streamed.status_code == 413


async def test_a_page_cannot_be_framed_and_takes_scripts_from_us_alone(center: CenterMaker) -> None:
    async with center() as web:
        answer = await web.client().get("/api/v1/health")
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_act_whose_answer_was_lost_is_never_done_again(center: CenterMaker, owner_dsn: str) -> None:
    """The server fell between doing it and keeping its answer: whoever asks again learns that it was done."""
    async with center() as web:
        admin = await web.administrator()
        key = {"Idempotency-Key": str(new_id())}
        assert (await admin.post("/api/v1/people", json=PERSON, headers=key)).status_code == 201
        await change(
            owner_dsn, "update idempotency set status = null, body = null, at = at - interval '2 minutes'"
        )
        again = await admin.post("/api/v1/people", json=PERSON, headers=key)
        assert (again.status_code, again.json()["reason"]) == (409, "answer_lost")
        assert again.json()["next_step"] == "Look at it anew to see what came of it."
        assert await newcomers(admin) == 1


async def test_a_kept_answer_that_does_not_open_is_lost_and_not_under_way(
    center: CenterMaker, owner_dsn: str
) -> None:
    """It was kept beside another key, or by an earlier version that did not seal it."""
    async with center() as web:
        admin = await web.administrator()
        key = {"Idempotency-Key": str(new_id())}
        assert (await admin.post("/api/v1/people", json=PERSON, headers=key)).status_code == 201
        for kept in ("'{}'", "'null'", "repeat('x', 40)::bytea"):
            await change(owner_dsn, f"update idempotency set body = {kept}")
            again = await admin.post("/api/v1/people", json=PERSON, headers=key)
            assert (again.status_code, again.json()["reason"]) == (409, "answer_lost")
        assert await newcomers(admin) == 1


async def test_a_request_that_was_given_up_for_dead_cannot_do_it_after_all(
    center: CenterMaker, owner_dsn: str
) -> None:
    """It stood still for over a minute, its sender asked again, and that one did it."""
    at_work, go_on = asyncio.Event(), asyncio.Event()
    slow = [True]

    def routers(parts: CenterParts) -> list[APIRouter]:
        router = APIRouter()

        @router.post("/tests/slow")
        async def act(actor: Signed) -> dict[str, bool]:
            waits = slow.pop() if slow else False
            async with parts.door.open(Ask(actor, Need.CASES_CHANGE)) as tx:
                if waits:
                    at_work.set()
                    await go_on.wait()
                await case_store.insert_case(
                    tx, uuid7(tx.now), new_id().hex[-12:], "Once", "stolen_vehicle", None
                )
            return {"done": True}

        return [router]

    async with center(routers=routers) as web:
        analyst = await web.person("analyst")
        key = {"Idempotency-Key": str(new_id())}
        first = asyncio.create_task(analyst.post("/api/v1/tests/slow", json={}, headers=key))
        started = asyncio.create_task(at_work.wait())
        await asyncio.wait({first, started}, return_when=asyncio.FIRST_COMPLETED)
        assert at_work.is_set(), first.result().text
        await change(owner_dsn, "update idempotency set at = at - interval '2 minutes' where not done")
        second = await analyst.post("/api/v1/tests/slow", json={}, headers=key)
        assert second.status_code == 200, second.text
        go_on.set()
        late = await first
        assert (late.status_code, late.json()["reason"]) == (409, "idempotency_key")
        assert len((await analyst.get("/api/v1/cases")).json()["items"]) == 1


async def test_a_refusal_that_left_something_behind_is_answered_the_same_again(center: CenterMaker) -> None:
    """A try to confirm is kept though it fails: asked again, it is not said to have been done."""
    tries: list[str] = []

    def routers(parts: CenterParts) -> list[APIRouter]:
        router = APIRouter()

        @router.post("/tests/refused")
        async def act(actor: Signed) -> None:
            number = new_id().hex[-12:]
            async with parts.door.open(Ask(actor, Need.CASES_CHANGE)) as tx:
                await case_store.insert_case(tx, uuid7(tx.now), number, "A try", "stolen_vehicle", None)
            tries.append(number)
            raise Conflict("The record is not active.", reason="not_confirmable")

        return [router]

    async with center(routers=routers) as web:
        analyst = await web.person("analyst")
        key = {"Idempotency-Key": str(new_id())}
        first = await analyst.post("/api/v1/tests/refused", json={}, headers=key)
        again = await analyst.post("/api/v1/tests/refused", json={}, headers=key)
        assert (first.status_code, first.json()["reason"]) == (409, "not_confirmable")
        assert (again.status_code, again.json()) == (409, first.json())
        assert again.headers["content-type"] == "application/problem+json"
        assert len(tries) == 1


async def newcomers(admin: httpx.AsyncClient) -> int:
    return [p["name"] for p in (await admin.get("/api/v1/people")).json()["items"]].count("newcomer")


async def change(dsn: str, sql: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        assert (await connection.execute(sql.encode())).rowcount
