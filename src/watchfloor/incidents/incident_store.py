"""All SQL of incidents and their timelines. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from watchfloor.governance.words import Purpose
from watchfloor.incidents.alert_store import spot_of
from watchfloor.incidents.model import (
    KEPT_AFTER_CLOSING,
    LOOKS_AFTER_CLOSING,
    AlertId,
    HeardAt,
    Incident,
    IncidentId,
    IncidentState,
    Level,
    Origin,
    ReviewId,
    Sure,
    TimelineEntry,
)
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_I: Final = DataClass.INCIDENT

# What is past its retention is not there, though the sweep be late.
_EVERY: Final[LiteralString] = "select * from incident where (erase_after is null or erase_after > %(now)s)"
_LISTED: Final[LiteralString] = (
    "select *, array_position(array['normal', 'caution', 'serious', 'critical'], level) as urgency from incident"
    " where case when %(open)s then closed_at is null else erase_after is null or erase_after > %(now)s end"
)
_URGENT_FIRST: Final = Order(
    "incidents", (("urgency", "bigint"), ("opened_at", "timestamptz"), ("id", "uuid")), down=True
)

_CLOSED: Final[LiteralString] = (
    "select * from incident where closed_at is not null and (erase_after is null or erase_after > %(now)s)"
)
_CLOSED_LAST_FIRST: Final = Order(
    "incidents-closed", (("closed_at", "timestamptz"), ("id", "uuid")), down=True
)


@touches(_I, READ)
async def open_places(tx: Tx) -> list[Point]:
    """Where incidents are open, of those that have a place."""
    rows = await tx.fetch("select lat, lon from incident where closed_at is null and lat is not null")
    return [Point(row["lat"], row["lon"]) for row in rows]


def _incident(row: Row) -> Incident:
    return Incident(
        id=IncidentId(row["id"]),
        number=row["number"],
        origin=Origin(row["origin"]),
        kind=row["kind"],
        level=Level(row["level"]),
        title=row["title"],
        spot=spot_of(row),
        at=row["at"],
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        state=IncidentState(row["state"]),
        closed_at=row["closed_at"],
        why=row["why"],
        sure=Sure(row["sure_percent"], row["sure_word"]),
        unknown=tuple(row["unknown"]),
        says=row["says"],
        purpose=Purpose.of(row["purpose"]),
        vehicle=row["vehicle"],
        plate=row["plate"],
        plate_state=row["plate_state"],
        picture=row["picture"],
        alert=AlertId(row["alert_id"]) if row["alert_id"] else None,
        review=ReviewId(row["review_id"]) if row["review_id"] else None,
        call=row["call_id"],
        unit=row["unit_id"],
        version=row["version"],
        entered_by=row["entered_by"],
        sound=msgspec.convert(row["sound"], HeardAt) if row["sound"] is not None else None,
    )


@touches(_I, READ)
async def incidents(tx: Tx, extent: Extent | None = None, *, open_only: bool) -> Cut[Incident]:
    """Incidents: the most urgent first, then the newest; every one of them without an extent."""
    rows = await tx.fetch_page(_LISTED, _URGENT_FIRST, extent, open=open_only, now=tx.now)
    return rows.of(_incident)


@touches(_I, READ)
async def closed(tx: Tx, extent: Extent) -> Cut[Incident]:
    """The closed ones, the one that was closed last first."""
    rows = await tx.fetch_page(_CLOSED, _CLOSED_LAST_FIRST, extent, now=tx.now)
    return rows.of(_incident)


@touches(_I, READ)
async def incidents_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Incident]:
    """These incidents, by id."""
    rows = await tx.fetch(_EVERY + " and id = any(%(ids)s)", ids=list(ids), now=tx.now)
    return {row["id"]: _incident(row) for row in rows}


@touches(_I, READ)
async def answered(tx: Tx, calls: Sequence[UUID]) -> set[UUID]:
    """Those of these calls that have an incident, open or closed."""
    rows = await tx.fetch("select call_id from incident where call_id = any(%(calls)s)", calls=list(calls))
    return {row["call_id"] for row in rows}


@touches(_I, READ)
async def incident_of(tx: Tx, incident: UUID) -> Incident | None:
    """One incident."""
    row = await tx.fetch_one(_EVERY + " and id = %(id)s", id=incident, now=tx.now)
    return _incident(row) if row else None


@touches(_I, READ)
async def has_number(tx: Tx, number: str) -> bool:
    """Whether an incident has this number: one that began with an alert, or that another person than asks opened."""
    row = await tx.fetch_one(
        _EVERY + " and number = %(number)s and (origin = 'alert' or opened_by <> %(by)s)",
        number=number,
        by=tx.actor,
        now=tx.now,
    )
    return row is not None


@touches(_I, WRITE)
async def locked(tx: Tx, incident: UUID) -> Incident | None:
    """One incident, held until the transaction ends."""
    row = await tx.fetch_one(_EVERY + " and id = %(id)s for update", id=incident, now=tx.now)
    return _incident(row) if row else None


@touches(_I, READ)
async def incident_is_open(tx: Tx, incident: UUID) -> bool:
    """Whether looks may be booked under the incident: while it is open, and while its report is written."""
    row = await tx.fetch_one(
        "select 1 as one from incident where id = %(id)s and (closed_at is null or closed_at > %(since)s)",
        id=incident,
        since=tx.now - LOOKS_AFTER_CLOSING,
    )
    return row is not None


@touches(_I, WRITE)
async def insert_incident(tx: Tx, new: Incident) -> bool:
    """Keep a new incident under the next number of the year, in the agency's own time; `new.number` is not read.

    False when the alert or call it comes of has one already. Numbers leave no gap and none is given twice: openers wait
    for each other.
    """
    await tx.execute(
        "select pg_advisory_xact_lock(hashtext('incident number ' || %(agency)s::text))", agency=tx.agency
    )
    done = await tx.execute(
        "with local as (select extract(year from %(now)s at time zone time_zone)::smallint as year"
        "   from agency where id = %(agency)s),"
        " next as (select local.year,"
        "   1 + coalesce((select max(i.serial) from incident i where i.year = local.year), 0) as serial from local)"
        " insert into incident (id, agency_id, number, year, serial, origin, alert_id, review_id, review_verdict, call_id,"
        " unit_id, kind, level, title, place, lat, lon, at, opened_by, opened_at, state, why, sure_percent, sure_word,"
        " unknown, says, purpose, vehicle, plate, plate_state, picture, entered_by, sound, version)"
        " select %(id)s, %(agency)s, lpad((year %% 100)::text, 2, '0') || '-' || lpad(serial::text, 5, '0'), year, serial,"
        " %(origin)s, %(alert)s, %(review)s, case when %(review)s::uuid is null then null else 'confirmed' end, %(call)s,"
        " %(unit)s, %(kind)s, %(level)s, %(title)s, %(place)s, %(lat)s, %(lon)s, %(at)s, %(by)s, %(now)s, 'open', %(why)s,"
        " %(percent)s, %(word)s, %(unknown)s, %(says)s, %(purpose)s, %(vehicle)s, %(plate)s, %(plate_state)s, %(picture)s, %(entered_by)s,"
        " %(sound)s, 1 from next on conflict do nothing",
        **_values(new),
        agency=tx.agency,
        by=tx.actor,
        now=tx.now,
    )
    return bool(done)


def _values(new: Incident) -> dict[str, object]:
    return {
        "id": new.id,
        "origin": new.origin.value,
        "alert": new.alert,
        "review": new.review,
        "call": new.call,
        "unit": new.unit,
        "kind": new.kind,
        "level": new.level.value,
        "title": new.title,
        "place": new.spot.text,
        "lat": new.spot.point.lat if new.spot.point else None,
        "lon": new.spot.point.lon if new.spot.point else None,
        "at": new.at,
        "why": new.why,
        "percent": new.sure.percent,
        "word": new.sure.word,
        "unknown": list(new.unknown),
        "says": new.says,
        "purpose": new.purpose.word,
        "vehicle": new.vehicle,
        "plate": new.plate,
        "plate_state": new.plate_state,
        "picture": new.picture,
        "entered_by": new.entered_by,
        "sound": msgspec.to_builtins(new.sound) if new.sound is not None else None,
    }


@touches(_I, WRITE)
async def heard_now(tx: Tx, incident: UUID, sound: HeardAt) -> None:
    """Where the sound of an incident came from, as it is located now."""
    await tx.execute(
        "update incident set sound = %(sound)s where id = %(id)s",
        id=incident,
        sound=msgspec.to_builtins(sound),
    )


@touches(_I, WRITE)
async def set_state(tx: Tx, incident: UUID, state: IncidentState) -> None:
    """Move an incident that is not closed; closing it begins the time it is kept."""
    await tx.execute(
        "update incident set state = %(state)s, version = version + 1,"
        " closed_at = case when %(state)s = 'closed' then %(now)s end,"
        " closed_by = case when %(state)s = 'closed' then %(by)s::uuid end,"
        " erase_after = case when %(state)s = 'closed' then %(erase)s::timestamptz end"
        " where id = %(id)s and state <> 'closed' and state <> %(state)s",
        id=incident,
        state=state.value,
        now=tx.now,
        by=tx.actor,
        erase=tx.now + KEPT_AFTER_CLOSING,
    )


@touches(_I, WRITE)
async def stir(tx: Tx, incident: UUID) -> None:
    """Something of the incident changed that is not its state."""
    await tx.execute_uncounted("update incident set version = version + 1 where id = %(id)s", id=incident)


@touches(_I, WRITE)
async def note(
    tx: Tx,
    incident: UUID,
    kind: str,
    text: str,
    *,
    level: Level | None = None,
    at: datetime | None = None,
    by_actor: bool = True,
) -> None:
    """Add to the timeline, in the name of whoever acts, or of nobody when a machine noticed it, `at` its own time."""
    await tx.execute_uncounted(
        "insert into incident_entry (id, agency_id, incident_id, at, kind, text, level, by_id)"
        " values (%(id)s, %(agency)s, %(incident)s, %(at)s, %(kind)s, %(text)s, %(level)s, %(by)s)",
        id=uuid7(tx.now),
        agency=tx.agency,
        incident=incident,
        at=at or tx.now,
        kind=kind,
        text=text,
        level=level.value if level else None,
        by=tx.actor if by_actor else None,
    )


@touches(_I, READ)
async def timeline(tx: Tx, incident: UUID, *, kind: str | None = None) -> list[TimelineEntry]:
    """What happened, or what of one kind, the first thing first."""
    rows = await tx.fetch(
        "select at, kind, text, level, by_id from incident_entry where incident_id = %(id)s"
        " and (%(kind)s::text is null or kind = %(kind)s::text) order by at, id",
        id=incident,
        kind=kind,
    )
    return [
        TimelineEntry(r["at"], r["kind"], r["text"], Level(r["level"]) if r["level"] else None, r["by_id"])
        for r in rows
    ]
