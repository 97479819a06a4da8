"""One camera read: whatever its tap does it begins anew by itself, says what is the matter, and is dark once it is stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.recordings.reading.made import NOON_US, SIZE, S, seen, tapped
from watchfloor.cameras import wire
from watchfloor.cameras.cover import OPEN, Cover, always
from watchfloor.cameras.masks import WHOLE
from watchfloor.cameras.model import Camera, CameraId
from watchfloor.cameras.wire import EndNote, Kind, StateNote
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.geo import Point
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.reading.eyes import weights_of
from watchfloor.plates.reading.look import Eyes
from watchfloor.plates.video import VideoStream
from watchfloor.recordings.reading.looker import Looked, Looker
from watchfloor.recordings.reading.screen import Shot
from watchfloor.recordings.reading.tracks import Sighting, Telling
from watchfloor.recordings.reading.watch import Stream, Watch, reads_with

NOON = datetime.fromtimestamp(NOON_US / S, UTC)
CAMERA = Camera(
    CameraId(UUID(int=1)), UUID(int=2), "Mill St", TechnologyKind.FIXED_CAMERA, "rtsp://10.0.0.1/", "Mill St", Point(38.6, -90.2),
    None, enabled=True, has_login=False, version=1, created_at=NOON, said=None,
)  # fmt: skip
READER = Reader(
    ReaderId(UUID(int=3)), "Mill St, on video", TechnologyKind.PLATE_READING_ON_VIDEO, "Mill St", CAMERA.place, None,
    retired=False, version=1, camera=CAMERA.id,
)  # fmt: skip
EYES = Eyes(None, None, weights_of("us"))  # type: ignore[arg-type]  # what looks here needs no networks


class Scripted:
    """A tap that gives what it is told to, then is silent or gone."""

    def __init__(self, frames: Sequence[bytes], *, gone: bool = False) -> None:
        self._frames, self._gone = list(frames), gone
        self.closed = asyncio.Event()

    async def next(self) -> bytes:
        if self._frames:
            await SystemClock().sleep(0.03)
            return self._frames.pop(0)
        if self._gone:
            raise Unavailable("The recorder of this camera has gone.")
        await asyncio.Event().wait()
        raise AssertionError

    def renew(self, camera: UUID, token: str, *, sub: bool = False) -> None: ...

    def close(self) -> None:
        self.closed.set()


class Shared:
    """What watches share: taps by a script, a look that sees one car."""

    def __init__(self, *taps: Scripted, cover: Cover = OPEN) -> None:
        self._clock = SystemClock()
        self._taps, self._cover = list(taps), cover
        self.opened = 0
        self.sub = False
        self.tellings: list[Telling] = []
        self.looked: list[Shot] = []
        self.lets_look = threading.Event()
        self.lets_look.set()
        self._threads = ThreadPoolExecutor(1)
        self._looker = Looker(lambda: EYES, self._clock, cores=1.0, threads=1, look=self._look)

    def _look(self, eyes: Eyes, shot: Shot) -> Looked:
        assert self.lets_look.wait(60)
        self.looked.append(shot)
        one = seen("QQ7X4K", 300 + 60 * len(self.looked))
        return Looked((Sighting(one, shot.at_us, True, SIZE),), 0.0)

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def looker(self) -> Looker:
        return self._looker

    @property
    def threads(self) -> Executor:
        return self._threads

    async def tap(self, camera: Camera, grant: UUID, *, sub: bool) -> Stream:
        self.opened += 1
        self.sub = sub
        if not self._taps:
            raise Unavailable("No recorder has this camera at present.")
        return self._taps.pop(0)

    def token(self, camera: UUID, grant: UUID) -> str:
        return "token"

    async def cover(self, camera: Camera) -> Cover:
        return self._cover

    def told(self, reader: Reader, camera: Camera, tellings: Sequence[Telling]) -> None:
        self.tellings += tellings


@asynccontextmanager
async def read(shared: Shared, reader: Reader = READER, camera: Camera = CAMERA) -> AsyncIterator[Watch]:
    looking = asyncio.create_task(shared.looker.run())
    watch = Watch(reader, camera, shared, apart_us=300_000)
    try:
        yield watch
    finally:
        await watch.stop()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        shared.threads.shutdown()


async def until(holds: Callable[[], object], within_s: float = 60) -> None:
    """Wait until it is so."""
    clock = SystemClock()
    async with asyncio.timeout(within_s):
        while not holds():
            await clock.sleep(0.02)


@pytest.fixture
def clip() -> list[bytes]:
    """Three seconds of a drawn street, as if they had just been taken."""
    return tapped(seconds=3, began_us=round(SystemClock().now().timestamp() * S))


async def test_a_car_is_told_and_what_became_of_the_pictures_is_counted(clip: list[bytes]) -> None:
    shared = Shared(Scripted(clip))
    async with read(shared) as watch:
        await until(lambda: shared.tellings)
        assert watch.state.word == "reading"
        counts = watch.take_counts()
        assert counts.looked == len(shared.looked) >= 2 and counts.undecodable == 0
        assert watch.take_counts().looked == 0, "each is told once"
    assert shared.tellings[0].text == "QQ7X4K"


@pytest.mark.parametrize(
    ("stream", "has_sub", "taps_sub", "says"),
    [
        ("main", True, False, "Its plates are read on its main stream."),
        ("sub", True, True, "Its plates are read on its sub stream."),
        ("sub", False, False, "Its plates are read on its main stream, since it has no sub stream any more."),
    ],
)
async def test_the_stream_that_was_set_is_tapped_and_the_main_one_once_there_is_no_other(
    stream: VideoStream, *, has_sub: bool, taps_sub: bool, says: str
) -> None:
    camera = replace(CAMERA, sub_address="rtsp://10.0.0.1/sub" if has_sub else None)
    shared = Shared(Scripted([]))
    async with read(shared, replace(READER, stream=stream), camera):
        await until(lambda: shared.opened)
    assert shared.sub is taps_sub
    assert reads_with(EYES, replace(READER, stream=stream), camera).reason == says


async def test_a_recorder_that_goes_is_looked_for_again_and_another_that_has_the_camera_is_tapped(
    clip: list[bytes],
) -> None:
    first, second = Scripted(clip[:12], gone=True), Scripted(clip)
    shared = Shared(first, second)
    async with read(shared) as watch:
        await until(lambda: first.closed.is_set())
        await until(lambda: shared.opened == 2 and watch.state.word == "reading" and len(shared.looked) > 2)
    assert second.closed.is_set()


async def test_a_camera_that_no_recorder_has_is_said_and_asked_for_again(clip: list[bytes]) -> None:
    shared = Shared()
    async with read(shared) as watch:
        await until(lambda: shared.opened >= 2)
        assert (watch.state.level, watch.state.word) == ("serious", "no picture")
        assert "No recorder" in watch.state.reason


async def test_what_the_recorder_says_of_the_camera_and_why_it_ends_are_said(clip: list[bytes]) -> None:
    lost = wire.note(Kind.STATE, StateNote("serious", "no answer", "The camera does not answer."))
    off = wire.note(Kind.END, EndNote("switched_off", "The camera is switched off."))
    waits, ends = Shared(Scripted([*clip, lost])), Shared(Scripted([off]))
    waits.lets_look.clear()
    async with read(waits) as watch, read(ends) as other:
        await until(lambda: watch.state.word == "no answer")
        waits.lets_look.set()
        await until(lambda: watch.tally.looked)
        assert watch.state.word == "no answer", (
            "what came before is looked at later, and shows no camera that answers"
        )
        await until(lambda: other.state.reason == "The camera is switched off.")


async def test_a_stream_that_cannot_be_decoded_is_said_and_the_next_group_is_read(clip: list[bytes]) -> None:
    head = clip[1][: wire.HEAD_SIZE]
    shared = Shared(Scripted([clip[0], head + b"\x00" * 400]))
    async with read(shared) as watch:
        await until(lambda: watch.state.word == "not decoded")
        assert watch.take_counts().undecodable == 1
    strange = wire.init(1, 0, "avc1.640015", b"\x00" * 40)
    again = Shared(Scripted([strange]), Scripted(clip))
    async with read(again) as watch:
        await until(lambda: "cannot be decoded" in watch.state.reason)
        await until(lambda: watch.state.word == "reading" and again.looked)


async def test_all_that_is_covered_is_never_looked_at_and_said(clip: list[bytes]) -> None:
    shared = Shared(Scripted(clip), cover=always([WHOLE]))
    async with read(shared) as watch:
        await until(lambda: watch.state.word == "masked")
        assert watch.take_counts().masked and not shared.looked


async def test_pictures_that_lay_at_hand_for_long_are_not_read_any_more() -> None:
    old = tapped(began_us=NOON_US)
    shared = Shared(Scripted(old))
    async with read(shared) as watch:
        await until(lambda: watch.tally.busy)
        assert not shared.looked


async def test_once_it_is_stopped_nothing_more_is_told(clip: list[bytes]) -> None:
    shared = Shared(Scripted(clip[:2]))
    async with read(shared) as watch:
        await until(lambda: shared.looked)
        await watch.stop()
        watch.seen(Shot(shared.looked[0].picture, 0, shared.looked[0].moved), (), EYES)
    assert shared.tellings == [], "a car that was in sight is not told after the leave has ended"
