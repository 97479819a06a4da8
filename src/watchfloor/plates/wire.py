"""How reads lie in the intake buffer between the route that took them and the matcher. msgspec; it decides nothing.

Additive changes only: messages of the version before lie there when a new one starts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from watchfloor.governance.model import AgencyId
from watchfloor.kit.geo import Point
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.model import (
    NO_VEHICLE,
    Alternative,
    Character,
    Plate,
    PlateRead,
    ReaderId,
    Vehicle,
    moment,
)
from watchfloor.storage.streams import TRANSIENT_SUBJECTS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)
SUBJECT: Final = "intake.plates"
# Of reads that are never stored: nothing on these subjects touches a disk.
TRANSIENT: Final = f"{TRANSIENT_SUBJECTS}.plates"


class MoreForm(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What few reads have besides plate, state, confidence and time."""

    picture: str | None = None
    lane: str | None = None
    heading_deg: float | None = None
    vehicle: tuple[str | None, str | None, str | None, str | None] | None = None
    alternatives: tuple[tuple[str, float | None], ...] = ()
    characters: tuple[tuple[float | None, tuple[tuple[str, float | None], ...]], ...] = ()
    position: tuple[float, float] | None = None
    revision: str | None = None


class ReadForm(MoreForm, frozen=True, omit_defaults=True, kw_only=True):
    """One read as claimed, in a message of the version before."""

    key: str
    plate: str
    state: str | None = None
    confidence: float | None = None
    device_at: datetime | None = None


class BatchForm(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=1):
    """What one request brought, as the version before wrote it: read by read."""

    agency: UUID
    device: UUID
    received_at: datetime
    reads: tuple[ReadForm, ...] = ()
    rejected: int = 0


class ColumnsForm(msgspec.Struct, frozen=True, kw_only=True, tag_field="v", tag=2):
    """What one request brought, a column each and all of one length. Without reads it says that the reader was heard; `rejected`
    counts what could not be read of it, and of those before that brought nothing else.

    `at_us`: when the device says that it was, in microseconds since 1970. `more` is by the place in the columns.
    """

    agency: UUID
    device: UUID
    received_at: datetime
    rejected: int = 0
    keys: list[str] = []
    plates: list[str] = []
    states: list[str | None] = []
    confidences: list[float | None] = []
    at_us: list[int | None] = []
    more: dict[int, MoreForm] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def __post_init__(self) -> None:
        columns = (self.plates, self.states, self.confidences, self.at_us)
        if any(len(column) != len(self.keys) for column in columns):
            raise ValueError("the columns are not of one length")


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(BatchForm | ColumnsForm)
_NOTHING_MORE: Final = MoreForm()


def subject_of(device: UUID, *, transient: bool = False) -> str:
    """The subject of a reader's messages."""
    return f"{TRANSIENT if transient else SUBJECT}.{device}"


def message_of(
    agency: AgencyId, device: ReaderId, claims: Sequence[Claim], received_at: datetime, *, rejected: int = 0
) -> tuple[bytes, str]:
    """The message, and the id by which the buffer knows it when it is sent again."""
    batch = ColumnsForm(
        agency=agency,
        device=device,
        received_at=received_at,
        rejected=rejected,
        keys=[claim.source_key for claim in claims],
        plates=[claim.plate.text for claim in claims],
        states=[claim.state for claim in claims],
        confidences=[claim.confidence for claim in claims],
        at_us=[None if claim.device_at is None else us_of(claim.device_at) for claim in claims],
        more={at: more for at, claim in enumerate(claims) if (more := _more(claim)) is not _NOTHING_MORE},
    )
    revisions = [one.revision for one in batch.more.values()]
    known_by = [batch.keys, batch.at_us, revisions] if batch.keys else str(received_at)
    digest = hashlib.sha256(_ENCODER.encode([device, known_by]))
    return _ENCODER.encode(batch), digest.hexdigest()


def batch_of(message: bytes) -> ColumnsForm:
    """The batch in a message, of this version or the one before. Raises msgspec.MsgspecError when it is none."""
    batch = _DECODER.decode(message)
    return batch if isinstance(batch, ColumnsForm) else _columns(batch)


