"""One camera source with a sink that remembers, for tests of what cameras do."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from watchfloor.cameras.address import parse
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.source import CameraSource
from watchfloor.cameras.state import CameraStatus, Status
from watchfloor.cameras.stream import Frame, Run
from watchfloor.cameras.transport import TLS, Transport
from watchfloor.kit.clock import Clock, SystemClock

CAMERA = UUID(int=0xCA)
_clock = SystemClock()


@dataclass
class Seen:
    """A sink that keeps what came, and a report that keeps what was said."""

    runs: list[Run] = field(default_factory=list)
    frames: list[list[Frame]] = field(default_factory=list)
    ends: list[CameraStatus | None] = field(default_factory=list)
    said: list[Status] = field(default_factory=list)
    source: CameraSource | None = None
    follower: Follower | None = None
    disk: threading.Event = field(default_factory=threading.Event)
    """Until it is set, a frame waits for it as for a disk."""

    def __post_init__(self) -> None:
        self.disk.set()

    def begin(self, run: Run) -> None:
        self.runs.append(run)
        self.frames.append([])

    def frame(self, frame: Frame) -> None:
        assert self.disk.wait(20.0)
        self.frames[-1].append(frame)

    def end(self, status: CameraStatus | None) -> None:
        self.ends.append(status)

    @property
    def count(self) -> int:
        return sum(map(len, self.frames))

    def was(self, status: CameraStatus) -> bool:
        return any(said.status is status for said in self.said)

    def sentence_of(self, status: CameraStatus) -> str:
        """What people were told when the camera first was so."""
        return next(said.reason for said in self.said if said.status is status)

    async def until(self, holds: Callable[[], bool], within_s: float = 60.0) -> None:
        """Wait until it is so, keeping the watchdog as a recorder does."""
        ends = _clock.monotonic() + within_s
        while not holds():
            assert _clock.monotonic() < ends, (
                f"it did not come to be; said: {[s.status.value for s in self.said]}"
            )
            if self.source is not None:
                self.source.watch(_clock.monotonic())
            await _clock.sleep(0.02)


@asynccontextmanager
async def watching(
    url: str,
    *,
    stall_after_s: float = 1.5,
    follower: Follower | None = None,
    transport: Transport = Transport.TCP,
    certificate: str | None = None,
    clock: Clock = _clock,
    gate: threading.BoundedSemaphore | None = None,
) -> AsyncIterator[Seen]:
    """Open a camera at this address, credentials and all, until the block ends; read by the thread of another, if given."""
    address, login = parse(url)
    place = Place(
        str(address), "127.0.0.1", address.port, address.scheme == TLS, login, transport, certificate
    )
    seen = Seen()
    own = follower is None
    seen.follower = follower = follower or Follower(_clock)
    source = CameraSource(
        CAMERA,
        lambda: place,
        [seen],
        clock=clock,
        chance=random.Random(1),
        gate=gate or threading.BoundedSemaphore(4),
        follower=follower,
        stall_after_s=stall_after_s,
        report=seen.said.append,
    )
    seen.source = source
    source.start()
    try:
        yield seen
    finally:
        source.stop()
        assert await asyncio.to_thread(source.join, 8.0), "the camera's thread did not end"
        if own:
            follower.close()
