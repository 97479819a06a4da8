"""The route of the picture by which masks are drawn: so coarse that nobody is made out in it, as of a camera whose picture is covered.

Without it nobody could draw the masks of a second preset: where none is set, all of the picture is covered. It is a look all the same:
of an owner's camera the owner's word holds for it, and the owner is told of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Response

from watchfloor.cameras.dwelling_budget import camera_of
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.grant import Grant
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Signed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.kit.route import PICTURE, Stated
from watchfloor.recordings.api import kept_of
from watchfloor.recordings.ask import ask_of_now
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Player
from watchfloor.recordings.still import jpeg, smaller, still

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

    @router.get(
        "/cameras/{camera_id}/aiming-picture", responses=PICTURE, openapi_extra=asks(Need.AIMING_PICTURE)
    )
    async def get_aiming_picture(actor: Signed, camera_id: str) -> Response:
        """The last picture that was recorded, of ten minutes at most, 96 points wide: to draw masks by. `Wf-At` says when it was taken."""
        ask = await ask_of_now(parts.door, actor, inside("camera", camera_id), Need.AIMING_PICTURE)
        grant = await parts.door.grant(ask)
        shown = 0
        try:
            picture, taken_us = await _coarse(parts, grant)
            if grant.ended.is_set():
                raise Unavailable(grant.end_reason or "It is no longer allowed.")
            shown = 1
        finally:
            await grant.close({"pictures": shown})
        headers = {AT: rfc3339(at(taken_us)), "Cache-Control": "no-store"}
        return Response(picture, media_type="image/jpeg", headers=headers)

    return router


async def _coarse(parts: AimingRoutes, grant: Grant) -> tuple[bytes, int]:
    """The picture as a JPEG, and when it was taken (µs). Raises NotFound, Unavailable."""
    camera = camera_of(grant.ask)
    spooled = await parts.player.spooled(camera)  # first: see there
    async with parts.door.under(grant) as tx:
        kept = await kept_of(parts.player, tx, camera, us(tx.now - _OF_LATE), us(tx.now), spooled)
    if not kept:
        raise NotFound(
            "Nothing was recorded of this camera of late.",
            reason="gap",
            next_step="Come back when it records, or place the mask by its numbers.",
        )
    last_us = kept[-1].segment.ended_us - 1
    stretch = await parts.player.stretch(kept[-1:], last_us, last_us + 1, keys_only=True)
    video = b"".join([part async for part in stretch.parts])

    def made() -> tuple[bytes, int]:
        found = still(video, stretch.begin_us, last_us)
        return jpeg(smaller(found.picture, WIDTH), {}), found.at_us

    return await asyncio.to_thread(made)
