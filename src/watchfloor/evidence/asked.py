"""Evidence that somebody is asked for: the request, the files they send, and what a file may be. Values and pure functions only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final
from uuid import UUID

from watchfloor.governance.words import Purpose
from watchfloor.kit.errors import Invalid

OPEN_FOR: Final = timedelta(days=14)
LONGEST: Final = timedelta(hours=24)
MOST_FILES: Final = 10
# The smallest piece that is kept for itself; every part of a file but its last is a whole number of them.
PART: Final = 1024 * 1024
MOST_PARTS: Final = 2
# What may come, by the letters after the last dot. Whatever is none of these is refused: programs, archives, documents.
_MP4, _MKV, _AVI, _TS, _JPEG, _PNG = "MP4", "Matroska", "AVI", "MPEG-TS", "JPEG", "PNG"
KINDS: Final = {
    "mp4": _MP4, "m4v": _MP4, "mov": _MP4, "mkv": _MKV, "webm": _MKV, "avi": _AVI, "ts": _TS, "jpg": _JPEG, "jpeg": _JPEG, "png": _PNG,
}  # fmt: skip
ACCEPT: Final = ",".join(f".{one}" for one in KINDS)


@dataclass(frozen=True, slots=True)
class File:
    """What was sent, or is on its way."""

    id: UUID
    name: str
    kind: str
    size: int
    taken: int
    began_at: datetime
    sha256: str | None
    kept_at: datetime | None
    entry: UUID | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody is asked for what their camera has. Who it is, is told to those who look after owners alone."""

    id: UUID
    case: UUID
    case_number: str
    purpose: Purpose
    owner: UUID | None
    camera: UUID | None
    place: str
    from_at: datetime
    to_at: datetime
    words: str = field(repr=False)
    asked_by: UUID
    asked_at: datetime
    expires_at: datetime
    reminded_at: datetime | None
    seen_at: datetime | None
    declined_at: datetime | None
    received_at: datetime | None
    ended_at: datetime | None
    withdrawn_at: datetime | None
    files: tuple[File, ...] = ()

    def state(self, now: datetime) -> str:
        """How far it is, in one word."""
        for word, at in (
            ("withdrawn", self.withdrawn_at),
            ("received", self.received_at),
            ("declined", self.declined_at),
        ):
            if at is not None:
                return word
        if self.expires_at <= now:
            return "lapsed"
        return "seen" if self.seen_at is not None else "asked"

    def is_open(self, now: datetime) -> bool:
        """Whether its link opens anything."""
        over = (self.withdrawn_at, self.declined_at, self.ended_at)
        return self.expires_at > now and all(at is None for at in over)


def check_times(from_at: datetime, to_at: datetime, now: datetime) -> None:
    """Raises Invalid, its reason naming the field, unless this time can be asked for."""
    if to_at <= from_at:
        raise Invalid("It ends after it begins.", reason="to_at")
    if to_at - from_at > LONGEST:
        raise Invalid("Ask for 24 hours at most.", reason="to_at")
    if to_at > now:
        raise Invalid("Ask for what has been.", reason="to_at")


def named(name: str) -> tuple[str, str]:
    """The name of a file without folders, and what it has to be. Raises Invalid for what is not taken."""
    kept = PureWindowsPath(PurePosixPath(name).name).name.strip()
    ending = kept.rpartition(".")[2].lower() if "." in kept else ""
    if ending not in KINDS or not 1 <= len(kept) <= 200 or not kept.isprintable():
        raise Invalid(
            "Videos and pictures are taken: mp4, mov, mkv, webm, avi, ts, jpg, png.", reason="kind",
            next_step="Send the recording as the camera saved it; no program, archive or document.",
        )  # fmt: skip
    return kept, KINDS[ending]


def begins_as(kind: str, start: bytes) -> bool:
    """Whether a file that begins so is what its name says."""
    match kind:
        case "MP4":
            return start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
        case "Matroska":
            return start.startswith(b"\x1a\x45\xdf\xa3")
        case "AVI":
            return start.startswith(b"RIFF") and start[8:12] == b"AVI "
        case "MPEG-TS":
            return len(start) > 188 and start[0] == 0x47 and start[188] == 0x47
        case "JPEG":
            return start.startswith(b"\xff\xd8\xff")
        case _:
            return start.startswith(b"\x89PNG\r\n\x1a\n")
