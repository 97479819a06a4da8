"""A machine whose clock is wrong: it answers, it writes nothing, and it says so to whoever wanted something written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest_asyncio

from tests.fixtures.center import PASSWORD, CenterMaker
from tests.fixtures.engines import Dsns
from watchfloor.kit.clock import SystemClock
from watchfloor.storage.database import Database


class Behind(SystemClock):
    """A machine's clock, set ten minutes back."""

    def now(self) -> datetime:
        return super().now() - timedelta(minutes=10)


@pytest_asyncio.fixture
async def database(dsns: Dsns) -> AsyncIterator[Database]:
    """The database as that machine opens it."""
    opened = await Database.connect(dsns.app, role="wf_app", clock=Behind())
    yield opened
    await opened.close()


async def test_with_a_wrong_clock_nobody_signs_in_and_the_page_says_what_is_wrong(
    center: CenterMaker,
) -> None:
    async with center() as web:
        assert (await web.client().get("/api/v1/health")).status_code == 200
        for path, body in (
            ("/api/v1/session", {"name": "administrator", "password": PASSWORD}),
            ("/api/v1/invitations/accept", {"token": web.first_token, "password": PASSWORD}),
        ):
            answer = await web.client().post(path, json=body)
            assert (answer.status_code, answer.json()["reason"]) == (503, "clock_off")
            assert answer.json()["detail"].startswith("This machine's clock is 600.")
            assert answer.json()["detail"].endswith(
                " s behind the database's; nothing is written with a wrong time."
            )
            assert answer.json()["next_step"].startswith("Set the clock (NTP) on both machines.")
