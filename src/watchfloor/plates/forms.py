"""What the routes of plates answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    EntryId,
    HotListEntryId,
    HotListFileKindId,
    HotListId,
    ImportId,
    Place,
    PurposeWord,
    ReaderId,
    ReadId,
    words,
)
from watchfloor.plates.handling import Handling
from watchfloor.plates.model import Grade, Kind, ListKind, Priority


class ListFailure(TypedDict):
    """Why the last file of a list was not taken; what was in force stays."""

    at: datetime
    why: str


class ListReading(TypedDict):
    """How far a file is that is being read for a list."""

    rows: int
    since: datetime


class HotList(TypedDict):
    """Plates somebody is allowed to look for; `entries` counts those in force, `withdrawn` those of them that answer no more."""

    id: HotListId
    name: str
    source: ListKind
    purpose: PurposeWord
    default_days: int
    most_days: int
    owner: Annotated[str, Field(description="Who answers for what is on it.")]
    priority: Priority
    refresh_hours: Annotated[int | None, Field(description="How often its source is to be heard.")]
    file_kind: Annotated[str | None, Field(description="Of national records: the kind of its files.")]
    entries: int
    withdrawn: int
    expiring: Annotated[
        int | None,
        Field(
            description="Entries by hand that end within 7 days; null of a list from files, which each file replaces."
        ),
    ]
    imported_at: Annotated[
        datetime | None, Field(description="When its last file, or entry, came into force.")
    ]
    due_at: Annotated[datetime | None, Field(description="When its source is to be heard again.")]
    stale: Annotated[bool, Field(description="Whether that time is over.")]
    failure: ListFailure | None
    reading: ListReading | None
    version: int


class HandlingNote(TypedDict):
    """What whoever meets the vehicle must know first."""

    word: Handling
    text: str


class WantedEntry(TypedDict):
    """One wanted plate; `state` is the plate's issuing state, `source` the name of its list, `agency` who entered it."""

    id: HotListEntryId
    handling: list[HandlingNote]
    plate: str
    state: str | None
    reason: str
    vehicle: str | None
    agency: str | None
    stale: Annotated[str | None, Field(description="That its list was not renewed in time, in a sentence.")]
    entered_at: datetime
    expires_at: datetime
    source: str
    version: int


class HotListEntry(WantedEntry):
    """One wanted plate as its list has it."""

    reference: str | None
    ratify_by: Annotated[
        datetime | None,
        Field(description="Of an entry of one person: until when a second ratifies it, or it dies."),
    ]
    ended: Annotated[
        str | None,
        Field(
            description="Why it alerts no more: withdrawn, its case is over, or its kind of file is allowed no longer."
        ),
    ]


class FileKindApproval(TypedDict):
    """What allows files of one kind of national records to be taken and matched."""

    id: HotListFileKindId
    kind: str
    title: str
    body: str
    instrument: str
    effective_at: datetime
    expires_at: datetime
    in_force: bool


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
    doubled: Annotated[int, Field(description="Rows that say again what a row before them said.")]
    new: int
    changed: int
    gone: int
    shrunk: Annotated[
        bool, Field(description="That more than half of the list would go: it asks to be meant.")
    ]
    withdrawn: Annotated[int, Field(description="Entries of it that were withdrawn here, and stay so.")]
    bad_rows: list[BadRow]
    imported_at: datetime | None
    applied_at: datetime | None
    expires_at: datetime


class Fed(TypedDict):
    """What became of what a machine sent: entries kept or withdrawn, how many of them new, how many the list has now."""

    done: int
    new: int
    entries: int
    bad_rows: list[BadRow]


class CapTaken(TypedDict):
    """What became of a CAP alert; `said` is a sentence. `waiting` are plates found in prose, which a person confirms."""

    taken: bool
    said: str
    entries: int
    waiting: int
    withdrawn: int


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


class OtherReading(TypedDict):
    """What a plate may have been instead, in the reader's words; `confidence` is its own, 0 to 1."""

    plate: str
    confidence: float | None


class ReadTold(TypedDict):
    """What a read says: of which car, when, where and by which reader."""

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


class KeptRead(ReadTold):
    """A read as it was kept."""

    id: ReadId
    picture: Annotated[
        str | None, Field(description="The path of its picture, which is asked for with the same purpose.")
    ]


class FoundRead(KeptRead):
    """A read that a search found; `strict` is false where characters that look alike had to count as one."""

    strict: bool


class SearchPoint(TypedDict):
    """A point of a place that is searched."""

    lat: float
    lon: float


class SearchWhere(TypedDict):
    """A place that is searched: within an area, near a line (a route), or near a point."""

    kind: Annotated[str, words("area", "route", "near")]
    points: list[SearchPoint]
    within_m: Annotated[float, Field(description="How far from the line or the point; 0 of an area.")]


class SoughtReads(TypedDict):
    """What a search looked for."""

    plate: str | None
    match: Annotated[str, words("exact", "alike", "fuzzy")]
    since: datetime
    until: datetime
    where: SearchWhere | None
    readers: list[ReaderId]
    colour: str | None
    make: str | None


class ReadsOfReader(TypedDict):
    """How many reads of a search were at one place of a reader."""

    reader: ReaderId
    place: Place
    reads: int


class ReadsOfHour(TypedDict):
    """How many reads of a search were in the hour that begins then."""

    at: datetime
    reads: int


class ReadTally(TypedDict):
    """How many reads a search found in all, at most 5,000: by reader, the most first, and by hour."""

    reads: int
    by_reader: list[ReadsOfReader]
    by_hour: list[ReadsOfHour]


class PlateSearch(TypedDict):
    """What a search found, newest first. `id` opens it again, for a purpose of one's own."""

    id: EntryId
    sought: SoughtReads
    items: list[FoundRead]
    next: str | None
    tally: Annotated[ReadTally | None, Field(description="With the first page only.")]
    complete: Annotated[
        bool,
        Field(description="False: not all of the time was looked through, or more than 5,000 were found."),
    ]
    looked_back_to: datetime


class HitOdds(TypedDict):
    """What a hit is, in parts of one: the entry's own car, another plate misread, the same plate of another state."""

    probability: float
    misread: float
    wrong_state: float
    near: Annotated[int, Field(description="Entries of the lists one character from what was read.")]
    pooled: Annotated[
        bool, Field(description="By the record of all readers: this one has fewer than 200 verdicts.")
    ]
    verdicts: Annotated[int, Field(description="On this reader, in 90 days.")]


class ReadHit(TypedDict):
    """A hot-list entry that a read answered to, as the entry was then; `state` is the plate's issuing state.

    Of alarm grade it raised an alert; a possible one is listed and alarmed nobody. `odds` is null of what is older than them.
    """

    answer: Literal["match", "candidate"]
    kind: Kind
    grade: Grade
    odds: HitOdds | None
    strict: bool
    reason: str
    plate: str
    state: str | None
    wanted_for: str
    vehicle: str | None
    expires_at: datetime


class ReadTelling(TypedDict):
    """What was told of a car that was told more than once: again by its reader, or by another lane of its site."""

    at: datetime
    reader: ReaderId
    lane: str | None
    plate: str
    state: str | None
    confidence: float | None


OtherReadings = Annotated[
    list[OtherReading],
    Field(description="What else the reader says it may be, the likeliest first; at most 5."),
]


class ReadDetail(KeptRead):
    """One read with the entries it answered to, and all that was told of it where that is more than once."""

    hits: list[ReadHit]
    told: list[ReadTelling]
    others: OtherReadings


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
