"""All SQL of cases. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance.case_file import CaseFile
from watchfloor.governance.model import Ended
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_BY_OPENING: Final = Order("cases", (("opened_at", "timestamptz"), ("id", "uuid")), down=True)
_BY_END: Final = Order("provisional_cases", (("provisional_until", "timestamptz"), ("id", "uuid")))


def _case(row: Row) -> CaseFile:
    return CaseFile(
        id=row["id"],
        number=row["number"],
        title=row["title"],
        purpose=row["purpose"],
        provisional_until=row["provisional_until"],
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        confirmed_by=row["confirmed_by"],
        confirmed_at=row["confirmed_at"],
    )


@touches(DataClass.CASE, READ)
async def cases(tx: Tx, extent: Extent | None = None, *, open_only: bool = False) -> Cut[CaseFile]:
    """Cases, newest first, every one of them without an extent; closed and lapsed ones too, where not only open ones are wanted."""
    rows = await tx.fetch_page(
        "select * from case_file where not %(open_only)s"
        " or (closed_at is null and (provisional_until is null or provisional_until > %(now)s))",
        _BY_OPENING,
        extent,
        open_only=open_only,
        now=tx.now,
    )
    return rows.of(_case)


@touches(DataClass.CASE, READ)
async def provisional_cases(tx: Tx, extent: Extent) -> Cut[CaseFile]:
    """Open cases that wait for a second person, the one that lapses next first."""
    waiting = "select * from case_file where closed_at is null and provisional_until > %(now)s"
    return (await tx.fetch_page(waiting, _BY_END, extent, now=tx.now)).of(_case)


@touches(DataClass.CASE, READ)
async def case_of(tx: Tx, case: UUID) -> CaseFile | None:
    """One case."""
    row = await tx.fetch_one("select * from case_file where id = %(id)s", id=case)
    return _case(row) if row else None


@touches(DataClass.CASE, READ)
async def case_numbered(tx: Tx, number: str) -> CaseFile | None:
    """The open case of this number."""
    row = await tx.fetch_one(
        "select * from case_file where number = %(number)s and closed_at is null", number=number
    )
    return _case(row) if row else None


@touches(DataClass.CASE, READ)
async def case_standing(tx: Tx, case: UUID) -> bool | Ended:
    """Whether there is such a case and it is open, or why it serves no more: what the door asks."""
    found = await case_of(tx, case)
    return found is not None and (found.ended(tx.now, tx.zone) or True)


@touches(DataClass.CASE, READ)
async def over(tx: Tx, of: Collection[UUID]) -> dict[UUID, Ended]:
    """Which of these cases are over, and why."""
    if not of:
        return {}
    found = map(_case, await tx.fetch("select * from case_file where id = any(%(ids)s)", ids=list(of)))
    return {case.id: ended for case in found if (ended := case.ended(tx.now, tx.zone)) is not None}


@touches(DataClass.CASE, WRITE)
async def end_lapsed(tx: Tx, number: str | None = None) -> list[CaseFile]:
    """Close the provisional cases (of one number, or all) whose time is over, and which those are: each is told of once."""
    rows = await tx.fetch(
        "update case_file set closed_at = provisional_until where closed_at is null and provisional_until <= %(now)s"
        " and (%(number)s::text is null or number = %(number)s) returning *",
        number=number,
        now=tx.now,
    )
    return [_case(row) for row in rows]


@touches(DataClass.CASE, READ)
async def own_end(tx: Tx, number: str) -> datetime | None:
    """When the first case of this number that the asker opened, and nobody confirmed, lapses or did; closed early or not."""
    row = await tx.fetch_one(
        "select min(provisional_until) as first from case_file where number = %(number)s and opened_by = %(by)s",
        number=number,
        by=tx.actor,
    )
    return row["first"] if row else None


@touches(DataClass.CASE, WRITE)
async def case_to_change(tx: Tx, case: UUID) -> CaseFile | None:
    """One case, and nobody else changes it until this transaction ends."""
    row = await tx.fetch_one("select * from case_file where id = %(id)s for update", id=case)
    return _case(row) if row else None


@touches(DataClass.CASE, WRITE)
async def insert_case(
    tx: Tx, case_id: UUID, number: str, title: str, purpose: str, provisional_until: datetime | None
) -> bool:
    """Open a case; False while another of that number is open."""
    return bool(
        await tx.execute(
            "insert into case_file (id, agency_id, number, title, purpose, provisional_until, opened_by, opened_at)"
            " values (%(id)s, %(agency)s, %(number)s, %(title)s, %(purpose)s, %(until)s, %(by)s, %(now)s)"
            " on conflict (agency_id, number) where closed_at is null do nothing",
            id=case_id,
            agency=tx.agency,
            number=number,
            title=title,
            purpose=purpose,
            until=provisional_until,
            by=tx.actor,
            now=tx.now,
        )
    )


@touches(DataClass.CASE, WRITE)
async def confirm_case(tx: Tx, case: UUID) -> None:
    """It is provisional no more."""
    await tx.execute(
        "update case_file set provisional_until = null, confirmed_by = %(by)s, confirmed_at = %(now)s"
        " where id = %(id)s",
        id=case,
        by=tx.actor,
        now=tx.now,
    )


@touches(DataClass.CASE, WRITE)
async def close_case(tx: Tx, case: UUID) -> None:
    """Close a case."""
    await tx.execute("update case_file set closed_at = %(now)s where id = %(id)s", id=case, now=tx.now)
