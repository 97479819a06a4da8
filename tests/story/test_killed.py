"""kill -9 of each process while a shift is at work: its clients are served again, and nothing they were promised is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.story import judge
from tests.story.center import a_whole_center
from tests.story.kill import kill
from tests.story.shift import Shift, at_work

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]
THE_CAMERA_GOES_ON = ("nats", "postgres", "ledger", "serve", "sense", "sweep")
THE_CAMERA_IS_LEFT = ("record", "up")
TOUCH_THE_LOG = ("postgres", "ledger", "up")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shift() -> AsyncIterator[Shift]:
    """One center for all: each test kills a part of it and finds it whole again afterwards."""
    async with a_whole_center() as center, at_work(center) as working:
        yield working


async def kept(shift: Shift) -> list[str]:
    """What is wrong with what was acknowledged."""
    return [
        *await judge.reads(shift),
        *await judge.positions(shift),
        *await judge.alerts(shift),
        *shift.surprises,
    ]


async def log_verifies(shift: Shift) -> None:
    """The log verifies for an outsider who kept an earlier checkpoint."""
    verified = await asyncio.to_thread(shift.center.verify)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    report = json.loads(verified.stdout.strip().splitlines()[-1])
    assert (report["verdict"], report["rollback"].partition(" ")[0]) == ("verified", "excluded"), report


@pytest.mark.parametrize("part", THE_CAMERA_GOES_ON)
async def test_a_killed_process_costs_nothing_that_was_promised_and_not_one_picture(
    shift: Shift, part: str
) -> None:
    healed = await kill(shift, part)
    print(healed)
    assert await judge.whole_footage(shift, healed) == []
    assert await kept(shift) == []
    if part in TOUCH_THE_LOG:
        await log_verifies(shift)


@pytest.mark.parametrize("part", THE_CAMERA_IS_LEFT)
async def test_when_the_recorder_dies_the_gap_says_so_and_ends(shift: Shift, part: str) -> None:
    healed = await kill(shift, part)
    print(healed)
    assert await judge.explained_gap(shift, healed) == []
    assert await kept(shift) == []
    if part in TOUCH_THE_LOG:
        await log_verifies(shift)
