"""All SQL of masks in devices. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_C: Final = DataClass.CAMERA


@touches(_C, WRITE)
async def take_due(tx: Tx, before: datetime, most: int) -> Sequence[UUID]:
    """Cameras with masks, set or to be taken out, whose device is to be asked for them. Who takes them asks now."""
    rows = await tx.fetch(
        "update camera_device d set masks_at = %(now)s from (select k.camera_id from camera_device k join camera c"
        " on c.id = k.camera_id where c.removed_at is null and c.enabled and (k.masks_at is null or k.masks_at < %(before)s"
        " or exists (select 1 from camera_mask m where m.camera_id = c.id and greatest(m.set_at, m.removed_at) > k.masks_at))"
        " and exists (select 1 from camera_mask m where m.camera_id = c.id) order by k.masks_at nulls first limit %(most)s"
        " for update of k skip locked) due where d.camera_id = due.camera_id returning d.camera_id",
        before=before,
        most=most,
        now=tx.now,
    )
    return [row["camera_id"] for row in rows]


@touches(_C, READ)
async def to_take_out(tx: Tx, camera: UUID) -> Sequence[str]:
    """What the device calls the masks that were taken away and that it may still hold."""
    rows = await tx.fetch(
        "select device_token from camera_mask where camera_id = %(camera)s and removed_at is not null",
        camera=camera,
    )
    return [row["device_token"] for row in rows if row["device_token"]]


@touches(_C, WRITE)
async def taken_out(tx: Tx, camera: UUID) -> None:
    """The device holds none any more of those that were taken away before it was asked."""
    await tx.execute(
        "delete from camera_mask m using camera_device d where m.camera_id = %(camera)s and d.camera_id = m.camera_id"
        " and m.removed_at <= d.masks_at",
        camera=camera,
    )
