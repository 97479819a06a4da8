"""Writes fragmented MP4 (ISO/IEC 14496-12 and -15): an init segment, then fragments. No transcoding, no file access.

Written here rather than by libavformat, which closes a one-frame fragment only when the next frame comes: that would be
one frame of latency. The timeline (`tfdt`) of a run is continuous.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.stream import TICKS_PER_S, Codec, Format, Frame

_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# sample_depends_on 2 (on no other) for keyframes; 1 and "not a sync sample" for all others.
_KEY_FLAGS: Final = 0x02000000
_OTHER_FLAGS: Final = 0x01010000
_TFHD: Final = struct.pack(">I4sII", 16, b"tfhd", 0x020000, 1)
_TRUN_FLAGS: Final = 0x01000F01  # version 1: signed offsets; data offset, durations, sizes, flags, offsets
_SAMPLE: Final = struct.Struct(">IIIi")
_LARGEST: Final = 0xFFFF_FFFF
_ENTRIES: Final = {
    Codec.H264: (b"avc1", b"avcC"),
    Codec.H265: (b"hvc1", b"hvcC"),
    Codec.VP9: (b"vp09", b"vpcC"),
}
# Where `trun` stands in a fragment of ours: after moof, mfhd, traf, tfhd and tfdt.
_TRUN_AT: Final = 68
_SEQUENCE_AT: Final = 20


@dataclass(frozen=True, slots=True)
class Timed:
    """A frame and how long it stands, in ticks."""

    frame: Frame
    duration: int


def init_segment(format_: Format) -> bytes:
    """`ftyp` and `moov` of one video track in 90 kHz ticks; everything else is in fragments."""
    ftyp = _box(b"ftyp", b"iso5" + struct.pack(">I", 512) + b"iso5iso6mp41")
    mvhd = _full(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100) + _MATRIX + bytes(24) + _u32(2),
    )
    mvex = _box(b"mvex", _full(b"trex", 0, 0, struct.pack(">5I", 1, 1, 0, 0, 0)))
    return ftyp + _box(b"moov", mvhd, _track(format_), mvex)


def fragment(sequence: int, frames: Sequence[Timed]) -> bytes:
    """`moof` and `mdat` of these frames, in decoding order; the first one's dts is the fragment's `tfdt`.

    Raises ValueError for no frames, and when they are larger together than a fragment may be.
    """
    if not frames:
        raise ValueError("a fragment holds at least one frame")
    data = [timed.frame.data for timed in frames]
    size = sum(map(len, data)) + 8
    if size > _LARGEST:
        raise ValueError(f"a fragment of {size} bytes is too large")
    mfhd = struct.pack(">I4sII", 16, b"mfhd", 0, sequence & _LARGEST)
    tfdt = struct.pack(">I4sIQ", 20, b"tfdt", 0x01000000, frames[0].frame.dts)
    trun_size = 20 + 16 * len(frames)
    traf_size = 8 + 16 + 20 + trun_size
    moof_size = 8 + 16 + traf_size
    head = struct.pack(">I4s", moof_size, b"moof") + mfhd + struct.pack(">I4s", traf_size, b"traf")
    trun = struct.pack(">I4sIIi", trun_size, b"trun", _TRUN_FLAGS, len(frames), moof_size + 8)
    parts = [head, _TFHD, tfdt, trun]
    parts.extend(map(_sample, frames))
    parts.append(struct.pack(">I4s", size, b"mdat"))
    parts.extend(data)
    return b"".join(parts)


def frames_of(fragment_: bytes) -> list[Timed]:
    """The frames of a fragment of ours, as `fragment` was given them; it holds no wall time. Raises ValueError for another's."""
    if fragment_[_TRUN_AT + 4 : _TRUN_AT + 8] != b"trun":
        raise ValueError("this is no fragment of ours")
    count, at = struct.unpack_from(">Ii", fragment_, _TRUN_AT + 12)
    (dts,) = struct.unpack_from(">Q", fragment_, _TRUN_AT - 8)
    found: list[Timed] = []
    for number in range(count):
        duration, size, flags, offset = _SAMPLE.unpack_from(fragment_, _TRUN_AT + 20 + number * _SAMPLE.size)
        if at + size > len(fragment_):
            raise ValueError("a fragment breaks off")
        frame = Frame(fragment_[at : at + size], flags == _KEY_FLAGS, dts, dts + offset, 0)
        found.append(Timed(frame, duration))
        at, dts = at + size, dts + duration
    return found


def first_apart(fragment_: bytes) -> tuple[bytes, ...]:
    """The fragment as two, its first picture alone and the others: it is shown before they have come. One of a single picture stays
    as it is, and so does another's.
    """
    try:
        frames = frames_of(fragment_)
    except (ValueError, struct.error):
        return (fragment_,)
    if len(frames) < 2:
        return (fragment_,)
    (sequence,) = struct.unpack_from(">I", fragment_, _SEQUENCE_AT)
    return fragment(sequence, frames[:1]), fragment(sequence, frames[1:])


def record_of(init: bytes) -> tuple[Codec, bytes]:
    """The codec of an init segment of ours, and its record. Raises ValueError for another's."""
    for codec, (_, name) in _ENTRIES.items():
        at = init.find(name)
        if at >= 4:
            return codec, init[at + 4 : at - 4 + int.from_bytes(init[at - 4 : at], "big")]
    raise ValueError("this is no init segment of ours")


def _sample(timed: Timed) -> bytes:
    frame = timed.frame
    flags = _KEY_FLAGS if frame.key else _OTHER_FLAGS
    return _SAMPLE.pack(min(max(timed.duration, 1), _LARGEST), len(frame.data), flags, frame.pts - frame.dts)


def _track(format_: Format) -> bytes:
    width, height = format_.width, format_.height
    place = struct.pack(">IIIII8xhhhH", 0, 0, 1, 0, 0, 0, 0, 0, 0)
    tkhd = _full(b"tkhd", 0, 3, place + _MATRIX + struct.pack(">II", width << 16, height << 16))
    mdhd = _full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TICKS_PER_S, 0, 0x55C4, 0))
    hdlr = _full(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, b"vide") + b"video\x00")
    dinf = _box(b"dinf", _full(b"dref", 0, 0, _u32(1) + _full(b"url ", 0, 1)))
    stbl = _box(
        b"stbl",
        _full(b"stsd", 0, 0, _u32(1) + _sample_entry(format_)),
        _full(b"stts", 0, 0, _u32(0)),
        _full(b"stsc", 0, 0, _u32(0)),
        _full(b"stsz", 0, 0, _u32(0) + _u32(0)),
        _full(b"stco", 0, 0, _u32(0)),
    )
    minf = _box(b"minf", _full(b"vmhd", 0, 1, bytes(8)), dinf, stbl)
    return _box(b"trak", tkhd, _box(b"mdia", mdhd, hdlr, minf))


def _sample_entry(format_: Format) -> bytes:
    name, record = _ENTRIES[format_.codec]
    head = struct.pack(
        ">6xH16xHHII4xH32xHh", 1, format_.width, format_.height, 0x480000, 0x480000, 1, 0x18, -1
    )
    return _box(name, head, _box(record, format_.record))


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _box(name: bytes, *parts: bytes) -> bytes:
    return _u32(8 + sum(map(len, parts))) + name + b"".join(parts)


def _full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(name, _u32(version << 24 | flags), *parts)
