"""The route of the picture by which masks are drawn: so coarse that nobody is made out in it, as of a camera whose picture is covered.

Without it nobody could draw the masks of a second preset: where none is set, all of the picture is covered.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Response

from watchfloor.cameras import store as camera_store
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import NotFound
from watchfloor.kit.route import PICTURE, Stated
from watchfloor.recordings.api import kept_of
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Player
from watchfloor.recordings.still import Still, jpeg, smaller, still

AT: Final = "Wf-At"
WIDTH: Final = 96
"""A point of it is a window's width of a house across the street: a wall and its windows are seen, and nobody behind them."""
_OF_LATE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AimingRoutes:
    """What the route needs."""

    door: Door
    player: Player


def routes(parts: AimingRoutes) -> APIRouter:
    """The route of the picture to draw masks by."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/cameras/{camera_id}/aiming-picture", responses=PICTURE, openapi_extra=asks(Need.MASKS_SET))
    async def get_aiming_picture(actor: Signed, camera_id: str) -> Response:
        """The last picture that was recorded, of ten minutes at most, 96 points wide: to draw masks by. `Wf-At` says when it was taken."""
        camera = inside("camera", camera_id)
        async with parts.door.open(Ask(actor, Need.MASKS_SET, about=About("camera", camera))) as tx:
            if await camera_store.camera_of(tx, camera) is None:
                raise NotFound("There is no such camera.")
            kept = await kept_of(parts.player, tx, camera, us(tx.now - _OF_LATE), us(tx.now))
        if not kept:
            raise NotFound(
                "Nothing was recorded of this camera of late.",
                reason="gap",
                next_step="Come back when it records, or place the mask by its numbers.",
            )
        last_us = kept[-1].segment.ended_us - 1
        stretch = await parts.player.stretch(kept[-1:], last_us, last_us + 1, keys_only=True)
        video = b"".join([part async for part in stretch.parts])

        def made() -> tuple[bytes, Still]:
            found = still(video, stretch.begin_us, last_us)
            return jpeg(smaller(found.picture, WIDTH), {}), found

        picture, found = await asyncio.to_thread(made)
        headers = {AT: rfc3339(at(found.at_us)), "Cache-Control": "no-store"}
        return Response(picture, media_type="image/jpeg", headers=headers)

    return router
