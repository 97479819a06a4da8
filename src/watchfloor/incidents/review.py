"""The blind review: what was typed from the picture against what the entry says, and what a confirmation must rest on.

Pure. A person types plate and state from the picture before seeing what is wanted, so that nobody reads into a picture
what a list suggests. A plate read wrong has put families on the ground at gunpoint; every condition here is one of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.acoustics.kind import SoundKind
from watchfloor.incidents.model import AlertId, ReviewId
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.kit.said import moment

# Nobody reads a picture, an entry and a live record in less: such reviews are reported.
HASTY: Final = timedelta(seconds=2)
# An answer of the live record older than this is no answer about now.
RECORD_HOLDS_FOR: Final = timedelta(minutes=10)
CLOCKS_DIFFER_BY: Final = timedelta(minutes=1)


class Agreement(StrEnum):
    """Whether what was typed and what is wanted are the same plate."""

    MATCH = "match"
    CANDIDATE = "candidate"  # nothing differs, but the state could not be read
    MISMATCH = "mismatch"


class Reply(StrEnum):
    """What the live record said."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    NO_RECORD = "no_record"
    UNREACHABLE = "unreachable"


class DismissReason(StrEnum):
    """Why an alert is dismissed; the closed list."""

    MISREAD = "misread"
    OTHER_STATE = "other_state"
    OTHER_VEHICLE = "other_vehicle"
    RECORD_CANCELLED = "record_cancelled"
    NO_RECORD = "no_record"
    ENTRY_EXPIRED = "entry_expired"
    ENTRY_WITHDRAWN = "entry_withdrawn"
    FIREWORKS = "fireworks"
    BACKFIRE = "backfire"
    WORK_NOISE = "work_noise"
    THUNDER = "thunder"
    LAWFUL_FIRE = "lawful_fire"
    NOTHING_THERE = "nothing_there"
    DUPLICATE = "duplicate"
    TEST = "test"
    OTHER = "other"


# Reasons that say the reading or the entry was false, so that the same one is shown lower next time.
FALSE_BINDING: Final = {
    DismissReason.MISREAD: "the plate was misread",
    DismissReason.OTHER_STATE: "the plate is of another state",
    DismissReason.OTHER_VEHICLE: "it was another vehicle",
    DismissReason.RECORD_CANCELLED: "the live record was cancelled",
    DismissReason.NO_RECORD: "there was no live record",
}


# Reasons to dismiss a sound, with what it is taken for then.
OF_SOUNDS: Final = {
    DismissReason.FIREWORKS: SoundKind.FIREWORKS,
    DismissReason.BACKFIRE: SoundKind.OTHER,
    DismissReason.WORK_NOISE: SoundKind.OTHER,
    DismissReason.THUNDER: SoundKind.OTHER,
    DismissReason.LAWFUL_FIRE: SoundKind.GUNFIRE,
    DismissReason.NOTHING_THERE: SoundKind.UNKNOWN,
}
OF_ANY: Final = frozenset({DismissReason.DUPLICATE, DismissReason.TEST, DismissReason.OTHER})
OF_PLATES: Final = frozenset(DismissReason) - OF_ANY - frozenset(OF_SOUNDS)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the reviewer reads in the picture; None is: cannot be read."""

    plate: str | None = field(repr=False)
    state: str | None = field(repr=False)
    vehicle: str | None


@dataclass(frozen=True, slots=True)
class EntryNow:
    """The wanted entry as its list says it now. `listed` is false when it was taken off since the alert came; `gone` says why."""

    id: UUID
    version: int
    plate: str = field(repr=False)
    state: str | None = field(repr=False)
    reason: str = field(repr=False)
    vehicle: str | None
    source: str
    entered_at: datetime
    expires_at: datetime
    listed: bool
    handling: tuple[str, ...] = ()
    agency: str | None = None
    stale: str | None = None
    gone: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two part; `name` is plate, state, vehicle or expiry."""

    name: str
    typed: str | None = field(repr=False)
    entry: str | None = field(repr=False)
    sentence: str


@dataclass(frozen=True, slots=True)
class LiveRecord:
    """The live record's reply, as the reviewer got it."""

    reply: Reply
    reference: str | None
    checked_at: datetime


