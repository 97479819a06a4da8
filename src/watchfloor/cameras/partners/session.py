"""A camera that a partner lent to us, taken to be recorded: its center's own live socket, read in the thread that has the camera.

It asks with neither purpose nor case, under the leave to record that the partner's door decides at each moment. What comes is another's
word. Only `shut_down` may be called while another thread uses it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

import msgspec
import websockets
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from watchfloor.cameras import wire
from watchfloor.cameras.address import permitted
from watchfloor.cameras.boxes.session import NoPackets
from watchfloor.cameras.nal import BadStream
from watchfloor.cameras.partners.live import judged
from watchfloor.cameras.partners.model import Partner, refusal
from watchfloor.cameras.partners.sent import Described, described, samples
from watchfloor.cameras.partners.talk import Reach, Sessions, Talk, address_of
from watchfloor.cameras.partners.trust import trust
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import TICKS_PER_S, Codec
from watchfloor.cameras.wire import Kind
from watchfloor.governance.lending import OF_AUTHORISATION, REASONS
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError

_READ: Final = 256 * 1024
_LARGEST_MESSAGE: Final = 8 * 1024 * 1024
# What waits to be said to a partner that does not read, in bytes.
_MOST_UNSAID: Final = 64 * 1024
_MOST_LEFT_OUT: Final = 1_000_000
# A mask is set or removed seldom; a partner that changes its coding all the time must not make a file each.
_SHORTEST_CODING_S: Final = 10.0
_LONGEST_STEP: Final = 60 * TICKS_PER_S
_GONE: Final = frozenset({"serious", "critical", "off"})
# What says that the camera is not lent to us at present. Every other end may pass, so that it is asked for again.
_NO_LEAVE: Final = REASONS | OF_AUTHORISATION
_ASK: Final = msgspec.json.encode({"recording": True})


@dataclass(frozen=True, slots=True)
class LentPlace:
    """Where a lent camera is taken: the partner, its own id of the camera; `ended` is called when the partner ends it, `left_out` when it
    says that it left pictures out, by the thread that reads the stream."""

    partner: Partner = field(repr=False)
    camera: str
    reach: Reach
    sessions: Sessions = field(repr=False)
    ended: Callable[[], None] = field(repr=False)
    left_out: Callable[[], None] = field(default=lambda: None, repr=False)

    def opened(self, clock: Clock, *, open_within_s: float, silent_after_s: float) -> LentSession:
        """Its stream, that plays. Raises what `LentSession.open` raises."""
        return LentSession.open(self, clock, open_within_s=open_within_s, silent_after_s=silent_after_s)


@dataclass(slots=True)
class LeftOut(NoPackets):
    """Of what a partner sends no packet is lost on the way; `lost` are the pictures that it says it left out."""


@dataclass(frozen=True, slots=True)
class _Until:
    """When something has to be done, by the monotonic clock."""

    clock: Clock
    at: float

    def left(self) -> float:
        """How many seconds are left. Raises TimeoutError when none are."""
        left = self.at - self.clock.monotonic()
        if left <= 0:
            raise TimeoutError("the partner takes too long")
        return left


class LentSession:
    """A stream of a partner that plays."""

    def __init__(
        self, place: LentPlace, connection: ssl.SSLSocket, protocol: ClientProtocol, clock: Clock
    ) -> None:
        self._place, self._socket, self._protocol, self._clock = place, connection, protocol, clock
        self._unsaid = b""
        self._message = bytearray()
        self._early: list[AccessUnit] = []
        self._new_sets: list[bytes] = []
        self._begun = self._anew = False
        # Where the partner turned to another coding: which, and what has come in it.
        self._next: Described | None = None
        self._after: list[AccessUnit] = []
        self._turned_at = clock.monotonic() - _SHORTEST_CODING_S
        self._shift = 0
        self._last_ticks, self._last_at = TICKS_PER_S, clock.monotonic()
        self._bad: Exception | None = None
        self.track = Described(Codec.H264, [])
        self.packets = LeftOut()

    @classmethod
    def open(cls, place: LentPlace, clock: Clock, *, open_within_s: float, silent_after_s: float) -> Self:
        """Sign in, ask, and wait until the stream begins. Raises OSError, BadMessage, BadStream, NotThere."""
        until = _Until(clock, clock.monotonic() + open_within_s)
        for again in (True, False):
            cookie = _signed_in(place, until)
            connection, protocol = _asked(place, cookie, until)
            with contextlib.ExitStack() as undo:
                undo.callback(connection.close)
                refused = _shaken(place, connection, protocol, until)
                if refused is not None:
                    place.sessions.forget(place.partner, cookie)
                    if again:
                        continue  # a session that is over is begun anew
                    raise refused
                self = cls(place, connection, protocol, clock)
                self._begin(until)
                connection.settimeout(silent_after_s)
                undo.pop_all()
                return self
        raise AssertionError("a loop that returns or raises")

    def _begin(self, until: _Until) -> None:
        self._protocol.send_text(_ASK)
        self._early += self._pictures()
        goes_on = True
        while not self._begun:
            self._must_be_good()
            if not goes_on:
                raise ConnectionResetError("the partner closed the connection")
            self._socket.settimeout(until.left())
            self._say()
            goes_on = self._receive()
            self._early += self._pictures()

    def early(self) -> list[AccessUnit]:
        """The pictures that came with the beginning, or with the turn. Asked for once, before any other."""
        early, self._early = self._early, []
        return early

    def received(self) -> list[AccessUnit] | None:
        """The pictures that have come; None at the end, or when it `turned`. Raises OSError, BadMessage, BadStream, NotThere."""
        if self._turns():
            return None
        self._must_be_good()
        try:
            goes_on = self._receive()
            while goes_on and self._socket.pending():
                goes_on = self._receive()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return []
        found = self._pictures()
        self._say()
        if found or self._turns():
            return found or None
        self._must_be_good()
        return [] if goes_on else None

    def turned(self) -> bool:
        """Whether it goes on in another coding, that of `track`: a mask was set there, or removed. Asked for once, after its end."""
        if self._next is None:
            return False
        self.track, self._next = self._next, None
        self._early, self._after = self._after, []
        return True

    def _turns(self) -> bool:
        return self._next is not None

    def _must_be_good(self) -> None:
        if self._bad is not None:
            raise self._bad

    def do_not_wait(self) -> int:
        """From now on `received` returns at once; the handle by which to learn that something has come."""
        self._socket.setblocking(False)
        return self._socket.fileno()

    def close(self) -> None:
        """Leave: the partner's log has when."""
        with contextlib.suppress(OSError, websockets.WebSocketException):
            self._protocol.send_close()
            self._socket.settimeout(1.0)
            self._socket.sendall(self._unsaid + b"".join(self._protocol.data_to_send()))
        self._socket.close()

    def shut_down(self) -> None:
        """End the stream at once, from any thread: the reader sees its end."""
        with contextlib.suppress(OSError):
            # Not the method of a TLS socket: that one would change what the reader is using.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _say(self) -> None:
        """Answers to the partner's pings, and what was left of them."""
        self._unsaid += b"".join(self._protocol.data_to_send())
        if self._unsaid:
            with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._unsaid = self._unsaid[self._socket.send(self._unsaid) :]
        if len(self._unsaid) > _MOST_UNSAID and self._bad is None:
            self._bad = BadMessage(
                "the other center asks whether we are there, and does not read the answers"
            )

    def _receive(self) -> bool:
        data = self._socket.recv(_READ)
        if data:
            self._protocol.receive_data(data)
        return bool(data) and self._protocol.state is State.OPEN

    def _pictures(self) -> list[AccessUnit]:
        """The pictures among what has come. What is bad is raised at the next call: first those before it."""
        found: list[AccessUnit] = []
        try:
            for message in self._messages():
                pictures = self._heard(message)
                (self._after if self._turns() else found).extend(pictures)
            if self._protocol.parser_exc is not None:
                self._bad = BadMessage("the other center sends what is no message, or too long a one")
        except Invalid as error:
            self._bad = BadMessage(error.detail)
        except (BadMessage, BadStream, NotThere) as error:
            self._bad = error
        return found

    def _messages(self) -> Iterator[bytes]:
        for event in self._protocol.events_received():
            if not isinstance(event, Frame) or event.opcode not in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
                continue
            if event.opcode is Opcode.TEXT:
                raise BadMessage("the partner sends text")
            self._message += event.data
            if event.fin:
                message, self._message = bytes(self._message), bytearray()
                yield message

    def _heard(self, data: bytes) -> list[AccessUnit]:
        name = self._place.partner.name
        try:
            shown = judged(data, name)
        except Unavailable as error:
            raise self._over(error) from None
        if shown is None:
            if wire.head(data).kind is Kind.DROP:
                self.packets.lost += max(min(wire.drop_of(data).dropped, _MOST_LEFT_OUT), 1)
                self._place.left_out()
            return []
        head = wire.head(shown)
        if head.kind is Kind.INIT:
            self._begins(described(wire.segment_of(shown)))
        elif head.kind is Kind.FRAGMENT and self._begun:
            return [
                self._picture(one.units, one.pts)
                for one in samples((self._next or self.track).codec, shown[wire.HEAD_SIZE :])
            ]
        elif head.kind is Kind.STATE:
            said = wire.state_of(shown)
            if said.level in _GONE:
                raise NotThere(CameraStatus.SILENT, f"{name} says “{said.word}”: {said.reason}")
        return []

    def _over(self, error: Unavailable) -> NotThere:
        if error.reason == "other_version":
            return NotThere(CameraStatus.BAD_STREAM, error.detail)
        if error.reason not in _NO_LEAVE:
            return NotThere(CameraStatus.UNREACHABLE, error.detail)
        self._place.ended()
        return NotThere(CameraStatus.NOT_LENT, error.detail)

    def _begins(self, told: Described) -> None:
        """A run of the partner begins: the first is how the stream is described, later ones are changes within it."""
        if not self._begun:
            self.track, self._begun = told, True
        elif told.codec is not (self._next or self.track).codec:
            now, name = self._clock.monotonic(), self._place.partner.name
            if now - self._turned_at < _SHORTEST_CODING_S:
                said = f"{name} changed how it codes its pictures twice within seconds; it is opened anew."
                raise NotThere(CameraStatus.BAD_STREAM, said)
            self._next, self._turned_at = told, now
        self._new_sets, self._anew = told.sets, True

    def _picture(self, units: list[bytes], pts: int) -> AccessUnit:
        now = self._clock.monotonic()
        if self._anew:
            # It counts from anywhere: it goes on where the run before was, by how long that is ago.
            since = int((now - self._last_at) * TICKS_PER_S)
            self._shift, self._anew = self._last_ticks + max(since, 1) - pts, False
        # A partner says what it likes: the numbers stay such that they can be counted with.
        ticks = max(min(pts + self._shift, self._last_ticks + _LONGEST_STEP), 0)
        self._last_ticks, self._last_at = max(self._last_ticks, ticks), now
        units, self._new_sets = [*self._new_sets, *units], []
        return AccessUnit(units, ticks)


