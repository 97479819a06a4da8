"""Routes of masks: translate in, set or take away, translate out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from watchfloor.cameras import dwelling_store, mask_store, masking, stand_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.facades import propose
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.cameras.masks import MOST_CORNERS, Mask
from watchfloor.cameras.onvif.model import Reach
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.standing import Stand
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.inner_forms import Acted
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import NotFound
from watchfloor.kit.route import Stated
from watchfloor.places.skyline import Skyline

Corner = Annotated[list[float], Field(min_length=2, max_length=2)]


class StandBody(BaseModel):
    """Where a camera that turns stood when somebody looked, as `…/stand` said."""

    pan: float
    tilt: float
    zoom: float


class MaskBody(BaseModel):
    """A part of the picture to be masked. `corners` are [right, down] from 0 to 1, at least three, and their sides do not cross.

    With `stand` it holds where the camera stands now, and elsewhere the whole picture is covered unless a mask holds there; without
    corners it then says that nothing is to be masked there. Without `stand` it covers that part of the picture wherever the camera looks.
    """

    name: str = Field(max_length=200)
    reason: str = Field(max_length=200)
    corners: list[Corner] = Field(max_length=MOST_CORNERS)
    stand: StandBody | None = None
    dwelling: str = Field(
        default="",
        max_length=200,
        description="The dwelling that it covers entirely, one that it is marked to look at: the camera is not aimed at it then.",
    )


class CameraStand(TypedDict):
    """Where a camera that turns stands, in its own measure: each from -1 to 1, zoom from 0."""

    pan: float
    tilt: float
    zoom: float
    preset: Annotated[
        str, Field(description="The preset that this is, by its name; empty where none is known.")
    ]


class CameraMask(TypedDict):
    """A masked part of a camera's picture."""

    id: str
    name: Annotated[
        str,
        Field(
            description="Empty, as reason, dwelling and preset are, for who may not see which homes cameras look at: it may name one."
        ),
    ]
    reason: str
    corners: Annotated[
        list[list[float]], Field(description="Empty: nothing is to be masked where the camera stands then.")
    ]
    stand: Annotated[
        CameraStand | None,
        Field(description="Where the camera stands when it holds; null: wherever it looks."),
    ]
    dwelling: Annotated[
        str, Field(description="The dwelling that it covers entirely, as whoever set it says; else empty.")
    ]
    set_by: Acted
    set_at: datetime
    in_device: Annotated[
        bool, Field(description="Whether the device holds it itself; else the server paints it.")
    ]
    device_asked_at: Annotated[
        datetime | None,
        Field(
            description="When the device last said that it holds it. What is older than half an hour is not believed: the server paints."
        ),
    ]
    gone_at: Annotated[
        datetime | None,
        Field(
            description="Since when the device does not hold it any more, though it did: the server paints it."
        ),
    ]


class LooksAt(TypedDict):
    """A dwelling that the camera is marked to look at, and whether it is aimed at it now, uncovered."""

    preset: Annotated[
        str, Field(description="The preset’s token; empty: where it looks while nobody turns it.")
    ]
    dwelling: str
    aimed: bool


class CameraMasks(TypedDict):
    """The masks of a camera: whole, at most 256. `turns`: a mask may hold at one place."""

    items: list[CameraMask]
    turns: bool
    dwellings: Annotated[
        list[LooksAt],
        Field(
            description="Empty, too, for who neither sees how long cameras were aimed at dwellings nor turns, marks or masks any."
        ),
    ]


class MaskProposal(TypedDict):
    """A dwelling in the camera's view, where its walls lie in the picture as far as anybody can tell."""

    corners: list[list[float]]
    distance_m: int


class MaskProposals(TypedDict):
    """Dwellings in view that no mask covers, the largest in the picture first: each waits for a person to look at it."""

    items: list[MaskProposal]
    why: Annotated[str, Field(description="Why there are none; empty where there are some.")]
    assumed: Annotated[list[str], Field(description="What nobody said and was taken for usual.")]


@dataclass(frozen=True, slots=True)
class MaskRoutes:
    """What the routes need."""

    cameras: Cameras
    book: MaskBook
    reach: Reach
    skyline: Skyline


