"""All SQL of views of dwellings, and of how long cameras were aimed at them. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.cameras.dwelling import Aim, Known
from watchfloor.cameras.dwelling_seen import Time, Way
from watchfloor.governance.model import Case
from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA


@dataclass(frozen=True, slots=True)
class View:
    """A preset (or `AT_REST`) that is a view of a dwelling, as somebody marked it."""

    camera: UUID
    name: str
    preset: str
    dwelling: str
    marked_by: UUID
    marked_at: datetime


def _aim(row: Row) -> Aim:
    """Once a mask covers the dwelling entirely, the camera is not aimed at it any more."""
    ends = [at for at in (row["until_at"], row["covered_at"]) if at is not None]
    return Aim(
        row["id"],
        row["camera_id"],
        row["dwelling"],
        row["by_order"],
        row["from_at"],
        min(ends, default=None),
        row["told"],
        Known(row["known"]),
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


@touches(_C, WRITE)
async def mark(tx: Tx, camera: UUID, preset: str, dwelling: str) -> None:
    """A preset looks at a dwelling; empty: at none. What no view of the camera looks at any more it is not aimed at any more."""
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
    await tx.execute(
        "update camera_aim a set until_at = greatest(%(now)s, a.from_at) where a.camera_id = %(camera)s and a.until_at is null"
        " and not exists (select from dwelling_view v where v.camera_id = a.camera_id and v.dwelling = a.dwelling)",
        camera=camera,
        now=tx.now,
    )


@touches(_C, WRITE)
async def carried_off(tx: Tx, cameras: Collection[UUID]) -> list[UUID]:
    """These are about to stand elsewhere: what they look at as they stand is another view, which nobody marked. Those that were marked."""
    await tx.execute(
        "update camera_aim a set until_at = greatest(%(now)s, a.from_at) from dwelling_view v where a.camera_id = v.camera_id"
        " and a.dwelling = v.dwelling and a.until_at is null and v.preset = '' and v.camera_id = any(%(cameras)s)",
        cameras=list(cameras),
        now=tx.now,
    )
    rows = await tx.fetch(
        "delete from dwelling_view where preset = '' and camera_id = any(%(cameras)s) returning camera_id",
        cameras=list(cameras),
    )
    return [row["camera_id"] for row in rows]


@touches(_C, READ)
async def aims(tx: Tx, since: datetime, camera: UUID | None = None) -> Sequence[Aim]:
    """The aims of cameras at dwellings that go on or ended since, less what masks cover: those of a camera that was sent to the one preset
    that looks there. A mask is drawn for one view, so where there are two, or it was turned by hand, none is believed to cover it.
    """
    rows = await tx.fetch(
        "select a.*, c.covered_at from camera_aim a left join lateral (select min(m.set_at) as covered_at from camera_mask m"
        " where m.camera_id = a.camera_id and m.dwelling = a.dwelling and m.removed_at is null"
        " and a.known = 'preset' and 1 = (select count(*) from dwelling_view v where v.camera_id = a.camera_id"
        " and v.dwelling = a.dwelling)) c on true where (a.until_at is null or a.until_at > %(since)s)"
        " and (c.covered_at is null or c.covered_at > greatest(%(since)s, a.from_at))"
        " and (%(camera)s::uuid is null or a.camera_id = %(camera)s) order by a.from_at, a.id",
        since=since,
        camera=camera,
    )
    return [_aim(row) for row in rows]


@touches(_C, READ)
async def turned(tx: Tx, since: datetime) -> Mapping[UUID, datetime]:
    """When cameras with a view of a dwelling were told to turn last, of those that were since."""
    rows = await tx.fetch(
        "select d.camera_id, d.turned_at from camera_device d where d.turned_at > %(since)s"
        " and d.camera_id in (select camera_id from dwelling_view)",
        since=since,
    )
    return {row["camera_id"]: row["turned_at"] for row in rows}


@touches(_C, READ, _C, WRITE)
async def aim_at(
    tx: Tx, camera: UUID, dwellings: Collection[str], known: Known, *, by_order: bool = False
) -> None:
    """It is aimed at these dwellings from now on, and at no others. What goes on, goes on."""
    row = {
        "camera": camera,
        "dwellings": list(dwellings),
        "known": known.value,
        "order": by_order,
        "now": tx.now,
    }
    await tx.execute(
        "update camera_aim set until_at = greatest(%(now)s, from_at) where camera_id = %(camera)s and until_at is null"
        " and (by_order <> %(order)s or not dwelling = any(%(dwellings)s))",
        **row,
    )
    await tx.execute(
        "update camera_aim set known = %(known)s where camera_id = %(camera)s and until_at is null", **row
    )
    for dwelling in dwellings:
        await tx.execute(
            "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at, known) values (%(id)s, %(camera)s,"
            " %(agency)s, %(dwelling)s, %(order)s, %(now)s, %(known)s) on conflict (camera_id, dwelling) where until_at is null"
            " do nothing",
            id=uuid7(tx.now), agency=tx.agency, dwelling=dwelling,
            **{name: row[name] for name in ("camera", "order", "now", "known")},
        )  # fmt: skip


@touches(_C, READ, _C, WRITE)
async def assume(tx: Tx, camera: UUID, dwelling: str) -> None:
    """It was turned away, and at what nobody knows: it may look there, unless it was sent to a preset that is marked."""
    await tx.execute(
        "insert into camera_aim (id, camera_id, agency_id, dwelling, by_order, from_at, known) select %(id)s, %(camera)s, %(agency)s,"
        " %(dwelling)s, false, %(now)s, 'assumed' where not exists (select from camera_aim where camera_id = %(camera)s"
        " and until_at is null and known = 'preset') on conflict (camera_id, dwelling) where until_at is null do nothing",
        id=uuid7(tx.now),
        camera=camera,
        agency=tx.agency,
        dwelling=dwelling,
        now=tx.now,
    )


@touches(_C, READ)
async def unread(tx: Tx) -> list[tuple[UUID, bool]]:
    """The cameras that were turned by hand and have not said yet where they stand, and whether that is for a court's order."""
    rows = await tx.fetch(
        "select distinct a.camera_id, a.by_order from camera_aim a join camera c on c.id = a.camera_id"
        " where a.until_at is null and a.known = 'assumed' and c.removed_at is null order by a.camera_id"
    )
    return [(row["camera_id"], row["by_order"]) for row in rows]


