"""Forgets the pictures that are never stored, and proves by looking that nothing of such reads is older than its minutes.

It needs no database to forget. What it finds too old it tells as an alarm of the sweep; reads are let go by the bus itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import NotFound, Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.plates.picture import Shelf
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects
from watchfloor.storage.streams import TRANSIENT, TRANSIENT_FOR, TRANSIENT_WAITS
from watchfloor.sweep import prove_store

EVERY_S: Final = 10.0
PROVEN_EVERY: Final = timedelta(minutes=1)
WHAT: Final = "reads that are never stored"
_log = logger("sweep")


async def forget_old(objects: Objects, now: datetime) -> None:
    """Delete what waited its time, half put or whole. Raises Unavailable or OSError."""
    age, half = TRANSIENT_WAITS.total_seconds(), f"{Shelf.TRANSIENT.value}."
    await asyncio.to_thread(objects.clear_leftovers, now, older_than_s=age, folder=half)
    async for stored in objects.listed(Shelf.TRANSIENT.value):
        if now - stored.stored_at >= TRANSIENT_WAITS:
            with contextlib.suppress(NotFound):  # the matcher was there first
                await objects.delete(stored.key)


async def fault(objects: Objects, bus: Bus, now: datetime) -> str | None:
    """Forget what is due, then what is wrong: in a sentence, without a plate."""
    try:
        await forget_old(objects, now)
    except (WatchfloorError, OSError) as error:
        return (
            f"their pictures: {error.detail if isinstance(error, WatchfloorError) else type(error).__name__}"
        )
    try:
        waits = await bus.waiting(TRANSIENT)
    except Unavailable:
        return None  # they are in the memory of a server that is away: gone with it, or gone by their age when it answers
    if waits.oldest_at is not None and now - waits.oldest_at > TRANSIENT_FOR:
        minutes = TRANSIENT_FOR // timedelta(minutes=1)
        return f"the bus still has one of {waits.oldest_at:%H:%M:%S} UTC; it should be gone after {minutes} minutes."
    return None


async def keep_short(door: Door, clock: Clock, objects: Objects, bus: Bus, agencies: Sequence[UUID]) -> None:
    """Look every ten seconds; an alarm while something is wrong, ended when it is not. Each minute it is kept that nothing was."""
    said: str | None = ""
    proven = datetime.min.replace(tzinfo=UTC)
    while True:
        found = await fault(objects, bus, clock.now())
        if found is not None:
            _log.error("what is never stored is still there", alarm=True, what=found)
        due = found is None and clock.now() - proven >= PROVEN_EVERY
        if found != said or due:
            try:
                for agency in agencies:
                    await _say(door, agency, found)
                said, proven = found, clock.now() if found is None else proven
            except WatchfloorError as error:
                _log.warning("an alarm waits to be kept", why=error.detail)
        await clock.sleep(EVERY_S)


async def _say(door: Door, agency: UUID, found: str | None) -> None:
    async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        if found is None:
            await prove_store.end_alarm(tx, WHAT)
            await prove_store.keep_short(tx)
        else:
            await prove_store.keep_alarm(tx, WHAT, found)
