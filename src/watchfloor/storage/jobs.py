"""The one queue and timer: work that must be done later, once, by whichever process comes first. SQL of `job`, no more.

A job is added in the transaction that wants it. It is taken with a lease; a worker that dies leaves it to the next. A job
may therefore run twice and must bear it; what it says of itself counts only while its lease is its own (`attempts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

LEASE_FOR: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 8
_LONGEST_PAUSE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as taken. `attempts` counts this one too."""

    id: UUID
    kind: str
    agency: UUID | None
    payload: Mapping[str, Any]
    attempts: int


def pause(attempts: int) -> timedelta:
    """How long a job that failed so often waits: twice as long each time, 10 minutes at most."""
    return min(timedelta(seconds=2 ** min(attempts, 20)), _LONGEST_PAUSE)


@touches(DataClass.MACHINERY, WRITE)
async def add(
    tx: Tx, kind: str, payload: Mapping[str, object], *, run_at: datetime, key: str | None = None
) -> bool:
    """Add a job; with a `key`, at most one of that key ever is: False when there was one."""
    return bool(
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
    )


@touches(DataClass.MACHINERY, READ, DataClass.MACHINERY, WRITE)
async def take(tx: Tx, kinds: Sequence[str], most: int) -> list[Job]:
    """Lease what is due, the agency's own, oldest first. Jobs that failed too often stay, for `watchfloor check` to tell of."""
    rows = await tx.fetch(
        # Looked for once: where the planner asks such a subquery again for each row, it gives the next ones, and all are leased.
        "with due as materialized (select id from job"
        "   where done_at is null and run_at <= %(now)s and (lease_until is null or lease_until < %(now)s)"
        "   and kind = any(%(kinds)s) and attempts < %(attempts)s and (agency_id is null or agency_id = %(agency)s)"
        "   order by run_at, id limit %(most)s for update skip locked)"
        " update job j set lease_until = %(until)s, attempts = attempts + 1 from due where j.id = due.id"
        " returning j.id, j.kind, j.agency_id, j.payload, j.attempts, j.run_at",
        until=tx.now + LEASE_FOR,
        now=tx.now,
        kinds=list(kinds),
        attempts=MOST_ATTEMPTS,
        agency=tx.agency,
        most=most,
    )
    ordered = sorted(rows, key=lambda row: (row["run_at"], row["id"]))
    return [Job(row["id"], row["kind"], row["agency_id"], row["payload"], row["attempts"]) for row in ordered]


@touches(DataClass.MACHINERY, WRITE)
async def progressed(tx: Tx, job: Job, share: float) -> bool:
    """It is done to this share (0 to 1) and goes on: its lease begins anew. False when somebody else has it by now."""
    return bool(
        await tx.execute(
            "update job set progress = %(share)s, lease_until = %(until)s"
            " where id = %(id)s and attempts = %(attempts)s and done_at is null",
            id=job.id,
            share=share,
            attempts=job.attempts,
            until=tx.now + LEASE_FOR,
        )
    )


@touches(DataClass.MACHINERY, WRITE)
async def done(tx: Tx, job: Job) -> bool:
    """It was done. False when somebody else has it by now, or finished it."""
    return bool(
        await tx.execute(
            "update job set done_at = %(now)s, progress = 1, error = null, lease_until = null"
            " where id = %(id)s and attempts = %(attempts)s and done_at is null",
            id=job.id,
            attempts=job.attempts,
            now=tx.now,
        )
    )


@touches(DataClass.MACHINERY, WRITE)
async def failed(tx: Tx, job: Job, error: str) -> bool:
    """It failed, and is tried again after a pause that grows. False when somebody else has it by now."""
    return bool(
        await tx.execute(
            "update job set lease_until = null, run_at = %(again)s, error = %(error)s"
            " where id = %(id)s and attempts = %(attempts)s and done_at is null",
            id=job.id,
            attempts=job.attempts,
            again=tx.now + pause(job.attempts),
            error=error[:500],
        )
    )


@touches(DataClass.MACHINERY, READ)
async def stuck(tx: Tx) -> list[tuple[str, str]]:
    """Jobs that failed too often, or whose worker died at the last try: kind and last error."""
    rows = await tx.fetch(
        "select kind, coalesce(error, 'its worker died while doing it') as error from job where done_at is null"
        " and attempts >= %(most)s and (lease_until is null or lease_until < %(now)s)"
        " and (agency_id is null or agency_id = %(agency)s) order by run_at, id",
        most=MOST_ATTEMPTS,
        now=tx.now,
        agency=tx.agency,
    )
    return [(row["kind"], row["error"]) for row in rows]
