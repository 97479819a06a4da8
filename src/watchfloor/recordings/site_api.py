"""The route of what a camera's site has of a time. It waits for the site, so that the timeline itself need not."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.rtsp.replay import NotReplayed
from watchfloor.governance.asks import asks
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Actor, Why
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.errors import Invalid
from watchfloor.kit.route import Stated
from watchfloor.recordings import forms
from watchfloor.recordings.api import Begin, End, RecordingRoutes, kept_of, there_of
from watchfloor.recordings.archive import Has
from watchfloor.recordings.archives import AtSite, lacking, not_kept
from watchfloor.recordings.ask import ask_of_then
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Range, missing, ranges

LONGEST: Final = timedelta(days=7)
# What a site records at this moment it tells a little late.
_SETTLES_US: Final = 30_000_000


def routes(parts: RecordingRoutes) -> APIRouter:
    """The route of what a site has."""
    router = APIRouter(tags=["recordings"], route_class=Stated)

    @router.get("/cameras/{camera_id}/timeline/at-site", openapi_extra=asks(Need.CAMERA_PLAYBACK))
    async def timeline_at_site(
        actor: Signed, why: Purposed, camera_id: str, begin: Begin, end: End
    ) -> forms.TimelineAtSite:
        """What the camera's site says that it has of a time, and what not: the site is asked."""
        if not timedelta(0) < end - begin <= LONGEST:
            raise Invalid("A timeline is of at most seven days, from before to.", reason="range")
        return await _told(parts, actor, why, inside("camera", camera_id), us(begin), us(end))

    return router


async def _told(
    parts: RecordingRoutes, actor: Actor, why: Why | None, camera: UUID, begin: int, end: int
) -> forms.TimelineAtSite:
    ask = await ask_of_then(parts.door, actor, camera, Need.CAMERA_PLAYBACK, why, at(begin))
    async with parts.door.open(ask) as tx:
        there = await there_of(parts.sites, tx, ask, await camera_store.camera_of(tx, camera))
        kept = await kept_of(parts.player, tx, camera, begin, end)
        until = min(end, us(tx.now) - _SETTLES_US)
    here = ranges([one.segment for one in kept], begin, end)
    if there is None or parts.sites is None:
        return _form(begin, end, None, Has(()), [])
    try:
        has = await parts.sites.has(there, begin, end)
    except NotReplayed as error:
        has = Has(None, f"The site {there.site} does not answer to what it has: {error.why}")
    return _form(begin, end, there, has, here, until)


def _form(
    begin: int, end: int, there: AtSite | None, has: Has, here: list[Range], until: int = 0
) -> forms.TimelineAtSite:
    found = has.stretches or ()
    may = there.open_to_us(begin, until) if there is not None and has.stretches is not None else []
    left = [piece for a, b in lacking(found, may) for piece in missing(here, a, b)]
    return {
        "from": at(begin),
        "to": at(end),
        "site": None if there is None else there.site,
        "tells": has.stretches is not None,
        "said": has.said,
        "ranges": [{"from": at(a), "to": at(b)} for a, b in found],
        "gaps": [
            {"from": at(a), "to": at(b), "reason": not_kept(there.site if there else "")} for a, b in left
        ],
    }
