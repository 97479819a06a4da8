"""Of which owners' cameras nothing may be asked of the device, nor kept of what it says: those that may not be recorded now."""

from __future__ import annotations

from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.onvif import store
from watchfloor.cameras.register import Cameras
from watchfloor.governance.actors import process_actor
from watchfloor.governance.model import About, Ask, Denied
from watchfloor.governance.needs import Need


async def withheld(cameras: Cameras, agency: UUID) -> list[UUID]:
    """Owners' cameras which their agreements, or what authorises links to them, do not cover at this moment."""
    who = process_actor(agency, "sweep")
    async with cameras.door.open(Ask(who, Need.DEVICE_WATCH)) as tx:
        owned = await camera_store.cameras_of(tx, await store.of_owners(tx))
    if not owned:
        return []
    asks = [
        Ask(who, Need.CAMERA_RECORD, None, About("camera", one.id), one.technology, one.place)
        for one in owned
    ]
    answers = await cameras.door.lease(asks)
    return [one.id for one, said in zip(owned, answers, strict=True) if isinstance(said, Denied)]
