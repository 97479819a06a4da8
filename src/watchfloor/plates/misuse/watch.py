"""Judges look-ups soon after they were made, draws of each period of the log, and opens reviews of both. It gives no verdict.

It runs in the sweep, as a process of its own name: nobody reads in their own log that their look-up is reviewed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.draw import digest_of, is_drawn
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.prove import root_at
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.plates.misuse import review_store, store
from watchfloor.plates.misuse.review_store import Draw
from watchfloor.plates.misuse.rules import SAMPLE, Limits, flags_of
from watchfloor.storage.tx import Tx

EVERY_S: Final = 15.0
_AT_ONCE: Final = 200
_log = logger("look-ups")


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The rules of flags, what share is drawn how often, and within how long a look-up is reviewed."""

    limits: Limits
    share_ppm: int
    every: timedelta
    within: timedelta


async def judge(door: Door, agency: UUID, rules: Reviewing, process: str = "sweep") -> int:
    """Judge what was looked up since the last time; how many look-ups were judged."""
    async with door.open(Ask(process_actor(agency, process), Need.LOOK_UPS_WATCH)) as tx:
        waiting = await store.unjudged(tx, _AT_ONCE)
        for this in waiting:
            before = await store.earlier(tx, this, this.at - rules.limits.within)
            registered = await store.registered(tx, sorted(this.plates))
            flags = flags_of(this, registered, before, rules.limits)
            await store.judge(tx, this.id, flags)
            if not flags:
                continue
            words = [flag.value for flag in flags]
            made = await review_store.open_review(
                tx, this.id, this.person, this.at, words, tx.now + rules.within
            )
            if made is not None:
                await effect(
                    tx, "look_up.flagged", About("look_up_review", made), more={"flags": list(words)}
                )
    return len(waiting)


async def close_due(door: Door, agency: UUID, rules: Reviewing, process: str = "sweep") -> bool:
    """End the period of the log where it lasted long enough, by an entry that says so; whether it was ended."""
    async with door.open(Ask(process_actor(agency, process), Need.LOOK_UPS_WATCH)) as tx:
        last = await review_store.last_draw(tx)
        if last is not None and tx.now - last.closed_at < rules.every:
            return False
        entry = await effect(
            tx, "look_ups.closed", About("agency", agency), more={"share_ppm": rules.share_ppm}
        )
        await review_store.close_period(tx, entry, rules.share_ppm)
    return True


async def draw_due(
    door: Door, agency: UUID, rules: Reviewing, ledger: Path, process: str = "sweep"
) -> list[UUID]:
    """Draw of every period whose last entry the signed log holds; the draws that were made."""
    ask = Ask(process_actor(agency, process), Need.LOOK_UPS_WATCH)
    async with door.open(ask) as tx:
        due = await review_store.to_draw(tx)
    made = []
    for draw, before, last in due:
        root = await asyncio.to_thread(root_at, ledger, last + 1)
        if root is None:
            break  # the log is not signed so far yet; what is later waits with it
        async with door.open(ask) as tx:
            await _draw(tx, draw, before, last, root, rules)
        made.append(draw.id)
    return made


async def _draw(tx: Tx, draw: Draw, before: int, last: int, root: bytes, rules: Reviewing) -> None:
    every = await review_store.searches(tx, before, last)
    drawn = [one for one in every if is_drawn(root, one[0], draw.share_ppm)]
    for entry, person, at in drawn:
        await review_store.open_review(tx, entry, person, at, [SAMPLE], tx.now + rules.within)
    await review_store.keep_draw(tx, draw.id, size=last + 1, root=root, searched=len(every), drawn=len(drawn))
    await effect(
        tx,
        "look_ups.drawn",
        About("entry", draw.closed_entry),
        more={
            "size": last + 1,
            "searched": len(every),
            "drawn": len(drawn),
            "digest": digest_of(entry for entry, _, _ in drawn),
        },
    )


async def watch(door: Door, clock: Clock, agencies: Sequence[UUID], rules: Reviewing, ledger: Path) -> None:
    """Judge, end periods and draw, for ever; what fails is told and tried again."""
    while True:
        for agency in agencies:
            try:
                while await judge(door, agency, rules) == _AT_ONCE:
                    await clock.sleep(0)
                await close_due(door, agency, rules)
                await draw_due(door, agency, rules, ledger)
            except (WatchfloorError, OSError) as error:
                said = error.detail if isinstance(error, WatchfloorError) else type(error).__name__
                _log.warning("look-ups wait to be judged or drawn", why=said)
        await clock.sleep(EVERY_S)
