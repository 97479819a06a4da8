"""How the readers of each agency do, for pages and figures: what is usual is reckoned anew every ten minutes, the rest each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.plates import health_store
from watchfloor.plates.health import DAY, KEPT_FOR, Health, Hour, Usual, health_of, usual_of
from watchfloor.plates.model import ReaderId
from watchfloor.storage.tx import Tx

RECKONED_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Page:
    usual: Mapping[ReaderId, Usual]
    at: datetime


@dataclass(slots=True)
class HealthBook:
    """What is usual for the readers of each agency, remembered."""

    _pages: dict[UUID, _Page] = field(default_factory=dict)

    async def usual(self, tx: Tx) -> Mapping[ReaderId, Usual]:
        """What is usual for each reader of the agency."""
        page = self._pages.get(tx.agency)
        if page is None or tx.now - page.at > RECKONED_EVERY:
            hours = await health_store.hours(tx, tx.now - KEPT_FOR)
            usual = {reader: usual_of(of_it, tx.zone, now=tx.now) for reader, of_it in hours.items()}
            page = self._pages[tx.agency] = _Page(usual, tx.now)
        return page.usual

    async def look(self, tx: Tx, last_reads: Mapping[ReaderId, datetime | None]) -> dict[ReaderId, Health]:
        """How these readers do, by when each read last."""
        usual, recent = await self.usual(tx), await health_store.hours(tx, tx.now - 2 * DAY)
        return {
            reader: health_of(recent.get(reader, []), usual.get(reader, {}), last, tx.zone, now=tx.now)
            for reader, last in last_reads.items()
        }

    async def week(self, tx: Tx, reader: ReaderId) -> tuple[Sequence[Hour], Usual]:
        """The hours of one reader in the last seven days, and what is usual for it."""
        hours = await health_store.hours(tx, tx.now - 7 * DAY, reader)
        return hours.get(reader, []), (await self.usual(tx)).get(reader, {})
