"""What watches bring: kept in the transaction that keeps the reads, and shown to people for the case of the watch.

Whether a watch answers at all is decided here at each read: withdrawn, paused, expired or its case over, it does not, whatever
the memory knows. It raises no alert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from watchfloor.governance import case_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Case, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.kit.ids import uuid7
from watchfloor.plates import hot_list_store, picture, watch_store, watches
from watchfloor.plates.bulk import Fresh
from watchfloor.plates.match import standing
from watchfloor.plates.model import HitId, Mismatch, PlateRead, Reader, ReaderId
from watchfloor.plates.shelves import named, picture_gone
from watchfloor.plates.store import KeptRead
from watchfloor.plates.watch import SHIFT, Watch, WatchId, answer
from watchfloor.plates.watch_store import WatchHit
from watchfloor.plates.watching import Watching
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx

_NONE: Final = Watching.of(-1, ())


class Watcher:
    """Keeps each agency's watches in memory, and what they bring in the transaction of the reads."""

    def __init__(self) -> None:
        self._of: dict[UUID, Watching] = {}

    async def keep(
        self, tx: Tx, version: int, reads: Fresh, readers: Mapping[ReaderId, Reader]
    ) -> list[PlateRead]:
        """Keep what answers of these reads; those that did. `version` is that of the lists, which each change of a watch raises."""
        watching = self._of.get(tx.agency, _NONE)
        if watching.version != version:
            watching = self._of[tx.agency] = Watching.of(version, await watch_store.in_force(tx))
        if not watching or not reads:
            return []
        described = [kept.read for kept in reads] if watching.described else ()
        found = watching.may_answer(described, reads.keys)
        if not found:
            return []
        now = {one.id: one for one in await watch_store.again(tx, [watch.id for watch, _ in found])}
        over = await case_store.over(tx, {one.case for one in now.values()})
        brought: list[PlateRead] = []
        for watch, rows in found:
            current = now.get(watch.id)
            if current is not None and current.answers_at(tx.now) and current.case not in over:
                brought += await _brought(tx, current, [reads[row] for row in rows], readers)
        return brought


async def _brought(
    tx: Tx, watch: Watch, reads: Sequence[KeptRead], readers: Mapping[ReaderId, Reader]
) -> list[PlateRead]:
    """Keep the answers to one watch until its budget is used up; then it pauses, and says so."""
    kept: list[PlateRead] = []
    so_far: int | None = None
    for one in reads:
        reader = standing(readers[one.read.device], one.read)
        found = answer(watch.watched, one.read, reader.point, tx.zone)
        if isinstance(found, Mismatch):
            continue
        if so_far is None:
            so_far = await watch_store.brought(tx, watch.id, max(watch.counted_from, tx.now - SHIFT))
        if so_far >= watch.most_per_shift:
            if await watch_store.pause(tx, watch.id):
                more: dict[str, Json] = {"most_per_shift": watch.most_per_shift}
                await effect(tx, "plate_watch.paused", About("plate_watch", watch.id), more=more)
                await hot_list_store.raise_version(tx)
            break
        hit = HitId(uuid7(tx.now))
        if await watch_store.insert_hit(tx, hit, watch, one, found):
            so_far += 1
            kept.append(one.read)
            of: dict[str, Json] = {"reader": str(reader.id), "watch": str(watch.id)}
            await effect(
                tx, "plate_watch.hit", About("plate_hit", hit), more=of, detail={"reason": found.reason}
            )
    return kept


async def hits_of(
    door: Door, actor: Actor, watch_id: WatchId, extent: Extent
) -> tuple[watches.Standing, Cut[WatchHit]]:
    """A watch and what answered to it, the newest first: looked at for its own case, while that is open. Raises NotFound or Refused."""
    found = await watches.one(door, actor, watch_id)
    async with door.open(_looking(actor, found.watch)) as tx:
        return found, await watch_store.hits(tx, watch_id, extent)


async def picture_of(door: Door, objects: Objects, actor: Actor, watch_id: WatchId, hit_id: HitId) -> bytes:
    """The picture of a hit. Raises NotFound (reason `no_picture` where the hit is there and it is not) or Refused."""
    found = await watches.one(door, actor, watch_id)
    async with door.open(_looking(actor, found.watch)) as tx:
        hit = await watch_store.hit(tx, watch_id, hit_id)
    if hit is None:
        raise NotFound("There is no such hit (any more): hits are kept only so long.")
    name = named(hit.read.picture)
    try:
        return await objects.get(picture.key_of(actor.agency, name))
    except NotFound as error:
        raise picture_gone() from error


def _looking(actor: Actor, watch: Watch) -> Ask:
    why = Why(watch.purpose, Case(CaseKind.CASE, watch.case))
    about = About("plate_watch", watch.id)
    return Ask(actor, Need.WATCH_HITS, why, technology=watches.TECHNOLOGY, about=about)
