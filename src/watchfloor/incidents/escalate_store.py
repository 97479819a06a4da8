"""The SQL of the watch over alerts: whose holder has gone, and who goes up. It decides nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.CREDENTIAL, READ, DataClass.ALERT, WRITE)
async def release_left(tx: Tx, *, idle: timedelta) -> list[tuple[UUID, UUID]]:
    """Give back every alert whose holder has no session that lives; which those were, and whose. Their review waits for them.

    A session that was left idle is over though nobody has ended it: a closed browser or a dead machine says nothing.
    """
    rows = await tx.fetch(
        "with gone as (select id, holder_id from alert where state in ('acknowledged', 'in_review')"
        " and exists (select from sign_in s where s.person_id = holder_id)"
        " and not exists (select from sign_in s where s.person_id = holder_id and s.ended_at is null and s.until > %(now)s"
        "  and s.seen_at >= %(seen_since)s)"
        " for update)"
        " update alert a set state = case when escalated_at is null then 'waiting' else 'escalated' end, holder_id = null,"
        " holder_role = case when escalated_at is not null then 'supervisor' end, claimed_at = null, version = version + 1"
        " from gone where a.id = gone.id returning a.id, gone.holder_id",
        now=tx.now,
        seen_since=tx.now - idle,
    )
    return [(row["id"], row["holder_id"]) for row in rows]


@touches(DataClass.ALERT, WRITE)
async def escalate_overdue(tx: Tx) -> list[UUID]:
    """Hand every alert that nobody claimed in its time to the supervisor; which those were."""
    rows = await tx.fetch(
        "update alert set state = 'escalated', holder_role = 'supervisor', escalated_at = %(now)s, version = version + 1"
        " where state = 'waiting' and deadline_at <= %(now)s and erase_after > %(now)s returning id",
        now=tx.now,
    )
    return [row["id"] for row in rows]


@touches(DataClass.ALERT, READ)
async def entries_of_open(tx: Tx) -> list[UUID]:
    """The entries behind alerts that wait for a verdict and do not say yet that theirs is gone."""
    rows = await tx.fetch(
        "select distinct entry_id from alert where decided_at is null and entry_gone is null and erase_after > %(now)s"
        " and entry_id is not null",
        now=tx.now,
    )
    return [row["entry_id"] for row in rows]


@touches(DataClass.ALERT, WRITE)
async def say_gone(tx: Tx, entry: UUID, why: str) -> list[UUID]:
    """Every open alert of an entry says why that answers no more; which those are."""
    rows = await tx.fetch(
        "update alert set entry_gone = %(why)s, version = version + 1 where entry_id = %(entry)s and decided_at is null"
        " and entry_gone is null returning id",
        entry=entry,
        why=why,
    )
    return [row["id"] for row in rows]


@touches(DataClass.ALERT, WRITE)
async def close_gone(tx: Tx, *, left_since: datetime) -> list[UUID]:
    """Close the alerts whose entry is gone, but those that somebody reviews now; nobody's verdict, so nobody's name."""
    rows = await tx.fetch(
        "update alert set state = 'dismissed', reason = 'entry_withdrawn', note = entry_gone, decided_at = %(now)s,"
        " holder_id = null, holder_role = null, version = version + 1 where decided_at is null and entry_gone is not null"
        " and (state <> 'in_review' or claimed_at < %(left)s) returning id",
        now=tx.now,
        left=left_since,
    )
    if rows:
        await tx.execute(
            "update review set verdict = 'handed_over', closed_at = %(now)s where verdict is null and alert_id = any(%(ids)s)",
            now=tx.now,
            ids=[row["id"] for row in rows],
        )
    return [row["id"] for row in rows]
