"""The words of plates: a plate, a read, a wanted entry, and whether they are the same vehicle.

Values and pure decisions. It reads no clock, setting or database, and prints no plate: a plate masks itself wherever it is written unmeant.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from watchfloor.governance.model import AuthorisationId
from watchfloor.governance.words import Purpose, TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.plates.likely import Odds, Precision
from watchfloor.plates.video import VideoStream

ReaderId = NewType("ReaderId", UUID)
HotListId = NewType("HotListId", UUID)
EntryId = NewType("EntryId", UUID)
HitId = NewType("HitId", UUID)
ImportId = NewType("ImportId", UUID)

MOST_CHARACTERS: Final = 12
_ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
# What stands between the characters of a plate and is no part of its number; Californian hearts, stars, hands and pluses among them.
_SEPARATORS: Final = frozenset(" \t-‐‑‒–—.·•∙_/'’*:|+♥❤★✋✚")
# Characters that cameras and people cannot tell apart on metal. Used for matching alone; both forms are reported.
_FOLD: Final = str.maketrans("OQIBSZ", "001852")

# A device's clock may be this far ahead of ours before its time is not believed.
FUTURE_SKEW: Final = timedelta(minutes=5)


class BadPlate(Invalid):
    """The text is not a plate number; the detail says why without repeating it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason="bad_plate")


@dataclass(frozen=True, slots=True, order=True)
class Plate:
    """A plate number in its one form: upper case, A-Z and 0-9, no separators, 1 to 12 characters.

    Masks itself: `repr` and `str` show the last two characters of plates longer than four, and nothing of others.
    """

    text: str

    def __post_init__(self) -> None:
        text = self.text
        if not (text.isascii() and text.isalnum() and text.upper() == text and len(text) <= MOST_CHARACTERS):
            raise BadPlate("a plate has 1 to 12 characters, A-Z and 0-9")

    def __repr__(self) -> str:
        return f"Plate(…{self.text[-2:] if len(self.text) > 4 else ''})"

    __str__ = __repr__

    @classmethod
    def of(cls, raw: str) -> Plate:
        """The plate that `raw` says. Full-width and accented letters count as their plain ones; separators go.

        Raises BadPlate when nothing is left, when too much is, or when a character is none that plates have.
        """
        if len(raw) > 4 * MOST_CHARACTERS:
            raise BadPlate(f"a plate has at most {MOST_CHARACTERS} characters, this has {len(raw)}")
        if raw.isascii() and raw.isalnum() and len(raw) <= MOST_CHARACTERS:
            return cls(raw.upper())
        plain = unicodedata.normalize("NFKD", raw)
        # Upper-casing can lengthen (ß becomes SS), so it comes before counting.
        text = "".join(c for c in plain.upper() if c not in _SEPARATORS and not unicodedata.combining(c))
        if not text:
            raise BadPlate("a plate has at least one letter or digit")
        if len(text) > MOST_CHARACTERS:
            raise BadPlate(f"a plate has at most {MOST_CHARACTERS} characters, this has {len(text)}")
        strange = next((c for c in text if c not in _ALPHABET), None)
        if strange is not None:
            name = unicodedata.name(strange, f"character U+{ord(strange):04X}").lower()
            raise BadPlate(f"a plate has letters A-Z and digits, not {name}")
        return cls(text)

    @property
    def folded(self) -> str:
        """The form in which O, Q and 0, I and 1, B and 8, S and 5, Z and 2 are the same."""
        return self.text.translate(_FOLD)


def folded(text: str) -> str:
    """`Plate.folded` for text that is known to be a plate."""
    return text.translate(_FOLD)


