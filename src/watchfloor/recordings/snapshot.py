"""A snapshot: one picture of a camera, saved as a file. It leaves the system, so it is an act of its own in the log.

What is recorded is looked for first; of the seconds that are not written yet, what the server has live at hand; then the camera's site
is asked, where it keeps what is not here.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from watchfloor.cameras.cover import OPEN, Cover
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.dwelling_seen import A_PICTURE, Way
from watchfloor.cameras.live import Live
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.find import must_be_here
from watchfloor.cameras.partners.model import kept_alone, must_be_ours
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_text, outside
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import About, AgencyId, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import NotFound
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.recordings.archives import AtSite
from watchfloor.recordings.from_site import FromSite
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Kept, Player
from watchfloor.recordings.repaint import painted_over
from watchfloor.recordings.still import Still, beside, jpeg, still
from watchfloor.storage.tx import Tx

_SAVED: Final = "pictures of it are saved"
KeptAt = Callable[[Tx, UUID, int, Sequence[Kept]], Awaitable[list[Kept]]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A file as it is handed over."""

    name: str
    jpeg: bytes
    sha256: str
    at: datetime
    masks: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where a picture may be found, and what is painted over in it."""

    player: Player
    live: Live
    masked: Masked | None
    sites: FromSite | None = None


async def save(
    door: Door, places: Places, kept_at: KeptAt, ask: Ask, camera: Camera, wanted: datetime
) -> Saved:
    """The picture of that moment as a file, and its entry in the log. Raises Refused, NotFound, Unavailable, or Invalid of a partner's.

    All of it is under one grant: no transaction waits for the store, a site or the processor.
    """
    if kept_alone(camera):
        async with door.open(Ask(process_actor(AgencyId(camera.agency), "serve"), Need.CAMERA_STATE)) as tx:
            await must_be_here(tx, camera, _SAVED)
    cover, bare = (OPEN, False) if places.masked is None else await places.masked.recorded(ask, wanted)
    if places.masked is not None:
        await places.masked.looks(ask, Way.SNAPSHOT, wanted, wanted + A_PICTURE, cover)
    grant, counts = await door.grant(ask), dict[str, int]()
    try:
        spooled = await places.player.spooled(camera.id)  # first: see there
        async with door.under(grant) as tx:
            kept = await kept_at(tx, camera.id, us(wanted), spooled)
            there = await _at_site(places, tx, ask, camera)
            zone = tx.zone
        found, site = await _found(places, kept, there, camera, us(wanted), bare=bare)
        saved = await asyncio.to_thread(_made, grant, camera, found, cover, zone, site)
        more: dict[str, Json] = {
            "captured_at": rfc3339(saved.at),
            "sha256": saved.sha256,
            "masks": saved.masks,
        }
        async with door.under(grant) as tx:
            await effect(tx, "camera.snapshot_saved", About("camera", camera.id), more=more)
        counts = {"from_ms": us(saved.at) // 1000, "to_ms": us(saved.at) // 1000}
        return saved
    finally:
        await grant.close(counts)


async def _at_site(places: Places, tx: Tx, ask: Ask, camera: Camera) -> AtSite | None:
    if places.sites is None or camera.details.footage_kept is FootageKept.HERE:
        return None
    return await places.sites.at_site(tx, ask, camera)


async def _found(
    places: Places, kept: list[Kept], there: AtSite | None, camera: Camera, at_us: int, *, bare: bool
) -> tuple[Still, str | None]:
    """The picture, and the site that it was fetched from where it is not here."""
    try:
        return await _picture(places, kept, camera, at_us, bare=bare), None
    except NotFound:
        if there is None or places.sites is None:
            # Of a partner's there may be some that was recorded here while it was lent; of the rest its center says who may.
            must_be_ours(camera, _SAVED)
            raise
    stretch = await places.sites.stretch(there, at_us, at_us + 1)
    video = b"".join([part async for part in stretch.parts])
    return await asyncio.to_thread(still, video, stretch.begin_us, at_us), there.site


def _made(grant: Grant, camera: Camera, found: Still, cover: Cover, zone: tzinfo, site: str | None) -> Saved:
    """The file: the picture, masked, with what it is of beneath it. `site`: where it was fetched. In a thread."""
    ask, shapes = grant.ask, cover.at(found.at_us)
    taken, entry = at(found.at_us), outside("entry", grant.entry)
    why = sure(ask.why, "the purpose of a snapshot")
    facts = {
        "camera": camera.name,
        "camera_id": outside("camera", camera.id),
        "place": camera.place_text,
        "captured_at": rfc3339(taken),
        "purpose": why.allowed.title,
        "case": case_text(why.case) if why.case else "",
        "saved_by": ask.actor.name,
        "saved_at": rfc3339(grant.decided_at),
        "log_entry": entry,
    }
    words = [
        camera.name,
        f"{moment(taken, zone)} ({rfc3339(taken)})",
        why.allowed.title,
        f"saved by {ask.actor.name}",
        entry,
    ]
    if site is not None:
        facts["kept_at"] = site
        words.append(f"kept at {site}")
    if shapes:
        words.append("masked")
    facts["masks"] = str(len(shapes))
    file = jpeg(beside(painted_over(found.picture, shapes), words), facts)
    name = f"{camera.name} {taken.astimezone(zone):%Y-%m-%d %H-%M-%S}.jpg"
    return Saved(name, file, hashlib.sha256(file).hexdigest(), taken, len(shapes))


async def _picture(places: Places, kept: list[Kept], camera: Camera, at_us: int, *, bare: bool) -> Still:
    try:
        stretch = await places.player.stretch(kept, at_us, at_us + 1)
    except NotFound:
        at_hand = places.live.at_hand(camera.agency, camera.id, at_us, bare=bare)
        if at_hand is None:
            raise
        begin_us, video = at_hand
    else:
        begin_us, video = stretch.begin_us, b"".join([part async for part in stretch.parts])
    return await asyncio.to_thread(still, video, begin_us, at_us)
