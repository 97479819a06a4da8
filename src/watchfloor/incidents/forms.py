"""What the routes of alerts, reviews and incidents answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.acoustics.kind import SoundKind
from watchfloor.cameras.forms import SeeingCamera
from watchfloor.governance.inner_forms import (
    AlertId,
    CallId,
    CaseText,
    IncidentId,
    Named,
    Place,
    PurposeWord,
    words,
)
from watchfloor.incidents.confirmation import AgencySays, Urgency
from watchfloor.incidents.model import AlertState, IncidentState, Level
from watchfloor.incidents.review import Agreement, Grounds, Reply
from watchfloor.incidents.sound_forms import HeardAt, NamedMicrophone, Sound, SoundVersion
from watchfloor.plates.forms import HandlingNote, OtherReadings, ReadHit, ReadTold, WantedEntry

Path = Annotated[str, Field(description="A path on this server.")]


class Sure(TypedDict):
    """How sure, in a word, and in percent where there is a number."""

    percent: int | None
    word: str


class Holder(TypedDict):
    """Who holds an alert: a person, or after escalation a role, by its word. Whoever reviews may still take it."""

    id: str
    name: str


class Alert(TypedDict):
    """An alert as the queue shows it: `seen` counts the hits behind it, or the sources of its sound. It carries no plate: its review is
    blind."""

    id: AlertId
    kind: Literal["plate_hit", "impulse"]
    level: Level
    title: str
    handling: Annotated[list[HandlingNote], Field(description="What is to be known first.")]
    entry_gone: Annotated[str | None, Field(description="Why the entry behind it answers no more.")]
    place: Place
    at: datetime
    raised_at: datetime
    deadline_at: datetime | None
    why: str
    sure: Sure
    unknown: list[str]
    says: Annotated[str, Field(description="What it is not.")]
    sound: Annotated[Sound | None, Field(description="Of an `impulse`: what was located.")]
    purpose: PurposeWord
    state: AlertState
    holder: Holder | None
    incident: IncidentId | None
    seen: int
    last_seen_at: datetime
    lowered: Annotated[bool, Field(description="Whether an earlier reading like it was found false.")]
    reason: str | None
    version: int


class Typed(TypedDict):
    """What the reviewer read in the picture; null: could not be read."""

    plate: str | None
    state: str | None
    vehicle: str | None


class Read(TypedDict):
    """What the reader read."""

    plate: str
    state: str | None
    sure: Sure


class AlertRead(ReadTold):
    """A read behind an alert with the entry it answered to, as that was then, and what else the reader says it may be."""

    hit: ReadHit
    others: OtherReadings
    picture: Path | None


class AlertReads(TypedDict):
    """The reads behind an alert, the newest first and 50 at most; none once their time is over."""

    alert: Alert
    items: list[AlertRead]


class Difference(TypedDict):
    """Where what was typed and the entry part."""

    field: Annotated[str, words("plate", "state", "vehicle", "expiry")]
    typed: str | None
    entry: str | None
    sentence: str


class LiveQuery(TypedDict):
    """One time that the live record was asked: by whom, when, what it answered; `adapter` where a record system was asked itself."""

    asked_by: Named
    adapter: str | None
    asked_at: datetime
    answered_at: datetime
    reply: Reply
    reference: str | None
    said: str | None


class HeardVerdict(TypedDict):
    """What a sound was told to be, what a person takes it for, and on what grounds it was confirmed."""

    told: SoundKind
    taken: SoundKind
    grounds: Grounds | None


class Review(TypedDict):
    """A review as far as it has come: until something is typed it holds the pictures and nothing else."""

    alert: Alert
    step: Annotated[str, words("picture", "entry", "sound", "done")]
    opened_at: datetime | None
    picture: Path | None
    pictures: list[Path]
    typed: Typed | None
    read: Read | None
    entry: WantedEntry | None
    agreement: Agreement | None
    differences: list[Difference]
    live_records: Annotated[list[LiveQuery], Field(description="The first one first.")]
    asks_record: Annotated[bool, Field(description="Whether a record system can be asked from here.")]
    sound_versions: Annotated[
        list[SoundVersion], Field(description="Of a sound: each version that was told, the first one first.")
    ]
    microphones: Annotated[
        list[NamedMicrophone],
        Field(description="Of a sound: what those are called that heard it, or should have."),
    ]
    heard: Annotated[HeardVerdict | None, Field(description="Of a sound that was judged: the verdict.")]


class AfterTyping(TypedDict):
    """What a review shows once something was typed."""

    typed: Typed | None
    read: Read | None
    entry: WantedEntry | None
    agreement: Agreement | None
    differences: list[Difference]


class IncidentNamed(TypedDict):
    """An incident inside another thing."""

    id: IncidentId
    number: str


class Confirmed(TypedDict):
    """A confirmed alert and the incident that it became."""

    alert: Alert
    incident: IncidentNamed


class Incident(TypedDict):
    """An incident as lists show it; `case` is what its looks are booked under."""

    id: IncidentId
    number: str
    kind: str
    level: Level
    title: str
    place: Place
    at: datetime
    opened_at: datetime
    closed_at: datetime | None
    state: IncidentState
    why: str
    sure: Sure
    unknown: list[str]
    says: Annotated[str, Field(description="What it is not.")]
    purpose: PurposeWord
    case: CaseText
    call: Annotated[CallId | None, Field(description="The call that it answers.")]
    sound: Annotated[HeardAt | None, Field(description="Of a sound: where it came from, as located now.")]
    version: int


class Plate(TypedDict):
    """A plate and its issuing state."""

    plate: str
    state: str | None


class TimelineEntry(TypedDict):
    """Something that happened to an incident."""

    at: datetime
    kind: str
    text: str
    by: Named | None
    level: Level | None


class Hazard(TypedDict):
    """What a crew is warned of, and who said it."""

    text: str
    source: str
    at: datetime


class HitConfirmation(TypedDict):
    """The entering agency asked to confirm a hit, before an arrest or a tow; `late` when its answer is owed."""

    agency: str
    urgency: Urgency
    asked_by: Named
    asked_at: datetime
    due_at: datetime
    late: bool
    answer: AgencySays | None
    answered_at: datetime | None
    answered_by: Named | None
    spoke_with: str | None
    reference: str | None


class IncidentStory(Incident):
    """An incident with its timeline, oldest first, and what a crew looks for; at most four cameras that see it, the best first."""

    alert: Annotated[AlertId | None, Field(description="Of a hit: the alert that it was.")]
    timeline: list[TimelineEntry]
    hazards: list[Hazard]
    picture: Path | None
    vehicle: str | None
    plate: Plate | None
    entered_by: Annotated[str | None, Field(description="Of a hit: who entered it, where the entry says so.")]
    confirmation: Annotated[
        HitConfirmation | None, Field(description="Of a hit: whether the entering agency confirmed it.")
    ]
    cameras: list[SeeingCamera]


class Happened(TypedDict):
    """Something that happened at a place: a mark on the time bar of a camera there."""

    id: AlertId | IncidentId
    kind: Literal["alert", "incident"]
    at: datetime
    level: Level
    title: str
