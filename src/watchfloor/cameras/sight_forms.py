"""What the routes of visible areas answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import CameraId


class VisibleArea(TypedDict):
    """The ground a camera sees: a ring of lon and lat."""

    camera: CameraId
    area: list[tuple[float, float]]
    square_m: int
    hidden: Annotated[float, Field(description="The share of its view that buildings hide.")]
    assumed: Annotated[bool, Field(description="Nobody said how wide or how far it sees.")]


class Movable(TypedDict):
    """A camera that could look at a place: on a trailer, or one that turns."""

    camera: CameraId
    name: str
    distance_m: int
    turns: bool
    live: bool
    last_frame_at: datetime | None
    carrier_says: Annotated[
        str | None, Field(description="Of one on a trailer: how its battery and its link are.")
    ]


class BlindArea(TypedDict):
    """The open ground around a place that no live camera sees: polygons, each an outer ring and its holes, lon and lat."""

    radius_m: float
    unseen: list[list[list[tuple[float, float]]]]
    share: Annotated[float, Field(description="Which share of the open ground it is.")]
    cameras: Annotated[int, Field(description="How many live cameras see some of it.")]
    movable: list[Movable]
