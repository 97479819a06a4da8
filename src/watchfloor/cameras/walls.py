"""Walls: cameras side by side, kept under a name by whoever put them there. A wall opens no picture: each tile asks the door.

Whoever has a wall's address sees which cameras are on it, and looks through them under a purpose of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from watchfloor.cameras import wall_store as store
from watchfloor.cameras.wall_store import Wall
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Denied, Refused
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.kit.errors import Conflict, Invalid, NotFound, Stale
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.storage.tx import Tx

SIZES: Final = (1, 4, 9, 16)
LONGEST_NAME: Final = 80
Tiles = Sequence[UUID | None]


async def keep(door: Door, actor: Actor, name: str, tiles: Tiles) -> Wall:
    """A new wall of one's own. Raises Invalid, NotFound for a camera that is none, Conflict for a name one has already."""
    name = _checked(name, tiles)
    async with door.open(Ask(actor, Need.WALLS_CHANGE, about=About("wall"))) as tx:
        await _all_known(tx, tiles)
        wall = uuid7(tx.now)
        if not await store.insert_wall(tx, wall, name, tiles):
            raise _taken(name)
        await effect(tx, "wall.kept", About("wall", wall), detail={"name": name})
        return sure(await store.wall_of(tx, wall))


async def change(
    door: Door, actor: Actor, wall: UUID, name: str | None, tiles: Tiles | None, *, version: int | None
) -> Wall:
    """Change a wall of one's own; what is None stays. Raises Invalid, NotFound, Refused, Stale or Conflict."""
    async with door.open(Ask(actor, Need.WALLS_CHANGE, about=About("wall", wall))) as tx:
        before = await _to_change(tx, wall, version)
        if before.owner != actor.id:
            raise _not_theirs("change")
        tiles = before.tiles if tiles is None else tiles
        name = _checked(before.name if name is None else name, tiles)
        # What stood there before may have been removed meanwhile: that is no reason to refuse the rest.
        await _all_known(tx, [one for one in tiles if one not in before.tiles])
        if not await store.update_wall(tx, wall, name, tiles):
            raise _taken(name)
        await effect(tx, "wall.changed", About("wall", wall), detail={"name": name})
        return sure(await store.wall_of(tx, wall))


async def begin_with(
    door: Door, actor: Actor, wall: UUID, roles: Collection[Role], *, version: int | None
) -> Wall:
    """Say which roles begin with this wall. Raises Invalid, NotFound, Refused or Stale."""
    beyond = sorted(role.value for role in roles if role not in Need.WALLS_VIEW.roles)
    if beyond:
        raise Invalid(f"No wall is shown to: {', '.join(beyond)}.", reason="roles")
    async with door.open(Ask(actor, Need.WALLS_SHARE, about=About("wall", wall))) as tx:
        await _to_change(tx, wall, version)
        await store.put_first_of(tx, wall, roles)
        more = {"roles": sorted(role.value for role in roles)}
        await effect(tx, "wall.given_to_roles", About("wall", wall), more=dict(more))
        return sure(await store.wall_of(tx, wall))


async def remove(door: Door, actor: Actor, wall: UUID, *, version: int | None) -> None:
    """Take a wall away: one's own, or as a supervisor a colleague's. Raises NotFound, Refused or Stale."""
    async with door.open(Ask(actor, Need.WALLS_CHANGE, about=About("wall", wall))) as tx:
        before = await _to_change(tx, wall, version)
        if before.owner != actor.id and Role.SUPERVISOR not in actor.roles:
            raise _not_theirs("remove")
        await store.remove_wall(tx, wall)
        await effect(tx, "wall.removed", About("wall", wall), detail={"name": before.name})


def _checked(name: str, tiles: Tiles) -> str:
    """The name as it is kept. Raises Invalid."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"A wall has a name of 1 to {LONGEST_NAME} characters.", reason="name")
    if len(tiles) not in SIZES:
        raise Invalid("A wall has 1, 4, 9 or 16 tiles.", reason="tiles")
    shown = [tile for tile in tiles if tile is not None]
    if len(set(shown)) < len(shown):
        raise Invalid("A camera stands on a wall once.", reason="tiles")
    return name


async def _all_known(tx: Tx, tiles: Tiles) -> None:
    shown = {tile for tile in tiles if tile is not None}
    if shown - await store.known(tx, shown):
        raise NotFound("There is no such camera.", reason="tiles")


async def _to_change(tx: Tx, wall: UUID, version: int | None) -> Wall:
    found = await store.wall_to_change(tx, wall)
    if found is None:
        raise NotFound("There is no such wall.")
    if version is not None and version != found.version:
        raise Stale("The wall was changed since you read it.", next_step="Read it again.")
    return found


def _taken(name: str) -> Conflict:
    return Conflict(f"You have a wall {name!r} already.", reason="name_taken")


def _not_theirs(act: str) -> Refused:
    said = f"Another person keeps this wall; only they {act} it."
    return Refused(
        Denied("not_the_owner", said, next_step="Keep it under a name of your own, and change that.")
    )
