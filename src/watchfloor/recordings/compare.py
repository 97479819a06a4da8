"""What is wrong between the index of footage and what is stored: pure, a camera's day at a time. It opens and mends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.recordings.model import Label, Segment, SegmentId, day_name, object_path
from watchfloor.recordings.wire import FileHead
from watchfloor.storage.objects import Stored

_FILE: Final = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.seg")
_RULE: Final = re.compile(r"r[1-9]\d{0,4}")
_DAY: Final = re.compile(r"\d{8}")


class Wrong(StrEnum):
    """What can be wrong with a file or a row. The sentences are in `SENTENCES`."""

    ORPHAN = "orphan"
    HOLE = "hole"
    AWAY = "away"
    SIZE = "size"
    HASH = "hash"
    HEAD = "head"
    DAMAGED = "damaged"
    FOREIGN = "foreign"
    NO_KEY = "no_key"
    LOST = "lost"
    UNKNOWN_CAMERA = "unknown_camera"
    FORGOTTEN = "forgotten"


# What it is, what it means, and what to do.
SENTENCES: Final[Mapping[Wrong, tuple[str, str, str]]] = {
    Wrong.ORPHAN: (
        "A file of footage that the index does not know.",
        "It is kept and cannot be found or played.",
        "Run this check with --rebuild: the row is put back from the file's own head.",
    ),
    Wrong.HOLE: (
        "A row of the index whose file is not there.",
        "The timeline shows footage that cannot be played.",
        "Look for the file on other disks and in backups of the store, and put it back under the same name.",
    ),
    Wrong.AWAY: (
        "A row of the index whose file is on no disk that is there, while a disk is away.",
        "It cannot be played until the disk is back.",
        "Bring the disk back; see `watchfloor check`.",
    ),
    Wrong.SIZE: (
        "A file of another size than was recorded.",
        "It broke off or was changed; what follows the change cannot be played.",
        "See the disk's own messages; put the file back from a copy of the store where there is one.",
    ),
    Wrong.HASH: (
        "A file with other bytes than were recorded.",
        "It was altered, or the disk reads it wrongly; the altered part is never shown.",
        "See the disk's own messages; put the file back from a copy of the store where there is one.",
    ),
    Wrong.HEAD: (
        "A file whose head says something else than its row.",
        "Row and file do not belong together; it is not shown.",
        "Find out who may write to the store or to the database.",
    ),
    Wrong.DAMAGED: (
        "A file that the index did not know, of which only the beginning opens.",
        "What follows the damage cannot be played.",
        "See the disk's own messages; put the file back from a copy of the store where there is one.",
    ),
    Wrong.FOREIGN: (
        "Something that is no footage of this center.",
        "Nobody can say when it must go; nothing forgets it.",
        "Find out who put it there, and remove it.",
    ),
    Wrong.NO_KEY: (
        "A file of footage that the index does not know, and for which there is no key.",
        "Nobody can ever open it.",
        "Put the key store back from where it is kept, if it is kept; else the sweep removes the file with its day.",
    ),
    Wrong.LOST: (
        "A file that a recorder wrote after another had taken its camera.",
        "The other recorder has that time: two rows for one time are never kept.",
        "Nothing; the sweep removes it with its day.",
    ),
    Wrong.UNKNOWN_CAMERA: (
        "A file of footage of a camera that this database does not know, or that no recorder ever took.",
        "Without the camera nobody may look at it.",
        "Restore the newest backup of the state; the sweep removes the file with its day.",
    ),
    Wrong.FORGOTTEN: (
        "Files of a day that was forgotten.",
        "Nobody can open them, for their key is destroyed; they take up room.",
        "The sweep removes them within a day. If they stay, read logs/sweep.log.",
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong: what, where, of whom, and a word more."""

    what: Wrong
    where: str
    camera: UUID | None = None
    day: date | None = None
    detail: str = ""
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What the index says of a segment, as far as a file can say the same."""

    id: UUID
    agency: UUID
    label: Label
    began_at: datetime
    worker: UUID
    epoch: int
    size: int
    sha256: bytes
    mime: str
    width: int
    height: int

    @property
    def key(self) -> str:
        """Where its file should lie."""
        return object_path(SegmentId(self.id), self.label)


@dataclass(frozen=True, slots=True)
class Compared:
    """A camera's day: what is wrong at first sight, files that no row tells of, and pairs of which more may be asked."""

    found: list[Found]
    orphans: list[Stored]
    pairs: list[tuple[Row, Stored]]


