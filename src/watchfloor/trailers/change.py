"""Trailers are registered, changed and retired, and told what is on them: a use case each. It places none; `place.py` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.cameras import carried_store as carried_cameras
from watchfloor.cameras.model import Camera
from watchfloor.cameras.store import cameras_of
from watchfloor.governance.audit import effect
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.people import issue_token
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.ids import uuid7
from watchfloor.plates import carried_store as carried_readers
from watchfloor.plates.model import ReaderId
from watchfloor.plates.reader_store import reader as reader_of
from watchfloor.storage.tx import Tx
from watchfloor.trailers import store
from watchfloor.trailers.aboard import follow, move_all, tell_of
from watchfloor.trailers.model import Ended, Trailer, TrailerId, offset_of
from watchfloor.trailers.parts import Trailers, tell

MOST_ABOARD: Final = 24


@dataclass(frozen=True, slots=True)
class Changes:
    """What somebody changes; None leaves it. Cameras and readers are all that are on it, each with its offset, None to keep it."""

    name: str | None = None
    cameras: Mapping[UUID, float | None] | None = None
    readers: Mapping[UUID, float | None] | None = None


async def register(trailers: Trailers, actor: Actor, name: str) -> TrailerId:
    """A new trailer, with nothing on it. Raises Invalid, or Conflict when the name is taken."""
    name = _name(name)
    async with trailers.door.open(Ask(actor, Need.TRAILERS_CHANGE, detail={"name": name})) as tx:
        trailer = TrailerId(uuid7(tx.now))
        if not await store.insert_trailer(tx, trailer, name):
            raise _taken(name)
        await effect(tx, "trailer.registered", About("trailer", trailer), detail={"name": name})
        tell(trailers, tx, trailer)
        return trailer


async def change(
    trailers: Trailers, actor: Actor, trailer: UUID, changes: Changes, *, version: int | None
) -> None:
    """Give it another name, or say what is on it. Raises NotFound, Invalid, Stale or Conflict."""
    async with trailers.door.open(Ask(actor, Need.TRAILERS_CHANGE, about=About("trailer", trailer))) as tx:
        found = await held(tx, trailer)
        if version is not None and version != found.version:
            raise Stale("The trailer was changed since you read it.", next_step="Read it again.")
        name = found.name if changes.name is None else _name(changes.name)
        if not await store.rename(tx, trailer, name):
            raise _taken(name)
        if changes.cameras is not None:
            await _put_cameras(trailers, tx, found, changes.cameras)
        if changes.readers is not None:
            await _put_readers(tx, found, changes.readers)
        placement = found.placement
        anew = changes.cameras is not None or changes.readers is not None
        if anew and placement is not None:
            await move_all(
                tx, trailers.news, found, placement.place_text, placement.place, placement.heading_deg
            )
        elif anew and found.told.place is not None:
            await follow(tx, trailers.news, found, found.told.place)
        await effect(
            tx,
            "trailer.changed",
            About("trailer", trailer),
            detail={"name": name},
            more={
                "cameras": None if changes.cameras is None else [str(one) for one in changes.cameras],
                "readers": None if changes.readers is None else [str(one) for one in changes.readers],
            },
        )
        tell(trailers, tx, trailer)


async def retire(trailers: Trailers, actor: Actor, trailer: UUID) -> None:
    """Take it out of service: what was on it stays where it stands, and where it stood stays known. Raises NotFound."""
    async with trailers.door.open(Ask(actor, Need.TRAILERS_CHANGE, about=About("trailer", trailer))) as tx:
        await held(tx, trailer)
        await store.end_placement(tx, trailer, Ended.RETIRED, by=actor.id)
        await carried_cameras.put_down(tx, trailer)
        await carried_readers.put_down(tx, trailer)
        await store.forget_lights(tx, trailer)
        await store.retire(tx, trailer)
        await effect(tx, "trailer.retired", About("trailer", trailer))
        tell(trailers, tx, trailer)


async def token(trailers: Trailers, actor: Actor, trailer: UUID) -> str:
    """A new token for the trailer's own device, shown once; the earlier one ends. Raises NotFound."""
    async with trailers.door.open(Ask(actor, Need.DEVICES_CHANGE, about=About("trailer", trailer))) as tx:
        if await store.trailer_of(tx, trailer) is None:
            raise _none()
        return await issue_token(tx, device=trailer, kind="trailer")


