"""What was asked of this sensor's sound and what became of it: lines on disk, each with the hash of the one before.

It holds no sound. A line is on disk before anything leaves; where it cannot be, nothing does.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_FIRST: Final = "0" * 64
_MOST_LINE: Final = 4_096
_MOST_REMEMBERED: Final = 60
"""So many of the clips that left are remembered over a restart: as many as may leave in a day."""


class BrokenJournal(Exception):
    """The journal is not what was written, with the line."""


class Torn(BrokenJournal):
    """Its last line was not written to its end, as when the power is cut: nothing left for it. `whole`: how many bytes are before it."""

    def __init__(self, message: str, whole: int) -> None:
        super().__init__(message)
        self.whole = whole


class Journal:
    """Appends. `after` is the hash of the last line, `left_at` when the last clips of before left."""

    def __init__(self, path: Path) -> None:
        """Reads what is there; a last line that was torn is set aside, in a file beside it. Raises OSError, BrokenJournal."""
        self._path = path
        try:
            found = verified(path) if path.exists() else Whole(0, _FIRST)
        except Torn as torn:
            _set_aside(path, torn.whole)
            found = verified(path)
        self.after, self.left_at = found.hash, found.left_at

    def write(self, now: datetime, what: Mapping[str, object]) -> None:
        """A line, on disk when this returns. Raises OSError: then there is none of it."""
        line = _line(now, what, self.after)
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(file).st_size
            try:
                if os.write(file, line) != len(line):
                    raise OSError(f"{self._path} is full.")
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise
        finally:
            os.close(file)
        self.after = hashlib.sha256(line).hexdigest()


@dataclass(frozen=True, slots=True)
class Whole:
    """A journal that holds: how many lines, and the hash of the last. Who was told that hash sees when lines are missing at the end."""

    lines: int
    hash: str
    left_at: tuple[datetime, ...] = ()


def verified(path: Path) -> Whole:
    """Look at every line. Raises OSError, BrokenJournal, of a last line that was torn Torn."""
    after, lines, whole = _FIRST, 0, 0
    left_at: deque[datetime] = deque(maxlen=_MOST_REMEMBERED)
    with path.open("rb") as file:
        while line := file.readline(_MOST_LINE + 1):
            lines += 1
            if not line.endswith(b"\n"):
                if b"\n" in file.read():
                    raise BrokenJournal(f"Line {lines} of {path} cannot be read.")
                raise Torn(f"Line {lines} of {path}, the last, was not written to its end.", whole)
            try:
                said = json.loads(line)
                if said["after"] != after:
                    raise BrokenJournal(f"Line {lines} of {path} does not follow the one before.")
                if said["became"] == "clip":
                    left_at.append(datetime.fromisoformat(said["at"]).astimezone(UTC))
            except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
                raise BrokenJournal(f"Line {lines} of {path} cannot be read.") from error
            after, whole = hashlib.sha256(line).hexdigest(), whole + len(line)
    return Whole(lines, after, tuple(left_at))


def _set_aside(path: Path, whole: int) -> None:
    """Keep what comes after so many bytes in a file beside it, and take it from this one, in that order. Raises OSError."""
    with path.open("r+b") as file:
        file.seek(whole)
        with path.with_name(path.name + ".torn").open("ab") as beside:
            os.chmod(beside.fileno(), 0o600)
            beside.write(file.read() + b"\n")
            beside.flush()
            os.fsync(beside.fileno())
        file.truncate(whole)
        os.fsync(file.fileno())


def _line(now: datetime, what: Mapping[str, object], after: str) -> bytes:
    at = now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return json.dumps({"at": at, **what, "after": after}, separators=(",", ":")).encode() + b"\n"
