"""All SQL of how many reads a watch would have answered to: counts alone, no read is handed out. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString

from watchfloor.plates.model import ReaderId
from watchfloor.plates.sought import Beginnings, Endings
from watchfloor.plates.watch import Watched
from watchfloor.plates.where import Stood, outline
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Tx, touches

# So many are counted of one part of the time, at most.
MOST: Final = 10_000
_SAID: Final[LiteralString] = (
    " p.at >= %(since)s and p.at < %(until)s and p.at > %(now)s - (select keep_for from retention_rule k where k.rule = p.rule)"
    " and (%(alike)s::text is null or translate(p.plate, 'OQIBSZ', '001852') like %(alike)s)"
    # With a pattern, what a reader does not say excludes nothing; without one it does.
    " and (%(state)s::text is null or coalesce(p.state, case when %(lenient)s then %(state)s end) = %(state)s)"
    " and (%(colour)s::text is null or coalesce(lower(p.vehicle->>'colour'), case when %(lenient)s then %(colour)s end) = %(colour)s)"
    " and (%(make)s::text is null or coalesce(lower(p.vehicle->>'make'), case when %(lenient)s then %(make)s end) = %(make)s)"
    " and (%(body)s::text is null or coalesce(lower(p.vehicle->>'body'), case when %(lenient)s then %(body)s end) = %(body)s)"
    " and (%(hours)s::int[] is null or extract(hour from p.at at time zone %(zone)s)::int = any(%(hours)s::int[]))"
)
_STOOD: Final[LiteralString] = (
    "unnest(%(readers)s::uuid[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[], %(insides)s::boolean[])"
    " s (reader, since, until, inside)"
)
# A read that says where it was counts there; any other, where its reader stood.
_THERE: Final[LiteralString] = (
    " p.at >= s.since and p.at < s.until and (%(area)s::polygon is null"
    " or case when p.lat is null then s.inside else %(area)s::polygon @> point(p.lon, p.lat) end)"
)
_AMONG: Final[LiteralString] = (
    " and (%(readers)s::uuid[] is null or exists (select from "
    + _STOOD
    + " where s.reader = p.device_id and"
    + _THERE
    + "))"
)
_RANGES: Final[LiteralString] = (
    "select 1 from unnest(%(lows)s::bigint[], %(highs)s::bigint[]) w (low, high) cross join lateral (select 1 from plate_read p"
)
_BY_BEGINNINGS: Final[LiteralString] = (
    _RANGES + " where p.folded_key >= w.low and p.folded_key < w.high and" + _SAID + _AMONG + " offset 0) p"
)
_BY_ENDINGS: Final[LiteralString] = (
    _RANGES
    + " where p.backwards_key >= w.low and p.backwards_key < w.high and"
    + _SAID
    + _AMONG
    + " offset 0) p"
)
_BY_PLACE: Final[LiteralString] = (
    "select 1 from "  # noqa: S608  # of text that stands in the code
    + _STOOD
    + " cross join lateral (select 1 from plate_read p where p.device_id = s.reader and"
    + _THERE
    + " and"
    + _SAID
    + " offset 0) p"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted: what a watch looks for, and where the readers stood that it looks at; None for all of them."""

    watched: Watched
    stood: tuple[Stood, ...] | None


@touches(DataClass.PLATE_READ, READ)
async def would_answer(tx: Tx, counted: Counted, since: datetime, until: datetime) -> int:
    """How many reads between two times would have answered, `MOST` at most."""
    row = await tx.fetch_one(
        "select count(*) as n from (" + _matches(counted.watched) + " limit %(most)s) m",  # noqa: S608  # of text that stands in the code
        **_params(tx, counted),
        since=since,
        until=until,
        most=MOST,
    )
    return int(row["n"]) if row else 0


@touches(DataClass.PLATE_READ, READ)
async def first_read(tx: Tx, readers: Sequence[ReaderId], since: datetime) -> datetime | None:
    """When the first of the reads since then was that these readers brought and that are still kept."""
    row = await tx.fetch_one(
        "select min(f.at) as at from unnest(%(readers)s::uuid[]) r (id) cross join lateral (select p.at from plate_read p"
        " where p.device_id = r.id and p.at >= %(since)s and p.at > %(now)s - (select keep_for from retention_rule k"
        " where k.rule = p.rule) order by p.at limit 1) f",
        readers=list(readers),
        since=since,
        now=tx.now,
    )
    return row["at"] if row else None


def _matches(watched: Watched) -> LiteralString:
    match watched.sought.by if watched.sought is not None else None:
        case Beginnings():
            return _BY_BEGINNINGS
        case Endings():
            return _BY_ENDINGS
        case _:
            return _BY_PLACE


def _params(tx: Tx, counted: Counted) -> dict[str, object]:
    watched, stood = counted.watched, counted.stood
    sought, words = watched.sought, watched.words
    params: dict[str, object] = {
        "now": tx.now,
        "alike": sought.alike if sought else None,
        "lenient": sought is not None,
        "state": watched.state,
        "hours": None if watched.hours is None else _hours(*watched.hours),
        "zone": str(tx.zone),
        "readers": None if stood is None else [one.reader for one in stood],
        "sinces": None if stood is None else [one.since for one in stood],
        "untils": None if stood is None else [one.until for one in stood],
        "insides": None if stood is None else [one.inside for one in stood],
        "area": outline(watched.where) if watched.where is not None else None,
    }
    params |= {name: words.get(name) for name in ("colour", "make", "body")}
    if sought is not None and isinstance(sought.by, (Beginnings, Endings)):
        params |= {
            "lows": [low for low, _ in sought.by.ranges],
            "highs": [high for _, high in sought.by.ranges],
        }
    return params


def _hours(first: int, last: int) -> list[int]:
    return [hour % 24 for hour in range(first, last if first < last else last + 24)]
