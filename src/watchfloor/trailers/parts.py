"""What the use cases of trailers need. Values only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.address import Networks, Resolve, resolve
from watchfloor.governance.door import Door
from watchfloor.kit.clock import Clock
from watchfloor.kit.envelope import Envelope
from watchfloor.settings import TrailerSettings
from watchfloor.storage.tx import Tx
from watchfloor.trailers.model import Limits

CHANGED: Final = "trailers.trailer.changed"
News = Callable[[str, UUID, UUID], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Trailers:
    """The door, where news goes, the settings, and for the lights: the vault's key and where devices may be."""

    door: Door
    clock: Clock
    news: News
    settings: TrailerSettings
    envelope: Envelope
    networks: Networks
    resolve: Resolve = resolve

    @property
    def limits(self) -> Limits:
        return limits_of(self.settings)


def limits_of(settings: TrailerSettings) -> Limits:
    """From when on a person is warned."""
    return Limits(
        float(settings.moved_m),
        float(settings.battery_low_pct),
        float(settings.signal_low_dbm),
        timedelta(minutes=settings.stale_after_min),
    )


def tell(trailers: Trailers, tx: Tx, trailer: UUID) -> None:
    """News of a trailer, once this is committed."""
    agency = tx.agency
    tx.after_commit(lambda: trailers.news(CHANGED, agency, trailer))
