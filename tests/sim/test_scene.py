"""The drawn street and its clock, after x264 has been over them."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from watchfloor_sim.burnt_clock import burn_in, read_clock
from watchfloor_sim.samples import Clip, load_clip
from watchfloor_sim.scene import ClockSource, render_clip, scene_clip

NIGHT_MS = 1_795_376_561_534


def clocks(clip: Clip) -> list[int | None]:
    decoder = av.VideoCodecContext.create("h264", "r")
    packets = [av.Packet(sample.data) for sample in clip.content if not sample.audio]
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    return [read_clock(frame.to_ndarray(format="gray").astype(np.uint8)) for frame in frames]


@pytest.mark.parametrize("size", [(512, 288), (640, 360), (1280, 720)])
def test_the_burnt_in_clock_is_read_from_every_frame_after_compression(size: tuple[int, int]) -> None:
    clip = scene_clip(1, 15, size, clock=lambda frame: NIGHT_MS + frame * 67)
    assert clocks(clip) == [NIGHT_MS + frame * 67 for frame in range(15)]


@pytest.mark.parametrize("unix_ms", [0, 1, NIGHT_MS, 2**48 - 1])
def test_a_damaged_clock_is_not_believed(unix_ms: int) -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    assert read_clock(picture[:, :, 0]) is None
    burn_in(picture, unix_ms)
    assert read_clock(picture[:, :, 0]) == unix_ms
    picture[:20, 100:120] = 255 - picture[:20, 100:120]
    assert read_clock(picture[:, :, 0]) is None


def test_a_live_scene_shows_the_time_at_which_each_picture_was_asked_for() -> None:
    ticking = itertools.count(NIGHT_MS, 100)
    source = ClockSource(10, now_ms=lambda: next(ticking))
    samples = tuple(itertools.islice(source.samples(loop=True), 12))
    # The first picture was drawn before, to learn the parameter sets.
    assert clocks(Clip(source.tracks, samples, 0)) == [NIGHT_MS + 100 * n for n in range(1, 13)]
    assert [sample.keyframe for sample in samples].count(True) == 2


def test_the_same_street_is_the_same_bytes() -> None:
    assert scene_clip(1) == scene_clip(1)
    assert scene_clip(1) != scene_clip(1, plate="QZ1-0001")


def test_a_street_in_a_file_has_what_was_asked_for(tmp_path: Path) -> None:
    clip = load_clip(render_clip(tmp_path / "street.mp4", 2, 10, b_frames=2, audio=True))
    assert clip.frames == 20
    assert clip.tracks.reorder > 0
    assert clip.tracks.audio is not None and clip.tracks.audio.rate == 16_000
    assert sum(sample.audio for sample in clip.content) == pytest.approx(2 * 16_000 / 1024, abs=2)
