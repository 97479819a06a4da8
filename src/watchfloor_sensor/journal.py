"""What was asked of this sensor's sound and what became of it: lines on disk, each with the hash of the one before.

It holds no sound. A line is on disk before anything leaves; where it cannot be, nothing does.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_FIRST: Final = "0" * 64
_MOST_LINE: Final = 4_096


class BrokenJournal(Exception):
    """The journal is not what was written, with the line."""


class Journal:
    """Appends. `after` is the hash of the last line."""

    def __init__(self, path: Path) -> None:
        """Reads what is there. Raises OSError, BrokenJournal."""
        self._path = path
        self.after = verified(path).hash if path.exists() else _FIRST

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


def verified(path: Path) -> Whole:
    """Look at every line. Raises OSError, BrokenJournal."""
    after, lines = _FIRST, 0
    with path.open("rb") as file:
        while line := file.readline(_MOST_LINE + 1):
            lines += 1
            try:
                said = json.loads(line)
            except ValueError as error:
                raise BrokenJournal(f"Line {lines} of {path} cannot be read.") from error
            if not line.endswith(b"\n") or not isinstance(said, dict) or said.get("after") != after:
                raise BrokenJournal(f"Line {lines} of {path} does not follow the one before.")
            after = hashlib.sha256(line).hexdigest()
    return Whole(lines, after)


def _line(now: datetime, what: Mapping[str, object], after: str) -> bytes:
    at = now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return json.dumps({"at": at, **what, "after": after}, separators=(",", ":")).encode() + b"\n"
