"""The committed clips and photographs: that they are what a camera sends, that they repeat, and that their truth is true."""

from __future__ import annotations

import io
import re
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from watchfloor_sim import clips
from watchfloor_sim.clips import Point
from watchfloor_sim.picture import drawn_picture, plate_picture, plate_sheet
from watchfloor_sim.plates import INVENTED, STATE, is_invented

Grey = NDArray[np.float32]
FOLDER = Path(clips.__file__).parent
every_clip = pytest.mark.parametrize("name", clips.names())
every_photograph = pytest.mark.parametrize("name", [each.name for each in clips.photographs()])
READABLE_PX = 44


@cache
def frames(name: str) -> list[Grey]:
    with av.open(str(clips.path_of(name))) as container:
        return [frame.to_ndarray(format="gray").astype(np.float32) for frame in container.decode(video=0)]


def grey_of(jpeg: bytes) -> Grey:
    with av.open(io.BytesIO(jpeg), "r", format="mjpeg") as container:
        return next(container.decode(video=0)).to_ndarray(format="gray").astype(np.float32)


def straightened(picture: Grey, polygon: tuple[Point, ...]) -> Grey:
    """What is inside the four corners, as 100 by 50 pixels."""
    v, u = (np.mgrid[0:50, 0:100] + 0.5) / np.array([50, 100])[:, None, None]
    (a, b, c, d) = (np.array(corner)[:, None, None] for corner in polygon)
    x, y = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c) - 0.5
    left, top = x.astype(int), y.astype(int)
    part_x, part_y = x - left, y - top
    high, wide = picture.shape

    def at(right: int, down: int) -> Grey:
        found: Grey = picture[np.clip(top + down, 0, high - 1), np.clip(left + right, 0, wide - 1)]
        return found

    upper = at(0, 0) * (1 - part_x) + at(1, 0) * part_x
    mixed: Grey = upper * (1 - part_y) + (at(0, 1) * (1 - part_x) + at(1, 1) * part_x) * part_y
    return mixed


@cache
def sheet(plate: str) -> Grey:
    whole = grey_of(plate_sheet(plate, STATE))
    flat: Grey = whole.reshape(50, 3, 100, 3).mean((1, 3))
    return flat


def likeness(shown: Grey, plate: str) -> float:
    """How much the letters shown are those of the plate, -1 to 1; the best of some small shifts."""
    letters = slice(18, 44), slice(8, 92)
    return max(
        float(
            np.corrcoef(np.roll(shown, shift, (0, 1))[letters].ravel(), sheet(plate)[letters].ravel())[0, 1]
        )
        for shift in [(dy, dx) for dy in range(-2, 3) for dx in range(-2, 3)]
    )


@cache
def known() -> frozenset[str]:
    """Every plate of the clips and photographs, and some that are easily mistaken for the wanted one."""
    driven = {track.plate for name in clips.names() for track in clips.truth(name).tracks if track.plate}
    return frozenset(
        driven | {each.plate for each in clips.photographs()} | {"QZ0-4411", "QZ0-4471", "QZ8-4417"}
    )


def read(shown: Grey) -> str:
    """The known plate that this looks most like."""
    return max(sorted(known()), key=lambda plate: likeness(shown, plate))


def test_the_clips_are_small_enough_to_be_carried_in_the_wheel() -> None:
    assert len(clips.names()) == 12
    assert sum(path.stat().st_size for path in FOLDER.glob("*.mp4")) <= 9_000_000


def test_a_clip_that_is_not_there_is_said_to_be_none_with_those_there_are() -> None:
    with pytest.raises(clips.NoSuchClip, match=r"no clip '../x'; there are: .*northgate"):
        clips.clip("../x")


@every_clip
def test_a_clip_is_what_a_camera_sends(name: str) -> None:
    """H.264 main or baseline without B-frames, a keyframe each second, ten frames a second, twenty to thirty seconds."""
    truth = clips.truth(name)
    with av.open(str(clips.path_of(name))) as container:
        [video] = container.streams.video
        assert not container.streams.audio
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert video.codec_context.profile in ("Main", "Constrained Baseline", "Baseline")
        assert not video.codec_context.has_b_frames
        assert video.average_rate == truth.fps == 10
        size = (video.codec_context.width, video.codec_context.height)
    clip = clips.clip(name)
    assert size == truth.size and size in {(640, 360), (960, 540)}
    assert len(frames(name)) == clip.frames == truth.frames
    assert 20 <= truth.frames / truth.fps <= 30
    assert [n for n, sample in enumerate(clip.content) if sample.keyframe] == list(range(0, truth.frames, 10))
    assert all(sample.dts == sample.pts for sample in clip.content)
    assert clip.length == truth.frames * 9_000
    assert clips.path_of(name).stat().st_size <= 1_200_000


@every_clip
def test_a_clip_repeats_without_a_seam(name: str) -> None:
    """From the last frame to the first it changes no more than it does elsewhere from one second to the next."""
    pictures = frames(name)
    step = [float(abs(a - b).mean()) for a, b in zip(pictures[9::10], pictures[10::10], strict=False)]
    assert float(abs(pictures[-1] - pictures[0]).mean()) <= max(step) * 1.2 + 0.3


