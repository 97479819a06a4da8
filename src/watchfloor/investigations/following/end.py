"""What is followed ends by itself: with its incident, without a second person, with the approval of plate readers. It begins nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.model import Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.store import authorisations
from watchfloor.governance.words import TechnologyKind
from watchfloor.incidents import incident_store
from watchfloor.investigations.following import store
from watchfloor.investigations.following.model import Ended, Follow
from watchfloor.investigations.following.start import Following, finish, read_before, why_of
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

EVERY_S: Final = 1.0
# A read whose transaction was under way when somebody began to follow its vehicle has met neither look-up nor matcher.
_UNDER_WAY: Final = timedelta(seconds=30)
_log = logger("follow")


async def end_over(parts: Following, agency: UUID, *, process: str = "sweep") -> int:
    """End what is over, and take in what fell between; how many ended."""
    actor = process_actor(agency, process)
    async with parts.door.open(Ask(actor, Need.FOLLOW_END)) as tx:
        over = [*await store.over(tx), *await _not_authorised(tx, actor)]
        for follow, why in over:
            await finish(parts, tx, follow, why, by=None)
        young = [one for one in await store.open_follows(tx) if tx.now - one.started_at < _UNDER_WAY]
    if young:
        ask = Ask(actor, Need.FOLLOW_KEEP, technology=TechnologyKind.PLATE_READER)
        async with parts.door.open(ask) as tx:
            for follow in young:
                await store.insert_sightings(tx, await read_before(tx, follow))
    return len(over)


async def _not_authorised(tx: Tx, actor: Actor) -> list[tuple[Follow, Ended]]:
    """What nobody could begin to follow any more: plate readers are not authorised for the purpose of its incident."""
    going_on = await store.open_follows(tx)
    if not going_on:
        return []
    technology = TechnologyKind.PLATE_READER
    facts = Facts(await authorisations(tx, [technology.value]), None, False, zone=tx.zone)
    ended = []
    for follow in going_on:
        incident = await incident_store.incident_of(tx, follow.incident)
        if incident is None:
            continue
        ask = Ask(actor, Need.FOLLOW_START, why_of(incident), technology=technology)
        if isinstance(authorised(ask, facts, now=tx.now), Denied):
            ended.append((follow, Ended.NOT_AUTHORISED))
    return ended


async def watch(parts: Following, clock: Clock, agencies: Sequence[UUID]) -> None:
    """Look each second, for ever; an engine that is away is asked again."""
    while True:
        for agency in agencies:
            try:
                await end_over(parts, agency)
            except WatchfloorError as error:
                _log.warning("what is followed is looked at later", why=error.detail)
        await clock.sleep(EVERY_S)
