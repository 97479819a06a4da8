"""What is followed ends by itself: with its incident, without a second person, with the approval of plate readers. It begins nothing.

Where a vehicle was read goes with it, once nobody may look any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from watchfloor.dispatch import message_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.decide import Facts, authorised
from watchfloor.governance.model import Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.store import authorisations
from watchfloor.governance.words import TechnologyKind
from watchfloor.incidents import incident_store
from watchfloor.investigations.following import store
from watchfloor.investigations.following.hear import take
from watchfloor.investigations.following.model import Ended, Follow, Sighting
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
    """End what is over, forget what nobody may look at any more, and take in what fell between; how many ended."""
    actor = process_actor(agency, process)
    async with parts.door.open(Ask(actor, Need.FOLLOW_END)) as tx:
        over = [*await store.over(tx), *await _not_authorised(tx, actor)]
        # In the order in which a matcher takes them: the two must not wait for each other.
        for follow, why in sorted(over, key=lambda one: one[0].id):
            await finish(parts, tx, follow, why, by=None)
        old = await store.seen_no_more(tx)
        if old:
            await message_store.without_pictures(tx, old)
            await store.delete_sightings(tx, old)
        young = [one for one in await store.open_follows(tx) if tx.now - one.started_at < _UNDER_WAY]
    if young:
        ask = Ask(actor, Need.FOLLOW_KEEP, technology=TechnologyKind.PLATE_READER)
        async with parts.door.open(ask) as tx:
            for follow in await store.open_follows(tx):
                if any(one.id == follow.id for one in young):
                    await _take_between(parts, tx, follow)
    return len(over)


async def _take_between(parts: Following, tx: Tx, follow: Follow) -> None:
    """What came since it is followed and was met by nobody is told as any other; what came before is kept and told to nobody."""

    def is_new(one: Sighting) -> bool:
        return one.received_at >= follow.started_at

    found = await read_before(tx, follow)
    await store.insert_sightings(tx, [one for one in found if not is_new(one)])
    for one in [*found, *await read_before(tx, follow, brief=True)]:
        if is_new(one):
            await take(parts.news, tx, follow, one)


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
