"""What the routes of following answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.forms import SeeingCamera
from watchfloor.governance.inner_forms import Named, Place, SightingId
from watchfloor.incidents.forms import Path, Plate
from watchfloor.plates.forms import ReaderNamed

FollowState = Literal["none", "following", "ended"]
Line = Annotated[list[list[float]], Field(description="Points, latitude and longitude, from first to last.")]
Chance = Annotated[float, Field(description="0 to 1.")]


class Sighting(TypedDict):
    """A read of the vehicle by a machine: unconfirmed. `told_at` is when the crews that were there got it as a message."""

    id: SightingId
    at: datetime
    received_at: datetime
    reader: ReaderNamed
    place: Place
    plate: Plate
    strict: Annotated[bool, Field(description="Letter by letter the plate that is followed.")]
    picture: Path | None
    told_at: datetime | None


class Stretch(TypedDict):
    """A part of the way, how sure it is that it was driven, and when; `unread` below nine in ten."""

    line: Line
    metres: int
    confidence: Chance
    unread: bool
    streets: list[str]
    since: datetime
    until: datetime


class OtherWay(TypedDict):
    """Another way that it may have taken."""

    line: Line
    metres: int
    probability: Chance


class FollowLeg(TypedDict):
    """From one sighting to the next. `passed` are readers on the drawn way that did not read it."""

    since: datetime
    until: datetime
    probability: Annotated[float, Field(description="That the drawn way is right as a whole, 0 to 1.")]
    stopped: Annotated[float, Field(description="That it stood somewhere on the way, 0 to 1.")]
    metres: int
    sentence: str
    stretches: list[Stretch]
    alternatives: list[OtherWay]
    passed: list[ReaderNamed]


class NextPlace(TypedDict):
    """A place where readers stand that may read it next; `line` is the way there, of the likeliest ones."""

    key: int
    readers: list[ReaderNamed]
    place: Place
    line: Line


class NextReader(TypedDict):
    """How probably it is read at a place next, and in how many seconds: one in ten sooner, half, nine in ten."""

    place: Annotated[int, Field(description="The `key` of the place.")]
    probability: Chance
    p10_s: int
    p50_s: int
    p90_s: int


class Moment(TypedDict):
    """What may come, so long after the last sighting, without another one since."""

    elapsed_s: int
    next: list[NextReader]
    none: Annotated[float, Field(description="That no reader reads it again on this drive.")]
    stopped: Annotated[float, Field(description="That its drive has ended by then: a part of `none`.")]
    missed: Annotated[float, Field(description="That it has passed a reader that did not read it.")]


class CameraAhead(TypedDict):
    """A camera that sees the road to one of the likeliest next places."""

    place: int
    camera: SeeingCamera


class Follow(TypedDict):
    """A vehicle followed under an incident: where it was read, how it drove, what may come. `sentence` says where it stands."""

    state: FollowState
    plate: Plate | None
    sentence: str
    started_at: datetime | None
    started_by: Named | None
    looked_back_to: datetime | None
    ratify_by: Annotated[datetime | None, Field(description="Until then by one person alone.")]
    ratified_by: Named | None
    ended_at: datetime | None
    roads: Annotated[
        bool, Field(description="False without a street map: no way is known, and nothing ahead.")
    ]
    sightings: Annotated[
        list[Sighting], Field(description="The first read first; of very many the last 300.")
    ]
    legs: list[FollowLeg]
    places: list[NextPlace]
    ahead: list[Moment]
    cameras: list[CameraAhead]
