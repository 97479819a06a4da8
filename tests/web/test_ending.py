"""The server ends: who still waits for an answer gets one, in the one form."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from watchfloor.engines.ports import chosen
from watchfloor.kit.clock import SystemClock
from watchfloor.web.counts import Counts
from watchfloor.web.guard import Guard
from watchfloor.web.listen import listen


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[tuple[httpx.AsyncClient, asyncio.Event, asyncio.Task[None]]]:
    """The application behind the guard on a real port: a client, what ends the server, and the server's work."""
    app.add_middleware(Guard, clock=SystemClock(), counts=Counts(), larger=(), public_url="")
    stop, ready, port = asyncio.Event(), asyncio.Event(), chosen("127.0.0.1", 0, what="http")
    serving = asyncio.create_task(listen(app, "127.0.0.1", port, None, stop, ready.set))
    await ready.wait()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client, stop, serving
    await serving


async def test_a_request_that_is_cut_off_by_the_end_is_told_to_come_again() -> None:
    app, at_work = FastAPI(), asyncio.Event()

    @app.get("/waits")
    async def waits() -> None:
        at_work.set()
        await asyncio.Event().wait()

    async with served(app) as (client, stop, _):
        asking = asyncio.create_task(client.get("/waits"))
        await at_work.wait()
        stop.set()
        answer = await asking
    assert answer.status_code == 503
    assert (answer.json()["reason"], answer.headers["retry-after"]) == ("ending", "2")


async def test_work_left_after_the_answer_is_no_bug_when_the_end_cuts_it_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An answer is kept after it was given; with the database away that waits, and the end does not."""
    app, cut_off = FastAPI(), asyncio.Event()

    async def keep() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    @app.get("/kept")
    async def kept(after: BackgroundTasks) -> str:
        after.add_task(keep)
        return "done"

    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        async with served(app) as (client, stop, serving):
            answer = await client.get("/kept")
            stop.set()
            await serving
    assert (answer.json(), cut_off.is_set()) == ("done", True)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_caller_who_hangs_up_is_no_bug() -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    answered: list[Message] = []

    async def keep(message: Message) -> None:
        answered.append(message)

    guard = Guard(gone, SystemClock(), Counts(), (), "")
    with capture_logs() as said:
        await guard({"type": "http", "method": "POST", "path": "/x", "headers": []}, nothing, keep)
    assert (said, answered) == ([], [])
