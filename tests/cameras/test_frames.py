"""Runs and frames of a real stream when a clock is set, and when the thread that makes them is held up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.cameras.clips import Clip, load
from watchfloor.cameras.frames import Assembly, NewRun
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run

CAMERA = UUID(int=0xCA)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CLOCKS = ("now", "monotonic")
GOP = 10


class Hand:
    """Two clocks moved by hand; whoever reads them can be held up just before a read of one."""

    def __init__(self) -> None:
        self.wall, self.mono = NOON, 100.0
        self.held_up = dict.fromkeys(CLOCKS, 0.0)

    def now(self) -> datetime:
        self._hold_up("now")
        return self.wall

    def monotonic(self) -> float:
        self._hold_up("monotonic")
        return self.mono

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("frames wait for nothing")

    def goes_on(self, seconds: float) -> None:
        self.mono += seconds
        self.wall += timedelta(seconds=seconds)

    def _hold_up(self, read: str) -> None:
        seconds, self.held_up[read] = self.held_up[read], 0.0
        self.goes_on(seconds)


class Stream:
    """A camera's pictures on their way through an assembly, each as it comes; the runs and frames they become."""

    def __init__(self, clip: Clip) -> None:
        self.clock = Hand()
        self.runs: list[Run] = []
        self.frames: list[Frame] = []
        self._assembly = Assembly(CAMERA, clip.codec, (), self.clock, 0)
        self._clip = clip
        self._sent = 0

    def plays(self, groups: int, *, held_up: str | None = None) -> None:
        """So many groups of pictures, a second each; `held_up`: for 3 s before that read, while the first is handled."""
        for picture in range(groups * GOP):
            packet = self._clip.packets[self._sent % len(self._clip.packets)]
            around = self._sent // len(self._clip.packets) * len(self._clip.packets) * self._clip.step
            self._sent += 1
            self.clock.goes_on(self._clip.step / TICKS_PER_S)
            now = self.clock.monotonic()
            if held_up is not None and picture == 0:
                self.clock.held_up[held_up] = 3.0
            for out in self._assembly.take(packet.units, packet.pts + around, now, None):
                if isinstance(out, NewRun):
                    self.runs.append(out.run)
                else:
                    self.frames.append(out)

    def late_us(self, frame: Frame) -> int:
        """By how much a frame of the first run is dated later than it was taken."""
        taken = NOON + timedelta(seconds=(frame.dts + self._clip.step) / TICKS_PER_S)
        return frame.captured_us - int(taken.timestamp() * 1_000_000)


@pytest.fixture
def stream(clips: Path) -> Stream:
    """A keyframe a second; the camera reorders."""
    return Stream(load(clips / "indoor-persons-432p-h264-bframes.mp4", most=10 * GOP))


@pytest.mark.parametrize("seconds", [-3600, -2, 2, 3600])
def test_a_clock_that_is_set_begins_a_new_run_with_the_next_keyframe(stream: Stream, seconds: int) -> None:
    stream.plays(3)
    stream.clock.wall += timedelta(seconds=seconds)
    stream.plays(3)
    assert len(stream.runs) == 2 and stream.runs[1].number > stream.runs[0].number
    assert [run.clock_set for run in stream.runs] == [False, True]
    first = stream.frames[3 * GOP]
    assert first.key and first.dts == 0
    stepped = int(NOON.timestamp() * 1_000_000) + (3 + seconds) * 1_000_000
    assert abs(first.captured_us - stepped) < 200_000


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("groups_before", [0, 3])
def test_a_thread_that_is_held_up_between_two_clocks_takes_none_for_stepped(
    stream: Stream, clock: str, groups_before: int
) -> None:
    stream.plays(groups_before)
    stream.plays(5, held_up=clock)
    assert len(stream.runs) == 1
    assert max(abs(stream.late_us(frame)) for frame in stream.frames) < 120_000
