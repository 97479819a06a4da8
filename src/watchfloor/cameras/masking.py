"""Sets masks and takes them away. Each change is in the log with its corners, and holds from the next picture on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from watchfloor.cameras import dwelling_store, mask_store, stand_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.masks import (
    MOST_IN_ALL,
    MOST_MASKS,
    Mask,
    checked_shape,
    checked_words,
    told_corners,
)
from watchfloor.cameras.onvif.keep import prepared
from watchfloor.cameras.onvif.model import Reach
from watchfloor.cameras.onvif.stands import Here, here
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.cameras.standing import Stand
from watchfloor.governance.audit import effect
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Wish:
    """A mask that somebody wants. `stand`: where the camera stood when they looked (pan, tilt, zoom); None: wherever it looks.
    `dwelling`: one that the camera is marked to look at, and that the mask covers entirely.
    """

    name: str
    reason: str
    corners: Sequence[Sequence[float]]
    stand: tuple[float, float, float] | None = None
    dwelling: str = ""


async def add(cameras: Cameras, reach: Reach, book: MaskBook, actor: Actor, camera: UUID, wish: Wish) -> Mask:
    """Mask a part of the camera's picture. Raises Invalid, NotFound, Conflict, Refused."""
    shape = checked_shape(wish.corners, may_be_none=wish.stand is not None)
    name, reason = checked_words(wish.name, wish.reason)
    place = await stands_at(cameras, reach, actor, camera, wish.stand) if wish.stand is not None else None
    about = About("camera", camera)
    async with cameras.door.open(Ask(actor, Need.MASKS_SET, about=about)) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        await _refuse_unknown(tx, camera, wish)
        stand = place.stand if place is not None else None
        _refuse_too_many(await mask_store.masks_of(tx, camera), stand)
        mask = Mask(
            uuid7(tx.now), camera, name, reason, shape, actor.id, tx.now,
            stand=stand, preset=place.preset if place is not None else "", dwelling=wish.dwelling,
        )  # fmt: skip
        await mask_store.insert(tx, mask)
        await effect(tx, "camera.mask_set", about, more=_told(mask), detail={"name": name, "reason": reason})
        _tell(cameras, book, tx, camera)
    return mask


async def stands_at(
    cameras: Cameras,
    reach: Reach,
    actor: Actor,
    camera: UUID,
    seen: tuple[float, float, float] | None = None,
) -> Here:
    """Where the camera stands now, by its own word; where it stood when somebody looked is to be the same. Raises Invalid, NotFound,
    Conflict, Refused.
    """
    # Asked outside the transaction: a device takes its time.
    async with cameras.door.open(Ask(actor, Need.MASKS_SET, about=About("camera", camera))) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        named = await stand_store.device_named(tx, camera)
        if named is None:
            raise Conflict("This camera cannot be turned.", reason="does_not_turn")
        talk = await prepared(tx, cameras, camera)
    found = await here(cameras, reach, talk, *named)
    if seen is not None and not found.stand.near(Stand(found.stand.device, *seen)):
        raise Conflict(
            "The camera moved since you looked.",
            reason="moved",
            next_step="Take the picture again, and draw where it stands now.",
        )
    return found


async def _refuse_unknown(tx: Tx, camera: UUID, wish: Wish) -> None:
    """Raises Invalid where it is said to cover a dwelling that the camera is not marked to look at, or covers nothing."""
    if wish.dwelling and (
        not wish.corners
        or wish.dwelling not in {view.dwelling for view in await dwelling_store.views(tx, camera)}
    ):
        raise Invalid(
            "A mask covers a dwelling that the camera, or one of its presets, is marked to look at.",
            reason="dwelling",
        )


def _refuse_too_many(masks: Sequence[Mask], stand: Stand | None) -> None:
    there = [
        mask
        for mask in masks
        if (mask.stand is None) == (stand is None)
        and (mask.stand is None or stand is None or mask.stand.near(stand))
    ]
    if len(there) >= MOST_MASKS or len(masks) >= MOST_IN_ALL:
        raise Conflict(
            f"A camera has {MOST_MASKS} masks at one place at most, and {MOST_IN_ALL} in all.",
            reason="too_many_masks",
            next_step="Cover neighbouring parts by one mask.",
        )


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
    told: dict[str, Json] = {"mask": outside("mask", mask.id), "corners": told_corners(mask.shape)}
    if mask.stand is not None:
        place = (mask.stand.pan, mask.stand.tilt, mask.stand.zoom)
        told |= {"stand": [round(part * 10_000) for part in place], "preset": mask.preset}
    return told | ({"dwelling": mask.dwelling} if mask.dwelling else {})


def _tell(cameras: Cameras, book: MaskBook, tx: Tx, camera: UUID) -> None:
    agency = tx.agency

    async def told() -> None:
        book.forget(agency)
        await cameras.news(CHANGED, agency, camera)

    tx.after_commit(told)
