"""All SQL of calls."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.calls.model import Call, CallId, NewCall
from watchfloor.governance.words import Purpose
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CASE
_NEWEST_FIRST: Final = Order("calls", (("taken_at", "timestamptz"), ("id", "uuid")), down=True)


def _call(row: Row) -> Call:
    return Call(
        id=CallId(row["id"]),
        number=row["number"],
        type=row["type"],
        priority=row["priority"],
        purpose=Purpose.of(row["purpose"]),
        place=row["place"],
        point=Point(row["lat"], row["lon"]) if row["lat"] is not None else None,
        text=row["text"],
        taken_by=row["taken_by"],
        taken_at=row["taken_at"],
        closed_at=row["closed_at"],
        closed_why=row["closed_why"],
        version=row["version"],
    )


@touches(_C, READ)
async def calls(tx: Tx, extent: Extent | None, *, open_only: bool) -> Cut[Call]:
    """Calls, newest first; every one of them without an extent."""
    rows = await tx.fetch_page(
        "select * from call where not %(open_only)s or closed_at is null",
        _NEWEST_FIRST,
        extent,
        open_only=open_only,
    )
    return rows.of(_call)


@touches(_C, READ)
async def calls_near(tx: Tx, place: Point, within_m: float, since: datetime, until: datetime) -> list[Call]:
    """Calls, open or closed, that were taken between these and are of within so many metres (a square); the newest first, 20 at most."""
    rows = await tx.fetch(
        "select * from call where taken_at >= %(since)s and taken_at < %(until)s"
        " and abs(lat - %(lat)s) * 111000 <= %(within)s and abs(lon - %(lon)s) * 111000 * cosd(%(lat)s) <= %(within)s"
        " order by taken_at desc, id limit 20",
        since=since,
        until=until,
        lat=place.lat,
        lon=place.lon,
        within=within_m,
    )
    return [_call(row) for row in rows]


@touches(_C, READ)
async def call_of(tx: Tx, call: UUID) -> Call | None:
    """One call."""
    row = await tx.fetch_one("select * from call where id = %(id)s", id=call)
    return _call(row) if row else None


@touches(_C, READ)
async def call_is_open(tx: Tx, call: UUID) -> bool:
    """Whether there is such a call and it is open: what the door asks when a purpose points at it."""
    return (
        await tx.fetch_one("select 1 as one from call where id = %(id)s and closed_at is null", id=call)
        is not None
    )


@touches(_C, READ)
async def has_number(tx: Tx, number: str) -> bool:
    """Whether a call that another person than asks took has, or had, this number, whoever gave it."""
    row = await tx.fetch_one(
        "select 1 as one from call where number = %(number)s and taken_by <> %(by)s",
        number=number,
        by=tx.actor,
    )
    return row is not None


@touches(_C, WRITE)
async def insert_call(tx: Tx, call_id: UUID, call: NewCall) -> bool:
    """Keep a call under its number, or under our next one of this year (`C26-00001`, in the agency's own time).

    False when the number is taken. Our numbers leave no gap and none is given twice: takers wait for each other.
    """
    await tx.execute(
        "select pg_advisory_xact_lock(hashtext('call number ' || %(agency)s::text))", agency=tx.agency
    )
    done = await tx.execute(
        "with local as (select extract(year from %(now)s at time zone time_zone)::smallint as year"
        "   from agency where id = %(agency)s),"
        " next as (select local.year,"
        "   1 + coalesce((select max(c.serial) from call c where c.year = local.year), 0) as serial from local)"
        " insert into call (id, agency_id, number, year, serial, type, priority, purpose, place, lat, lon, text,"
        "   taken_by, taken_at, version)"
        " select %(id)s, %(agency)s,"
        "   coalesce(%(number)s::text,"
        "     format('C%%s-%%s', lpad((year %% 100)::text, 2, '0'), lpad(serial::text, 5, '0'))),"
        "   case when %(number)s::text is null then year end, case when %(number)s::text is null then serial end,"
        "   %(type)s, %(priority)s, %(purpose)s, %(place)s, %(lat)s, %(lon)s, %(text)s, %(by)s, %(now)s, 1 from next"
        " on conflict (agency_id, number) do nothing",
        id=call_id,
        agency=tx.agency,
        number=call.number,
        type=call.type,
        priority=call.priority,
        purpose=call.purpose.word,
        place=call.place,
        lat=call.point.lat if call.point else None,
        lon=call.point.lon if call.point else None,
        text=call.text,
        by=tx.actor,
        now=tx.now,
    )
    return bool(done)


@touches(_C, WRITE)
async def close_call(tx: Tx, call: UUID, why: str) -> bool:
    """Close a call; False when it is closed already, or not there."""
    done = await tx.execute(
        "update call set closed_at = %(now)s, closed_by = %(by)s, closed_why = %(why)s, version = version + 1"
        " where id = %(id)s and closed_at is null",
        id=call,
        by=tx.actor,
        why=why,
        now=tx.now,
    )
    return bool(done)
