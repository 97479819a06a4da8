"""Taking reads from a device: approved or not, readable or not, then into the intake buffer, and only then "yes".

It stores no read: what is in the buffer is matched and kept by the matcher.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from msgspec.structs import replace

from watchfloor.governance.decide import covers
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import Actor, Denied, Refused
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable
from watchfloor.kit.geo import Point
from watchfloor.kit.logs import logger
from watchfloor.plates import picture, wire
from watchfloor.plates.cut import LONGEST_AS_SENT_PX, Box, box_in, cut, is_small
from watchfloor.plates.ingest.adapters import Adapter
from watchfloor.plates.ingest.claim import Claim, Rejected
from watchfloor.plates.leave import ReaderBook, is_short, leave_for, shelf_of
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.storage.nats import Bus
from watchfloor.storage.objects import Objects

# Left, top, width and height, in pixels of a picture.
Sides = tuple[float, float, float, float]

_log = logger("plates.take")

_MOST_SAID: Final = 5
_TELL_EVERY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Intake:
    """What taking needs."""

    door: Door
    clock: Clock
    bus: Bus
    objects: Objects
    readers: ReaderBook
    # What could not be read and was not yet told with another message, by reader; and when that was told last.
    rejected: dict[ReaderId, int] = field(default_factory=dict)
    rejected_told: dict[ReaderId, datetime] = field(default_factory=dict)
    # When it was said last that a reader's picture is not kept.
    pictures_told: dict[ReaderId, datetime] = field(default_factory=dict)
    # Decoding takes a processor and up to 72 MB each; who sends more waits.
    cutting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch. `duplicates` are those seen at once; the matcher finds the rest and keeps none twice."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]


async def admit(intake: Intake, actor: Actor) -> tuple[Reader, Lease]:
    """The reader of a device's token and its leave to hand in reads now. Raises NotFound, Refused or Unavailable."""
    readers = await intake.readers.of(actor.agency)
    reader = readers.get(ReaderId(actor.id))
    if reader is None:
        reader = (await intake.readers.anew(actor.agency)).get(ReaderId(actor.id))
    if reader is None:
        raise NotFound("This token is not a plate reader's.", next_step="Issue a token for the reader.")
    answer = (await leave_for(intake.door, actor, [reader]))[reader.id]
    if isinstance(answer, Denied):
        raise Refused(answer)
    return reader, answer


async def take_reads(
    intake: Intake, actor: Actor, adapter: Adapter, body: bytes, headers: Mapping[str, str]
) -> Taken:
    """Take a batch; when this returns it is on disk in the intake buffer, or in memory where reads are stored for minutes or never.

    Raises Invalid when nothing of it can be read, Refused, Full, Unavailable.
    """
    reader, leave = await admit(intake, actor)
    parsed = adapter.parse(body, headers)
    found = (
        (parsed,)
        if isinstance(parsed, Rejected)
        else [_placed(at, item, reader, leave) for at, item in enumerate(parsed)]
    )
    claims = [item for item in found if isinstance(item, Claim)]
    rejected = tuple(item for item in found if isinstance(item, Rejected))
    now = intake.clock.now()
    if rejected and not claims:
        await _count_rejected(intake, actor, reader, len(rejected), now)
        raise Invalid(sentence_of(rejected), reason=rejected[0].field or rejected[0].reason)
    if any(claim.local_at is not None for claim in claims):
        zone = await intake.readers.zone_of(actor.agency)
        claims = [_dated(claim, zone, now=now) for claim in claims]
    single = list({(claim.source_key, claim.revision, claim.device_at): claim for claim in claims}.values())
    pictures = picture.folder_of(actor.agency, shelf_of(leave))
    kept = [
        claim if claim.crop is None else await _with_picture(intake, pictures, claim, claim.crop)
        for claim in single
    ]
    message, message_id = wire.message_of(
        actor.agency, reader.id, kept, now, rejected=len(rejected) + intake.rejected.pop(reader.id, 0)
    )
    short = is_short(leave)
    put = intake.bus.put if short else intake.bus.bundles.put  # what is never on a disk has none to wait for
    was_there = await put(wire.subject_of(reader.id, transient=short), message, message_id=message_id)
    new = 0 if was_there else len(kept)
    notes = tuple(note for claim in kept for note in claim.notes)
    _say_left_out(intake, reader, notes, now)
    return Taken(new, len(claims) - new, rejected, notes)


