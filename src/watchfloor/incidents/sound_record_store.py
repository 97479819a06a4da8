"""All SQL of what the ledger of sounds has of our own alerts: one row each, which outlives the alert. It decides nothing.

Of a place it keeps the district and a thousandth of a degree, no more.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from watchfloor.kit.geo import Point
from watchfloor.places.district_store import district_at
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.ALERT, READ, DataClass.OUTCOME, WRITE)
async def keep_record(tx: Tx, alert: UUID) -> None:
    """Let the record of a sound's alert say what that does: when, where, the reviewer's verdict. Of other alerts nothing is kept,
    nor of one that is kept back: nobody was told of it."""
    await tx.execute(
        "insert into sound_record (id, agency_id, what, source, at, told_at, lat, lon, verdict, reason, decided_at)"
        " select a.id, a.agency_id, 'alert', 'own', a.at, a.raised_at, round(a.lat::numeric, 3), round(a.lon::numeric, 3),"
        " case when a.decided_at is not null then a.state end, case when a.decided_at is not null then a.reason end, a.decided_at"
        " from alert a where a.id = %(id)s and a.kind = 'impulse' and a.state <> 'kept_back'"
        " on conflict (id) do update set at = excluded.at, lat = excluded.lat, lon = excluded.lon,"
        " verdict = excluded.verdict, reason = excluded.reason, decided_at = excluded.decided_at",
        id=alert,
    )


@touches(DataClass.ALERT, DataClass.PLACE, READ, DataClass.OUTCOME, WRITE)
async def keep_told(tx: Tx, alert: UUID, place: Point) -> None:
    """The same of an alert that was raised or revised, with the district that its place is in."""
    await keep_record(tx, alert)
    await tx.execute(
        "update sound_record set district = %(district)s where id = %(id)s",
        id=alert,
        district=await district_at(tx, place),
    )


@touches(DataClass.OUTCOME, WRITE)
async def keep_latency(
    tx: Tx, alert: UUID, *, fired_at: datetime, arrived_at: datetime, received_at: datetime
) -> None:
    """Keep what went by before an alert was told: until its last pulse arrived, until that was here, until now."""
    await tx.execute(
        "update sound_record set travel_ms = %(travel)s, network_ms = %(network)s, machine_ms = %(machine)s where id = %(id)s",
        id=alert,
        travel=_ms(fired_at, arrived_at),
        network=_ms(arrived_at, received_at),
        machine=_ms(received_at, tx.now),
    )


def _ms(begins: datetime, ends: datetime) -> int:
    """Milliseconds, at most an int of PostgreSQL; a clock that is off makes no time negative."""
    return min(max(round((ends - begins).total_seconds() * 1000), 0), 2_000_000_000)
