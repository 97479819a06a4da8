"""All SQL by which agreements and requests change, and by which their owners see them. The door reads them for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.governance.agreement import Agreement, Window
from watchfloor.governance.agreement_store import agreement_of
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_A: Final = DataClass.AGREEMENT


@dataclass(frozen=True, slots=True)
class Shared:
    """An agreement as its two sides see it: `agreed_at` None while it is only offered."""

    agreement: Agreement
    owner: UUID
    camera_name: str
    offered_at: datetime
    agreed_at: datetime | None
    version: int
    deleted: Mapping[str, int] | None
    """What revocation deleted and left: `segments`, `seconds`, `kept`, `kept_seconds`; without these until it was done."""


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for a camera that is shared only after a yes."""

    id: UUID
    agreement: UUID
    camera_name: str
    purpose: str
    minutes: int
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    yes: bool | None
    until: datetime | None


_SHARED: Final[LiteralString] = (
    "select a.*, c.name as camera_name, (select max(y.until) from agreement_request y where y.agreement_id = a.id and y.yes)"
    " as yes_until from agreement a join camera c on c.id = a.camera_id"
)
_REQUEST: Final[LiteralString] = (
    "select r.*, c.name as camera_name from agreement_request r join agreement a on a.id = r.agreement_id"
    " join camera c on c.id = a.camera_id"
)


def _shared(row: Row) -> Shared:
    return Shared(
        agreement_of(row), row["owner_id"], row["camera_name"], row["offered_at"], row["agreed_at"], row["version"], row["deleted"]
    )  # fmt: skip


def _request(row: Row) -> Request:
    return Request(
        row["id"], row["agreement_id"], row["camera_name"], row["purpose"], row["minutes"], row["asked_at"], row["expires_at"],
        row["answered_at"], row["yes"], row["until"],
    )  # fmt: skip


def _hours(windows: Sequence[Window]) -> str:
    return "[" + ", ".join(f"[{w.day}, {w.begin_min}, {w.end_min}]" for w in windows) + "]"


@touches(_A, WRITE)
async def insert(tx: Tx, offered: Agreement, owner: UUID) -> None:
    """Keep what staff offer; it holds from the owner's yes on."""
    await tx.execute(
        "insert into agreement (id, agency_id, camera_id, owner_id, mode, radius_m, hours, time_zone, lat, lon, begins_at, ends_at,"
        " offered_at, offered_by, version) values (%(id)s, %(agency)s, %(camera)s, %(owner)s, %(mode)s, %(radius)s, %(hours)s::jsonb,"
        " %(zone)s, %(lat)s, %(lon)s, %(begins)s, %(ends)s, %(now)s, %(by)s, 1)",
        id=offered.id,
        agency=tx.agency,
        camera=offered.camera,
        owner=owner,
        mode=offered.mode.value,
        radius=offered.radius_m,
        hours=_hours(offered.windows),
        zone=offered.zone.key,
        lat=offered.place.lat,
        lon=offered.place.lon,
        begins=offered.begins_at,
        ends=offered.ends_at,
        now=tx.now,
        by=tx.actor,
    )


@touches(_A, WRITE)
async def agree(tx: Tx, agreement: UUID) -> None:
    """The owner's yes: it holds from now on, in place of what was agreed before."""
    await tx.execute(
        "update agreement set agreed_at = %(now)s, version = version + 1 where id = %(id)s",
        id=agreement,
        now=tx.now,
    )


@touches(_A, WRITE)
async def change(tx: Tx, changed: Agreement) -> None:
    """Other hours, another way, another end."""
    await tx.execute(
        "update agreement set mode = %(mode)s, radius_m = %(radius)s, hours = %(hours)s::jsonb, ends_at = %(ends)s,"
        " version = version + 1 where id = %(id)s",
        id=changed.id,
        mode=changed.mode.value,
        radius=changed.radius_m,
        hours=_hours(changed.windows),
        ends=changed.ends_at,
    )


@touches(_A, WRITE)
async def put_suspended(tx: Tx, agreement: UUID, at: datetime | None) -> None:
    """Suspend it, or go on."""
    await tx.execute(
        "update agreement set suspended_at = %(at)s, version = version + 1 where id = %(id)s",
        id=agreement,
        at=at,
    )


@touches(_A, WRITE)
async def revoke(tx: Tx, agreement: UUID) -> None:
    """It is over for good; another one can be offered."""
    await tx.execute(
        "update agreement set revoked_at = %(now)s, version = version + 1 where id = %(id)s",
        id=agreement,
        now=tx.now,
    )


@touches(_A, DataClass.CAMERA, READ)
async def of_owner(tx: Tx, owner: UUID) -> list[Shared]:
    """Everything that was offered to an owner and agreed, the newest first."""
    rows = await tx.fetch(
        _SHARED + " where a.owner_id = %(owner)s order by a.offered_at desc, a.id", owner=owner
    )
    return [_shared(row) for row in rows]


@touches(_A, DataClass.CAMERA, READ)
async def one(tx: Tx, agreement: UUID) -> Shared | None:
    """One of them."""
    row = await tx.fetch_one(_SHARED + " where a.id = %(id)s", id=agreement)
    return _shared(row) if row else None


@touches(_A, WRITE)
async def insert_request(
    tx: Tx, request: UUID, agreement: UUID, purpose: str, minutes: int, lasts: timedelta
) -> None:
    """Keep that somebody asks."""
    await tx.execute(
        "insert into agreement_request (id, agency_id, agreement_id, asked_by, asked_at, purpose, minutes, expires_at)"
        " values (%(id)s, %(agency)s, %(agreement)s, %(by)s, %(now)s, %(purpose)s, %(minutes)s, %(until)s)",
        id=request,
        agency=tx.agency,
        agreement=agreement,
        by=tx.actor,
        now=tx.now,
        purpose=purpose,
        minutes=minutes,
        until=tx.now + lasts,
    )


@touches(_A, DataClass.CAMERA, READ)
async def requests(tx: Tx, agreements: Sequence[UUID], since: datetime) -> list[Request]:
    """What was asked about these agreements since then, the newest first."""
    rows = await tx.fetch(
        _REQUEST
        + " where r.agreement_id = any(%(agreements)s) and r.asked_at >= %(since)s order by r.asked_at desc, r.id",
        agreements=list(agreements),
        since=since,
    )
    return [_request(row) for row in rows]


@touches(_A, DataClass.CAMERA, READ)
async def request_of(tx: Tx, request: UUID) -> Request | None:
    """One request, locked: it is answered once."""
    row = await tx.fetch_one(_REQUEST + " where r.id = %(id)s for update of r", id=request)
    return _request(row) if row else None


@touches(_A, WRITE)
async def answer(tx: Tx, request: UUID, until: datetime | None) -> None:
    """A yes until then, or a no."""
    await tx.execute(
        "update agreement_request set answered_at = %(now)s, yes = %(yes)s, until = %(until)s where id = %(id)s",
        id=request,
        now=tx.now,
        yes=until is not None,
        until=until,
    )
