"""What the routes of trailers answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import (
    Acted,
    AuthorisationId,
    CameraId,
    Place,
    PlacementId,
    ReaderId,
    StatusLevel,
    TrailerId,
)
from watchfloor.trailers.model import Ended, Lights, TrailerStanding
from watchfloor.trailers.periods import Period, What


class TrailerState(TypedDict):
    """How a trailer is: `word` is one to three words, `reason` a sentence."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime | None


class TrailerWarning(TypedDict):
    """Something that somebody has to see to."""

    word: str
    sentence: str


class CameraAboard(TypedDict):
    """A camera on a trailer, and how it is."""

    id: CameraId
    name: str
    level: StatusLevel
    word: str
    offset_deg: Annotated[float | None, Field(description="Its heading less the trailer's.")]


class ReaderAboard(TypedDict):
    """A plate reader on a trailer."""

    id: ReaderId
    name: str
    offset_deg: Annotated[float | None, Field(description="Its heading less the trailer's.")]


class LightsSwitched(TypedDict):
    """The last time somebody switched the lights, and what came of it."""

    lights: Lights
    at: datetime
    by: Acted
    ok: bool
    answer: str


_Span = TypedDict("_Span", {"from": datetime, "to": datetime})


class TrailerFigure(_Span):
    """How many incidents, calls or alerts of a class there were within the radius; `kind` `all` is of every class together."""

    period: Period
    what: What
    kind: str
    days: float
    radius_m: int
    count: int
    counted_at: datetime


class TrailerPlacement(TypedDict):
    """Where a trailer was placed, and what was counted around it. `authorisation`: what it stood under at first; null: none."""

    id: PlacementId
    place: Place
    heading_deg: float
    reason: str
    placed_at: datetime
    placed_by: Acted
    authorisation: AuthorisationId | None
    ended_at: datetime | None
    ended_by: Acted | None
    ended_how: Ended | None
    figures: list[TrailerFigure]


class Trailer(TypedDict):
    """A trailer, where it stands, what is on it, and what it last said of itself."""

    id: TrailerId
    name: str
    standing: TrailerStanding
    state: TrailerState
    warnings: list[TrailerWarning]
    place: Annotated[Place | None, Field(description="Where it stands, as far as anybody knows.")]
    placement: TrailerPlacement | None
    covered: Annotated[
        bool | None,
        Field(description="Whether it may record where it stands; null where nobody knows where."),
    ]
    authorisation: AuthorisationId | None
    position: Annotated[Place | None, Field(description="Where it said last that it is.")]
    position_at: datetime | None
    heard_at: datetime | None
    stale: bool
    battery_pct: float | None
    solar_w: float | None
    signal_dbm: float | None
    carrier: str | None
    lights: Lights | None
    switches: Annotated[bool, Field(description="Whether its lights can be switched from here.")]
    switched: LightsSwitched | None
    cameras: list[CameraAboard]
    readers: list[ReaderAboard]
    version: int


class TrailerHeard(TypedDict):
    """What came of a report: whether its position was kept, why not, and whether what it carries stands elsewhere now."""

    position: Literal["none", "kept", "older", "not_believed"]
    why: str | None
    moved: bool


class LightsAnswer(TypedDict):
    """What switching the lights came to, in words."""

    ok: bool
    answer: str
    trailer: Trailer


class LightsSecret(TypedDict):
    """The secret by which the switching of lights is signed, shown this once; null where it was taken away."""

    secret: str | None
