"""Routes of walls: translate in, call a use case, translate out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from watchfloor.cameras import forms, walls
from watchfloor.cameras import wall_store as store
from watchfloor.cameras.wall_store import Wall
from watchfloor.governance.api import version_of
from watchfloor.governance.asks import asks
from watchfloor.governance.door import Door
from watchfloor.governance.forms import inside, outside
from watchfloor.governance.model import About, Actor, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.identity.api import Signed
from watchfloor.identity.store import names_of
from watchfloor.kit.errors import Invalid, NotFound
from watchfloor.kit.pages import InPages
from watchfloor.kit.route import Page, Stated, page
from watchfloor.storage.tx import Tx

IfMatch = Annotated[str | None, Header()]


class WallBody(BaseModel):
    """A wall as somebody keeps it; in a change, a field left out stays as it is. A null among the tiles shows nothing."""

    name: str | None = Field(default=None, max_length=200)
    tiles: list[str | None] | None = Field(default=None, max_length=16)


class WallRolesBody(BaseModel):
    """The roles that begin with it; they begin with no other then."""

    roles: list[str] = Field(max_length=10)


def routes(door: Door) -> APIRouter:
    """The routes of walls."""
    router = APIRouter(tags=["cameras"], route_class=Stated)

    @router.get("/walls", openapi_extra=asks(Need.WALLS_VIEW))
    async def list_walls(actor: Signed, extent: InPages) -> Page[forms.Wall]:
        """One's own walls, and those that a role begins with, by name."""
        async with door.open(Ask(actor, Need.WALLS_VIEW)) as tx:
            found = await store.walls(tx, extent)
            names = await names_of(tx, list({wall.owner for wall in found.items}))
            return page(found.of(lambda wall: _form(wall, names)))

    @router.get("/walls/{wall_id}", openapi_extra=asks(Need.WALLS_VIEW))
    async def get_wall(actor: Signed, wall_id: str) -> forms.Wall:
        """A wall, whose ever of the agency it is: which cameras stand where, no pictures."""
        return await _view(door, actor, inside("wall", wall_id))

    _add_acts(router, door)
    return router


def _add_acts(router: APIRouter, door: Door) -> None:
    @router.post("/walls", status_code=201, openapi_extra=asks(Need.WALLS_CHANGE, Need.WALLS_VIEW))
    async def keep_wall(actor: Signed, body: WallBody) -> forms.Wall:
        """Keep a wall under a name of one's own."""
        made = await walls.keep(door, actor, body.name or "", _tiles(body.tiles) or ())
        return await _view(door, actor, made.id)

    @router.patch("/walls/{wall_id}", openapi_extra=asks(Need.WALLS_CHANGE, Need.WALLS_VIEW))
    async def change_wall(
        actor: Signed, wall_id: str, body: WallBody, if_match: IfMatch = None
    ) -> forms.Wall:
        """Change a wall of one's own."""
        wall, tiles = inside("wall", wall_id), _tiles(body.tiles)
        await walls.change(door, actor, wall, body.name, tiles, version=version_of(if_match))
        return await _view(door, actor, wall)

    @router.put("/walls/{wall_id}/roles", openapi_extra=asks(Need.WALLS_SHARE, Need.WALLS_VIEW))
    async def give_wall_to_roles(
        actor: Signed, wall_id: str, body: WallRolesBody, if_match: IfMatch = None
    ) -> forms.Wall:
        """Say which roles begin with this wall."""
        wall = inside("wall", wall_id)
        try:
            roles = {Role(word) for word in body.roles}
        except ValueError as error:
            raise Invalid(f"That is no role: {error}.", reason="roles") from error
        await walls.begin_with(door, actor, wall, roles, version=version_of(if_match))
        return await _view(door, actor, wall)

    @router.delete("/walls/{wall_id}", status_code=204, openapi_extra=asks(Need.WALLS_CHANGE))
    async def remove_wall(actor: Signed, wall_id: str, if_match: IfMatch = None) -> None:
        """Take away a wall of one's own, or as a supervisor a colleague's."""
        await walls.remove(door, actor, inside("wall", wall_id), version=version_of(if_match))


def _tiles(said: list[str | None] | None) -> list[UUID | None] | None:
    return None if said is None else [inside("camera", one) if one else None for one in said]


async def _view(door: Door, actor: Actor, wall: UUID) -> forms.Wall:
    async with door.open(Ask(actor, Need.WALLS_VIEW, about=About("wall", wall))) as tx:
        found = await _there(tx, wall)
        return _form(found, await names_of(tx, [found.owner]))


async def _there(tx: Tx, wall: UUID) -> Wall:
    found = await store.wall_of(tx, wall)
    if found is None:
        raise NotFound("There is no such wall.")
    return found


def _form(wall: Wall, names: Mapping[UUID, str]) -> forms.Wall:
    return {
        "id": outside("wall", wall.id),
        "name": wall.name,
        "owner": {"id": outside("person", wall.owner), "name": names.get(wall.owner)},
        "tiles": [outside("camera", tile) if tile else None for tile in wall.tiles],
        "first_of": sorted(wall.first_of),
        "changed_at": wall.changed_at,
        "version": wall.version,
    }
