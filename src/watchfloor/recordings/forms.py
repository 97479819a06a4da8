"""What the routes of recordings answer, video apart."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import CameraId, HoldId, words

# `from` is a word of Python's own.
Range = TypedDict("Range", {"from": datetime, "to": datetime, "run": int, "at_site": bool})
Gap = TypedDict("Gap", {"from": datetime, "to": datetime, "reason": str})
_Span = TypedDict("_Span", {"from": datetime, "to": datetime})


class CoverageGap(_Span):
    """A time of which there is no footage, why, and who answers for it."""

    reason: str
    answers: str


class Filled(_Span):
    """What was missing and was fetched from the camera, and when."""

    filled_at: datetime


Timeline = TypedDict(
    "Timeline",
    {"from": datetime, "to": datetime, "ranges": list[Range], "gaps": list[Gap], "filled": list[Filled]},
)


class HasAtSite(_Span):
    """A stretch that the site says it has."""


class TimelineAtSite(_Span):
    """What a camera's site says that it has of a time."""

    site: Annotated[
        str | None, Field(description="Its name; null of a camera whose footage is kept here alone.")
    ]
    tells: Annotated[
        bool, Field(description="Whether the site says what it has. Else nobody knows before it is played.")
    ]
    said: Annotated[
        str | None, Field(description="Why it does not say, or what is to be known of what it says.")
    ]
    ranges: list[HasAtSite]
    gaps: Annotated[list[Gap], Field(description="What the site does not have, and was not recorded here.")]


class HeldAtSite(_Span):
    """A time that is held of a camera whose footage is kept at its site, and how much of it was fetched and is preserved here."""

    hold: HoldId
    camera: CameraId
    camera_name: str
    site: str | None
    fetched_s: int
    missing_s: int
    state: Annotated[str, words("fetching", "fetched", "short")]
    said: Annotated[str | None, Field(description="What the site said of what it did not give.")]
    next_at: Annotated[datetime | None, Field(description="When the site is asked next.")]


class Coverage(TypedDict):
    """How much of a time was recorded of a camera; of the rest, how often it was not, the longest time of that, and who answers for it."""

    id: CameraId
    expected_s: int
    recorded_s: int
    gaps: int
    at_site_s: Annotated[int, Field(description="What its site alone keeps: not expected here, and no gap.")]
    longest_gap: CoverageGap | None
    each: Annotated[
        list[CoverageGap],
        Field(
            description="Of a camera that was asked for alone, oldest first: the 50 longest; `answers` is who answers for it."
        ),
    ]
    filled: Annotated[
        list[Filled],
        Field(
            description="Of a camera that was asked for alone: what was missing and was fetched from it, and when; the last 50."
        ),
    ]
