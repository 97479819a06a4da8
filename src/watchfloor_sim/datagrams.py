"""A track sent as datagrams: two ports of the camera's, and the faults of a line on which packets get lost or overtake each other."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Line:
    """What the line does to the next packets."""

    loses: int = 0
    """So many get lost."""
    swaps: bool = False
    """Each second packet of a frame overtakes the one before it."""

    def carried(self, packets: Sequence[bytes]) -> list[bytes]:
        """What comes out at its other end, in which order."""
        lost = min(self.loses, len(packets))
        self.loses -= lost
        left = list(packets[lost:])
        if self.swaps:
            for at in range(0, len(left) - 1, 2):
                left[at], left[at + 1] = left[at + 1], left[at]
        return left


class Datagrams:
    """The two ports from which one track goes to one client."""

    def __init__(self, line: Line, ours: str, theirs: str, ports: tuple[int, int]) -> None:
        self.reports = 0
        """Receiver reports that came."""
        self.there = (theirs, ports[0]), (theirs, ports[1])
        self._line = line
        self._rtp, self._rtcp = _pair(ours)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._rtcp.fileno(), self._heard)

    @property
    def ports(self) -> tuple[int, int]:
        return self._rtp.getsockname()[1], self._rtcp.getsockname()[1]

    def send(self, packets: Sequence[bytes]) -> None:
        for packet in self._line.carried(packets):
            self._send(self._rtp, packet, self.there[0])

    def report(self, packet: bytes) -> None:
        self._send(self._rtcp, packet, self.there[1])

    def close(self) -> None:
        if self._rtcp.fileno() >= 0:
            self._loop.remove_reader(self._rtcp.fileno())
        self._rtp.close()
        self._rtcp.close()

    def _send(self, sock: socket.socket, packet: bytes, there: tuple[str, int]) -> None:
        with contextlib.suppress(OSError):  # nobody listens there any more
            sock.sendto(packet, there)

    def _heard(self) -> None:
        with contextlib.suppress(OSError):
            self.reports += self._rtcp.recv(2048)[1:2] == b"\xc9"


def _pair(ours: str) -> tuple[socket.socket, socket.socket]:
    """Two sockets on an even port and the next."""
    while True:
        first, second = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        first.bind((ours, 0))
        port = first.getsockname()[1]
        try:
            second.bind((ours, port ^ 1))
        except OSError:
            first.close()
            second.close()
            continue
        for sock in (first, second):
            sock.setblocking(False)
        return (first, second) if port % 2 == 0 else (second, first)
