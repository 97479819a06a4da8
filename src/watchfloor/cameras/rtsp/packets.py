"""Puts RTP packets together again: coded pictures as their NAL units, with times (RFC 3550, 6184, 7798). Pure.

A unit of which a packet is missing is left out and counted; nothing is made up in its place.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from watchfloor.cameras.rtsp.reception import GOODBYE, SENDER_REPORT
from watchfloor.cameras.stream import TICKS_PER_S, Codec

_RTP: Final = struct.Struct(">BBHI")
_PART: Final = struct.Struct(">BBHI4xB")
# ONVIF's replay extension (Streaming Specification 6.3): when the picture was taken, and whether it is the last.
_REPLAY: Final = 0xABAC
_LAST: Final = 0x10
# How packets of the one codec begin (parameter sets, alone or several; of H.264 parts of a picture too): under the other's rules they
# are of kinds that no camera sends.
_PPS_OF_H265: Final = b"\x44\x01"
_SETS_OF_H265: Final = (b"\x40\x01", b"\x60\x01")
_KINDS_OF_H264: Final = (7, 8, 24, 28)
_ENOUGH: Final = 3
# Seconds from 1900, where NTP begins, to 1970.
_NTP_TO_UNIX_S: Final = 2_208_988_800
_LARGEST: Final = 32 * 1024 * 1024
_MOST_UNITS: Final = 2048


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture: its NAL units, and when it is shown, in 90 kHz ticks of the camera that never wrap.

    `taken_us` is when it was taken by the device's clock, in µs since 1970, where a replay says so.
    """

    units: list[bytes]
    ticks: int
    taken_us: int | None = None


