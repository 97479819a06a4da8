"""All SQL of walls. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.governance.words import Role
from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_W: Final = DataClass.WALL
_BY_NAME: Final = Order("walls", (("name", "text"), ("id", "uuid")))


@dataclass(frozen=True, slots=True)
class Wall:
    """Cameras side by side, under a name. `first_of` are the roles that begin with it."""

    id: UUID
    name: str
    owner: UUID
    tiles: tuple[UUID | None, ...]
    first_of: frozenset[Role]
    changed_at: datetime
    version: int


def _wall(row: Row) -> Wall:
    return Wall(
        row["id"],
        row["name"],
        row["owner_id"],
        tuple(row["tiles"]),
        frozenset(map(Role, row["first_of"])),
        row["changed_at"],
        row["version"],
    )


@touches(_W, READ)
async def walls(tx: Tx, extent: Extent) -> Cut[Wall]:
    """The asker's own walls, and those that a role begins with, by name."""
    rows = await tx.fetch_page(
        "select * from wall where owner_id = %(by)s or first_of <> '{}'", _BY_NAME, extent, by=tx.actor
    )
    return rows.of(_wall)


@touches(_W, READ)
async def wall_of(tx: Tx, wall: UUID) -> Wall | None:
    """One wall, whose ever it is."""
    row = await tx.fetch_one("select * from wall where id = %(id)s", id=wall)
    return _wall(row) if row else None


@touches(_W, WRITE)
async def wall_to_change(tx: Tx, wall: UUID) -> Wall | None:
    """One wall, and nobody else changes it until this transaction ends."""
    row = await tx.fetch_one("select * from wall where id = %(id)s for update", id=wall)
    return _wall(row) if row else None


@touches(DataClass.CAMERA, READ)
async def known(tx: Tx, cameras: Collection[UUID]) -> set[UUID]:
    """Which of these are cameras of the registry."""
    rows = await tx.fetch(
        "select id from camera where removed_at is null and id = any(%(ids)s)", ids=list(cameras)
    )
    return {row["id"] for row in rows}


@touches(_W, WRITE)
async def insert_wall(tx: Tx, wall: UUID, name: str, tiles: Sequence[UUID | None]) -> bool:
    """Keep a wall of the asker; False while another of theirs has the name."""
    return bool(
        await tx.execute(
            "insert into wall (id, agency_id, name, owner_id, tiles, changed_at, version)"
            " values (%(id)s, %(agency)s, %(name)s, %(by)s, %(tiles)s::uuid[], %(now)s, 1) on conflict do nothing",
            id=wall,
            agency=tx.agency,
            name=name,
            by=tx.actor,
            tiles=list(tiles),
            now=tx.now,
        )
    )


@touches(_W, WRITE)
async def update_wall(tx: Tx, wall: UUID, name: str, tiles: Sequence[UUID | None]) -> bool:
    """Change a wall; False when another of its owner's has the name."""
    return bool(
        await tx.execute(
            "update wall w set name = %(name)s, tiles = %(tiles)s::uuid[], changed_at = %(now)s, version = version + 1"
            " where w.id = %(id)s and not exists (select from wall o where o.owner_id = w.owner_id"
            " and o.name = %(name)s and o.id <> w.id)",
            id=wall,
            name=name,
            tiles=list(tiles),
            now=tx.now,
        )
    )


@touches(_W, WRITE)
async def put_first_of(tx: Tx, wall: UUID, roles: Collection[Role]) -> None:
    """These roles begin with this wall, and with no other any more."""
    words = sorted(role.value for role in roles)
    await tx.execute(
        "update wall set version = version + 1, first_of = case when id = %(id)s then %(roles)s::text[] else"
        " array(select role from unnest(first_of) role where role <> all(%(roles)s::text[]) order by role) end"
        " where id = %(id)s or first_of && %(roles)s::text[]",
        id=wall,
        roles=words,
    )


@touches(_W, WRITE)
async def remove_wall(tx: Tx, wall: UUID) -> None:
    """Keep it no more."""
    await tx.execute("delete from wall where id = %(id)s", id=wall)
