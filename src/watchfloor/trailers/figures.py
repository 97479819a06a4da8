"""How many incidents, calls and alerts there were around a placement before it, meanwhile and after it: counted and kept.

A count and no proof of an effect: seasons, other work and chance are in it, and it says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.settings import TrailerSettings
from watchfloor.storage import jobs
from watchfloor.storage.jobs import Job
from watchfloor.trailers import figure_store
from watchfloor.trailers.periods import due, spans

EVERY_S: Final = 3600.0
KIND: Final = "trailers.count"
_log = logger("trailers.figures")


async def plan(door: Door, settings: TrailerSettings, agency: UUID) -> int:
    """Have each placement that is due counted, once an hour, each by a job of its own; how many were not yet planned.

    A job that fails is tried again and told of by `watchfloor check`; the others, and the next hour, go on without it.
    """
    async with door.open(Ask(process_actor(agency, "sweep"), Need.TRAILERS_COUNT)) as tx:
        planned = 0
        for one in due(await figure_store.lately(tx, settings.figures_days), settings.figures_days, tx.now):
            key = f"{KIND} {one.id} {tx.now:%Y-%m-%d %H}"
            planned += await jobs.add(tx, KIND, {"placement": str(one.id)}, run_at=tx.now, key=key)
        return planned


async def count(door: Door, settings: TrailerSettings, agency: UUID, placement: UUID) -> None:
    """Count around a placement, and keep it."""
    async with door.open(Ask(process_actor(agency, "sweep"), Need.TRAILERS_COUNT)) as tx:
        one = await figure_store.placement(tx, placement)
        if one is None:
            return
        for span in spans(one, settings.figures_days, tx.now):
            await figure_store.count(tx, one, span, settings.figures_radius_m)


def works(door: Door, settings: TrailerSettings) -> dict[str, Callable[[Job], Awaitable[None]]]:
    """The work of such a job."""

    async def counted(job: Job) -> None:
        if job.agency is None:
            raise ValueError("a count is of an agency")
        await count(door, settings, job.agency, UUID(job.payload["placement"]))

    return {KIND: counted}


async def watch(door: Door, clock: Clock, settings: TrailerSettings, agencies: Sequence[UUID]) -> None:
    """Plan each hour's counts, for ever: before what is counted is past its retention."""
    while True:
        for agency in agencies:
            try:
                await plan(door, settings, agency)
            except WatchfloorError as error:
                _log.warning("figures of trailers wait", why=error.detail)
        await clock.sleep(EVERY_S)
