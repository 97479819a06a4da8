"""The words of cameras: the camera, what is said of it, who has it. Values and pure functions only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NewType
from uuid import UUID

from watchfloor.cameras.details import NOT_SAID, Details
from watchfloor.cameras.state import SENTENCES, CameraStatus
from watchfloor.cameras.transport import Transport
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point

CameraId = NewType("CameraId", UUID)

BOX_AWAY: Final = "edge box away"
# A recorder says what it sees every few seconds; older words are not believed.
NO_RECORDER: Final = "no recorder"
NO_ANSWER: Final = "no answer"
SITE_DOWN: Final = "site down"
SAID_FOR: Final = timedelta(seconds=20)
_TAKEN_WITHIN: Final = timedelta(minutes=1)
_NOT_TAKEN: Final = "No recorder has taken this camera: none runs, or each has as many as it may. `record.workers` says how many run."
WITH_PICTURES: Final = frozenset(
    {
        TechnologyKind.FIXED_CAMERA,
        TechnologyKind.MOBILE_TRAILER,
        TechnologyKind.PRIVATE_CAMERA_LINK,
        TechnologyKind.BODY_CAMERA,
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the recorder last said of a camera."""

    status: CameraStatus
    reason: str
    since: datetime
    said_at: datetime
    recording: bool
    last_frame_at: datetime | None
    skew_ms: int | None
    width: int | None
    height: int | None
    mime: str | None
    repaired: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What carries a camera and moves it: a trailer, or the unit that a body camera goes with."""

    kind: Literal["trailer", "unit"]
    id: UUID


@dataclass(frozen=True, slots=True)
class Eye:
    """Where a camera stands and looks, and no more of it."""

    id: UUID
    name: str
    place: Point
    heading_deg: float | None
    field_deg: float | None
    range_m: float | None


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the registry. `address` is without credentials; `has_login` says whether there are any.

    `field_deg` and `range_m` are how wide and how far it sees, where somebody said so. `sub_address` is where its sub
    stream is: the same picture, smaller, on the same host and by the same login. `stands_since` is None where it never moved.
    `replay_address` is a template of where a camera without ONVIF replays what it kept, on its host as well. `certificate` is what its
    certificate is known by under TLS; None: by the authorities that this machine trusts.
    """

    id: CameraId
    agency: UUID
    name: str
    technology: TechnologyKind
    address: str
    place_text: str
    place: Point
    heading_deg: float | None
    enabled: bool
    has_login: bool
    version: int
    created_at: datetime
    said: Said | None
    field_deg: float | None = None
    range_m: float | None = None
    sub_address: str | None = None
    details: Details = NOT_SAID
    box: str | None = None
    """The name of the edge box that it stands behind."""
    site_name: str | None = None
    carried_by: Carried | None = None
    stands_since: datetime | None = None
    replay_address: str | None = None
    transport: Transport = Transport.TCP
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A camera's state as people see it: level, one or two words, a sentence, since when."""

    level: str
    word: str
    reason: str
    since: datetime


_LEVELS: Final = {
    CameraStatus.NEW: ("off", "not recorded yet"),
    CameraStatus.CONNECTING: ("standby", "connecting"),
    CameraStatus.LIVE: ("normal", "live"),
    CameraStatus.UNREACHABLE: ("serious", NO_ANSWER),
    CameraStatus.BOX_AWAY: ("serious", BOX_AWAY),
    CameraStatus.CREDENTIALS_REFUSED: ("serious", "password refused"),
    CameraStatus.CERTIFICATE_REFUSED: ("serious", "certificate not trusted"),
    CameraStatus.SILENT: ("serious", "no picture"),
    CameraStatus.BAD_STREAM: ("serious", "bad stream"),
    CameraStatus.NOT_AUTHORISED: ("off", "not authorised"),
    CameraStatus.BY_AGREEMENT: ("off", "by agreement"),
    CameraStatus.NOT_LENT: ("off", "not lent to us"),
    CameraStatus.OUTSIDE_AREA: ("off", "outside its area"),
    CameraStatus.NO_ROOM: ("critical", "disk full"),
    CameraStatus.AT_SITE: ("normal", "at its site"),
    CameraStatus.OFF: ("off", "switched off"),
}


_OF_THE_CAMERA: Final = frozenset(
    _LEVELS[status][1]
    for status in (
        CameraStatus.UNREACHABLE,
        CameraStatus.BOX_AWAY,
        CameraStatus.CREDENTIALS_REFUSED,
        CameraStatus.CERTIFICATE_REFUSED,
        CameraStatus.SILENT,
        CameraStatus.BAD_STREAM,
    )
) | {SITE_DOWN}


def shown(camera: Camera, *, now: datetime) -> Shown:
    """How the camera is shown: what the recorder says, unless it has been silent for too long."""
    said = camera.said
    if not camera.enabled:
        return Shown(
            *_LEVELS[CameraStatus.OFF], SENTENCES[CameraStatus.OFF], said.since if said else camera.created_at
        )
    if said is None and now - camera.created_at > _TAKEN_WITHIN:
        return Shown("serious", NO_RECORDER, _NOT_TAKEN, camera.created_at)
    if said is None:
        return Shown(*_LEVELS[CameraStatus.NEW], SENTENCES[CameraStatus.NEW], camera.created_at)
    if now - said.said_at > SAID_FOR:
        return Shown(
            "serious", NO_RECORDER, "No recorder has said anything about this camera lately.", said.said_at
        )
    return Shown(*_LEVELS[said.status], said.reason, said.since)


def may_be_work(state: Shown) -> bool:
    """Whether the camera is in a state that work on it, its switch or its power can be the cause of: a dead recorder is none."""
    return state.word in _OF_THE_CAMERA


def while_planned(state: Shown, sentence: str | None) -> Shown:
    """How a camera is shown whose outage was planned: it is no alarm, and the work is the reason. Without a sentence as it is."""
    if sentence is None or not may_be_work(state):
        return state
    return Shown("standby", "planned work", sentence, state.since)


def while_site_down(state: Shown, sentence: str | None) -> Shown:
    """How a camera that does not answer is shown while its whole site does not. Without a sentence as it is."""
    if sentence is None or state.word != NO_ANSWER:
        return state
    return Shown(state.level, SITE_DOWN, sentence, state.since)


def of_status(status: CameraStatus, reason: str, since: datetime) -> Shown:
    """How a status is shown."""
    return Shown(*_LEVELS[status], reason, since)
