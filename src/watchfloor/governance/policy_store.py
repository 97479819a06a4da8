"""All SQL of policy as people see and change it: technologies, authorisations, proposals, cases. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.model import Authorisation
from watchfloor.governance.store import AUTHORISATION, authorisation_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.sure import sure
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_P: Final = DataClass.POLICY
_BY_CREATION: Final = Order("authorisations", (("created_at", "timestamptz"), ("id", "uuid")), down=True)
_BY_PROPOSAL: Final = Order("proposals", (("proposed_at", "timestamptz"), ("id", "uuid")), down=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """An authorisation with what people are shown beside it, and who did what to it."""

    authorisation: Authorisation
    note: str
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID
    approved_at: datetime
    suspended_by: UUID | None
    suspended_why: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A two-person act that waits, or has been decided."""

    id: UUID
    kind: str
    subject: UUID | None
    title: str
    sentence: str
    payload: Mapping[str, Json]
    proposed_by: UUID
    proposed_at: datetime
    expires_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    verdict: str | None
    note: str | None


def _kept(row: Row) -> Kept:
    return Kept(
        authorisation_of(row), row["note"], row["proposed_by"], row["proposed_at"], row["approved_by"], row["approved_at"],
        row["suspended_by"], row["suspended_why"], row["version"],
    )  # fmt: skip


@touches(_P, READ)
async def technologies(tx: Tx) -> list[tuple[str, str, str]]:
    """Every technology there is: kind, title, words."""
    rows = await tx.fetch("select kind, title, description from technology order by title")
    return [(row["kind"], row["title"], row["description"]) for row in rows]


@touches(_P, READ)
async def authorisations(tx: Tx, extent: Extent | None = None) -> Cut[Kept]:
    """Authorisations, newest first; every one of them without an extent."""
    return (await tx.fetch_page(AUTHORISATION, _BY_CREATION, extent)).of(_kept)


@touches(_P, READ)
async def authorisation(tx: Tx, authorisation_id: UUID) -> Kept | None:
    """One authorisation."""
    row = await tx.fetch_one(AUTHORISATION + " where a.id = %(id)s", id=authorisation_id)
    return _kept(row) if row else None


@touches(_P, WRITE)
async def rule_for(tx: Tx, keep_for: timedelta) -> int:
    """The retention rule of this length; made at its first use. Its number is what partitions carry."""
    row = sure(
        await tx.fetch_one(
            "insert into retention_rule (agency_id, keep_for, created_at) values (%(agency)s, %(keep)s, %(now)s)"
            " on conflict (agency_id, keep_for, held) do update set keep_for = excluded.keep_for returning rule",
            agency=tx.agency,
            keep=keep_for,
            now=tx.now,
        )
    )
    return int(row["rule"])


@touches(_P, WRITE)
async def create_partitions(tx: Tx, tables: Sequence[str], rule: int, days: Sequence[date]) -> None:
    """Make room for a rule's rows on these days, where there is none yet."""
    for table in tables:
        for day in days:
            await tx.execute(
                "call wf_partition_create(%(table)s, %(rule)s::smallint, %(day)s)",
                table=table,
                rule=rule,
                day=day,
            )


@touches(_P, READ)
async def rules(tx: Tx) -> list[tuple[int, timedelta]]:
    """Every retention rule: number and length."""
    return [
        (row["rule"], row["keep_for"])
        for row in await tx.fetch("select rule, keep_for from retention_rule order by rule")
    ]


@touches(_P, WRITE)
async def insert_authorisation(tx: Tx, authorisation_id: UUID, values: Mapping[str, object]) -> None:
    """Keep an approved authorisation; `values` are the columns by name."""
    await tx.execute(
        "insert into authorisation (id, agency_id, technology, title, effective_at, expires_at, purposes, roles, area, rule, sharing,"
        " audio, proposed_by, proposed_at, approved_at, approved_by, note, created_at, version)"
        " values (%(id)s, %(agency)s, %(technology)s, %(title)s, %(effective_at)s, %(expires_at)s, %(purposes)s, %(roles)s,"
        " %(area)s::jsonb, %(rule)s, 'none', %(audio)s, %(proposed_by)s, %(proposed_at)s, %(now)s, %(approved_by)s, %(note)s, %(now)s, 1)",
        id=authorisation_id,
        agency=tx.agency,
        now=tx.now,
        **values,
    )


@touches(_P, WRITE)
async def insert_keeping(tx: Tx, authorisation_id: UUID, data_class: DataClass, rule: int | None) -> None:
    """Keep under which rule a class of the authorisation's data lives; None for data that is never stored."""
    await tx.execute(
        "insert into authorisation_keeping (authorisation_id, agency_id, data_class, rule)"
        " values (%(id)s, %(agency)s, %(class)s, %(rule)s)",
        **{"id": authorisation_id, "agency": tx.agency, "class": data_class.value, "rule": rule},
    )


def json_text(value: list[list[float]]) -> str:
    """A JSON array as text, for a jsonb column that would otherwise read a list as an SQL array."""
    return json.dumps(value)


