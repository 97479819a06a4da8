"""What the use cases of sites need, of a center's parts."""

from __future__ import annotations

from uuid import UUID

from tests.fixtures.center import CenterParts
from watchfloor.cameras.address import Networks
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.vault import Vault

VAULT = Vault(b"v" * 32)


def cameras_of(parts: CenterParts) -> Cameras:
    async def news(kind: str, agency: UUID, camera: UUID) -> None: ...

    return Cameras(parts.door, parts.clock, VAULT, Networks.of("10.0.0.0/8, 127.0.0.0/8"), news)
