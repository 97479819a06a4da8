"""The periods of a placement that are counted: before it, meanwhile, after it. Values and pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from watchfloor.trailers.model import Placement

Period = Literal["before", "during", "after"]
What = Literal["incident", "call", "alert"]
PERIODS: Final[tuple[Period, ...]] = ("before", "during", "after")
ALL: Final = "all"
NOT_A_PROOF: Final = (
    "These are counts of what was reported and alerted within the radius. They are no proof that the trailer changed anything:"
    " seasons, other work and chance are in them."
)
# So long a placement that ended is counted on: until its `after` is over, and some days in which the sweep was down.
LATE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """A period of a placement, as far as it has come."""

    period: Period
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of one kind there were in a period; with `days`, how many days that was."""

    period: Period
    what: What
    kind: str
    begin: datetime
    end: datetime
    radius_m: int
    count: int
    counted_at: datetime

    @property
    def days(self) -> float:
        return (self.end - self.begin) / timedelta(days=1)


def spans(placement: Placement, days: int, now: datetime) -> list[Span]:
    """The periods of a placement that have begun by now. Pure."""
    length = timedelta(days=days)
    ended = placement.ended_at or now
    found = [
        Span("before", placement.placed_at - length, placement.placed_at),
        Span("during", placement.placed_at, min(ended, now)),
    ]
    if placement.ended_at is not None:
        found.append(Span("after", ended, min(ended + length, now)))
    return [span for span in found if span.begin < span.end]


def due(placements: Sequence[Placement], days: int, now: datetime) -> list[Placement]:
    """The placements that are counted now: those that stand, and those whose `after` is not long over. Pure."""
    end = timedelta(days=days) + LATE
    return [one for one in placements if one.ended_at is None or now < one.ended_at + end]
