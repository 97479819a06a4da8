"""All SQL of which kinds of files may be taken. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_P: Final = DataClass.POLICY
_LATEST_FIRST: Final = Order("approvals", (("approved_at", "timestamptz"), ("id", "uuid")), down=True)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """An approval as it is kept."""

    id: UUID
    kind: str
    body: str
    instrument: str
    effective_at: datetime
    expires_at: datetime
    approved_at: datetime


def _approval(row: Row) -> ApprovalRow:
    return ApprovalRow(*(row[name] for name in ApprovalRow.__slots__))


@touches(_P, READ)
async def approvals(tx: Tx, extent: Extent) -> Cut[ApprovalRow]:
    """Approvals, the latest first."""
    return (await tx.fetch_page("select * from hot_list_file_kind", _LATEST_FIRST, extent)).of(_approval)


@touches(_P, READ)
async def in_force(tx: Tx) -> frozenset[str]:
    """The kinds that are allowed now."""
    rows = await tx.fetch(
        "select distinct kind from hot_list_file_kind where effective_at <= %(now)s and expires_at > %(now)s",
        now=tx.now,
    )
    return frozenset(row["kind"] for row in rows)


@touches(_P, WRITE)
async def insert_approval(tx: Tx, new: ApprovalRow, *, proposal: UUID) -> None:
    """Keep an approval that a second person put in force."""
    await tx.execute(
        "insert into hot_list_file_kind (id, agency_id, kind, body, instrument, effective_at, expires_at, proposal_id,"
        " approved_by, approved_at) values (%(id)s, %(agency)s, %(kind)s, %(body)s, %(instrument)s, %(since)s, %(until)s,"
        " %(proposal)s, %(by)s, %(now)s)",
        agency=tx.agency,
        proposal=proposal,
        by=tx.actor,
        now=tx.now,
        id=new.id,
        kind=new.kind,
        body=new.body,
        instrument=new.instrument,
        since=new.effective_at,
        until=new.expires_at,
    )
