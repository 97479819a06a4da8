"""What the routes of cameras answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.details import CameraKind, FootageKept, Mount, Night
from watchfloor.cameras.outages import Shared
from watchfloor.cameras.transport import Transport
from watchfloor.cameras.views import Visibility
from watchfloor.governance.inner_forms import (
    Acted,
    AnyId,
    AuthorisationId,
    CameraId,
    MaintenanceId,
    Place,
    SiteId,
    StatusLevel,
    WallId,
)
from watchfloor.governance.words import Role, TechnologyKind

SUB_STREAM: Final = "Of the sub stream, on the camera's host; empty takes it away. A new host forgets it."
REPLAYED: Final = (
    "Where a camera without ONVIF replays what it kept, on its own host, with the time as `{begin}` and `{end}` (UTC), or in a"
    " form of its own, `{begin:%Y_%m_%d_%H_%M_%S}`; empty takes it away."
)

TRANSPORT: Final = (
    "Over what its pictures come: `tcp`, in the connection itself; `udp`, as datagrams beside it; `auto`, as datagrams where it refuses"
    " the other. Of rtsps:// always `tcp`."
)
CERTIFICATE: Final = (
    "What it is known by under TLS, its stream at rtsps:// and its device (ONVIF) at https://: its certificate’s SHA-256 fingerprint or"
    " the PEM of its authorities; empty takes it away. Without: by authorities that the center’s machines trust. Another host forgets it."
)


class CameraState(TypedDict):
    """How a camera is: `word` is one or two words ("live", "no picture"), `reason` a sentence."""

    level: StatusLevel
    word: str
    reason: str
    since: datetime
    last_frame_at: datetime | None


class NamedSite(TypedDict):
    """A site, by its id and name."""

    id: SiteId
    name: str


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
    site: Annotated[NamedSite | None, Field(description="The site it is at.")]
    channel: Annotated[str | None, Field(description="Which of the site's cameras it is.")]


class CarriedStream(TypedDict):
    """How the streams of a camera come, and whether somebody said what its end is known by."""

    transport: Annotated[Transport, Field(description="Over what its pictures come.")]
    has_certificate: Annotated[
        bool, Field(description="Whether somebody said what its certificate is known by.")
    ]
    has_pin: Annotated[
        bool,
        Field(
            description="Whether that is a fingerprint: of this device’s own certificate, which no other has."
        ),
    ]


class Camera(CameraDetails, CarriedStream):
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
    carried_by: Annotated[AnyId | None, Field(description="The trailer or the unit that it moves with.")]
    stands_since: Annotated[
        datetime | None, Field(description="Since when it stands there; null where it never moved.")
    ]
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


class DownCamera(TypedDict):
    """A camera that is down: `word` is that of its state."""

    id: CameraId
    name: str
    word: str


class Outage(TypedDict):
    """Cameras that went down together, `down` of the `of` in use that share a switch, a power feed or the recorder; or one alone."""

    shared: Shared | None
    title: Annotated[str, Field(description="“Switch MDF-3”, or the name of a camera that is down alone.")]
    since: datetime
    down: int
    of: int
    cameras: Annotated[list[DownCamera], Field(description="The first hundred of them.")]


class TamperedCamera(TypedDict):
    """A camera whose device says that it is tampered with: turned, covered, sprayed or out of focus."""

    id: CameraId
    name: str
    since: datetime


class Outages(TypedDict):
    """What is down now and was not planned to be: how many cameras, how many are in planned work, and the outages, at most 200."""

    down: int
    planned: int
    outages: list[Outage]
    tampered: Annotated[
        list[TamperedCamera],
        Field(description="Cameras whose device says that it is tampered with, the longest first."),
    ]


# `from` is a word of Python's own.
_Span = TypedDict("_Span", {"from": datetime, "to": datetime})
_Since = TypedDict("_Since", {"from": datetime, "to": datetime | None})


class MaintenanceWindow(_Span):
    """Planned work on cameras: on which, from when to when, why, and whose it is."""

    id: MaintenanceId
    label: Annotated[str, Field(description="What is worked on: “Switch MDF-3”, “3 cameras”.")]
    cameras: int
    reason: str
    planned_by: Acted
    planned_at: datetime
    going_on: bool
    over: bool


class CameraReplacement(_Since):
    """A device that a camera has or had, from when to when; `to` is null for the one it has now."""

    model: Annotated[str | None, Field(description="Where somebody said so.")]
    reason: str | None
    replaced_by: str | None


class CameraReplacements(TypedDict):
    """The devices a camera has had, the one it has first; none of one that was never replaced."""

    devices: list[CameraReplacement]


class CameraPlace(_Since):
    """Where a camera stands or stood and which way it looked, from when to when; `to` is null where it stands now."""

    place: Place
    heading_deg: float | None


class CameraPlaces(TypedDict):
    """Where a camera stands and stood, the place it has now first; the latest two hundred."""

    places: list[CameraPlace]
