"""Makes the day keys of cameras before they are needed: at midnight all cameras turn to new ones in the same instant.

Making a key waits for the disk twice, and the thread that reads cameras must not. It seals nothing, and what it cannot make
is made, or refused, where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.kit.errors import WatchfloorError
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import day_of, us

_AHEAD: Final = timedelta(minutes=15)

Wanted = tuple[UUID, int, date]


class KeysAhead:
    """Which keys are made already. `wanted` is asked in one thread, `make` may wait in another."""

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore
        self._made: set[Wanted] = set()

    def wanted(self, recording: Iterable[tuple[UUID, int]], now: datetime) -> set[Wanted]:
        """What is to be made for cameras that record under these rules: today's keys, and tomorrow's before midnight."""
        days = {day_of(us(now)), day_of(us(now + _AHEAD))}
        wanted = {(camera, rule, day) for camera, rule in recording for day in days}
        self._made &= wanted
        return wanted - self._made

    def make(self, wanted: set[Wanted]) -> None:
        """Make them; one that cannot be made is tried again with the next."""
        for camera, rule, day in sorted(wanted):
            try:
                self._keystore.make_or_find(camera, rule, day)
            except (OSError, WatchfloorError):
                continue
            self._made.add((camera, rule, day))
