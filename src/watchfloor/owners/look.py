"""An owner looks at what became of their pictures, with the proof of each entry. It shows roles and no name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.extract import Extract
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.prove import prove
from watchfloor.kit.errors import NotFound
from watchfloor.kit.extent import Cut, Extent
from watchfloor.owners import agreement_store, use_store
from watchfloor.owners.agree import owner_of
from watchfloor.owners.sign_up import Owners
from watchfloor.owners.uses import Use, sentence
from watchfloor.storage.tx import Tx

_MONTH: Final = timedelta(days=32)
Held = list[tuple[datetime, datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Looked:
    """The sentence on top, and the uses below it."""

    sentence: str
    uses: Cut[Use]


async def looked(owners: Owners, actor: Actor, extent: Extent) -> Looked:
    """What became of the pictures of whoever is signed in. Raises NotFound."""
    async with owners.door.open(_ask(actor)) as tx:
        cameras = await _cameras(tx, actor)
        lately = await use_store.uses_since(tx, cameras, tx.now - _MONTH)
        said = sentence(lately, tx.now, tx.zone, cameras=len(cameras))
        return Looked(said, await use_store.uses(tx, cameras, extent))


async def month(owners: Owners, actor: Actor) -> str:
    """The sentence alone. Raises NotFound."""
    return (await looked(owners, actor, Extent(1))).sentence


async def stays(owners: Owners, actor: Actor) -> dict[UUID, Held]:
    """What holds preserve of each camera of whoever is signed in."""
    async with owners.door.open(_ask(actor)) as tx:
        return {camera: await use_store.held_until(tx, camera) for camera in await _cameras(tx, actor)}


@dataclass(frozen=True, slots=True)
class Shown:
    """The proof of a use: its extract, once the signed log includes it."""

    state: str
    trouble: str | None
    extract: Extract | None


async def proof(owners: Owners, actor: Actor, entry: UUID, ledger: Path) -> Shown:
    """The extract of one use of an own camera, which anybody checks without us. Raises NotFound."""
    async with owners.door.open(_ask(actor)) as tx:
        kept = await use_store.kept(tx, await _cameras(tx, actor), entry)
    if kept is None:
        raise NotFound("There is no such use of your cameras.")
    found = prove(ledger, kept.index, kept.leaf)
    if found.checkpoint is None or kept.index is None:
        return Shown(found.state, found.trouble, None)
    steps = tuple(bytes.fromhex(step) for step in found.hashes)
    return Shown(found.state, None, Extract(kept.leaf, kept.index, steps, found.checkpoint.encode()))


def _ask(actor: Actor) -> Ask:
    return Ask(actor, Need.OWN_CAMERAS_VIEW, about=About("person", actor.id))


async def _cameras(tx: Tx, actor: Actor) -> list[UUID]:
    """The cameras about which the owner ever agreed: what was seen then stays theirs to see."""
    shared = await agreement_store.of_owner(tx, (await owner_of(tx, actor)).id)
    return sorted({one.agreement.camera for one in shared if one.agreed_at is not None})
