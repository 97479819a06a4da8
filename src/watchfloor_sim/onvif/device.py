"""What a simulated device is: its make, profiles, presets and analytics, where it looks, and what it was asked to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from watchfloor_sim.digest import Credentials
from watchfloor_sim.kept import Kept
from watchfloor_sim.onvif.faults import Fault


@dataclass(frozen=True, slots=True)
class Stream:
    """A profile: one stream of the device, and where a simulated RTSP camera shows it."""

    token: str
    name: str
    width: int
    height: int
    url: str
    encoding: str = "H264"
    fps: int = 15
    kbit_s: int = 2000
    source: str = "lens"
    """Which lens it shows: a recorder has as many as cameras."""


@dataclass(frozen=True, slots=True)
class Make:
    """What the device says that it is."""

    manufacturer: str = "River Optics"
    model: str = "RO-20 dome"
    firmware: str = "4.1.0"
    serial: str = "RO20-000117"
    hardware: str = "rev C"


@dataclass(frozen=True, slots=True)
class Recording:
    """What the device keeps of one of its lenses (Profile G), and where it is replayed."""

    kept: Kept
    url: str
    source: str = "lens"


@dataclass(slots=True)
class Look:
    """Where a turning camera looks: pan and tilt from -1 to 1, zoom from 0 to 1, as ONVIF counts."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


@dataclass(slots=True)
class Device:
    """A device. What a test changes takes effect with the next request."""

    streams: list[Stream]
    credentials: Credentials | None = None
    make: Make = field(default_factory=Make)
    http_digest: bool = False
    """Signed in to by HTTP Digest, as newer devices want it, in place of the envelope's token."""
    turns: bool = False
    turning: frozenset[str] = frozenset()
    """The lenses that turn, of a recorder; empty: all of them, where it turns."""
    audio: bool = False
    analytics: list[str] = field(default_factory=list)
    """Types of its analytics modules, such as `tt:CellMotionEngine`."""
    presets: dict[str, tuple[str, Look]] = field(default_factory=dict)
    recordings: list[Recording] = field(default_factory=list)
    """Without any it offers neither search nor replay."""
    searched: tuple[str, datetime, datetime] | None = None
    """The recording and the time of which events were last looked for."""
    media_two: bool = False
    """Whether it has Media2, where alone its H.265 is told of."""
    most_masks: int = 0
    """How many privacy masks it can hold: with any it has Media2."""
    rectangles_only: bool = False
    masks: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    mask_types: dict[str, str] = field(default_factory=dict)
    """Of those that are not plain: `Blurred`."""
    mask_sources: dict[str, str] = field(default_factory=dict)
    """Of those that are of another lens than the first."""
    mask_grid: float = 0.0
    """How far it rounds the corners of new masks; 0 not at all."""
    same_token: bool = False
    """It calls each new mask `mask`, as a device that counts them anew."""
    other_sources: list[str] = field(default_factory=list)
    """Sources that it names before that of its streams: other lenses."""
    clock_off: timedelta = timedelta()
    faults: set[Fault] = field(default_factory=set)
    elsewhere: str = ""
    """Where faulty addresses lead: `host:port`."""
    look: Look = field(default_factory=Look)
    moving: tuple[float, float, float] = (0.0, 0.0, 0.0)
    asked: list[str] = field(default_factory=list)
    """Operations in order; those that turn it with what they said."""
    events: list[tuple[str, bool] | tuple[str, bool, str]] = field(default_factory=list)
    """Topics and their state that the next PullMessages tells, of a recorder with the lens that they are of."""
    turned_by: list[str] = field(default_factory=list)
    """The profiles by which it was asked to turn."""
    used: set[str] = field(default_factory=set)
    refused: int = 0
    _waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = field(default_factory=list)

    def turns_at(self, source: str) -> bool:
        """Whether that lens turns."""
        return self.turns and (not self.turning or source in self.turning)

    def now(self) -> datetime:
        """The device's own clock."""
        return datetime.now(UTC) + self.clock_off

    def said(self, what: str) -> None:
        """Note what was asked, and wake whoever waits for it."""
        self.asked.append(what)
        for condition, waiter in list(self._waiters):
            if condition() and not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool], *, timeout_s: float = 10.0) -> None:
        """Wait until the condition holds; it is asked again after every request."""
        if condition():
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((condition, waiter))
        async with asyncio.timeout(timeout_s):
            await waiter
