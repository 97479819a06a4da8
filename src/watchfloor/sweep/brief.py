"""Forgets what is kept for minutes, row by row and picture by picture, and proves by looking that nothing of it is older. What is
held stays. It needs the database: without one it cannot know what is held, and says that it could not forget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
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
from watchfloor.storage.streams import TRANSIENT_FOR
from watchfloor.sweep import brief_store, prove_store, store
from watchfloor.sweep.store import Rule

EVERY_S: Final = 10.0
# It goes so much before its end, that a look or two may fail.
LEEWAY: Final = timedelta(seconds=20)
WHAT: Final = "reads that are kept for minutes"
# A shelf holds what came in the longest length: it is listed eighteen times in that, and no more rarely than this.
_LISTED_EVERY: Final = timedelta(minutes=5)
_BATCH: Final = 1000
_log = logger("sweep")


async def forget(door: Door, objects: Objects, agency: UUID) -> str | None:
    """Forget what is due of one agency, then what is wrong: in a sentence, without a plate. Raises WatchfloorError, OSError."""
    ask = _ask(agency)
    unmoved = await _unmoved(door, ask)
    async with door.open(ask) as tx:
        rules = await brief_store.rules(tx)
    for rule in rules:
        for table in brief_store.TABLES_OF:
            async with door.open(ask) as tx:
                await store.lock_holds(tx)
                before = brief_store.before(tx.now, rule, LEEWAY)
                gone, names = await brief_store.delete_old(tx, table, rule.number, before)
                await brief_store.count(tx, table, rule.number, gone)
                alone = await plate_store.without_reads(tx, names) if names else []
                kept_no_more = await plate_store.unkept(tx, names) if names else []
            # Taken when a longer time was approved, it lies where that is kept.
            for shelf, found in ((Shelf.BRIEF, alone), (Shelf.KEPT, kept_no_more)):
                for name in found:
                    await objects.delete(key_of(agency, name, shelf))
    return await _late(door, ask, rules) or unmoved


async def _unmoved(door: Door, ask: Ask) -> str | None:
    """Put what is held where a crash does not lose it; why not, in a sentence. What is not held goes all the same."""
    try:
        async with door.open(ask) as tx:
            await plate_store.keep_held(tx)
    except WatchfloorError as error:
        return f"what is held of it is not yet where a crash does not lose it: {error.detail}"
    return None


async def forget_orphans(door: Door, objects: Objects, agency: UUID) -> timedelta:
    """Delete the pictures whose read never came, by listing all, and those half put; in how long to list again. Raises
    WatchfloorError, OSError.
    """
    ask = _ask(agency)
    async with door.open(ask) as tx:
        now, longest = tx.now, await brief_store.longest_picture(tx) or TRANSIENT_FOR
    # Which length a picture without a read has, nothing says; its read may still wait on a disk as long as the longest.
    every = max(timedelta(seconds=EVERY_S), min(longest / 18, _LISTED_EVERY))
    kept = longest - LEEWAY - every
    batch: dict[str, str] = {}
    async for stored in objects.listed(folder_of(agency, Shelf.BRIEF)):
        if now - stored.stored_at >= kept:
            batch[stored.key.rsplit("/", 1)[-1]] = stored.key
        if len(batch) >= _BATCH:
            await _delete_alone(door, objects, ask, batch)
            batch = {}
    if batch:
        await _delete_alone(door, objects, ask, batch)
    await asyncio.to_thread(
        objects.clear_leftovers, now, older_than_s=kept.total_seconds(), folder=f"{Shelf.BRIEF.value}."
    )
    return every


async def _delete_alone(door: Door, objects: Objects, ask: Ask, batch: dict[str, str]) -> None:
    async with door.open(ask) as tx:
        alone = await plate_store.without_reads(tx, sorted(batch))
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
    lists_at: dict[UUID, float] = {}
    while True:
        for agency in agencies:
            try:
                fault = await forget(door, objects, agency)
                if clock.monotonic() >= lists_at.get(agency, float("-inf")):
                    every = await forget_orphans(door, objects, agency)
                    lists_at[agency] = clock.monotonic() + every.total_seconds()
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
    async with door.open(_ask(agency)) as tx:
        if fault is None:
            await prove_store.end_alarm(tx, WHAT)
        else:
            await prove_store.keep_alarm(tx, WHAT, fault)


def _ask(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)
