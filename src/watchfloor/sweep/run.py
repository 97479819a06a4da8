"""The sweep's loops: a round of forgetting each minute, timers each second. An error in one round is told and tried again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.sweep.forget import Sweep

ROUND_S: Final = 60.0
TIMER_S: Final = 1.0
_MOST_JOBS: Final = 50
_log = logger("sweep")

Work = Callable[[Job], Awaitable[None]]


async def forget_for_ever(sweep: Sweep, clock: Clock, agencies: Sequence[UUID]) -> None:
    """A round each minute. What fails in it is kept as an alarm and tried in the next; without a database it waits."""
    while True:
        for agency in agencies:
            try:
                for receipt in await sweep.round(agency):
                    _log.info(
                        "forgotten", what=receipt.of.key, objects=receipt.objects, held=receipt.kept_by_hold
                    )
            except WatchfloorError as error:
                _log.error("a round of forgetting failed", error=error.detail)
        await clock.sleep(ROUND_S)


async def keep_timers(door: Door, clock: Clock, agencies: Sequence[UUID], works: Mapping[str, Work]) -> None:
    """Do each due job, each second; one that fails waits longer each time."""
    while True:
        for agency in agencies:
            try:
                await do_due(door, agency, works)
            except WatchfloorError as error:
                _log.warning("timers wait", why=error.detail)
        await clock.sleep(TIMER_S)


async def do_due(door: Door, agency: UUID, works: Mapping[str, Work]) -> int:
    """Do what is due now, one after another so that none waits under a lease that runs out; how many were done."""
    ask = Ask(process_actor(agency, "sweep"), Need.MACHINERY_RUN)
    done = 0
    for _ in range(_MOST_JOBS):
        async with door.open(ask) as tx:
            taken = await jobs.take(tx, list(works), 1)
        if not taken:
            break
        done += await _do(door, ask, taken[0], works[taken[0].kind])
    return done


async def _do(door: Door, ask: Ask, job: Job, work: Work) -> bool:
    try:
        await work(job)
    except Exception as error:  # a loop over jobs must survive one of them; it is counted and tried again
        _log.error(
            "a job failed", kind=job.kind, attempts=job.attempts, error=f"{type(error).__name__}: {error}"
        )
        async with door.open(ask) as tx:
            await jobs.failed(tx, job, f"{type(error).__name__}: {error}")
        return False
    async with door.open(ask) as tx:
        return await jobs.done(tx, job)
