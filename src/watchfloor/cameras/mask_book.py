"""Which masks hold now, known in this process to the second, and which cameras were aimed at a dwelling for too long; and who may
see what is covered.

Without the database what was known last holds on: a mask that was known is never forgotten for want of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import cover, dwelling_store, mask_store, stand_store
from watchfloor.cameras.cover import NO_GROUP_IS_LONGER, Cover
from watchfloor.cameras.dwelling import DAY, Standing, aimed, over, over_times
from watchfloor.cameras.dwelling_budget import Budget, by_order, camera_of, none_exported
from watchfloor.cameras.dwelling_seen import Exported, Way, live_over
from watchfloor.cameras.masks import WHOLE, Mask
from watchfloor.cameras.standing import Stood
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import AgencyId, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.storage.tx import Tx

_FRESH_S: Final = 1.0
TURNS_FOR: Final = timedelta(seconds=10)
"""So long after it was told to turn a camera may be on its way: what it passes is a dwelling as well. While it is being told, counted from
when it has heard it at the latest."""
# What a live look shows is written down so often: who looks from several windows is written once each.
_KEPT_EVERY: Final = timedelta(seconds=10)
# Pictures begin at the keyframe before what is asked for, and end with their group.
_ABOUT: Final = timedelta(minutes=30)


class MaskBook:
    """The masks of each agency, read anew when they are asked for and a second old."""

    def __init__(
        self,
        door: Door,
        clock: Clock,
        dwelling_limit: timedelta = timedelta(hours=2),
        exported: Exported = none_exported,
    ) -> None:
        """`dwelling_limit`: how long of a day cameras are aimed at one dwelling, and how much of it is looked at in a month, without a
        court's order; `exported`: what an agency exported."""
        self._door, self._clock, self._limit = door, clock, dwelling_limit
        self.budget = Budget(door, dwelling_limit, exported)
        self._known: dict[UUID, _Known] = {}
        self._reading = asyncio.Lock()

    async def of(self, agency: UUID, camera: UUID) -> tuple[Mask, ...]:
        """The camera's masks. Raises Unavailable where nothing was ever known and the database does not answer."""
        return (await self._now(agency)).masks.get(camera, ())

    async def over(self, agency: UUID, camera: UUID) -> Late | None:
        """Why nothing more is seen of what it is aimed at now, where that is a dwelling and too much without a court's order."""
        return (await self._now(agency)).over.get(camera)

    async def at_dwelling(self, agency: UUID, camera: UUID) -> bool:
        """Whether its live picture is of a dwelling now, and is not all covered."""
        if camera not in (await self._now(agency)).at_dwellings:
            return False
        return not (await self.live(agency, camera)).hides_all_at(self._clock.now())

    async def watched(self, ask: Ask) -> None:
        """Until it is cancelled: what this live look shows of a dwelling is kept, to be added up. Raises Refused once it is too much.

        Who records what was lent is shown nothing of one (`live`), so that it takes nothing of what ours may look.
        """
        if by_order(ask) or ask.need is Need.CAMERA_LENT:
            await asyncio.Event().wait()
        agency, camera = ask.actor.agency, camera_of(ask)
        since: datetime | None = None
        try:
            while True:
                with contextlib.suppress(Unavailable):
                    await self.refuse_dwelling(ask, unread=True)
                    now = self._clock.now()
                    seen = await self.at_dwelling(agency, camera)
                    if since is not None and (not seen or now - since >= _KEPT_EVERY):
                        await self.budget.keep(ask, Way.LIVE, since, now)
                        since = None
                    if seen and since is None:
                        since = now
                await self._clock.sleep(_FRESH_S)
        finally:
            if since is not None:
                with contextlib.suppress(WatchfloorError):
                    await asyncio.shield(self.budget.keep(ask, Way.LIVE, since, self._clock.now()))

    async def live(self, agency: UUID, camera: UUID, *, lent: bool = False) -> Cover:
        """What is painted over in its live picture: all of one that is of a dwelling for too long, or of which nobody knows where
        it stands; of one that a partner records, all of a dwelling, and all while it may be turning to one or away. Raises Unavailable.
        """
        known, now = await self._now(agency), self._clock.now()
        if camera in known.over or (lent and camera in known.at_dwellings):
            return cover.always((WHOLE,))
        shown = cover.live(known.masks.get(camera, ()), known.stood.get(camera), now)
        turned = known.turned.get(camera) if lent else None
        return shown if turned is None else cover.hidden_until(shown, turned + TURNS_FOR, now)

    async def then(self, agency: UUID, camera: UUID, begin: datetime, end: datetime) -> Cover:
        """What is painted over in what was recorded then, for whoever sees nothing beneath. Raises Unavailable."""
        begin, end = begin - _ABOUT, end + _ABOUT
        ask = Ask(process_actor(AgencyId(agency), "serve"), Need.CAMERA_STATE)
        async with self._door.open(ask) as tx:
            return await covering(tx, camera, begin, end, self._limit)

    async def unmasked(self, ask: Ask, *, hidden: bool = False) -> bool:
        """Whether this look at a camera may see what its masks cover, or what else is `hidden`. Raises Unavailable."""
        agency, camera = ask.actor.agency, camera_of(ask)
        hidden = hidden or bool(await self.of(agency, camera)) or await self.over(agency, camera) is not None
        return hidden and await sees_unmasked(self._door, ask)

    async def refuse_dwelling(self, ask: Ask, *, unread: bool = False) -> None:
        """Raises Refused for a live look at a dwelling that was looked at for too long, but for a court's order; the log has it.

        With `unread` who is there already goes on while the camera has only just been turned: what is covered may be shown again.
        """
        late = await self.over(ask.actor.agency, camera_of(ask))
        if late is not None and not (unread and late.unread) and not by_order(ask):
            await self.refuse(ask, late.denied)

    async def refuse(self, ask: Ask, denied: Denied) -> None:
        """Raises Refused; the log has it."""
        async with self._door.open(ask):
            raise Refused(denied)

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
            read = await self._asked(agency, now)
        except WatchfloorError:
            if known is None:
                raise
            read = replace(known, at=now)
        self._known[agency] = read
        return read

    async def _asked(self, agency: UUID, at: float) -> _Known:
        ask = Ask(process_actor(AgencyId(agency), "serve"), Need.CAMERA_STATE)
        async with self._door.open(ask) as tx:
            masks, stood = await mask_store.all_masks(tx), await stand_store.now(tx)
            aims, now = await dwelling_store.aims(tx, tx.now - DAY), tx.now
            turned = dict(await dwelling_store.turned(tx, now - TURNS_FOR - NO_GROUP_IS_LONGER))
        late: dict[UUID, Late] = {}
        here = [aim for aim in aims if aim.until_at is None]
        for aim in aims:
            # Also one that its device took home by itself, or that was marked anew.
            if aim.until_at is not None and aim.until_at > turned.get(aim.camera, now - DAY):
                turned[aim.camera] = aim.until_at
        if here:
            spent = await self.budget.spent(agency, now)
            late |= {
                aim.camera: Late(live_over(spent[aim.dwelling], self._limit), aim.unread(now))
                for aim in here
                if spent.get(aim.dwelling, timedelta()) >= self._limit
            }
            for one in aimed(aims, now, self._limit):
                if one.now is not None and one.standing is Standing.OVER:
                    late[one.camera] = Late(over(one.whole, one.now.known), one.now.unread(now))
        return _Known(at, masks, late, stood, frozenset(aim.camera for aim in here), turned)


