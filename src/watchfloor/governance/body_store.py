"""All SQL of approving bodies: who they are, which technologies need their yes, what each decided. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_P: Final = DataClass.POLICY


@dataclass(frozen=True, slots=True)
class Approval:
    """What one body decided: by which instrument, when, after which hearing. Without `decided_at` it has not yet."""

    body: str
    instrument: str
    decided_at: datetime | None
    hearing_at: datetime | None
    comment_until: datetime | None


@dataclass(frozen=True, slots=True)
class KeptApproval:
    """A body's approval and the two persons who wrote it down."""

    approval: Approval
    recorded_by: UUID
    confirmed_by: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Released:
    """A body that an authorisation waited for and that is no longer required: since when, by whose approval."""

    body: str
    at: datetime
    by: UUID


@touches(_P, READ)
async def required(tx: Tx) -> Mapping[str, Sequence[str]]:
    """The bodies whose yes each technology needs, by its word; those that need none are left out."""
    rows = await tx.fetch(
        "select q.technology, array_agg(b.name order by b.name) as names from required_body q"
        " join approving_body b on b.id = q.body_id where q.until is null group by q.technology"
    )
    return {row["technology"]: row["names"] for row in rows}


@touches(_P, READ)
async def approvals(tx: Tx, authorisation_id: UUID) -> list[KeptApproval]:
    """What each body decided about it."""
    rows = await tx.fetch(
        "select b.name, p.* from authorisation_approval p join approving_body b on b.id = p.body_id"
        " where p.authorisation_id = %(id)s order by b.created_at, b.name",
        id=authorisation_id,
    )
    return [
        KeptApproval(
            Approval(r["name"], r["instrument"], r["decided_at"], r["hearing_at"], r["comment_until"]),
            r["recorded_by"],
            r["confirmed_by"],
            r["recorded_at"],
        )
        for r in rows
    ]


@touches(_P, READ)
async def released(tx: Tx, authorisation_id: UUID) -> list[Released]:
    """The bodies whose yes it needed when it was made, which it neither names nor got, and that are no longer required."""
    rows = await tx.fetch(
        "select b.name, q.until, q.until_by from authorisation a join required_body q on q.technology = a.technology"
        " and q.since <= a.created_at and q.until > a.created_at join approving_body b on b.id = q.body_id"
        " where a.id = %(id)s and not exists (select from authorisation_approval p where p.authorisation_id = a.id"
        " and p.body_id = b.id)",
        id=authorisation_id,
    )
    return [Released(row["name"], row["until"], row["until_by"]) for row in rows]


@touches(_P, WRITE)
async def ensure_body(tx: Tx, name: str) -> None:
    """Record an approving body at its first mention."""
    await tx.execute(
        "insert into approving_body (id, agency_id, name, created_at) values (%(id)s, %(agency)s, %(name)s, %(now)s)"
        " on conflict (agency_id, name) do nothing",
        id=uuid7(tx.now),
        agency=tx.agency,
        name=name,
        now=tx.now,
    )


@touches(_P, WRITE)
async def require(tx: Tx, technology: str, body: str) -> None:
    """The technology needs the yes of this recorded body for whatever is authorised after what there is."""
    await tx.execute(
        "insert into required_body (id, agency_id, technology, body_id, since, since_by)"
        " select %(id)s, %(agency)s, %(technology)s, b.id, greatest(%(now)s, (select max(a.created_at) + interval '1 microsecond'"
        "   from authorisation a where a.technology = %(technology)s)), %(by)s from approving_body b where b.name = %(body)s",
        id=uuid7(tx.now),
        agency=tx.agency,
        technology=technology,
        now=tx.now,
        by=tx.actor,
        body=body,
    )


@touches(_P, WRITE)
async def require_no_more(tx: Tx, technology: str, body: str) -> None:
    """From now on the technology does not need the yes of this body."""
    await tx.execute(
        "update required_body q set until = %(now)s, until_by = %(by)s from approving_body b where b.id = q.body_id"
        " and b.name = %(body)s and q.technology = %(technology)s and q.until is null",
        now=tx.now,
        by=tx.actor,
        body=body,
        technology=technology,
    )


@touches(_P, WRITE)
async def keep_approval(tx: Tx, authorisation_id: UUID, approval: Approval, recorded_by: UUID) -> bool:
    """Keep what a recorded body decided, in place of what it had not decided yet; False when it had."""
    return bool(
        await tx.execute(
            "insert into authorisation_approval (id, agency_id, authorisation_id, body_id, instrument, decided_at, hearing_at,"
            " comment_until, recorded_by, confirmed_by, recorded_at) select %(id)s, %(agency)s, %(authorisation)s, b.id,"
            " %(instrument)s, %(decided)s, %(hearing)s, %(comment)s, %(recorded)s, %(by)s, %(now)s from approving_body b"
            " where b.name = %(body)s on conflict (authorisation_id, body_id) do update set instrument = excluded.instrument,"
            " decided_at = excluded.decided_at, hearing_at = excluded.hearing_at, comment_until = excluded.comment_until,"
            " recorded_by = excluded.recorded_by, confirmed_by = excluded.confirmed_by, recorded_at = excluded.recorded_at"
            " where authorisation_approval.decided_at is null",
            id=uuid7(tx.now),
            agency=tx.agency,
            authorisation=authorisation_id,
            instrument=approval.instrument,
            decided=approval.decided_at,
            hearing=approval.hearing_at,
            comment=approval.comment_until,
            recorded=recorded_by,
            by=tx.actor,
            now=tx.now,
            body=approval.body,
        )
    )
