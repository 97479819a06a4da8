"""Parameter sets are read as the standards say: held against real clips and against a foreign encoder."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cameras.clips import H264, H265, load
from watchfloor.cameras import h264, h265
from watchfloor.cameras.nal import BadStream, Bits, join_prefixed, split_annex_b, split_prefixed, unescape
from watchfloor.cameras.stream import Codec, Format, format_of, merged, sets_of, take_apart


def format_of_clip(path: Path) -> Format:
    clip = load(path, most=1)
    return format_of(clip.codec, take_apart(clip.codec, clip.packets[0].units).sets)


@pytest.mark.parametrize("name", H264 + H265)
def test_a_real_clip_has_the_size_that_its_own_file_says(clips: Path, name: str) -> None:
    clip, form = load(clips / name, most=1), format_of_clip(clips / name)
    assert (form.width, form.height) == (clip.width, clip.height)


@pytest.mark.parametrize("name", H264)
def test_the_record_of_h264_is_what_another_muxer_wrote(clips: Path, name: str) -> None:
    # A record may omit the four bytes of the high profiles; ours has them, as the standard asks.
    written = load(clips / name, most=1).record
    assert format_of_clip(clips / name).record[: len(written)] == written


def test_the_record_of_h265_says_what_another_muxer_wrote(clips: Path) -> None:
    written, ours = load(clips / H265[0], most=1).record, format_of_clip(clips / H265[0]).record
    assert ours[1:13] == written[1:13]  # profile, compatibility, constraints, level
    assert ours[16:19] == written[16:19]  # chroma and bit depths
    with_sets = [unit for kind in format_of_clip(clips / H265[0]).sets for unit in kind]
    assert all(unit in written for unit in with_sets)


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("street-bicycle-272p-h264.mp4", "avc1.640015"),
        ("indoor-persons-432p-h264-bframes.mp4", "avc1.4d401f"),
        ("carpark-432p-h264-aac.mp4", "avc1.428016"),
        ("campus-pedestrians-1080p15-h265.mp4", "hvc1.1.6.L120.90"),
    ],
)
def test_a_player_is_told_the_codec_by_its_registered_name(clips: Path, name: str, mime: str) -> None:
    assert format_of_clip(clips / name).mime == mime


@pytest.mark.parametrize(
    ("encoder", "width", "height", "options", "pixels"),
    [
        ("libx264", 1920, 1080, {"profile": "high"}, "yuv420p"),
        ("libx264", 718, 402, {"profile": "main"}, "yuv420p"),
        ("libx264", 352, 288, {"profile": "baseline"}, "yuv420p"),
        ("libx264", 640, 360, {"profile": "high422"}, "yuv422p"),
        ("libx264", 642, 362, {"profile": "high444"}, "yuv444p"),
        ("libx264", 640, 480, {"x264-params": "interlaced=1:cqm=jvt"}, "yuv420p"),
        ("libx265", 1280, 722, {"x265-params": "log-level=none"}, "yuv420p"),
        ("libx265", 640, 360, {"x265-params": "log-level=none"}, "yuv422p10le"),
        ("libx265", 642, 362, {"x265-params": "log-level=none:temporal-layers=2"}, "yuv420p"),
    ],
)
def test_what_an_encoder_was_told_is_read_back(
    encoder: str, width: int, height: int, options: dict[str, str], pixels: str
) -> None:
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt, context.options = width, height, pixels, options
    context.framerate = 15  # type: ignore[assignment]  # a whole number is a fraction too
    packets = [*context.encode(av.VideoFrame(width, height, pixels)), *context.encode(None)]
    codec = Codec.H264 if encoder == "libx264" else Codec.H265
    first = split_annex_b(bytes(packets[0]))
    form = format_of(
        codec, merged(sets_of(codec, split_annex_b(context.extradata or b"")), sets_of(codec, first))
    )
    assert (form.width, form.height) == (width, height)
    assert form.reorder is None or form.reorder <= 16


@pytest.mark.parametrize(
    ("name", "reorder"),
    [
        ("street-bicycle-272p-h264.mp4", 2),
        ("indoor-persons-432p-h264-bframes.mp4", 1),
        ("carpark-432p-h264-aac.mp4", 0),
        ("campus-pedestrians-1080p15-h264-aac.mp4", 0),
        ("campus-pedestrians-1080p15-h265.mp4", 0),
    ],
)
def test_how_far_a_camera_reorders_is_read_where_it_is_said(clips: Path, name: str, reorder: int) -> None:
    assert format_of_clip(clips / name).reorder in (reorder, None)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_units_come_out_of_both_framings_as_they_went_in(units: list[bytes]) -> None:
    # A unit holds no start code and does not end in zero: the standard's own escaping sees to that.
    units = [unit.replace(b"\x00\x00", b"\x00\x03").rstrip(b"\x00") + b"\x80" for unit in units]
    assert split_annex_b(b"".join(b"\x00\x00\x00\x01" + unit for unit in units)) == units
    assert split_annex_b(b"".join(b"\x00\x00\x01" + unit for unit in units)) == units
    assert split_prefixed(join_prefixed(units)) == units


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_bring_the_reader_down(data: bytes) -> None:
    for codec in (Codec.H264, Codec.H265):
        take_apart(codec, split_annex_b(data))
        sps = (b"\x67" if codec is Codec.H264 else b"\x42\x01") + data
        parse = h264.parse_sps if codec is Codec.H264 else h265.parse_sps
        try:
            read = parse(sps)
        except BadStream:
            continue
        assert 0 < read.width <= 16384 and 0 < read.height <= 16384


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_escaping_is_undone(payload: bytes) -> None:
    escaped = bytearray()
    zeros = 0
    for byte in payload:
        if zeros == 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    assert unescape(bytes(escaped)) == payload


@settings(deadline=None)
@given(st.integers(0, 2**31 - 1), st.integers(-(2**30), 2**30))
def test_numbers_of_variable_length_are_read_back(unsigned: int, signed: int) -> None:
    mapped = 2 * signed - 1 if signed > 0 else -2 * signed
    text = "".join(f"{n + 1:0{2 * (n + 1).bit_length() - 1}b}" for n in (unsigned, mapped))
    text += "1" * (-len(text) % 8)
    bits = Bits(int(text, 2).to_bytes(len(text) // 8, "big"))
    assert (bits.ue(), bits.se()) == (unsigned, signed)


def test_a_stream_that_has_not_said_how_it_is_coded_is_refused() -> None:
    for codec in Codec:
        with pytest.raises(BadStream):
            format_of(codec, ())