@touches(_C, READ)
async def seen(tx: Tx, since: datetime) -> list[Time]:
    """The times of cameras at dwellings that anybody looked at since then, live, played or saved, but by a court's order."""
    rows = await tx.fetch(
        "select camera_id, from_at, until_at from dwelling_play where played_at >= %(since)s", since=since
    )
    return [(row["camera_id"], row["from_at"], row["until_at"]) for row in rows]


@touches(_C, WRITE)
async def keep_seen(
    tx: Tx, person: UUID, case: Case | None, way: Way, camera: UUID, begin: datetime, end: datetime
) -> None:
    """They look at that time of a camera at a dwelling now. What they saw there just before is one with it."""
    row = {
        "agency": tx.agency, "camera": camera, "person": person, "kind": case.kind.value if case else None,
        "case": case.id if case else None, "from": begin, "until": end, "now": tx.now, "id": uuid7(tx.now), "way": way.value,
    }  # fmt: skip
    longer = await tx.execute(
        "update dwelling_play set from_at = least(from_at, %(from)s), until_at = greatest(until_at, %(until)s), played_at = %(now)s"
        " where id = (select id from dwelling_play where camera_id = %(camera)s and person_id = %(person)s and way = %(way)s"
        " and case_kind is not distinct from %(kind)s::text and case_id is not distinct from %(case)s::uuid"
        " and from_at <= %(until)s and until_at >= %(from)s order by from_at limit 1 for update)",
        **row,
    )
    if not longer:
        await tx.execute(
            "insert into dwelling_play (id, agency_id, camera_id, person_id, case_kind, case_id, from_at, until_at, played_at, way)"
            " values (%(id)s, %(agency)s, %(camera)s, %(person)s, %(kind)s, %(case)s, %(from)s, %(until)s, %(now)s, %(way)s)",
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
