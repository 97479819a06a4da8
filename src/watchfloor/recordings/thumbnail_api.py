"""The route of thumbnails of what was recorded: each showing is part of a look, which the log keeps once with how many it had."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Query, Response

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.cover import Shapes
from watchfloor.cameras.dwelling_seen import A_PICTURE, Way
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.instant import Instant
from watchfloor.kit.route import PICTURE, Stated
from watchfloor.recordings.api import kept_of, there_of
from watchfloor.recordings.archives import AtSite
from watchfloor.recordings.ask import ask_of_then
from watchfloor.recordings.from_site import FromSite
from watchfloor.recordings.looks import Looks
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Player
from watchfloor.recordings.thumbnails import Thumbnails, painted
from watchfloor.storage.tx import Tx

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
    sites: FromSite | None = None


def routes(parts: ThumbnailRoutes) -> APIRouter:
    """The route of thumbnails."""
    router = APIRouter(tags=["recordings"], route_class=Stated)
    bare: Bare = WeakKeyDictionary()

    @router.get("/cameras/{camera_id}/thumbnail", responses=PICTURE, openapi_extra=asks(Need.CAMERA_PLAYBACK))
    async def thumbnail(
        actor: Signed, why: Purposed, camera_id: str, moment: Annotated[Instant, Query(alias="at")]
    ) -> Response:
        """The last keyframe by that moment of what was recorded then, small. Those that are asked for one after another are one look.

        What its site alone keeps is fetched from there, and kept nowhere.
        """
        camera, at_us = inside("camera", camera_id), us(moment)
        ask = await ask_of_then(parts.door, actor, camera, Need.CAMERA_PLAYBACK, why, moment)
        grant = await parts.looks.grant(ask)
        spooled = await parts.player.spooled(camera)
        async with parts.door.under(grant) as tx:
            kept = await kept_of(parts.player, tx, camera, at_us, at_us + 1, spooled)
            there = await _at_site(parts.sites, tx, grant.ask, camera, at_us) if not kept else None
        if there is None or parts.sites is None:
            made = await parts.thumbnails.at(kept, at_us)
        else:
            made = await parts.thumbnails.of(*await parts.sites.keyframe(there, at_us), at_us)
        shapes = await _shapes(parts.masked, bare, grant, at(made.at_us))
        parts.looks.shown(grant, made.at_us)
        picture = await asyncio.to_thread(painted, made.jpeg, shapes) if shapes else made.jpeg
        headers = {AT: rfc3339(at(made.at_us)), "Cache-Control": "no-store"}
        return Response(picture, media_type="image/jpeg", headers=headers)

    return router


async def _at_site(sites: FromSite | None, tx: Tx, ask: Ask, camera: UUID, at_us: int) -> AtSite | None:
    """The camera's footage at its site, where that moment of it may be asked for."""
    there = await there_of(sites, tx, ask, await camera_store.camera_of(tx, camera))
    return there if there is not None and there.open_to_us(at_us, at_us + 1) else None


async def _shapes(masked: Masked, bare: Bare, grant: Grant, moment: datetime) -> Shapes:
    """What is painted over, as in every still. Whether a look may see beneath is asked once a look, and kept in the log. Raises Refused
    where too much of a dwelling was looked at.
    """
    cover = await masked.painted(grant.ask, moment)
    await masked.looks(grant.ask, Way.PLAY, moment, moment + A_PICTURE, cover)
    shapes = cover.at(us(moment))
    if shapes and grant not in bare:
        bare[grant] = await masked.unmasked(grant.ask)
    return () if bare.get(grant) else shapes
