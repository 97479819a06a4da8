"""Logs that do not fill the disk. The writers keep their file open, so it is copied and emptied, never renamed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 20 * 1024 * 1024
KEPT: Final = 5


def rotate(log: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> bool:
    """Move the content of `log` to `log.1` (and so on, `kept` at most) when it is longer than `most_bytes`.

    What a writer adds between the copy and the emptying is lost: a few lines of a log, never of the record.
    """
    try:
        if log.stat().st_size <= most_bytes:
            return False
    except FileNotFoundError:
        return False
    for number in range(kept - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    shutil.copy2(log, log.with_name(f"{log.name}.1"))
    with log.open("r+b") as file:
        file.truncate(0)
    return True
