"""The words of what came of a sound: what was found, what it counts as, and who has to look again. Values and pure decisions.

“Nothing found” is neither true nor false: a sound counts as confirmed by what was found of it alone, and as false only where it is known
what else it was, and a second person agrees.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

import shapely

from watchfloor.acoustics.located import Located
from watchfloor.acoustics.model import Ellipse
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m

OWN: Final = "own"
"""The source of what our own microphones told."""
_LONGEST: Final = 1000
_FARTHEST_M: Final = 20_000.0
_OLDEST: Final = timedelta(days=366)
_PER_LAT_M: Final = 111_320.0


class SoundSaid(StrEnum):
    """What came of a sound."""

    EVIDENCE = "evidence_found"
    VICTIM = "victim"
    NOTHING = "nothing_found"
    FALSE = "confirmed_false"
    UNDETERMINED = "undetermined"


class CountsAs(StrEnum):
    """The three that are published. Of what nobody said anything, nothing is determined."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    UNDETERMINED = "undetermined"


class SoundEvidence(StrEnum):
    """What was found, or who knows: of gunfire, or of what else it was."""

    CASINGS = "casings"
    DAMAGE = "damage"
    FIREARM = "firearm"
    VIDEO = "video"
    WITNESS = "witness"
    OFFICER = "officer"


class SoundCause(StrEnum):
    """What it was instead of gunfire."""

    FIREWORKS = "fireworks"
    VEHICLE = "vehicle"
    CONSTRUCTION = "construction"
    THUNDER = "thunder"
    OTHER = "other"


class LearntBy(StrEnum):
    """How gunfire that was not alerted was learnt of."""

    CALL = "call"
    VICTIM = "victim"
    EVIDENCE = "evidence"
    OFFICER = "officer"
    VIDEO = "video"
    OTHER_SYSTEM = "other_system"


class OutcomeState(StrEnum):
    """Whether what was said counts."""

    STANDS = "stands"
    WAITS = "waits"
    REPLACED = "replaced"
    REFUSED = "refused"