@touches(_P, WRITE)
async def suspend(tx: Tx, authorisation_id: UUID, why: str, version: int | None) -> bool:
    """Suspend it; False when it is suspended already or has another version."""
    return bool(
        await tx.execute(
            "update authorisation set suspended_at = %(now)s, suspended_by = %(by)s, suspended_why = %(why)s, version = version + 1"
            " where id = %(id)s and suspended_at is null and (%(version)s::bigint is null or version = %(version)s)",
            id=authorisation_id,
            now=tx.now,
            by=tx.actor,
            why=why,
            version=version,
        )
    )


@touches(_P, WRITE)
async def lift(tx: Tx, authorisation_id: UUID) -> bool:
    """End its suspension; False when it is not suspended."""
    return bool(
        await tx.execute(
            "update authorisation set suspended_at = null, suspended_by = null, suspended_why = null, version = version + 1"
            " where id = %(id)s and suspended_at is not null",
            id=authorisation_id,
        )
    )


@touches(_P, READ)
async def lifted(tx: Tx, kind: str, authorisation_id: UUID) -> list[Proposal]:
    """The proposals of this kind by which its suspensions ended, the first one first."""
    rows = await tx.fetch(
        "select * from proposal where kind = %(kind)s and subject_id = %(id)s and verdict = 'approved' order by decided_at",
        kind=kind,
        id=authorisation_id,
    )
    return [_proposal(row) for row in rows]


@touches(_P, READ)
async def stands_since(tx: Tx, authorisation_id: UUID, lifting: str) -> datetime | None:
    """Since when it has stood without a break: the last yes that it needed, its beginning, or the end of its last suspension, by a
    proposal of the kind `lifting`. None where it is suspended.
    """
    row = await tx.fetch_one(
        "select greatest(w.effective_at, w.approved_at, (select max(p.recorded_at) from authorisation_approval p"
        "   where p.authorisation_id = w.id and p.decided_at is not null),"
        "  (select max(q.until) from required_body q where q.technology = w.technology and q.since <= w.created_at"
        "   and q.until > w.created_at and not exists (select from authorisation_approval p"
        "    where p.authorisation_id = w.id and p.body_id = q.body_id)),"
        "  (select max(o.decided_at) from proposal o where o.kind = %(lifting)s and o.subject_id = w.id"
        "   and o.verdict = 'approved')) as since"
        " from authorisation w where w.id = %(id)s and w.suspended_at is null",
        id=authorisation_id,
        lifting=lifting,
    )
    return row["since"] if row else None


def _proposal(row: Row) -> Proposal:
    return Proposal(
        row["id"], row["kind"], row["subject_id"], row["title"], row["sentence"], row["payload"], row["proposed_by"],
        row["proposed_at"], row["expires_at"], row["decided_by"], row["decided_at"], row["verdict"], row["note"],
    )  # fmt: skip


@touches(_P, WRITE)
async def insert_proposal(tx: Tx, proposal: Proposal) -> None:
    """Keep a proposal."""
    await tx.execute(
        "insert into proposal (id, agency_id, kind, subject_id, title, sentence, payload, proposed_by, proposed_at, expires_at)"
        " values (%(id)s, %(agency)s, %(kind)s, %(subject)s, %(title)s, %(sentence)s, %(payload)s, %(by)s, %(at)s, %(expires)s)",
        id=proposal.id,
        agency=tx.agency,
        kind=proposal.kind,
        subject=proposal.subject,
        title=proposal.title,
        sentence=proposal.sentence,
        payload=dict(proposal.payload),
        by=proposal.proposed_by,
        at=proposal.proposed_at,
        expires=proposal.expires_at,
    )


@touches(_P, READ)
async def proposals(
    tx: Tx, kinds: Sequence[str], extent: Extent | None = None, *, open_only: bool
) -> Cut[Proposal]:
    """Proposals of these kinds, newest first; every one of them without an extent."""
    rows = await tx.fetch_page(
        "select * from proposal where kind = any(%(kinds)s) and (not %(open)s or (decided_at is null and expires_at > %(now)s))",
        _BY_PROPOSAL,
        extent,
        kinds=list(kinds),
        open=open_only,
        now=tx.now,
    )
    return rows.of(_proposal)


@touches(_P, READ)
async def proposal(tx: Tx, proposal_id: UUID) -> Proposal | None:
    """One proposal, locked until the transaction ends."""
    row = await tx.fetch_one("select * from proposal where id = %(id)s", id=proposal_id)
    return _proposal(row) if row else None


@touches(_P, WRITE)
async def decide_proposal(tx: Tx, proposal_id: UUID, verdict: str, note: str, subject: UUID | None) -> bool:
    """Keep the second person's verdict; False when somebody was first, or its time is over."""
    return bool(
        await tx.execute(
            "update proposal set decided_by = %(by)s, decided_at = %(now)s, verdict = %(verdict)s, note = %(note)s,"
            " subject_id = coalesce(%(subject)s, subject_id)"
            " where id = %(id)s and decided_at is null and expires_at > %(now)s",
            id=proposal_id,
            by=tx.actor,
            now=tx.now,
            verdict=verdict,
            note=note,
            subject=subject,
        )
    )


@touches(_P, WRITE)
async def withdraw_proposal(tx: Tx, proposal_id: UUID) -> None:
    """What is no longer wanted waits for nobody: nobody decided it."""
    await tx.execute(
        "update proposal set decided_at = %(now)s, verdict = 'withdrawn' where id = %(id)s and decided_at is null",
        id=proposal_id,
        now=tx.now,
    )
