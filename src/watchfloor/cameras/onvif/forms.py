"""What the routes of devices answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.cameras.dwelling import Known
from watchfloor.cameras.forms import NamedSite
from watchfloor.cameras.onvif.notices import NoticeKind
from watchfloor.governance.inner_forms import Acted, CameraId
from watchfloor.governance.words import TechnologyKind


class KnownCamera(TypedDict):
    """A camera of the registry."""

    id: CameraId
    name: str


class Networks(TypedDict):
    """The networks that can be searched, each of at most 256 addresses; empty where none are named in the settings."""

    networks: list[str]


class FoundDevice(TypedDict):
    """A device that answered: where its service is, what it calls itself, and the cameras of the registry at its address."""

    address: str
    host: str
    name: str
    hardware: str
    known: list[KnownCamera]


class Discovery(TypedDict):
    """What answered, by address."""

    asked: Annotated[int, Field(description="How many addresses were asked.")]
    refused: Annotated[int, Field(description="Answers that were none, or came from where no camera may be.")]
    items: list[FoundDevice]


class DeviceProfile(TypedDict):
    """A stream that a device offers. `url` is at the device's own host; null where it names none."""

    token: str
    name: str
    width: int
    height: int
    codec: str
    url: str | None


class DeviceFacts(TypedDict):
    """What a device says that it is. `main` and `sub` are the tokens of the profiles to record and for small pictures."""

    address: str
    manufacturer: str
    model: str
    firmware: str
    serial: str
    clock_off_ms: int | None
    profiles: list[DeviceProfile]
    main: str | None
    sub: str | None
    turns: Annotated[bool, Field(description="Whether it can be turned (PTZ).")]
    presets: list[str]
    events: bool
    capabilities: list[str]
    remarks: Annotated[list[str], Field(description="What it said that is not followed, in sentences.")]
    known: list[KnownCamera]


class Capability(TypedDict):
    """What a device can do beyond pictures. `later`: it came after the device was first asked. `off`: why nothing of it is used: nobody
    acknowledged it, or no authorisation of its technology is in force there any more."""

    capability: str
    technology: TechnologyKind
    later: bool
    found_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: Acted | None
    off: str | None


class KeptDevice(TypedDict):
    """What the device said when it last answered; `problem` is why it did not since."""

    manufacturer: str
    model: str
    firmware: str
    serial: str
    turns: bool
    clock_off_ms: int | None
    heard_at: Annotated[
        datetime | None, Field(description="When it was last asked for its events; null: it has none.")
    ]
    heard_problem: Annotated[str | None, Field(description="Why it could not be heard then.")]
    answered_at: Annotated[datetime | None, Field(description="Null: it never did yet.")]
    asked_at: datetime
    problem: str | None


class DevicePreset(TypedDict):
    """A place that the camera knows how to look at."""

    token: str
    name: str
    dwelling: Annotated[
        str | None, Field(description="The dwelling that it looks at, where somebody marked it.")
    ]


class AimedAt(TypedDict):
    """A dwelling that the camera counts as aimed at now, and why: its preset, where it stands, or that it does not say where."""

    dwelling: str
    known: Known


class CameraLock(TypedDict):
    """Who turns a camera now, and where it can look. `before_others`: the asker may not take it from who has it."""

    turns: bool
    dwelling: Annotated[
        str | None,
        Field(
            description="The dwelling that it looks at while nobody turns it, where somebody marked it: as it stands, or at home."
        ),
    ]
    presets: list[DevicePreset]
    aimed_at: list[AimedAt]
    holder: Acted | None
    mine: bool
    before_others: bool
    since: datetime | None
    away: Annotated[
        bool,
        Field(
            description="Whether it looks elsewhere than home; after five minutes without a move it goes home."
        ),
    ]


class DeviceNotice(TypedDict):
    """What a device says of itself: whether it holds, since when we heard so, and when the device says that it began."""

    notice: NoticeKind
    on: bool
    since: datetime
    device_at: datetime | None


class CameraDevice(TypedDict):
    """The device of a camera, null while nobody said where it is, what it says of itself, and what it can do beyond pictures."""

    device: KeptDevice | None
    through: Annotated[
        NamedSite | None,
        Field(description="The site whose recorder is asked for it; null: the device is its own."),
    ]
    cannot: Annotated[
        list[str],
        Field(description="What a camera of a site cannot do through its recorder, and why, in sentences."),
    ]
    notices: list[DeviceNotice]
    capabilities: list[Capability]


class CapabilityChange(TypedDict):
    """A capability that came later and that nobody has acknowledged."""

    camera: KnownCamera
    capability: str
    technology: TechnologyKind
    found_at: datetime
