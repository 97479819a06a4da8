"""Knows whether there is room to record. Recording stops before the disk is full, so that the rest goes on working."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from watchfloor.kit.clock import Clock

_LOOK_EVERY_S: Final = 1.0


class Room:
    """Free space where footage is written, looked up at most once a second. Shared by all camera threads."""

    def __init__(self, folder: Path, least_bytes: int, clock: Clock) -> None:
        self._folder, self._least, self._clock = folder, least_bytes, clock
        self._looked_at = -_LOOK_EVERY_S
        self._free = 0

    def enough(self) -> bool:
        """Whether more than the reserve is free."""
        now = self._clock.monotonic()
        if now - self._looked_at >= _LOOK_EVERY_S:
            status = os.statvfs(self._folder)
            self._free = status.f_bavail * status.f_frsize
            self._looked_at = now
        return self._free > self._least
