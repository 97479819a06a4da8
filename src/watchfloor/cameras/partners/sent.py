"""Takes apart what a partner sends of a camera that it lent to us: how its pictures are coded, and the pictures of a fragment. Pure.

All of it is another's word, so that nothing of it is believed that a hostile camera could not say as well.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras import vp9, wire
from watchfloor.cameras.nal import BadStream, split_prefixed
from watchfloor.cameras.stream import Codec

_LONGEST_RECORD: Final = 16 * 1024
_RECORDS: Final = {b"avcC": Codec.H264, b"hvcC": Codec.H265, b"vpcC": Codec.VP9}
# Where the sizes of the picture stand after the name of a sample entry, and where the arrays of an hvcC begin.
_SIZES_AT: Final = 24
_ARRAYS_AT: Final = 22
_SAMPLE: Final = struct.Struct(">IIIi")
_TRUN_AT: Final = 68
# Of how many units one picture is at most: a slice for each row of it, and more.
_MOST_UNITS: Final = 1024


@dataclass(frozen=True, slots=True)
class Described:
    """How a stream is coded: its codec and its parameter sets."""

    codec: Codec
    sets: list[bytes]


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded picture: its units, and when it is shown in its run, in ticks."""

    units: list[bytes]
    pts: int


def described(segment: bytes) -> Described:
    """What an init segment says of its pictures. Raises BadStream."""
    for name, codec in _RECORDS.items():
        at = segment.find(name)
        if at < 4:
            continue
        size = int.from_bytes(segment[at - 4 : at], "big")
        record = segment[at + 4 : at - 4 + size]
        if not 8 <= size <= _LONGEST_RECORD or len(record) != size - 8:
            break
        try:
            return Described(codec, _sets(codec, record, segment))
        except (struct.error, IndexError, ValueError) as error:
            raise _undescribed() from error
    raise _undescribed()


def samples(codec: Codec, fragment: bytes) -> list[Sample]:
    """The pictures of a fragment that was judged to be one of ours. Raises BadStream."""
    (moof,) = struct.unpack_from(">I", fragment)
    (count,) = struct.unpack_from(">I", fragment, _TRUN_AT + 12)
    dts, at = wire.decode_time(fragment), moof + 8
    found: list[Sample] = []
    for number in range(count):
        duration, size, _, offset = _SAMPLE.unpack_from(fragment, _TRUN_AT + 20 + number * _SAMPLE.size)
        data = fragment[at : at + size]
        found.append(
            Sample([data] if codec is Codec.VP9 else split_prefixed(data, most=_MOST_UNITS), dts + offset)
        )
        at, dts = at + size, dts + duration
    return found


def _sets(codec: Codec, record: bytes, segment: bytes) -> list[bytes]:
    match codec:
        case Codec.H264:
            first, at = _units(record, 6, record[5] & 0x1F)
            second, _ = _units(record, at + 1, record[at])
            return first + second
        case Codec.H265:
            found, at = list[bytes](), _ARRAYS_AT + 1
            for _ in range(record[_ARRAYS_AT]):
                (count,) = struct.unpack_from(">H", record, at + 1)
                units, at = _units(record, at + 3, count)
                found += units
            return found
        case Codec.VP9:
            width, height = struct.unpack_from(">HH", segment, segment.index(b"vp09", 32) + 4 + _SIZES_AT)
            return [vp9.said(width, height, record)]


def _units(record: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """So many parameter sets, each after its length, and where they end."""
    found: list[bytes] = []
    for _ in range(count):
        (size,) = struct.unpack_from(">H", record, at)
        unit = record[at + 2 : at + 2 + size]
        if not size or len(unit) != size:
            raise _undescribed()
        found.append(unit)
        at += 2 + size
    return found, at


def _undescribed() -> BadStream:
    return BadStream("the other center does not say how its pictures are coded")