async def take_picture(
    intake: Intake, actor: Actor, name: str, content: bytes, *, plate: Sides | None = None
) -> tuple[str, int]:
    """Keep a picture that came under its own hash; where `plate` says where on it the plate is, what is about that and no more.

    Returns the SHA-256 and the bytes of what is kept. Raises Invalid when it is another one, none, or more than a cut-out; Refused, Full,
    Unavailable.
    """
    _, leave = await admit(intake, actor)
    if not picture.is_name(name):
        raise Invalid("A picture is named by its SHA-256 in lower-case hex.", reason="sha256")
    fault = picture.fault_of(content)
    if fault is not None:
        raise Invalid(f"{fault[:1].upper()}{fault[1:]}.", reason="picture")
    if picture.name_of(content) != name:
        raise Invalid(
            "The SHA-256 of what was sent is another one.",
            reason="sha256",
            next_step="Send the picture again.",
        )
    if plate is not None:
        content = await _about(intake, content, plate)
    elif not is_small(content):
        raise Invalid(
            f"A picture that shows more than the plate is not kept as it is: this has more than {LONGEST_AS_SENT_PX} pixels a side.",
            reason="picture",
            next_step="Cut it about the plate, or say where on it the plate is with plate=left,top,width,height in its pixels.",
        )
    kept = await intake.objects.put_content(picture.folder_of(actor.agency, shelf_of(leave)), content)
    return kept, len(content)


async def _about(intake: Intake, content: bytes, plate: Sides) -> bytes:
    box = box_in(content, *plate)
    if box is None:
        raise Invalid(
            "No plate can be at that place of this picture, which is told in its pixels.", reason="plate"
        )
    try:
        return await _cut(intake, content, box)
    except ValueError as error:
        raise Invalid(f"The picture is not kept: {error}.", reason="picture") from error


def _placed(at: int, item: Claim | Rejected, reader: Reader, leave: Lease) -> Claim | Rejected:
    """The read, where this reader may have taken it: a mobile one says where it was, no other's word for that is taken."""
    if isinstance(item, Rejected):
        return item
    if item.reader is None and item.position is None and not reader.mobile:
        return item
    at = at if item.row is None else item.row
    if item.reader is not None and item.reader != outside("reader", reader.id):
        return Rejected(
            "another_reader",
            "it names another reader than the one whose token was sent",
            index=at,
            field="reader",
        )
    if not reader.mobile:
        return replace(item, position=None)
    if item.position is None:
        return Rejected(
            "no_position",
            "this reader is registered as mobile, and the read says not where it was taken",
            index=at,
            field="position",
        )
    area = leave.authorisation.area if leave.authorisation else ()
    if not covers(area, Point(*item.position)):
        return Rejected(
            "place",
            "it was taken outside the area that this reader is authorised for",
            index=at,
            field="position",
        )
    return item


async def _count_rejected(intake: Intake, actor: Actor, reader: Reader, count: int, now: datetime) -> None:
    """Have it known that a reader sends what cannot be read: with its next message, or by itself twice a minute at most."""
    intake.rejected[reader.id] = intake.rejected.get(reader.id, 0) + count
    told = intake.rejected_told.get(reader.id)
    if told is not None and now - told < _TELL_EVERY:
        return
    intake.rejected_told[reader.id] = now
    message, message_id = wire.message_of(
        actor.agency, reader.id, (), now, rejected=intake.rejected.pop(reader.id)
    )
    with contextlib.suppress(Full, Unavailable):  # what it is told is what it sent; this is a count
        await intake.bus.put(wire.subject_of(reader.id), message, message_id=message_id)


def _say_left_out(intake: Intake, reader: Reader, notes: Sequence[str], now: datetime) -> None:
    """Have the operator know that a reader's pictures are not kept, twice a minute at most: else the device alone is told."""
    left = next((note for note in notes if note.startswith("picture left out")), None)
    told = intake.pictures_told.get(reader.id)
    if left is None or (told is not None and now - told < _TELL_EVERY):
        return
    intake.pictures_told[reader.id] = now
    _log.warning("a picture of a reader is not kept", reader=outside("reader", reader.id), why=left)


def _dated(claim: Claim, zone: tzinfo, *, now: datetime) -> Claim:
    """The claim with the time that its device's wall clock showed; of an hour that comes twice the one nearer to now."""
    if claim.local_at is None or claim.device_at is not None:
        return claim
    shown = claim.local_at.replace(tzinfo=zone)
    both = [shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return replace(claim, device_at=min(both, key=lambda at: abs(at - now)), local_at=None)


async def _with_picture(intake: Intake, folder: str, claim: Claim, crop: bytes) -> Claim:
    """The read with what of its picture may be kept; one that cannot be cut costs itself and not the read."""
    if claim.plate_box is not None or not is_small(crop):
        try:
            crop = await _cut(intake, crop, claim.plate_box)
        except ValueError as error:
            return replace(
                claim, crop=None, plate_box=None, notes=(*claim.notes, f"picture left out: {error}")
            )
    name = await intake.objects.put_content(folder, crop)
    return replace(claim, picture=name, crop=None, plate_box=None)


async def _cut(intake: Intake, content: bytes, plate: Box | None) -> bytes:
    async with intake.cutting:
        return await asyncio.to_thread(cut, content, plate)


def sentence_of(rejected: Sequence[Rejected]) -> str:
    """What was wrong, of the first few."""
    said = []
    for one in rejected[:_MOST_SAID]:
        where = ", ".join(
            part for part in (f"read {one.index}" if one.index is not None else "", one.field or "") if part
        )
        said.append(f"{where}: {one.detail}" if where else one.detail)
    more = len(rejected) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "") + "."
