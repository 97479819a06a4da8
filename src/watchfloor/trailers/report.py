"""A trailer says where it is and how it is: late, twice and out of order are all well. It believes no jump and no clock that is off.

One that is not where it was placed, and that nobody took away, is an alarm; what it carries stands where it says that it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final, Literal

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, NotFound, TooLarge, TooMany
from watchfloor.kit.geo import distance_m
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx
from watchfloor.trailers import store
from watchfloor.trailers.aboard import MOVED, follow, leave_there, move_all, words
from watchfloor.trailers.model import (
    MOST_REPORTS,
    Ended,
    Status,
    Trailer,
    checked,
    doubt_of,
    is_away,
)
from watchfloor.trailers.parts import Trailers, tell
from watchfloor.units.model import Position, Report, newest, taken

# A trailer has nothing new to say sooner; what floods us is told to wait.
_LEAST: Final = timedelta(seconds=1)
_log = logger("trailers")


@dataclass(frozen=True, slots=True)
class Said:
    """One report: where it is, if it says so, and how it is."""

    position: Report | None
    status: Status


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a report. `position` is one of none, kept, older, not_believed; `why` says why not."""

    position: Literal["none", "kept", "older", "not_believed"]
    why: str | None
    moved: bool


async def report(trailers: Trailers, actor: Actor, said: Sequence[Said]) -> Heard:
    """Keep what a trailer says, all or nothing; which one its token says. Raises Invalid, TooLarge, TooMany, NotFound."""
    _check(said)
    trailer = actor.id
    async with trailers.door.open(Ask(actor, Need.TRAILER_REPORT, about=About("trailer", actor.id))) as tx:
        await store.lock(tx, trailer)
        found = await store.trailer_of(tx, trailer)
        if found is None:
            raise NotFound("This token is not a trailer's.", next_step="Issue a token for the trailer.")
        heard = found.told.heard_at
        if heard is not None and timedelta(0) <= tx.now - heard < _LEAST:
            raise TooMany("A trailer is heard once a second.", reason="too_often", retry_after_s=1)
        positions = [taken(one.position, received_at=tx.now) for one in said if one.position is not None]
        for status in _in_time(said, tx.now):
            await store.keep_status(tx, trailer, checked(status))
        answer = await _position(trailers, tx, found, positions)
        tell(trailers, tx, trailer)
        return answer


def _check(said: Sequence[Said]) -> None:
    if not said:
        raise Invalid("There is no report in this.", reason="reports")
    if len(said) > MOST_REPORTS:
        raise TooLarge(f"At most {MOST_REPORTS} reports are taken at once.")
    if any(one.position is None and one.status.empty for one in said):
        raise Invalid("A report says where the trailer is, or how it is.", reason="reports")


def _in_time(said: Sequence[Said], now: datetime) -> list[Status]:
    """How it is, as it was said in time, in whichever order it was sent: what says no time is of now."""
    timed = [
        (taken(one.position, received_at=now).at if one.position is not None else now, one.status)
        for one in said
    ]
    return [status for _, status in sorted(timed, key=itemgetter(0))]


async def _position(trailers: Trailers, tx: Tx, trailer: Trailer, positions: Sequence[Position]) -> Heard:
    if not positions:
        return Heard("none", None, False)
    latest = newest(positions, after=trailer.told.position_at, now=tx.now)
    if latest is None:
        return Heard("older", "A later position is known.", False)
    doubt = doubt_of(latest, trailer.told)
    if doubt is not None:
        await store.keep_doubt(tx, trailer.id, doubt)
        return Heard("not_believed", doubt, False)
    return Heard("kept", None, await _stands(trailers, tx, trailer, latest))


async def _stands(trailers: Trailers, tx: Tx, trailer: Trailer, position: Position) -> bool:
    """What a believed position means: it stands where it was placed, may be away, is away, or is on its way; whether it moved."""
    placement = trailer.placement
    if placement is None:
        await store.keep_position(tx, trailer.id, position, trailer.told.away_since)
        return await follow(tx, trailers.news, trailer, position.place)
    # A report of before it was placed says nothing about the placement.
    if position.at < placement.placed_at or not is_away(position, placement, trailers.limits):
        await store.keep_position(tx, trailer.id, position, None)
        return False
    away_since = trailer.told.away_since or tx.now
    await store.keep_position(tx, trailer.id, position, away_since)
    outside = isinstance(await leave_there(tx, position.place), Denied)
    # One stray position is a receiver's error; but where nothing may be recorded, nothing is until the next one says otherwise.
    if trailer.told.away_since is None and not outside:
        return False
    await store.end_placement(tx, trailer.id, Ended.MOVED, by=None)
    await store.say_moved(tx, trailer.id)
    await store.touch(tx, trailer.id)
    about = About("trailer", trailer.id)
    far = distance_m(position.place, placement.place)
    await effect(
        tx, "trailer.moved", about, more={"placement": str(placement.id), "distance_m": round(far)},
        detail={"place": placement.place_text},
    )  # fmt: skip
    _log.error(
        "a trailer moved without a placement", alarm=True, trailer=str(trailer.id), distance_m=round(far)
    )
    await move_all(tx, trailers.news, trailer, words(MOVED, placement.place_text), position.place, None)
    return True
