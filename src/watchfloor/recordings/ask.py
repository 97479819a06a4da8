"""What somebody asks the door who wants to see what was recorded: under the place where the camera stood then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from watchfloor.cameras.carried_store import stood_at
from watchfloor.cameras.looking import looking, there
from watchfloor.cameras.model import Camera
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Actor, Ask, Why
from watchfloor.governance.needs import Need


async def ask_of_then(
    door: Door, actor: Actor, camera: UUID, need: Need, why: Why | None, at: datetime
) -> Ask:
    """The ask about what a camera recorded from `at` on. Raises NotFound."""
    return looking(await camera_then(door, actor, camera, at), actor, need, why)


async def ask_of_now(door: Door, actor: Actor, camera: UUID, need: Need) -> Ask:
    """The ask about what a camera shows now, for no purpose of a case. Raises NotFound."""
    async with door.open(Ask(process_actor(actor.agency, "serve"), Need.CAMERA_STATE)) as tx:
        return looking(await there(tx, camera), actor, need, None)


async def camera_then(door: Door, actor: Actor, camera: UUID, at: datetime) -> Camera:
    """The camera as the server itself knows it, where it stood at that time. Raises NotFound."""
    async with door.open(Ask(process_actor(actor.agency, "serve"), Need.CAMERA_STATE)) as tx:
        found = await there(tx, camera)
        standing = await stood_at(tx, camera, at)
    return found if standing is None else replace(found, place=standing.place)
