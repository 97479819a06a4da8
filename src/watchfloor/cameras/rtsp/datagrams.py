"""RTP and RTCP as datagrams beside an RTSP connection: two sockets of ours on an even port and the next (RFC 3550, section 11).

Packets are taken from the device's own address and from where it said that they come, of one source, and put in order. It
believes nobody else, and waits for nobody.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
from collections.abc import Callable
from typing import Final, Self

from watchfloor.cameras.rtsp.message import Apart
from watchfloor.cameras.rtsp.packets import AccessUnit, Depacketizer
from watchfloor.cameras.rtsp.reception import (
    REPORT_EVERY_S,
    SENDER_REPORT,
    Reception,
    each,
    says_goodbye,
)
from watchfloor.cameras.rtsp.reorder import Reorder
from watchfloor.cameras.rtsp.sdp import Track

_TRIES: Final = 64
# A keyframe comes as a burst. The system gives what `net.core.rmem_max` allows.
_ROOM_BYTES: Final = 4 * 1024 * 1024
_LARGEST: Final = 65_536
# Then the other cameras have their turn; what is left makes the socket readable again.
_AT_ONCE: Final = 512


class Datagrams:
    """The sockets of one session. `control` is its connection, which `wait` and the handle of `watch` look at as well."""

    def __init__(self, control: socket.socket, rtp: socket.socket, rtcp: socket.socket) -> None:
        self.over = False
        """Whether the device has said goodbye."""
        self.foreign = 0
        """Datagrams of somebody else, or of another source."""
        self.ports: tuple[int, int] = (rtp.getsockname()[1], rtcp.getsockname()[1])
        self._control, self._rtp, self._rtcp = control, rtp, rtcp
        self._device = control.getpeername()[:2][0]
        self._apart = Apart(None, None)
        self._watched: select.epoll | None = None
        self._buffer = bytearray(_LARGEST)
        self._view = memoryview(self._buffer)
        self._reorder = Reorder()
        self._reception: Reception | None = None
        self._report_at = 0.0
        self._ours = secrets.randbits(32)

    @classmethod
    def beside(cls, control: socket.socket) -> Self:
        """Two ports at the address by which the device knows us. Raises OSError when there are none."""
        for _ in range(_TRIES):
            with contextlib.ExitStack() as undo:
                rtp = undo.enter_context(_bound(control, 0))
                port = rtp.getsockname()[1]
                try:
                    # RTP has the even port; one of the two came by chance.
                    other = undo.enter_context(_bound(control, port ^ 1))
                except OSError:
                    continue
                undo.pop_all()
                return cls(control, *((rtp, other) if port % 2 == 0 else (other, rtp)))
        raise OSError("no two ports beside each other are free")

    def agreed(self, apart: Apart, track: Track, packets: Depacketizer, now: float) -> None:
        """What the device said to SETUP: only its datagrams are let in now. Ours go first, so that a firewall lets its own through."""
        self._apart, self._track, self._packets = apart, track, packets
        for which, sock in enumerate((self._rtp, self._rtcp)):
            if apart.ports is not None:
                sock.connect((self._device, apart.ports[which]))
        if apart.source is not None:
            self._reception = Reception(self._ours, apart.source, track.rate)
        if apart.ports is not None:
            # An empty packet of RTP version 2: what opens the way from its other port.
            self._say(self._rtp, bytes((0x80, track.payload_type)) + bytes(6) + self._ours.to_bytes(4, "big"))
        self._report(now)

    def watch(self) -> int:
        """The handle by which to learn that something has come, on the connection or beside it."""
        if self._watched is None:
            self._watched = select.epoll()
            for sock in (self._control, self._rtp, self._rtcp):
                self._watched.register(sock.fileno(), select.EPOLLIN)
        return self._watched.fileno()

    def wait(self, for_s: float) -> bool:
        """Wait until something has come; False when nothing has."""
        self.watch()
        return self._watched is None or bool(self._watched.poll(for_s, 1))

    def pictures(self, now: float) -> list[AccessUnit]:
        """The pictures that what has come completes."""
        out: list[AccessUnit] = []
        self._received(self._rtp, lambda size: self._take(size, now, out))
        for packet in self._reorder.overdue(now):
            out += self._packets.take(memoryview(packet))
        self._received(self._rtcp, lambda size: self._heed(self._view[:size], now))
        if now - self._report_at >= REPORT_EVERY_S:
            self._report(now)
        if self.over:
            out += self.rest()
        return out

    def rest(self) -> list[AccessUnit]:
        """The pictures of packets that still wait for others, at the end."""
        return [unit for packet in self._reorder.rest() for unit in self._packets.take(memoryview(packet))]

    def close(self) -> None:
        """Let the ports go."""
        for one in (self._watched, self._rtp, self._rtcp):
            if one is not None:
                one.close()

    def _received(self, sock: socket.socket, take: Callable[[int], None]) -> None:
        for _ in range(_AT_ONCE):
            try:
                size, sender = sock.recvfrom_into(self._buffer)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue  # where our own report went, nobody listens: that says nothing of what comes
            which = 0 if sock is self._rtp else 1
            wanted = self._apart.ports[which] if self._apart.ports is not None else sender[1]
            if (sender[0], sender[1]) == (self._device, wanted):
                take(size)
            else:
                self.foreign += 1  # it lay there before the device was known

    def _take(self, size: int, now: float, out: list[AccessUnit]) -> None:
        view = self._view
        if size < 12 or view[0] >> 6 != 2 or not self._is_theirs(int.from_bytes(view[8:12], "big")):
            self.foreign += 1
            return
        number = view[2] << 8 | view[3]
        if self._reception is not None:
            self._reception.heard(number, int.from_bytes(view[4:8], "big"), now)
        if not self._reorder.passes(number):
            for packet in self._reorder.take(number, bytes(view[:size]), now):
                out += self._packets.take(memoryview(packet))
        elif not self._packets.goes_on(self._buffer, 0, size):
            out += self._packets.take(view[:size])

    def _is_theirs(self, source: int) -> bool:
        """Whether it is of the source that was announced, else of the first that sends what was described."""
        if self._reception is None:
            if self._view[1] & 0x7F != self._track.payload_type:
                return False
            self._reception = Reception(self._ours, source, self._track.rate)
        return source == self._reception.theirs

    def _heed(self, compound: memoryview, now: float) -> None:
        for packet in each(compound):
            if self._reception is None:
                return
            if packet[1] == SENDER_REPORT and int.from_bytes(packet[4:8], "big") == self._reception.theirs:
                self._packets.take_report(packet)
                if len(packet) >= 28:
                    self._reception.sender_said(packet, now)
            self.over = self.over or says_goodbye(packet, self._reception.theirs)

    def _report(self, now: float) -> None:
        self._report_at = now
        if self._apart.ports is not None:
            self._say(self._rtcp, (self._reception or Reception(self._ours, 0, self._track.rate)).report(now))

    def _say(self, sock: socket.socket, data: bytes) -> None:
        with contextlib.suppress(OSError):  # a report that does not go out is no reason to end
            sock.send(data)


def _bound(control: socket.socket, port: int) -> socket.socket:
    made = socket.socket(control.family, socket.SOCK_DGRAM)
    with contextlib.ExitStack() as undo:
        undo.callback(made.close)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM_BYTES)
        made.bind((control.getsockname()[0], port))
        undo.pop_all()
    return made
