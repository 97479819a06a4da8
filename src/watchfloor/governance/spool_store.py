"""All SQL of decisions that were made while the database was away: each joins once, however often it is tried."""

from __future__ import annotations

from watchfloor.governance.entry import Entry
from watchfloor.governance.spool import Line
from watchfloor.governance.store import append_entry
from watchfloor.storage.classes import WRITE, DataClass
from watchfloor.storage.tx import Tx, touches


@touches(DataClass.AUDIT, DataClass.AUDIT_PAYLOAD, WRITE)
async def join_entry(tx: Tx, entry: Entry) -> bool:
    """Add an entry unless it is there; False when it was. Two that join the same take turns."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended(%(id)s, 7))", id=str(entry.id))
    if await tx.fetch_one("select 1 as one from audit_entry where id = %(id)s", id=entry.id) is not None:
        return False
    await append_entry(tx, entry)
    return True


@touches(DataClass.AUDIT, WRITE)
async def join_grant(tx: Tx, line: Line) -> None:
    """Keep the grant that a spooled decision gave, or its end."""
    grant, entry = line.grant, line.entry
    if grant is None:
        return
    if grant.ended is not None:
        await tx.execute(
            "update access_grant set ended_at = %(at)s, end_reason = %(reason)s, counts = %(counts)s"
            " where id = %(id)s and ended_at is null",
            id=grant.id,
            at=entry.at,
            reason=grant.ended,
            counts=dict(grant.counts or {}),
        )
        return
    await tx.execute(
        "insert into access_grant (id, agency_id, entry_id, actor_id, need, about_kind, about_id, technology, opened_at, until)"
        " values (%(id)s, %(agency)s, %(entry)s, %(actor)s, %(need)s, %(kind)s, %(about)s, %(technology)s, %(at)s, %(until)s)"
        " on conflict (id) do nothing",
        id=grant.id,
        agency=entry.agency,
        entry=entry.id,
        actor=entry.actor,
        need=entry.need,
        kind=entry.about.kind if entry.about else None,
        about=entry.about.id if entry.about else None,
        technology=grant.technology,
        at=entry.at,
        until=grant.until,
    )
