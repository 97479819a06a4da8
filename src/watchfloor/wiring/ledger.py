"""The ledger: what sequences and signs the log. It has a database role and a key of its own, and no door."""

from __future__ import annotations

import asyncio

from watchfloor.engines.endpoints import Endpoints
from watchfloor.ledger.run import run as keep_log
from watchfloor.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """What sequences and signs the log; it has a role and a key of its own and no door."""
    await keep_log(settings, Endpoints.read(settings.data), stop)
