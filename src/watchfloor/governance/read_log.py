"""Reading the log: who asked what, when, why, and the answer. Reading it is an ask too, and is logged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from uuid import UUID

from watchfloor.governance import log_store
from watchfloor.governance.door import Door
from watchfloor.governance.explain import Condition, explain
from watchfloor.governance.log_store import Asked
from watchfloor.governance.merkle import leaf_hash
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.names import NamesOf, ThingsOf, kinds_told
from watchfloor.governance.needs import Need
from watchfloor.governance.prove import Proof, prove
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.tx import Row, Tx


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as people read it; `payload` is None when it was erased or there is none."""

    row: Row
    leaf: dict[str, Json]
    payload: dict[str, Json] | None
    name: str | None = None
    things: Mapping[UUID, str] = field(default_factory=dict)
    """What the things that it names are called, as far as whoever reads may know."""
    zone: tzinfo = UTC

    def called(self, kept: object) -> str | None:
        """The name of the thing that the leaf names by an id, or by `kind:id`."""
        return self.things.get(UUID(kept.rpartition(":")[2])) if isinstance(kept, str) else None


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry with the conditions behind it and the proof that the signed log holds it."""

    shown: Shown
    conditions: tuple[Condition, ...]
    leaf_hash: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Names:
    """Who knows the names of people, and of things."""

    people: NamesOf
    things: ThingsOf


async def entries(door: Door, actor: Actor, asked: Asked, extent: Extent, names: Names) -> Cut[Shown]:
    """Entries, newest first: all for those who oversee, one's own for everybody."""
    need = Need.AUDIT_VIEW if actor.roles & Need.AUDIT_VIEW.roles else Need.OWN_AUDIT_VIEW
    if need is Need.OWN_AUDIT_VIEW:
        asked = replace(asked, actor=actor.id)
    async with door.open(Ask(actor, need)) as tx:
        rows = await log_store.entries(tx, asked, extent)
        shown = await _shown(tx, actor, rows.items, names)
        return Cut(shown, rows.following)


async def explained(door: Door, actor: Actor, entry_id: UUID, ledger: Path, names: Names) -> Explained:
    """One entry, why it was answered so, and its proof. Raises NotFound."""
    need = Need.AUDIT_VIEW if actor.roles & Need.AUDIT_VIEW.roles else Need.OWN_AUDIT_VIEW
    async with door.open(Ask(actor, need, about=About("entry", entry_id))) as tx:
        row = await log_store.entry(tx, entry_id)
        if row is None or (need is Need.OWN_AUDIT_VIEW and row["actor_id"] != actor.id):
            raise NotFound("There is no such entry.")
        (shown,) = await _shown(tx, actor, [row], names)
    leaf = bytes(row["leaf"])
    return Explained(
        shown, explain(shown.leaf), leaf_hash(leaf).hex(), prove(ledger, row["leaf_index"], leaf)
    )


async def _shown(tx: Tx, actor: Actor, rows: Sequence[Row], names: Names) -> list[Shown]:
    people = await names.people(tx, [row["actor_id"] for row in rows])
    named = (row[column] for row in rows for column in ("about_id", "case_id", "authorisation_id"))
    things = await names.things(tx, kinds_told(actor), sorted({thing for thing in named if thing}))
    return [_one(row, people, things, tx.zone) for row in rows]


def _one(row: Row, people: Mapping[UUID, str], things: Mapping[UUID, str], zone: tzinfo) -> Shown:
    payload = row["payload"] if row["erased_at"] is None else None
    # The name at the time, where it was kept with the entry; else the account's.
    kept = payload.get("name") if payload and row["kind"] in ("decision", "lease", "revocation") else None
    name = None if row["erased_at"] else kept or people.get(row["actor_id"])
    return Shown(row, json.loads(bytes(row["leaf"])), payload, name, things, zone)