class Depacketizer:
    """The packets of one video track. `lost` counts packets that never came, `damaged` units that were left out."""

    def __init__(self, codec: Codec, payload_type: int, rate: int, *, ordered: bool) -> None:
        self.lost = self.damaged = 0
        self.report: tuple[int, int] | None = None
        """The camera's last word on its clock: (µs since 1970, ticks)."""
        self.over = False
        """Whether the device has said that nothing more comes."""
        self.recoded = False
        """Whether the parameter sets of the other codec came: the device changed it without a word, and has to be asked anew."""
        self._taken_us: int | None = None
        self._strange = 0
        self._h264 = codec is Codec.H264
        # A part of a unit: the bits of the first byte that say so, and where the byte stands that says which part.
        self._part_bits, self._part_kind, self._part_at = (
            (0x1F, 28, 13) if self._h264 else (0x7E, 49 << 1, 14)
        )
        self._type, self._rate, self._skip = payload_type, rate, 2 if ordered else 0
        self._expected: int | None = None
        self._last: int | None = None
        self._unwrapped = 0
        self._units: list[bytes] = []
        self._parts: list[bytes | bytearray] | None = None
        self._size = 0
        self._ticks = 0

    def goes_on(self, buffer: bytearray, start: int, end: int) -> bool:
        """Take what nine of ten packets are, the next part of the unit at hand; False says to `take` it instead."""
        flags = start + self._part_at
        if self._parts is None or flags + 1 >= end:
            return False
        first, second, number, stamp, kind = _PART.unpack_from(buffer, start)
        if (
            number != self._expected
            or stamp != self._last
            or first != 0x80
            or second != self._type
            or kind & self._part_bits != self._part_kind
            or buffer[flags] & 0xC0
            or self._size > _LARGEST
        ):
            return False
        self._expected = (number + 1) & 0xFFFF
        self._size += end - flags - 1
        self._parts.append(buffer[flags + 1 : end])
        return True

    def take(self, packet: memoryview) -> list[AccessUnit]:
        """The pictures that this RTP packet completes: mostly none or one."""
        if len(packet) < 12 or packet[0] >> 6 != 2 or packet[1] & 0x7F != self._type:
            return []
        first, second, number, stamp = _RTP.unpack_from(packet)
        start, end = 12 + 4 * (first & 0x0F), len(packet)
        extension = start if first & 0x10 and start + 4 <= end else None
        if extension is not None:
            start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
        if first & 0x20:
            end -= packet[-1]
        if start >= end:
            return []
        self._check_order(number)
        out: list[AccessUnit] = []
        ticks = self._unwrap(stamp)
        if self._units and ticks != self._ticks:
            out.append(self._complete())  # the last packet of the picture was not marked, or never came
        self._ticks = ticks
        if extension is not None:
            self._heed(packet[extension:start])
        if self._h264:
            self._h264_payload(packet[start:end])
        else:
            self._h265_payload(packet[start:end])
        if second & 0x80 and self._units:
            out.append(self._complete())
        return out

    def take_report(self, packet: memoryview) -> None:
        """An RTCP packet: sender reports say what the camera's clock shows; a goodbye ends the stream."""
        if len(packet) >= 2 and packet[1] == GOODBYE:
            self.over = True
        if len(packet) < 20 or packet[1] != SENDER_REPORT or self._last is None:
            return
        seconds, fraction, stamp = struct.unpack_from(">III", packet, 8)
        if seconds <= _NTP_TO_UNIX_S:
            return  # a camera that knows no time says 0, or counts from its start
        wall_us = _unix_us(seconds, fraction)
        behind = (stamp - self._last + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
        self.report = (wall_us, self._scaled(self._unwrapped + behind))

    def wall_us(self, ticks: int) -> int | None:
        """What the camera's clock showed at that time, in µs since 1970; None while it has not said."""
        return None if self.report is None else self.report[0] + (ticks - self.report[1]) * 100 // 9

    def _heed(self, extension: memoryview) -> None:
        """What a replay says of the picture that this packet begins."""
        if len(extension) < 16 or int.from_bytes(extension[:2], "big") != _REPLAY:
            return
        seconds, fraction, flags = struct.unpack_from(">IIB", extension, 4)
        if seconds > _NTP_TO_UNIX_S:
            self._taken_us = _unix_us(seconds, fraction)
        self.over = self.over or bool(flags & _LAST)

    def _check_order(self, number: int) -> None:
        if self._expected is not None and number != self._expected:
            self.lost += (number - self._expected) & 0xFFFF
            self._drop_parts()
        self._expected = (number + 1) & 0xFFFF

    def _unwrap(self, stamp: int) -> int:
        """Time stamps wrap after 13 hours; a step of less than half the circle is one forward or back."""
        if self._last is None:
            self._unwrapped = 0
        else:
            self._unwrapped += (stamp - self._last + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
        self._last = stamp
        return self._scaled(self._unwrapped)

    def _scaled(self, ticks: int) -> int:
        return ticks if self._rate == TICKS_PER_S else ticks * TICKS_PER_S // self._rate

    def _h264_payload(self, data: memoryview) -> None:
        kind = data[0] & 0x1F
        if 0 < kind < 24:
            if kind == 4 and bytes(data[:2]) == _PPS_OF_H265:
                self.recoded = True
            self._add(bytes(data))
        elif kind == 28 and len(data) > 2:
            head = bytes((data[0] & 0xE0 | data[1] & 0x1F,))
            self._fragment(data[1], head, data[2:])
        elif kind == 24:
            self._aggregate(data[1:], 0)
        else:
            self.recoded = self.recoded or bytes(data[:2]) in _SETS_OF_H265
            self.damaged += 1

    def _h265_payload(self, data: memoryview) -> None:
        if len(data) < 3:
            self.damaged += 1
            return
        kind = data[0] >> 1 & 0x3F
        if kind < 48:
            self._add(bytes(data[:2]) + bytes(data[2 + self._skip :]) if self._skip else bytes(data))
        elif kind == 49:
            head = bytes((data[0] & 0x81 | (data[2] & 0x3F) << 1, data[1]))
            start = 3 + (self._skip if data[2] & 0x80 else 0)
            self._fragment(data[2], head, data[start:])
        elif kind == 48:
            self._aggregate(data[2 + self._skip :], 1 if self._skip else 0)
        else:
            self._strange += data[0] & 0x1F in _KINDS_OF_H264
            self.recoded = self.recoded or self._strange >= _ENOUGH
            self.damaged += 1

    def _aggregate(self, data: memoryview, between: int) -> None:
        """Several small units in one packet; `between` bytes of order number stand before all but the first."""
        at = 0
        while at + 2 <= len(data):
            length = int.from_bytes(data[at : at + 2], "big")
            at += 2
            if length == 0 or at + length > len(data):
                self.damaged += 1
                return
            self._add(bytes(data[at : at + length]))
            at += length + between

    def _fragment(self, flags: int, head: bytes, data: memoryview) -> None:
        """A part of a unit too large for one packet; bit 7 of `flags` begins it, bit 6 ends it."""
        if flags & 0x80:
            self._drop_parts()
            self._parts, self._size = [head], 0
        if self._parts is None:
            return  # its beginning never came
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size > _LARGEST:
            self._drop_parts()
        elif flags & 0x40:
            whole, self._parts = b"".join(self._parts), None
            self._add(whole)

    def _add(self, unit: bytes) -> None:
        if len(self._units) < _MOST_UNITS:
            self._units.append(unit)

    def _drop_parts(self) -> None:
        if self._parts is not None:
            self._parts = None
            self.damaged += 1

    def _complete(self) -> AccessUnit:
        self._drop_parts()
        units, self._units = self._units, []
        taken_us, self._taken_us = self._taken_us, None
        return AccessUnit(units, self._ticks, taken_us)


def _unix_us(seconds: int, fraction: int) -> int:
    """µs since 1970 of a time as NTP counts it."""
    return (seconds - _NTP_TO_UNIX_S) * 1_000_000 + (fraction * 1_000_000 >> 32)