async def held(tx: Tx, trailer: UUID) -> Trailer:
    """The trailer, and nobody else changes it meanwhile. Raises NotFound."""
    await store.lock(tx, trailer)
    found = await store.trailer_of(tx, trailer)
    if found is None:
        raise _none()
    return found


async def _put_cameras(
    trailers: Trailers, tx: Tx, trailer: Trailer, wanted: Mapping[UUID, float | None]
) -> None:
    """These cameras and no others are on it. One that is new looks at first where it looked before."""
    before = await carried_cameras.offsets_of(tx, trailer.id)
    found: dict[UUID, Camera] = {camera.id: camera for camera in await cameras_of(tx, list(wanted))}
    for camera, offset in _checked(wanted, "cameras").items():
        there = found.get(camera)
        if there is None:
            raise Invalid("There is no such camera.", reason="cameras")
        offset = offset if offset is not None else _offset(trailer, camera, there.heading_deg, before)
        _of_a_trailer(there)
        if not await carried_cameras.carry(tx, camera, "trailer", trailer.id, offset):
            raise Conflict(f"{there.name} is on another trailer.", reason="carried")
    gone = [camera for camera in before if camera not in wanted]
    await carried_cameras.put_down(tx, trailer.id, gone)
    for camera in gone:
        tell_of(tx, trailers.news, tx.agency, camera)


def _of_a_trailer(camera: Camera) -> None:
    if camera.technology is not TechnologyKind.MOBILE_TRAILER:
        raise Invalid(
            f"{camera.name} is registered as one of {camera.technology.words}.",
            reason="cameras",
            next_step="Change its kind to trailer first: that is what it is then authorised as.",
        )


async def _put_readers(tx: Tx, trailer: Trailer, wanted: Mapping[UUID, float | None]) -> None:
    """These plate readers and no others are on it."""
    before = await carried_readers.on_trailer(tx, trailer.id)
    for reader, offset in _checked(wanted, "readers").items():
        there = await reader_of(tx, ReaderId(reader))
        if there is None or there.retired:
            raise Invalid("There is no such plate reader in service.", reason="readers")
        offset = offset if offset is not None else _offset(trailer, reader, there.heading_deg, before)
        if not await carried_readers.carry(tx, reader, trailer.id, offset):
            raise Conflict(f"{there.name} is on another trailer.", reason="carried")
    await carried_readers.put_down(tx, trailer.id, [one for one in before if one not in wanted])


def _offset(
    trailer: Trailer, thing: UUID, heading_deg: float | None, before: Mapping[UUID, float | None]
) -> float | None:
    """The offset it had; of what comes new the one by which it goes on looking where it looks."""
    if thing in before:
        return before[thing]
    return offset_of(heading_deg, trailer.placement.heading_deg if trailer.placement is not None else None)


def _checked(wanted: Mapping[UUID, float | None], name: str) -> Mapping[UUID, float | None]:
    if len(wanted) > MOST_ABOARD:
        raise Invalid(f"At most {MOST_ABOARD} are on a trailer.", reason=name)
    if any(offset is not None and not 0 <= offset < 360 for offset in wanted.values()):
        raise Invalid(
            "An offset is 0 to under 360 degrees, clockwise from where the trailer looks.", reason=name
        )
    return wanted


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise Invalid("A trailer has a name of 1 to 80 characters.", reason="name")
    return name


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a trailer {name!r} already.", reason="name_taken")


def _none() -> NotFound:
    return NotFound("There is no such trailer.")