def counts_as(said: SoundSaid | None) -> CountsAs:
    """What a sound is counted as, by the outcome that stands."""
    if said in (SoundSaid.EVIDENCE, SoundSaid.VICTIM):
        return CountsAs.CONFIRMED
    return CountsAs.FALSE if said is SoundSaid.FALSE else CountsAs.UNDETERMINED


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """An outcome as reported. `place`: where it truly was, if that is known; `why`: why it replaces what was said before."""

    said: SoundSaid
    evidence: frozenset[SoundEvidence] = frozenset()
    victims: int = 0
    cause: SoundCause | None = None
    note: str | None = None
    why: str | None = None
    place: Point | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Gunfire that was not alerted: when and where it was, and how it was learnt of."""

    at: datetime
    place: Point
    how: LearntBy
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Off:
    """How far what was told is from where it truly was, in metres: what is told last, and what was told first (null: an area alone was).
    Whether the 50 and the 95 percent ellipse that is told last hold it; of an area, whether that does."""

    error_m: float | None
    first_error_m: float | None
    in_half: bool | None
    in_most: bool


@dataclass(frozen=True, slots=True)
class SoundOutcome:
    """An outcome as kept."""

    id: UUID
    sound: UUID
    state: OutcomeState
    said: SoundSaid
    evidence: tuple[SoundEvidence, ...]
    victims: int
    cause: SoundCause | None
    note: str | None
    why: str | None
    off: Off | None
    recorded_by: UUID
    recorded_at: datetime
    second_by: UUID | None
    second_at: datetime | None
    second_why: str | None


@dataclass(frozen=True, slots=True)
class SoundRecord:
    """A sound as the ledger has it."""

    id: UUID
    missed: bool
    source: str
    source_ref: str | None
    at: datetime
    told_at: datetime | None
    district: str | None
    verdict: Literal["confirmed", "dismissed"] | None
    reason: str | None
    decided_at: datetime | None
    how: LearntBy | None
    note: str | None
    recorded_by: UUID | None
    alert_kept: bool
    incident: UUID | None
    stands: SoundSaid | None
    waits: SoundSaid | None


def checked(new: NewOutcome) -> NewOutcome:
    """The outcome with its texts trimmed. Raises Invalid, its reason naming the field, when it contradicts itself."""
    note, why = (new.note or "").strip() or None, (new.why or "").strip() or None
    found = new.said in (SoundSaid.EVIDENCE, SoundSaid.FALSE)
    faults = (
        (found and not new.evidence, "evidence", "Say what shows it: at least one piece of evidence."),
        (
            new.said in (SoundSaid.NOTHING, SoundSaid.UNDETERMINED) and bool(new.evidence),
            "evidence",
            "Where evidence was found, it is not so that nothing was, or that nothing is known.",
        ),
        (
            (new.said is SoundSaid.VICTIM) != (new.victims > 0),
            "victims",
            "Of victims say how many; of all else none.",
        ),
        (not 0 <= new.victims <= 500, "victims", "The number of victims cannot be right."),
        (
            (new.said is SoundSaid.FALSE) != (new.cause is not None),
            "cause",
            "Say what it was instead, where it was no gunfire.",
        ),
        (
            new.cause is SoundCause.OTHER and note is None,
            "note",
            "Say in the note what it was.",
        ),
        (
            new.place is not None and new.said in (SoundSaid.NOTHING, SoundSaid.UNDETERMINED),
            "place",
            "Where nothing was found nobody knows where it was.",
        ),
        (max(len(note or ""), len(why or "")) > _LONGEST, "note", f"At most {_LONGEST} characters."),
    )
    for wrong, field, words in faults:
        if wrong:
            raise Invalid(words, reason=field)
    return replace(new, note=note, why=why)


def needs_second(new: NewOutcome, stands: SoundSaid | None) -> bool:
    """Whether a second person has to agree: that it was no gunfire, and whatever changes what the sound is counted as."""
    return new.said is SoundSaid.FALSE or (
        stands is not None and counts_as(stands) is not counts_as(new.said)
    )


def checked_miss(missed: Missed, *, now: datetime) -> Missed:
    """The miss with its note trimmed. Raises Invalid."""
    note = (missed.note or "").strip() or None
    faults = (
        (missed.at > now, "at", "It is still to come."),
        (now - missed.at > _OLDEST, "at", "It is more than a year ago."),
        (len(note or "") > _LONGEST, "note", f"At most {_LONGEST} characters."),
    )
    for wrong, field, words in faults:
        if wrong:
            raise Invalid(words, reason=field)
    return replace(missed, note=note)


def off_by(last: Sequence[Located], first: Sequence[Located], truth: Point) -> Off:
    """How far what was told is from the truth, by the source that is nearest to it. Raises Invalid where it cannot be of this sound."""
    told = min(last, key=lambda one: distance_m(one.middle, truth))
    before = min(first, key=lambda one: distance_m(one.middle, truth))
    if distance_m(told.middle, truth) > _FARTHEST_M:
        raise Invalid(
            "That is more than 20 km from where it was told: look at the place again.", reason="place"
        )
    return Off(
        round(distance_m(told.middle, truth), 1) if told.point is not None else None,
        round(distance_m(before.middle, truth), 1) if before.point is not None else None,
        holds(told.middle, told.half, truth) if told.region is None else None,
        _in_region(told, truth) if told.region is not None else holds(told.middle, told.most, truth),
    )


def holds(middle: Point, ellipse: Ellipse, place: Point) -> bool:
    """Whether an ellipse about a place holds another."""
    north = (place.lat - middle.lat) * _PER_LAT_M
    east = (place.lon - middle.lon) * _PER_LAT_M * math.cos(math.radians(middle.lat))
    turn = math.radians(ellipse.bearing_deg)
    along, across = (
        east * math.sin(turn) + north * math.cos(turn),
        east * math.cos(turn) - north * math.sin(turn),
    )
    return (along / ellipse.major_m) ** 2 + (across / ellipse.minor_m) ** 2 <= 1.0


def _in_region(told: Located, place: Point) -> bool:
    here = shapely.Point(place.lon, place.lat)
    return any(
        shapely.Polygon([(corner.lon, corner.lat) for corner in ring]).intersects(here)
        for ring in told.region or ()
    )
