"""What the routes of investigations answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    Acted,
    AlertId,
    BookmarkId,
    CallId,
    CameraId,
    CaseText,
    EntryId,
    FindingId,
    IncidentId,
    StatusLevel,
)
from watchfloor.plates.forms import KeptRead


class MarkedCamera(TypedDict):
    """A camera of a bookmark; its name is empty where it is not in the registry any more."""

    id: CameraId
    name: str


# `from` is a word of Python's own.
_Span = TypedDict(
    "_Span",
    {
        "from": datetime,
        "to": Annotated[datetime | None, Field(description="Null for a moment.")],
    },
)


class Bookmark(_Span):
    """A moment or a span of recorded video that somebody marked. It preserves nothing."""

    id: BookmarkId
    case: CaseText
    case_name: str | None
    cameras: list[MarkedCamera]
    note: str
    made_by: Acted
    made_at: datetime
    preserved: Annotated[
        int, Field(description="Of how many of its cameras a hold preserves this time at present.")
    ]
    version: int


class Finding(TypedDict):
    """A read that a search found and somebody put into a case. It preserves nothing."""

    id: FindingId
    search: Annotated[EntryId, Field(description="The search that found it.")]
    scenes: Annotated[bool, Field(description="That search was of two scenes.")]
    read_at: datetime
    read: Annotated[KeptRead | None, Field(description="Null once the read is past its retention.")]
    note: str
    made_by: Acted
    made_at: datetime


class FindingsKept(TypedDict):
    """How many reads were put into the case, and how many were in it before."""

    kept: int
    before: int


class Mark(TypedDict):
    """What happened in one bucket of a time bar, of one kind: one thing, or several with their worst one's name."""

    kind: Literal["alert", "incident", "call", "bookmark"]
    id: Annotated[
        AlertId | IncidentId | CallId | BookmarkId, Field(description="Of the worst one, else of the first.")
    ]
    at: Annotated[datetime, Field(description="Of the first one.")]
    to: Annotated[datetime | None, Field(description="Where a bookmark of a span ends.")]
    count: int
    level: StatusLevel
    title: str


_From = TypedDict("_From", {"from": datetime, "to": datetime})


class ReadCount(_From):
    """How many plates readers near a camera read in one bucket."""

    count: int


class MarksLeftOut(TypedDict):
    """A kind of marks that the asker may not see here, and why."""

    kind: Literal["alert", "incident", "call", "bookmark", "read"]
    reason: str


class Marks(_From):
    """What happened at a camera's place in a span, by buckets of `bucket_s`."""

    bucket_s: float
    marks: Annotated[
        list[Mark], Field(description="The first one first: of each kind at most 120, one a bucket.")
    ]
    reads: Annotated[list[ReadCount], Field(description="Buckets without any are left out.")]
    left_out: list[MarksLeftOut]
