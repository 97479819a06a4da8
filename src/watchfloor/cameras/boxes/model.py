"""The words of edge boxes: the box, its one-time code, what it last said. Values and pure functions only."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.boxes.wire import DiskTrouble
from watchfloor.cameras.model import Shown
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import BadId, decode, encode

PREFIX: Final = "box"
CODE_FOR: Final = timedelta(hours=24)
# A box says something every two seconds.
AWAY_AFTER: Final = timedelta(seconds=10)
CLOCK_OFF_MS: Final = 5000
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{20,60}")
_PIN: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BoxCamera:
    """A camera of a box: `key` is the name by which the box's own file has it."""

    id: UUID
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a box last said. `linked_at` is None while it is away; `missing` names cameras that its own file has not.

    `disk` is what is wrong with the disk on which it keeps pictures, `lost` how many it could not keep since its start.
    """

    linked_at: datetime | None
    seen_at: datetime
    software: str
    clock_off_ms: int
    kept_bytes: int
    most_bytes: int
    oldest_at: datetime | None
    missing: tuple[str, ...]
    disk: DiskTrouble | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """An edge box."""

    id: UUID
    agency: UUID
    name: str
    created_at: datetime
    code_until: datetime | None
    enrolled_at: datetime | None
    certificate_until: datetime | None
    revoked_at: datetime | None
    version: int
    cameras: tuple[BoxCamera, ...]
    certificates: tuple[bytes, ...]
    said: Said | None

    def linked(self, now: datetime) -> bool:
        """Whether it is there."""
        said = self.said
        return said is not None and said.linked_at is not None and now - said.seen_at <= AWAY_AFTER


@dataclass(frozen=True, slots=True)
class Code:
    """What staff hand to whoever sets a box up: where the center is, by what it is known again, and a secret for one use."""

    address: str
    pin: str
    box: UUID
    secret: str

    def __str__(self) -> str:
        return f"{self.address}/{self.pin}/{encode(PREFIX, self.box)}/{self.secret}"

    @property
    def hashed(self) -> bytes:
        """What the center keeps of it."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_code(address: str, pin: str, box: UUID) -> Code:
    """A code that nobody can guess."""
    return Code(address, pin, box, secrets.token_urlsafe(24))


def code_of(text: str) -> Code:
    """A code as it was pasted. Raises Invalid, and repeats none of it."""
    parts = text.strip().split("/")
    try:
        address, pin, box, secret = parts
        if not (_PIN.fullmatch(pin) and _SECRET.fullmatch(secret)):
            raise ValueError
        host, port = host_and_port(address)
        return Code(
            f"{host}:{port}" if ":" not in host else f"[{host}]:{port}", pin, decode(PREFIX, box), secret
        )
    except (ValueError, BadId) as error:
        raise Invalid(
            "That is no enrolment code of an edge box.",
            next_step="Copy it whole from the page of edge boxes; it has four parts with strokes between them.",
        ) from error


def host_and_port(address: str) -> tuple[str, int]:
    """`center.example.gov:7443` in its two parts. Raises ValueError."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    number = int(port)
    if not host or not 0 < number < 65536 or any(c.isspace() for c in address):
        raise ValueError("neither host nor port")
    return host, number


def disk_word(disk: DiskTrouble | None, lost: int) -> str:
    """What is wrong with a box's disk, and what to do. Pure."""
    many = {0: "", 1: " 1 picture could not be kept."}.get(lost, f" {lost:,} pictures could not be kept.")
    match disk:
        case DiskTrouble.FULL:
            return f"Its disk has no room: make some, or give it a larger one.{many}"
        case DiskTrouble.FAILING:
            return f"Its disk refuses to write: replace the card.{many}"
        case DiskTrouble.SLOW:
            return f"Its disk is too slow for its cameras: give it a faster one, or fewer cameras.{many}"
        case None:
            return f"Its disk is well again.{many}" if lost else "Its disk is well."


def shown(box: Box, now: datetime) -> Shown:
    """How a box is shown: level, word, a sentence, since when."""
    said = box.said
    if box.revoked_at is not None:
        return Shown(
            "off", "revoked", "Its certificate holds no more, and what it kept is gone.", box.revoked_at
        )
    if box.enrolled_at is None:
        if box.code_until is not None and box.code_until > now:
            return Shown("standby", "waits", "Nobody has used its enrolment code yet.", box.created_at)
        return Shown(
            "caution",
            "code expired",
            "Its enrolment code was not used in time; make a new one.",
            box.created_at,
        )
    if said is None or not box.linked(now):
        since = said.seen_at if said is not None else box.enrolled_at
        many = "1 camera" if len(box.cameras) == 1 else f"{len(box.cameras)} cameras"
        return Shown("serious", "away", f"Edge box {box.name} is away: {many}.", since)
    if said.missing:
        missing = ", ".join(said.missing[:5])
        return Shown(
            "caution", "camera missing", f"Its own file has no camera {missing}.", said.linked_at or now
        )
    if said.disk is not None:
        return Shown(
            "serious", f"disk {said.disk.value}", disk_word(said.disk, said.lost), said.linked_at or now
        )
    if abs(said.clock_off_ms) > CLOCK_OFF_MS:
        return Shown(
            "caution",
            "clock off",
            "Its own clock is wrong; pictures are dated by ours.",
            said.linked_at or now,
        )
    return Shown("normal", "linked", "Linked.", said.linked_at or now)
