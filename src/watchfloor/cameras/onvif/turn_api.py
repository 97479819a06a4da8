"""Routes of turning a camera, and of who does."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from watchfloor.cameras import dwelling_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.dwelling import AT_REST
from watchfloor.cameras.onvif import forms, lock_store, preset, store, turn
from watchfloor.cameras.onvif.turn import Move, Turner
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside, outside, why_of
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import NotFound
from watchfloor.kit.route import Stated

_NEEDS = asks(Need.CAMERA_TURN, Need.CAMERA_LOCK_VIEW)


class TurnBody(BaseModel):
    """For which purpose and case."""

    purpose: str | None = Field(default=None, max_length=100)
    case: str | None = Field(default=None, max_length=100)


class MoveBody(TurnBody):
    """How fast, each from -1 to 1: right, up and nearer are more than 0. It stops by itself after five seconds."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


class PresetBody(TurnBody):
    """Which preset, by its token; null is home."""

    preset: str | None = Field(default=None, max_length=64)


class SetPresetBody(BaseModel):
    """Where the camera looks now: a new preset, or by its token one that is there."""

    preset: str | None = Field(default=None, max_length=64)
    name: str = Field(max_length=100)


class RemovePresetBody(BaseModel):
    """Which preset, by its token."""

    preset: str = Field(max_length=64)


class DwellingBody(BaseModel):
    """The dwelling that the preset looks at, as people call it; empty: it looks at none. Without a preset it is said of where the camera
    looks that nobody turned: of one that does not turn, or at home.
    """

    preset: str | None = Field(default=None, min_length=1, max_length=64)
    dwelling: str = Field(max_length=200)


def routes(turner: Turner) -> APIRouter:
    """The routes of turning."""
    router = APIRouter(tags=["devices"], route_class=Stated)

    @router.get("/cameras/{camera_id}/lock", openapi_extra=asks(Need.CAMERA_LOCK_VIEW))
    async def get_lock(actor: Signed, camera_id: str) -> forms.CameraLock:
        """Whether the camera turns, where it can look, and who turns it now."""
        return await _view(turner, actor, inside("camera", camera_id))

    @router.post("/cameras/{camera_id}/lock/release", openapi_extra=_NEEDS)
    async def release_lock(actor: Signed, camera_id: str, body: TurnBody) -> forms.CameraLock:
        """Let another person turn it."""
        camera = inside("camera", camera_id)
        await turn.let_go(turner, actor, camera, why_of(body.purpose, body.case))
        return await _view(turner, actor, camera)

    @router.post("/cameras/{camera_id}/moves", openapi_extra=_NEEDS)
    async def move_camera(actor: Signed, camera_id: str, body: MoveBody) -> forms.CameraLock:
        """Begin to turn it; whoever does has its lock for a minute after each move."""
        camera, how = inside("camera", camera_id), Move(body.pan, body.tilt, body.zoom)
        await turn.move(turner, actor, camera, why_of(body.purpose, body.case), how)
        return await _view(turner, actor, camera)

    @router.post("/cameras/{camera_id}/moves/stop", openapi_extra=_NEEDS)
    async def stop_camera(actor: Signed, camera_id: str, body: TurnBody) -> forms.CameraLock:
        """Stop turning it."""
        camera = inside("camera", camera_id)
        await turn.stop(turner, actor, camera, why_of(body.purpose, body.case))
        return await _view(turner, actor, camera)

    @router.post("/cameras/{camera_id}/presets/go", openapi_extra=_NEEDS)
    async def go_to_preset(actor: Signed, camera_id: str, body: PresetBody) -> forms.CameraLock:
        """Look at a preset, or home."""
        camera = inside("camera", camera_id)
        await turn.go(turner, actor, camera, why_of(body.purpose, body.case), body.preset)
        return await _view(turner, actor, camera)

    _add_presets(router, turner)
    return router


def _add_presets(router: APIRouter, turner: Turner) -> None:
    needs = asks(Need.PRESETS_CHANGE, Need.CAMERA_LOCK_VIEW)

    @router.post("/cameras/{camera_id}/presets/set", openapi_extra=needs)
    async def set_preset(actor: Signed, camera_id: str, body: SetPresetBody) -> forms.CameraLock:
        """Set a preset to where the camera looks now, under a name."""
        camera = inside("camera", camera_id)
        await preset.keep(turner, actor, camera, body.preset, body.name)
        return await _view(turner, actor, camera)

    @router.post("/cameras/{camera_id}/presets/remove", openapi_extra=needs)
    async def remove_preset(actor: Signed, camera_id: str, body: RemovePresetBody) -> forms.CameraLock:
        """Take a preset away."""
        camera = inside("camera", camera_id)
        await preset.remove(turner, actor, camera, body.preset)
        return await _view(turner, actor, camera)

    @router.post("/cameras/{camera_id}/presets/dwelling", openapi_extra=needs)
    async def mark_dwelling(actor: Signed, camera_id: str, body: DwellingBody) -> forms.CameraLock:
        """Mark a preset, or a camera as it stands, as a view of a dwelling: how long the camera is aimed at it counts from then on."""
        camera = inside("camera", camera_id)
        await preset.mark(turner, actor, camera, body.preset, body.dwelling)
        return await _view(turner, actor, camera)


async def _view(turner: Turner, actor: Actor, camera: UUID) -> forms.CameraLock:
    ask = Ask(actor, Need.CAMERA_LOCK_VIEW, about=About("camera", camera))
    async with turner.cameras.door.open(ask) as tx:
        if await camera_store.camera_of(tx, camera) is None:
            raise NotFound("There is no such camera.")
        device, lock = await store.device_of(tx, camera), await lock_store.lock_of(tx, camera)
        held = lock if lock is not None and lock.until > tx.now else None
        names = await names_of(tx, [held.holder]) if held else {}
        aims = await dwelling_store.aims(tx, tx.now, camera)
        marked = {view.preset: view.dwelling for view in await dwelling_store.views(tx, camera)}
    presets = device.presets if device else ()
    return {
        "turns": device is not None and device.turns,
        "dwelling": marked.get(AT_REST),
        "presets": [
            {"token": one.token, "name": one.name, "dwelling": marked.get(one.token)} for one in presets
        ],
        "aimed_at": [{"dwelling": aim.dwelling, "known": aim.known} for aim in aims if aim.until_at is None],
        "holder": {"id": outside("person", held.holder), "name": names.get(held.holder)} if held else None,
        "mine": held is not None and held.holder == actor.id,
        "before_others": held is not None and held.holder != actor.id and held.rank >= turn.rank_of(actor),
        "since": held.taken_at if held else None,
        "away": lock is not None and lock.away,
    }
