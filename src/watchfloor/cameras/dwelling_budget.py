"""What the agency looked at of dwellings, kept as it is looked at, and when it is too much: one sum for every way of looking.

It shows nothing and paints nothing; a look by a court's order is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import dwelling_store
from watchfloor.cameras.dwelling import Aim
from watchfloor.cameras.dwelling_seen import SEEN_FOR, Exported, Time, Way, footage_of, too_much
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import AgencyId, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Purpose
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

WARRANT: Final = Purpose.COURT_ORDER
"""The purpose of who may see what masks cover, and look at one dwelling for hours."""


async def none_exported(agency: UUID, since: datetime) -> list[Time]:
    """Where nothing is exported."""
    return []


class Budget:
    """How much of each dwelling was looked at, and how much may be without a court's order."""

    def __init__(self, door: Door, limit: timedelta, exported: Exported) -> None:
        self._door, self.limit, self._exported = door, limit, exported

    async def spent(self, agency: UUID, now: datetime) -> Mapping[str, timedelta]:
        """How much of each dwelling was looked at in the last days that count. Raises Unavailable."""
        exported = await self._exported(agency, now - SEEN_FOR)
        async with self._door.open(_server(agency)) as tx:
            before = [*exported, *await dwelling_store.seen(tx, tx.now - SEEN_FOR)]
            return footage_of(await _aims_of(tx, before), before)

    async def looked(self, ask: Ask, way: Way, begin: datetime, end: datetime) -> Denied | None:
        """They are about to look at that time of a camera: kept, to be added up; or why they may not. Raises Unavailable."""
        if by_order(ask):
            return None
        agency, camera = ask.actor.agency, camera_of(ask)
        async with self._door.open(_server(agency)) as tx:
            now, aims = tx.now, await dwelling_store.aims(tx, begin, camera)
        if not any(footage_of(aims, [(camera, begin, end)]).values()):
            return None
        exported = await self._exported(agency, now - SEEN_FOR)
        async with self._door.open(_server(agency)) as tx:
            before = [*exported, *await dwelling_store.seen(tx, tx.now - SEEN_FOR)]
            asked: Sequence[Time] = [(camera, begin, end)]
            denied = too_much(await _aims_of(tx, [*asked, *before]), asked, before, self.limit)
            if denied is None:
                await _keep(tx, ask, way, begin, end)
            return denied

    async def keep(self, ask: Ask, way: Way, begin: datetime, end: datetime) -> None:
        """They looked at that time of a camera at a dwelling, whatever it comes to. Raises Unavailable."""
        if not by_order(ask):
            async with self._door.open(_server(ask.actor.agency)) as tx:
                await _keep(tx, ask, way, begin, end)


async def _keep(tx: Tx, ask: Ask, way: Way, begin: datetime, end: datetime) -> None:
    case = ask.why.case if ask.why is not None else None
    await dwelling_store.keep_seen(tx, ask.actor.id, case, way, camera_of(ask), begin, end)


async def _aims_of(tx: Tx, times: Iterable[Time]) -> Sequence[Aim]:
    """The aims of all cameras since the first of these."""
    first = min((begin for _, begin, _ in times), default=tx.now)
    return await dwelling_store.aims(tx, first)


def _server(agency: UUID) -> Ask:
    return Ask(process_actor(AgencyId(agency), "serve"), Need.CAMERA_STATE)


def by_order(ask: Ask) -> bool:
    """Whether it is for a court's order."""
    return ask.why is not None and ask.why.purpose is WARRANT


def camera_of(ask: Ask) -> UUID:
    """The camera of a look."""
    return sure(sure(ask.about, "the camera of a look").id, "the camera of a look")
