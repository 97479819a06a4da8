"""kill -9 of each process while a shift is at work: its clients are served again, and nothing they were promised is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Final

import psutil
import pytest
import pytest_asyncio

from tests.engines.center import until
from tests.story import judge
from tests.story.center import a_whole_center
from tests.story.kill import EVERY_PART, kill
from tests.story.shift import Shift, at_work

pytestmark = [
    pytest.mark.slow,
    pytest.mark.soak,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="module"),
]
HEAL_WITHIN_S: Final = 20.0
ANEW_WITHIN_S: Final = 60.0
"""What is held while the machine does other things besides: for a part, and for all started anew. The promise is 10 s;
the soak measures it."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shift() -> AsyncIterator[Shift]:
    """One center for all: each test kills a part of it and finds it whole again afterwards."""
    async with a_whole_center() as center, at_work(center) as working:
        yield working


@pytest.mark.parametrize("part", EVERY_PART)
async def test_a_killed_process_costs_nothing_that_was_promised(shift: Shift, part: str) -> None:
    healed = await kill(shift, part, within_s=ANEW_WITHIN_S if part == "up" else HEAL_WITHIN_S)
    print(healed)
    assert await judge.footage(shift, healed) == []
    assert await judge.kept(shift) == []
    if part in ("postgres", "ledger", "up"):
        verified = await asyncio.to_thread(shift.center.verified)
        assert verified.startswith("verified, roll-back excluded"), verified


async def test_a_recorder_that_is_stopped_is_killed_and_started_again(shift: Shift) -> None:
    """There is no other that could take its camera, as where a center is small."""
    healed = await kill(shift, "record", within_s=2 * HEAL_WITHIN_S, by=signal.SIGSTOP)
    print(healed)
    assert shift.center.heard("silent", part="record")
    assert await judge.footage(shift, healed) == []
    assert await judge.kept(shift) == []


async def test_a_process_is_back_while_the_fork_server_stands_still(shift: Shift) -> None:
    """It is then started by itself, and no other process is touched by what befalls the one that it came of."""
    was = shift.center.endpoints.pids
    assert psutil.Process(was["fork-server"]).num_threads() == 1
    shift.center.kill("fork-server", signal.SIGSTOP)
    healed = await kill(shift, "record", within_s=HEAL_WITHIN_S)
    print(healed)
    assert await judge.footage(shift, healed) == []
    await until(lambda: shift.center.endpoints.pids["fork-server"] != was["fork-server"], "another one")
    now = shift.center.endpoints.pids
    assert {name for name in was if now[name] != was[name]} == {"record", "fork-server"}
