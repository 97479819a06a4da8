"""The one queue and timer: work that must be done later, once, by whichever process comes first. SQL of `job`, no more.

A job is added in the transaction that wants it. It is taken with a lease; a worker that dies leaves it to the next. A job
may therefore run twice and must bear it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

LEASE_FOR: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True)
class Job:
    """A job as taken."""

    id: UUID
    kind: str
    agency: UUID | None
    payload: Mapping[str, Any]
    attempts: int


@touches(DataClass.MACHINERY, WRITE)
async def add(tx: Tx, kind: str, payload: Mapping[str, object], *, run_at: datetime, key: str | None = None) -> None:
    """Add a job; with a `key`, at most one of that key ever is."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key)"
        " values (%(id)s, %(kind)s, %(agency)s, %(payload)s, %(run_at)s, 0, 0, %(key)s) on conflict (unique_key) do nothing",
        id=uuid7(tx.now),
        kind=kind,
        agency=tx.agency,
        payload=dict(payload),
        run_at=run_at,
        key=key,
    )


@touches(DataClass.MACHINERY, READ, DataClass.MACHINERY, WRITE)
async def take(tx: Tx, kinds: list[str], most: int) -> list[Job]:
    """Lease what is due, oldest first. Jobs that failed too often stay, for `watchfloor check` to tell of."""
    rows = await tx.fetch(
        "update job set lease_until = %(until)s, attempts = attempts + 1 where id in (select id from job"
        "   where done_at is null and run_at <= %(now)s and (lease_until is null or lease_until < %(now)s)"
        "   and kind = any(%(kinds)s) and attempts < %(attempts)s order by run_at limit %(most)s for update skip locked)"
        " returning id, kind, agency_id, payload, attempts",
        until=tx.now + LEASE_FOR,
        now=tx.now,
        kinds=kinds,
        attempts=MOST_ATTEMPTS,
        most=most,
    )
    return [Job(row["id"], row["kind"], row["agency_id"], row["payload"], row["attempts"]) for row in rows]


@touches(DataClass.MACHINERY, WRITE)
async def done(tx: Tx, job: UUID) -> None:
    """It was done."""
    await tx.execute("update job set done_at = %(now)s, progress = 1, error = null where id = %(id)s", id=job, now=tx.now)


@touches(DataClass.MACHINERY, WRITE)
async def failed(tx: Tx, job: UUID, error: str, *, again_at: datetime) -> None:
    """It failed; it is tried again then."""
    await tx.execute(
        "update job set lease_until = null, run_at = %(again)s, error = %(error)s where id = %(id)s",
        id=job,
        again=again_at,
        error=error[:500],
    )


@touches(DataClass.MACHINERY, READ)
async def stuck(tx: Tx) -> list[tuple[str, str]]:
    """Jobs that failed too often: kind and last error."""
    rows = await tx.fetch(
        "select kind, coalesce(error, '') as error from job where done_at is null and attempts >= %(most)s", most=MOST_ATTEMPTS
    )
    return [(row["kind"], row["error"]) for row in rows]
