"""Sends what an edge box kept, as the center asks for it: a few groups of pictures at a time, while live ones leave room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

from watchfloor.cameras.boxes import wire
from watchfloor.edge.ring import Ring
from watchfloor.kit.clock import Clock

# So much goes out in one answer, and only while hardly anything else waits.
_MOST_AT_ONCE: Final = 3 * 1024 * 1024
_ROOM_FOR_LIVE: Final = 256 * 1024


class Fetching:
    """What is being fetched, one for each camera. `may` says whether pictures of a camera may leave the box now."""

    def __init__(
        self,
        ring: Ring,
        clock: Clock,
        *,
        put: Callable[[bytes], None],
        waiting: Callable[[], int],
        may: Callable[[UUID], bool],
    ) -> None:
        self._ring, self._clock, self._put, self._waiting, self._may = ring, clock, put, waiting, may
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def begin(self, fetch: wire.Fetch) -> None:
        """The center asks; what it asked about this camera before is over."""
        self.drop(fetch.camera)
        self._tasks[fetch.camera] = asyncio.create_task(self._send(fetch))

    def end(self) -> None:
        """The connection is over."""
        for camera in list(self._tasks):
            self.drop(camera)

    def drop(self, camera: UUID) -> None:
        """Nothing more of this camera is sent."""
        task = self._tasks.pop(camera, None)
        if task is not None:
            task.cancel()

    async def _send(self, fetch: wire.Fetch) -> None:
        camera, sent, coded = fetch.camera, 0, b""
        gone = fetch.from_us < self._ring.went_us.get(camera, 0)
        kept = self._ring.of(camera, fetch.from_us, fetch.to_us)
        while (one := await asyncio.to_thread(next, kept, None)) is not None:
            for frame in ([one.run] if one.run != coded else []) + one.frames:
                while self._waiting() > _ROOM_FOR_LIVE:
                    await self._clock.sleep(0.02)
                if not self._may(camera):
                    return
                self._put(wire.media(camera, frame, sub=False, past=True))
                sent += len(frame)
            coded = one.run
            if sent > _MOST_AT_ONCE:
                self._put(wire.word(wire.Fetched(fetch.number, camera, one.ended_us, gone)))
                return
        self._put(wire.word(wire.Fetched(fetch.number, camera, 0, gone)))
