"""What strangers give as names is blotted out of the bus's log: it may be a token in the wrong field, and the server writes it down.

The server cannot be told not to. It keeps its file open and writes at the end: what stands before is overwritten sign by sign, and nothing
else of the log changes.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from watchfloor.engines.disk import Disk
from watchfloor.kit.clock import Clock

_EVERY_S: Final = 1.0
_MOST_AT_ONCE: Final = 4 * 1024 * 1024
_GIVEN: Final = re.compile(rb'(?:\b[a-z]id:\d+ - |\bUser )"((?:[^"\\\n]|\\.)*)"')
# A microphone's id is no secret, nor is what our own processes are called there.
_KNOWN: Final = re.compile(rb"mic_[0-9A-HJKMNP-TV-Z]{26}|watchfloor|watcher|doorkeeper")


class Scrub:
    """One log, and how far it was read."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = 0

    def look(self) -> bool:
        """Blot out what came since the last look, whole lines only; whether there was any. Raises OSError."""
        try:
            size = self._log.stat().st_size
        except FileNotFoundError:
            return False
        if size < self._read:  # it was emptied
            self._read = 0
        if size == self._read:
            return False
        with self._log.open("r+b") as file:
            file.seek(self._read)
            whole, newline, _ = file.read(_MOST_AT_ONCE).rpartition(b"\n")
            for found in _GIVEN.finditer(whole):
                if not _KNOWN.fullmatch(found[1]):
                    os.pwrite(file.fileno(), b"*" * len(found[1]), self._read + found.start(1))
        self._read += len(whole) + len(newline)
        return bool(newline)

    def look_through(self) -> None:
        """Blot out all that came, before anybody copies it. Raises OSError."""
        while self.look():
            pass


async def keep_scrubbed(scrub: Scrub, disk: Disk, clock: Clock) -> None:
    """Each second, for ever; what cannot be written now is blotted out the next time."""
    while True:
        await clock.sleep(_EVERY_S)
        try:
            await disk.does(scrub.look)
        except OSError:
            continue
