"""All SQL of what the sweep says of itself, kept as jobs that nobody takes: steps that fail, rounds, the oldest of each day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_ALARM: Final = "retention.alarm"
_PROOF: Final = "retention.oldest"
_ROUND: Final = "retention.round"
_GAVE_WAY: Final = "retention.gave_way"
_SHORT: Final = "retention.short"


@touches(DataClass.MACHINERY, WRITE)
async def keep_alarm(tx: Tx, what: str, error: str) -> None:
    """Keep that a step of forgetting failed, once a step, until it succeeds."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, error, unique_key)"
        " values (%(id)s, %(kind)s, %(agency)s, %(payload)s, %(now)s, 1, 0, %(error)s, %(key)s)"
        " on conflict (unique_key) do update set error = excluded.error, attempts = job.attempts + 1, done_at = null",
        id=uuid7(tx.now),
        kind=_ALARM,
        agency=tx.agency,
        payload={"what": what},
        now=tx.now,
        error=error[:500],
        key=f"{_ALARM} {tx.agency} {what}",
    )


@touches(DataClass.MACHINERY, WRITE)
async def end_alarm(tx: Tx, what: str) -> None:
    """The step succeeded."""
    await tx.execute(
        "update job set done_at = %(now)s, progress = 1 where unique_key = %(key)s and done_at is null",
        now=tx.now,
        key=f"{_ALARM} {tx.agency} {what}",
    )


@touches(DataClass.MACHINERY, READ)
async def failing(tx: Tx) -> list[tuple[str, str, datetime]]:
    """Steps of forgetting that fail: what, the last error, since when."""
    rows = await tx.fetch(
        "select payload ->> 'what' as what, error, run_at from job where kind = %(kind)s and agency_id = %(agency)s"
        " and done_at is null order by run_at, id",
        kind=_ALARM,
        agency=tx.agency,
    )
    return [(row["what"], row["error"], row["run_at"]) for row in rows]


@touches(DataClass.MACHINERY, WRITE)
async def keep_gave_way(tx: Tx, what: str, sentence: str) -> bool:
    """Keep that a day gave way; False when that was kept before."""
    done = await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
        " (%(id)s, %(kind)s, %(agency)s, %(said)s, %(now)s, 0, 1, %(key)s, %(now)s) on conflict (unique_key) do nothing",
        id=uuid7(tx.now),
        kind=_GAVE_WAY,
        agency=tx.agency,
        said={"sentence": sentence},
        now=tx.now,
        key=f"{_GAVE_WAY} {tx.agency} {what}",
    )
    return bool(done)


@touches(DataClass.MACHINERY, READ)
async def gave_way(tx: Tx, since: datetime) -> list[tuple[str, datetime]]:
    """What gave way since then: the sentence and when."""
    rows = await tx.fetch(
        "select payload ->> 'sentence' as said, run_at from job where kind = %(kind)s and agency_id = %(agency)s"
        " and run_at >= %(since)s order by run_at, id",
        kind=_GAVE_WAY,
        agency=tx.agency,
        since=since,
    )
    return [(row["said"], row["run_at"]) for row in rows]


@touches(DataClass.MACHINERY, READ)
async def oldest_kept_on(tx: Tx, day: date) -> bool:
    """Whether this UTC day's proof was kept."""
    return (
        await tx.fetch_one("select 1 as one from job where unique_key = %(key)s", key=_proof_key(tx, day))
        is not None
    )


@touches(DataClass.MACHINERY, WRITE)
async def keep_oldest(tx: Tx, found: Mapping[str, str]) -> bool:
    """Keep what was found to be the oldest; False when this day's proof was kept before."""
    return bool(
        await tx.execute(
            "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
            " (%(id)s, %(kind)s, %(agency)s, %(found)s, %(now)s, 0, 1, %(key)s, %(now)s) on conflict (unique_key) do nothing",
            id=uuid7(tx.now),
            kind=_PROOF,
            agency=tx.agency,
            found=dict(found),
            now=tx.now,
            key=_proof_key(tx, tx.now.astimezone(UTC).date()),
        )
    )


@touches(DataClass.MACHINERY, READ)
async def last_oldest(tx: Tx) -> tuple[datetime, Mapping[str, str]] | None:
    """The last proof: when, and the oldest day (ISO) by what was listed, `segment` or `files of footage`."""
    row = await tx.fetch_one(
        "select run_at, payload from job where kind = %(kind)s and agency_id = %(agency)s order by run_at desc limit 1",
        kind=_PROOF,
        agency=tx.agency,
    )
    return (row["run_at"], row["payload"]) if row else None


@touches(DataClass.MACHINERY, WRITE)
async def keep_round(tx: Tx) -> None:
    """A round of forgetting has ended."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
        " (%(id)s, %(kind)s, %(agency)s, '{}', %(now)s, 0, 1, %(key)s, %(now)s)"
        " on conflict (unique_key) do update set run_at = excluded.run_at, done_at = excluded.done_at",
        id=uuid7(tx.now),
        kind=_ROUND,
        agency=tx.agency,
        now=tx.now,
        key=f"{_ROUND} {tx.agency}",
    )


@touches(DataClass.MACHINERY, DataClass.ACCOUNT, READ)
async def last_round(tx: Tx) -> datetime | None:
    """When the last round of forgetting ended, or the agency began; None where there is no such agency."""
    row = await tx.fetch_one(
        "select coalesce((select run_at from job where unique_key = %(key)s), created_at) as at from agency where id = %(agency)s",
        key=f"{_ROUND} {tx.agency}",
        agency=tx.agency,
    )
    return row["at"] if row else None


@touches(DataClass.MACHINERY, WRITE)
async def keep_short(tx: Tx) -> None:
    """What is never stored was looked for just now, and nothing of it was older than its minutes."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
        " (%(id)s, %(kind)s, %(agency)s, '{}', %(now)s, 0, 1, %(key)s, %(now)s)"
        " on conflict (unique_key) do update set run_at = excluded.run_at, done_at = excluded.done_at",
        id=uuid7(tx.now),
        kind=_SHORT,
        agency=tx.agency,
        now=tx.now,
        key=f"{_SHORT} {tx.agency}",
    )


@touches(DataClass.MACHINERY, READ)
async def short_proven(tx: Tx) -> datetime | None:
    """When nothing of what is never stored was last found older than its minutes; None before the first look."""
    row = await tx.fetch_one("select run_at from job where unique_key = %(key)s", key=f"{_SHORT} {tx.agency}")
    return row["run_at"] if row else None


@touches(DataClass.MACHINERY, READ)
async def round_ended(tx: Tx) -> datetime | None:
    """When the last round of forgetting ended; None before the first."""
    row = await tx.fetch_one("select run_at from job where unique_key = %(key)s", key=f"{_ROUND} {tx.agency}")
    return row["run_at"] if row else None


def _proof_key(tx: Tx, day: date) -> str:
    return f"{_PROOF} {tx.agency} {day}"
