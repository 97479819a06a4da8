"""What is followed ends by itself: with its incident, without a second person, with the approval of plate readers. It begins nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.investigations.following import store
from watchfloor.investigations.following.model import Ended
from watchfloor.investigations.following.start import Following, finish, read_before
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger

EVERY_S: Final = 1.0
# A read whose transaction was under way when somebody began to follow its vehicle has met neither look-up nor matcher.
_UNDER_WAY: Final = timedelta(seconds=30)
_log = logger("follow")


async def end_over(parts: Following, agency: UUID, *, process: str = "sweep") -> int:
    """End what is over, and take in what fell between; how many ended."""
    actor = process_actor(agency, process)
    async with parts.door.open(Ask(actor, Need.FOLLOW_END)) as tx:
        over = await store.over(tx)
        for follow, why in over:
            await finish(parts, tx, follow, why, by=None)
        going_on = await store.open_follows(tx)
    if not going_on:
        return len(over)
    try:
        async with parts.door.open(
            Ask(actor, Need.FOLLOW_KEEP, technology=TechnologyKind.PLATE_READER)
        ) as tx:
            for follow in going_on:
                if tx.now - follow.started_at < _UNDER_WAY:
                    await store.insert_sightings(tx, await read_before(tx, follow))
    except Refused:
        async with parts.door.open(Ask(actor, Need.FOLLOW_END)) as tx:
            for follow in going_on:
                await finish(parts, tx, follow, Ended.NOT_AUTHORISED, by=None)
        return len(over) + len(going_on)
    return len(over)


async def watch(parts: Following, clock: Clock, agencies: Sequence[UUID]) -> None:
    """Look each second, for ever; an engine that is away is asked again."""
    while True:
        for agency in agencies:
            try:
                await end_over(parts, agency)
            except WatchfloorError as error:
                _log.warning("what is followed is looked at later", why=error.detail)
        await clock.sleep(EVERY_S)
