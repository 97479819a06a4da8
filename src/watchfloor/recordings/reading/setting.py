"""Has plates read on a camera's video, or no longer: a technology of its own, refused where it is not authorised at that place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.model import Camera
from watchfloor.governance import store as governance_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.plates import carried_store, reader_store, registry, video_store
from watchfloor.plates.carried_store import Move
from watchfloor.plates.health_book import HealthBook
from watchfloor.plates.leave import ask_for
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.registry import ShownReader
from watchfloor.plates.video import VideoStream
from watchfloor.recordings.reading.may import refusal_of
from watchfloor.storage.tx import Tx

_MOST_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class CameraPlates:
    """Whether a camera's plates are read: the reader that it is, once somebody set that; and why they may not be read now, if so.
    `has_sub`: it has a sub stream that may be read in place of the main one.
    """

    reader: ShownReader | None
    refused: Denied | None
    has_sub: bool


async def look(door: Door, book: HealthBook, actor: Actor, camera: UUID) -> CameraPlates:
    """How it stands with the plates of a camera. Raises NotFound."""
    async with door.open(Ask(actor, Need.READERS_VIEW, about=About("camera", camera))) as tx:
        return await _shown(tx, book, await _there(tx, camera))


async def begin(
    door: Door, book: HealthBook, actor: Actor, camera: UUID, on: VideoStream | None = None
) -> CameraPlates:
    """Have plates read on this camera, `on` that stream of it, without one as it was; of one that is read already, on the other stream.

    Raises NotFound, Conflict, and Refused where the technology is not authorised there.
    """
    about = About("camera", camera)
    async with door.open(Ask(actor, Need.CAMERA_PLATES_SET, about=about)) as tx:
        found = await _there(tx, camera)
        known = await video_store.of_camera(tx, camera)
        if known is not None and not known.retired and on in (None, known.stream):
            raise Conflict("The plates of this camera are read already.", reason="read_already")
        denied = await _refused(tx, found)
        if denied is not None:
            raise Refused(denied)
        if on == "sub" and found.sub_address is None:
            raise Conflict(
                "This camera has no sub stream.",
                reason="no_sub_stream",
                next_step="Enter where it is on the camera's page, or have the main stream read.",
            )
        stream = on or _as_it_was(known, found)
        if known is None:
            reader = await _new(tx, found, stream)
        else:
            await video_store.set_stream(tx, known, stream)
            reader = await _taken_back(tx, known, found) if known.retired else known.id
        await effect(
            tx,
            "camera.plates_read",
            about,
            more={"reader": outside("reader", reader)},
            detail={"name": found.name, "place": found.place_text, "stream": stream},
        )
    return await look(door, book, actor, camera)


def _as_it_was(known: Reader | None, camera: Camera) -> VideoStream:
    """On which stream it was read before, where that is there still."""
    return "main" if known is None or camera.sub_address is None else known.stream


async def end(door: Door, book: HealthBook, actor: Actor, camera: UUID) -> CameraPlates:
    """Have the plates of this camera read no more; what was read stays for its retention. Raises NotFound, Conflict."""
    about = About("camera", camera)
    async with door.open(Ask(actor, Need.CAMERA_PLATES_SET, about=about)) as tx:
        found = await _there(tx, camera)
        known = await video_store.of_camera(tx, camera)
        if known is None or not await reader_store.retire(tx, known):
            raise Conflict("The plates of this camera are not read.", reason="not_read")
        await effect(
            tx, "camera.plates_unread", about, detail={"name": found.name, "place": found.place_text}
        )
    return await look(door, book, actor, camera)


async def _there(tx: Tx, camera: UUID) -> Camera:
    found = await camera_store.camera_of(tx, camera)
    if found is None:
        raise NotFound("There is no such camera.")
    return found


async def _shown(tx: Tx, book: HealthBook, camera: Camera) -> CameraPlates:
    known = await video_store.of_camera(tx, camera.id)
    shown = (await registry.shown(tx, book, [known]))[0] if known is not None and not known.retired else None
    return CameraPlates(shown, await _refused(tx, camera), camera.sub_address is not None)


async def _refused(tx: Tx, camera: Camera) -> Denied | None:
    """Why its plates may not be read now: of what it is, or since nothing in force allows it where it stands."""
    sentence = refusal_of(camera)
    if sentence is not None:
        return Denied("camera", sentence)
    technology = TechnologyKind.PLATE_READING_ON_VIDEO
    facts = Facts(await governance_store.authorisations(tx, [technology.value]), None, False, zone=tx.zone)
    # The same decision that each of its reads will meet.
    ask = ask_for(process_actor(tx.agency, "sense"), _reader_of(ReaderId(camera.id), "", camera))
    decision = decide(ask, facts, now=tx.now)
    if not isinstance(decision, Denied):
        return None
    return replace(
        decision,
        next_step=decision.next_step or "A clerk proposes the technology, and another person approves it.",
    )


async def _new(tx: Tx, camera: Camera, stream: VideoStream) -> ReaderId:
    """The camera as a reader, under a name of its own. Raises Conflict where all are taken."""
    for number in range(1, _MOST_NAMES + 1):
        name = f"{camera.name}, on video" + (f" {number}" if number > 1 else "")
        reader = replace(_reader_of(ReaderId(uuid7(tx.now)), name, camera), stream=stream)
        if await reader_store.insert_reader(tx, reader):
            return reader.id
    raise Conflict(
        f"There are {_MOST_NAMES} readers of that name.",
        reason="name",
        next_step="Give the camera another name.",
    )


async def _taken_back(tx: Tx, reader: Reader, camera: Camera) -> ReaderId:
    """The reader that the camera was before, where it stands now."""
    await video_store.take_back(tx, reader)
    await carried_store.move(tx, [Move(reader.id, camera.place_text, camera.place, camera.heading_deg)])
    return sure(await video_store.of_camera(tx, camera.id)).id


def _reader_of(id_: ReaderId, name: str, camera: Camera) -> Reader:
    return Reader(
        id_, name, TechnologyKind.PLATE_READING_ON_VIDEO, camera.place_text, camera.place, camera.heading_deg,
        retired=False, version=1, camera=camera.id,
    )  # fmt: skip
