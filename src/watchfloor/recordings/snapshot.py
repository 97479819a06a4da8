"""A snapshot: one picture of a camera, saved as a file. It leaves the system, so it is an act of its own in the log.

What is recorded is looked for first; of the seconds that are not written yet, what the server has live at hand; then the camera's site
is asked, where it keeps what is not here.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from watchfloor.cameras.cover import OPEN, Cover
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.live import Live
from watchfloor.cameras.model import Camera
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.forms import case_text, outside
from watchfloor.governance.model import About, Ask
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import NotFound
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure
from watchfloor.recordings.from_site import FromSite
from watchfloor.recordings.masked import Masked
from watchfloor.recordings.model import at, us
from watchfloor.recordings.play import Kept, Player
from watchfloor.recordings.repaint import painted_over
from watchfloor.recordings.still import Still, beside, jpeg, still
from watchfloor.storage.tx import Tx

KeptAt = Callable[[Tx, UUID, int], Awaitable[list[Kept]]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A file as it is handed over."""

    name: str
    jpeg: bytes
    sha256: str
    at: datetime


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
    """The picture of that moment as a file, and its entry in the log. Raises Refused, NotFound or Unavailable."""
    cover, bare = (OPEN, False) if places.masked is None else await places.masked.recorded(ask, wanted)
    if places.sites is not None and camera.details.footage_kept is not FootageKept.HERE:
        return await _save_with_site(
            door, places, places.sites, kept_at, ask, camera, wanted, cover, bare=bare
        )
    async with door.open(ask) as tx:
        found = await _picture(
            places, await kept_at(tx, camera.id, us(wanted)), camera, us(wanted), bare=bare
        )
        return await _saved(tx, ask, camera, found, cover, None)


async def _save_with_site(
    door: Door, places: Places, sites: FromSite, kept_at: KeptAt, ask: Ask, camera: Camera, wanted: datetime,
    cover: Cover, *, bare: bool,
) -> Saved:  # fmt: skip
    """The same of a camera whose site keeps what is not here. No transaction waits for the site: all of it is under one grant."""
    grant = await door.grant(ask)
    try:
        site = None
        async with door.under(grant) as tx:
            kept = await kept_at(tx, camera.id, us(wanted))
            there = await sites.at_site(tx, ask, camera)
        try:
            found = await _picture(places, kept, camera, us(wanted), bare=bare)
        except NotFound:
            if there is None:
                raise
            stretch = await sites.stretch(there, us(wanted), us(wanted) + 1)
            video = b"".join([part async for part in stretch.parts])
            found = await asyncio.to_thread(still, video, stretch.begin_us, us(wanted))
            site = there.site
        async with door.under(grant) as tx:
            return await _saved(tx, ask, camera, found, cover, site)
    finally:
        await grant.close({})


async def _saved(tx: Tx, ask: Ask, camera: Camera, found: Still, cover: Cover, site: str | None) -> Saved:
    """The picture with what it is of beneath it, and its entry. `site`: where it was fetched."""
    shapes = cover.at(found.at_us)
    taken, entry = at(found.at_us), outside("entry", sure(tx.decision, "the decision of a look"))
    why = sure(ask.why, "the purpose of a snapshot")
    facts = {
        "camera": camera.name,
        "camera_id": outside("camera", camera.id),
        "place": camera.place_text,
        "captured_at": rfc3339(taken),
        "purpose": why.allowed.title,
        "case": case_text(why.case) if why.case else "",
        "saved_by": ask.actor.name,
        "saved_at": rfc3339(tx.now),
        "log_entry": entry,
    }
    words = [
        camera.name,
        f"{moment(taken, tx.zone)} ({rfc3339(taken)})",
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

    def made() -> bytes:
        return jpeg(beside(painted_over(found.picture, shapes), words), facts)

    file = await asyncio.to_thread(made)
    digest = hashlib.sha256(file).hexdigest()
    more: dict[str, Json] = {"captured_at": rfc3339(taken), "sha256": digest, "masks": len(shapes)}
    await effect(tx, "camera.snapshot_saved", About("camera", camera.id), more=more)
    local = taken.astimezone(tx.zone)
    return Saved(f"{camera.name} {local:%Y-%m-%d %H-%M-%S}.jpg", file, digest, taken)


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
