"""The words of calls: a call and its states. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NewType
from uuid import UUID

from watchfloor.governance.words import Purpose, UnknownPurpose
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point

CallId = NewType("CallId", UUID)

MOST_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call as taken. `priority` 1 is the most urgent of 5; without a number we give one; `point` may be unknown."""

    number: str | None
    type: str
    priority: int
    purpose: Purpose | UnknownPurpose
    place: str
    point: Point | None
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call as kept."""

    id: CallId
    number: str
    type: str
    priority: int
    purpose: Purpose
    place: str
    point: Point | None
    text: str
    taken_by: UUID
    taken_at: datetime
    closed_at: datetime | None
    closed_why: str | None
    version: int


def checked(call: NewCall) -> NewCall:
    """The call with its texts trimmed. Raises Invalid, its reason naming the field, when it cannot be one."""
    number = (call.number or "").strip() or None
    kind, place, text = call.type.strip(), call.place.strip(), call.text.strip()
    # What is no purpose, or a prohibited one, the door refuses.
    no_reason = isinstance(call.purpose, Purpose) and not (call.purpose.needs_case or call.purpose.prohibited)
    faults = (
        (number is not None and len(number) > 40, "number", "A call's number has at most 40 characters."),
        (not 2 <= len(kind) <= 80, "type", "A call has a type of 2 to 80 characters."),
        (not 1 <= call.priority <= 5, "priority", "A call's priority is 1 (most urgent) to 5."),
        (not 2 <= len(place) <= 200, "place", "A call has a place in words, 2 to 200 characters."),
        (len(text) > MOST_TEXT, "text", f"A call's text has at most {MOST_TEXT} characters."),
        (no_reason, "purpose", f"{call.purpose.title} is no purpose that a call serves."),
    )
    for wrong, field, words in faults:
        if wrong:
            raise Invalid(words, reason=field)
    return NewCall(number, kind, call.priority, call.purpose, place, call.point, text)
