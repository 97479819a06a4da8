"""The SQL of workstations, and of the looks that stay on one while its screen is locked. Tokens come here as hashes only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.identity.model import Workstation
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_A, _C = DataClass.ACCOUNT, DataClass.CREDENTIAL
_BY_NAME: Final = Order("workstations", (("name", "text"), ("id", "uuid")))
_WORKSTATIONS: Final[LiteralString] = (
    "select w.id, w.name, w.registered_at, p.display_name as by from workstation w join person p on p.id = w.registered_by"
    " where w.removed_at is null"
)


def _workstation(row: Row) -> Workstation:
    return Workstation(row["id"], row["name"], row["by"], row["registered_at"])


@touches(_A, _C, READ)
async def workstations(tx: Tx, extent: Extent) -> Cut[Workstation]:
    """The agency's workstations, by name."""
    return (await tx.fetch_page(_WORKSTATIONS, _BY_NAME, extent)).of(_workstation)


@touches(_A, _C, READ)
async def workstation(tx: Tx, token_hash: bytes) -> Workstation | None:
    """The workstation of a token, while it is registered with this agency."""
    row = await tx.fetch_one(_WORKSTATIONS + " and w.token_hash = %(hash)s", hash=token_hash)
    return _workstation(row) if row else None


@touches(_C, WRITE)
async def insert_workstation(tx: Tx, workstation_id: UUID, name: str, token_hash: bytes, by: UUID) -> bool:
    """Register one; False when another of that name is registered."""
    return bool(
        await tx.execute(
            "insert into workstation (id, agency_id, name, token_hash, registered_by, registered_at)"
            " values (%(id)s, %(agency)s, %(name)s, %(hash)s, %(by)s, %(now)s)"
            " on conflict (agency_id, name) where removed_at is null do nothing",
            id=workstation_id,
            agency=tx.agency,
            name=name,
            hash=token_hash,
            by=by,
            now=tx.now,
        )
    )


@touches(_C, WRITE)
async def remove_workstation(tx: Tx, workstation_id: UUID) -> bool:
    """It is registered no more; False when it was not."""
    return bool(
        await tx.execute(
            "update workstation set removed_at = %(now)s where id = %(id)s and removed_at is null",
            id=workstation_id,
            now=tx.now,
        )
    )


@touches(_C, WRITE)
async def looks_stay(tx: Tx, sign_in_id: UUID, workstation_id: UUID, until: datetime) -> None:
    """What this session watches of open incidents stays on the workstation until then, though the session ends."""
    await tx.execute(
        "update sign_in set workstation_id = %(workstation)s, looks_until = %(until)s where id = %(id)s",
        workstation=workstation_id,
        until=until,
        id=sign_in_id,
    )


@touches(_C, WRITE)
async def looks_stay_no_more(tx: Tx, workstation_id: UUID) -> Sequence[UUID]:
    """Nothing stays on that workstation from now on. Returns the sessions of which something may have."""
    rows = await tx.fetch(
        "update sign_in set looks_until = null where workstation_id = %(id)s and looks_until is not null returning id",
        id=workstation_id,
    )
    return [row["id"] for row in rows]


@touches(_A, _C, READ)
async def looks_still_stay(tx: Tx, sign_in_id: UUID) -> bool:
    """Whether the looks of a locked session still stay. The door asks this at each renewal; the account has to be one still."""
    row = await tx.fetch_one(
        "select from sign_in s join person p on p.id = s.person_id"
        " where s.id = %(id)s and s.looks_until > %(now)s and p.suspended_at is null",
        id=sign_in_id,
        now=tx.now,
    )
    return row is not None
