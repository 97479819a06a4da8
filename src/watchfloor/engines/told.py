"""Keeps `endpoints.json` as what it says changes. Nobody who watches waits for it: a disk that hangs holds up the writing alone."""

from __future__ import annotations

import contextlib
from typing import Final

from watchfloor.engines.disk import Disk
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.supervise import Say
from watchfloor.kit.clock import Clock

_EVERY_S: Final = 0.1
_AGAIN_S: Final = 10.0


class Told:
    """Where everything is `now`; None before anything is."""

    def __init__(self, disk: Disk, clock: Clock, say: Say) -> None:
        self.now: Endpoints | None = None
        self._disk = disk
        self._clock = clock
        self._say = say
        self._written: Endpoints | None = None

    async def written(self) -> None:
        """Write what is true now; with a disk that does not answer, when it does. Raises OSError."""
        now = self.now
        if now is not None:
            await self._disk.does(now.write)
            self._written = now

    async def tried(self) -> None:
        """When this returns the disk has answered, if only that it is full."""
        with contextlib.suppress(OSError):
            await self.written()

    async def keep(self) -> None:
        """Write it whenever it is another, for ever."""
        while True:
            await self._clock.sleep(_EVERY_S)
            if self._written == self.now:
                continue
            try:
                await self.written()
            except OSError as error:
                self._say(
                    "unwritten", f"where everything is cannot be written down: {error.strerror or error}"
                )
                await self._clock.sleep(_AGAIN_S)
