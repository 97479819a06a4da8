"""What the routes of watches answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    Acted,
    CaseText,
    Place,
    PlateHitId,
    PlateWatchId,
    PurposeWord,
    ReaderId,
    words,
)
from watchfloor.plates.forms import ReaderNamed, SearchWhere, SeenVehicle


class WatchHours(TypedDict):
    """Hours of the agency's clock, from the one up to and not including the other; across midnight where the first is later."""

    from_hour: int
    to_hour: int


class WatchedFor(TypedDict):
    """What a watch looks for."""

    pattern: Annotated[str | None, Field(description="A part of a plate: ? is one character, * any number.")]
    state: str | None
    colour: str | None
    make: str | None
    body: Annotated[str | None, Field(description="The kind of vehicle, as readers say it.")]
    where: SearchWhere | None
    readers: list[ReaderId]
    hours: WatchHours | None


class ExpectedHits(TypedDict):
    """How many reads of the `hours` before would have answered, and so many a shift of eight hours; null where nothing tells."""

    reads: int | None
    hours: float
    per_shift: float | None
    sentence: str


class WatchEstimate(ExpectedHits):
    """The same, with why it is too broad to be proposed, where it is."""

    too_broad: str | None
    most_per_shift: int


class PlateWatch(TypedDict):
    """A part of a plate or a description that coming reads are looked at for, under a case; it alarms nobody.

    `hits` counts what it brought and is still kept; `ended` says in a sentence why it looks no more.
    """

    id: PlateWatchId
    state: Annotated[str, words("watching", "paused", "ended")]
    sought: WatchedFor
    sentence: Annotated[str, Field(description="What it looks for, in words.")]
    reason: str
    case: CaseText
    purpose: PurposeWord
    expected: ExpectedHits
    most_per_shift: int
    started_at: datetime
    expires_at: datetime
    proposed_by: Acted
    approved_by: Acted
    paused_at: Annotated[
        datetime | None, Field(description="Since when it rests, having brought more than it may.")
    ]
    ended: str | None
    hits: int
    last_hit_at: datetime | None
    version: int


class PlateWatchHit(TypedDict):
    """A read that answered to a watch: one of many cars that may be meant, and no ground to stop anybody."""

    id: PlateHitId
    plate: str
    state: str | None
    confidence: Annotated[float | None, Field(description="The reader's own, 0 to 1.")]
    at: datetime
    received_at: datetime
    clock_suspect: bool
    reader: ReaderNamed
    place: Place
    heading_deg: float | None
    lane: str | None
    vehicle: SeenVehicle
    strict: Annotated[bool, Field(description="False where characters that look alike had to count as one.")]
    reason: Annotated[str, Field(description="What agrees, and what the reader did not say.")]
    picture: Annotated[str | None, Field(description="The path of its picture.")]
