"""Who wants to see a camera's pictures: the camera, and the ask that the door is put."""

from __future__ import annotations

from uuid import UUID

from watchfloor.cameras import store
from watchfloor.cameras.model import Camera
from watchfloor.cameras.partners.model import is_offered
from watchfloor.governance.model import About, Actor, Ask, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.kit.errors import NotFound
from watchfloor.storage.tx import Tx


def looking(found: Camera, actor: Actor, need: Need, why: Why | None) -> Ask:
    """The ask of somebody who wants to see this camera's pictures. Raises NotFound for a partner where it is not offered to any."""
    if Role.PARTNER in actor.roles and not is_offered(found):
        raise NotFound("There is no such camera.")
    return Ask(actor, need, why, About("camera", found.id), found.technology, found.place)


async def there(tx: Tx, camera: UUID) -> Camera:
    """The camera. Raises NotFound."""
    found = await store.camera_of(tx, camera)
    if found is None:
        raise NotFound("There is no such camera.")
    return found
