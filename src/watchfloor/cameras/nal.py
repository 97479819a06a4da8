"""Splits coded pictures into NAL units and reads their headers bit by bit. It decodes no picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_START: Final = b"\x00\x00\x01"


class BadStream(ValueError):
    """The bytes are not what the codec's standard says they should be."""


def split_annex_b(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B byte stream, without start codes and trailing zeros; empty when there are none."""
    found = data.find(_START)
    units: list[bytes] = []
    while found >= 0:
        start = found + 3
        found = data.find(_START, start)
        # A NAL unit never ends in a zero byte (7.4.1): zeros there belong to the next, four-byte, start code.
        unit = (data[start:] if found < 0 else data[start:found]).rstrip(b"\x00")
        if unit:
            units.append(unit)
    return units


def split_prefixed(data: bytes, size: int = 4, most: int | None = None) -> list[bytes]:
    """The NAL units of a length-prefixed sample. Raises BadStream when a length points past the end, or there are more than `most`."""
    units: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        if length == 0 or at + length > len(data):
            raise BadStream(f"a NAL unit of {length} bytes at {at} in a sample of {len(data)}")
        if len(units) == most:
            raise BadStream(f"more than {most} NAL units in a sample")
        units.append(data[at : at + length])
        at += length
    return units


def join_prefixed(units: Sequence[bytes]) -> bytes:
    """The units as one sample of an MP4 file: each after its length in four bytes."""
    parts: list[bytes] = []
    for unit in units:
        parts.append(len(unit).to_bytes(4, "big"))
        parts.append(unit)
    return b"".join(parts)


def unescape(unit: bytes) -> bytes:
    """The payload with the emulation prevention bytes (00 00 03) taken out again."""
    if b"\x00\x00\x03" not in unit:
        return unit
    out = bytearray()
    at = 0
    while (found := unit.find(b"\x00\x00\x03", at)) >= 0:
        out += unit[at : found + 2]
        at = found + 3
    out += unit[at:]
    return bytes(out)


class Bits:
    """Reads a payload from its first bit on. Every read raises BadStream past the end."""

    def __init__(self, payload: bytes) -> None:
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def take(self, count: int) -> int:
        """The next `count` bits as a number."""
        if count > self._left:
            raise BadStream("a parameter set ends too early")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return self.take(1) == 1

    def ue(self) -> int:
        """An unsigned Exp-Golomb number (H.264 9.1)."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > 32:
                raise BadStream("a number in a parameter set is longer than the standard allows")
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb number (H.264 9.1.1)."""
        number = self.ue()
        return (number + 1) // 2 if number % 2 else -(number // 2)
