"""What the routes of look-up reviews and of staff's plates answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    Acted,
    CaseText,
    EntryId,
    LookUpReviewId,
    PersonId,
    PurposeWord,
    words,
)

_CAUSES = words("own_plate", "household_plate", "colleague_plate", "repeated", "sample")
Cause = Annotated[str, _CAUSES]
VerdictWord = Annotated[str, words("proper", "improper", "cannot_tell")]


class LookUpReview(TypedDict):
    """A look-up that is reviewed outside the room; `sample` is the draw, every other cause a flag."""

    id: LookUpReviewId
    entry: EntryId
    who: Acted
    looked_at: datetime
    causes: list[Cause]
    opened_at: datetime
    due_at: datetime
    overdue: bool
    verdict: VerdictWord | None
    reason: str | None
    reviewed_by: Acted | None
    reviewed_at: datetime | None


class LookUpSought(TypedDict):
    """What was looked up, as the log keeps it beside its leaf; no plate where a place alone was said."""

    plate: str | None
    match: str
    since: datetime
    until: datetime
    at_a_place: bool
    again: Annotated[EntryId | None, Field(description="Another's search that was opened again.")]


class LookUpReviewDetail(LookUpReview):
    """A review with what was sought, for what, and what came of it."""

    purpose: PurposeWord | None
    case: CaseText | None
    case_name: str | None
    sought: LookUpSought | None
    way: Annotated[
        str | None,
        Field(
            description="`entry`: the plate was put on a hot list by hand. Null where the look-up is forgotten."
        ),
    ]
    erased: bool
    found: Annotated[int | None, Field(description="Reads found; null where the look-up is forgotten.")]
    entered: Annotated[bool | None, Field(description="Whether the plate was on a hot list then.")]
    times: Annotated[
        int | None, Field(description="How often this person had looked it up by then, this time too.")
    ]


class ToldReview(TypedDict):
    """A review of one's own look-up, as its person is told of it; not by whom."""

    id: LookUpReviewId
    entry: EntryId
    looked_at: datetime
    causes: list[Cause]
    verdict: VerdictWord | None
    reason: str | None
    reviewed_at: datetime | None


class CauseFigures(TypedDict):
    """Look-ups reviewed for one cause; one that has two causes counts for each."""

    cause: Cause
    opened: int
    proper: int
    improper: int
    cannot_tell: int
    waiting: int


class LookUpDraw(TypedDict):
    """A period of the log, and what was drawn of it: by the root over its first `size` entries, which is in the signed log."""

    closed: EntryId
    closed_at: datetime
    share_percent: float
    size: int | None
    root: str | None
    searched: int | None
    drawn: int | None
    drawn_at: datetime | None


class WatchFigures(TypedDict):
    """Watches in a time, as the log tells it; one that was put in force before it may have ended in it."""

    proposed: int
    refused: int
    approved: int
    withdrawn: int
    ended_with_case: int
    expired: Annotated[int, Field(description="That reached the end they were approved with.")]
    paused: Annotated[int, Field(description="How often one had brought more than it may.")]
    hits: Annotated[int, Field(description="Possible hits that they brought; none alarmed anybody.")]


class CoTravelFigures(TypedDict):
    """Searches for who travelled with a vehicle in a time, as the log tells it."""

    asked: int
    refused: int
    approved: int
    made: int
    companions: Annotated[int, Field(description="Vehicles that were told, over all that were made.")]
    not_made: Annotated[int, Field(description="Approved, and stopped or failed.")]


class LookUpFigures(TypedDict):
    """What is published of look-ups reviewed outside the room; `overdue` is now, whenever they were opened."""

    since: datetime
    until: datetime
    searched: Annotated[int, Field(description="Searches in the periods that were drawn of.")]
    drawn: int
    proper: int
    improper: int
    cannot_tell: int
    waiting: int
    overdue: int
    by_cause: list[CauseFigures]
    draws: list[LookUpDraw]
    watches: WatchFigures
    co_travels: CoTravelFigures


class StaffPlates(TypedDict):
    """How many plates of a person are registered, and since when they have said so; nobody reads which."""

    id: PersonId
    name: str
    plates: int
    said_at: datetime | None


class BadPlateRow(TypedDict):
    """A row of a file that was not taken, by its number in the file."""

    row: int
    why: str


class StaffPlatesBroughtIn(TypedDict):
    """What came of a file of plates."""

    people: int
    taken: int
    bad: list[BadPlateRow]
