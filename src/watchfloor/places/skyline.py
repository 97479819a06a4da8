"""The buildings of each agency: brought in from a file, kept as one, and at hand in this process for whoever asks what hides what."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, NotFound, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.places import store
from watchfloor.places.buildings import NO_BUILDINGS, Buildings, Footprints, decode, encode, read
from watchfloor.places.model import BadMapFile, BuildingMap, BuildingMapId, MapForm
from watchfloor.storage.objects import Objects, content_key
from watchfloor.storage.tx import Tx

FOLDER: Final = "buildings"
_log = logger("places")


@dataclass(slots=True)
class Skyline:
    """Brings footprints in, and keeps each agency's in memory."""

    door: Door
    objects: Objects
    # One at a time: the files of others are removed, and one that is just coming is nobody's yet.
    _bringing: asyncio.Lock = field(default_factory=asyncio.Lock)
    again_after: timedelta = timedelta(seconds=30)
    _loading: dict[UUID, asyncio.Lock] = field(default_factory=dict)
    _known: dict[UUID, tuple[BuildingMapId, Buildings]] = field(default_factory=dict)
    # Files that could not be read, and until when they are not tried again: lists that people watch ask every two seconds.
    _unread: dict[BuildingMapId, datetime] = field(default_factory=dict)

    async def bring(
        self, actor: Actor, data: bytes, form: MapForm, *, name: str, attribution: str
    ) -> BuildingMap:
        """Put these buildings in place of those before. Raises BadMapFile, Invalid, Full or Unavailable; nothing changes then."""
        if not 2 <= len(name.strip()) <= 120:
            raise Invalid("Buildings have a name of 2 to 120 characters.", reason="name")
        ask = Ask(actor, Need.PLACES_IMPORT)
        # Ask before working, as for streets.
        async with self.door.open(ask) as tx:
            await store.building_map(tx)
        found, kept = await asyncio.to_thread(_read, data, form)
        folder = _folder(actor.agency)
        async with self._bringing:
            digest = await self.objects.put_content(folder, kept)
            new = await self._put(ask, name, attribution, found, digest)
            try:
                await self.objects.keep_only(folder, content_key(folder, digest))
            except Unavailable as error:
                _log.error("the file of earlier buildings is still there", why=error.detail)
        return new

    async def _put(
        self, ask: Ask, name: str, attribution: str, found: Footprints, digest: str
    ) -> BuildingMap:
        async with self.door.open(ask) as tx:
            new = BuildingMap(
                id=BuildingMapId(uuid7(tx.now)),
                name=name.strip(),
                attribution=attribution.strip()[:300],
                sha256=digest,
                buildings=len(found.shapes),
                rows=found.rows,
                skipped=found.skipped,
                imported_by=tx.actor,
                imported_at=tx.now,
            )
            await store.put_building_map(tx, new)
            more: dict[str, Json] = {"buildings": new.buildings, "sha256": digest}
            await effect(tx, "building_map.in_use", About("building_map", new.id), more=more)
        return new

    async def buildings(self, tx: Tx) -> Buildings:
        """The agency's buildings; none when none were imported, or their file cannot be read, which is said in the log."""
        current = await store.building_map(tx)
        if current is None:
            return NO_BUILDINGS
        if (found := self._at_hand(tx, current)) is not None:
            return found
        async with self._loading.setdefault(tx.agency, asyncio.Lock()):
            if (found := self._at_hand(tx, current)) is not None:
                return found
            loaded = await self._loaded(tx.agency, current)
            if loaded is None:
                self._unread[current.id] = tx.now + self.again_after
                return NO_BUILDINGS
            self._known[tx.agency] = current.id, loaded
            return loaded

    def _at_hand(self, tx: Tx, current: BuildingMap) -> Buildings | None:
        """Those in memory, or none while their file is not to be tried again; None when it has to be read."""
        known = self._known.get(tx.agency)
        if known is not None and known[0] == current.id:
            return known[1]
        return NO_BUILDINGS if tx.now < self._unread.get(current.id, tx.now) else None

    async def _loaded(self, agency: UUID, current: BuildingMap) -> Buildings | None:
        try:
            data = await self.objects.get(content_key(_folder(agency), current.sha256))
            return await asyncio.to_thread(decode, data)
        except (NotFound, Unavailable, BadMapFile) as error:
            # Cameras are picked all the same, as if nothing stood between.
            _log.error("the buildings cannot be used", building_map=str(current.id), why=error.detail)
            return None


def _folder(agency: UUID) -> str:
    return f"{FOLDER}/{agency}"


def _read(data: bytes, form: MapForm) -> tuple[Footprints, bytes]:
    found = read(data, form)
    return found, encode(found.shapes, found.dwellings, found.heights_m)
