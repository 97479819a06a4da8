"""Sets masks and takes them away. Each change is in the log with its corners, and holds from the next picture on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from watchfloor.cameras import mask_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.masks import MOST_MASKS, Mask, checked_shape, checked_words, told_corners
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.governance.audit import effect
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx


async def add(
    cameras: Cameras,
    book: MaskBook,
    actor: Actor,
    camera: UUID,
    name: str,
    reason: str,
    corners: Sequence[Sequence[float]],
) -> Mask:
    """Mask a part of the camera's picture. Raises Invalid, NotFound, Conflict, Refused."""
    shape, (name, reason) = checked_shape(corners), checked_words(name, reason)
    about = About("camera", camera)
    async with cameras.door.open(Ask(actor, Need.MASKS_SET, about=about)) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        if len(await mask_store.masks_of(tx, camera)) >= MOST_MASKS:
            raise Conflict(
                f"A camera has {MOST_MASKS} masks at most.",
                reason="too_many_masks",
                next_step="Cover neighbouring parts by one mask.",
            )
        mask = Mask(uuid7(tx.now), camera, name, reason, shape, actor.id, tx.now)
        await mask_store.insert(tx, mask)
        await effect(tx, "camera.mask_set", about, more=_told(mask), detail={"name": name, "reason": reason})
        _tell(cameras, book, tx, camera)
    return mask


async def remove(cameras: Cameras, book: MaskBook, actor: Actor, camera: UUID, mask: UUID) -> None:
    """Take a mask away. Raises NotFound, Refused."""
    about = About("camera", camera)
    async with cameras.door.open(Ask(actor, Need.MASKS_REMOVE, about=about)) as tx:
        found = await mask_store.mask_of(tx, mask)
        if found is None or found.camera != camera:
            raise NotFound("There is no such mask.")
        await mask_store.delete(tx, mask)
        said = {"name": found.name, "reason": found.reason}
        await effect(tx, "camera.mask_removed", about, more=_told(found), detail=dict(said))
        _tell(cameras, book, tx, camera)


def _told(mask: Mask) -> dict[str, Json]:
    return {"mask": outside("mask", mask.id), "corners": told_corners(mask.shape)}


def _tell(cameras: Cameras, book: MaskBook, tx: Tx, camera: UUID) -> None:
    agency = tx.agency

    async def told() -> None:
        book.forget(agency)
        await cameras.news(CHANGED, agency, camera)

    tx.after_commit(told)
