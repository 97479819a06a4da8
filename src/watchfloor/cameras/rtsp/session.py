"""One RTSP session over one TCP connection: describe, set up, play, read, tear down. It reads one video track.

Only `shut_down` may be called while another thread uses it. A device that sends us elsewhere is not followed, and what it
says is bounded in time and size.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from watchfloor.cameras.address import Login
from watchfloor.cameras.rtsp.login import Challenge, authorization, challenge_of
from watchfloor.cameras.rtsp.message import (
    LONGEST_HEAD,
    Answer,
    BadMessage,
    channels_of,
    parse_head,
    request,
    session_of,
)
from watchfloor.cameras.rtsp.packets import AccessUnit, Depacketizer
from watchfloor.cameras.rtsp.sdp import Track, video_track
from watchfloor.kit.clock import Clock

_BUFFER: Final = 256 * 1024
_MOVE_BELOW: Final = 72 * 1024  # more than the largest packet
_DOLLAR: Final = 0x24
_ANSWER: Final = b"RTSP/1."
# `$`, channel, length, and the two bytes by which a packet is known.
_LEAST: Final = 6


class Refused(Exception):
    """The device answered with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the device answered {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream is: the address as the device knows it, without credentials, and the IP and port to connect to."""

    url: str
    ip: str
    port: int
    tls: bool
    login: Login | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: `play` goes with PLAY, `every` with SETUP and PLAY."""

    play: Mapping[str, str]
    every: Mapping[str, str] = field(default_factory=dict)


LIVE: Final = Wanted({"Range": "npt=0.000-"})


class Session:
    """A session that plays.

    `played` are the headers of the answer to PLAY; `packets` tells what was lost and what the camera's clock shows.
    """

    def __init__(self, place: Place, connection: socket.socket, clock: Clock, open_within_s: float) -> None:
        self._place, self._socket, self._clock = place, connection, clock
        self._deadline = clock.monotonic() + open_within_s
        self._number = 0
        self._challenge: Challenge | None = None
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._read = self._end = 0
        self._session: str | None = None
        self._alive_every_s = 30.0
        self._alive_at = 0.0
        self._unsaid = b""
        self._channels = (0, 1)
        self._aggregate = place.url
        self._methods = ""
        self._early: list[tuple[int, bytes]] = []
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
        """Connect and play. Raises OSError (TimeoutError among them), Refused, BadMessage, NoVideo."""
        self = cls._connected(place, clock, open_within_s)
        with contextlib.ExitStack() as undo:
            undo.callback(self._socket.close)
            self._describe()
            self._play(wanted)
            self._socket.settimeout(silent_after_s)
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
                connection = _encrypted(connection)
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

    def _play(self, wanted: Wanted) -> None:
        self._aggregate = self.track.aggregate
        over = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1", **wanted.every}
        set_up = self._ask("SETUP", self.track.control, over)
        self._session, timeout = session_of(set_up)
        self._channels = channels_of(set_up)
        self._alive_every_s = timeout / 2
        self.packets = Depacketizer(
            self.track.codec, self.track.payload_type, self.track.rate, ordered=self.track.ordered
        )
        self.played = self._ask("PLAY", self._aggregate, {**wanted.play, **wanted.every}).headers
        self._alive_at = self._clock.monotonic()

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
        out: list[AccessUnit] = []
        while True:
            try:
                if not self._receive():
                    return out or None
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
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
        return self._socket.fileno()

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
        self._socket.close()

    def shut_down(self) -> None:
        """End the stream at once, from any thread: the reader sees its end."""
        with contextlib.suppress(OSError):
            # Not the method of a TLS socket: that one would change what the reader is using.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    # -- asking

    def _ask(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        """Ask and wait for the answer; a challenge is met once. Raises Refused."""
        for attempt in (1, 2):
            self._send(method, url, headers)
            answer = self._answer()
            if answer.status == 200:
                return answer
            offered = answer.headers.get("www-authenticate", "")
            fresh = challenge_of(offered) if answer.status == 401 and self._place.login is not None else None
            if fresh is None or attempt == 2:
                raise Refused(answer.status)
            self._challenge = fresh
        raise Refused(401)

    def _send(self, method: str, url: str, headers: dict[str, str]) -> None:
        self._socket.sendall(self._request(method, url, headers))

    def _request(self, method: str, url: str, headers: dict[str, str]) -> bytes:
        self._number += 1
        said = dict(headers)
        if self._session is not None:
            said["Session"] = self._session
        if self._challenge is not None and self._place.login is not None:
            said["Authorization"] = authorization(self._challenge, self._place.login, method, url)
        return request(method, url, self._number, said)

    def _answer(self) -> Answer:
        """The answer to the last request."""
        while True:
            found = self._head()
            if found is None:
                self._wait()
                continue
            answer, length = found
            while self._end - self._read < length:
                self._wait()
            body = bytes(self._view[self._read : self._read + length])
            self._read += length
            number = answer.headers.get("cseq", "")
            if number in ("", str(self._number)):
                return Answer(answer.status, answer.headers, body)

    def _head(self) -> tuple[Answer, int] | None:
        """The head of the next answer, packets before it put aside for later; None while it is not whole."""
        while self._end - self._read >= 4 and self._buffer[self._read] == _DOLLAR:
            length = 4 + int.from_bytes(self._view[self._read + 2 : self._read + 4], "big")
            if self._end - self._read < length:
                return None
            if self._session is not None:
                # Many devices begin to send before they answer PLAY: the first keyframe is among it.
                start = self._read + 4
                self._early.append(
                    (self._buffer[self._read + 1], bytes(self._view[start : self._read + length]))
                )
            self._read += length
        at = self._buffer.find(b"\r\n\r\n", self._read, self._end)
        if at < 0:
            if self._end - self._read > LONGEST_HEAD:
                raise BadMessage("the device sends no answer")
            return None
        head = bytes(self._view[self._read : at])
        self._read = at + 4
        return parse_head(head.lstrip(b"\r\n"))

    def _wait(self) -> None:
        """Receive more while opening, within the time for all of it."""
        left = self._deadline - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError("the device does not answer in time")
        self._socket.settimeout(left)
        if not self._receive():
            raise ConnectionResetError("the device closed the connection")

    def _keep_alive(self) -> None:
        """A sign of life when it is time for one. A device that takes no more at present gets the rest of it later."""
        now = self._clock.monotonic()
        if not self._unsaid and now - self._alive_at > self._alive_every_s:
            self._alive_at = now
            # Its answer is found among the packets.
            method = "GET_PARAMETER" if "GET_PARAMETER" in self._methods else "OPTIONS"
            self._unsaid = self._request(method, self._aggregate, {})
        if self._unsaid:
            with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._unsaid = self._unsaid[self._socket.send(self._unsaid) :]

    # -- reading

    def _receive(self) -> bool:
        """Put what has come into the buffer; False at the end of the stream."""
        if self._read == self._end:
            self._read = self._end = 0
        elif len(self._buffer) - self._end < _MOVE_BELOW:
            rest = bytes(self._view[self._read : self._end])
            self._view[: len(rest)] = rest
            self._read, self._end = 0, len(rest)
            if len(self._buffer) - self._end < 1024:
                raise BadMessage("the device sends what is neither a packet nor an answer")
        count = self._socket.recv_into(self._view[self._end :])
        self._end += count
        return count > 0

    def _pictures(self) -> list[AccessUnit]:
        """The pictures that the whole packets in the buffer complete. This is where a recorder spends its time."""
        out: list[AccessUnit] = []
        buffer, video, goes_on = self._buffer, self._channels[0], self.packets.goes_on
        while self._end - self._read >= _LEAST:
            at = self._read
            if buffer[at] != _DOLLAR or not self._plausible(at):
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

    def _heed(self, answer: Answer) -> None:
        """An answer to a sign of life: a nonce that has become stale is replaced for the next."""
        if answer.status == 401:
            self._challenge = challenge_of(answer.headers.get("www-authenticate", "")) or self._challenge
        if answer.status == 454:
            raise BadMessage("the device has forgotten the session")

    def _resync(self) -> bool:
        """Go to where a packet of ours, or an answer, could begin; False when there is no such place yet."""
        at = self._read + 1
        while at + _LEAST <= self._end:
            if self._buffer[at] == _DOLLAR:
                if self._plausible(at):
                    break
            elif self._buffer[at : at + len(_ANSWER)] == _ANSWER:
                break
            dollar = self._buffer.find(_DOLLAR, at + 1, self._end)
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


def _encrypted(connection: socket.socket) -> socket.socket:
    """TLS as cameras have it: with a certificate of their own making, so against listening alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)
