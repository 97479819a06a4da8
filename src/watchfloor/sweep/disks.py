"""Looks at the disks of the object store every few seconds, and writes into the log which was taken out and which came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.storage.disks import DiskState, states_of
from watchfloor.storage.objects import Objects

_EVERY_S: Final = 10.0
_log = logger("sweep.disks")


class DiskWatch:
    """What was last said of each disk: at the start all are taken to be well, so that one that is away is told again."""

    def __init__(self, door: Door, agencies: Sequence[UUID], objects: Objects) -> None:
        self._door, self._agencies, self._objects = door, agencies, objects
        self._said: dict[str, bool] = {}

    async def look(self) -> list[DiskState]:
        """Look once; what changed is in the log of every agency when this returns. Raises Unavailable."""
        states = await states_of(self._objects)
        for disk in states:
            name, well = str(disk.folder), not disk.trouble
            if self._said.get(name, True) is well:
                continue
            for agency in self._agencies:
                async with self._door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)) as tx:
                    await effect(
                        tx,
                        "disk.back" if well else "disk.taken_out",
                        About("agency", agency),
                        more={"disk": name, "why": disk.trouble or None},
                    )
            self._said[name] = well
        return states

    async def watch(self, clock: Clock) -> None:
        """For ever; without a database it waits and tells later."""
        while True:
            try:
                await self.look()
            except WatchfloorError as error:
                _log.warning("the disks cannot be told of", why=error.detail)
            await clock.sleep(_EVERY_S)
