"""Which dwellings a camera that turns is aimed at: by the preset it was sent to, or, turned by hand, by where it says that it stands.

As long as a camera that was turned by hand has not said where it stands, it counts as aimed at each dwelling that it has a view of:
what nobody can read is held against whoever looks. It turns nothing.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import dwelling_store, stand_store
from watchfloor.cameras import store as camera_store
from watchfloor.cameras.dwelling import AT_REST, DAY, Aimed, Known, Standing, aimed, in_view, over
from watchfloor.cameras.onvif import lock_store
from watchfloor.cameras.onvif.keep import prepared
from watchfloor.cameras.onvif.model import ODD, Reach
from watchfloor.cameras.onvif.stands import Placed, places
from watchfloor.cameras.register import CHANGED, Cameras
from watchfloor.cameras.sight import ASSUMED_FIELD_DEG
from watchfloor.cameras.standing import SETTLES_IN, Stand
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import AgencyId, Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Conflict, Invalid, NotFound
from watchfloor.kit.logs import logger
from watchfloor.storage.tx import Tx

if TYPE_CHECKING:
    from datetime import datetime

MOVES_FOR: Final = timedelta(seconds=5)
_log = logger("aiming")


@dataclass(frozen=True, slots=True)
class Aiming:
    """Where a move leads: at which dwellings, by what that is known, and whether the camera was at one before."""

    dwellings: tuple[str, ...]
    known: Known
    by_order: bool
    was: bool

    @property
    def matters(self) -> bool:
        """Whether there is anything to write down."""
        return self.was or bool(self.dwellings)


async def aiming(
    tx: Tx, camera: UUID, preset: object, limit: timedelta, *, by_order: bool, home: bool
) -> Aiming:
    """Where it looks once it is turned. Raises Refused where cameras were aimed at the dwelling of a preset for too long, but for a
    court's order.
    """
    views = await dwelling_store.views(tx, camera)
    was = any(aim.until_at is None for aim in await dwelling_store.aims(tx, tx.now - DAY, camera))
    marked = next((view.dwelling for view in views if view.preset == preset), None)
    if home:
        return Aiming((), Known.PRESET, by_order, was)
    if marked is None:
        # A preset that nobody marked may look where a marked one does.
        dwellings = tuple(dict.fromkeys(view.dwelling for view in views))
        return Aiming(dwellings, Known.ASSUMED, by_order, was)
    if not by_order:
        refuse_over(aimed(await dwelling_store.aims(tx, tx.now - DAY), tx.now, limit), marked)
    return Aiming((marked,), Known.PRESET, by_order, was)


async def anywhere(tx: Tx, camera: UUID, *, by_order: bool) -> None:
    """It may have turned: until it says where it stands it is taken to look at each dwelling that it has a view of."""
    if views := await dwelling_store.views(tx, camera):
        dwellings = dict.fromkeys(view.dwelling for view in views)
        await dwelling_store.aim_at(tx, camera, dwellings, Known.ASSUMED, by_order=by_order)


async def rests(tx: Tx, camera: UUID) -> None:
    """Nobody turns it, or it went home: it is aimed at the dwelling that it is marked to look at then, or at none."""
    own = [view.dwelling for view in await dwelling_store.views(tx, camera) if view.preset == AT_REST]
    await dwelling_store.aim_at(tx, camera, own, Known.PRESET)


async def came_home(tx: Tx, camera: UUID, since: datetime) -> None:
    """Its device said yes to going home. Whoever turned it since it was sent there turned it away, and what they are aimed at stays."""
    if await lock_store.is_home(tx, camera, since):
        await rests(tx, camera)


async def marked_anew(tx: Tx, camera: UUID, dwelling: str) -> None:
    """Somebody said what its views look at (`dwelling`; empty: that one looks at none): what it is aimed at now goes by that."""
    if not await lock_store.is_away(tx, camera):
        await rests(tx, camera)
    elif dwelling:
        await dwelling_store.assume(tx, camera, dwelling)


def refuse_over(found: Sequence[Aimed], dwelling: str) -> None:
    """Raises Refused where the time at this dwelling is over."""
    for one in found:
        if one.dwelling == dwelling and one.standing is Standing.OVER:
            raise Refused(over(one.whole))


async def read_by_hand(cameras: Cameras, reach: Reach, agency: UUID) -> int:
    """Ask those that were turned by hand where they stand, and keep at which dwellings they are aimed by that; how many said it."""
    ask = Ask(process_actor(AgencyId(agency), "sweep"), Need.DEVICE_WATCH)
    async with cameras.door.open(ask) as tx:
        wanted = await dwelling_store.unread(tx)
    said = await asyncio.gather(
        *(_read(cameras, reach, ask, camera, by_order=order) for camera, order in wanted)
    )
    return sum(said)


async def _read(cameras: Cameras, reach: Reach, ask: Ask, camera: UUID, *, by_order: bool) -> bool:
    """What one device makes of that keeps no other from being asked."""
    try:
        async with cameras.door.open(ask) as tx:
            turned_at = await stand_store.turned_at(tx, camera)
            device = await stand_store.device_named(tx, camera)
            # Not each device says that it moves: it stands by all we know once its last move is over.
            if device is None or (turned_at is not None and tx.now - turned_at < MOVES_FOR + SETTLES_IN):
                return False
            talk = await prepared(tx, cameras, camera)
        found = await places(cameras, reach, talk, *device)
        async with cameras.door.open(ask) as tx:
            return await _keep(tx, cameras, camera, found, turned_at, by_order=by_order)
    except (Invalid, NotFound, Conflict) as error:
        _log.info(
            "a camera turned by hand does not say where it stands", camera=str(camera), why=error.detail
        )
    except ODD as error:
        _log.error("asking where a camera stands failed", camera=str(camera), error=type(error).__name__)
    return False


async def _keep(
    tx: Tx, cameras: Cameras, camera: UUID, found: Placed, turned_at: datetime | None, *, by_order: bool
) -> bool:
    """False where it was told to turn meanwhile, or does not say where it stands."""
    entry = await camera_store.camera_of(tx, camera)
    if found.stand is None or entry is None or await stand_store.turned_at(tx, camera) != turned_at:
        return False
    views: defaultdict[str, list[Stand | None]] = defaultdict(list)
    marked = await dwelling_store.views(tx, camera)
    presets = {view.dwelling for view in marked if view.preset != AT_REST}
    for view in marked:
        # No device says where its home is: a preset of the same dwelling says it as well.
        if view.preset != AT_REST or view.dwelling not in presets:
            views[view.dwelling].append(found.presets.get(view.preset))
    field = ASSUMED_FIELD_DEG if entry.field_deg is None else entry.field_deg
    seen = sorted(in_view(found.stand, views, field))
    await dwelling_store.aim_at(tx, camera, seen, Known.STANDS, by_order=by_order)
    agency = tx.agency
    tx.after_commit(lambda: cameras.news(CHANGED, agency, camera))
    return True
