"""All SQL of findings. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance.model import Case
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_NEWEST: Final = Order("findings", (("made_at", "timestamptz"), ("id", "uuid")), down=True)

ReadPlace = tuple[datetime, int]
"""What names a read: its time and its number."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A read that somebody put into a case: which search found it, who, when and with what note."""

    id: UUID
    search: UUID
    scenes: bool
    read: ReadPlace
    note: str
    made_by: UUID
    author: str | None
    made_at: datetime


def _finding(row: Row) -> Finding:
    return Finding(
        row["id"],
        row["search_id"],
        row["scenes"],
        (row["read_at"], row["read_number"]),
        row["note"],
        row["made_by"],
        row["author"],
        row["made_at"],
    )


@touches(DataClass.BOOKMARK, DataClass.ACCOUNT, READ)
async def findings(tx: Tx, case: Case, extent: Extent) -> Cut[Finding]:
    """What was put into a case, the newest first."""
    rows = await tx.fetch_page(
        "select f.*, (select p.display_name from person p where p.id = f.made_by) as author from finding f"
        " where f.case_kind = %(kind)s and f.case_id = %(case)s",
        _NEWEST,
        extent,
        kind=case.kind.value,
        case=case.id,
    )
    return rows.of(_finding)


@touches(DataClass.BOOKMARK, DataClass.ACCOUNT, READ)
async def finding_of(tx: Tx, case: Case, finding: UUID) -> Finding | None:
    """One of a case."""
    row = await tx.fetch_one(
        "select f.*, null as author from finding f where f.id = %(id)s and f.case_kind = %(kind)s and f.case_id = %(case)s",
        id=finding,
        kind=case.kind.value,
        case=case.id,
    )
    return _finding(row) if row else None


@touches(DataClass.BOOKMARK, WRITE)
async def insert(
    tx: Tx, case: Case, search: UUID, reads: Sequence[ReadPlace], note: str, *, scenes: bool
) -> int:
    """Put them in, of the asker; how many were not in it yet."""
    kept = 0
    for at, number in reads:
        kept += await tx.execute(
            "insert into finding (id, agency_id, case_kind, case_id, search_id, scenes, read_at, read_number, note, made_by, made_at)"
            " values (%(id)s, %(agency)s, %(kind)s, %(case)s, %(search)s, %(scenes)s, %(at)s, %(number)s, %(note)s, %(by)s, %(now)s)"
            " on conflict do nothing",
            id=uuid7(tx.now),
            agency=tx.agency,
            kind=case.kind.value,
            case=case.id,
            search=search,
            scenes=scenes,
            at=at,
            number=number,
            note=note,
            by=tx.actor,
            now=tx.now,
        )
    return kept


@touches(DataClass.BOOKMARK, WRITE)
async def remove(tx: Tx, finding: UUID) -> None:
    """Keep it no more."""
    await tx.execute("delete from finding where id = %(id)s", id=finding)
