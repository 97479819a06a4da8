"""All SQL of marks: what happened near a place in a span of time, counted by bucket where the rows are. It decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.words import CaseKind, TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Row, Tx, touches

# Of each bucket the first time, how many, and the worst one, which is the first of those that are as bad.
_BY_BUCKET: Final[LiteralString] = (
    "select min(at) as at, count(*) as count, (array_agg(id order by urgency, at, id))[1] as id,"
    " (array_agg(title order by urgency, at, id))[1] as title, (array_agg(level order by urgency, at, id))[1] as level,"
    " (array_agg(until order by urgency, at, id))[1] as until from (select *, case level when 'critical' then 1"
    " when 'serious' then 2 when 'caution' then 3 else 4 end as urgency from ("
)
_BUCKETS: Final[LiteralString] = (
    ") found) ranked group by floor(extract(epoch from at - %(begin)s::timestamptz)"
    " / extract(epoch from %(width)s::interval)) order by at"
)
# Near there and then. What is past its retention is not there, though the sweep be late.
_ALERTS: Final[LiteralString] = (
    "select id, at, level, title, null::timestamptz as until from alert where at >= %(begin)s and at < %(end)s and state <> 'kept_back'"
    " and (erase_after is null or erase_after > %(now)s)"
    " and abs(lat - %(lat)s) * 111000 <= %(within)s and abs(lon - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s"
)
_INCIDENTS: Final[LiteralString] = (
    "select id, at, level, title, null::timestamptz as until from incident where at >= %(begin)s and at < %(end)s"
    " and (erase_after is null or erase_after > %(now)s)"
    " and abs(lat - %(lat)s) * 111000 <= %(within)s and abs(lon - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s"
)
_CALLS: Final[LiteralString] = (
    "select id, taken_at as at, case priority when 1 then 'serious' when 2 then 'caution' else 'normal' end as level,"
    " type || ', ' || place as title, null::timestamptz as until from call where taken_at >= %(begin)s and taken_at < %(end)s"
    " and abs(lat - %(lat)s) * 111000 <= %(within)s and abs(lon - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s"
)
_BOOKMARKS: Final[LiteralString] = (
    "select id, greatest(from_at, %(begin)s) as at, 'normal' as level, note as title, to_at as until"
    " from bookmark where cameras @> array[%(camera)s::uuid] and case_kind = any(%(kinds)s) and from_at < %(end)s"
    " and coalesce(to_at, from_at) >= %(begin)s"
)


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how far around it, from when to when, and how wide a bucket is."""

    place: Point
    within_m: float
    begin: datetime
    end: datetime
    width: timedelta


@dataclass(frozen=True, slots=True)
class Bucket:
    """What happened in one bucket: the first time, how many, and the worst of them."""

    at: datetime
    count: int
    id: UUID
    title: str
    level: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many plates were read from `at` on, within one bucket."""

    at: datetime
    count: int


def _bucket(row: Row) -> Bucket:
    return Bucket(row["at"], row["count"], row["id"], row["title"], row["level"], row["until"])


@touches(DataClass.ALERT, READ)
async def alerts(tx: Tx, near: Near) -> list[Bucket]:
    """Alerts, whatever became of them."""
    sql: LiteralString = _BY_BUCKET + _ALERTS + _BUCKETS
    return [_bucket(row) for row in await tx.fetch(sql, **_params(tx, near))]


@touches(DataClass.INCIDENT, READ)
async def incidents(tx: Tx, near: Near) -> list[Bucket]:
    """Incidents, open or closed."""
    sql: LiteralString = _BY_BUCKET + _INCIDENTS + _BUCKETS
    return [_bucket(row) for row in await tx.fetch(sql, **_params(tx, near))]


@touches(DataClass.CASE, READ)
async def calls(tx: Tx, near: Near) -> list[Bucket]:
    """Calls, by when they were taken; the higher of their priorities count as worse."""
    sql: LiteralString = _BY_BUCKET + _CALLS + _BUCKETS
    return [_bucket(row) for row in await tx.fetch(sql, **_params(tx, near))]


OF_KIND: Final[Mapping[str, Callable[[Tx, Near], Awaitable[list[Bucket]]]]] = {
    "alert": alerts,
    "incident": incidents,
    "call": calls,
}


@touches(DataClass.BOOKMARK, READ)
async def bookmarks(tx: Tx, near: Near, camera: UUID, kinds: Collection[CaseKind]) -> list[Bucket]:
    """Bookmarks of this camera for cases of these kinds; one that began before the span stands at its beginning."""
    of: dict[str, object] = {"camera": camera, "kinds": [kind.value for kind in kinds]}
    sql: LiteralString = _BY_BUCKET + _BOOKMARKS + _BUCKETS
    return [_bucket(row) for row in await tx.fetch(sql, **of, **_span(near))]


@touches(DataClass.READER, READ)
async def readers(tx: Tx, near: Near) -> dict[TechnologyKind, list[UUID]]:
    """The plate readers that stood near all the while, by technology; the retired too, of which there are reads for a while.

    One that a trailer carried elsewhere since is left out: what it read then was read in another place.
    """
    found: dict[TechnologyKind, list[UUID]] = defaultdict(list)
    rows = await tx.fetch(
        "select id, technology from reader where abs(lat - %(lat)s) * 111000 <= %(within)s"
        " and abs(lon - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s"
        " and not canary and not exists (select from reader_stood o where o.reader_id = reader.id and o.until > %(begin)s)",
        **_params(tx, near),
    )
    for row in rows:
        found[TechnologyKind(row["technology"])].append(row["id"])
    return dict(found)


@touches(DataClass.PLATE_READ, READ)
async def reads(tx: Tx, near: Near, devices: Sequence[UUID]) -> list[Counted]:
    """How many plates these readers read, by bucket."""
    rows = await tx.fetch(
        "select bucket, count(*) as count from (select floor(extract(epoch from at - %(begin)s::timestamptz)"
        " / extract(epoch from %(width)s::interval))::int as bucket from plate_read r where device_id = any(%(devices)s)"
        " and at >= %(begin)s and at < %(end)s"
        " and at > %(now)s - (select keep_for from retention_rule k where k.rule = r.rule)) found group by bucket order by bucket",
        devices=list(devices),
        now=tx.now,
        **_span(near),
    )
    return [Counted(near.begin + near.width * row["bucket"], row["count"]) for row in rows]


def _span(near: Near) -> dict[str, object]:
    return {"begin": near.begin, "end": near.end, "width": near.width}


def _params(tx: Tx, near: Near) -> dict[str, object]:
    place = {"lat": near.place.lat, "lon": near.place.lon, "within": near.within_m}
    return {"now": tx.now, **place, **_span(near)}
