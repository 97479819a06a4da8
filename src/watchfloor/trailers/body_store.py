"""All SQL of which body camera was given to whom. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_U: Final = DataClass.UNIT
_BY_NAME: Final = Order("body_cameras", (("name", "text"), ("id", "uuid")))
_NEWEST: Final = Order("body_issues", (("issued_at", "timestamptz"), ("id", "uuid")), down=True)


@dataclass(frozen=True, slots=True)
class Issue:
    """A body camera given out: with which unit, worn by whom as far as somebody said, from when to when."""

    id: UUID
    camera: UUID
    unit: UUID
    call_sign: str
    person: UUID | None
    issued_at: datetime
    issued_by: UUID
    returned_at: datetime | None
    returned_by: UUID | None


def _issue(row: Row) -> Issue:
    return Issue(
        row["id"], row["camera_id"], row["unit_id"], row["call_sign"], row["person_id"], row["issued_at"], row["issued_by"],
        row["returned_at"], row["returned_by"],
    )  # fmt: skip


_ISSUE: Final[LiteralString] = (
    "select i.*, coalesce(u.call_sign, '') as call_sign from body_issue i left join unit u on u.id = i.unit_id"
)


@touches(_C, READ)
async def cameras(tx: Tx, extent: Extent) -> Cut[UUID]:
    """A part of the body cameras, by name."""
    found = await tx.fetch_page(
        "select id, name from camera where technology = 'body_camera' and removed_at is null",
        _BY_NAME,
        extent,
    )
    return found.of(lambda row: row["id"])


@touches(_U, READ)
async def now(tx: Tx, cameras: list[UUID]) -> dict[UUID, Issue]:
    """To whom these cameras are given now; those that are with nobody are left out."""
    rows = await tx.fetch(
        _ISSUE + " where i.returned_at is null and i.camera_id = any(%(cameras)s)", cameras=cameras
    )
    return {row["camera_id"]: _issue(row) for row in rows}


@touches(_U, READ)
async def issues(tx: Tx, camera: UUID, extent: Extent) -> Cut[Issue]:
    """To whom a camera was given, the newest first."""
    found = await tx.fetch_page(_ISSUE + " where i.camera_id = %(camera)s", _NEWEST, extent, camera=camera)
    return found.of(_issue)


@touches(_U, READ)
async def with_unit(tx: Tx, unit: UUID) -> list[UUID]:
    """The cameras that are given to this unit now."""
    rows = await tx.fetch(
        "select camera_id from body_issue where unit_id = %(unit)s and returned_at is null order by camera_id",
        unit=unit,
    )
    return [row["camera_id"] for row in rows]


@touches(_U, WRITE)
async def begin(tx: Tx, camera: UUID, unit: UUID, person: UUID | None) -> None:
    """It is given to this unit, from now on."""
    await tx.execute(
        "insert into body_issue (id, camera_id, agency_id, unit_id, person_id, issued_at, issued_by)"
        " values (%(id)s, %(camera)s, %(agency)s, %(unit)s, %(person)s, %(now)s, %(by)s)",
        id=uuid7(tx.now),
        camera=camera,
        agency=tx.agency,
        unit=unit,
        person=person,
        now=tx.now,
        by=tx.actor,
    )


@touches(_U, WRITE)
async def end(tx: Tx, camera: UUID) -> int:
    """It was given back now; 0 when it was with nobody."""
    return await tx.execute(
        "update body_issue set returned_at = %(now)s, returned_by = %(by)s where camera_id = %(camera)s and returned_at is null",
        camera=camera,
        now=tx.now,
        by=tx.actor,
    )
