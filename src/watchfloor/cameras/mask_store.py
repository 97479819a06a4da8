"""All SQL of masks. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

import msgspec

from watchfloor.cameras.masks import Mask
from watchfloor.cameras.standing import Stand
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA
_MASK: Final[LiteralString] = (
    "select m.*, d.masks_at from camera_mask m left join camera_device d on d.camera_id = m.camera_id where m.removed_at is null"
)


def _mask(row: Row) -> Mask:
    return Mask(
        row["id"],
        row["camera_id"],
        row["name"],
        row["reason"],
        tuple((x, y) for x, y in row["corners"]),
        row["set_by"],
        row["set_at"],
        row["device_token"],
        row["in_device_since"],
        row["gone_at"],
        Stand(row["stand_device"], row["pan"], row["tilt"], row["zoom"])
        if row["stand_device"] is not None
        else None,
        row["preset"],
        row["masks_at"],
        row["dwelling"],
    )


@touches(_C, READ)
async def masks_of(tx: Tx, camera: UUID) -> tuple[Mask, ...]:
    """The masks of a camera, the oldest first."""
    rows = await tx.fetch(
        _MASK + " and m.camera_id = %(camera)s order by m.set_at, m.id",
        camera=camera,
    )
    return tuple(_mask(row) for row in rows)


@touches(_C, READ)
async def all_masks(tx: Tx) -> Mapping[UUID, tuple[Mask, ...]]:
    """Every mask of the agency, by camera."""
    found: dict[UUID, tuple[Mask, ...]] = {}
    for row in await tx.fetch(_MASK + " order by m.camera_id, m.set_at, m.id"):
        found[row["camera_id"]] = (*found.get(row["camera_id"], ()), _mask(row))
    return found


@touches(_C, READ)
async def mask_of(tx: Tx, mask: UUID) -> Mask | None:
    """One mask."""
    row = await tx.fetch_one(_MASK + " and m.id = %(mask)s", mask=mask)
    return _mask(row) if row else None


@touches(_C, WRITE)
async def insert(tx: Tx, mask: Mask) -> None:
    """Keep a mask."""
    await tx.execute(
        "insert into camera_mask (id, camera_id, agency_id, name, reason, corners, set_by, set_at, stand_device, pan, tilt, zoom,"
        " preset, dwelling) values (%(id)s, %(camera)s, %(agency)s, %(name)s, %(reason)s, %(corners)s::jsonb, %(by)s, %(at)s,"
        " %(device)s, %(pan)s, %(tilt)s, %(zoom)s, %(preset)s, %(dwelling)s)",
        id=mask.id,
        camera=mask.camera,
        agency=tx.agency,
        name=mask.name,
        reason=mask.reason,
        corners=msgspec.json.encode(mask.shape).decode(),
        by=mask.set_by,
        at=mask.set_at,
        device=mask.stand.device if mask.stand else None,
        pan=mask.stand.pan if mask.stand else None,
        tilt=mask.stand.tilt if mask.stand else None,
        zoom=mask.stand.zoom if mask.stand else None,
        preset=mask.preset,
        dwelling=mask.dwelling,
    )


@touches(_C, WRITE)
async def delete(tx: Tx, mask: UUID) -> None:
    """Take a mask away; one that the device holds is remembered until the device does not."""
    await tx.execute("delete from camera_mask where id = %(mask)s and device_token is null", mask=mask)
    await tx.execute("update camera_mask set removed_at = %(now)s where id = %(mask)s", mask=mask, now=tx.now)


@touches(_C, WRITE)
async def in_device(
    tx: Tx, mask: UUID, token: str | None, since: datetime | None, gone: datetime | None
) -> None:
    """What the device calls it, since when it holds it, and since when it does not any more."""
    await tx.execute(
        "update camera_mask set device_token = %(token)s, in_device_since = %(since)s, gone_at = %(gone)s"
        " where id = %(mask)s",
        mask=mask,
        token=token,
        since=since,
        gone=gone,
    )
