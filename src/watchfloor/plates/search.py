"""Searching reads for a plate, and looking at one that was found: for a purpose and a case, with what was sought in the log alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.plates import picture, search_store
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.model import Plate
from watchfloor.plates.search_store import Answered, Found
from watchfloor.storage.objects import Objects

LONGEST: Final = timedelta(days=92)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to look for: from `since`, up to and not including `until`."""

    plate: Plate
    exact: bool
    since: datetime
    until: datetime


async def search(door: Door, actor: Actor, criteria: Criteria, why: Why, extent: Extent) -> Cut[Found]:
    """A part of the reads of the plate, newest first. Raises Invalid or Refused."""
    if not timedelta(0) < criteria.until - criteria.since <= LONGEST:
        raise Invalid(f"A search covers more than nothing and at most {LONGEST.days} days.", reason="to")
    detail: dict[str, Json] = {
        "plate": criteria.plate.text,
        "match": "exact" if criteria.exact else "alike",
        "from": rfc3339(criteria.since),
        "to": rfc3339(criteria.until),
    }
    ask = Ask(actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, detail=detail)
    async with door.open(ask) as tx:
        return await search_store.search(
            tx,
            folded_key=key_of(criteria.plate.text),
            exact=criteria.plate if criteria.exact else None,
            since=criteria.since,
            until=criteria.until,
            extent=extent,
        )


async def look(door: Door, actor: Actor, read_id: str, why: Why | None) -> tuple[Found, Sequence[Answered]]:
    """One read, and the entries it answered to. Raises Refused, or NotFound."""
    async with door.open(_looking(actor, read_id, why)) as tx:
        at, number = _place_of(read_id)
        found = await search_store.read_at(tx, at, number)
        if found is None:
            raise _gone()
        return found, await search_store.answered(tx, found.read)


async def look_at_picture(door: Door, objects: Objects, actor: Actor, read_id: str, why: Why | None) -> bytes:
    """The picture of a read. Raises Refused, or NotFound (reason `no_picture` where the read is there and it is not)."""
    async with door.open(_looking(actor, read_id, why)) as tx:
        at, number = _place_of(read_id)
        found = await search_store.read_at(tx, at, number)
        if found is None:
            raise _gone()
        name = found.read.picture
        if name is None:
            raise NotFound("The reader sent no picture.", reason="no_picture")
        if not await search_store.picture_is_kept(tx, found.read):
            raise NotFound("The picture's time is over.", reason="no_picture")
    try:
        return await objects.get(picture.key_of(actor.agency, name))
    except NotFound as error:
        raise NotFound("The picture is not there (any more).", reason="no_picture") from error


def id_of(found: Found) -> str:
    """What names a read outside: its time and number. Reads are too many for ids of their own."""
    return outside("read", UUID(int=((found.read.at - _EPOCH) // _MICROSECOND) << 64 | found.number))


def _looking(actor: Actor, read_id: str, why: Why | None) -> Ask:
    about = About("read", inside("read", read_id))
    return Ask(actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, about=about)


def _place_of(read_id: str) -> tuple[datetime, int]:
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
