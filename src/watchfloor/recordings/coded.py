"""Codes painted pictures anew, as VP9 (decision 0023): what may be shown by a browser, freely given away, and made while it is watched.

Work for a thread. It knows no mask: what it is given, it codes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfloor.cameras.stream import TICKS_PER_S, Codec, Format

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext

CODER: Final = "libvpx-vp9"
BASE: Final = Fraction(1, TICKS_PER_S)
# Each picture comes out before the next goes in, of one thread, and as good as the time allows.
LIVE: Final = {
    "deadline": "realtime",
    "cpu-used": "8",
    "lag-in-frames": "0",
    "auto-alt-ref": "0",
    "row-mt": "1",
    "crf": "32",
    "b": "0",
}
STORED: Final = LIVE | {"cpu-used": "6", "crf": "24"}
# Of each level of VP9: the largest picture, and how many points of light a second.
_LEVELS: Final = (
    (10, 36_864, 829_440),
    (11, 73_728, 2_764_800),
    (20, 122_880, 4_608_000),
    (21, 245_760, 9_216_000),
    (30, 552_960, 20_736_000),
    (31, 983_040, 36_864_000),
    (40, 2_228_224, 83_558_400),
    (41, 2_228_224, 160_432_128),
    (50, 8_912_896, 311_951_360),
    (51, 8_912_896, 588_251_136),
    (60, 35_651_584, 1_176_502_272),
)
_FASTEST: Final = 30
# Where the description of the codec stands in a file of which that comes first.
_HEAD: Final = 64 * 1024


class Coder:
    """Codes pictures of one size, each as soon as it comes."""

    def __init__(self, width: int, height: int) -> None:
        import av

        self.format = format_of_size(width, height)
        self._coder: VideoCodecContext = av.CodecContext.create(CODER, "w")
        self._coder.width, self._coder.height, self._coder.pix_fmt = width, height, "yuv420p"
        self._coder.time_base, self._coder.framerate, self._coder.gop_size = BASE, Fraction(15), 100_000
        self._coder.thread_count = 1
        self._coder.options = dict(LIVE)

    def code(self, picture: av.VideoFrame, *, key: bool) -> Iterator[bytes]:
        """What the picture comes to, decodable by itself where it is to be a keyframe."""
        from av.video.frame import PictureType

        picture.pict_type = PictureType.I if key else PictureType.NONE
        yield from (bytes(packet) for packet in self._coder.encode(picture))


def format_of_size(width: int, height: int) -> Format:
    """The form of VP9 of 8 bits in 4:2:0: its `vpcC` record, and its codec string."""
    level = level_of(width, height)
    # 8 bits, 4:2:0 with the colour beside the light, not of full range; the colours of BT.709; no data of its own.
    record = struct.pack(">IBBBBBBH", 1 << 24, 0, level, 8 << 4 | 1 << 1, 1, 1, 1, 0)
    return Format(Codec.VP9, (), width, height, f"vp09.00.{level}.08", record, 0)


def level_of(width: int, height: int) -> int:
    """The least level that has room for pictures of that size, thirty a second."""
    size = width * height
    fits = (level for level, most, rate in _LEVELS if size <= most and size * _FASTEST <= rate)
    return next(fits, 62)


def named(path: Path) -> str:
    """The codec string of a VP9 file of ours. Raises ValueError."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    at = head.find(b"vpcC")
    if at < 0 or len(head) < at + 11:
        raise ValueError("this is no file of ours")
    profile, level, bits = head[at + 8], head[at + 9], head[at + 10] >> 4
    return f"vp09.{profile:02}.{level:02}.{bits:02}"
