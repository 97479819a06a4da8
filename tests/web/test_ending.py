"""The server ends: who still waits for an answer gets one, in the one form."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI

from watchfloor.engines.ports import chosen
from watchfloor.kit.clock import SystemClock
from watchfloor.web.counts import Counts
from watchfloor.web.guard import Guard
from watchfloor.web.listen import listen


async def test_a_request_that_is_cut_off_by_the_end_is_told_to_come_again() -> None:
    app, at_work = FastAPI(), asyncio.Event()

    @app.get("/waits")
    async def waits() -> None:
        at_work.set()
        await asyncio.Event().wait()

    app.add_middleware(Guard, clock=SystemClock(), counts=Counts(), larger=(), public_url="")
    stop, ready, port = asyncio.Event(), asyncio.Event(), chosen("127.0.0.1", 0, what="http")
    serving = asyncio.create_task(listen(app, "127.0.0.1", port, None, stop, ready.set))
    await ready.wait()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        asking = asyncio.create_task(client.get("/waits"))
        await at_work.wait()
        stop.set()
        answer = await asking
    await serving
    assert answer.status_code == 503
    assert (answer.json()["reason"], answer.headers["retry-after"]) == ("ending", "2")
