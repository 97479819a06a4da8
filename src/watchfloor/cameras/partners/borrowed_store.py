"""Cameras that partner centers lend to us, and what is recorded here of them: kept as the recorder that has them learns it.

A partner's words are judged before they come here; what it lends, it says, and its own door decides each moment of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.cameras.partners.model import Lent
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
NOT_HERE: Final = "It is no longer recorded here, as the registry says."
_NEWEST: Final = Order("borrowed-cameras", (("since", "timestamptz"), ("id", "uuid")), down=True)
_BORROWED: Final[LiteralString] = (
    "select b.*, c.name as camera_name from borrowed_camera b join camera c on c.id = b.camera_id"
)


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A camera of a partner that is or was recorded here, under which leave; `ended_why` in the partner's words or ours."""

    id: UUID
    camera: UUID
    camera_name: str
    center: str
    lending: str
    since: datetime
    last_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_why: str | None

    def as_json(self) -> dict[str, Json]:
        """As a manifest of an export says under whose leave it was recorded."""
        return {
            "center": self.center,
            "lending": self.lending,
            "recorded_from": rfc3339(self.since),
            "recorded_to": rfc3339(self.ended_at or self.last_at),
            "lent_until": rfc3339(self.until),
        }


def _borrowed(row: Row) -> Borrowed:
    return Borrowed(
        row["id"], row["camera_id"], row["camera_name"], row["center"], row["lending"], row["since"], row["last_at"], row["until"],
        row["ended_at"], row["ended_why"],
    )  # fmt: skip


@touches(_C, WRITE)
async def records(tx: Tx, camera: UUID, lent: Lent) -> None:
    """It is recorded under this lending; the log has when that began."""
    row = await tx.fetch_one(
        "insert into borrowed_camera (id, camera_id, agency_id, center, lending, until, since, last_at)"
        " select %(id)s, c.id, %(agency)s, s.name, %(lending)s, %(until)s, %(now)s, %(now)s from camera c"
        " join camera_site s on s.id = c.site_id where c.id = %(camera)s"
        " on conflict (camera_id, lending) do update set until = excluded.until, last_at = excluded.last_at,"
        " ended_at = null, ended_why = null returning (xmax = 0) as new",
        id=uuid7(tx.now),
        camera=camera,
        agency=tx.agency,
        lending=lent.lending,
        until=lent.until,
        now=tx.now,
    )
    if row is not None and row["new"]:
        more: dict[str, Json] = {"lending": lent.lending, "until": rfc3339(lent.until)}
        await effect(tx, "borrowed_camera.begun", About("camera", camera), more=more)


@touches(_C, WRITE)
async def ended(tx: Tx, camera: UUID, why: str) -> None:
    """Its center lends it no more; the log has that, once."""
    rows = await tx.fetch(
        "update borrowed_camera set ended_at = %(now)s, ended_why = %(why)s where camera_id = %(camera)s and ended_at is null"
        " returning lending",
        camera=camera,
        why=why,
        now=tx.now,
    )
    for row in rows:
        more: dict[str, Json] = {"lending": row["lending"]}
        await effect(tx, "borrowed_camera.ended", About("camera", camera), more=more, detail={"why": why})


@touches(_C, READ)
async def ever(tx: Tx, camera: UUID) -> bool:
    """Whether a camera was ever recorded here by its partner's leave."""
    return (
        await tx.fetch_one("select from borrowed_camera where camera_id = %(id)s limit 1", id=camera)
        is not None
    )


@touches(_C, READ)
async def over(tx: Tx, camera: UUID, begin: datetime, end: datetime) -> Sequence[Borrowed]:
    """Under what a camera was borrowed at some of that time."""
    rows = await tx.fetch(
        _BORROWED
        + " where b.camera_id = %(camera)s and b.since < %(end)s and coalesce(b.ended_at, 'infinity') > %(begin)s"
        " order by b.since, b.lending",
        camera=camera,
        begin=begin,
        end=end,
    )
    return [_borrowed(row) for row in rows]


@touches(_C, READ)
async def borrowed(tx: Tx, extent: Extent) -> Cut[Borrowed]:
    """Every camera that is or was borrowed, the newest first."""
    return (await tx.fetch_page(_BORROWED, _NEWEST, extent)).of(_borrowed)
