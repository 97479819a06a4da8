"""What is under a mask is in no byte that comes out, whatever codec, order and size the pictures come in."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.cameras.clips import load
from tests.recordings.footage import frames_of, run_of
from watchfloor.cameras import wire
from watchfloor.cameras.cover import Cover, always
from watchfloor.cameras.masks import Shape, covered
from watchfloor.cameras.wire import Kind
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.coded import format_of_size, level_of, named
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.fmp4 import frames_of as taken_apart
from watchfloor.recordings.repaint import LivePainter, Painter, paint_file, painted_over
from watchfloor_sim.scene import render_clip

WINDOW: Shape = ((0.25, 0.3), (0.75, 0.3), (0.75, 0.8), (0.25, 0.8))


def lumas(video: bytes) -> list[NDArray[np.uint8]]:
    with av.open(io.BytesIO(video), "r") as container:
        return [frame.to_ndarray(format="gray").astype(np.uint8) for frame in container.decode(video=0)]


def window_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The masked part of a picture, but for its edge: a coder smooths what lies on both sides of it."""
    height, width = picture.shape
    return picture[int(height * 0.34) : int(height * 0.76), int(width * 0.29) : int(width * 0.71)]


def is_masked(picture: NDArray[np.uint8]) -> bool:
    """Whether the masked part is one colour, but for what a coder makes of it."""
    part = window_of(picture).astype(int)
    return bool(part.max() - part.min() <= 14 and abs(int(np.median(part)) - 56) <= 10)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("street-bicycle-272p-h264", 30),
        ("indoor-persons-432p-h264-bframes", 30),
        ("campus-pedestrians-1080p15-h265", 6),
    ],
)
def test_pictures_come_out_painted_each_at_its_time(material: Path, name: str, count: int) -> None:
    clip = load(material / "media" / f"{name}.mp4")
    run = run_of(clip)
    frames = list(frames_of(clip))[:count]
    painter = Painter(always([WINDOW]), init_segment(run.format), began_us=0)
    given = [Timed(frame, 6000) for frame in frames]
    made = [*painter.paint(given), *painter.drain()]
    assert painter.format is not None and painter.format.mime.startswith("vp09.00.")
    assert [one.frame.pts for one in made] == sorted(frame.pts for frame in frames)
    assert next(one.frame.captured_us for one in made if one.frame.key) == frames[0].captured_us
    video = init_segment(painter.format) + fragment(1, made)
    before = lumas(init_segment(run.format) + fragment(1, given))
    after = lumas(video)
    assert len(after) == len(made) and len(before) == len(after)
    for was, shown in zip(before, after, strict=True):
        assert is_masked(shown) and not is_masked(was)
        clear = ~covered([WINDOW], was.shape[1], was.shape[0])
        away = np.abs(was[clear].astype(int) - shown[: was.shape[0], : was.shape[1]][clear].astype(int))
        assert away.mean() < 12, "beside the mask it is the same street"


def test_a_live_stream_is_painted_picture_by_picture_and_begins_anew_with_each_run(material: Path) -> None:
    clip = load(material / "media" / "campus-pedestrians-1080p15-h264-aac.mp4")
    painter = LivePainter(always([WINDOW]))
    for number in (7, 8):
        run = run_of(clip, number=number)
        shown = painter.feed(wire.init(number, run.began_us, run.format.mime, init_segment(run.format)))
        assert shown == []
        frames = list(frames_of(clip))[:6]
        out: list[bytes] = []
        for seq, frame in enumerate(frames, 1):
            body = fragment(seq, [Timed(frame, 6000)])
            data = wire.frame(Kind.FRAGMENT, number, seq, frame.captured_us, body, key=frame.key)
            out += painter.feed(data)
        heads = [wire.head(data) for data in out]
        assert [head.kind for head in heads] == [Kind.INIT] + [Kind.FRAGMENT] * 6, (
            "no picture waits for another"
        )
        assert [head.seq for head in heads[1:]] == list(range(1, 7))
        assert [head.captured_us for head in heads[1:]] == [frame.captured_us for frame in frames]
        assert heads[1].key and not any(head.key for head in heads[2:])
        video = wire.segment_of(out[0]) + b"".join(data[wire.HEAD_SIZE :] for data in out[1:])
        assert all(map(is_masked, lumas(video)))
    state = wire.note(Kind.STATE, wire.StateNote("normal", "live", "It is live."))
    assert painter.feed(state) == [state]


def test_what_cannot_be_decoded_is_an_error_and_never_shown_as_it_is(material: Path) -> None:
    clip = load(material / "media" / "street-bicycle-272p-h264.mp4")
    run = run_of(clip)
    with pytest.raises(Unavailable, match="mask"):
        LivePainter(always([WINDOW])).feed(wire.init(1, 0, "avc1.640015", b"no init of ours"))
    painter = LivePainter(always([WINDOW]))
    painter.feed(wire.init(1, 0, run.format.mime, init_segment(run.format)))
    noise = wire.frame(Kind.FRAGMENT, 1, 1, 0, b"\x00" * 500, key=True)
    with pytest.raises(Unavailable, match="mask"):
        painter.feed(noise)


def test_the_level_of_what_is_coded_has_room_for_it() -> None:
    sizes = ((320, 180), (640, 360), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
    assert [level_of(*size) for size in sizes] == [11, 21, 31, 40, 50, 50]


def test_a_fragment_is_taken_apart_as_it_was_put_together(material: Path) -> None:
    clip = load(material / "media" / "street-bicycle-272p-h264.mp4")
    given = [Timed(frame, 3000 + n) for n, frame in enumerate(list(frames_of(clip))[:5])]
    for one, again in zip(given, taken_apart(fragment(9, given)), strict=True):
        assert (one.duration, one.frame.data, one.frame.key) == (
            again.duration,
            again.frame.data,
            again.frame.key,
        )
        assert one.frame.pts - one.frame.dts == again.frame.pts - again.frame.dts
    with pytest.raises(ValueError, match="no fragment"):
        taken_apart(b"\x00" * 200)


def test_a_file_and_a_single_picture_are_painted_as_well(material: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "scene.mp4", tmp_path / "painted.mp4"
    render_clip(source, 1.0, 10, (320, 192))
    count = paint_file(source, target, always([WINDOW]))
    shown = lumas(target.read_bytes())
    assert count == len(shown) == len(lumas(source.read_bytes())) and all(map(is_masked, shown))
    assert named(target) == "vp09.00.11.08" == format_of_size(320, 192).mime
    half = Cover(((500_000, ()), (10**18, (WINDOW,))))
    paint_file(source, target, half)
    first, last = lumas(target.read_bytes())[:5], lumas(target.read_bytes())[5:]
    assert not any(map(is_masked, first)) and all(map(is_masked, last)), "by when each was taken"
    picture = np.full((91, 161, 3), 200, np.uint8)
    over = painted_over(picture, [WINDOW])
    assert (over[27:73, 40:120] == 56).all() and (over[:20] == 200).all() and (picture == 200).all()
    assert painted_over(picture, []) is picture
    (tmp_path / "no-video.mp4").write_bytes(b"nothing")
    with pytest.raises(Unavailable):
        paint_file(tmp_path / "no-video.mp4", target, always([WINDOW]))
