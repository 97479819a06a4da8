"""Street maps are brought in and kept at hand: one file each in the object store, one graph a process in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import Invalid, NotFound, Unavailable
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.places import store
from watchfloor.places.columns import ColumnMapping
from watchfloor.places.drawing import geojson
from watchfloor.places.graph import StreetGraph, build, decode, encode, ready
from watchfloor.places.model import BadMapFile, Centrelines, MapForm, StreetMap, StreetMapId
from watchfloor.places.streets import read
from watchfloor.storage.objects import Objects, content_key
from watchfloor.storage.tx import Tx

FOLDER: Final = "streets"
_log = logger("places")


@dataclass(slots=True)
class Atlas:
    """The street maps of this process: brings new ones in, and keeps each agency's current graph in memory."""

    door: Door
    objects: Objects
    _graphs: dict[UUID, tuple[StreetMapId, StreetGraph]] = field(default_factory=dict)
    _drawings: dict[UUID, tuple[StreetMapId, bytes]] = field(default_factory=dict)

    async def bring(
        self,
        actor: Actor,
        data: bytes,
        form: MapForm,
        *,
        name: str,
        attribution: str,
        mapping: ColumnMapping | None = None,
    ) -> StreetMap:
        """Read a street file and put it in use. Raises BadMapFile, Invalid, Full or Unavailable; nothing changes then."""
        if not 2 <= len(name.strip()) <= 120:
            raise Invalid("A street map has a name of 2 to 120 characters.", reason="name")
        ask = Ask(actor, Need.PLACES_IMPORT)
        # Ask before working: reading a city takes seconds, and not everybody may have it read.
        async with self.door.open(ask) as tx:
            await store.map_in_use(tx)
        found, graph, kept = await asyncio.to_thread(_read, data, form, mapping)
        digest = await self.objects.put_content(_folder(actor.agency), kept)
        async with self.door.open(ask) as tx:
            new = _described(tx, found, graph, digest, name.strip(), attribution.strip()[:300])
            await store.put_in_use(tx, new)
            more: dict[str, Json] = {"streets": new.streets, "nodes": new.nodes, "sha256": digest}
            await effect(tx, "street_map.in_use", About("street_map", new.id), more=more)
        return new

    async def graph(self, tx: Tx) -> StreetGraph | None:
        """The graph in use, or None: no map was imported, or its file cannot be read, which is said in the log."""
        current = await store.map_in_use(tx)
        if current is None:
            return None
        known = self._graphs.get(tx.agency)
        if known is not None and known[0] == current.id:
            return known[1]
        loaded = await self._loaded(tx.agency, current)
        if loaded is not None:
            self._graphs[tx.agency] = (current.id, loaded)
        return loaded

    async def drawing(self, actor: Actor) -> tuple[str, bytes]:
        """The streets in use as lines to draw (`drawing.py`), and the digest of their file. Raises NotFound or Unavailable."""
        # For whoever is signed in, as the basemap's file is.
        async with self.door.open(Ask(process_actor(actor.agency, "serve"), Need.PLACES_LOAD)) as tx:
            current, graph = await store.map_in_use(tx), await self.graph(tx)
        if current is None:
            raise NotFound(
                "This center has no street map.",
                reason="no_streets",
                next_step="An administrator or technician imports one: POST /api/v1/street-maps.",
            )
        if graph is None:
            raise Unavailable(
                "The street map's file cannot be read.",
                reason="streets_gone",
                next_step="Import the streets again.",
            )
        known = self._drawings.get(actor.agency)
        if known is None or known[0] != current.id:
            known = current.id, await asyncio.to_thread(geojson, graph.streets)
            self._drawings[actor.agency] = known
        return current.sha256, known[1]

    async def _loaded(self, agency: UUID, current: StreetMap) -> StreetGraph | None:
        try:
            data = await self.objects.get(content_key(_folder(agency), current.sha256))
            return await asyncio.to_thread(lambda: ready(decode(data)))
        except (NotFound, Unavailable, BadMapFile) as error:
            # Help is sent all the same, by the straight line, and the proposal says so.
            _log.error("the street map cannot be used", street_map=str(current.id), why=error.detail)
            return None


def _folder(agency: UUID) -> str:
    return f"{FOLDER}/{agency}"


def _read(
    data: bytes, form: MapForm, mapping: ColumnMapping | None
) -> tuple[Centrelines, StreetGraph, bytes]:
    found = read(data, form, mapping=mapping)
    graph = build(found.lines)
    return found, graph, encode(graph.streets)


def _described(
    tx: Tx, found: Centrelines, graph: StreetGraph, digest: str, name: str, attribution: str
) -> StreetMap:
    everything = np.concatenate([line.points for line in found.lines])
    (west, south), (east, north) = everything.min(axis=0).tolist(), everything.max(axis=0).tolist()
    return StreetMap(
        id=StreetMapId(uuid7(tx.now)),
        name=name,
        attribution=attribution,
        sha256=digest,
        nodes=graph.size,
        streets=len(graph.streets.head),
        south_west=Point(south, west),
        north_east=Point(north, east),
        rows=found.rows,
        skipped=found.skipped,
        remarks=found.remarks,
        imported_by=tx.actor,
        imported_at=tx.now,
        in_use=True,
    )
