"""The actors that are not people: our own processes. Devices and people are made by identity."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from uuid import UUID

from watchfloor.governance.model import Actor, ActorKind, AgencyId
from watchfloor.governance.words import Role
from watchfloor.kit.ids import name_uuid

# Before anybody is known no agency is set: row security then shows nothing at all.
NO_AGENCY: Final = AgencyId(UUID(int=0))


@lru_cache(maxsize=1024)
def process_actor(agency: UUID, process: str) -> Actor:
    """One of our own processes, acting in `agency`."""
    return Actor(
        id=name_uuid(f"process/{process}"),
        kind=ActorKind.PROCESS,
        agency=AgencyId(agency),
        roles=frozenset({Role.MACHINE}),
        name=process,
    )
