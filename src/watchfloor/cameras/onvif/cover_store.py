"""All SQL of masks in devices. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_C: Final = DataClass.CAMERA


@touches(_C, WRITE)
async def take_due(
    tx: Tx, before: datetime, most: int, also: Sequence[UUID] = (), withheld: Sequence[UUID] = ()
) -> Sequence[UUID]:
    """Cameras with masks, set or to be taken out, whose device is to be asked for them, `also` these, first; none of those withheld.
    Who takes them asks now.
    """
    rows = await tx.fetch(
        "with due as materialized (select k.camera_id from camera_device k join camera c"
        " on c.id = k.camera_id where c.removed_at is null and c.enabled and c.id <> all(%(withheld)s)"
        " and (k.masks_at is null or k.masks_at < %(before)s"
        " or k.camera_id = any(%(also)s) or exists (select 1 from camera_mask m where m.camera_id = c.id"
        " and greatest(m.set_at, m.removed_at) > k.masks_at)) and exists (select 1 from camera_mask m where m.camera_id = c.id)"
        " order by k.camera_id = any(%(also)s) desc, k.masks_at nulls first limit %(most)s"
        " for update of k skip locked)"
        " update camera_device d set masks_at = %(now)s from due where d.camera_id = due.camera_id returning d.camera_id",
        before=before,
        most=most,
        also=list(also),
        withheld=list(withheld),
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


@touches(_C, READ)
async def unfit(tx: Tx, camera: UUID, since: datetime) -> frozenset[UUID]:
    """The masks that the device was seen to be unable to hold, since then."""
    rows = await tx.fetch(
        "select id from camera_mask where camera_id = %(camera)s and unfit_at > %(since)s",
        camera=camera,
        since=since,
    )
    return frozenset(row["id"] for row in rows)


@touches(_C, WRITE)
async def keep_unfit(tx: Tx, masks: Collection[UUID]) -> None:
    """The device cannot hold these."""
    await tx.execute(
        "update camera_mask set unfit_at = %(now)s where id = any(%(masks)s)", masks=list(masks), now=tx.now
    )


@touches(_C, WRITE)
async def taken_out(tx: Tx, camera: UUID) -> None:
    """The device holds none any more of those that were taken away before it was asked."""
    await tx.execute(
        "delete from camera_mask m using camera_device d where m.camera_id = %(camera)s and d.camera_id = m.camera_id"
        " and m.removed_at <= d.masks_at",
        camera=camera,
    )


@touches(_C, READ, _C, WRITE)
async def still_asked(tx: Tx, camera: UUID) -> bool:
    """Whether the device that was asked is the camera's still; it stays that until the transaction ends."""
    row = await tx.fetch_one(
        "select masks_at from camera_device where camera_id = %(camera)s for update", camera=camera
    )
    return row is not None and row["masks_at"] is not None


@touches(_C, WRITE)
async def unconfirmed(tx: Tx, camera: UUID) -> int:
    """Nobody knows whether the device holds its masks: how many were believed to be held, and are not any more."""
    return await tx.execute(
        "update camera_mask set in_device_since = null where camera_id = %(camera)s and in_device_since is not null"
        " and gone_at is null",
        camera=camera,
    )


@touches(_C, READ, _C, WRITE)
async def unheld(tx: Tx, cameras: Sequence[UUID]) -> None:
    """These cameras have another device, or another address: it holds no mask as far as anybody knows, and is due to be asked.

    What the one before called its masks is forgotten: the same word may be another mask's there.
    """
    await tx.execute(
        "update camera_device set masks_at = null where camera_id = any(%(cameras)s)", cameras=list(cameras)
    )
    await tx.execute(
        "delete from camera_mask where camera_id = any(%(cameras)s) and removed_at is not null",
        cameras=list(cameras),
    )
    await tx.execute(
        "update camera_mask set device_token = null, in_device_since = null, gone_at = null, unfit_at = null"
        " where camera_id = any(%(cameras)s)",
        cameras=list(cameras),
    )


@touches(_C, READ, _C, WRITE)
async def unheld_at(tx: Tx, site: UUID) -> None:
    """The cameras of a site are elsewhere now."""
    rows = await tx.fetch("select id from camera where site_id = %(site)s", site=site)
    await unheld(tx, [row["id"] for row in rows])


@touches(_C, READ, _C, WRITE)
async def unconfirmed_at(tx: Tx, site: UUID) -> None:
    """The devices of a site's cameras are reached otherwise now: each is due to be asked what it holds, by the names it gave."""
    await tx.execute(
        "update camera_device set masks_at = null where camera_id in (select id from camera where site_id = %(site)s)",
        site=site,
    )
    await tx.execute(
        "update camera_mask set in_device_since = null where gone_at is null"
        " and camera_id in (select id from camera where site_id = %(site)s)",
        site=site,
    )


@touches(_C, READ, _C, WRITE)
async def moves(tx: Tx, camera: UUID, address: object) -> None:
    """The camera will be at this address: what the device at another held is not known of it."""
    row = await tx.fetch_one(
        "select id from camera where id = %(camera)s and address <> %(address)s::text",
        camera=camera,
        address=address,
    )
    if row is not None:
        await unheld(tx, [camera])


@touches(_C, READ, _C, WRITE)
async def leaves_site(tx: Tx, camera: UUID, site: object) -> None:
    """The camera will be of this site, or of none: the recorder of the one that it leaves is not its device any more."""
    gone = await tx.execute(
        "delete from camera_device d using camera c, camera_site t where d.camera_id = %(camera)s and c.id = d.camera_id"
        " and t.id = c.site_id and t.id is distinct from %(site)s::uuid and t.device = d.address",
        camera=camera,
        site=site,
    )
    if gone:
        await unheld(tx, [camera])


@touches(_C, READ, _C, WRITE)
async def answers(tx: Tx, camera: UUID, said: Mapping[str, object]) -> None:
    """A device answered: where it is another than the one that was known, nothing is known of its masks."""
    row = await tx.fetch_one(
        "select camera_id from camera_device where camera_id = %(camera)s and (address <> %(address)s::text"
        " or profile <> %(profile)s::text or serial <> %(serial)s::text)",
        camera=camera,
        address=said["address"],
        profile=said["profile"],
        serial=said["serial"],
    )
    if row is not None:
        await unheld(tx, [camera])
