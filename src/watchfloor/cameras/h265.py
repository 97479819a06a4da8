"""H.265: which NAL units are keyframes and parameter sets, what a sequence parameter set says, and the hvcC record.

ITU-T H.265 (09/2023) 7.3.2.2 and 7.3.3, and ISO/IEC 14496-15 8.3.3. It decodes no picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.nal import BadStream, Bits, unescape

VPS: Final = 32
SPS: Final = 33
PPS: Final = 34
# BLA, IDR and CRA pictures: a decoder may begin at any of them.
KEYS: Final = range(16, 22)
# Access unit delimiters and filler carry no picture; parameter sets live in the init segment.
LEFT_OUT: Final = frozenset({VPS, SPS, PPS, 35, 38})

_CHROMA: Final = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says: size in pixels after cropping, and the bytes a player is told."""

    width: int
    height: int
    profile_space: int
    tier: int
    profile: int
    compatibility: int
    constraints: bytes
    level: int
    chroma: int
    bit_depth_luma: int
    bit_depth_chroma: int
    sub_layers: int
    nested: bool
    reorder: int | None
    """How many pictures are sent before one that is shown earlier; None when the set breaks off before it says so."""


def unit_type(unit: bytes) -> int:
    """nal_unit_type: bits one to six of the first byte."""
    return (unit[0] >> 1) & 0x3F


def parse_sps(unit: bytes) -> Sps:
    """Read a sequence parameter set. Raises BadStream when it is none or breaks off."""
    if len(unit) < 15 or unit_type(unit) != SPS:
        raise BadStream("not a sequence parameter set of H.265")
    payload = unescape(unit)
    bits = Bits(payload[2:])
    bits.take(4)  # sps_video_parameter_set_id
    more_layers, nested = bits.take(3), bits.flag()
    space, tier, profile = bits.take(2), bits.take(1), bits.take(5)
    compatibility = bits.take(32)
    constraints = bits.take(48).to_bytes(6, "big")
    level = bits.take(8)
    _skip_sub_layers(bits, more_layers)
    bits.ue()  # sps_seq_parameter_set_id
    chroma = bits.ue()
    if chroma > 3:
        raise BadStream(f"chroma format {chroma} does not exist")
    separate = chroma == 3 and bits.flag()
    width, height = _size(bits, 0 if separate else chroma)
    luma, chroma_depth = bits.ue() + 8, bits.ue() + 8
    reorder = _reorder(bits, more_layers)
    return Sps(
        width, height, space, tier, profile, compatibility, constraints, level, chroma, luma, chroma_depth,
        more_layers + 1, nested, reorder,
    )  # fmt: skip


def _skip_sub_layers(bits: Bits, count: int) -> None:
    present = [(bits.flag(), bits.flag()) for _ in range(count)]
    if count:
        bits.take(2 * (8 - count))
    for profile, level in present:
        bits.take((88 if profile else 0) + (8 if level else 0))


def _reorder(bits: Bits, more_layers: int) -> int | None:
    """sps_max_num_reorder_pics of the highest layer."""
    try:
        bits.ue()  # log2_max_pic_order_cnt_lsb
        count = 0
        for _ in range(more_layers + 1 if bits.flag() else 1):
            bits.ue()
            count = bits.ue()
            bits.ue()
    except BadStream:
        return None
    return count if count <= 16 else None


def _size(bits: Bits, chroma: int) -> tuple[int, int]:
    width, height = bits.ue(), bits.ue()
    if bits.flag():
        step_x, step_y = _CHROMA[chroma]
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= step_x * (left + right)
        height -= step_y * (top + bottom)
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise BadStream(f"a picture of {width}x{height} is not possible")
    return width, height


def mime(sps: Sps) -> str:
    """The codec string of ISO/IEC 14496-15 annex E, as MediaSource wants it: `hvc1.1.6.L93.B0`."""
    space = ("", "A", "B", "C")[sps.profile_space]
    reversed_flags = int(f"{sps.compatibility:032b}"[::-1], 2)
    tail = "".join(f".{byte:X}" for byte in sps.constraints.rstrip(b"\x00"))
    return f"hvc1.{space}{sps.profile}.{reversed_flags:X}.{'H' if sps.tier else 'L'}{sps.level}{tail}"


def hvcc(vps_units: Sequence[bytes], sps_units: Sequence[bytes], pps_units: Sequence[bytes]) -> bytes:
    """HEVCDecoderConfigurationRecord with four-byte lengths. Raises BadStream when a kind of set is missing."""
    if not vps_units or not sps_units or not pps_units:
        raise BadStream("a stream needs a video, a sequence and a picture parameter set")
    sps = parse_sps(sps_units[0])
    head = bytes((1, sps.profile_space << 6 | sps.tier << 5 | sps.profile))
    head += sps.compatibility.to_bytes(4, "big") + sps.constraints + bytes((sps.level,))
    head += b"\xf0\x00\xfc"  # no spatial segmentation said, parallelism unknown
    head += bytes((0xFC | sps.chroma, 0xF8 | (sps.bit_depth_luma - 8), 0xF8 | (sps.bit_depth_chroma - 8)))
    head += b"\x00\x00" + bytes((sps.sub_layers << 3 | sps.nested << 2 | 3, 3))
    parts = [head]
    for kind, units in ((VPS, vps_units), (SPS, sps_units), (PPS, pps_units)):
        parts.append(bytes((0x80 | kind,)) + len(units).to_bytes(2, "big"))
        parts.extend(len(unit).to_bytes(2, "big") + unit for unit in units)
    return b"".join(parts)
