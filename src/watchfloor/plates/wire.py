"""How reads lie in the intake buffer between the route that took them and the matcher. msgspec; it decides nothing.

Additive changes only: messages of the version before lie there when a new one starts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from watchfloor.governance.model import AgencyId
from watchfloor.kit.geo import Point
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.model import Alternative, Character, Plate, PlateRead, ReaderId, Vehicle, moment
from watchfloor.storage.streams import TRANSIENT_SUBJECTS

SUBJECT: Final = "intake.plates"
# Of reads that are never stored: nothing on these subjects touches a disk.
TRANSIENT: Final = f"{TRANSIENT_SUBJECTS}.plates"


class ReadForm(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One read as claimed."""

    key: str
    plate: str
    state: str | None = None
    confidence: float | None = None
    device_at: datetime | None = None
    picture: str | None = None
    lane: str | None = None
    heading_deg: float | None = None
    vehicle: tuple[str | None, str | None, str | None, str | None] | None = None
    alternatives: tuple[tuple[str, float | None], ...] = ()
    characters: tuple[tuple[float | None, tuple[tuple[str, float | None], ...]], ...] = ()
    position: tuple[float, float] | None = None
    revision: str | None = None


class BatchForm(msgspec.Struct, frozen=True, kw_only=True):
    """What one request brought. Without reads it says that the reader was heard; `rejected` counts what could not be read of it,
    and of those before that brought nothing else.
    """

    v: Literal[1] = 1
    agency: UUID
    device: UUID
    received_at: datetime
    reads: tuple[ReadForm, ...] = ()
    rejected: int = 0


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(BatchForm)


def subject_of(device: UUID, *, transient: bool = False) -> str:
    """The subject of a reader's messages."""
    return f"{TRANSIENT if transient else SUBJECT}.{device}"


def message_of(
    agency: AgencyId, device: ReaderId, claims: Sequence[Claim], received_at: datetime, *, rejected: int = 0
) -> tuple[bytes, str]:
    """The message, and the id by which the buffer knows it when it is sent again."""
    forms = tuple(_form(claim) for claim in claims)
    batch = BatchForm(agency=agency, device=device, received_at=received_at, reads=forms, rejected=rejected)
    keys = "\n".join(sorted(f"{form.key} {form.revision} {form.device_at}" for form in forms)) or str(
        received_at
    )
    return _ENCODER.encode(batch), hashlib.sha256(f"{device}\n{keys}".encode()).hexdigest()


def batch_of(message: bytes) -> BatchForm:
    """The batch in a message. Raises msgspec.MsgspecError when it is none."""
    return _DECODER.decode(message)


def alone(batch: BatchForm, read: ReadForm) -> tuple[bytes, str]:
    """A message with one read of the batch, and its id."""
    message = _ENCODER.encode(msgspec.structs.replace(batch, reads=(read,)))
    return message, f"alone {hashlib.sha256(message).hexdigest()}"


def read_of(form: ReadForm, batch: BatchForm, *, keep_for: timedelta) -> PlateRead:
    """The read, with the time we go by. Raises BadPlate for what is no plate."""
    when = moment(device_at=form.device_at, received_at=batch.received_at, keep_for=keep_for)
    return PlateRead(
        device=ReaderId(batch.device),
        source_key=form.key,
        plate=Plate(form.plate),
        state=form.state,
        confidence=form.confidence,
        device_at=form.device_at,
        received_at=batch.received_at,
        at=when.at,
        clock_suspect=when.clock_suspect,
        picture=form.picture,
        lane=form.lane,
        heading_deg=form.heading_deg,
        vehicle=Vehicle(*form.vehicle) if form.vehicle else Vehicle(),
        alternatives=tuple(Alternative(Plate(plate), sure) for plate, sure in form.alternatives),
        characters=tuple(Character(sure, others) for sure, others in form.characters),
        position=Point(*form.position) if form.position else None,
        revision=form.revision,
    )


def _form(claim: Claim) -> ReadForm:
    vehicle = (claim.vehicle.colour, claim.vehicle.make, claim.vehicle.model, claim.vehicle.body)
    return ReadForm(
        key=claim.source_key,
        plate=claim.plate.text,
        state=claim.state,
        confidence=claim.confidence,
        device_at=claim.device_at,
        picture=claim.picture,
        lane=claim.lane,
        heading_deg=claim.heading_deg,
        vehicle=vehicle if any(vehicle) else None,
        alternatives=tuple((other.plate.text, other.confidence) for other in claim.alternatives),
        characters=tuple((one.confidence, one.others) for one in claim.characters),
        position=claim.position,
        revision=claim.revision,
    )
