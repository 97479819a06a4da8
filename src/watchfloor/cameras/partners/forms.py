"""What a partner center is told of our cameras: where each is, what it sees and how it is, and whether it may record it; never whose it is,
nor how it is reached. And what people here are told of what is lent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.forms import CameraState
from watchfloor.governance.inner_forms import (
    Acted,
    BorrowingId,
    CameraId,
    LendingId,
    Named,
    Place,
    ProposalId,
)
from watchfloor.governance.words import TechnologyKind


class LentUntil(TypedDict):
    """Leave to record a camera."""

    id: LendingId
    until: datetime


class OfferedCamera(TypedDict):
    """A camera that is offered to a partner."""

    id: CameraId
    name: str
    technology: TechnologyKind
    place: Place
    heading_deg: Annotated[float | None, Field(description="Where it looks, clockwise from north.")]
    field_deg: float | None
    range_m: float | None
    state: CameraState
    lent: Annotated[
        LentUntil | None, Field(description="Until when the partner may record it; null where it may not.")
    ]


class NamedCamera(TypedDict):
    """A camera by id and name."""

    id: CameraId
    name: str


class Lending(TypedDict):
    """Leave of a partner center to record cameras of ours: who asked for it and gave it, and who ended it."""

    id: LendingId
    title: str
    partner: Acted
    cameras: list[NamedCamera]
    reason: str
    asked_by: Acted
    given_by: Acted
    given_at: datetime
    until: datetime
    in_force: bool
    ended_at: datetime | None
    ended_by: Acted | None
    ended_why: str | None


class Partners(TypedDict):
    """The partner centers that have an account here."""

    partners: list[Named]


class LendingAsked(TypedDict):
    """What waits for a second person."""

    proposal: ProposalId


class Borrowed(TypedDict):
    """A camera of a partner center that is or was recorded here; `lending` is the id that its leave has over there."""

    id: BorrowingId
    camera: NamedCamera
    center: str
    lending: str
    since: datetime
    last_at: Annotated[datetime, Field(description="When it was recorded last.")]
    until: datetime
    ended_at: datetime | None
    ended_why: str | None
