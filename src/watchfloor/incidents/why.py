"""What an alert says: how urgent, why, how sure, what is not known. Pure; it names no plate, for the review is blind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from watchfloor.governance.words import Purpose
from watchfloor.incidents.model import Basis, Binding, Card, Level, Part, Spot, Sure
from watchfloor.plates.likely import Odds
from watchfloor.plates.model import Candidate, Hit, Match, Priority, Vehicle
from watchfloor.plates.record import OWN_FROM

# Lives first. What is not named here is serious: it was worth wanting.
_LEVEL: Final[Mapping[Purpose, Level]] = {
    Purpose.VIOLENT_CRIME: Level.CRITICAL,
    Purpose.SHOTS_FIRED: Level.CRITICAL,
    Purpose.OFFICER_EMERGENCY: Level.CRITICAL,
    Purpose.MISSING_PERSON: Level.CRITICAL,
    Purpose.RESCUE: Level.CRITICAL,
    Purpose.BURGLARY_THEFT: Level.CAUTION,
    Purpose.COURT_ORDER: Level.CAUTION,
}
# How long an alert waits for somebody to claim it before it goes up to the supervisor.
DEADLINE: Final[Mapping[Level, timedelta | None]] = {
    Level.CRITICAL: timedelta(seconds=30),
    Level.SERIOUS: timedelta(seconds=90),
    Level.CAUTION: timedelta(minutes=5),
    Level.NORMAL: None,
}
LOWERED_BY: Final = 2
_GOOD_CONFIDENCE: Final = 0.9
_POSSIBLE: Final = 0.5
_LATE_AFTER: Final = timedelta(minutes=2)


def card_of(hit: Hit, *, now: datetime, found_false: str | None = None) -> Card:
    """The card of a hit; `found_false` is what a person said of the same reading of the same entry before."""
    answer = hit.answer
    level = _of_priority(_LEVEL.get(answer.wanted.purpose, Level.SERIOUS), answer.wanted.priority)
    if isinstance(answer, Candidate):
        level = level.lowered(1)
    if found_false is not None:
        level = level.lowered(LOWERED_BY)
    wait = DEADLINE[level]
    return Card(
        level=level,
        title=f"{answer.wanted.purpose.title}: wanted plate",
        why=_why(hit, found_false),
        sure=_sure(hit, found_false),
        unknown=_unknown(hit, now),
        deadline_at=now + wait if wait is not None else None,
    )


def _of_priority(level: Level, priority: Priority) -> Level:
    """As urgent as its list says beside others of its purpose."""
    match priority:
        case Priority.URGENT:
            return level.raised()
        case Priority.LOW:
            return level.lowered(1)
        case Priority.USUAL:
            return level


def _why(hit: Hit, found_false: str | None) -> str:
    answer = hit.answer
    agrees = {
        (Match, True): "The reader's text agrees with an entry of the hot list in plate and state.",
        (
            Match,
            False,
        ): "The reader's text agrees with an entry of the hot list when characters that look alike count as one.",
        (Candidate, True): "The reader's text agrees with an entry of the hot list in the plate alone.",
        (
            Candidate,
            False,
        ): "The reader's text agrees with an entry in the plate alone, and only when characters that look alike"
        " count as one.",
    }[(type(answer), answer.strict)]
    return " ".join(said for said in (agrees, _record(hit), found_false) if said)


def _record(hit: Hit) -> str | None:
    record = hit.record
    if record is None:
        return None
    if not record.of:
        return "Of this reader no alert was judged in 90 days."
    low, high = round(record.low * 100), round(record.high * 100)
    return f"This reader: {record.right} of {record.of} alerts right in 90 days ({low} to {high} %)."


def _likely(odds: Odds, found_false: str | None) -> Sure:
    percent = min(99, round(odds.probability * 100))
    if found_false is not None or odds.probability < _POSSIBLE:
        return Sure(percent, "doubtful")
    return Sure(percent, "probable" if odds.probability >= _GOOD_CONFIDENCE else "possible")


def _sure(hit: Hit, found_false: str | None) -> Sure:
    """By the odds, where they were reckoned; else by the reader's own word."""
    if hit.odds is not None:
        return _likely(hit.odds, found_false)
    answer = hit.answer
    confidence = answer.read.confidence
    percent = round(confidence * 100) if confidence is not None else None
    good = confidence is not None and confidence >= _GOOD_CONFIDENCE
    if found_false is not None or (isinstance(answer, Candidate) and not answer.strict):
        return Sure(percent, "doubtful")
    return Sure(percent, "probable" if isinstance(answer, Match) and answer.strict and good else "possible")


def _unknown(hit: Hit, now: datetime) -> tuple[str, ...]:
    read, wanted = hit.answer.read, hit.answer.wanted
    late = now - read.at
    facts = (
        (read.state is None, "Which state issued the plate: the reader could not read it."),
        (
            read.state is not None and wanted.state is None,
            "Which state's plate is wanted: the entry names none.",
        ),
        (read.confidence is None, "How sure the reader is: it does not say."),
        (
            hit.odds is not None and hit.odds.pooled,
            f"How well this reader reads: it has fewer than {OWN_FROM} verdicts, so that of all readers stands in (pooled).",
        ),
        (
            read.clock_suspect,
            "When it passed: the reader's clock cannot be right, so this is when we heard of it.",
        ),
        (
            late > _LATE_AFTER,
            f"Where the car is now: we heard of it {late.total_seconds() / 60:.0f} minutes later.",
        ),
        (
            wanted.stale is not None,
            f"Whether the entry is still right: {wanted.stale}.",
        ),
        (read.picture is None, "What the plate looks like: there is no picture of it."),
        (True, "Whether the entry still holds: the live record has not been asked."),
        (True, "Who is in the car."),
    )
    return tuple(words for holds, words in facts if holds)


def basis_of(hit: Hit) -> Basis:
    """What the alert rests on."""
    read, wanted = hit.answer.read, hit.answer.wanted
    return Basis(
        plate=read.plate.text,
        state=read.state,
        vehicle=words_of(read.vehicle),
        confidence=read.confidence,
        picture=read.picture,
        wanted_plate=wanted.plate.text,
        wanted_state=wanted.state,
        wanted_reason=wanted.reason,
        wanted_vehicle=wanted.vehicle,
        wanted_expires_at=wanted.expires_at,
        handling=wanted.handling,
    )


def binding_of(hit: Hit) -> Binding:
    """What was read, taken for what."""
    read, wanted = hit.answer.read, hit.answer.wanted
    key = (words_of(read.vehicle) or "").lower()
    return Binding(wanted.id, wanted.version, read.plate.text, read.state or "", key)


def part_of(hit: Hit) -> Part:
    """The hit as one of those behind an alert."""
    read = hit.answer.read
    return Part(
        hit=hit.id,
        at=read.at,
        device=hit.reader.id,
        spot=Spot(hit.reader.place, hit.reader.point),
        heading_deg=read.heading_deg if read.heading_deg is not None else hit.reader.heading_deg,
        picture=read.picture,
        confidence=read.confidence,
    )


def words_of(vehicle: Vehicle) -> str | None:
    """The reader's words of the vehicle, in the order people say them."""
    return " ".join(w for w in (vehicle.colour, vehicle.make, vehicle.model, vehicle.body) if w) or None
