"""A hit is confirmed with the agency that entered it, before anybody is arrested or a car is towed. Values, and when it is late.

It is a step of its own: an active record says that the entry is there, the agency says that it is right and is still wanted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


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
