"""All SQL of the figures of sounds: the rows of the ledger with what is known beside each. It counts nothing together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from watchfloor.dispatch.sounds.model import LearntBy, SoundSaid
from watchfloor.governance.words import Purpose
from watchfloor.reports.sounds.count import NOWHERE, Entry, Service
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.tx import Row, Tx, touches

CALLED_WITHIN_M: Final = 800.0
"""A call for shots fired this near to a sound, from a minute before it to a quarter of an hour after, is of it."""

_ENTRIES: Final = (
    "select to_char(r.at at time zone %(zone)s, 'YYYY-MM') as month, r.district, r.how, r.verdict, r.told_at, r.at, r.decided_at,"
    " r.travel_ms, r.network_ms, r.machine_ms, s.said, s.error_m, s.first_error_m, s.in_half, s.in_most,"
    " exists (select from sound_outcome w where w.sound_id = r.id and w.state = 'waits') as waits,"
    " c.first_at is not null as called, array(select distinct o.source from sound_record o where r.what = 'alert' and o.what = 'alert'"
    "   and o.agency_id = r.agency_id and o.source <> r.source and o.at >= r.at - interval '90 seconds'"
    "   and o.at <= r.at + interval '90 seconds'"
    "   and (o.lat - r.lat) ^ 2 + ((o.lon - r.lon) * cos(radians(r.lat))) ^ 2 <= (500 / 111320.0) ^ 2 order by 1) as others,"
    " extract(epoch from c.first_at - r.told_at)::float8 as lead_s, coalesce(m.minutes, 0)::float8 as minutes"
    " from sound_record r left join sound_outcome s on s.sound_id = r.id and s.state = 'stands'"
    " left join lateral (select min(taken_at) as first_at from call c where r.what = 'alert' and c.agency_id = r.agency_id"
    "   and c.purpose = %(purpose)s and c.taken_at >= r.at - interval '1 minute' and c.taken_at < r.at + interval '15 minutes'"
    "   and (c.lat - r.lat) ^ 2 + ((c.lon - r.lon) * cos(radians(r.lat))) ^ 2 <= (%(near)s / 111320.0) ^ 2) c on true"
    " left join alert a on a.id = r.id"
    " left join lateral (select sum(extract(epoch from g.cleared_at - coalesce(g.en_route_at, g.accepted_at)) / 60"
    "   * greatest(1, (select count(distinct u.person_id) from unit_crew u where u.unit_id = g.unit_id"
    "     and u.since <= g.cleared_at and coalesce(u.until, 'infinity') >= coalesce(g.en_route_at, g.accepted_at)))) as minutes"
    "   from assignment g where g.incident_id = a.incident_id and g.state = 'cleared'"
    "   and coalesce(g.en_route_at, g.accepted_at) is not null) m on true"
    " where r.agency_id = %(agency)s and r.at >= %(since)s and r.at < %(until)s and r.source = %(source)s"
)


@touches(
    DataClass.OUTCOME,
    DataClass.CASE,
    DataClass.ALERT,
    DataClass.INCIDENT,
    DataClass.DISPATCH,
    DataClass.UNIT,
    READ,
)
async def entries(tx: Tx, since: datetime, until: datetime, source: str) -> list[Entry]:
    """The rows of a time and a source: what came of each, the first call of it, for how many minutes officers were sent."""
    rows = await tx.fetch(
        _ENTRIES,
        zone=str(tx.zone),
        purpose=Purpose.SHOTS_FIRED.word,
        near=CALLED_WITHIN_M,
        agency=tx.agency,
        since=since,
        until=until,
        source=source,
    )
    return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    return Entry(
        row["month"],
        row["district"] or NOWHERE,
        LearntBy(row["how"]) if row["how"] else None,
        SoundSaid(row["said"]) if row["said"] else None,
        row["waits"],
        row["verdict"],
        row["called"],
        row["lead_s"],
        tuple(row["others"]),
        _times(row),
        row["error_m"],
        row["first_error_m"],
        row["in_half"],
        row["in_most"],
        row["minutes"],
    )


def _times(row: Row) -> Mapping[str, float]:
    """What is known of how long each part took, in seconds; `told` is from the last round until it was told."""
    parts = {
        part: row[f"{part}_ms"] / 1000
        for part in ("travel", "network", "machine")
        if row[f"{part}_ms"] is not None
    }
    if len(parts) == 3:
        parts["told"] = sum(parts.values())
    if row["decided_at"] is not None and row["told_at"] is not None:
        parts["person"] = (row["decided_at"] - row["told_at"]).total_seconds()
    return parts


@touches(DataClass.OUTCOME, READ)
async def sources(tx: Tx) -> list[str]:
    """Whose sounds the ledger has, by name."""
    return [
        row["source"] for row in await tx.fetch("select distinct source from sound_record order by source")
    ]


@touches(DataClass.MICROPHONE, READ)
async def services(tx: Tx) -> list[Service]:
    """From when until when each microphone was in service."""
    rows = await tx.fetch("select created_at, retired_at from microphone order by created_at, id")
    return [Service(row["created_at"], row["retired_at"]) for row in rows]


@touches(DataClass.MICROPHONE, READ)
async def heard(tx: Tx, since: datetime, until: datetime) -> dict[str, int]:
    """In how many minutes of each month microphones were there, over all of them."""
    rows = await tx.fetch(
        "select to_char(day, 'YYYY-MM') as month, sum(minutes)::int as minutes from microphone_day"
        " where day >= (%(since)s at time zone %(zone)s)::date and day < (%(until)s at time zone %(zone)s)::date group by 1",
        since=since,
        until=until,
        zone=str(tx.zone),
    )
    return {row["month"]: row["minutes"] for row in rows}


@touches(DataClass.MICROPHONE, READ)
async def counted_since(tx: Tx) -> datetime | None:
    """Since when it is counted whether microphones are there; None where none was heard since."""
    row = await tx.fetch_one(
        "select min(day)::timestamp at time zone %(zone)s as day from microphone_day", zone=str(tx.zone)
    )
    return row["day"] if row else None