class BadState(Invalid):
    """The text names no state or province."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, reason="bad_state")


def state_of(raw: str | None) -> str | None:
    """The issuing state as two or three capitals; None when it is absent, empty or said to be unknown.

    Takes `MO`, `mo`, `us-mo` and `US_MO`. Outside North America the country stays, `EU-DE`: Delaware is not Germany.
    Raises BadState for anything else.
    """
    if raw is None:
        return None
    text = raw.strip().upper().replace("_", "-")
    if text in _UNREAD:
        return None
    country, dash, state = text.rpartition("-")
    if not (2 <= len(state) <= 3 and _is_code(state)) or (
        dash and not (len(country) == 2 and _is_code(country))
    ):
        raise BadState("a state is two or three letters, like MO or us-mo")
    return state if not dash or country in _NORTH_AMERICA else text


def _is_code(text: str) -> bool:
    return text.isascii() and text.isalpha()


_NORTH_AMERICA: Final = frozenset({"US", "CA", "MX"})
_UNREAD: Final = frozenset({"", "-", "--", "?", "??", "UNKNOWN", "UNREAD", "NONE", "NULL", "N/A"})


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same picture, 0 <= confidence <= 1."""

    plate: Plate
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Character:
    """How sure the reader is of one character of its text, 0 to 1, and what else may stand there with its own confidence.

    An empty other says that there may be no character at all.
    """

    confidence: float | None
    others: tuple[tuple[str, float | None], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What the reader says of the vehicle beside its plate: its vendor's words, unverified."""

    colour: str | None = None
    make: str | None = None
    model: str | None = None
    body: str | None = None


NO_VEHICLE: Final = Vehicle()


@dataclass(frozen=True, slots=True)
class Reader:
    """A plate reader: what it is approved as, where it stands, which way it looks.

    Readers of one `site` are lanes of one place. A `mobile` one says with each read where it was; `point` is where it is at home."""

    id: ReaderId
    name: str
    technology: TechnologyKind
    place: str
    point: Point
    heading_deg: float | None
    retired: bool
    version: int
    site: str | None = None
    mobile: bool = False
    camera: UUID | None = None  # that it is: its plates are read here, and no device has a token for it
    csv_mapping: str | None = None  # which column of its tables says what, as JSON
    csv_mapping_at: datetime | None = None
    canary: bool = False  # a reader of ours, of invented reads that prove that reads are forgotten
    stream: VideoStream = "main"  # of a camera: which of its streams is read


@dataclass(frozen=True, slots=True)
class Told:
    """One telling of a car that was told more than once: by which reader and lane, and what it said."""

    id: str
    at: datetime
    by: UUID
    lane: str | None
    plate: Plate
    state: str | None
    confidence: float | None
    picture: str | None


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One plate as one device read it.

    `at` is the time we go by; `device_at` what the device said; `clock_suspect` that the two had to differ.
    `confidence` is 0 to 1. `picture` is the SHA-256 of a JPEG. `heading_deg` is clockwise from north. `characters` has
    one for each of the plate, or is empty where the reader does not tell them apart. `position` is where a mobile reader was.
    With a `revision` the source key names a passing that may be told again; `told` is all that was told of it.
    """

    device: ReaderId
    source_key: str
    plate: Plate
    state: str | None
    confidence: float | None
    device_at: datetime | None
    received_at: datetime
    at: datetime
    clock_suspect: bool
    picture: str | None = None
    lane: str | None = None
    heading_deg: float | None = None
    vehicle: Vehicle = NO_VEHICLE
    alternatives: tuple[Alternative, ...] = ()
    characters: tuple[Character, ...] = ()
    position: Point | None = None
    revision: str | None = None
    told: tuple[Told, ...] = ()


class ListKind(StrEnum):
    """Where the entries of a hot list come from."""

    IMPORTED = "imported"  # replaced as a whole by each file
    MANUAL = "manual"  # one by one, two persons each
    API = "api"  # written by one machine, which has a token for this list alone


class Priority(StrEnum):
    """How urgent a list's hits are beside others of its purpose."""

    URGENT = "urgent"
    USUAL = "usual"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One hot-list entry: the vehicle looked for, why, and until when; with a `case` no longer than that is open.

    `handling` comes first in every card, `agency` is who entered it, `stale` says that its list was not renewed in time.
    """

    id: EntryId
    list: HotListId
    plate: Plate
    state: str | None
    reason: str
    purpose: Purpose
    expires_at: datetime
    vehicle: str | None = None
    version: int = 1
    case: UUID | None = None
    handling: tuple[str, ...] = ()
    agency: str | None = None
    priority: Priority = Priority.USUAL
    stale: str | None = None


class Kind(StrEnum):
    """How the text of a read answers to an entry's plate. The last three only where the reader doubted that character."""

    EXACT = "exact"
    CONFUSABLE = "confusable"  # when characters that look alike count as one
    SUBSTITUTION = "substitution"  # one character is another
    MISSING = "missing"  # the read lacks a character that the entry has
    EXTRA = "extra"  # the read has a character that the entry lacks

    @property
    def is_step(self) -> bool:
        """Whether the texts differ by more than looks."""
        return self not in (Kind.EXACT, Kind.CONFUSABLE)


class Grade(StrEnum):
    """What a hit may do: only one of alarm grade raises an alert; a possible one is kept and listed."""

    ALARM = "alarm"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Match:
    """Every field agrees. `strict` is false when they do only because alike characters count as one."""

    read: PlateRead
    wanted: Wanted
    strict: bool
    reason: str
    kind: Kind = Kind.EXACT


@dataclass(frozen=True, slots=True)
class Candidate:
    """Nothing differs that the reader was sure of, but a field is unread or a character was doubted."""

    read: PlateRead
    wanted: Wanted
    strict: bool
    reason: str
    kind: Kind = Kind.EXACT


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What differs first."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A read that an entry answered to: kept apart from both, and handed on in the transaction that keeps it.

    `rule` is the retention it lives under, `authorisation` what it was read under; `record` is of the alerts of its reader.
    """

    id: HitId
    answer: Match | Candidate
    reader: Reader
    rule: int
    authorisation: AuthorisationId
    grade: Grade = Grade.ALARM
    odds: Odds | None = None
    record: Precision | None = None


_STEPS: Final = {
    Kind.SUBSTITUTION: "one character that the reader doubted is another",
    Kind.MISSING: "one character is missing beside one that the reader doubted",
    Kind.EXTRA: "one character that the reader doubted is too many",
}


def same_vehicle(
    read: PlateRead, wanted: Wanted, *, now: datetime, step: Kind | None = None
) -> Match | Candidate | Mismatch:
    """A match says every field agrees; a candidate, what is unread; a mismatch, what differs first.

    `step` says that the texts differ in one character that the reader doubted: at best a candidate.
    """
    if wanted.expires_at <= now:
        return Mismatch("the entry has expired")
    if step is None and read.plate.folded != wanted.plate.folded:
        return Mismatch("another plate")
    if None not in (read.state, wanted.state) and read.state != wanted.state:
        return Mismatch("another state")
    strict = read.plate == wanted.plate
    kind = step or (Kind.EXACT if strict else Kind.CONFUSABLE)
    said = _STEPS[step] if step else ""
    alike = "" if step else _alike(read, wanted)
    if read.state is None:
        return Candidate(read, wanted, strict, _and("the state is unread", said) + alike, kind)
    if wanted.state is None:
        return Candidate(read, wanted, strict, _and("the entry names no state", said) + alike, kind)
    if step is not None:
        return Candidate(read, wanted, strict, _and("the state agrees", said), kind)
    return Match(read, wanted, strict, "plate and state agree" + alike, kind)


def grade_of(answer: Match | Candidate) -> Grade:
    """What an answer may do at best: where a state is unread or a character was doubted, nobody is alarmed."""
    return Grade.POSSIBLE if answer.kind.is_step or answer.read.state is None else Grade.ALARM


def _and(first: str, second: str) -> str:
    return f"{first}, {second}" if second else first


def _alike(read: PlateRead, wanted: Wanted) -> str:
    """Which characters had to count as one, without saying where: the sentence names no plate."""
    both = zip(read.plate.text, wanted.plate.text, strict=True)
    pairs = sorted({f"{a} and {b}" for a, b in both if a != b})
    return f", when {'; '.join(pairs)} count as one" if pairs else ""


@dataclass(frozen=True, slots=True)
class Moment:
    """The time we go by, and whether the device's clock had to be set aside."""

    at: datetime
    clock_suspect: bool


def moment(*, device_at: datetime | None, received_at: datetime, keep_for: timedelta) -> Moment:
    """Device time when it lies within retention before and five minutes after receipt; else our time, and suspect."""
    if device_at is not None and received_at - keep_for <= device_at <= received_at + FUTURE_SKEW:
        return Moment(device_at, clock_suspect=False)
    return Moment(received_at, clock_suspect=device_at is not None)
