"""What the routes of plates answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    AuthorisationId,
    HotListEntryId,
    HotListId,
    ImportId,
    Place,
    PurposeWord,
    ReaderId,
    ReadId,
    StatusLevel,
    words,
)
from watchfloor.governance.words import TechnologyKind
from watchfloor.plates.model import ListKind


class ReaderStatus(TypedDict):
    """How a reader is: `word` is one or two words, `reason` a sentence, `since` where that is known."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime | None
    last_read_at: datetime | None


class Reader(TypedDict):
    """A plate reader and how it is."""

    id: ReaderId
    name: str
    technology: TechnologyKind
    place: Place
    heading_deg: Annotated[float | None, Field(description="Where it looks, clockwise from north.")]
    state: ReaderStatus
    reads: int
    clock_off_ms: int | None
    authorisation: AuthorisationId | None
    authorised_until: datetime | None
    version: int


class HotList(TypedDict):
    """Plates somebody is allowed to look for; `entries` counts those in force."""

    id: HotListId
    name: str
    source: ListKind
    purpose: PurposeWord
    default_days: int
    most_days: int
    entries: int
    expiring: Annotated[
        int | None,
        Field(
            description="Entries by hand that end within 7 days; null of a list from files, which each file replaces."
        ),
    ]
    imported_at: Annotated[
        datetime | None, Field(description="When its last file, or entry, came into force.")
    ]
    version: int


class WantedEntry(TypedDict):
    """One wanted plate; `state` is the plate's issuing state, `source` the name of its list."""

    id: HotListEntryId
    plate: str
    state: str | None
    reason: str
    vehicle: str | None
    entered_at: datetime
    expires_at: datetime
    source: str
    version: int


class HotListEntry(WantedEntry):
    """One wanted plate as its list has it."""

    reference: str | None
    ended: Annotated[
        str | None, Field(description="Why it alerts no more: the case that it was approved for is over.")
    ]


class BadRow(TypedDict):
    """A row that was not understood: its line, its field where one is to blame, what stands there, and why not."""

    line: int
    field: str | None
    text: str
    reason: str


class ImportPreview(TypedDict):
    """A file beside what is in force: rows of each sort, and the first hundred bad ones."""

    id: ImportId
    hot_list: HotListId
    state: Annotated[str, words("waiting", "applied", "expired")]
    encoding: str
    rows: int
    good: int
    bad: int
    new: int
    changed: int
    gone: int
    bad_rows: list[BadRow]
    expires_at: datetime


class ReaderNamed(TypedDict):
    """A reader inside another thing."""

    id: ReaderId
    name: str


class SeenVehicle(TypedDict):
    """What a reader said of the vehicle."""

    colour: str | None
    make: str | None
    model: str | None
    body: str | None


class KeptRead(TypedDict):
    """A read as it was kept."""

    id: ReadId
    plate: str
    state: str | None
    confidence: Annotated[float | None, Field(description="The reader's own, 0 to 1.")]
    at: datetime
    device_at: datetime | None
    received_at: datetime
    clock_suspect: bool
    reader: ReaderNamed
    place: Place
    heading_deg: float | None
    lane: str | None
    vehicle: SeenVehicle
    picture: Annotated[
        str | None, Field(description="The path of its picture, which is asked for with the same purpose.")
    ]


class FoundRead(KeptRead):
    """A read that a search found; `strict` is false where characters that look alike had to count as one."""

    strict: bool


class ReadHit(TypedDict):
    """A hot-list entry that a read answered to, as the entry was then; `state` is the plate's issuing state."""

    answer: Literal["match", "candidate"]
    strict: bool
    reason: str
    plate: str
    state: str | None
    wanted_for: str
    vehicle: str | None
    expires_at: datetime


class ReadDetail(KeptRead):
    """One read with the entries it answered to."""

    hits: list[ReadHit]


class RejectedRead(TypedDict):
    """A read that was not taken: its number in the batch (null: all of it), the field to blame, and why."""

    index: int | None
    field: str | None
    reason: str
    detail: str


class TakenReads(TypedDict):
    """What came of a batch of reads."""

    accepted: int
    duplicates: int
    rejected: list[RejectedRead]
    notes: list[str]


class VendorTaken(TakenReads):
    """The same for a vendor's reader. Some send again until they are told `Result`."""

    Result: bool


ReaderForm = Literal["axis", "dahua", "genetec", "hikvision", "milesight", "platerecognizer"]


class TakenPicture(TypedDict):
    """A picture that is kept, by its sha256 in hexadecimal."""

    picture: str
    bytes: int