def routes(parts: MaskRoutes) -> APIRouter:
    """The routes of masks."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/cameras/{camera_id}/masks", openapi_extra=asks(Need.MASKS_VIEW))
    async def list_masks(actor: Signed, camera_id: str) -> CameraMasks:
        """Which parts of a camera's picture are masked, and why."""
        return await _view(parts, actor, inside("camera", camera_id))

    @router.post("/cameras/{camera_id}/masks", status_code=201, openapi_extra=asks(Need.MASKS_SET))
    async def set_mask(actor: Signed, camera_id: str, body: MaskBody) -> CameraMask:
        """Mask a part of the picture, from now on and in what was recorded. 409 `moves`, `moved` where it does not stand so."""
        camera, at = inside("camera", camera_id), body.stand
        seen = (at.pan, at.tilt, at.zoom) if at is not None else None
        wish = masking.Wish(body.name, body.reason, body.corners, seen, body.dwelling.strip())
        made = await masking.add(parts.cameras, parts.reach, parts.book, actor, camera, wish)
        return _form(made, actor.name, parts.cameras.clock.now())

    @router.delete(
        "/cameras/{camera_id}/masks/{mask_id}", status_code=204, openapi_extra=asks(Need.MASKS_REMOVE)
    )
    async def remove_mask(actor: Signed, camera_id: str, mask_id: str) -> None:
        """Take a mask away."""
        camera = inside("camera", camera_id)
        await masking.remove(parts.cameras, parts.book, actor, camera, inside("mask", mask_id))

    _add_drawing(router, parts)
    return router


def _add_drawing(router: APIRouter, parts: MaskRoutes) -> None:
    @router.get("/cameras/{camera_id}/stand", openapi_extra=asks(Need.MASKS_SET))
    async def get_stand(actor: Signed, camera_id: str) -> CameraStand:
        """Where a camera that turns stands, by its own word just now. 409 `moves` while it moves or does not say."""
        found = await masking.stands_at(parts.cameras, parts.reach, actor, inside("camera", camera_id))
        return _stand(found.stand, found.preset)

    @router.get("/cameras/{camera_id}/mask-proposals", openapi_extra=asks(Need.MASKS_SET))
    async def propose_masks(actor: Signed, camera_id: str) -> MaskProposals:
        """Where dwellings lie in the picture, by the buildings of the city and the camera's place, heading, field of view and height."""
        camera = inside("camera", camera_id)
        async with parts.cameras.door.open(Ask(actor, Need.MASKS_SET, about=About("camera", camera))) as tx:
            found = await camera_store.camera_of(tx, camera)
            if found is None:
                raise NotFound("There is no such camera.")
            masks, buildings = await mask_store.masks_of(tx, camera), await parts.skyline.buildings(tx)
        made = await asyncio.to_thread(propose, found, buildings, masks)
        return {
            "items": [
                {"corners": [list(corner) for corner in one.shape], "distance_m": round(one.distance_m)}
                for one in made.facades
            ],
            "why": made.why,
            "assumed": list(made.assumed),
        }


# Which homes cameras look at is for who oversees it, who turns, marks or masks cameras, and who may see beneath by a court's order.
_KNOWS_HOMES: Final = frozenset().union(
    *(
        need.roles
        for need in (
            Need.DWELLINGS_VIEW,
            Need.CAMERA_TURN,
            Need.PRESETS_CHANGE,
            Need.MASKS_SET,
            Need.CAMERA_UNMASKED,
        )
    )
)


async def _view(parts: MaskRoutes, actor: Actor, camera: UUID) -> CameraMasks:
    ask = Ask(actor, Need.MASKS_VIEW, about=About("camera", camera))
    async with parts.cameras.door.open(ask) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        found = await mask_store.masks_of(tx, camera)
        names = await names_of(tx, list({mask.set_by for mask in found}))
        turns = await stand_store.device_named(tx, camera) is not None
        homes = bool(actor.roles & _KNOWS_HOMES)
        views, now = await dwelling_store.views(tx, camera) if homes else [], tx.now
        aimed = {aim.dwelling for aim in await dwelling_store.aims(tx, now, camera) if aim.until_at is None}
    return {
        "items": [_form(mask if homes else _unnamed(mask), names.get(mask.set_by), now) for mask in found],
        "turns": turns,
        "dwellings": [
            {"preset": view.preset, "dwelling": view.dwelling, "aimed": view.dwelling in aimed}
            for view in views
        ],
    }


def _unnamed(mask: Mask) -> Mask:
    return replace(mask, name="", reason="", dwelling="", preset="")


def _stand(stand: Stand, preset: str) -> CameraStand:
    return {"pan": stand.pan, "tilt": stand.tilt, "zoom": stand.zoom, "preset": preset}


def _form(mask: Mask, name: str | None, now: datetime) -> CameraMask:
    return {
        "id": outside("mask", mask.id),
        "name": mask.name,
        "reason": mask.reason,
        "corners": [list(corner) for corner in mask.shape],
        "stand": _stand(mask.stand, mask.preset) if mask.stand is not None else None,
        "dwelling": mask.dwelling,
        "set_by": {"id": outside("person", mask.set_by), "name": name},
        "set_at": mask.set_at,
        "in_device": mask.held_at(now),
        "device_asked_at": mask.asked_at if mask.held_by_device else None,
        "gone_at": mask.gone_at,
    }
