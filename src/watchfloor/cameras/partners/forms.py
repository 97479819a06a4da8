"""What a partner center is told of our cameras: where each is, what it sees and how it is. Never whose it is, nor how it is reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.forms import CameraState
from watchfloor.governance.inner_forms import CameraId, Place
from watchfloor.governance.words import TechnologyKind


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
