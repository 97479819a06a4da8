"""The events socket: lists that stay current, resume, refusals, as a browser meets them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
import websockets

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb, new_id
from watchfloor.governance import case_store
from watchfloor.governance.model import Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.storage.tx import Tx
from watchfloor.web.feed import Topic, Versions


async def _cases(tx: Tx, actor: Actor, key: str) -> Sequence[dict[str, Any]]:
    return [
        {"id": str(case.id), "number": case.number}
        for case in (await case_store.cases(tx)).items
        if case.closed_at is None
    ]


def topics(parts: CenterParts) -> dict[str, Topic]:
    return {
        "cases": Topic("cases", lambda actor, key: Ask(actor, Need.CASES_VIEW), _cases, ("governance.case",))
    }


@asynccontextmanager
async def socket(
    web: CenterWeb, client: httpx.AsyncClient | None, origin: str | None = None
) -> AsyncIterator[websockets.ClientConnection]:
    cookies = "; ".join(f"{k}={v}" for k, v in client.cookies.items()) if client else ""
    async with websockets.connect(
        web.url.replace("http", "ws") + "/api/v1/events",
        additional_headers={"Cookie": cookies},
        compression=None,  # else a connection that nobody reads would hold far more
        max_size=2**26,
        origin=origin or web.url,  # type: ignore[arg-type]  # any text is an origin to a liar
    ) as connection:
        yield connection


async def said(connection: websockets.ClientConnection, *operations: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            message: dict[str, Any] = json.loads(await connection.recv())
            if message["op"] in operations:
                return message


async def subscribe(connection: websockets.ClientConnection, topic: str, after: object = None) -> None:
    await connection.send(json.dumps({"op": "sub", "id": "a", "topic": topic, "after": after}))


async def test_a_list_is_sent_whole_then_what_changes_and_goes(center: CenterMaker) -> None:
    async with center(topics=topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as connection:
            await subscribe(connection, "cases")
            first = await said(connection, "snapshot")
            assert first["items"] == []
            case = await web.case()
            web.feeds.stir("governance.case")
            put = await said(connection, "put")
            assert put["seq"] == first["seq"] + 1
            await analyst.post(f"/api/v1/cases/{case.removeprefix('case:')}/close", json={})
            gone = await said(connection, "delete")
            assert gone["key"] == put["item"]["id"]


class Rounds:
    """Lists of which one tells how often it was loaded: then the lists that nobody watches were looked at, too."""

    def __init__(self) -> None:
        self.count = 0
        self.may_load = asyncio.Event()

    def topics(self, parts: CenterParts) -> dict[str, Topic]:
        loads = {"cases": _cases, "slow": self._slowly, "counted": self._counted}
        return {
            name: Topic(name, lambda actor, key: Ask(actor, Need.CASES_VIEW), load, ("governance.case",))
            for name, load in loads.items()
        }

    async def pass_by(self, web: CenterWeb) -> None:
        """Wait until every list was looked at; somebody watches `counted`."""
        enough = self.count + 2
        async with asyncio.timeout(60):
            while self.count < enough:
                web.feeds.stir("governance.case")
                await web.parts.clock.sleep(0.01)

    async def _slowly(self, tx: Tx, actor: Actor, key: str) -> Sequence[dict[str, Any]]:
        await self.may_load.wait()
        return await _cases(tx, actor, key)

    async def _counted(self, tx: Tx, actor: Actor, key: str) -> Sequence[dict[str, Any]]:
        self.count += 1
        return []


async def test_who_comes_while_a_list_loads_slowly_hears_what_changes_afterwards(center: CenterMaker) -> None:
    rounds = Rounds()
    async with center(topics=rounds.topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as one, socket(web, analyst) as other:
            await subscribe(one, "slow")
            await subscribe(other, "counted")
            await said(other, "snapshot")
            await rounds.pass_by(web)
            rounds.may_load.set()
            await said(one, "snapshot")
            await web.case()
            web.feeds.stir("governance.case")
            await said(one, "put")


async def test_a_list_that_was_let_go_and_begun_again_is_sent_whole(center: CenterMaker) -> None:
    rounds = Rounds()
    async with center(topics=rounds.topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as other:
            await subscribe(other, "counted")
            async with socket(web, analyst) as connection:
                await subscribe(connection, "cases")
                first = await said(connection, "snapshot")
            await rounds.pass_by(web)
            await web.case()
            async with socket(web, analyst) as again:
                await subscribe(again, "cases", [first["epoch"], first["seq"]])
                assert len((await said(again, "snapshot"))["items"]) == 1


async def test_a_resumed_subscription_gets_only_what_was_missed(center: CenterMaker) -> None:
    async with center(topics=topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as watching:
            await subscribe(watching, "cases")
            first = await said(watching, "snapshot")
            await web.case()
            await said(watching, "put")
            async with socket(web, analyst) as again:
                await subscribe(again, "cases", [first["epoch"], first["seq"]])
                assert (await said(again, "put", "snapshot"))["op"] == "put"
            async with socket(web, analyst) as other:
                await subscribe(other, "cases", [first["epoch"] - 1, first["seq"]])
                assert (await said(other, "put", "snapshot"))["op"] == "snapshot"


class Shelf:
    """A list whose things have versions, and which of them were asked for."""

    def __init__(self) -> None:
        self.things = {new_id(): 1 for _ in range(3)}
        self.asked: list[list[UUID]] = []

    def topics(self, parts: CenterParts) -> dict[str, Topic]:
        load = Versions(self._versions, self._load)
        return {"shelf": Topic("shelf", lambda actor, key: Ask(actor, Need.CASES_VIEW), load, ("a.thing",))}

    async def _versions(self, tx: Tx) -> Mapping[UUID, int]:
        return dict(self.things)

    async def _load(self, tx: Tx, wanted: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
        self.asked.append(list(wanted))
        return {one: {"id": str(one), "version": self.things[one]} for one in wanted if one in self.things}


async def test_of_a_list_with_versions_only_what_changed_is_loaded_and_sent(center: CenterMaker) -> None:
    shelf = Shelf()
    async with center(topics=shelf.topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as watching:
            await subscribe(watching, "shelf")
            first = await said(watching, "snapshot")
            assert len(first["items"]) == 3
            changed, gone, _ = shelf.things
            shelf.things[changed] += 1
            web.feeds.stir("a.thing")
            put = await said(watching, "put", "delete", "snapshot")
            assert (put["op"], put["item"]) == ("put", {"id": str(changed), "version": 2})
            del shelf.things[gone]
            # No news of this one: the look that comes in any case brings it.
            assert (await said(watching, "put", "delete", "snapshot"))["key"] == str(gone)
            assert shelf.asked[1:] == [[changed]]
            async with socket(web, analyst) as again:
                await subscribe(again, "shelf", [first["epoch"], put["seq"]])
                resumed = await said(again, "put", "delete", "snapshot")
                assert (resumed["op"], resumed["key"]) == ("delete", str(gone))


@pytest.mark.parametrize("together", [False, True])
async def test_a_long_list_of_which_everything_changes_at_once_is_told_whole(
    center: CenterMaker, together: bool
) -> None:
    """2,300 cameras of which each shows a new picture every few seconds: nobody is too slow for that."""
    turn = 0

    async def load(tx: Tx, actor: Actor, key: str) -> Sequence[dict[str, Any]]:
        return [{"id": f"cam_{number}", "turn": turn} for number in range(2300)]

    def long(parts: CenterParts) -> dict[str, Topic]:
        return {"cases": Topic("cases", lambda actor, key: Ask(actor, Need.CASES_VIEW), load, ())}

    async with center(topics=long) as web, socket(web, await web.person("analyst")) as connection:
        asked = {"op": "sub", "id": "a", "topic": "cases", "after": None, "together": together}
        await connection.send(json.dumps(asked))
        first = await said(connection, "snapshot")
        turn = 1
        told: list[dict[str, Any]] = []
        frames = 0
        while len(told) < 2300:
            frame = await said(connection, "put", "many")
            told += frame["messages"] if frame["op"] == "many" else [frame]
            frames += 1
        assert [one["seq"] for one in told] == list(range(first["seq"] + 1, first["seq"] + 2301))
        assert {one["item"]["id"] for one in told if one["item"]["turn"] == 1} == {
            f"cam_{n}" for n in range(2300)
        }
        assert frames == (10 if together else 2300)


async def test_news_of_other_lists_does_not_put_off_a_list_whose_own_news_was_lost(
    center: CenterMaker,
) -> None:
    async with center(topics=topics) as web:
        analyst = await web.person("analyst")

        async def others() -> None:
            while True:
                web.feeds.stir("another.thing")
                await web.parts.clock.sleep(0.05)

        async with socket(web, analyst) as connection:
            await subscribe(connection, "cases")
            await said(connection, "snapshot")
            noise = asyncio.create_task(others())
            await web.case()
            assert (await said(connection, "put"))["op"] == "put"
            noise.cancel()


async def test_who_may_not_see_a_list_is_told_why(center: CenterMaker) -> None:
    async with center(topics=topics) as web, socket(web, await web.person("technician")) as connection:
        await subscribe(connection, "cases")
        denied = await said(connection, "denied")
        assert denied["reason"] == "role"
        assert denied["detail"].startswith("Your roles do not include this: see cases and calls.")
        assert denied["next_step"] == "Ask an administrator when your duties have changed."


async def test_the_server_time_comes_with_a_beat_every_five_seconds(center: CenterMaker) -> None:
    async with center(topics=topics) as web, socket(web, await web.person("analyst")) as connection:
        beats = [parse_rfc3339((await said(connection, "beat"))["at"]) for _ in range(2)]
        assert beats[0] <= web.parts.clock.now()
        # Never early; a busy machine may be late.
        assert all(timedelta(seconds=5) <= b - a < timedelta(seconds=9) for a, b in pairwise(beats))


class Heap(Shelf):
    """Many large things that all change at once: more than a connection holds which nobody reads."""

    def __init__(self) -> None:
        self.things = {new_id(): 1 for _ in range(400)}
        self.asked = []

    async def _load(self, tx: Tx, wanted: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
        found = await super()._load(tx, wanted)
        return {one: item | {"words": "x" * 40_000} for one, item in found.items()}

    async def change(self, web: CenterWeb) -> None:
        """Everything changes; returns once that was loaded."""
        loaded = len(self.asked)
        for one in self.things:
            self.things[one] += 1
        web.feeds.stir("a.thing")
        async with asyncio.timeout(60):
            while len(self.asked) == loaded:
                await web.parts.clock.sleep(0.01)


async def test_who_reads_too_slowly_is_closed_as_such_and_begins_again_with_the_whole_list(
    center: CenterMaker,
) -> None:
    heap = Heap()
    async with center(topics=heap.topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as slow, socket(web, analyst) as other:
            await subscribe(slow, "shelf")
            first = await said(slow, "snapshot")
            await subscribe(other, "shelf")
            await said(other, "snapshot")
            seen = []
            for _ in range(5):
                await heap.change(web)
                seen += [(await said(other, "put"))["seq"] for _ in heap.things]
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    await said(slow, "put")
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 4008
            # Who reads in time is sent all of it, on the same list.
            assert seen == list(range(first["seq"] + 1, first["seq"] + 1 + 5 * 400))
        async with socket(web, analyst) as again:
            await subscribe(again, "shelf", [first["epoch"], first["seq"]])
            assert len((await said(again, "put", "snapshot"))["items"]) == 400


async def test_without_a_session_the_socket_closes_as_signed_out(center: CenterMaker) -> None:
    async with center(topics=topics) as web, socket(web, None) as connection:
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await connection.recv()
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 4001


async def test_a_page_of_another_site_gets_no_socket(center: CenterMaker) -> None:
    async with center(topics=topics) as web:
        analyst = await web.person("analyst")
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with socket(web, analyst, origin="https://elsewhere.example"):
                pass
        assert refused.value.response.status_code == 403


RUBBISH: tuple[str | bytes, ...] = (
    "",
    "{",
    "[]",
    '{"op":"sub"}',
    '{"op":5,"id":1}',
    '{"op":"burn","id":"a"}',
    "null",
    b"\xff\x00 no text",
    '{"op":"sub","id":"a","topic":' + "[" * 100_000 + "]" * 100_000 + "}",
)


async def test_rubbish_on_the_socket_is_answered_not_fatal(center: CenterMaker) -> None:
    async with center(topics=topics) as web, socket(web, await web.person("analyst")) as connection:
        for rubbish in RUBBISH:
            await connection.send(rubbish)
            assert await said(connection, "denied") == {
                "op": "denied",
                "id": None,
                "reason": "invalid",
                "detail": "Not understood: a message is {op, id, topic} in JSON with sub or unsub as its op, or {op: hands, has}.",
                "next_step": None,
            }, rubbish[:40]
        await subscribe(connection, "cases", ["x", None])
        assert (await said(connection, "snapshot"))["items"] == []


async def test_a_topic_that_is_not_there_and_one_subscription_too_many_are_told(center: CenterMaker) -> None:
    async with center(topics=topics) as web, socket(web, await web.person("analyst")) as connection:
        await subscribe(connection, "secrets")
        denied = await said(connection, "denied")
        assert (denied["reason"], denied["detail"]) == ("not_found", "There is no topic 'secrets'.")
        assert denied["next_step"] == "Known: cases, hands."
        for number in range(33):
            await connection.send(json.dumps({"op": "sub", "id": str(number), "topic": "cases"}))
        full = await said(connection, "denied")
        assert (full["id"], full["detail"]) == ("32", "At most 32 subscriptions on one connection.")


async def test_signing_out_ends_the_subscriptions(center: CenterMaker) -> None:
    async with center(topics=topics) as web:
        analyst = await web.person("analyst")
        async with socket(web, analyst) as connection:
            await subscribe(connection, "cases")
            await said(connection, "snapshot")
            await analyst.delete("/api/v1/session")
            denied = await said(connection, "denied")
            assert (denied["reason"], denied["detail"]) == ("ended", "Signed out.")