def status_of(error: WatchfloorError) -> CameraStatus:
    """How a camera stands whose center says this to who signs in or connects: whether it lends the camera it says later, on the socket."""
    if error.reason == "login_refused":
        return CameraStatus.CREDENTIALS_REFUSED
    if error.reason == "certificate":
        return CameraStatus.CERTIFICATE_REFUSED
    return CameraStatus.UNREACHABLE


def _signed_in(place: LentPlace, until: _Until) -> str:
    talk = Talk(place.partner, place.reach, place.sessions)
    if (cookie := talk.cookie) is not None:
        return cookie
    try:
        return asyncio.run(asyncio.wait_for(talk.session(), until.left()))
    except WatchfloorError as error:
        raise NotThere(status_of(error), error.detail) from None


def _asked(place: LentPlace, cookie: str, until: _Until) -> tuple[ssl.SSLSocket, ClientProtocol]:
    """A connection to the partner, and what is to be said on it to ask for its live socket. Raises NotThere, OSError."""
    partner, address = place.partner, address_of(place.partner)
    uri = f"wss{partner.address.removeprefix('https')}/api/v1/live/{place.camera}"
    try:
        ip = permitted(address, place.reach.networks, place.reach.resolve(address.host, address.port))
        with socket.create_connection((str(ip), address.port), timeout=until.left()) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(until.left())
            connection = trust(partner.login.authority).wrap_socket(plain, server_hostname=address.host)
    except ssl.SSLCertVerificationError:
        said = f"What answers for {partner.name} shows a certificate that we have no reason to believe."
        raise NotThere(CameraStatus.CERTIFICATE_REFUSED, said) from None
    except Invalid as error:
        raise NotThere(CameraStatus.UNREACHABLE, error.detail) from None
    except (OSError, TimeoutError):
        raise NotThere(CameraStatus.UNREACHABLE, f"{partner.name} does not answer.") from None
    protocol = ClientProtocol(
        parse_uri(uri), origin=websockets.Origin(partner.address), max_size=_LARGEST_MESSAGE
    )
    request = protocol.connect()
    request.headers["Cookie"] = cookie
    protocol.send_request(request)
    return connection, protocol


def _shaken(
    place: LentPlace, connection: ssl.SSLSocket, protocol: ClientProtocol, until: _Until
) -> NotThere | None:
    """Wait for the partner's answer; a no that may be that of a session which is over. Raises NotThere, BadMessage, OSError."""
    connection.settimeout(until.left())
    connection.sendall(b"".join(protocol.data_to_send()))
    while protocol.state is State.CONNECTING and protocol.handshake_exc is None:
        connection.settimeout(until.left())
        data = connection.recv(_READ)
        if not data:
            raise ConnectionResetError("the partner closed the connection")
        protocol.receive_data(data)
    wrong = protocol.handshake_exc
    if wrong is None:
        return None
    if isinstance(wrong, websockets.InvalidStatus):
        status, body = wrong.response.status_code, bytes(wrong.response.body or b"")
        error = refusal(status, body, place.partner.name)
        if status in (401, 403):
            return NotThere(CameraStatus.CREDENTIALS_REFUSED, error.detail)
        raise NotThere(status_of(error), error.detail)
    raise BadMessage("the other center answers in another way than a live socket does")
