"""A hit is confirmed with the agency that entered it, before anybody is arrested or a car is towed. Values, and when it is late.

It is a step of its own: an active record says that the entry is there, the agency says that it is right and is still wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

# The kind of incident that has a hit behind it.
PLATE_HIT: Final = "plate_hit"


class Urgency(StrEnum):
    """How soon the entering agency owes an answer."""

    URGENT = "urgent"
    ROUTINE = "routine"


# As national practice has it.
ANSWERS_WITHIN: Final = {Urgency.URGENT: timedelta(minutes=10), Urgency.ROUTINE: timedelta(hours=1)}


class AgencySays(StrEnum):
    """What the entering agency answered."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One time that the entering agency was asked; `spoke_with` is who answered there, `answered_by` who wrote it down."""

    id: UUID
    incident: UUID
    agency: str
    urgency: Urgency
    asked_by: UUID
    asked_at: datetime
    due_at: datetime
    late_told_at: datetime | None = None
    answer: AgencySays | None = None
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    spoke_with: str | None = field(default=None, repr=False)
    reference: str | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether the answer is owed and did not come."""
        return self.answer is None and self.due_at <= now


@dataclass(frozen=True, slots=True)
class ForCrew:
    """What whoever may arrest or tow must know of a hit; `sentence` is all of it."""

    confirmed: bool
    sentence: str = field(repr=False)


def for_crew(asked: Confirmation | None) -> ForCrew:
    """Whether the entering agency confirmed the hit that a crew was sent to, from the last time that it was asked."""
    if asked is None:
        return ForCrew(False, "Hit not confirmed: no arrest, no tow yet.")
    if asked.answer is AgencySays.CONFIRMED:
        return ForCrew(True, f"Hit confirmed by {asked.agency}.")
    if asked.answer is AgencySays.NOT_CONFIRMED:
        return ForCrew(False, f"{asked.agency} does not confirm the hit: no arrest, no tow.")
    return ForCrew(False, f"Hit not confirmed, {asked.agency} was asked: no arrest, no tow yet.")
