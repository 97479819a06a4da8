"""Routes of masks: translate in, set or take away, translate out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from watchfloor.cameras import mask_store, masking
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.masks import MOST_CORNERS, Mask
from watchfloor.cameras.register import Cameras
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import NotFound
from watchfloor.kit.route import Stated

Corner = Annotated[list[float], Field(min_length=2, max_length=2)]


class MaskBody(BaseModel):
    """A part of the picture to be masked. `corners` are [right, down] from 0 to 1."""

    name: str = Field(max_length=200)
    reason: str = Field(max_length=200)
    corners: list[Corner] = Field(max_length=MOST_CORNERS)


class CameraMask(TypedDict):
    """A masked part of a camera's picture."""

    id: str
    name: str
    reason: str
    corners: list[list[float]]
    set_by: Acted
    set_at: datetime
    in_device: Annotated[
        bool, Field(description="Whether the device holds it itself; else the server paints it.")
    ]
    gone_at: Annotated[
        datetime | None,
        Field(
            description="Since when the device does not hold it any more, though it did: the server paints it."
        ),
    ]


class CameraMasks(TypedDict):
    """The masks of a camera: whole, at most 32."""

    items: list[CameraMask]


@dataclass(frozen=True, slots=True)
class MaskRoutes:
    """What the routes need."""

    cameras: Cameras
    book: MaskBook


def routes(parts: MaskRoutes) -> APIRouter:
    """The routes of masks."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/cameras/{camera_id}/masks", openapi_extra=asks(Need.MASKS_VIEW))
    async def list_masks(actor: Signed, camera_id: str) -> CameraMasks:
        """Which parts of a camera's picture are masked, and why."""
        return await _view(parts, actor, inside("camera", camera_id))

    @router.post("/cameras/{camera_id}/masks", status_code=201, openapi_extra=asks(Need.MASKS_SET))
    async def set_mask(actor: Signed, camera_id: str, body: MaskBody) -> CameraMask:
        """Mask a part of the picture, from now on and in what was recorded."""
        camera = inside("camera", camera_id)
        made = await masking.add(
            parts.cameras, parts.book, actor, camera, body.name, body.reason, body.corners
        )
        return _form(made, actor.name)

    @router.delete(
        "/cameras/{camera_id}/masks/{mask_id}", status_code=204, openapi_extra=asks(Need.MASKS_REMOVE)
    )
    async def remove_mask(actor: Signed, camera_id: str, mask_id: str) -> None:
        """Take a mask away."""
        camera = inside("camera", camera_id)
        await masking.remove(parts.cameras, parts.book, actor, camera, inside("mask", mask_id))

    return router


async def _view(parts: MaskRoutes, actor: Actor, camera: UUID) -> CameraMasks:
    ask = Ask(actor, Need.MASKS_VIEW, about=About("camera", camera))
    async with parts.cameras.door.open(ask) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        found = await mask_store.masks_of(tx, camera)
        names = await names_of(tx, list({mask.set_by for mask in found}))
    return {"items": [_form(mask, names.get(mask.set_by)) for mask in found]}


def _form(mask: Mask, name: str | None) -> CameraMask:
    return {
        "id": outside("mask", mask.id),
        "name": mask.name,
        "reason": mask.reason,
        "corners": [list(corner) for corner in mask.shape],
        "set_by": {"id": outside("person", mask.set_by), "name": name},
        "set_at": mask.set_at,
        "in_device": mask.held_by_device,
        "gone_at": mask.gone_at,
    }
