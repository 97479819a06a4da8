"""The basemap of a center: brought in, described, handed out in parts. One file in the object store, one row.

It draws nothing: whoever shows the map has a style of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.places import store
from watchfloor.places.model import Basemap, BasemapId, Box, StreetMap
from watchfloor.places.pmtiles import Archive, look
from watchfloor.storage.objects import Objects, content_key
from watchfloor.storage.tx import Tx

FOLDER: Final = "basemaps"
_PART: Final = 1024 * 1024
_LONGEST_ATTRIBUTION: Final = 300
_log = logger("places")

# How far the agency's devices reach, where there is no map yet. The places know no device: the wiring says it.
Reach = Callable[[Tx], Awaitable[Box | None]]


@dataclass(frozen=True, slots=True)
class Basemaps:
    """Brings a basemap in, and hands it out."""

    door: Door
    objects: Objects
    reach: Reach
    # One at a time: the files of others are removed, and one that is just coming is nobody's yet.
    _bringing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def bring(self, actor: Actor, data: bytes, *, attribution: str) -> Basemap:
        """Put a basemap in place of the one before. Raises BadBasemap, Full or Unavailable; nothing changes then."""
        ask = Ask(actor, Need.PLACES_IMPORT)
        # Ask before working, as for streets.
        async with self.door.open(ask) as tx:
            await store.basemap(tx)
        archive, digest = await asyncio.to_thread(_judged, data)
        key = content_key(_folder(actor), digest)
        async with self._bringing:
            if not await self.objects.has(key):
                await self.objects.put(key, data)
            async with self.door.open(ask) as tx:
                new = _described(tx, archive, digest, len(data), attribution)
                await store.put_basemap(tx, new)
                more: dict[str, Json] = {"sha256": digest, "size": len(data)}
                await effect(tx, "basemap.in_use", About("basemap", new.id), more=more)
            await self._forget_others(actor, key)
        return new

    async def now(self, actor: Actor) -> tuple[Basemap | None, StreetMap | None, Box | None]:
        """The basemap, the streets, and the area to show: the basemap's, else the streets', else that of the cameras."""
        async with self.door.open(Ask(actor, Need.CAMERAS_VIEW)) as tx:
            cameras = await self.reach(tx)
        async with self._loading(actor) as tx:
            basemap, streets = await store.basemap(tx), await store.map_in_use(tx)
        if basemap is not None:
            return basemap, streets, basemap.bounds
        if streets is not None:
            low, high = streets.south_west, streets.north_east
            return None, streets, Box(low.lon, low.lat, high.lon, high.lat)
        return None, None, cameras

    async def streets(self, actor: Actor) -> StreetMap | None:
        """The street map in use."""
        async with self._loading(actor) as tx:
            return await store.map_in_use(tx)

    async def file(self, actor: Actor) -> Basemap:
        """The basemap whose file is asked for. Raises NotFound."""
        async with self._loading(actor) as tx:
            found = await store.basemap(tx)
        if found is None:
            raise NotFound(
                "This center has no basemap.",
                reason="no_basemap",
                next_step="An administrator or technician hands one in: PUT /api/v1/map/basemap.",
            )
        return found

    def _loading(self, actor: Actor) -> AbstractAsyncContextManager[Tx]:
        """For whoever is signed in. It is nothing of anybody, and a browser asks hundreds of times a minute: no entry each."""
        return self.door.open(Ask(process_actor(actor.agency, "serve"), Need.PLACES_LOAD))

    async def part(self, actor: Actor, of: Basemap, start: int, length: int) -> bytes:
        """Bytes of its file. Raises NotFound or Unavailable."""
        return await self.objects.get_range(content_key(_folder(actor), of.sha256), start, length)

    async def parts(self, actor: Actor, of: Basemap, start: int, length: int) -> AsyncIterator[bytes]:
        """The same, piece by piece: a city's file is not held whole."""
        end = start + length
        while start < end:
            part = await self.part(actor, of, start, min(_PART, end - start))
            start += len(part)
            yield part

    async def _forget_others(self, actor: Actor, key: str) -> None:
        """Files of earlier basemaps. One that stays now goes with the next change: it is said, and no reason to fail."""
        try:
            await self.objects.keep_only(_folder(actor), key)
        except Unavailable as error:
            _log.error("the file of an earlier basemap is still there", why=error.detail)


def _folder(actor: Actor) -> str:
    return f"{FOLDER}/{actor.agency}"


def _judged(data: bytes) -> tuple[Archive, str]:
    return look(data), hashlib.sha256(data).hexdigest()


def _described(tx: Tx, archive: Archive, digest: str, size: int, attribution: str) -> Basemap:
    return Basemap(
        id=BasemapId(uuid7(tx.now)),
        sha256=digest,
        size=size,
        attribution=(attribution.strip() or archive.attribution)[:_LONGEST_ATTRIBUTION],
        min_zoom=archive.min_zoom,
        max_zoom=archive.max_zoom,
        bounds=archive.bounds,
        imported_by=tx.actor,
        imported_at=tx.now,
    )