def alone(batch: ColumnsForm, row: int) -> tuple[bytes, str]:
    """A message with one read of the batch, and its id."""
    one = slice(row, row + 1)
    message = _ENCODER.encode(
        msgspec.structs.replace(
            batch,
            rejected=batch.rejected if row == 0 else 0,
            keys=batch.keys[one],
            plates=batch.plates[one],
            states=batch.states[one],
            confidences=batch.confidences[one],
            at_us=batch.at_us[one],
            more={0: batch.more[row]} if row in batch.more else {},
        )
    )
    return message, f"alone {hashlib.sha256(message).hexdigest()}"


def read_of(batch: ColumnsForm, row: int, *, keep_for: timedelta) -> PlateRead:
    """A read of the batch, with the time we go by. Raises BadPlate for what is no plate."""
    at_us, more = batch.at_us[row], batch.more.get(row, _NOTHING_MORE)
    device_at = None if at_us is None else at_of(at_us)
    when = moment(device_at=device_at, received_at=batch.received_at, keep_for=keep_for)
    return PlateRead(
        device=ReaderId(batch.device),
        source_key=batch.keys[row],
        plate=Plate(batch.plates[row]),
        state=batch.states[row],
        confidence=batch.confidences[row],
        device_at=device_at,
        received_at=batch.received_at,
        at=when.at,
        clock_suspect=when.clock_suspect,
        picture=more.picture,
        lane=more.lane,
        heading_deg=more.heading_deg,
        vehicle=Vehicle(*more.vehicle) if more.vehicle else NO_VEHICLE,
        alternatives=tuple(Alternative(Plate(plate), sure) for plate, sure in more.alternatives),
        characters=tuple(Character(sure, others) for sure, others in more.characters),
        position=Point(*more.position) if more.position else None,
        revision=more.revision,
    )


def us_of(at: datetime) -> int:
    """A time in microseconds since 1970."""
    return (at - _EPOCH) // _US


def at_of(us: int) -> datetime:
    """The time that so many microseconds since 1970 are. Raises ValueError for a year that we do not count."""
    try:
        return _EPOCH + timedelta(microseconds=us)
    except OverflowError as error:
        raise ValueError("a time of no year that we count") from error


def _more(claim: Claim) -> MoreForm:
    """What the claim says besides; the one form of nothing where that is it."""
    if (
        claim.picture is None
        and claim.lane is None
        and claim.heading_deg is None
        and (claim.vehicle is NO_VEHICLE or claim.vehicle == NO_VEHICLE)
        and not claim.alternatives
        and not claim.characters
        and claim.position is None
        and claim.revision is None
    ):
        return _NOTHING_MORE
    vehicle = (claim.vehicle.colour, claim.vehicle.make, claim.vehicle.model, claim.vehicle.body)
    return MoreForm(
        picture=claim.picture,
        lane=claim.lane,
        heading_deg=claim.heading_deg,
        vehicle=vehicle if any(vehicle) else None,
        alternatives=tuple((other.plate.text, other.confidence) for other in claim.alternatives),
        characters=tuple((one.confidence, one.others) for one in claim.characters),
        position=claim.position,
        revision=claim.revision,
    )


def _columns(batch: BatchForm) -> ColumnsForm:
    """A message of the version before, as one of this."""
    reads = batch.reads
    return ColumnsForm(
        agency=batch.agency,
        device=batch.device,
        received_at=batch.received_at,
        rejected=batch.rejected,
        keys=[read.key for read in reads],
        plates=[read.plate for read in reads],
        states=[read.state for read in reads],
        confidences=[read.confidence for read in reads],
        at_us=[None if read.device_at is None else us_of(read.device_at) for read in reads],
        more={at: read for at, read in enumerate(reads) if _says_more(read)},
    )


def _says_more(read: ReadForm) -> bool:
    return any(getattr(read, name) not in (None, ()) for name in MoreForm.__struct_fields__)
