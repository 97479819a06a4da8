"""Routes of recordings: the timeline of a camera, and its video by group of pictures. Translate in, play, translate out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.api import found_camera
from watchfloor.cameras.carried_store import stood_at
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.live import Live
from watchfloor.cameras.maintenance_store import Window, windows_over
from watchfloor.cameras.model import Camera, may_be_work, shown
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.identity.api import Purposed, Signed
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable, WatchfloorError
from watchfloor.kit.instant import Instant
from watchfloor.kit.pages import Cut, Extent, InPages
from watchfloor.kit.route import PICTURE, Page, Stated, page
from watchfloor.kit.sure import sure
from watchfloor.recordings import fill_store, forms, store
from watchfloor.recordings.answers import answers
from watchfloor.recordings.archives import AtSite
from watchfloor.recordings.ask import ask_of_then
from watchfloor.recordings.coverage import Coverage, Hole, coverage
from watchfloor.recordings.filled import Fetched, Said, filled, ranges_form, with_said
from watchfloor.recordings.from_partner import FromPartner
from watchfloor.recordings.from_site import FromSite, elsewhere, withheld
from watchfloor.recordings.looks import shown_of
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.model import GAP_FROM_US, GAP_SENTENCES, at, us
from watchfloor.recordings.planned import OF_WORK, Planned, cut, still_missing
from watchfloor.recordings.play import MARGIN, Kept, Player, Range, Stretch, missing, ranges
from watchfloor.recordings.snapshot import Places, save
from watchfloor.storage.tx import Tx

LONGEST_TIMELINE: Final = timedelta(days=7)
# The day on which the clocks go back.
LONGEST_COVERAGE: Final = timedelta(hours=25)
# A camera that comes and goes has hundreds a day; those that matter most are told.
MOST_GAPS: Final = 50
Told = tuple[list[Fetched], list[Said]]
# Each decodes a group of pictures and codes one of them as large as it is.
_MOST_SNAPSHOTS: Final = 4
FROM: Final = "Wf-From"
TO: Final = "Wf-To"
_MOMENT: Final = {"schema": {"type": "string", "format": "date-time"}}
_VIDEO: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Media time 0 is `Wf-From`.",
        "headers": {
            FROM: {"description": "When the first frame was captured."} | _MOMENT,
            TO: {"description": "Where it ends."} | _MOMENT,
        },
        "content": {"video/mp4": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@dataclass(frozen=True, slots=True)
class RecordingRoutes:
    """What the routes need."""

    door: Door
    player: Player
    live: Live
    masked: Masked | None = None
    sites: FromSite | None = None
    partners: FromPartner | None = None


Begin = Annotated[Instant, Query(alias="from")]
End = Annotated[Instant, Query(alias="to")]
Pictures = Annotated[
    Literal["all", "keyframes"],
    Query(description="`keyframes`: each alone, standing until the next, for fast playback."),
]


def routes(parts: RecordingRoutes) -> APIRouter:
    """The routes of recordings."""
    router = APIRouter(tags=["recordings"], route_class=Stated)

    @router.get("/cameras/{camera_id}/timeline", openapi_extra=asks(Need.CAMERA_PLAYBACK))
    async def timeline(
        actor: Signed, why: Purposed, camera_id: str, begin: Begin, end: End
    ) -> forms.Timeline:
        """What was recorded, what was not, and why."""
        if not timedelta(0) < end - begin <= LONGEST_TIMELINE:
            raise Invalid("A timeline is of at most seven days, from before to.", reason="range")
        return await _timeline(parts, actor, why, inside("camera", camera_id), us(begin), us(end))

    @router.get(
        "/cameras/{camera_id}/video",
        response_class=StreamingResponse,
        responses=_VIDEO,
        openapi_extra=asks(Need.CAMERA_PLAYBACK),
    )
    async def video(
        actor: Signed, why: Purposed, camera_id: str, begin: Begin, end: End, pictures: Pictures = "all"
    ) -> StreamingResponse:
        """Recorded video as fMP4 of one run, at most a minute, from the keyframe at or before `from`; of keyframes ten."""
        if end <= begin:
            raise Invalid("`from` is before `to`.", reason="range")
        camera = inside("camera", camera_id)
        ask = await ask_of_then(parts.door, actor, camera, Need.CAMERA_PLAYBACK, why, begin)
        keys_only = pictures == "keyframes"
        return await _video(parts, ask, camera, us(begin), us(end), keys_only=keys_only)

    _add_snapshot(router, parts)
    _add_coverage(router, parts.door)
    return router


def _add_snapshot(router: APIRouter, parts: RecordingRoutes) -> None:
    saving = asyncio.Semaphore(_MOST_SNAPSHOTS)

    async def kept_at(tx: Tx, camera: UUID, moment_us: int, spooled: Sequence[Kept]) -> list[Kept]:
        return await kept_of(parts.player, tx, camera, moment_us, moment_us + 1, spooled)

    @router.get("/cameras/{camera_id}/snapshot", responses=PICTURE, openapi_extra=asks(Need.CAMERA_SNAPSHOT))
    async def snapshot(
        actor: Signed, why: Purposed, camera_id: str, moment: Annotated[Instant, Query(alias="at")]
    ) -> Response:
        """The picture shown at that moment as a file, with camera, time and reason beneath it. It is an act of its own in the log."""
        found = await found_camera(parts.door, actor, inside("camera", camera_id))
        ask = await ask_of_then(parts.door, actor, found.id, Need.CAMERA_SNAPSHOT, why, moment)
        places = Places(parts.player, parts.live, parts.masked, parts.sites)
        if saving.locked():
            raise Full(
                "Too many snapshots are being made.",
                reason="busy",
                next_step="Try again in a moment.",
                retry_after_s=5,
            )
        async with saving:
            saved = await save(parts.door, places, kept_at, ask, found, moment)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(saved.name)}",
            "Wf-At": rfc3339(saved.at),
            "Wf-Sha256": saved.sha256,
            "Cache-Control": "no-store",
        }
        return Response(saved.jpeg, media_type="image/jpeg", headers=headers)


def _add_coverage(router: APIRouter, door: Door) -> None:
    @router.get("/recordings/coverage", openapi_extra=asks(Need.COVERAGE_VIEW))
    async def list_coverage(
        actor: Signed,
        begin: Begin,
        end: End,
        extent: InPages,
        camera: Annotated[str | None, Query(max_length=40, description="Of this camera alone.")] = None,
    ) -> Page[forms.Coverage]:
        """How much of a time, at most a day, each camera recorded, by name; of today, of what there was of it."""
        if not timedelta(0) < end - begin <= LONGEST_COVERAGE:
            raise Invalid("Coverage is of at most a day, from before to.", reason="range")
        one = inside("camera", camera) if camera is not None else None
        return page(await _coverage(door, actor, one, begin, end, extent))


async def _coverage(
    door: Door, actor: Actor, camera: UUID | None, begin: datetime, end: datetime, extent: Extent
) -> Cut[forms.Coverage]:
    about = About("camera", camera) if camera else None
    async with door.open(Ask(actor, Need.COVERAGE_VIEW, about=about)) as tx:
        if camera is None:
            cameras = await camera_store.cameras(tx, extent)
        elif (found := await camera_store.camera_of(tx, camera)) is not None:
            cameras = Cut([found])
        else:
            raise NotFound("There is no such camera.")
        ids: list[UUID] = [one.id for one in cameras.items]
        recorded = await store.stretches_of(tx, ids, begin, end, margin=begin - MARGIN)
        gaps = await store.gaps_of(tx, ids, begin, end)
        work = await windows_over(tx, ids, begin, end)
        told = await _told(tx, ids if camera is not None else [], begin, end)
        now = tx.now

    def form(one: Camera) -> forms.Coverage:
        covered = coverage(
            recorded[one.id],
            gaps[one.id],
            shown(one, now=now),
            begin_us=us(max(begin, one.created_at)),
            until_us=us(min(end, now)),
            new=one.created_at >= begin,
            planned=_planned(work[one.id]),
            elsewhere=one.details.footage_kept is FootageKept.AT_SITE,
        )
        return _coverage_form(one, covered, told.get(one.id), us(begin), us(end))

    return cameras.of(form)


async def _told(tx: Tx, cameras: list[UUID], begin: datetime, end: datetime) -> dict[UUID, Told]:
    """What was fetched from cameras, and what they said of the rest."""
    fetched = await store.fetched_of(tx, cameras, begin, end, margin=begin - MARGIN)
    said = await fill_store.said_of(tx, cameras, begin, end)
    return {camera: (fetched[camera], said[camera]) for camera in cameras}


def _coverage_form(
    camera: Camera, covered: Coverage, told: Told | None, begin: int, end: int
) -> forms.Coverage:
    """`told` of a camera that was asked for alone."""
    fetched, said = told or ([], [])
    holes = [
        replace(hole, reason=with_said(hole.reason, hole.begin_us, hole.end_us, said))
        for hole in covered.holes
    ]
    longest = sorted(holes, key=lambda hole: hole.begin_us - hole.end_us)
    each = sorted(longest[:MOST_GAPS], key=lambda hole: hole.begin_us) if told is not None else []
    return {
        "id": outside("camera", camera.id),
        "expected_s": covered.expected_us // 1_000_000,
        "recorded_s": covered.recorded_us // 1_000_000,
        "gaps": covered.gaps,
        "at_site_s": covered.at_site_us // 1_000_000,
        "longest_gap": _gap(longest[0], camera) if longest else None,
        "each": [_gap(hole, camera) for hole in each],
        "filled": filled(fetched, begin, end),
    }


def _gap(hole: Hole, camera: Camera) -> forms.CoverageGap:
    return {
        "from": at(hole.begin_us),
        "to": at(hole.end_us),
        "reason": hole.reason,
        "answers": answers(hole.whose, camera),
    }


async def _timeline(
    parts: RecordingRoutes, actor: Actor, why: Why | None, camera: UUID, begin: int, end: int
) -> forms.Timeline:
    ask = await ask_of_then(parts.door, actor, camera, Need.CAMERA_PLAYBACK, why, at(begin))
    async with parts.door.open(ask) as tx:
        found = await camera_store.camera_of(tx, camera)
        far = await parts.partners.far(tx, found, ask) if parts.partners and found else None
        here, now = await _told_here(parts, tx, ask, found, begin, end), us(tx.now)
    # Not in a transaction: another center takes its time.
    if far is None or parts.partners is None:
        return here
    return await parts.partners.beside(here, far, begin, end, now)


async def _told_here(
    parts: RecordingRoutes, tx: Tx, ask: Ask, found: Camera | None, begin: int, end: int
) -> forms.Timeline:
    camera = sure(sure(ask.about, "the camera of a look").id, "the camera of a look")
    kept = await kept_of(parts.player, tx, camera, begin, end)
    planned = _planned((await windows_over(tx, [camera], at(begin), at(end)))[camera])
    gaps = [
        (a, b, sentence or GAP_SENTENCES[reason])
        for one, two, reason in (await store.gaps_of(tx, [camera], at(begin), at(end)))[camera]
        for a, b, sentence in cut(one, two, planned if reason in OF_WORK else ())
    ]
    fetched, said = (await _told(tx, [camera], at(begin), at(end)))[camera]
    now = us(tx.now)
    whole = ranges([one.segment for one in kept], begin, end)
    there = await there_of(parts.sites, tx, ask, found)
    gaps += withheld(there, begin, min(end, now))
    gaps += [
        (a, b, sentence or why_)
        for one, two, why_ in still_missing(found, kept, tx, begin, min(end, now))
        for a, b, sentence in cut(one, two, planned if _may_be_work(found, tx) else ())
    ]
    gaps = [
        (a, b, why_) for one, two, why_ in gaps for a, b in missing(whole, max(one, begin), min(two, end))
    ]
    return {
        "from": at(begin),
        "to": at(end),
        "ranges": ranges_form(whole, elsewhere(there, whole, begin, min(end, now))),
        "gaps": [{"from": at(a), "to": at(b), "reason": with_said(why_, a, b, said)} for a, b, why_ in gaps],
        "filled": filled(fetched, begin, end),
    }


def _may_be_work(camera: Camera | None, tx: Tx) -> bool:
    return camera is not None and may_be_work(shown(camera, now=tx.now))


def _planned(windows: list[Window]) -> list[Planned]:
    return [(us(window.from_at), us(window.ends_at), window.sentence) for window in windows]


async def _video(
    parts: RecordingRoutes, ask: Ask, camera: UUID, begin: int, end: int, *, keys_only: bool
) -> StreamingResponse:
    grant = await parts.door.grant(ask)
    async with contextlib.AsyncExitStack() as failed:
        # Who goes away meanwhile, and a bug of ours, leave no grant behind either.
        failed.push_async_callback(grant.close, {"bytes": 0})
        stretch = await stretch_of(parts, grant, camera, begin, end, keys_only=keys_only)
        failed.pop_all()
    return StreamingResponse(
        under_grant(grant, stretch),
        media_type=f'video/mp4; codecs="{stretch.mime}"',
        headers={
            FROM: rfc3339(at(stretch.begin_us)),
            TO: rfc3339(at(stretch.end_us)),
            "Cache-Control": "no-store",
        },
    )


class Elsewhere(Unavailable):
    """The camera stood at another place then: the door decides by it, so that is another look."""


async def stretch_of(
    parts: RecordingRoutes, grant: Grant, camera: UUID, begin: int, end: int, *, keys_only: bool
) -> Stretch:
    """The video of that time as whoever holds the grant may see it, of here or of the camera's site.

    Raises NotFound, Unavailable, Full; Elsewhere where the camera stood at another place then than the grant was given for.
    """
    spooled = await parts.player.spooled(camera)  # first: see there
    async with parts.door.under(grant) as tx:
        standing = await stood_at(tx, camera, at(begin))
        if standing is not None and standing.place != grant.ask.place:
            raise Elsewhere("The camera stood elsewhere then.", reason="elsewhere", next_step="Try again.")
        kept = await kept_of(parts.player, tx, camera, begin, end, spooled)
        found = await camera_store.camera_of(tx, camera)
        far = await parts.partners.far(tx, found, grant.ask) if parts.partners and found else None
        there = await there_of(parts.sites, tx, grant.ask, found) if far is None else None
    # A store, a site or another center may take long to answer: no connection to the database waits for that.
    if parts.partners is not None and far is not None and not _here(kept, begin):
        stretch = await parts.partners.stretch(far, begin, end, keys_only=keys_only)
    elif (
        parts.sites is not None
        and there is not None
        and elsewhere(there, _here(kept, begin), begin, begin + GAP_FROM_US)
    ):
        stretch = await parts.sites.stretch(there, begin, end, keys_only=keys_only)
    else:
        stretch = await parts.player.stretch(kept, begin, end, keys_only=keys_only)
    if parts.masked is None:
        return stretch
    cover = await parts.masked.played(grant.ask, at(stretch.begin_us), at(stretch.end_us))
    return await parts.masked.stretch(stretch, cover)


async def there_of(sites: FromSite | None, tx: Tx, ask: Ask, camera: Camera | None) -> AtSite | None:
    """What the camera's site keeps, where it keeps anything."""
    return None if sites is None or camera is None else await sites.at_site(tx, ask, camera)


