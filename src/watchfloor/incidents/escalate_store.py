"""The SQL of the watch over alerts: whose holder has gone, and who goes up. It decides nothing."""

from __future__ import annotations

from datetime import timedelta
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
