"""Plate readers: registered, given a token, shown with what keeps them from working, taken out of service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from watchfloor.governance import store as governance_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.decide import Facts, decide
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Allowed, Ask, AuthorisationId, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.identity.people import issue_token as new_token
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.plates import reader_store, video_store
from watchfloor.plates.health import Health, Hour, Usual
from watchfloor.plates.health_book import HealthBook
from watchfloor.plates.leave import ask_for
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.reader_store import ReaderState
from watchfloor.plates.show import Shown, state_of
from watchfloor.plates.video import Video
from watchfloor.storage.tx import Tx

_TECHNOLOGIES = (TechnologyKind.PLATE_READER, TechnologyKind.PLATE_READING_ON_VIDEO)


@dataclass(frozen=True, slots=True)
class NewReader:
    """A reader to register."""

    name: str
    technology: TechnologyKind
    place: str
    point: Point
    heading_deg: float | None
    site: str | None = None
    mobile: bool = False


@dataclass(frozen=True, slots=True)
class ShownReader:
    """A reader as people see it."""

    reader: Reader
    shown: Shown
    last_read_at: datetime | None
    reads: int
    clock_off_ms: int | None
    authorisation: AuthorisationId | None
    authorised_until: datetime | None
    health: Health
    video: Video | None = None


async def look(
    door: Door, book: HealthBook, actor: Actor, reader_id: ReaderId
) -> tuple[ShownReader, Sequence[Hour], Usual, tzinfo]:
    """One reader with its hours of the last week, what is usual for it, and by whose clock. Raises NotFound."""
    async with door.open(Ask(actor, Need.READERS_VIEW, about=About("reader", reader_id))) as tx:
        found = await reader_store.reader(tx, reader_id)
        if found is None:
            raise NotFound("There is no such reader.")
        (one,) = await shown(tx, book, [found])
        return one, *await book.week(tx, reader_id), tx.zone


async def every(door: Door, book: HealthBook, actor: Actor, extent: Extent) -> Cut[ShownReader]:
    """A part of all readers of the agency, by name."""
    async with door.open(Ask(actor, Need.READERS_VIEW)) as tx:
        found = await reader_store.readers(tx, extent)
        return Cut(await shown(tx, book, found.items), found.following)


async def register(door: Door, book: HealthBook, actor: Actor, new: NewReader) -> ShownReader:
    """Register a reader. Raises Invalid or Conflict."""
    if new.technology not in _TECHNOLOGIES:
        raise Invalid("A plate reader is a plate_reader or plate_reading_on_video.", reason="technology")
    async with door.open(Ask(actor, Need.READERS_CHANGE, place=new.point, detail={"name": new.name})) as tx:
        reader_id = ReaderId(uuid7(tx.now))
        reader = Reader(
            reader_id,
            new.name,
            new.technology,
            new.place,
            new.point,
            new.heading_deg,
            False,
            1,
            new.site,
            new.mobile,
        )
        if not await reader_store.insert_reader(tx, reader):
            raise Conflict("There is a reader of that name.", reason="name")
        await effect(
            tx, "reader.registered", About("reader", reader_id), detail={"name": new.name, "place": new.place}
        )
    return await _one(door, book, actor, reader_id)


async def issue_token(door: Door, actor: Actor, reader_id: ReaderId) -> str:
    """A new secret for the reader's device; the one before ends. Raises NotFound or Conflict."""
    async with door.open(Ask(actor, Need.DEVICES_CHANGE, about=About("reader", reader_id))) as tx:
        reader = await reader_store.reader(tx, reader_id)
        if reader is None:
            raise NotFound("There is no such reader.")
        if reader.retired:
            raise Conflict("The reader was taken out of service.", reason="retired")
        if reader.camera is not None:
            raise Conflict(
                "Its plates are read here, on the camera's video: no device hands them in.", reason="camera"
            )
        token = await new_token(tx, device=reader_id, kind="reader")
        await effect(tx, "reader.token_issued", About("reader", reader_id))
        return token


async def retire(door: Door, book: HealthBook, actor: Actor, reader_id: ReaderId) -> ShownReader:
    """Take a reader out of service. Raises NotFound or Conflict."""
    async with door.open(Ask(actor, Need.READERS_CHANGE, about=About("reader", reader_id))) as tx:
        reader = await reader_store.reader(tx, reader_id)
        if reader is None:
            raise NotFound("There is no such reader.")
        if not await reader_store.retire(tx, reader):
            raise Conflict("The reader was taken out of service before.", reason="retired")
        await effect(tx, "reader.retired", About("reader", reader_id))
    return await _one(door, book, actor, reader_id)


async def _one(door: Door, book: HealthBook, actor: Actor, reader_id: ReaderId) -> ShownReader:
    async with door.open(Ask(actor, Need.READERS_VIEW)) as tx:
        (one,) = await shown(tx, book, [sure(await reader_store.reader(tx, reader_id))])
        return one


async def shown(tx: Tx, book: HealthBook, readers: list[Reader]) -> list[ShownReader]:
    """These readers as people see them."""
    states, videos = await reader_store.states(tx), await video_store.videos(tx)
    last = {reader.id: state.last_read_at if (state := states.get(reader.id)) else None for reader in readers}
    health = await book.look(tx, last)
    found = await governance_store.authorisations(tx, [technology.value for technology in _TECHNOLOGIES])
    facts = Facts(found, None, False, zone=tx.zone)
    return [
        _with_state(tx, reader, states.get(reader.id), facts, health[reader.id], videos.get(reader.id))
        for reader in readers
    ]


def _nearest(leave: Allowed | Denied) -> AuthorisationId | None:
    return leave.nearest if isinstance(leave, Denied) else None


def _with_state(
    tx: Tx,
    reader: Reader,
    state: ReaderState | None,
    facts: Facts,
    health: Health,
    video: Video | None,
) -> ShownReader:
    # The same decision that its reads will meet, asked as the matcher asks it.
    leave = decide(ask_for(process_actor(tx.agency, "sense"), reader), facts, now=tx.now)
    authorisation = leave.authorisation if isinstance(leave, Allowed) else None
    return ShownReader(
        reader=reader,
        shown=state_of(reader, state, leave, now=tx.now, health=health, video=video),
        health=health,
        video=video or Video(None) if reader.camera is not None else None,
        last_read_at=state.last_read_at if state else None,
        reads=state.reads if state else 0,
        clock_off_ms=state.clock_off_ms if state else None,
        authorisation=authorisation.id if authorisation else _nearest(leave),
        authorised_until=authorisation.expires_at if authorisation else None,
    )