def _here(kept: list[Kept], begin: int) -> list[Range]:
    """What is recorded here at that very moment."""
    held = [one.segment for one in kept if one.segment.began_us <= begin < one.segment.ended_us]
    return [Range(begin, begin + GAP_FROM_US, one.label.run) for one in held]


async def kept_of(
    player: Player, tx: Tx, camera: UUID, begin: int, end: int, spooled: Sequence[Kept] | None = None
) -> list[Kept]:
    """What there is of a camera's time (µs), in the spool or in the index, oldest first.

    `spooled` is what the spool had a moment before; whoever has it already holds no transaction while a disk is read.
    """
    if spooled is None:
        spooled = await player.spooled(camera)  # first: see there
    segments = await store.segments_of(tx, camera, at(begin), at(end), margin=at(begin) - MARGIN)
    return player.together(spooled, segments, begin, end)


async def under_grant(grant: Grant, stretch: Stretch) -> AsyncIterator[bytes]:
    """The video for as long as the grant holds; its end is logged with what was sent."""
    sent = 0
    try:
        async for part in stretch.parts:
            if grant.ended.is_set():
                return
            sent += len(part)
            yield part
    finally:
        with contextlib.suppress(WatchfloorError):
            shown = shown_of(stretch.begin_us, stretch.end_us) if sent else {"video_ms": 0}
            await asyncio.shield(grant.close({"bytes": sent, **shown}))
