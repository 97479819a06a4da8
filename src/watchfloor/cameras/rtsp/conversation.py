"""What is asked of a device over one connection, and what it answers, found among the packets that come over it as well.

It reads no picture: a session does. What a device says is bounded in time and size.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Final

from watchfloor.cameras.rtsp.login import Challenge, authorization, challenge_of
from watchfloor.cameras.rtsp.message import LONGEST_HEAD, Answer, BadMessage, parse_head, request
from watchfloor.cameras.rtsp.place import Place, Refused
from watchfloor.kit.clock import Clock

_BUFFER: Final = 256 * 1024
_MOVE_BELOW: Final = 72 * 1024  # more than the largest packet
DOLLAR: Final = 0x24
# What a socket that does not wait says instead.
LATER: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Conversation:
    """One connection to a device: its requests are numbered, signed in for, and belong to one session of the device's."""

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
        self._aggregate = place.url
        self._methods = ""
        self._early: list[tuple[int, bytes]] = []

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
        while self._end - self._read >= 4 and self._buffer[self._read] == DOLLAR:
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
            with contextlib.suppress(*LATER):
                self._unsaid = self._unsaid[self._socket.send(self._unsaid) :]

    def _heed(self, answer: Answer) -> None:
        """An answer to a sign of life: a nonce that has become stale is replaced for the next."""
        if answer.status == 401:
            self._challenge = challenge_of(answer.headers.get("www-authenticate", "")) or self._challenge
        if answer.status == 454:
            raise BadMessage("the device has forgotten the session")

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
