"""Searching reads for a plate, and looking at one that was found: for a purpose and a case, with what was sought in the log alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import log_store
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.sure import sure
from watchfloor.plates import history_store, search_store
from watchfloor.plates.criteria import Criteria, looked, of_said, parts, said
from watchfloor.plates.history_store import Tally
from watchfloor.plates.misuse.look_ups import LookUps
from watchfloor.plates.misuse.rules import aimed_at
from watchfloor.plates.search_store import Answered, Found
from watchfloor.plates.shelves import named, picture_gone, shelved
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

# One statement takes no longer, and no further part is begun after this.
STATEMENT_S: Final = 10.0
ENOUGH_S: Final = 3.0
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found: a page; with the first one, how many of each reader and hour.

    `id` is the search's own, its entry of the log. `since` is how far back it was looked: not all of it, where it took too long.
    """

    id: UUID
    criteria: Criteria
    found: Cut[Found]
    tally: Tally | None
    since: datetime


async def search(
    door: Door, look_ups: LookUps, actor: Actor, criteria: Criteria, why: Why, extent: Extent, clock: Clock
) -> Searched:
    """A part of the reads, newest first. Raises Invalid or Refused."""
    ask = Ask(actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, detail=said(criteria))
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        done = await _searched(tx, sure(tx.decision), criteria, extent, clock)
        await _keep(tx, look_ups, "search", why, done)
        return done


async def search_again(
    door: Door,
    look_ups: LookUps,
    actor: Actor,
    search_id: str,
    why: Why | None,
    extent: Extent,
    clock: Clock,
) -> Searched:
    """A colleague's search, or one's own, by its id: for the asker's own purpose. Raises Refused, or NotFound."""
    entry = inside("entry", search_id)
    about = About("entry", entry)
    ask = Ask(actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, about=about)
    async with door.open(ask) as tx:
        await look_ups.admit(tx)
        detail = await log_store.detail_of(tx, entry, Need.PLATES_SEARCH.word)
        criteria = of_said(detail) if detail is not None else None
        if criteria is None:
            raise NotFound(
                "There is no such search (any more).", next_step="Ask who sent the link what was looked for."
            )
        done = await _searched(tx, entry, criteria, extent, clock)
        await _keep(tx, look_ups, "search_again", why, done)
        return done


async def _keep(tx: Tx, look_ups: LookUps, way: str, why: Why | None, done: Searched) -> None:
    """Keep that it was looked up, each page too: where a page begins anybody can make up."""
    cars = {one.read.plate.folded for one in done.found.items}
    found = done.tally.reads if done.tally is not None else len(done.found.items)
    await look_ups.looked_up(tx, way=way, why=why, plates=aimed_at(done.criteria, cars), found=found)


async def _searched(tx: Tx, search_id: UUID, criteria: Criteria, extent: Extent, clock: Clock) -> Searched:
    """Part after part of the time, the newest first, until the page is full and all is counted, or it took long enough."""
    stands = await history_store.stands(tx, criteria.since, criteria.until) if criteria.at_a_place else ()
    asked = looked(criteria, stands)
    await history_store.bound(tx, STATEMENT_S)
    found: list[Found] = []
    began, tally, since = clock.monotonic(), Tally(), asked.until
    for part in parts(asked):
        more = Extent(max(1, extent.limit + 1 - len(found)), extent.after)
        result = await history_store.search(tx, part, more)
        found += result.found.items
        tally = tally.with_older(result.tally) if result.tally is not None else tally
        since = part.since
        full = len(found) > extent.limit and (extent.after is not None or tally.reads >= history_store.MOST)
        if full or clock.monotonic() - began > ENOUGH_S:
            break
    cut = history_store.page_of(found, extent)
    return Searched(search_id, criteria, cut, tally if extent.after is None else None, since)


async def finds(tx: Tx, criteria: Criteria, one: Found) -> bool:
    """Whether this search finds that read: the search itself is made, of the read's own moment."""
    at = one.read.at
    if not criteria.since <= at < criteria.until:
        return False
    moment = replace(criteria, since=at, until=at + _MICROSECOND)
    stands = await history_store.stands(tx, moment.since, moment.until) if moment.at_a_place else ()
    result = await history_store.search(tx, looked(moment, stands), Extent(history_store.MOST))
    return any(found.number == one.number for found in result.found.items)


async def look(door: Door, actor: Actor, read_id: str, why: Why | None) -> tuple[Found, Sequence[Answered]]:
    """One read, and the entries it answered to. Raises Refused, or NotFound."""
    async with door.open(_looking(actor, read_id, why)) as tx:
        at, number = place_of(read_id)
        found = await search_store.read_at(tx, at, number)
        if found is None:
            raise _gone()
        return found, await search_store.answered(tx, found.read)


async def look_at_picture(door: Door, objects: Objects, actor: Actor, read_id: str, why: Why | None) -> bytes:
    """The picture of a read. Raises Refused, or NotFound (reason `no_picture` where the read is there and it is not)."""
    async with door.open(_looking(actor, read_id, why)) as tx:
        at, number = place_of(read_id)
        found = await search_store.read_at(tx, at, number)
        if found is None:
            raise _gone()
        name = named(found.read.picture)
        if not await search_store.picture_is_kept(tx, found.read):
            raise NotFound("The picture's time is over.", reason="no_picture")
    try:
        return await shelved(objects, actor.agency, name)
    except NotFound as error:
        raise picture_gone() from error


def id_of(found: Found) -> str:
    """What names a read outside: its time and number. Reads are too many for ids of their own."""
    return outside("read", UUID(int=((found.read.at - _EPOCH) // _MICROSECOND) << 64 | found.number))


def _looking(actor: Actor, read_id: str, why: Why | None) -> Ask:
    about = About("read", inside("read", read_id))
    return Ask(actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, about=about)


def place_of(read_id: str) -> tuple[datetime, int]:
    """When the read was, and its number. Raises Invalid for what no read can be called."""
    value = inside("read", read_id).int
    try:
        return _EPOCH + (value >> 64) * _MICROSECOND, value & (2**63 - 1)
    except OverflowError as error:
        raise _gone() from error


def _gone() -> NotFound:
    return NotFound(
        "There is no such read (any more).", next_step="Search anew: reads are kept only so long."
    )