@every_clip
def test_something_moves_where_the_truth_has_it_and_little_elsewhere(name: str) -> None:
    truth, pictures = clips.truth(name), frames(name)
    inside, outside = [], []
    for number in range(5, truth.frames - 1, 10):
        change = abs(pictures[number + 1] - pictures[number])
        covered = np.zeros(change.shape, bool)
        for track in truth.tracks:
            for frame in (number, number + 1):
                if box := track.boxes.get(frame):
                    covered[box[1] : box[3], box[0] : box[2]] = True
        inside.append(float(change[covered].sum()) / max(covered.sum(), 1))
        outside.append(float(change[~covered].mean()))
    assert np.mean(inside) > 1.5 * np.mean(outside)


@every_clip
def test_the_truth_stays_in_the_picture_and_names_no_plate_that_is_somebodys(name: str) -> None:
    truth = clips.truth(name)
    width, height = truth.size
    assert truth.tracks and {track.kind for track in truth.tracks} <= {"car", "person"}
    for track in truth.tracks:
        assert track.boxes.keys() == track.pixels.keys() and max(track.boxes) < truth.frames
        assert all(
            0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height for x0, y0, x1, y1 in track.boxes.values()
        )
        assert all(
            0 < track.pixels[frame] <= (x1 - x0 + 3) * (y1 - y0 + 3)
            for frame, (x0, y0, x1, y1) in track.boxes.items()
        )
        assert (track.plate is None) == (track.state is None) == (not track.plates_seen)
        assert track.plate is None or (is_invented(track.plate) and track.state == STATE)
    written = clips.path_of(name).with_suffix(".json").read_text()
    assert all(is_invented(found) for found in re.findall(r'"([A-Z0-9]{2,4}-[A-Z0-9]{2,5})"', written))


@every_clip
def test_a_plate_that_the_truth_claims_is_light_with_dark_letters_where_it_says(name: str) -> None:
    for track in clips.truth(name).tracks:
        if not track.plates_seen:
            continue
        seen = max(track.plates_seen, key=lambda each: each.polygon[1][0] - each.polygon[0][0])
        if seen.polygon[1][0] - seen.polygon[0][0] >= READABLE_PX:
            shown = straightened(frames(name)[seen.frame], seen.polygon)[16:46, 6:94]
            assert np.percentile(shown, 95) - np.percentile(shown, 5) >= 45


def test_the_wanted_car_passes_the_gate_and_its_plate_is_read() -> None:
    tracks = [track for track in clips.truth("northgate").tracks if track.plate]
    assert INVENTED in {track.plate for track in tracks}
    for track in tracks:
        wide = [each for each in track.plates_seen if each.polygon[1][0] - each.polygon[0][0] >= READABLE_PX]
        assert len(wide) >= 5
        wide.sort(key=lambda each: each.polygon[1][0] - each.polygon[0][0], reverse=True)
        texts = [
            read(straightened(frames("northgate")[each.frame], each.polygon))
            for each in (wide[0], wide[len(wide) // 2], wide[-1])
        ]
        assert texts[0] == track.plate
        # Farther off an 8 may pass for a 0, as at any reader, and no more than that.
        assert all(
            sum(a != b for a, b in zip(text, track.plate or "", strict=True)) <= 1 for text in texts
        ), texts


def test_there_are_enough_photographs_by_day_and_by_night() -> None:
    shots = clips.photographs()
    assert 8 <= len(shots) <= 12
    assert {shot.night for shot in shots} == {True, False}
    assert all(
        is_invented(shot.plate) and is_invented(shot.reported) and shot.state == STATE for shot in shots
    )


@every_photograph
def test_a_photograph_shows_the_plate_that_its_truth_names(name: str) -> None:
    [shot] = [each for each in clips.photographs() if each.name == name]
    assert len(shot.jpeg()) <= 40_000
    assert read(straightened(grey_of(shot.jpeg()), shot.polygon)) == shot.plate


def test_one_photograph_shows_another_plate_than_the_reader_reports_by_one_confusable_character() -> None:
    [wrong] = [shot for shot in clips.photographs() if shot.plate != shot.reported]
    [(shown, reported)] = [
        pair for pair in zip(wrong.plate, wrong.reported, strict=True) if pair[0] != pair[1]
    ]
    assert {shown, reported} == {"7", "1"}
    assert wrong.reported == INVENTED


def test_the_readers_picture_is_the_rendered_car_where_there_is_one_and_drawn_for_any_other_plate() -> None:
    assert plate_picture(INVENTED, STATE) == clips.photograph_of(INVENTED, STATE)
    assert plate_picture("QZ0-0001", STATE) == drawn_picture("QZ0-0001", STATE)
    assert clips.photograph_of(INVENTED, "XX") is None


def test_cameras_that_show_the_same_clip_share_what_was_read_once() -> None:
    assert clips.clip("northgate") is clips.clip("northgate")
