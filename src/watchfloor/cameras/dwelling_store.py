"""All SQL of views of dwellings, and of how long cameras were aimed at them. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.cameras.dwelling import Aim
from watchfloor.governance.model import Case
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA


@dataclass(frozen=True, slots=True)
class View:
    """A preset that is a view of a dwelling, as somebody marked it."""

    camera: UUID
    name: str
    preset: str
    dwelling: str
    marked_by: UUID
    marked_at: datetime


def _aim(row: Row) -> Aim:
    return Aim(
        row["id"],
        row["camera_id"],
        row["dwelling"],
        row["by_order"],
        row["from_at"],
        row["until_at"],
        row["told"],
    )


@touches(_C, READ)
async def views(tx: Tx, camera: UUID | None = None) -> list[View]:
    """The marked views, of one camera or of all, by its name."""
    rows = await tx.fetch(
        "select v.*, c.name from dwelling_view v join camera c on c.id = v.camera_id where c.removed_at is null"
        " and (%(camera)s::uuid is null or v.camera_id = %(camera)s) order by c.name, v.preset",
        camera=camera,
    )
    return [
        View(
            row["camera_id"], row["name"], row["preset"], row["dwelling"], row["marked_by"], row["marked_at"]
        )
        for row in rows
    ]


@touches(_C, READ)
async def dwelling_of(tx: Tx, camera: UUID, preset: str) -> str | None:
    """The dwelling that a preset looks at, where somebody marked it."""
    row = await tx.fetch_one(
        "select dwelling from dwelling_view where camera_id = %(camera)s and preset = %(preset)s",
        camera=camera,
        preset=preset,
    )
    return row["dwelling"] if row else None


@touches(_C, WRITE)
async def mark(tx: Tx, camera: UUID, preset: str, dwelling: str) -> None:
    """A preset looks at a dwelling; empty: at none."""
    await tx.execute(
        "delete from dwelling_view where camera_id = %(camera)s and preset = %(preset)s",
        camera=camera,
        preset=preset,
    )
    if dwelling:
        await tx.execute(
            "insert into dwelling_view (camera_id, agency_id, preset, dwelling, marked_by, marked_at) values (%(camera)s,"
            " %(agency)s, %(preset)s, %(dwelling)s, %(by)s, %(now)s)",
            camera=camera,
            agency=tx.agency,
            preset=preset,
            dwelling=dwelling,
            by=tx.actor,
            now=tx.now,
        )


@touches(_C, READ)
async def aims(tx: Tx, since: datetime, camera: UUID | None = None) -> Sequence[Aim]:
    """The aims of cameras at dwellings that go on or ended since."""
    rows = await tx.fetch(
        "select * from camera_aim where (until_at is null or until_at > %(since)s)"
        " and (%(camera)s::uuid is null or camera_id = %(camera)s) order by from_at, id",
        since=since,
        camera=camera,
    )
    return [_aim(row) for row in rows]


@touches(_C, WRITE)
async def begin(tx: Tx, camera: UUID, dwelling: str, *, by_order: bool) -> None:
    """It is aimed at a dwelling from now on."""
    await tx.execute(
        "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at) values (%(id)s, %(camera)s,"
        " %(agency)s, %(dwelling)s, %(by_order)s, %(now)s)",
        id=uuid7(tx.now),
        camera=camera,
        agency=tx.agency,
        dwelling=dwelling,
        by_order=by_order,
        now=tx.now,
    )


@touches(_C, WRITE)
async def end(tx: Tx, camera: UUID) -> None:
    """It is aimed elsewhere from now on."""
    await tx.execute(
        "update camera_aim set until_at = greatest(%(now)s, from_at) where camera_id = %(camera)s and until_at is null",
        camera=camera,
        now=tx.now,
    )


@touches(_C, READ)
async def played(
    tx: Tx, person: UUID, case: Case | None, since: datetime
) -> list[tuple[UUID, datetime, datetime]]:
    """The times of cameras at dwellings that this person, or anybody for this case, played since then, but by a court's order."""
    rows = await tx.fetch(
        "select camera_id, from_at, until_at from dwelling_play where played_at >= %(since)s"
        " and (person_id = %(person)s or (case_kind = %(kind)s and case_id = %(case)s))",
        since=since, person=person, kind=case.kind.value if case else None, case=case.id if case else None,
    )  # fmt: skip
    return [(row["camera_id"], row["from_at"], row["until_at"]) for row in rows]


@touches(_C, WRITE)
async def keep_played(
    tx: Tx, person: UUID, case: Case | None, camera: UUID, begin: datetime, end: datetime
) -> None:
    """They play that time of a camera at a dwelling now. What they saw there just before is one with it."""
    row = {
        "agency": tx.agency, "camera": camera, "person": person, "kind": case.kind.value if case else None,
        "case": case.id if case else None, "from": begin, "until": end, "now": tx.now, "id": uuid7(tx.now),
    }  # fmt: skip
    longer = await tx.execute(
        "update dwelling_play set from_at = least(from_at, %(from)s), until_at = greatest(until_at, %(until)s), played_at = %(now)s"
        " where id = (select id from dwelling_play where camera_id = %(camera)s and person_id = %(person)s"
        " and case_kind is not distinct from %(kind)s::text and case_id is not distinct from %(case)s::uuid"
        " and from_at <= %(until)s and until_at >= %(from)s order by from_at limit 1 for update)",
        **row,
    )
    if not longer:
        await tx.execute(
            "insert into dwelling_play (id, agency_id, camera_id, person_id, case_kind, case_id, from_at, until_at, played_at)"
            " values (%(id)s, %(agency)s, %(camera)s, %(person)s, %(kind)s, %(case)s, %(from)s, %(until)s, %(now)s)",
            **row,
        )


@touches(_C, WRITE)
async def tell(tx: Tx, aim: UUID, told: int) -> bool:
    """That so much was said of it; False when it was said before."""
    return bool(
        await tx.execute(
            "update camera_aim set told = %(told)s where id = %(aim)s and told < %(told)s", aim=aim, told=told
        )
    )
