"""Which masks hold now, known in this process to the second; and who may see what they cover.

Without the database what was known last holds on: a mask that was known is never forgotten for want of an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from watchfloor.cameras import mask_store
from watchfloor.cameras.masks import Mask
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import AgencyId, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.sure import sure

_FRESH_S: Final = 1.0
WARRANT: Final = Purpose.COURT_ORDER
"""The purpose of who may see what masks cover, and look at one dwelling for hours."""


class MaskBook:
    """The masks of each agency, read anew when they are asked for and a second old."""

    def __init__(self, door: Door, clock: Clock, process: str = "serve") -> None:
        self._door, self._clock, self._process = door, clock, process
        self._known: dict[UUID, tuple[float, Mapping[UUID, tuple[Mask, ...]]]] = {}
        self._reading = asyncio.Lock()

    async def of(self, agency: UUID, camera: UUID) -> tuple[Mask, ...]:
        """The camera's masks. Raises Unavailable where nothing was ever known and the database does not answer."""
        known = self._known.get(agency)
        if known is None or self._clock.monotonic() - known[0] >= _FRESH_S:
            async with self._reading:
                known = await self._read(agency)
        return known[1].get(camera, ())

    async def unmasked(self, ask: Ask) -> bool:
        """Whether this look at a camera may see what its masks cover. Raises Unavailable."""
        camera = sure(ask.about, "the camera of a look").id
        masks = await self.of(ask.actor.agency, sure(camera, "the camera of a look"))
        return await sees_unmasked(self._door, ask, masks)

    def forget(self, agency: UUID) -> None:
        """Something changed: the next who asks reads anew."""
        at, masks = self._known.get(agency, (0.0, {}))
        if agency in self._known:
            self._known[agency] = (at - _FRESH_S, masks)

    async def _read(self, agency: UUID) -> tuple[float, Mapping[UUID, tuple[Mask, ...]]]:
        known, now = self._known.get(agency), self._clock.monotonic()
        if known is not None and now - known[0] < _FRESH_S:
            return known
        try:
            ask = Ask(process_actor(AgencyId(agency), self._process), Need.CAMERA_STATE)
            async with self._door.open(ask) as tx:
                masks = await mask_store.all_masks(tx)
        except WatchfloorError:
            if known is None:
                raise
            masks = known[1]
        self._known[agency] = (now, masks)
        return self._known[agency]


async def sees_unmasked(door: Door, ask: Ask, masks: Sequence[Mask]) -> bool:
    """Whether this look may see what masks cover: by a court's order, in a role with that right. The log has it then."""
    if not masks or ask.why is None or ask.why.purpose is not WARRANT:
        return False
    if not ask.actor.roles & Need.CAMERA_UNMASKED.roles:
        return False
    try:
        async with door.open(replace(ask, need=Need.CAMERA_UNMASKED)):
            return True
    except Refused:
        return False
