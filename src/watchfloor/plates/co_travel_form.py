"""What the routes of co-travellers answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import Acted, CaseText, CoTravelId, ProposalId, ReaderId, words

STATES = ("asked", "refused", "lapsed", "waiting", "running", "ready", "stopped", "failed", "forgotten")


class CoTravelSearch(TypedDict):
    """A search for who travelled with a vehicle, without the vehicle: who asked, who approved, by which order, what came of it."""

    id: CoTravelId
    state: Annotated[str, words(*STATES)]
    said: str
    progress: float
    case: CaseText
    order: Annotated[str, Field(description="The court's order, as it was named.")]
    reason: str
    asked_by: Acted
    asked_at: datetime
    proposal: ProposalId
    decided_by: Acted | None
    decided_at: datetime | None
    open_until: Annotated[
        datetime, Field(description="Until when a second person can approve it; then it lapses.")
    ]
    tries: Annotated[int | None, Field(description="How many other vehicles were near it at all.")]
    found: Annotated[int | None, Field(description="How many of them chance does not explain.")]
    ended_at: datetime | None
    expires_at: Annotated[
        datetime | None, Field(description="When the vehicle and what was found are forgotten.")
    ]


class CoTravelSearches(TypedDict):
    """Searches for co-travellers, and whether this center looks for them at all."""

    items: list[CoTravelSearch]
    next: str | None
    enabled: Annotated[bool, Field(description="Whether the setting `co_travel.searches` allows them.")]
    keep_days: Annotated[int, Field(description="Days that the vehicle and what was found are kept.")]


class Meeting(TypedDict):
    """A pass of the vehicle at which the companion passed the same reader within a minute."""

    at: datetime
    reader: ReaderId
    name: str


class CoTraveller(TypedDict):
    """A vehicle that was near more often than its own habits and the road they share explain."""

    plates: Annotated[list[str], Field(description="As it was read, the most often first.")]
    near: Annotated[int, Field(description="At how many passes it was near.")]
    expected: Annotated[float, Field(description="At how many it would be by chance.")]
    drives: int
    p: Annotated[float, Field(description="How probable so many or more are by chance.")]
    corrected: Annotated[
        float,
        Field(
            description="The share of false finds among those at least as rare (Benjamini and Hochberg, over every vehicle that was near)."
        ),
    ]
    meetings: list[Meeting]


class CoTravelFound(TypedDict):
    """Who travelled with the vehicle: those alone whose corrected value is at most `threshold`."""

    passes: int
    drives: int
    tries: Annotated[int, Field(description="How many other vehicles were near it at all.")]
    threshold: float
    companions: list[CoTraveller]


_Span = TypedDict("_Span", {"from": datetime, "to": datetime})


class CoTravelVehicle(_Span):
    """The vehicle of a search."""

    plate: str


class CoTravel(TypedDict):
    """A search with its vehicle and what was found, as long as that is kept; `says` is what it proves, and what not."""

    search: CoTravelSearch
    vehicle: CoTravelVehicle | None
    result: CoTravelFound | None
    says: str
