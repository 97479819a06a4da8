"""All SQL of what was asked outside about a hit: the live record, and the entering agency. It decides nothing."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from watchfloor.incidents.confirmation import AgencySays, Confirmation, Urgency
from watchfloor.incidents.record_system import Answered, Asked, Query
from watchfloor.incidents.review import Reply
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_A: Final = DataClass.ALERT
_I: Final = DataClass.INCIDENT


@touches(_A, WRITE)
async def insert_query(tx: Tx, alert: UUID, made: Query) -> None:
    """Keep that the live record was asked."""
    await tx.execute(
        "insert into live_query (id, agency_id, alert_id, review_id, plate, state, asked_by, adapter, asked_at, answered_at,"
        " reply, reference, said) values (%(id)s, %(agency)s, %(alert)s, %(review)s, %(plate)s, %(state)s, %(by)s, %(adapter)s,"
        " %(asked_at)s, %(answered_at)s, %(reply)s, %(reference)s, %(said)s)",
        id=made.id,
        agency=tx.agency,
        alert=alert,
        review=made.review,
        plate=made.asked.plate,
        state=made.asked.state,
        by=made.asked_by,
        adapter=made.adapter,
        asked_at=made.asked_at,
        answered_at=made.answered_at,
        reply=made.answered.reply.value,
        reference=made.answered.reference,
        said=made.answered.said,
    )


@touches(_A, READ)
async def queries(tx: Tx, alert: UUID) -> tuple[Query, ...]:
    """Each time that the live record was asked for an alert, the first one first."""
    rows = await tx.fetch(
        "select * from live_query where alert_id = %(alert)s order by answered_at, id", alert=alert
    )
    return tuple(
        Query(
            id=row["id"],
            asked=Asked(row["plate"], row["state"]),
            answered=Answered(Reply(row["reply"]), row["reference"], row["said"]),
            asked_by=row["asked_by"],
            adapter=row["adapter"],
            asked_at=row["asked_at"],
            answered_at=row["answered_at"],
            review=row["review_id"],
        )
        for row in rows
    )


def _confirmation(row: Row) -> Confirmation:
    return Confirmation(
        id=row["id"],
        incident=row["incident_id"],
        agency=row["entering_agency"],
        urgency=Urgency(row["urgency"]),
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        due_at=row["due_at"],
        late_told_at=row["late_told_at"],
        answer=AgencySays(row["answer"]) if row["answer"] else None,
        answered_at=row["answered_at"],
        answered_by=row["answered_by"],
        spoke_with=row["spoke_with"],
        reference=row["reference"],
    )


@touches(_I, READ)
async def confirmation_of(tx: Tx, incident: UUID) -> Confirmation | None:
    """The last time that the entering agency was asked for an incident."""
    row = await tx.fetch_one(
        "select * from hit_confirmation where incident_id = %(id)s order by asked_at desc, id desc limit 1",
        id=incident,
    )
    return _confirmation(row) if row else None


@touches(_I, WRITE)
async def insert_confirmation(tx: Tx, made: Confirmation) -> None:
    """Keep that the entering agency was asked."""
    await tx.execute(
        "insert into hit_confirmation (id, agency_id, incident_id, entering_agency, urgency, asked_by, asked_at, due_at)"
        " values (%(id)s, %(agency)s, %(incident)s, %(of)s, %(urgency)s, %(by)s, %(at)s, %(due)s)",
        id=made.id,
        agency=tx.agency,
        incident=made.incident,
        of=made.agency,
        urgency=made.urgency.value,
        by=made.asked_by,
        at=made.asked_at,
        due=made.due_at,
    )


@touches(_I, WRITE)
async def answer_confirmation(
    tx: Tx, confirmation: UUID, answer: AgencySays, *, spoke_with: str, reference: str | None
) -> bool:
    """Keep what the agency answered; False when it was answered before."""
    return bool(
        await tx.execute(
            "update hit_confirmation set answer = %(answer)s, answered_at = %(now)s, answered_by = %(by)s,"
            " spoke_with = %(with)s, reference = %(reference)s where id = %(id)s and answer is null",
            id=confirmation,
            answer=answer.value,
            now=tx.now,
            by=tx.actor,
            reference=reference,
            **{"with": spoke_with},
        )
    )


@touches(_I, WRITE)
async def become_late(tx: Tx) -> list[Confirmation]:
    """The confirmations whose answer is owed since now, each told once; of incidents that are not closed."""
    rows = await tx.fetch(
        "update hit_confirmation c set late_told_at = %(now)s from incident i where i.id = c.incident_id"
        " and i.state <> 'closed' and c.answer is null and c.late_told_at is null and c.due_at <= %(now)s returning c.*",
        now=tx.now,
    )
    return [_confirmation(row) for row in rows]
