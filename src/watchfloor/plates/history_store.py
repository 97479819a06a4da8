"""All SQL of searching what was read: by plate, by pattern, by place and time. It decides nothing.

A search is one statement: what matches, newest first and so many at most; of that a page, and with the first page how many by
reader and by hour. Past its retention is not there, though the sweep be late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.plates.model import ReaderId
from watchfloor.plates.search_store import Found, found_of
from watchfloor.plates.sought import Beginnings, Endings, Keys, Sought
from watchfloor.plates.where import Stood
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

MOST: Final = 5_000
_FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
_NEWEST_FIRST: Final = Order("reads", (("at", "timestamptz"), ("number", "bigint")), down=True)
_KEPT: Final[LiteralString] = "join retention_rule k on k.rule = p.rule and p.at > %(now)s - k.keep_for"
# What is said of a read stands in the statement only where something is said: the plan is made once for all that may be asked by it,
# and would else carry every condition to each day.
_THEN: Final[LiteralString] = " p.at >= %(since)s and p.at < %(until)s"
_STRICT: Final[LiteralString] = " and p.plate like %(strict)s"
_ALIKE: Final[LiteralString] = " and translate(p.plate, 'OQIBSZ', '001852') like %(alike)s"
_COLOUR: Final[LiteralString] = " and lower(p.vehicle->>'colour') = %(colour)s"
_MAKE: Final[LiteralString] = " and lower(p.vehicle->>'make') = %(make)s"
_STOOD: Final[LiteralString] = (
    "unnest(%(readers)s::uuid[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[], %(insides)s::boolean[])"
    " s (reader, since, until, inside)"
)
# A read that says where it was counts there; any other, where its reader stood.
_INSIDE: Final[LiteralString] = (
    " and case when p.lat is null then s.inside else %(area)s::polygon @> point(p.lon, p.lat) end"
)
_BY_KEYS: Final[LiteralString] = (
    "select p.* from plate_read p " + _KEPT + " where p.folded_key = any(%(keys)s::bigint[]) and"  # noqa: S608  # of text that stands in the code
)
# `offset 0` has each range looked up by itself: joined, the planner would read the day for all of them.
_RANGES: Final[LiteralString] = (
    "select p.* from unnest(%(lows)s::bigint[], %(highs)s::bigint[]) w (low, high) cross join lateral (select p.* from plate_read p"
)
_BEGINS: Final[LiteralString] = " where p.folded_key >= w.low and p.folded_key < w.high and"
_ENDS: Final[LiteralString] = " where p.backwards_key >= w.low and p.backwards_key < w.high and"
_BY_PLACE: Final[LiteralString] = (
    "select p.* from "  # noqa: S608  # of text that stands in the code
    + _STOOD
    + " cross join lateral (select p.* from plate_read p where p.device_id = s.reader"
    " and p.at >= s.since and p.at < s.until and"
)
_APART: Final[LiteralString] = " offset 0) p "


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for: a plate or a pattern, or none; from when to when; where the readers stood, or everywhere.

    `area` is the outline of the place, for reads that say themselves where they were.
    """

    sought: Sought | None
    since: datetime
    until: datetime
    stood: tuple[Stood, ...] | None = None
    colour: str | None = None
    make: str | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many reads were found, `MOST` at most: by reader and by the hour in which they were."""

    reads: int = 0
    by_reader: tuple[tuple[ReaderId, str, Point, int], ...] = ()
    by_hour: tuple[tuple[datetime, int], ...] = ()

    def with_older(self, older: Tally) -> Tally:
        """Both; a place that both have is named once, an hour that lies across too."""
        readers = {(reader, place, point): n for reader, place, point, n in self.by_reader}
        for reader, place, point, n in older.by_reader:
            readers[reader, place, point] = readers.get((reader, place, point), 0) + n
        hours = dict(older.by_hour)
        for hour, n in self.by_hour:
            hours[hour] = hours.get(hour, 0) + n
        most = sorted(((*key, n) for key, n in readers.items()), key=lambda one: (-one[3], one[0]))
        return Tally(self.reads + older.reads, tuple(most), tuple(sorted(hours.items())))


@dataclass(frozen=True, slots=True)
class Result:
    """A part of what was found; with its first part the tally of all of it."""

    found: Cut[Found]
    tally: Tally | None = field(default=None)


@touches(DataClass.PLATE_READ, READ)
async def bound(tx: Tx, most_s: float) -> None:
    """What this transaction asks next takes at most so long a statement, one core, and a plan made once.

    To plan for a month of days takes longer than to look one plate up in them; the plan does not depend on the plate. The driver by
    itself would plan each of a connection's first five searches.
    """
    tx.prepares = True
    await tx.fetch_one(
        "select set_config('statement_timeout', %(most)s, true), set_config('plan_cache_mode', 'force_generic_plan', true),"
        " set_config('max_parallel_workers_per_gather', '0', true)",
        most=f"{round(most_s * 1000)}ms",
    )


@touches(DataClass.PLATE_READ, DataClass.READER, READ)
async def search(tx: Tx, looked: Looked, extent: Extent) -> Result:
    """Reads, newest first."""
    cut = await tx.fetch_page(_page_of(looked), _NEWEST_FIRST, extent, **_params(tx, looked))
    tally = None
    if extent.after is None:
        tally = _tally(cut.items[0]) if cut.items else Tally()
    return Result(cut.of(found_of), tally)


def page_of(found: Sequence[Found], extent: Extent) -> Cut[Found]:
    """The page that these reads begin with, newest first; they are one more than the page where more follow."""
    rows = [{"at": one.read.at, "number": one.number} for one in found]
    cut = _NEWEST_FIRST.cut(rows, extent)
    return Cut(list(found[: len(cut.items)]), cut.following)


@touches(DataClass.READER, READ)
async def stands(tx: Tx, since: datetime, until: datetime) -> Sequence[Stood]:
    """Where every reader stood between two times: one that was moved, in each of its places."""
    rows = await tx.fetch(
        "select r.id, r.name, r.mobile, s.place, s.lat, s.lon, greatest(s.since, %(since)s) as since, least(s.until, %(until)s) as until"
        " from reader r join reader_stood s on s.reader_id = r.id where s.since < %(until)s and s.until > %(since)s"
        " union all select r.id, r.name, r.mobile, r.place, r.lat, r.lon,"
        " greatest((select max(s.until) from reader_stood s where s.reader_id = r.id), %(since)s), %(until)s"
        " from reader r where not exists (select from reader_stood s where s.reader_id = r.id and s.until >= %(until)s)"
        " order by 1, 7",
        since=since,
        until=until,
    )
    return [
        Stood(
            row["id"],
            row["name"],
            row["place"],
            Point(row["lat"], row["lon"]),
            row["since"],
            row["until"],
            row["mobile"],
        )
        for row in rows
    ]


def _page_of(looked: Looked) -> LiteralString:
    # A reader that was moved since stood elsewhere when it read.
    matches = _matches(looked)
    return (
        "with m as materialized (" + matches + " order by p.at desc, p.number desc limit %(bound)s),"  # noqa: S608  # of text that stands in the code
        " there as (select m.*, r.name as reader_name, coalesce(s.place, r.place) as place,"
        " coalesce(m.lat, s.lat, r.lat) as spot_lat, coalesce(m.lon, s.lon, r.lon) as spot_lon,"
        " coalesce(s.lat, r.lat) as reader_lat, coalesce(s.lon, r.lon) as reader_lon from m join reader r on r.id = m.device_id"
        " left join reader_stood s on s.reader_id = m.device_id and s.since <= m.at and s.until > m.at),"
        " readers as (select device_id, place, reader_lat as lat, reader_lon as lon, count(*) as n from there group by 1, 2, 3, 4),"
        " hours as (select floor(extract(epoch from at) / 3600)::bigint as hour, count(*) as n from m group by 1),"
        " tally as (select (select count(*) from m) as reads,"
        " (select jsonb_agg(jsonb_build_array(device_id, place, lat, lon, n) order by n desc, device_id) from readers) as by_reader,"
        " (select jsonb_agg(jsonb_build_array(hour, n) order by hour) from hours) as by_hour)"
        " select t.*, t.spot_lat as lat, t.spot_lon as lon,"
        " case when t.number = (select m.number from m order by m.at desc, m.number desc limit 1)"
        " then (select to_jsonb(tally) from tally) end as tally from there t"
    )


def _matches(looked: Looked) -> LiteralString:
    said = _said(looked)
    match looked.sought.by if looked.sought is not None else None:
        case Keys():
            return _BY_KEYS + said + _there(looked)
        case Beginnings():
            return _RANGES + _BEGINS + said + _there(looked) + _APART + _KEPT
        case Endings():
            return _RANGES + _ENDS + said + _there(looked) + _APART + _KEPT
        case None:
            return _BY_PLACE + said + _inside(looked) + _APART + _KEPT


def _said(looked: Looked) -> LiteralString:
    said = _THEN
    if looked.sought is not None and looked.sought.strict is not None:
        said += _STRICT
    if looked.sought is not None and looked.sought.alike is not None:
        said += _ALIKE
    if looked.colour is not None:
        said += _COLOUR
    if looked.make is not None:
        said += _MAKE
    return said


def _there(looked: Looked) -> LiteralString:
    if looked.stood is None:
        return ""
    there = (
        " and exists (select from "
        + _STOOD
        + " where s.reader = p.device_id and p.at >= s.since and p.at < s.until"
    )  # of text that stands in the code
    return there + _inside(looked) + ")"


def _inside(looked: Looked) -> LiteralString:
    return "" if looked.area is None else _INSIDE


def _params(tx: Tx, looked: Looked) -> dict[str, object]:
    sought, stood = looked.sought, looked.stood
    params: dict[str, object] = {
        "now": tx.now,
        "since": looked.since,
        "until": looked.until,
        "strict": sought.strict if sought else None,
        "alike": sought.alike if sought else None,
        "colour": looked.colour,
        "make": looked.make,
        "bound": MOST,
        "readers": None if stood is None else [one.reader for one in stood],
        "sinces": None if stood is None else [one.since for one in stood],
        "untils": None if stood is None else [one.until for one in stood],
        "insides": None if stood is None else [one.inside for one in stood],
        "area": looked.area,
    }
    match sought.by if sought is not None else None:
        case Keys(keys):
            params["keys"] = list(keys)
        case Beginnings(ranges) | Endings(ranges):
            params |= {"lows": [low for low, _ in ranges], "highs": [high for _, high in ranges]}
        case None:
            pass
    return params


def _tally(row: Row) -> Tally:
    said = row["tally"]
    return Tally(
        said["reads"],
        tuple(
            (ReaderId(UUID(reader)), place, Point(lat, lon), n)
            for reader, place, lat, lon, n in said["by_reader"] or ()
        ),
        tuple((datetime.fromtimestamp(hour * 3600, UTC), n) for hour, n in said["by_hour"] or ()),
    )
