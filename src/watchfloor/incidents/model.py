"""The words of incidents: an alert, what it rests on, an incident and its timeline. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.incidents.sound import Sound
from watchfloor.kit.geo import Point

AlertId = NewType("AlertId", UUID)
ReviewId = NewType("ReviewId", UUID)
IncidentId = NewType("IncidentId", UUID)

SAYS_NOT: Final = "A plate names a car, not a person. This alone is no ground to stop or search anyone."
SAYS_NOT_OF_SOUNDS: Final = (
    "A sound names a place, not a person. This alone is no ground to stop or search anyone."
)
SAYS_NOT_OF_CALLS: Final = "A call is what somebody reported; nobody here has seen it."
SAYS_OF_OFFICERS: Final = "An officer asked for help."

# An incident and all that hangs on it are kept this long after it is closed: complaints and trials take years.
KEPT_AFTER_CLOSING: Final = timedelta(days=5 * 365)
# Looks booked under an incident stay possible this long after it is closed: the report is written in that hour.
LOOKS_AFTER_CLOSING: Final = timedelta(hours=1)


class Level(StrEnum):
    """How urgent, in the words of the status ladder; `critical` means act now."""

    NORMAL = "normal"
    CAUTION = "caution"
    SERIOUS = "serious"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    def lowered(self, steps: int) -> Level:
        """So many steps down, `normal` at the least."""
        return list(Level)[max(0, self.rank - steps)]

    def raised(self) -> Level:
        """One step up, `critical` at the most."""
        return list(Level)[min(len(Level) - 1, self.rank + 1)]


class AlertState(StrEnum):
    """Where an alert is between its coming and a person's verdict."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    IN_REVIEW = "in_review"
    ESCALATED = "escalated"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    KEPT_BACK = "kept_back"  # too unlikely gunfire to be raised: kept and counted, decided by nobody

    @property
    def is_open(self) -> bool:
        return self not in (AlertState.CONFIRMED, AlertState.DISMISSED, AlertState.KEPT_BACK)


@dataclass(frozen=True, slots=True)
class Sure:
    """How sure the machine is: a word, and its own percentage where it gives one."""

    percent: int | None
    word: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the words a person would use, and where it is when that is known."""

    text: str
    point: Point | None


@dataclass(frozen=True, slots=True)
class Binding:
    """What was read, taken for which version of which entry. It names a plate: nothing of it goes into a log."""

    entry_id: UUID
    entry_version: int
    read_plate: str = field(repr=False)
    read_state: str = field(repr=False)
    vehicle_key: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What an alert rests on, kept with it: the read, and the entry as it was then. Not shown before the review is typed."""

    plate: str = field(repr=False)
    state: str | None = field(repr=False)
    vehicle: str | None
    confidence: float | None
    picture: str | None
    wanted_plate: str = field(repr=False)
    wanted_state: str | None = field(repr=False)
    wanted_reason: str = field(repr=False)
    wanted_vehicle: str | None
    wanted_expires_at: datetime
    handling: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One hit behind an alert."""

    hit: UUID
    at: datetime
    device: UUID
    spot: Spot
    heading_deg: float | None
    picture: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """What an alert says before anybody looked: made by pure functions from a hit."""

    level: Level
    title: str
    why: str
    sure: Sure
    unknown: tuple[str, ...]
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One card of the queue. `seen` counts the hits or the sources of sound behind it; the holder is a person, a role after escalation,
    or nobody.

    It is of hits of plates, with `basis` and `binding`, or of a `sound`. `entry_gone` says why the entry behind it answers no more.
    """

    id: AlertId
    state: AlertState
    card: Card
    spot: Spot
    at: datetime
    raised_at: datetime
    purpose: Purpose
    technology: TechnologyKind
    basis: Basis | None
    binding: Binding | None
    lowered: bool
    seen: int
    last_seen_at: datetime
    holder: UUID | None
    holder_role: str | None
    claimed_at: datetime | None
    reason: str | None
    note: str | None
    decided_by: UUID | None
    decided_at: datetime | None
    incident: IncidentId | None
    version: int
    entry_gone: str | None = None
    sound: Sound | None = None

    @property
    def kind(self) -> str:
        """`plate_hit` or `impulse`."""
        return "plate_hit" if self.sound is None else "impulse"

    @property
    def says(self) -> str:
        """What it is not."""
        return SAYS_NOT if self.sound is None else SAYS_NOT_OF_SOUNDS


class Origin(StrEnum):
    """What an incident came from; there is no fourth."""

    ALERT = "alert"
    CALL = "call"
    OFFICER = "officer"


class IncidentState(StrEnum):
    """Where an incident is."""

    OPEN = "open"
    ASSIGNED = "assigned"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class HeardAt:
    """Where a confirmed sound came from, as it is located now: rings that hold the places in 95 of 100 cases, and in half of them where
    there is a point; how many rounds, and how exactly the surest place is known."""

    rounds: int
    where: str
    area: tuple[tuple[Point, ...], ...]
    half_area: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """A confirmed event that somebody answers. `vehicle` and `plate` are what the crew looks for; `sound` is where one was heard."""

    id: IncidentId
    number: str
    origin: Origin
    kind: str
    level: Level
    title: str
    spot: Spot
    at: datetime
    opened_by: UUID
    opened_at: datetime
    state: IncidentState
    closed_at: datetime | None
    why: str
    sure: Sure
    unknown: tuple[str, ...]
    says: str
    purpose: Purpose
    vehicle: str | None = None
    plate: str | None = field(default=None, repr=False)
    plate_state: str | None = field(default=None, repr=False)
    picture: str | None = None
    alert: AlertId | None = None
    review: ReviewId | None = None
    call: UUID | None = None
    unit: UUID | None = None
    version: int = 1
    entered_by: str | None = None
    sound: HeardAt | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened to an incident."""

    at: datetime
    kind: str
    text: str = field(repr=False)
    level: Level | None
    by: UUID | None
