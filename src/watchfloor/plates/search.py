"""Searching reads for a plate: for a purpose and a case, between two times, with what was sought kept in the log alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from watchfloor.governance.door import Door
from watchfloor.governance.model import Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.plates import store
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.model import Plate
from watchfloor.plates.store import Found

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


async def search(
    door: Door, actor: Actor, criteria: Criteria, why: Why, *, after: str | None, limit: int
) -> list[Found]:
    """Reads of the plate, newest first; `after` goes on below the read whose cursor it is. Raises Invalid or Refused."""
    if not timedelta(0) < criteria.until - criteria.since <= LONGEST:
        raise Invalid(f"A search covers more than nothing and at most {LONGEST.days} days.", reason="to")
    before = _before(after)
    detail: dict[str, Json] = {
        "plate": criteria.plate.text,
        "match": "exact" if criteria.exact else "alike",
        "from": rfc3339(criteria.since),
        "to": rfc3339(criteria.until),
    }
    ask = Ask(actor, Need.PLATES_SEARCH, why, technology=TechnologyKind.PLATE_READER, detail=detail)
    async with door.open(ask) as tx:
        return await store.search(
            tx,
            folded_key=key_of(criteria.plate.text),
            exact=criteria.plate if criteria.exact else None,
            since=criteria.since,
            until=criteria.until,
            before=before,
            limit=limit,
        )


def cursor_of(found: Found) -> str:
    """Where the next page goes on."""
    return f"{(found.read.at - _EPOCH) // _MICROSECOND}.{found.number}"


def _before(after: str | None) -> tuple[datetime, int] | None:
    if after is None:
        return None
    at, _, number = after.partition(".")
    try:
        return _EPOCH + int(at) * _MICROSECOND, int(number)
    except (ValueError, OverflowError) as error:
        raise Invalid("That is not where a page ended.", reason="after") from error
