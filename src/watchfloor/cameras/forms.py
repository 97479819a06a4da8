"""What the routes of cameras answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.details import CameraKind, FootageKept, Mount, Night
from watchfloor.cameras.views import Visibility
from watchfloor.governance.inner_forms import Acted, AuthorisationId, CameraId, Place, StatusLevel, WallId
from watchfloor.governance.words import Role, TechnologyKind


class CameraState(TypedDict):
    """How a camera is: `word` is one or two words ("live", "no picture"), `reason` a sentence."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime
    last_frame_at: datetime | None


class CameraDetails(TypedDict):
    """What the registry says of a camera beside its place and view."""

    kind: Annotated[
        CameraKind | None, Field(description="Whose it is and what carries it; null: nobody said.")
    ]
    mount: Annotated[Mount | None, Field(description="What it hangs on.")]
    height_m: float | None
    night: Annotated[Night, Field(description="What it sees by in the dark.")]
    owner_text: Annotated[str, Field(description="Who owns it, in the agency's own words.")]
    network_switch: Annotated[str | None, Field(description="The switch it hangs on, by its short name.")]
    power_feed: Annotated[str | None, Field(description="What gives it power, by its short name.")]
    footage_kept: Annotated[FootageKept, Field(description="Where its footage is recorded.")]
    external_id: Annotated[str | None, Field(description="Its number in another system's list.")]


class Camera(CameraDetails):
    """A camera and how it is; neither its address nor its login."""

    id: CameraId
    name: str
    technology: TechnologyKind
    place: Place
    heading_deg: Annotated[float | None, Field(description="Where it looks, clockwise from north.")]
    field_deg: Annotated[float | None, Field(description="How wide it sees, where somebody said so.")]
    range_m: Annotated[float | None, Field(description="How far it sees, where somebody said so.")]
    enabled: bool
    has_login: bool
    has_sub_stream: Annotated[
        bool, Field(description="Whether there is a smaller stream, for small pictures.")
    ]
    state: CameraState
    recording: bool
    width: Annotated[int | None, Field(description="Pixels.")]
    height: Annotated[int | None, Field(description="Pixels.")]
    codec: str | None
    clock_off_ms: int | None
    authorisation: AuthorisationId | None
    authorised_until: datetime | None
    version: int


class SeeingCamera(TypedDict):
    """A camera for a place, and why it is offered: it sees it, may see it (its view is assumed), or is near and looks that way."""

    id: CameraId
    name: str
    distance_m: int
    level: StatusLevel
    visibility: Visibility
    why: str
    pixels_per_metre: Annotated[float | None, Field(description="At the place, while pictures come.")]


class Seeing(TypedDict):
    """The cameras for a place, the best view first, and how many there are that see it or may."""

    cameras: list[SeeingCamera]
    seeing: int


class Wall(TypedDict):
    """Cameras side by side, under a name: 1, 4, 9 or 16 tiles, row by row. A null shows nothing."""

    id: WallId
    name: str
    owner: Acted
    tiles: list[CameraId | None]
    first_of: Annotated[list[Role], Field(description="The roles that begin with it.")]
    changed_at: datetime
    version: int
