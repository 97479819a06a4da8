"""How many incidents, calls and alerts there were around a placement before it, meanwhile and after it: counted and kept.

A count and no proof of an effect: seasons, other work and chance are in it, and it says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from watchfloor.trailers import figure_store
from watchfloor.trailers.periods import due, spans

EVERY_S: Final = 3600.0
_log = logger("trailers.figures")


async def count_all(door: Door, settings: TrailerSettings, agency: UUID) -> int:
    """Count around each placement that is due, and keep it; how many were."""
    async with door.open(Ask(process_actor(agency, "sweep"), Need.TRAILERS_COUNT)) as tx:
        counted = 0
        for one in due(await figure_store.lately(tx, settings.figures_days), settings.figures_days, tx.now):
            for span in spans(one, settings.figures_days, tx.now):
                await figure_store.count(tx, one, span, settings.figures_radius_m)
            counted += 1
        return counted


async def watch(door: Door, clock: Clock, settings: TrailerSettings, agencies: Sequence[UUID]) -> None:
    """Count each hour, for ever: before what is counted is past its retention."""
    while True:
        for agency in agencies:
            try:
                await count_all(door, settings, agency)
            except WatchfloorError as error:
                _log.warning("figures of trailers wait", why=error.detail)
        await clock.sleep(EVERY_S)
