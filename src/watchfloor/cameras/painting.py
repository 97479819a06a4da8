"""What paints masks over a live stream, as the live view knows it. It paints nothing."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from watchfloor.cameras.cover import Cover
from watchfloor.governance.model import Ask


class Painting(Protocol):
    """A stream being painted: the frames of a tap in, what may be shown out. Raises Unavailable."""

    async def feed(self, data: bytes) -> list[bytes]: ...

    def close(self) -> None: ...


class Masking(Protocol):
    """What is to be painted over in a camera's pictures now, and who paints; `begin` raises Full at their limit."""

    async def cover(self, agency: UUID, camera: UUID, *, lent: bool = False) -> Cover: ...

    def begin(self, cover: Cover, *, lent: bool = False) -> Painting: ...

    async def admit(self, ask: Ask) -> bool: ...

    async def watched(self, ask: Ask) -> object: ...
