"""All SQL of seals: which use is sealed for which case, by whom, until when. No statement moves an end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_A: Final = DataClass.AGREEMENT
_NEWEST: Final = Order("use-seals", (("sealed_at", "timestamptz"), ("id", "uuid")), down=True)
_SEALS: Final[LiteralString] = (
    "select s.*, c.name as camera_name, f.number as case_number from use_seal s join camera c on c.id = s.camera_id"
    " join case_file f on f.id = s.case_id"
)


@dataclass(frozen=True, slots=True)
class Seal:
    """A use that its owner is told of only later. `opened_at`: when they were written."""

    id: UUID
    entry: UUID
    camera: UUID
    owner: UUID
    case: UUID
    reason: str = field(repr=False)
    asked_by: UUID
    sealed_by: UUID
    sealed_at: datetime
    until: datetime
    opened_at: datetime | None = None
    camera_name: str = ""
    case_number: str = ""


def _seal(row: Row) -> Seal:
    return Seal(
        row["id"], row["entry_id"], row["camera_id"], row["owner_id"], row["case_id"], row["reason"], row["asked_by"],
        row["sealed_by"], row["sealed_at"], row["until"], row["opened_at"], row["camera_name"], row["case_number"],
    )  # fmt: skip


@touches(_A, READ)
async def owner_then(tx: Tx, camera: UUID, at: datetime) -> UUID | None:
    """Whose camera it was at that time, by what was agreed."""
    row = await tx.fetch_one(
        "select owner_id from agreement where camera_id = %(camera)s and agreed_at <= %(at)s order by agreed_at desc limit 1",
        camera=camera,
        at=at,
    )
    return row["owner_id"] if row else None


@touches(_A, READ)
async def is_sealed(tx: Tx, entry: UUID) -> bool:
    """Whether it is or ever was sealed."""
    return await tx.fetch_one("select from use_seal where entry_id = %(entry)s", entry=entry) is not None


@touches(_A, WRITE)
async def insert(tx: Tx, seal: Seal) -> bool:
    """Keep a seal; False when the use was sealed before."""
    return bool(
        await tx.execute(
            "insert into use_seal (id, agency_id, entry_id, camera_id, owner_id, case_id, reason, asked_by, sealed_by, sealed_at, until)"
            " values (%(id)s, %(agency)s, %(entry)s, %(camera)s, %(owner)s, %(case)s, %(reason)s, %(asked)s, %(by)s, %(at)s, %(until)s)"
            " on conflict (entry_id) do nothing",
            id=seal.id, agency=tx.agency, entry=seal.entry, camera=seal.camera, owner=seal.owner, case=seal.case,
            reason=seal.reason, asked=seal.asked_by, by=seal.sealed_by, at=seal.sealed_at, until=seal.until,
        )
    )  # fmt: skip


@touches(_A, DataClass.CAMERA, DataClass.CASE, READ)
async def seals(tx: Tx, extent: Extent) -> Cut[Seal]:
    """Every seal, the newest first."""
    return (await tx.fetch_page(_SEALS, _NEWEST, extent)).of(_seal)


@touches(_A, DataClass.CAMERA, DataClass.CASE, READ)
async def to_open(tx: Tx, seal: UUID) -> Seal | None:
    """A seal whose owner was not written yet, locked until the transaction ends."""
    row = await tx.fetch_one(_SEALS + " where s.id = %(id)s and s.opened_at is null for update of s", id=seal)
    return _seal(row) if row else None


@touches(_A, WRITE)
async def opened(tx: Tx, seal: UUID) -> None:
    """It is told from now on."""
    await tx.execute("update use_seal set opened_at = %(now)s where id = %(id)s", id=seal, now=tx.now)
