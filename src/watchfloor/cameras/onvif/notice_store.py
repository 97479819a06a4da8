"""All SQL of what devices say of themselves. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.cameras.onvif.notices import NoticeKind, Told
from watchfloor.governance.words import TechnologyKind
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA


@dataclass(frozen=True, slots=True)
class Kept:
    """What a device said last of one thing: whether it holds, since when we know, and when the device says."""

    camera: UUID
    name: str
    notice: NoticeKind
    on: bool
    since: datetime
    device_at: datetime | None


def _kept(row: Row) -> Kept:
    return Kept(
        row["camera_id"], row["name"], NoticeKind(row["notice"]), row["holds"], row["since"], row["device_at"]
    )


@touches(_C, READ)
async def of_camera(tx: Tx, camera: UUID) -> list[Kept]:
    """What the device of a camera said last, of each thing."""
    rows = await tx.fetch(
        "select n.*, c.name from camera_notice n join camera c on c.id = n.camera_id where n.camera_id = %(camera)s"
        " order by n.notice",
        camera=camera,
    )
    return [_kept(row) for row in rows]


@touches(_C, READ)
async def that_hold(tx: Tx, notice: NoticeKind) -> list[Kept]:
    """The cameras of which this holds now, the longest first."""
    rows = await tx.fetch(
        "select n.*, c.name from camera_notice n join camera c on c.id = n.camera_id where n.notice = %(notice)s and n.holds"
        " and c.removed_at is null order by n.since, c.name limit 200",
        notice=notice.value,
    )
    return [_kept(row) for row in rows]


@touches(_C, WRITE)
async def take_due(
    tx: Tx, before: datetime, failed_before: datetime, most: int, withheld: Sequence[UUID] = ()
) -> Sequence[UUID]:
    """Cameras, but those withheld, whose device is to be heard: it has events, and was not heard since `before`, or tried in vain since
    `failed_before`. Who takes them hears them now. Of a recorder all its cameras: it is heard once.
    """
    rows = await tx.fetch(
        "with due as materialized (select k.camera_id, k.address, c.site_id from camera_device k join camera c"
        " on c.id = k.camera_id where k.events and c.removed_at is null and c.enabled"
        " and c.id <> all(%(withheld)s)"
        " and (k.heard_at is null or k.heard_at < case when k.heard_problem is null then %(before)s::timestamptz"
        " else %(failed_before)s::timestamptz end) order by k.heard_at nulls first limit %(most)s"
        " for update of k skip locked),"
        " whole as (select camera_id from due union select k.camera_id from due join camera c on c.site_id = due.site_id"
        " and c.removed_at is null and c.enabled and c.id <> all(%(withheld)s)"
        " join camera_device k on k.camera_id = c.id and k.address = due.address and k.events)"
        " update camera_device d set heard_at = %(now)s from whole where d.camera_id = whole.camera_id returning d.camera_id",
        before=before,
        withheld=list(withheld),
        failed_before=failed_before,
        most=most,
        now=tx.now,
    )
    return [row["camera_id"] for row in rows]


@touches(_C, WRITE)
async def keep_problem(tx: Tx, camera: UUID, problem: str | None) -> None:
    """Why its device could not be heard just now; None: it could."""
    await tx.execute(
        "update camera_device set heard_problem = %(problem)s where camera_id = %(camera)s"
        " and heard_problem is distinct from %(problem)s",
        camera=camera,
        problem=problem,
    )


@touches(_C, WRITE)
async def keep(tx: Tx, camera: UUID, told: Told) -> bool:
    """Keep what it said; False where it is as it was. What never held is not begun with."""
    return bool(
        await tx.execute(
            "insert into camera_notice as known (camera_id, agency_id, notice, holds, since, device_at) select %(camera)s,"
            " %(agency)s, %(notice)s, %(on)s, %(now)s, %(at)s where %(on)s or exists (select 1 from camera_notice"
            " where camera_id = %(camera)s and notice = %(notice)s) on conflict (camera_id, notice) do update"
            " set holds = excluded.holds, since = excluded.since, device_at = excluded.device_at"
            " where known.holds <> excluded.holds",
            camera=camera,
            agency=tx.agency,
            notice=told.notice.value,
            on=told.on,
            at=told.device_at,
            now=tx.now,
        )
    )


@touches(_C, WRITE)
async def found_capability(tx: Tx, camera: UUID, capability: str, technology: TechnologyKind) -> bool:
    """An analytic that spoke: a capability that came later, where nobody knew of it."""
    return bool(
        await tx.execute(
            "insert into camera_capability (camera_id, agency_id, capability, technology, later, found_at) values (%(camera)s,"
            " %(agency)s, %(capability)s, %(technology)s, true, %(now)s) on conflict (camera_id, capability) do nothing",
            camera=camera,
            agency=tx.agency,
            capability=capability,
            technology=technology.value,
            now=tx.now,
        )
    )