@dataclass(frozen=True, slots=True)
class Late:
    """Why nothing more is seen of a camera; `unread`: it was only just turned by hand, and may not look there."""

    denied: Denied
    unread: bool


@dataclass(frozen=True, slots=True)
class _Known:
    at: float
    masks: Mapping[UUID, tuple[Mask, ...]]
    over: Mapping[UUID, Late]
    stood: Mapping[UUID, Stood]
    at_dwellings: frozenset[UUID]
    turned: Mapping[UUID, datetime]
    """When those that have views of dwellings were told to turn last, or left one."""


async def covering(tx: Tx, camera: UUID, begin: datetime, end: datetime, limit: timedelta) -> Cover:
    """What is painted over in what was recorded in a time, for whoever sees nothing beneath."""
    masks = await mask_store.masks_of(tx, camera)
    too_long = over_times(await dwelling_store.aims(tx, begin - DAY), camera, begin, end, limit)
    return cover.recorded(masks, await stand_store.then(tx, camera, begin, end), too_long, tx.now)


async def sees_unmasked(door: Door, ask: Ask) -> bool:
    """Whether this look may see what masks cover: by a court's order, in a role with that right. The log has it then."""
    if not by_order(ask):
        return False
    if not ask.actor.roles & Need.CAMERA_UNMASKED.roles:
        return False
    try:
        async with door.open(replace(ask, need=Need.CAMERA_UNMASKED)):
            return True
    except Refused:
        return False
