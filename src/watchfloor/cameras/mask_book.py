"""Which masks hold now, known in this process to the second, and which cameras were aimed at a dwelling for too long; and who may
see what is covered.

Without the database what was known last holds on: a mask that was known is never forgotten for want of an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import cover, dwelling_store, mask_store, stand_store
from watchfloor.cameras.cover import Cover
from watchfloor.cameras.dwelling import DAY, SEEN_FOR, Standing, aimed, footage_of, over, over_times, too_much
from watchfloor.cameras.masks import WHOLE, Mask
from watchfloor.cameras.standing import Stood
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import AgencyId, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

_FRESH_S: Final = 1.0
# Pictures begin at the keyframe before what is asked for, and end with their group.
_ABOUT: Final = timedelta(minutes=30)
WARRANT: Final = Purpose.COURT_ORDER
"""The purpose of who may see what masks cover, and look at one dwelling for hours."""


class MaskBook:
    """The masks of each agency, read anew when they are asked for and a second old."""

    def __init__(self, door: Door, clock: Clock, dwelling_limit: timedelta = timedelta(hours=2)) -> None:
        """`dwelling_limit`: how long of a day a camera is aimed at one dwelling without a court's order."""
        self._door, self._clock, self._limit = door, clock, dwelling_limit
        self._known: dict[UUID, _Known] = {}
        self._reading = asyncio.Lock()

    async def of(self, agency: UUID, camera: UUID) -> tuple[Mask, ...]:
        """The camera's masks. Raises Unavailable where nothing was ever known and the database does not answer."""
        return (await self._now(agency)).masks.get(camera, ())

    async def over(self, agency: UUID, camera: UUID) -> timedelta | None:
        """How long it was aimed at the dwelling that it looks at now, where that is too long without a court's order."""
        return (await self._now(agency)).over.get(camera)

    async def live(self, agency: UUID, camera: UUID) -> Cover:
        """What is painted over in its live picture: all of one that is of a dwelling for too long, or of which nobody knows where
        it stands. Raises Unavailable.
        """
        known = await self._now(agency)
        if camera in known.over:
            return cover.always((WHOLE,))
        return cover.live(known.masks.get(camera, ()), known.stood.get(camera), self._clock.now())

    async def then(self, agency: UUID, camera: UUID, begin: datetime, end: datetime) -> Cover:
        """What is painted over in what was recorded then, for whoever sees nothing beneath. Raises Unavailable."""
        begin, end = begin - _ABOUT, end + _ABOUT
        ask = Ask(process_actor(AgencyId(agency), "serve"), Need.CAMERA_STATE)
        async with self._door.open(ask) as tx:
            return await covering(tx, camera, begin, end, self._limit)

    async def unmasked(self, ask: Ask, *, hidden: bool = False) -> bool:
        """Whether this look at a camera may see what its masks cover, or what else is `hidden`. Raises Unavailable."""
        agency, camera = ask.actor.agency, _camera(ask)
        hidden = hidden or bool(await self.of(agency, camera)) or await self.over(agency, camera) is not None
        return hidden and await sees_unmasked(self._door, ask)

    async def refuse_dwelling(self, ask: Ask) -> None:
        """Raises Refused for a live look at what the camera was aimed at for too long, but for a court's order; the log has it."""
        length = await self.over(ask.actor.agency, _camera(ask))
        if length is not None and (ask.why is None or ask.why.purpose is not WARRANT):
            async with self._door.open(ask):
                raise Refused(over(length))

    async def seen_too_long(self, ask: Ask, begin: datetime, end: datetime) -> bool:
        """Whether this look comes to too much of one dwelling with this time, beside what the same person, or its case, saw of it by
        playing; what they see is kept, to be added up. Never of a court's order. Raises Unavailable."""
        if ask.why is not None and ask.why.purpose is WARRANT:
            return False
        camera, person, case = _camera(ask), ask.actor.id, ask.why.case if ask.why is not None else None
        server = Ask(process_actor(AgencyId(ask.actor.agency), "serve"), Need.CAMERA_STATE)
        async with self._door.open(server) as tx:
            aims = await dwelling_store.aims(tx, begin, camera)
            if not any(footage_of(aims, [(camera, begin, end)]).values()):
                return False
            before = await dwelling_store.played(tx, person, case, tx.now - SEEN_FOR)
            first = min(at for _, at, _ in [(camera, begin, end), *before])
            every = await dwelling_store.aims(tx, first)
            if too_much(every, [(camera, begin, end)], before, self._limit) is not None:
                return True
            await dwelling_store.keep_played(tx, person, case, camera, begin, end)
            return False

    def forget(self, agency: UUID) -> None:
        """Something changed: the next who asks reads anew."""
        known = self._known.get(agency)
        if known is not None:
            self._known[agency] = replace(known, at=known.at - _FRESH_S)

    async def _now(self, agency: UUID) -> _Known:
        known = self._known.get(agency)
        if known is None or self._clock.monotonic() - known.at >= _FRESH_S:
            async with self._reading:
                known = await self._read(agency)
        return known

    async def _read(self, agency: UUID) -> _Known:
        known, now = self._known.get(agency), self._clock.monotonic()
        if known is not None and now - known.at < _FRESH_S:
            return known
        try:
            ask = Ask(process_actor(AgencyId(agency), "serve"), Need.CAMERA_STATE)
            async with self._door.open(ask) as tx:
                masks = await mask_store.all_masks(tx)
                found = aimed(await dwelling_store.aims(tx, tx.now - DAY), tx.now, self._limit)
                stood = await stand_store.now(tx)
        except WatchfloorError:
            if known is None:
                raise
            read = replace(known, at=now)
        else:
            late = {one.camera: one.length for one in found if one.now and one.standing is Standing.OVER}
            read = _Known(now, masks, late, stood)
        self._known[agency] = read
        return read


@dataclass(frozen=True, slots=True)
class _Known:
    at: float
    masks: Mapping[UUID, tuple[Mask, ...]]
    over: Mapping[UUID, timedelta]
    stood: Mapping[UUID, Stood]


async def covering(tx: Tx, camera: UUID, begin: datetime, end: datetime, limit: timedelta) -> Cover:
    """What is painted over in what was recorded in a time, for whoever sees nothing beneath."""
    masks = await mask_store.masks_of(tx, camera)
    too_long = over_times(await dwelling_store.aims(tx, begin - DAY, camera), begin, end, limit)
    return cover.recorded(masks, await stand_store.then(tx, camera, begin, end), too_long, tx.now)


def _camera(ask: Ask) -> UUID:
    return sure(sure(ask.about, "the camera of a look").id, "the camera of a look")


async def sees_unmasked(door: Door, ask: Ask) -> bool:
    """Whether this look may see what masks cover: by a court's order, in a role with that right. The log has it then."""
    if ask.why is None or ask.why.purpose is not WARRANT:
        return False
    if not ask.actor.roles & Need.CAMERA_UNMASKED.roles:
        return False
    try:
        async with door.open(replace(ask, need=Need.CAMERA_UNMASKED)):
            return True
    except Refused:
        return False
