"""Keeps each agency's hot list in memory: loaded from the database, looked at anew each second and when there is news.

It is a filter: who matches asks the database about every plate that is found here. It may know more than is in force
(imports that wait, entries that ended). Never less: whoever matches names the version that the database has, and until
that one is loaded every plate counts as found.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.logs import logger
from watchfloor.plates import hot_list_store
from watchfloor.plates.bulk import Fresh
from watchfloor.plates.doubt import doubted_places
from watchfloor.plates.hotlist import NO_STEPS, HotList, Keys, every_step, keys_of, text_of
from watchfloor.plates.match import Found
from watchfloor.plates.model import Kind

LOOK_EVERY_S: Final = 1.0
# More than this is built anew aside instead of being added: the small part should stay small.
MOST_ADDED: Final = 50_000

_log = logger("plates")


@dataclass(slots=True)
class _Loaded:
    hot: HotList
    version: int = -1
    editions: set[UUID] = field(default_factory=set)


class HotLists:
    """The hot lists of the agencies of this process."""

    def __init__(self, door: Door, clock: Clock, process: str) -> None:
        self._door = door
        self._clock = clock
        self._process = process
        self._loaded: dict[UUID, _Loaded] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._stirred = asyncio.Event()

    def found(self, agency: UUID, version: int, reads: Fresh) -> list[Found]:
        """The reads that a list of this version may have an answer to, with the keys to ask the database for.

        While that version is not loaded every read may, and so may every plate one step from it where it was doubted.
        """
        keys, first = reads.keys, len(reads) - len(reads.apart)
        where = np.zeros(len(keys), np.uint16)  # what is kept as columns told of no doubt
        where[first:] = [doubted_places(kept.read) for kept in reads.apart]
        doubted = np.flatnonzero(where)
        known = self._loaded.get(agency)
        if known is None or known.version != version:
            listed = np.ones(len(keys), np.bool_)
            steps = every_step(keys[doubted], where[doubted])
        else:
            listed = known.hot.has(keys)
            steps = known.hot.steps(keys[doubted], where[doubted]) if doubted.size else NO_STEPS
        by_row: dict[int, dict[int, Kind | None]] = {
            row: {int(keys[row]): None} for row in np.flatnonzero(listed).tolist()
        }
        for row, key, kind in zip(
            doubted[steps.rows].tolist(), steps.keys.tolist(), steps.kinds, strict=True
        ):
            by_row.setdefault(row, {}).setdefault(key, kind)
        asked = sorted(by_row)
        near: dict[int, list[str]] = {}
        if known is not None and asked:
            at, listed_near = known.hot.near(keys[asked])
            for row, key in zip(at.tolist(), listed_near.tolist(), strict=True):
                near.setdefault(asked[row], []).append(text_of(key))
        return [Found(reads[row], by_row[row], tuple(near.get(row, ()))) for row in asked]

    async def usable(self, agency: UUID) -> bool:
        """Whether lists may be used at all. Raises Unavailable when that cannot be known."""
        if agency not in self._loaded:
            with contextlib.suppress(Refused):
                await self.look(agency)
        return agency in self._loaded

    def stir(self) -> None:
        """Look now rather than at the next second: there was news."""
        self._stirred.set()

    async def keep(self, agencies: Iterable[UUID]) -> None:
        """Look for changes, for ever."""
        wanted = set(agencies)
        while True:
            for agency in wanted | set(self._loaded):
                try:
                    await self.look(agency)
                except Refused as refused:
                    if self._loaded.pop(agency, None) is not None:
                        _log.warning("the hot list may be used no longer", reason=refused.reason)
                except Unavailable:
                    pass  # what is known stays, and is looked at again in a second
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._stirred.wait()
            self._stirred.clear()

    async def look(self, agency: UUID) -> None:
        """Load what changed since the last look."""
        async with self._locks.setdefault(agency, asyncio.Lock()):
            known = self._loaded.get(agency) or _Loaded(HotList.of(keys_of([])))
            version, live, fresh = await self._changes(agency, known)
            if version == known.version:
                return
            gone = known.editions - live
            if len(fresh) > MOST_ADDED or known.hot.added > MOST_ADDED or gone:
                fresh = fresh if not known.editions else await self._everything(agency, live)
                hot = await asyncio.to_thread(HotList.of, fresh)
            else:
                hot = await asyncio.to_thread(known.hot.with_more, fresh)
            self._loaded[agency] = _Loaded(hot, version, live)
            _log.info("hot list loaded", plates=len(hot), version=version)

    async def _changes(self, agency: UUID, known: _Loaded) -> tuple[int, set[UUID], Keys]:
        """The version, the editions that live, and the keys of those that are new here or can have grown."""
        async with self._door.open(self._ask(agency)) as tx:
            # The version first: what comes after it is seen at the next look, at worst a second time.
            version = await hot_list_store.version(tx)
            if version == known.version:
                return version, known.editions, keys_of([])
            editions = await hot_list_store.editions(tx)
            new = [edition for edition, grows in editions.items() if grows or edition not in known.editions]
            return version, set(editions), await hot_list_store.keys(tx, new)

    async def _everything(self, agency: UUID, live: set[UUID]) -> Keys:
        async with self._door.open(self._ask(agency)) as tx:
            return await hot_list_store.keys(tx, list(live))

    def _ask(self, agency: UUID) -> Ask:
        actor = process_actor(agency, self._process)
        return Ask(actor, Need.HOT_LIST_LOAD, technology=TechnologyKind.PLATE_READER)
