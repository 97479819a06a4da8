"""Reads of VP9 what recording needs: whether a picture stands by itself, and how a stream said that it is coded. It decodes nothing.

In VP9 comes what a center painted over for whoever may not see beneath its masks (`recordings/coded.py`).
"""

from __future__ import annotations

import struct
from typing import Final

from watchfloor.cameras.nal import BadStream

_SIZES: Final = struct.Struct(">xHH")
_RECORD: Final = 12
_LARGEST: Final = 8192
_SYNC: Final = b"\x49\x83\x42"


def said(width: int, height: int, record: bytes) -> bytes:
    """How a stream is coded, in the place of parameter sets, which VP9 has none of: its size and its `vpcC`. No picture begins so."""
    return _SIZES.pack(width, height) + record


def is_said(unit: bytes) -> bool:
    """Whether it is such, and no picture."""
    return unit[:1] == b"\x00"


def is_picture(unit: bytes) -> bool:
    """Whether it begins as a coded picture does."""
    return len(unit) > 1 and unit[0] >> 6 == 0b10


def is_key(unit: bytes) -> bool:
    """Whether a decoder may begin at it: a keyframe of profile 0, which says so in its head."""
    return len(unit) > 4 and unit[0] & 0b1111_1100 == 0b1000_0000 and unit[1:4] == _SYNC


def read(unit: bytes) -> tuple[int, int, bytes, str]:
    """What `said` was given, and the codec string. Raises BadStream."""
    if len(unit) != _SIZES.size + _RECORD:
        raise BadStream("the stream does not say how its pictures are coded")
    width, height = _SIZES.unpack_from(unit)
    record = unit[_SIZES.size :]
    profile, level, depth = record[4], record[5], record[6] >> 4
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST) or profile != 0 or depth != 8 or level > 62:
        raise BadStream("the stream is coded in a way that is not recorded")
    return width, height, record, f"vp09.{profile:02}.{level:02}.{depth:02}"
