"""Looks for plates on the pictures that wait: of each camera the newest, fairly among cameras, within a budget of CPU.

It works in threads of its own and holds up nobody: what comes while it looks takes the place of what waited, and is counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import UUID

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.logs import logger
from watchfloor.plates.reading.look import Eyes, plates_on
from watchfloor.plates.reading.model import FinderFails, Picture, Seen
from watchfloor.plates.reading.nets import FAULTS
from watchfloor.plates.video import Counts
from watchfloor.recordings.reading.crop import kept
from watchfloor.recordings.reading.screen import Shot
from watchfloor.recordings.reading.tracks import LEAST_RANK, Sighting
from watchfloor.recordings.reading.waiting import Budget, Waiting

_log = logger("reading")
# After a picture was dropped for want of time so long is no time for more.
_BUSY_FOR_S: Final = 3.0
_SAY_EVERY_S: Final = 30.0
# A plate that comes near is as light as it was, all but at its edges: what moved is looked for on the car about it too.
_AROUND: Final = (0.5, 1.5)


class Taker(Protocol):
    """A camera whose pictures are looked at; it may have been stopped meanwhile."""

    @property
    def camera(self) -> UUID: ...

    @property
    def stopped(self) -> bool: ...

    def count(self, counts: Counts) -> None: ...

    def seen(self, shot: Shot, sightings: Sequence[Sighting], eyes: Eyes) -> None: ...

    def failed(self, why: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found, and the CPU it took, in seconds. `lacks`: why the detector of vehicles was not used on it, in a sentence."""

    sightings: tuple[Sighting, ...]
    cpu_s: float
    lacks: str = ""


def looked_at(eyes: Eyes, shot: Shot) -> Looked:
    """Look for plates on a picture. Work for a thread."""
    begun = time.thread_time()
    high, wide = shot.picture.shape[:2]
    found: list[Sighting] = []
    plates, lacks = _plates(eyes, shot.picture)
    for one in plates:
        if one.rank < LEAST_RANK:
            continue
        (left, top), (right, bottom) = one.line.quad.min(axis=0), one.line.quad.max(axis=0)
        beside, over = _AROUND[0] * (right - left), _AROUND[1] * (bottom - top)
        moved = shot.moved.at(
            (left - beside) / wide, (top - over) / high, (right + beside) / wide, (bottom + over) / high
        )
        found.append(Sighting(one, shot.at_us, moved, (wide, high), kept(shot.picture, one.line)))
    return Looked(tuple(found), time.thread_time() - begun, lacks)


def _plates(eyes: Eyes, picture: Picture) -> tuple[tuple[Seen, ...], str]:
    """The plates on a picture; on the whole of it, and why, where the detector of vehicles fails on it."""
    try:
        return plates_on(eyes, picture), ""
    except FinderFails as fault:
        return plates_on(replace(eyes, vehicles=None), picture), fault.detail


class Looker:
    """The threads that look. `opened` opens the networks: once, with the first picture."""

    def __init__(
        self,
        opened: Callable[[], Eyes],
        clock: Clock,
        *,
        cores: float,
        threads: int,
        look: Callable[[Eyes, Shot], Looked] = looked_at,
    ) -> None:
        self._opened, self._clock, self._look, self._count = opened, clock, look, threads
        self._eyes: Eyes | None = None
        self._waiting: Waiting[tuple[Taker, Shot]] = Waiting()
        self._budget = Budget(cores)
        self._threads = ThreadPoolExecutor(max(1, threads), thread_name_prefix="look")
        self._came = asyncio.Event()
        self._looking: set[UUID] = set()
        self._dropped_at = float("-inf")
        self._said_at = float("-inf")

    @property
    def has_time(self) -> bool:
        """Whether nothing had to be dropped of late."""
        return self._clock.monotonic() - self._dropped_at >= _BUSY_FOR_S

    def offer(self, taker: Taker, shot: Shot) -> None:
        """Have it looked at when its turn comes; what waited of the same camera is dropped, and counted there."""
        if self._waiting.offer(taker.camera, (taker, shot)):
            self._dropped_at = self._clock.monotonic()
            taker.count(Counts(busy=1))
        self._came.set()

    def has(self, camera: UUID) -> bool:
        """Whether a picture of this camera waits, or is being looked at."""
        return camera in self._looking or camera in self._waiting

    def drop(self, camera: UUID) -> bool:
        """Forget what waits of a camera; whether something did."""
        return self._waiting.drop(camera)

    async def run(self) -> None:
        """Look, for ever."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(max(1, self._count)):
                    group.create_task(self._one())
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _one(self) -> None:
        while True:
            wait_s = self._budget.wait_s(self._clock.monotonic())
            if wait_s > 0:
                await self._clock.sleep(wait_s)
            found = self._waiting.take()
            if found is None:
                self._came.clear()
                await self._came.wait()
                continue
            self._looking.add(found[0])
            try:
                await self._turn(*found[1])
            finally:
                self._looking.discard(found[0])

    async def _turn(self, taker: Taker, shot: Shot) -> None:
        """One look. What fails in it fails for this picture alone."""
        loop = asyncio.get_running_loop()
        try:
            if self._eyes is None:
                self._eyes = await loop.run_in_executor(self._threads, self._opened)
            eyes = self._eyes
            looked = await loop.run_in_executor(self._threads, lambda: self._look(eyes, shot))
        except (*FAULTS, Unavailable) as error:
            taker.count(Counts(failed=1))
            taker.failed(f"{type(error).__name__}: {error}"[:200])
            self._say("a picture could not be looked at", taker.camera, str(error))
            await self._clock.sleep(1.0)
            return
        self._budget.spent(looked.cpu_s, self._clock.monotonic())
        cpu_ms = round(looked.cpu_s * 1000)
        if taker.stopped:  # its leave ended while it was looked at: nothing of it is told
            taker.count(Counts(no_leave=1, cpu_ms=cpu_ms))
            return
        taker.count(Counts(looked=1, cpu_ms=cpu_ms))
        if looked.lacks:
            self._say("the vehicle detector fails on a picture", taker.camera, looked.lacks)
            eyes = replace(eyes, vehicles=None, lacks=looked.lacks)
        taker.seen(shot, looked.sightings, eyes)

    def _say(self, what: str, camera: UUID, why: str) -> None:
        now = self._clock.monotonic()
        if now - self._said_at >= _SAY_EVERY_S:
            self._said_at = now
            _log.error(what, camera=str(camera), why=why[:200])
