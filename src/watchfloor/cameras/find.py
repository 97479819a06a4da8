"""Finds the recorder of a camera for the live view: one question to the tables, as the server itself."""

from __future__ import annotations

from uuid import UUID

from watchfloor.cameras import store
from watchfloor.cameras.live import FindTap
from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need


def finder(door: Door) -> FindTap:
    """Where a camera's recorder can be tapped, as the tables say."""

    async def find(agency: UUID, camera: UUID) -> str | None:
        async with door.open(Ask(process_actor(agency, "serve"), Need.CAMERA_STATE)) as tx:
            found = await store.tap_of(tx, camera)
        return found[0] if found else None

    return find
