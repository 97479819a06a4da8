"""Looking holds up nobody: what comes meanwhile takes the place of what waits, what fails fails alone, and all of it is counted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import numpy as np

from tests.recordings.reading.made import seen, sighting
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.plates.reading.look import Eyes
from watchfloor.plates.reading.nets import FAULTS
from watchfloor.plates.video import NOTHING, Counts
from watchfloor.recordings.reading.gate import Moved
from watchfloor.recordings.reading.looker import Looked, Looker, looked_at
from watchfloor.recordings.reading.screen import Shot
from watchfloor.recordings.reading.tracks import Sighting

_clock = SystemClock()
NOBODY: Any = None
NO_EYES = cast("Eyes", None)


def shot(number: int = 0) -> Shot:
    return Shot(np.zeros((36, 64, 3), np.uint8), number, Moved(np.ones((4, 8), np.bool_)))


class Camera:
    """A camera whose pictures are looked at."""

    def __init__(self, number: int = 1) -> None:
        self.camera, self.stopped = UUID(int=number), False
        self.counts = NOTHING
        self.seen_at: list[int] = []
        self.why: list[str] = []
        self.eyes = NO_EYES
        self.changed = asyncio.Event()

    def count(self, counts: Counts) -> None:
        self.counts += counts
        self.changed.set()

    def seen(self, shot: Shot, sightings: Sequence[Sighting], eyes: Eyes) -> None:
        self.seen_at.append(shot.at_us)
        self.eyes = eyes

    def failed(self, why: str) -> None:
        self.why.append(why)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not holds():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def looking(
    look: Callable[[Eyes, Shot], Looked], opened: Callable[[], Any] = lambda: NO_EYES
) -> AsyncIterator[Looker]:
    looker = Looker(opened, _clock, cores=1.0, threads=1, look=look)
    task = asyncio.create_task(looker.run())
    try:
        yield looker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_why_a_picture_was_looked_at_without_the_detector_is_told_of_that_picture_alone() -> None:
    said = iter(("The vehicle detector fails.", ""))
    with_one = Eyes(NOBODY, NOBODY, NOBODY, vehicles=NOBODY, runs_on="CUDA")
    camera = Camera()
    async with looking(lambda _, one: Looked((), 0.0, next(said)), lambda: with_one) as looker:
        looker.offer(camera, shot(1))
        await camera.until(lambda: camera.counts.looked == 1)
        assert (camera.eyes.lacks, camera.eyes.vehicles) == ("The vehicle detector fails.", None)
        looker.offer(camera, shot(2))
        await camera.until(lambda: camera.counts.looked == 2)
    assert camera.eyes is with_one


async def test_what_comes_while_it_looks_takes_the_place_of_what_waited_and_is_counted() -> None:
    gate, begun = threading.Event(), threading.Event()

    def slow(eyes: Eyes, one: Shot) -> Looked:
        begun.set()
        gate.wait(10)
        return Looked((), 0.0)

    camera = Camera()
    async with looking(slow) as looker:
        looker.offer(camera, shot(1))
        await asyncio.to_thread(begun.wait, 10)
        assert looker.has_time
        for number in (2, 3, 4):
            looker.offer(camera, shot(number))
        assert camera.counts == Counts(busy=2) and not looker.has_time
        gate.set()
        await camera.until(lambda: camera.counts.looked == 2)
    assert camera.seen_at == [1, 4], "the newest, never those between"


async def test_a_picture_on_which_a_network_fails_is_counted_and_the_next_is_looked_at() -> None:
    def fails_once(eyes: Eyes, one: Shot) -> Looked:
        if one.at_us == 1:
            raise FAULTS[0]("no memory on the card")
        return Looked((sighting(seen("QQ7X4K", 300), 0),), 0.01)

    camera = Camera()
    async with looking(fails_once) as looker:
        looker.offer(camera, shot(1))
        await camera.until(lambda: camera.counts.failed == 1)
        looker.offer(camera, shot(2))
        await camera.until(lambda: camera.counts.looked == 1)
    assert camera.seen_at == [2] and "no memory on the card" in camera.why[0]
    assert camera.counts == Counts(failed=1, looked=1, cpu_ms=10)


async def test_networks_that_cannot_be_opened_are_said_and_opened_again_with_the_next_picture() -> None:
    tries: list[int] = []

    def opened() -> Eyes:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("The weights are not those that were released.")
        return NO_EYES

    camera = Camera()
    async with looking(lambda eyes, one: Looked((), 0.0), opened) as looker:
        looker.offer(camera, shot(1))
        await camera.until(lambda: camera.counts.failed == 1)
        looker.offer(camera, shot(2))
        await camera.until(lambda: camera.counts.looked == 1)
    assert "weights" in camera.why[0]


async def test_what_was_looked_at_when_its_leave_ended_is_told_nowhere() -> None:
    gate, begun = threading.Event(), threading.Event()

    def slow(eyes: Eyes, one: Shot) -> Looked:
        begun.set()
        gate.wait(10)
        return Looked((sighting(seen("QQ7X4K", 300), 0),), 0.0)

    camera = Camera()
    async with looking(slow) as looker:
        looker.offer(camera, shot(1))
        await asyncio.to_thread(begun.wait, 10)
        camera.stopped = True
        gate.set()
        await camera.until(lambda: camera.counts.no_leave == 1)
    assert camera.seen_at == []


def test_a_plate_is_found_with_its_picture_and_whether_something_moved_there(
    street_with_plate: Shot, eyes: Eyes
) -> None:
    looked = looked_at(eyes, street_with_plate)
    (one,) = looked.sightings
    blocks = np.zeros((11, 20), np.bool_)
    blocks[9, 5] = True  # the edge of its car, beside the plate
    near = looked_at(eyes, Shot(street_with_plate.picture, 0, Moved(blocks)))
    assert near.sightings[0].moved
    blocks[9, 5], blocks[2, 2] = False, True  # a bird, far above
    assert not looked_at(eyes, Shot(street_with_plate.picture, 0, Moved(blocks))).sightings[0].moved
    assert one.seen.text == "QQ7X4K" and one.moved and one.crop.startswith(b"\xff\xd8") and looked.cpu_s > 0
