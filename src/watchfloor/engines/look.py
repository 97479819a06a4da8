"""What the database's machinery tables show, for `check`: counts and names of machines, nothing about a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.storage.classes import READ
from watchfloor.storage.database import Connection, Database
from watchfloor.storage.jobs import MOST_ATTEMPTS
from watchfloor.storage.partitions import days_ahead, missing, used

_LOST_FOR: Final = timedelta(hours=24)
_LATE_BY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Seen:
    """`workers_lost`: kind, host, seconds of silence. `jobs_stuck`: kind and last error. `jobs_late`: how many are due
    and not done, the first since when."""

    partitions_missing: tuple[str, ...] = ()
    workers_lost: tuple[tuple[str, str, float], ...] = ()
    jobs_stuck: tuple[tuple[str, str], ...] = ()
    jobs_late: tuple[int, datetime | None] = (0, None)
    quarantined: int = 0


async def look(database: Database, *, now: datetime) -> Seen:
    """Look at every agency's machinery. Raises Unavailable."""
    async with database.transaction(mode=READ) as connection:
        cursor = await connection.execute("select id from agency order by id")
        agencies: list[UUID] = [row["id"] for row in await cursor.fetchall()]
        lost = await _workers_lost(connection)
        stuck, late = await _jobs_stuck(connection, now), await _jobs_late(connection, now)
    lacking: set[str] = set()
    quarantined = 0
    for agency in agencies:
        async with database.transaction(agency=agency, mode=READ) as connection:
            cursor = await connection.execute("select rule from retention_rule")
            rules = [row["rule"] for row in await cursor.fetchall()]
            known = await used(connection)
            found = await missing(connection, rules, days_ahead(now, behind=0, ahead=1))
            lacking |= {p.name for p in found if (p.table, p.rule) in known}
            cursor = await connection.execute(
                "select count(*) as n from quarantine where erase_after > %s", (now,)
            )
            quarantined += sum(row["n"] for row in await cursor.fetchall())
    return Seen(tuple(sorted(lacking)), lost, stuck, late, quarantined)


async def _workers_lost(connection: Connection) -> tuple[tuple[str, str, float], ...]:
    # A worker that began after another fell silent, of its kind and on its machine, has taken its place.
    cursor = await connection.execute(
        "select kind, host, extract(epoch from clock_timestamp() - until)::float as ago from worker lost"
        " where stopped_at is null and until < clock_timestamp() and until > clock_timestamp() - %s"
        " and not exists (select from worker w where w.kind = lost.kind and w.host = lost.host and w.id <> lost.id"
        "   and w.started_at > lost.started_at and w.until > clock_timestamp()) order by until",
        (_LOST_FOR,),
    )
    return tuple((row["kind"], row["host"], row["ago"]) for row in await cursor.fetchall())


async def _jobs_stuck(connection: Connection, now: datetime) -> tuple[tuple[str, str], ...]:
    # What forgetting keeps of itself is no job that anybody takes; it is tried again each minute, and told of by itself.
    cursor = await connection.execute(
        "select kind, coalesce(error, 'its worker died while doing it') as error from job where done_at is null"
        " and attempts >= %s and (lease_until is null or lease_until < %s) and kind not like 'retention.%%' order by run_at, id limit 20",
        (MOST_ATTEMPTS, now),
    )
    return tuple((row["kind"], row["error"]) for row in await cursor.fetchall())


async def _jobs_late(connection: Connection, now: datetime) -> tuple[int, datetime | None]:
    cursor = await connection.execute(
        "select count(*) as n, min(run_at) as first from job where done_at is null and attempts < %s and run_at < %s"
        " and (lease_until is null or lease_until < %s) and kind not like 'retention.%%'",
        (MOST_ATTEMPTS, now - _LATE_BY, now),
    )
    ((n, first),) = [(row["n"], row["first"]) for row in await cursor.fetchall()]
    return n, first
