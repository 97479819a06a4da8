"""The route of thumbnails of what was recorded: each showing is part of a look, which the log keeps once with how many it had."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Query, Response

from watchfloor.cameras.cover import Shapes
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.grant import Grant
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.instant import Instant
from watchfloor.kit.route import PICTURE, Stated
from watchfloor.recordings.api import kept_of
from watchfloor.recordings.ask import ask_of_then
from watchfloor.recordings.looks import Looks
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Player
from watchfloor.recordings.thumbnails import Thumbnails, painted

AT: Final = "Wf-At"
Bare = WeakKeyDictionary[Grant, bool]


@dataclass(frozen=True, slots=True)
class ThumbnailRoutes:
    """What the route needs."""

    door: Door
    player: Player
    thumbnails: Thumbnails
    masked: Masked
    looks: Looks


def routes(parts: ThumbnailRoutes) -> APIRouter:
    """The route of thumbnails."""
    router = APIRouter(tags=["recordings"], route_class=Stated)
    bare: Bare = WeakKeyDictionary()

    @router.get("/cameras/{camera_id}/thumbnail", responses=PICTURE, openapi_extra=asks(Need.CAMERA_PLAYBACK))
    async def thumbnail(
        actor: Signed, why: Purposed, camera_id: str, moment: Annotated[Instant, Query(alias="at")]
    ) -> Response:
        """The last keyframe by that moment of what was recorded then, small. Those that are asked for one after another are one look."""
        camera, at_us = inside("camera", camera_id), us(moment)
        ask = await ask_of_then(parts.door, actor, camera, Need.CAMERA_PLAYBACK, why, moment)
        grant = await parts.looks.grant(ask)
        spooled = await parts.player.spooled(camera)
        async with parts.door.under(grant) as tx:
            kept = await kept_of(parts.player, tx, camera, at_us, at_us + 1, spooled)
        made = await parts.thumbnails.at(kept, at_us)
        shapes = await _shapes(parts.masked, bare, grant, at(made.at_us))
        picture = await asyncio.to_thread(painted, made.jpeg, shapes) if shapes else made.jpeg
        headers = {AT: rfc3339(at(made.at_us)), "Cache-Control": "no-store"}
        return Response(picture, media_type="image/jpeg", headers=headers)

    return router


async def _shapes(masked: Masked, bare: Bare, grant: Grant, moment: datetime) -> Shapes:
    """What is painted over, as in every still. Whether a look may see beneath is asked once a look, and kept in the log."""
    shapes = (await masked.painted(grant.ask, moment)).at(us(moment))
    if shapes and grant not in bare:
        bare[grant] = await masked.unmasked(grant.ask)
    return () if bare.get(grant) else shapes
