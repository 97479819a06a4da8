"""What the routes of edge boxes answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import CameraId, EdgeBoxId, StatusLevel


class EdgeBoxState(TypedDict):
    """How an edge box is: `word` is one or two words ("linked", "away"), `reason` a sentence."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime


class EdgeBoxCamera(TypedDict):
    """A camera of an edge box."""

    id: CameraId
    name: str
    key: Annotated[str, Field(description="The name by which the box's own file has it: edge://key.")]


class EdgeBox(TypedDict):
    """An edge box and how it is. Where its cameras are and how to sign in at them is known to the box alone."""

    id: EdgeBoxId
    name: str
    state: EdgeBoxState
    cameras: list[EdgeBoxCamera]
    created_at: datetime
    enrolled_at: datetime | None
    code_until: Annotated[datetime | None, Field(description="Until when its one-time code may be used.")]
    certificate_until: Annotated[
        datetime | None,
        Field(description="When its certificate ends; a box that is there renews it by itself."),
    ]
    seen_at: datetime | None
    software: str | None
    clock_off_ms: Annotated[
        int | None, Field(description="How far its own clock is ahead of ours. Pictures are dated by ours.")
    ]
    kept_bytes: Annotated[int | None, Field(description="What it keeps of the time that it was away.")]
    most_bytes: Annotated[int | None, Field(description="How much it can keep.")]
    oldest_at: datetime | None
    disk: Annotated[
        Literal["full", "failing", "slow"] | None,
        Field(description="What is wrong with the disk on which it keeps pictures; null: nothing."),
    ]
    lost_pictures: Annotated[
        int | None, Field(description="How many pictures it could not keep since it was started.")
    ]
    version: int


class EdgeBoxCode(TypedDict):
    """An edge box with a one-time code, which is shown now and never again."""

    box: EdgeBox
    code: Annotated[str, Field(description="For `watchfloor edge enrol CODE` on the box.")]


class EdgeGate(TypedDict):
    """Whether this center takes edge boxes at all, and which cameras wait for one."""

    address: Annotated[
        str | None, Field(description="Where boxes dial in; null where the center listens for none.")
    ]
    waiting: Annotated[
        list[EdgeBoxCamera],
        Field(description="Cameras registered as edge://key that no box has, at most 500."),
    ]
