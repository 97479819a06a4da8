"""The words of following: what is followed, for how long, where it was read. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from watchfloor.kit.errors import Conflict, NotFound
from watchfloor.kit.geo import Point
from watchfloor.plates.model import Plate, ReaderId

FollowId = NewType("FollowId", UUID)
SightingId = NewType("SightingId", UUID)

# One person alone; by then a second has agreed.
ALONE_FOR: Final = timedelta(minutes=60)
LONGEST_BACK_MIN: Final = 240
USUAL_BACK_MIN: Final = 60


class Ended(StrEnum):
    """Why somebody or something is followed no more."""

    STOPPED = "stopped"
    INCIDENT_CLOSED = "incident_closed"
    NOT_RATIFIED = "not_ratified"
    NOT_AUTHORISED = "not_authorised"


SAID: Final = {
    Ended.STOPPED: "It was stopped by hand.",
    Ended.INCIDENT_CLOSED: "The incident was closed.",
    Ended.NOT_RATIFIED: "No second person agreed within 60 minutes.",
    Ended.NOT_AUTHORISED: "Plate readers are not authorised any more.",
}


@dataclass(frozen=True, slots=True)
class Follow:
    """One vehicle followed under one incident. `ratify_by` is until when one person's word holds; None once a second agreed."""

    id: FollowId
    incident: UUID
    plate: Plate
    state: str | None
    key: int
    looked_back_to: datetime
    started_by: UUID
    started_at: datetime
    ratify_by: datetime | None
    ratified_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    ended_why: Ended | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where it was read: by a machine, and looked at by nobody."""

    id: SightingId
    follow: FollowId
    reader: ReaderId
    reader_name: str
    place: str
    point: Point
    at: datetime
    received_at: datetime
    plate: Plate
    state: str | None
    heading_deg: float | None
    picture: str | None
    told_at: datetime | None = None


class NotFollowed(NotFound):
    """Nothing is followed under the incident."""

    def __init__(self) -> None:
        super().__init__("No vehicle is followed under this incident.", reason="not_followed")


class AloneTooLong(Conflict):
    """One person's hour is over."""

    def __init__(self) -> None:
        super().__init__(
            "You followed this vehicle under this incident for 60 minutes, and no second person agreed.",
            reason="alone_too_long",
            next_step="Ask a colleague to begin; you can then agree as the second person.",
        )


class FollowedAlready(Conflict):
    """One vehicle at a time."""

    def __init__(self) -> None:
        super().__init__(
            "A vehicle is followed under this incident already.",
            reason="followed_already",
            next_step="Stop following it first.",
        )
