"""What is told back to a device that sends datagrams: how they arrive (RFC 3550, section 6.4.2 and appendix A). Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

REPORT_EVERY_S: Final = 5.0
SENDER_REPORT: Final = 200
GOODBYE: Final = 203
_RECEIVER_REPORT: Final = 201
_DESCRIPTION: Final = 202
_HALF: Final = 0x8000


class Reception:
    """How one source's packets arrive. `ours` is what we are called in our reports, `theirs` its name, `rate` its ticks a second."""

    def __init__(self, ours: int, theirs: int, rate: int) -> None:
        self.theirs = theirs
        self._ours, self._rate = ours, rate
        self._first: int | None = None
        self._highest = self._received = 0
        self._told = (0, 0)
        self._transit = 0
        self._jitter = 0.0
        self._reported = 0
        self._reported_at = 0.0

    def heard(self, number: int, stamp: int, now: float) -> None:
        """A packet came."""
        transit = int(now * self._rate) - stamp & 0xFFFF_FFFF
        if self._first is None:
            self._first = self._highest = number
        else:
            further = (number - self._highest) & 0xFFFF
            if further < _HALF:
                self._highest += further
            apart = (transit - self._transit + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
            self._jitter += (abs(apart) - self._jitter) / 16
        self._transit = transit
        self._received += 1

    def sender_said(self, report: memoryview, now: float) -> None:
        """A sender report of theirs came: ours says which was the last, and how long ago."""
        self._reported, self._reported_at = int.from_bytes(report[10:14], "big"), now

    def report(self, now: float) -> bytes:
        """A receiver report, and who we are: a name for this session alone."""
        block = b"" if self._first is None else self._block(self._first, now)
        head = struct.pack(">BBHI", 0x80 | bool(block), _RECEIVER_REPORT, 1 + len(block) // 4, self._ours)
        name = f"{self._ours:08x}".encode()
        item = b"\x01" + bytes((len(name),)) + name
        item += bytes(4 - len(item) % 4)
        chunk = struct.pack(">I", self._ours) + item
        return head + block + struct.pack(">BBH", 0x81, _DESCRIPTION, len(chunk) // 4) + chunk

    def _block(self, first: int, now: float) -> bytes:
        expected = self._highest - first + 1
        expected_before, received_before = self._told
        due, came = expected - expected_before, self._received - received_before
        self._told = (expected, self._received)
        fraction = min((due - came) * 256 // due, 255) if due > came > -1 else 0
        lost = max(-0x80_0000, min(expected - self._received, 0x7F_FFFF)) & 0xFF_FFFF
        since = min(int((now - self._reported_at) * 65536), 0xFFFF_FFFF) if self._reported else 0
        return struct.pack(
            ">IIIIII",
            self.theirs,
            fraction << 24 | lost,
            self._highest & 0xFFFF_FFFF,
            int(self._jitter) & 0xFFFF_FFFF,
            self._reported,
            since,
        )


def each(compound: memoryview) -> Iterator[memoryview]:
    """The RTCP packets that stand in one datagram."""
    at = 0
    while at + 8 <= len(compound) and compound[at] >> 6 == 2:
        end = at + 4 + 4 * int.from_bytes(compound[at + 2 : at + 4], "big")
        if end > len(compound):
            return
        yield compound[at:end]
        at = end


def says_goodbye(packet: memoryview, source: int) -> bool:
    """Whether this packet says that nothing more comes of the source."""
    if packet[1] != GOODBYE:
        return False
    named = (packet[at : at + 4] for at in range(4, min(4 + 4 * (packet[0] & 0x1F), len(packet)), 4))
    return any(int.from_bytes(one, "big") == source for one in named)
