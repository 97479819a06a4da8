"""A case as kept, and what it is at a moment. Pure; cases are opened, confirmed and closed in `cases.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal
from uuid import UUID

from watchfloor.governance.model import Ended
from watchfloor.kit.said import moment
from watchfloor.kit.sure import sure

PROVISIONAL_FOR: Final = timedelta(hours=24)

State = Literal["open", "closed", "lapsed"]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case. While `provisional_until` is set its number is unknown to the agency, and it ends then by itself."""

    id: UUID
    number: str
    title: str
    purpose: str
    provisional_until: datetime | None
    opened_by: UUID
    opened_at: datetime
    closed_at: datetime | None
    confirmed_by: UUID | None
    confirmed_at: datetime | None

    def state(self, now: datetime) -> State:
        """Open, closed by somebody, or lapsed: provisional to its end."""
        until = self.provisional_until
        if until is not None and until <= (self.closed_at or now):
            return "lapsed"
        return "closed" if self.closed_at else "open"

    def ended(self, now: datetime, zone: tzinfo) -> Ended | None:
        """Why it serves no look any more, with its time as `zone` has it; None while it does."""
        match self.state(now):
            case "open":
                return None
            case "closed":
                return Ended(
                    "case_closed", f"Case {self.number} was closed on {moment(sure(self.closed_at), zone)}."
                )
            case "lapsed":
                return Ended(
                    "case_lapsed",
                    f"Case {self.number} was provisional and lapsed on {moment(sure(self.provisional_until), zone)}:"
                    " no second person confirmed it.",
                )
