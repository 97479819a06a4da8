"""The spool: where one recorder writes what is not yet among the objects. Locked while its recorder lives.

    spool/footage/<recorder>/lock
    spool/footage/<recorder>/<camera>/<segment>.part    being written, or not yet among the objects
    spool/footage/<recorder>/rows/<id>.row              finished, waiting for the index
    spool/footage/<recorder>/rows/<id>.bad              the index could not take it; it waits again from the next start on

A recorder that died leaves its spool to whichever recorder of this machine can take its lock.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Conflict, Unavailable
from watchfloor.recordings.model import Gap, Segment
from watchfloor.recordings.wire import decode_row, encode_row

ROWS: Final = "rows"
PART: Final = ".part"
ROW: Final = ".row"
BAD: Final = ".bad"
_WITHIN_S: Final = 10.0


class Spool:
    """One recorder's spool, held by its lock until `close`."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock
        self._rows = folder / ROWS
        self._rows.mkdir(mode=0o700, exist_ok=True)

    @classmethod
    def take(cls, root: Path, recorder: str) -> Self:
        """Take the spool of `recorder`. Raises Conflict when another process has it."""
        folder = root / recorder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise Conflict(f"The spool of {recorder} belongs to a recorder that runs.") from error
        return cls(folder, lock)

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._lock)

    def last_worker(self) -> UUID | None:
        """The worker that had this spool before: it is dead, for we hold its lock."""
        try:
            return UUID((self.folder / "worker").read_text().strip())
        except (FileNotFoundError, ValueError):
            return None

    def keep_worker(self, worker: UUID) -> None:
        """Leave word for the one who takes this spool next."""
        (self.folder / "worker").write_text(f"{worker}\n")

    def forget_worker(self) -> None:
        """What the dead worker left is taken care of."""
        (self.folder / "worker").unlink(missing_ok=True)

    @property
    def abandoned(self) -> bool:
        """Whether there is anything here that a dead recorder left."""
        return self.last_worker() is not None or bool(self.parts()) or bool(self.rows())

    def of_camera(self, camera: UUID) -> Path:
        """Where a camera's segments are written."""
        folder = self.folder / str(camera)
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def part(self, segment: Segment) -> Path:
        """Where a segment is until it is among the objects."""
        return self.folder / str(segment.label.camera) / f"{segment.id}{PART}"

    def parts(self) -> list[Path]:
        """Segments that were not finished, oldest first."""
        return sorted(self.folder.glob(f"*/*{PART}"), key=lambda path: path.name)

    def rows(self) -> list[Path]:
        """What waits for the index, oldest first."""
        return sorted(self._rows.glob(f"*{ROW}"), key=lambda path: path.name)

    def take_up_rows(self) -> None:
        """Let what was set aside wait again: what was in its way may be mended."""
        for path in self._rows.glob(f"*{BAD}"):
            path.rename(path.with_suffix(ROW))

    def row(self, waiting: Segment | Gap) -> Path:
        """Where the row of this waits."""
        return self._rows / f"{waiting.id}{ROW}"

    def has_row(self, part: Path) -> bool:
        """Whether this part is finished, so that only its way to the objects is missing."""
        return (self._rows / f"{part.stem}{ROW}").exists()

    def keep_row(self, waiting: Segment | Gap) -> Path:
        """Put a row beside the spool, whole and synced."""
        path = self.row(waiting)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(encode_row(waiting))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        sync_folder(self._rows)
        return path


async def taken(root: Path, recorder: str, clock: Clock) -> Spool:
    """Our spool; another recorder may hold it for a moment, to finish what our predecessor left. Raises Conflict."""
    ends = clock.monotonic() + _WITHIN_S
    while True:
        try:
            return Spool.take(root, recorder)
        except Conflict:
            if clock.monotonic() > ends:
                raise
        await clock.sleep(0.2)


def orphans(root: Path, own: str) -> Iterator[Spool]:
    """The spools of recorders that died and left something, taken one by one."""
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if folder.name == own or not folder.is_dir():
            continue
        try:
            spool = Spool.take(root, folder.name)
        except Conflict:
            continue
        if spool.abandoned:
            yield spool
        else:
            spool.close()


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a machine's spools hold: rows that wait for the index and those it could not take, bytes in all, and how long the
    first has waited."""

    rows: int
    refused: int
    bytes: int
    oldest_s: float


def backlog(root: Path, now: datetime) -> Backlog:
    """What the spools under `root` hold. A file that goes meanwhile is not counted."""
    rows = [stat for path in root.glob(f"*/{ROWS}/*{ROW}") if (stat := _stat(path))]
    parts = [stat.st_size for path in root.glob(f"*/*/*{PART}") if (stat := _stat(path))]
    oldest = min((stat.st_mtime for stat in rows), default=now.timestamp())
    refused = sum(1 for _ in root.glob(f"*/{ROWS}/*{BAD}"))
    return Backlog(len(rows), refused, sum(parts), max(0.0, now.timestamp() - oldest))


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def open_parts(root: Path, camera: UUID) -> list[Path]:
    """The segments of a camera that are still being written on this machine, oldest first."""
    return sorted(root.glob(f"*/{camera}/*{PART}"), key=lambda path: path.name)


def waiting_rows(root: Path, camera: UUID) -> Iterator[Segment]:
    """The segments of a camera that this machine's recorders finished, and that are not yet in the index."""
    # With a store that is away each segment has both: those of other cameras need not be read.
    others = {part.stem for part in root.glob(f"*/*/*{PART}") if part.parent.name != str(camera)}
    for path in root.glob(f"*/{ROWS}/*{ROW}"):
        if path.stem in others:
            continue
        try:
            row = decode_row(path.read_bytes())
        except (FileNotFoundError, Unavailable):
            continue
        if isinstance(row, Segment) and row.label.camera == camera:
            yield row


def sync_folder(folder: Path) -> None:
    """Make what was renamed into a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
