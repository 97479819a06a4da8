"""H.264: which NAL units are keyframes and parameter sets, what a sequence parameter set says, and the avcC record.

ITU-T H.264 (08/2021) 7.3.2.1 and ISO/IEC 14496-15 5.3.3. It decodes no picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.nal import BadStream, Bits, unescape

IDR: Final = 5
SEI: Final = 6
SPS: Final = 7
PPS: Final = 8
# Access unit delimiters and filler carry no picture; parameter sets live in the init segment.
LEFT_OUT: Final = frozenset({SPS, PPS, 9, 12})

_HIGH_PROFILES: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
# Width and height of a chroma sample in luma samples, by chroma_format_idc.
_CHROMA: Final = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says: size in pixels after cropping, and the bytes a player is told."""

    width: int
    height: int
    profile: int
    constraints: int
    level: int
    chroma: int
    bit_depth_luma: int
    bit_depth_chroma: int
    reorder: int | None
    """How many pictures are sent before one that is shown earlier; None when the set does not say."""


def unit_type(unit: bytes) -> int:
    """nal_unit_type: the low five bits of the first byte."""
    return unit[0] & 0x1F


def parse_sps(unit: bytes) -> Sps:
    """Read a sequence parameter set. Raises BadStream when it is none or breaks off."""
    if len(unit) < 4 or unit_type(unit) != SPS:
        raise BadStream("not a sequence parameter set of H.264")
    profile, constraints, level = unit[1], unit[2], unit[3]
    bits = Bits(unescape(unit)[4:])
    bits.ue()  # seq_parameter_set_id
    chroma, separate, luma_depth, chroma_depth = 1, False, 8, 8
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        if chroma > 3:
            raise BadStream(f"chroma format {chroma} does not exist")
        separate = chroma == 3 and bits.flag()
        luma_depth, chroma_depth = bits.ue() + 8, bits.ue() + 8
        bits.flag()  # qpprime_y_zero_transform_bypass
        if bits.flag():
            _skip_scaling_matrix(bits, 12 if chroma == 3 else 8)
    in_order = _skip_order(bits) == 2 or profile == 66  # the order of decoding is that of showing
    width, height = _size(bits, 0 if separate else chroma)
    reorder = 0 if in_order else _reorder(bits)
    return Sps(width, height, profile, constraints, level, chroma, luma_depth, chroma_depth, reorder)


def _skip_scaling_matrix(bits: Bits, lists: int) -> None:
    for index in range(lists):
        if not bits.flag():
            continue
        last, following = 8, 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.se()) % 256
            last = following or last


def _reorder(bits: Bits) -> int | None:
    """max_num_reorder_frames of the usability information (E.1.1), where there is any."""
    try:
        if not bits.flag():
            return None
        if bits.flag() and bits.take(8) == 255:
            bits.take(32)  # sample aspect ratio
        if bits.flag():
            bits.flag()  # overscan
        if bits.flag():
            bits.take(4)
            if bits.flag():
                bits.take(24)  # colours
        if bits.flag():
            bits.ue(), bits.ue()  # where chroma samples lie
        if bits.flag():
            bits.take(65)  # timing
        hrd = False
        for _ in range(2):
            if bits.flag():
                _skip_hrd(bits)
                hrd = True
        if hrd:
            bits.flag()  # low_delay_hrd
        bits.flag()  # pic_struct_present
        if not bits.flag():
            return None
        bits.flag()
        for _ in range(4):
            bits.ue()
        count = bits.ue()
    except BadStream:
        return None
    return count if count <= 16 else None


def _skip_hrd(bits: Bits) -> None:
    count = bits.ue() + 1
    if count > 32:
        raise BadStream("a decoder buffer with too many schedules")
    bits.take(8)
    for _ in range(count):
        bits.ue(), bits.ue(), bits.flag()
    bits.take(20)


def _skip_order(bits: Bits) -> int:
    """Step over what orders pictures: frame numbers, reference frames; pic_order_cnt_type."""
    bits.ue()  # log2_max_frame_num
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.flag()
        bits.se()
        bits.se()
        count = bits.ue()
        if count > 255:
            raise BadStream(f"{count} frames in an order cycle")
        for _ in range(count):
            bits.se()
    bits.ue()  # max_num_ref_frames
    bits.flag()  # gaps_in_frame_num allowed
    return kind


def _size(bits: Bits, chroma: int) -> tuple[int, int]:
    columns, rows = bits.ue() + 1, bits.ue() + 1
    frames_only = bits.flag()
    if not frames_only:
        bits.flag()  # mb_adaptive_frame_field
    bits.flag()  # direct_8x8_inference
    width, height = columns * 16, rows * 16 * (1 if frames_only else 2)
    if bits.flag():
        step_x, step_y = _CHROMA[chroma]
        step_y *= 1 if frames_only else 2
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= step_x * (left + right)
        height -= step_y * (top + bottom)
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise BadStream(f"a picture of {width}x{height} is not possible")
    return width, height


def mime(sps: Sps) -> str:
    """The codec string of RFC 6381, as MediaSource wants it: `avc1.640028`."""
    return f"avc1.{sps.profile:02x}{sps.constraints:02x}{sps.level:02x}"


def avcc(sps_units: list[bytes], pps_units: list[bytes]) -> bytes:
    """AVCDecoderConfigurationRecord with four-byte lengths. Raises BadStream without both kinds of set."""
    if not sps_units or not pps_units:
        raise BadStream("a stream needs a sequence and a picture parameter set")
    sps = parse_sps(sps_units[0])
    parts = [bytes((1, sps.profile, sps.constraints, sps.level, 0xFF, 0xE0 | len(sps_units)))]
    parts.extend(len(unit).to_bytes(2, "big") + unit for unit in sps_units)
    parts.append(bytes((len(pps_units),)))
    parts.extend(len(unit).to_bytes(2, "big") + unit for unit in pps_units)
    if sps.profile in _HIGH_PROFILES:
        parts.append(
            bytes((0xFC | sps.chroma, 0xF8 | (sps.bit_depth_luma - 8), 0xF8 | (sps.bit_depth_chroma - 8), 0))
        )
    return b"".join(parts)


def begins_anew(unit: bytes) -> bool:
    """Whether a supplemental unit (SEI) says that a decoder may begin here (recovery point, D.1.8).

    Cameras that refresh the picture piece by piece never send an IDR picture; this is what they send instead.
    """
    payload = unescape(unit)
    at = 1
    while at + 2 < len(payload):
        kind = size = 0
        while at < len(payload) and payload[at] == 0xFF:
            kind, at = kind + 255, at + 1
        kind, at = kind + payload[at] if at < len(payload) else -1, at + 1
        while at < len(payload) and payload[at] == 0xFF:
            size, at = size + 255, at + 1
        size, at = size + payload[at] if at < len(payload) else 0, at + 1
        if kind == 6:
            return True
        at += size
    return False
