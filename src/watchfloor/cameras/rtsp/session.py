"""One RTSP session over one connection, plain or under TLS: describe, set up, play, read, tear down. It reads one video track.

The pictures come in the connection, or as datagrams beside it. Only `shut_down` may be called while another thread uses it. A
device that sends us elsewhere is not followed, and what it says is bounded in time and size.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from watchfloor.cameras.rtsp.conversation import DOLLAR, LATER, Conversation
from watchfloor.cameras.rtsp.datagrams import Datagrams
from watchfloor.cameras.rtsp.message import (
    LONGEST_HEAD,
    Answer,
    BadMessage,
    apart_of,
    channels_of,
    parse_head,
    session_of,
)
from watchfloor.cameras.rtsp.packets import AccessUnit, Depacketizer
from watchfloor.cameras.rtsp.place import UNSUPPORTED_TRANSPORT
from watchfloor.cameras.rtsp.place import OtherWay as OtherWay
from watchfloor.cameras.rtsp.place import Place as Place
from watchfloor.cameras.rtsp.place import Refused as Refused
from watchfloor.cameras.rtsp.sdp import Track, video_track
from watchfloor.cameras.rtsp.trust import secured
from watchfloor.cameras.transport import Transport
from watchfloor.kit.clock import Clock

_ANSWER: Final = b"RTSP/1."
# `$`, channel, length, and the two bytes by which a packet is known.
_LEAST: Final = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: `play` goes with PLAY, `every` with SETUP and PLAY."""

    play: Mapping[str, str]
    every: Mapping[str, str] = field(default_factory=dict)


LIVE: Final = Wanted({"Range": "npt=0.000-"})


