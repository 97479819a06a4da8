"""Forgets what is kept for minutes, row by row and picture by picture, and proves by looking that nothing of it is older. What is
held stays. It needs the database: without one it cannot know what is held, and says that it could not forget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.keep import said
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.plates import store as plate_store
from watchfloor.plates.picture import Shelf, folder_of, key_of
from watchfloor.storage.objects import Objects
from watchfloor.storage.streams import TRANSIENT_WAITS
from watchfloor.sweep import brief_store, prove_store, store
from watchfloor.sweep.store import Rule

EVERY_S: Final = 10.0
# It goes so much before its end, that a look or two may fail.
LEEWAY: Final = timedelta(seconds=20)
WHAT: Final = "reads that are kept for minutes"
_BATCH: Final = 1000
_log = logger("sweep")


async def forget(door: Door, objects: Objects, agency: UUID) -> str | None:
    """Forget what is due of one agency, then what is wrong: in a sentence, without a plate. Raises WatchfloorError, OSError."""
    ask = Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)
    async with door.open(ask) as tx:
        rules, now = await brief_store.rules(tx), tx.now
    for rule in rules:
        for table in brief_store.TABLES_OF:
            async with door.open(ask) as tx:
                await store.lock_holds(tx)
                before = brief_store.before(tx.now, rule, LEEWAY)
                gone, names = await brief_store.delete_old(tx, table, rule.number, before)
                await brief_store.count(tx, table, rule.number, gone)
                kept_no_more = await plate_store.unkept(tx, names) if names else []
            # Taken when a longer time was approved, it lies where that is kept.
            for name in kept_no_more:
                await objects.delete(key_of(agency, name))
    shortest = min((rule.keep_for for rule in rules), default=TRANSIENT_WAITS + LEEWAY)
    await _forget_pictures(door, objects, ask, now - shortest + LEEWAY)
    await asyncio.to_thread(
        objects.clear_leftovers, now, older_than_s=(shortest - LEEWAY).total_seconds(), folder=f"{Shelf.BRIEF.value}."
    )  # fmt: skip
    return await _late(door, ask, rules)


async def _forget_pictures(door: Door, objects: Objects, ask: Ask, before: datetime) -> None:
    """Delete the pictures whose read went, or never came in the time that one may be kept."""
    batch: dict[str, str] = {}
    async for stored in objects.listed(folder_of(ask.actor.agency, Shelf.BRIEF)):
        if stored.stored_at <= before:
            batch[stored.key.rsplit("/", 1)[-1]] = stored.key
        if len(batch) >= _BATCH:
            await _delete_alone(door, objects, ask, batch)
            batch = {}
    if batch:
        await _delete_alone(door, objects, ask, batch)


async def _delete_alone(door: Door, objects: Objects, ask: Ask, batch: dict[str, str]) -> None:
    async with door.open(ask) as tx:
        alone = await brief_store.without_rows(tx, sorted(batch))
    for name in alone:
        await objects.delete(batch[name])


async def _late(door: Door, ask: Ask, rules: Sequence[Rule]) -> str | None:
    async with door.open(ask) as tx:
        for rule in rules:
            for table in brief_store.TABLES_OF:
                at = await brief_store.oldest(tx, table, rule.number, tx.now - rule.keep_for)
                if at is not None:
                    return f"{table} still has one of {at:%Y-%m-%d %H:%M:%S} UTC, kept {said(rule.keep_for)}."
    return None


async def keep_brief(door: Door, clock: Clock, objects: Objects, agencies: Sequence[UUID]) -> None:
    """Forget every ten seconds; what fails is an alarm until it succeeds."""
    failing = set(agencies)  # an alarm may be left of the process before
    while True:
        for agency in agencies:
            try:
                fault = await forget(door, objects, agency)
            except WatchfloorError as error:
                fault = error.detail
            except OSError as error:
                fault = f"{type(error).__name__}"
            if fault is not None:
                _log.error("what is kept for minutes is still there", alarm=True, what=fault)
            if fault is not None or agency in failing:
                try:
                    await _say(door, agency, fault)
                except WatchfloorError as error:
                    _log.warning("an alarm waits to be kept", why=error.detail)
                    failing.add(agency)
                    continue
            (failing.add if fault is not None else failing.discard)(agency)
        await clock.sleep(EVERY_S)


async def _say(door: Door, agency: UUID, fault: str | None) -> None:
    async with door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
        if fault is None:
            await prove_store.end_alarm(tx, WHAT)
        else:
            await prove_store.keep_alarm(tx, WHAT, fault)
