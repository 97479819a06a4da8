"""The states a camera can be in, as people read them: a word, a sentence, since when. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CameraStatus(StrEnum):
    """How a camera is doing."""

    NEW = "new"
    CONNECTING = "connecting"
    LIVE = "live"
    UNREACHABLE = "unreachable"
    BOX_AWAY = "box_away"
    CREDENTIALS_REFUSED = "credentials_refused"
    CERTIFICATE_REFUSED = "certificate_refused"
    SILENT = "silent"
    BAD_STREAM = "bad_stream"
    NOT_AUTHORISED = "not_authorised"
    BY_AGREEMENT = "by_agreement"
    NOT_LENT = "not_lent"
    OUTSIDE_AREA = "outside_area"
    NO_ROOM = "no_room"
    AT_SITE = "at_site"
    OFF = "off"


SENTENCES: Final = {
    CameraStatus.NEW: "The camera is registered; no recorder has taken it yet.",
    CameraStatus.CONNECTING: "The camera is being opened.",
    CameraStatus.LIVE: "Pictures arrive.",
    CameraStatus.UNREACHABLE: "The camera does not answer.",
    CameraStatus.BOX_AWAY: "The edge box of this camera is away.",
    CameraStatus.CREDENTIALS_REFUSED: "The camera refuses the name and password it was given.",
    CameraStatus.CERTIFICATE_REFUSED: "The camera’s certificate is not trusted, so it is not opened.",
    CameraStatus.SILENT: "The camera is connected and sends no pictures.",
    CameraStatus.BAD_STREAM: "What the camera sends cannot be understood.",
    CameraStatus.NOT_AUTHORISED: "No authorisation for this camera is in force.",
    CameraStatus.BY_AGREEMENT: "The owner's agreement does not cover this time.",
    CameraStatus.NOT_LENT: "Its center does not lend it to us to be recorded.",
    CameraStatus.OUTSIDE_AREA: "It stands outside the area it is authorised for.",
    CameraStatus.NO_ROOM: "There is no room left to record to.",
    CameraStatus.AT_SITE: "Its footage is kept at its site, which answers; it is opened when somebody looks.",
    CameraStatus.OFF: "The camera is switched off in the registry.",
}


class NotThere(Exception):
    """The camera cannot be used at present: the status says how, the text why. It never holds an address."""

    def __init__(self, status: CameraStatus, reason: str | None = None) -> None:
        super().__init__(reason or SENTENCES[status])
        self.status = status


@dataclass(frozen=True, slots=True)
class Status:
    """A camera's state at present. `reason` is a sentence for people; it never holds an address with credentials."""

    status: CameraStatus
    reason: str
    since_us: int
    skew_ms: int | None = None
    width: int = 0
    height: int = 0
    mime: str = ""
    repaired: int = 0