class Session(Conversation):
    """A session that plays.

    `played` are the headers of the answer to PLAY; `packets` tells what was lost and what the camera's clock shows.
    """

    def __init__(self, place: Place, connection: socket.socket, clock: Clock, open_within_s: float) -> None:
        super().__init__(place, connection, clock, open_within_s)
        self._channels = (0, 1)
        self._datagrams: Datagrams | None = None
        self._waits_s: float | None = None
        self._bad: BadMessage | None = None
        self.played: Mapping[str, str] = {}
        self.skipped = 0
        """Bytes between packets that were no packet."""

    @classmethod
    def open(
        cls,
        place: Place,
        clock: Clock,
        *,
        open_within_s: float,
        silent_after_s: float,
        wanted: Wanted = LIVE,
    ) -> Self:
        """Connect and play. Raises OSError (TimeoutError and Untrusted among them), Refused, BadMessage, NoVideo."""
        for way in place.ways:
            try:
                return cls._opened(place, clock, open_within_s, silent_after_s, wanted, way)
            except OtherWay:
                if len(place.ways) == 1:
                    raise
        raise Refused(UNSUPPORTED_TRANSPORT)

    @classmethod
    def _opened(
        cls, place: Place, clock: Clock, open_within_s: float, silent_after_s: float, wanted: Wanted, way: Transport
    ) -> Self:  # fmt: skip
        self = cls._connected(place, clock, open_within_s)
        with contextlib.ExitStack() as undo:
            undo.callback(self._let_go)
            self._describe()
            try:
                self._play(wanted, way)
            except OtherWay:
                self.close()  # what it set up all the same would take one of its few sessions
                raise
            self._waits_s = silent_after_s
            # Beside datagrams nothing waits for the connection.
            self._socket.settimeout(silent_after_s if self._datagrams is None else 0.0)
            undo.pop_all()
            return self

    @classmethod
    def described(cls, place: Place, clock: Clock, *, open_within_s: float) -> Track:
        """What the device says the stream is, without having it played. Raises as `open` does."""
        self = cls._connected(place, clock, open_within_s)
        with contextlib.closing(self._socket):
            self._describe()
            return self.track

    @classmethod
    def _connected(cls, place: Place, clock: Clock, open_within_s: float) -> Self:
        connection = socket.create_connection((place.ip, place.port), timeout=open_within_s)
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if place.tls:
                connection = secured(connection, place)
            undo.pop_all()
            return cls(place, connection, clock, open_within_s)

    def _describe(self) -> None:
        """Addresses that the device names are asked for as it wrote them, over this connection and no other."""
        url = self._place.url
        with contextlib.suppress(Refused):
            self._methods = self._ask("OPTIONS", url, {}).headers.get("public", "")
        described = self._ask("DESCRIBE", url, {"Accept": "application/sdp"})
        base = described.headers.get("content-base") or described.headers.get("content-location") or url
        self.track: Track = video_track(described.body.decode("utf-8", "replace"), base)

    def _play(self, wanted: Wanted, way: Transport) -> None:
        self._aggregate = self.track.aggregate
        self.packets = Depacketizer(
            self.track.codec, self.track.payload_type, self.track.rate, ordered=self.track.ordered
        )
        if way is Transport.UDP:
            self._datagrams = Datagrams.beside(self._socket)
        set_up = self._set_up(way, wanted)
        self._session, timeout = session_of(set_up)
        self._agree(way, set_up)
        self._alive_every_s = timeout / 2
        self.played = self._ask("PLAY", self._aggregate, {**wanted.play, **wanted.every}).headers
        self._alive_at = self._clock.monotonic()

    def _set_up(self, way: Transport, wanted: Wanted) -> Answer:
        over = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if self._datagrams is not None:
            first, second = self._datagrams.ports
            over = f"RTP/AVP;unicast;client_port={first}-{second}"
        try:
            return self._ask("SETUP", self.track.control, {"Transport": over, **wanted.every})
        except Refused as refused:
            if refused.status == UNSUPPORTED_TRANSPORT:
                raise OtherWay(way) from None
            raise

    def _agree(self, way: Transport, set_up: Answer) -> None:
        """Take the device at its word of where the pictures come. Raises OtherWay, BadMessage."""
        if self._datagrams is None:
            channels = channels_of(set_up)
            if channels is None:
                raise OtherWay(way)
            self._channels = channels
            return
        apart = apart_of(set_up, self._datagrams.ports)
        if apart is None:
            raise OtherWay(way)
        self._channels = (-1, -1)  # what stands in the connection are answers
        self._datagrams.agreed(apart, self.track, self.packets, self._clock.monotonic())

    def early(self) -> list[AccessUnit]:
        """The pictures that came while the device was still answering. Asked for once, before any other."""
        early, self._early = self._early, []
        return [
            *(unit for channel, packet in early for unit in self._heard(channel, memoryview(packet))),
            *self._pictures(),
        ]

    def received(self) -> list[AccessUnit] | None:
        """The pictures that what has come completes; None at the end of the stream. Raises OSError, BadMessage.

        It waits as the socket does: until something comes, for `silent_after_s`, or (`do_not_wait`) not at all.
        """
        if self._bad is not None:
            raise self._bad
        self._keep_alive()
        if self._datagrams is not None:
            return self._received_beside(self._datagrams)
        out: list[AccessUnit] = []
        while True:
            try:
                if not self._receive():
                    return out or None
            except LATER:
                return out
            except (OSError, BadMessage):
                if out:
                    return out  # the next call meets the same
                raise
            out += self._pictures()
            # What TLS has taken from the socket already does not make it readable again.
            if not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
                return out

    def do_not_wait(self) -> int:
        """From now on `received` returns at once; the handle by which to learn that something has come."""
        self._socket.setblocking(False)
        self._waits_s = None
        return self._socket.fileno() if self._datagrams is None else self._datagrams.watch()

    def _received_beside(self, datagrams: Datagrams) -> list[AccessUnit] | None:
        """`received` where the pictures come as datagrams: the connection has answers, and its end is theirs."""
        if self._waits_s is not None and not datagrams.wait(self._waits_s):
            raise TimeoutError("nothing has come for too long")
        out = datagrams.pictures(self._clock.monotonic())
        ended = False
        try:
            ended = not self._receive()
            self._pictures()
        except LATER:
            pass
        except (OSError, BadMessage):
            if not out:
                raise
        if ended or datagrams.over:
            return [*out, *datagrams.rest()] or None
        return out

    def _heard(self, channel: int, packet: memoryview) -> list[AccessUnit]:
        if channel == self._channels[0]:
            return self.packets.take(packet)
        if channel == self._channels[1]:
            self.packets.take_report(packet)
        return []

    def close(self) -> None:
        """Say goodbye and close; a device that does not listen any more is no reason to wait."""
        with contextlib.suppress(OSError):
            if self._session is not None:
                self._socket.settimeout(1.0)
                self._socket.sendall(self._unsaid + self._request("TEARDOWN", self._aggregate, {}))
        self._let_go()

    def _let_go(self) -> None:
        self._socket.close()
        if self._datagrams is not None:
            self._datagrams.close()

    def shut_down(self) -> None:
        """End the stream at once, from any thread: the reader sees its end."""
        with contextlib.suppress(OSError):
            # Not the method of a TLS socket: that one would change what the reader is using.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    # -- reading

    def _pictures(self) -> list[AccessUnit]:
        """The pictures that the whole packets in the buffer complete. This is where a recorder spends its time."""
        out: list[AccessUnit] = []
        buffer, video, goes_on = self._buffer, self._channels[0], self.packets.goes_on
        while self._end - self._read >= _LEAST:
            at = self._read
            if buffer[at] != DOLLAR or not self._plausible(at):
                if not self._skipped():
                    break
                continue
            start = at + 4
            end = start + (buffer[at + 2] << 8 | buffer[at + 3])
            if end > self._end:
                break
            self._read = end
            channel = buffer[at + 1]
            if not (channel == video and goes_on(buffer, start, end)):
                out += self._heard(channel, self._view[start:end])
        return out

    def _skipped(self) -> bool:
        """Step over what is no packet. What is bad about it is raised at the next call: first the pictures before it."""
        try:
            return self._skip()
        except BadMessage as error:
            self._bad = error
            return False

    def _skip(self) -> bool:
        """Step over an answer, or over what is nothing at all up to the next packet; False while more must come."""
        waiting = self._end - self._read
        if self._buffer[self._read : self._read + len(_ANSWER)] != _ANSWER:
            return self._resync()
        at = self._buffer.find(b"\r\n\r\n", self._read, self._end)
        if at < 0:
            return waiting > LONGEST_HEAD and self._resync()
        answer, length = parse_head(bytes(self._view[self._read : at]))
        if at + 4 + length > self._end:
            return False
        self._read = at + 4 + length
        self._heed(answer)
        return True

    def _resync(self) -> bool:
        """Go to where a packet of ours, or an answer, could begin; False when there is no such place yet."""
        at = self._read + 1
        while at + _LEAST <= self._end:
            if self._buffer[at] == DOLLAR:
                if self._plausible(at):
                    break
            elif self._buffer[at : at + len(_ANSWER)] == _ANSWER:
                break
            dollar = self._buffer.find(DOLLAR, at + 1, self._end)
            answer = self._buffer.find(_ANSWER, at + 1, self._end)
            at = min((found for found in (dollar, answer) if found >= 0), default=self._end)
        self.skipped += at - self._read
        self._read = at
        return at + _LEAST <= self._end

    def _plausible(self, at: int) -> bool:
        """Whether what begins with `$` can be a packet of ours: one of our channels, RTP of version 2, its kind."""
        buffer = self._buffer
        if buffer[at + 4] & 0xC0 != 0x80:
            return False
        if buffer[at + 1] == self._channels[0]:
            return buffer[at + 5] & 0x7F == self.track.payload_type
        return buffer[at + 1] == self._channels[1] and 192 <= buffer[at + 5] <= 223