def compare(rows: Iterable[Row], stored: Iterable[Stored], camera: UUID, day: date) -> Compared:
    """Match rows and files of one camera and day by where they lie."""
    files = {one.key: one for one in stored}
    compared = Compared([], [], [])
    for row in rows:
        file = files.pop(row.key, None)
        if file is None:
            compared.found.append(
                Found(Wrong.HOLE, row.key, camera, day, f"of {row.began_at:%Y-%m-%d %H:%M:%S} UTC")
            )
        elif file.size != row.size:
            detail = f"{file.size} bytes, {row.size} were recorded"
            compared.found.append(Found(Wrong.SIZE, row.key, camera, day, detail))
        else:
            compared.pairs.append((row, file))
    for key, file in sorted(files.items()):
        if _FILE.fullmatch(key.rsplit("/", 1)[-1]):
            compared.orphans.append(file)
        else:
            compared.found.append(Found(Wrong.FOREIGN, key, camera, day, "no name of a segment"))
    return compared


def head_differs(head: FileHead, row: Row) -> list[str]:
    """The fields in which a file's head and its row do not say the same."""
    said: Sequence[tuple[str, object, object]] = (
        ("id", head.id, row.id), ("agency", head.agency, row.agency), ("label", head.label, row.label),
        ("recorder", head.worker, row.worker), ("epoch", head.epoch, row.epoch), ("codec", head.mime, row.mime),
        ("size of the picture", (head.width, head.height), (row.width, row.height)),
    )  # fmt: skip
    return [name for name, of_file, of_row in said if of_file != of_row]


def misplaced(head: FileHead, key: str, agency: UUID) -> str:
    """Why a file cannot be what its place says; empty when it can."""
    if object_path(SegmentId(head.id), head.label) != key:
        return "its head names another place"
    return "" if head.agency == agency else "its head names another agency"


def rule_of(folder: str) -> int | None:
    """The rule of a folder `r7`; None for any other."""
    return int(folder[1:]) if _RULE.fullmatch(folder) else None


def day_of_folder(folder: str) -> date | None:
    """The day of a folder `20261122`; None for any other, and for a day that the calendar lacks."""
    if not _DAY.fullmatch(folder):
        return None
    try:
        return date(int(folder[:4]), int(folder[4:6]), int(folder[6:]))
    except ValueError:
        return None


def camera_of_folder(folder: str) -> UUID | None:
    """The camera of a folder; None for any other."""
    try:
        return UUID(folder) if str(UUID(folder)) == folder else None
    except ValueError:
        return None


def of_segment(segment: Segment, size: int, key: str) -> Found:
    """What is said of an orphan that was read: whole, or whole up to somewhere."""
    label = segment.label
    if segment.size < size:
        seconds = (segment.ended_us - segment.began_us) / 1e6
        detail = f"{seconds:.1f} s of it open, up to byte {segment.size} of {size}"
        return Found(Wrong.DAMAGED, key, label.camera, label.day, detail)
    return Found(Wrong.ORPHAN, key, label.camera, label.day)


def places(rule: int, day: date, cameras: Sequence[UUID]) -> Iterator[tuple[UUID, str]]:
    """Where each camera's files of a rule's day lie."""
    return ((camera, f"footage/r{rule}/{day_name(day)}/{camera}") for camera in cameras)