class Grounds(StrEnum):
    """What a person confirms a sound on."""

    CALL = "call"
    CAMERA = "camera"
    OFFICER = "officer"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class HeardVerdict:
    """What a sound was told to be when the verdict came, what the person takes it for, and, of a confirmation, on what grounds."""

    told: SoundKind
    taken: SoundKind
    grounds: Grounds | None


@dataclass(frozen=True, slots=True)
class Review:
    """One person's look at an alert, as far as it has come."""

    id: ReviewId
    alert: AlertId
    reviewer: UUID
    opened_at: datetime
    typed: Typed | None
    entry: EntryNow | None
    agreement: Agreement | None
    differences: tuple[Difference, ...]
    record: LiveRecord | None
    vehicle_agrees: bool | None
    verdict: str | None
    closed_at: datetime | None
    heard: HeardVerdict | None = None

    @property
    def step(self) -> str:
        """`picture`: only the picture is shown; `entry`: the entry beside it; `done`."""
        if self.verdict is not None:
            return "done"
        return "picture" if self.typed is None else "entry"


class NotConfirmable(Conflict):
    """A confirmation lacks something it must rest on; the reason is a word, the detail a sentence."""

    def __init__(self, reason: str, detail: str, next_step: str | None = None) -> None:
        super().__init__(detail, reason=reason, next_step=next_step or "Dismiss the alert, with the reason.")


class NoPicture(Conflict):
    """There is nothing to read from."""

    def __init__(self) -> None:
        super().__init__(
            "There is no picture, so there is nothing to read a plate from.",
            reason="no_picture",
            next_step="Dismiss the alert, or ask the reader's technician.",
        )


class AlreadyTyped(Conflict):
    """What was typed blind is not typed again after the entry was seen."""

    def __init__(self) -> None:
        super().__init__(
            "You typed what the picture says and have seen the entry since; it cannot be typed again.",
            reason="already_typed",
            next_step="If you mistyped, leave it to a colleague, who reviews it blind.",
        )


def compare(
    typed: Typed, entry: EntryNow, *, now: datetime, zone: tzinfo
) -> tuple[Agreement, tuple[Difference, ...]]:
    """How what was typed and the entry agree, and every difference in a sentence.

    Characters that look alike are different here: the reader may fold them, a person who looks may not.
    """
    differences = [
        d for d in (_plate(typed, entry), _state(typed, entry), _vehicle(typed, entry)) if d is not None
    ]
    ended = _expiry(entry, now, zone)
    agreement = Agreement.MATCH
    if typed.plate is None or typed.plate != entry.plate or ended is not None:
        agreement = Agreement.MISMATCH
    elif entry.state is not None and typed.state != entry.state:
        agreement = Agreement.CANDIDATE if typed.state is None else Agreement.MISMATCH
    return agreement, (*differences, *((ended,) if ended else ()))


def _plate(typed: Typed, entry: EntryNow) -> Difference | None:
    if typed.plate == entry.plate:
        return None
    if typed.plate is None:
        return Difference("plate", None, entry.plate, "You could not read the plate in the picture.")
    return Difference(
        "plate", typed.plate, entry.plate, "The plate in the picture is another than the one that is wanted."
    )


def _state(typed: Typed, entry: EntryNow) -> Difference | None:
    if typed.state == entry.state:
        return None
    if typed.state is None:
        return Difference("state", None, entry.state, "You could not read the state in the picture.")
    if entry.state is None:
        return Difference("state", typed.state, None, "The entry names no state.")
    return Difference("state", typed.state, entry.state, "The plate in the picture is of another state.")


def _vehicle(typed: Typed, entry: EntryNow) -> Difference | None:
    """Words of vehicles are for a person to judge: they are put side by side, and never decide."""
    if not entry.vehicle or (typed.vehicle or "").casefold() == entry.vehicle.casefold():
        return None
    if not typed.vehicle:
        return Difference("vehicle", None, entry.vehicle, "You did not describe the vehicle; look at it now.")
    return Difference(
        "vehicle", typed.vehicle, entry.vehicle, "Is this the vehicle that the entry describes?"
    )


def _expiry(entry: EntryNow, now: datetime, zone: tzinfo) -> Difference | None:
    if not entry.listed:
        why = f" {entry.gone}" if entry.gone else ""
        return Difference("expiry", None, None, f"The entry has been taken off the list.{why}")
    if entry.expires_at <= now:
        return Difference("expiry", None, None, f"The entry expired on {moment(entry.expires_at, zone)}.")
    return None


def check_confirmable(
    review: Review, entry: EntryNow, record: LiveRecord, *, vehicle_agrees: bool, now: datetime, zone: tzinfo
) -> None:
    """Raises NotConfirmable, with the first thing that is missing, unless the alert may be confirmed now.

    `entry` is the entry as its list says it at this moment; `review.entry` is what the reviewer saw.
    """
    if review.typed is None or review.entry is None:
        raise NotConfirmable(
            "not_typed", "Nothing was typed from the picture yet.", "Type plate and state from the picture."
        )
    ended = _expiry(entry, now, zone)
    if ended is not None:
        raise NotConfirmable("entry_expired", ended.sentence)
    if entry.version != review.entry.version:
        raise NotConfirmable(
            "entry_changed",
            "The entry was changed while you were looking.",
            "Open the review again and look at it.",
        )
    agreement, differences = compare(review.typed, entry, now=now, zone=zone)
    if agreement is not Agreement.MATCH:
        raise _disagreement(agreement, differences)
    if not vehicle_agrees:
        raise NotConfirmable("vehicle_differs", "The vehicle in the picture is not the one that is wanted.")
    _check_record(record, now)


def _disagreement(agreement: Agreement, differences: Sequence[Difference]) -> NotConfirmable:
    first = next(d for d in differences if d.name in ("plate", "state"))
    word = "unread" if first.typed is None else "differs"
    if agreement is Agreement.CANDIDATE:
        return NotConfirmable(
            "state_unread",
            "The state cannot be read in the picture; the same plate may be another car's elsewhere.",
        )
    return NotConfirmable(f"{first.name}_{word}", first.sentence)


def _check_record(record: LiveRecord, now: datetime) -> None:
    match record.reply:
        case Reply.CANCELLED:
            raise NotConfirmable("record_cancelled", "The live record says the entry was cancelled.")
        case Reply.NO_RECORD:
            raise NotConfirmable("no_record", "The live record knows no such entry.")
        case Reply.UNREACHABLE:
            raise NotConfirmable(
                "record_unreachable",
                "The live record did not answer, so nobody knows whether the entry still holds.",
                "Ask the live record again.",
            )
        case Reply.ACTIVE:
            pass
    if now - record.checked_at > RECORD_HOLDS_FOR:
        minutes = (now - record.checked_at).total_seconds() / 60
        raise NotConfirmable(
            "record_old",
            f"The live record was asked {minutes:.0f} minutes ago.",
            "Ask the live record again.",
        )
    if record.checked_at > now + CLOCKS_DIFFER_BY:
        raise Invalid(
            "The live record cannot have been asked in the future.", reason="live_record.checked_at"
        )


def check_dismissal(
    reason: DismissReason, note: str | None, review: Review | None, *, of_sound: bool = False
) -> None:
    """Raises Invalid unless the reason can be true: `other` needs words, what agrees is not misread, and a sound is no plate."""
    if reason not in (OF_ANY | (frozenset(OF_SOUNDS) if of_sound else OF_PLATES)):
        what = "a sound" if of_sound else "a hit of a plate"
        raise Invalid(f"That is no reason to dismiss {what}.", reason="reason")
    if reason is DismissReason.OTHER and not (note and note.strip()):
        raise Invalid("Say in words why it is dismissed.", reason="note")
    agrees = review is not None and review.agreement is Agreement.MATCH
    if agrees and reason in (DismissReason.MISREAD, DismissReason.OTHER_STATE):
        raise Invalid(
            "What you typed from the picture agrees with the entry in plate and state; choose the reason that holds.",
            reason="reason",
        )


def is_hasty(review: Review, *, now: datetime) -> bool:
    """Whether the verdict came faster than anybody can look."""
    return now - review.opened_at < HASTY


def stands(review: Review) -> bool:
    """Whether a kept review is a confirmation with all that one must rest on: asked again wherever one is acted upon."""
    if review.heard is not None:
        return review.verdict == "confirmed" and review.heard.grounds is not None
    return (
        review.verdict == "confirmed"
        and review.typed is not None
        and review.typed.plate is not None
        and review.agreement is Agreement.MATCH
        and review.vehicle_agrees is True
        and review.record is not None
        and review.record.reply is Reply.ACTIVE
    )
