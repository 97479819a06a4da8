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
from watchfloor.cameras.partners.talk import AWAY, Reach, Sessions, Talk, address_of
from watchfloor.cameras.partners.trust import trust
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import TICKS_PER_S, Codec
from watchfloor.cameras.wire import Kind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable, WatchfloorError

_READ: Final = 256 * 1024
_LARGEST_FRAME: Final = 16 * 1024 * 1024
_LONGEST_STEP: Final = 60 * TICKS_PER_S
_GONE: Final = frozenset({"serious", "critical", "off"})
# What ends a stream and says nothing of whether it is lent: it is asked for again.
_FOR_NOW: Final = AWAY | {"database_away", "signed_out", "silent"}
_ASK: Final = msgspec.json.encode({"recording": True})


@dataclass(frozen=True, slots=True)
class LentPlace:
    """Where a lent camera is taken: the partner, its own id of the camera; `ended` is called when the partner ends it."""

    partner: Partner = field(repr=False)
    camera: str
    reach: Reach
    sessions: Sessions = field(repr=False)
    ended: Callable[[], None] = field(repr=False)


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
        self._shift = 0
        self._last_ticks, self._last_at = TICKS_PER_S, clock.monotonic()
        self._bad: Exception | None = None
        self.track = Described(Codec.H264, [])
        self.packets = NoPackets()

    @classmethod
    def open(cls, place: LentPlace, clock: Clock, *, open_within_s: float, silent_after_s: float) -> Self:
        """Sign in, ask, and wait until the stream begins. Raises OSError, BadMessage, BadStream, NotThere."""
        deadline = clock.monotonic() + open_within_s
        for again in (True, False):
            connection, protocol = _asked(place, _signed_in(place), open_within_s)
            with contextlib.ExitStack() as undo:
                undo.callback(connection.close)
                refused = _shaken(place, connection, protocol)
                if refused is not None:
                    place.sessions.cookies.pop(Sessions.key(place.partner), None)
                    if again:
                        continue  # a session that is over is begun anew
                    raise refused
                self = cls(place, connection, protocol, clock)
                self._begin(deadline)
                connection.settimeout(silent_after_s)
                undo.pop_all()
                return self
        raise AssertionError("a loop that returns or raises")

    def _begin(self, deadline: float) -> None:
        self._protocol.send_text(_ASK)
        self._say()
        self._early += self._pictures()
        while not self._begun:
            if self._bad is not None:
                raise self._bad
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise TimeoutError("the partner sends no picture")
            self._socket.settimeout(left)
            if not self._receive():
                raise ConnectionResetError("the partner closed the connection")
            self._early += self._pictures()

    def early(self) -> list[AccessUnit]:
        """The pictures that came with the beginning. Asked for once, before any other."""
        early, self._early = self._early, []
        return early

    def received(self) -> list[AccessUnit] | None:
        """The pictures that have come; None at the end. Raises OSError, BadMessage, BadStream, NotThere."""
        if self._bad is not None:
            raise self._bad
        try:
            goes_on = self._receive()
            while goes_on and self._socket.pending():
                goes_on = self._receive()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return []
        found = self._pictures()
        self._say()
        return found if goes_on or found or self._bad is not None else None

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
                found += self._heard(message)
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
            return []
        head = wire.head(shown)
        if head.kind is Kind.INIT:
            self._begins(described(wire.segment_of(shown)))
        elif head.kind is Kind.FRAGMENT and self._begun:
            return [
                self._picture(one.units, one.pts)
                for one in samples(self.track.codec, shown[wire.HEAD_SIZE :])
            ]
        elif head.kind is Kind.STATE:
            said = wire.state_of(shown)
            if said.level in _GONE:
                raise NotThere(CameraStatus.SILENT, f"{name} says “{said.word}”: {said.reason}")
        return []

    def _over(self, error: Unavailable) -> NotThere:
        if error.reason == "other_version":
            return NotThere(CameraStatus.BAD_STREAM, error.detail)
        if error.reason in _FOR_NOW:
            return NotThere(CameraStatus.UNREACHABLE, error.detail)
        self._place.ended()
        return NotThere(CameraStatus.NOT_LENT, error.detail)

    def _begins(self, told: Described) -> None:
        """A run of the partner begins: the first is how the stream is described, later ones are changes within it."""
        if not self._begun:
            self.track, self._begun = told, True
        elif told.codec is not self.track.codec:
            raise BadMessage("the other center changed to another codec")  # it is opened again
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
    """How a camera stands of which its center says this."""
    if error.reason == "login_refused":
        return CameraStatus.CREDENTIALS_REFUSED
    if error.reason == "certificate":
        return CameraStatus.CERTIFICATE_REFUSED
    return CameraStatus.UNREACHABLE if error.reason in _FOR_NOW else CameraStatus.NOT_LENT


def _signed_in(place: LentPlace) -> str:
    talk = Talk(place.partner, place.reach, place.sessions)
    try:
        return talk.cookie or asyncio.run(talk.sign_in())
    except WatchfloorError as error:
        raise NotThere(status_of(error), error.detail) from None


def _asked(place: LentPlace, cookie: str, within_s: float) -> tuple[ssl.SSLSocket, ClientProtocol]:
    """A connection to the partner on which its live socket was asked for. Raises NotThere, OSError."""
    partner, address = place.partner, address_of(place.partner)
    uri = f"wss{partner.address.removeprefix('https')}/api/v1/live/{place.camera}"
    try:
        ip = permitted(address, place.reach.networks, place.reach.resolve(address.host, address.port))
        plain = socket.create_connection((str(ip), address.port), timeout=within_s)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = trust(partner.login.authority).wrap_socket(plain, server_hostname=address.host)
    except ssl.SSLCertVerificationError:
        said = f"What answers for {partner.name} shows a certificate that we have no reason to believe."
        raise NotThere(CameraStatus.CERTIFICATE_REFUSED, said) from None
    except Invalid as error:
        raise NotThere(CameraStatus.UNREACHABLE, error.detail) from None
    except (OSError, TimeoutError):
        raise NotThere(CameraStatus.UNREACHABLE, f"{partner.name} does not answer.") from None
    protocol = ClientProtocol(
        parse_uri(uri), origin=websockets.Origin(partner.address), max_size=_LARGEST_FRAME
    )
    request = protocol.connect()
    request.headers["Cookie"] = cookie
    protocol.send_request(request)
    connection.sendall(b"".join(protocol.data_to_send()))
    return connection, protocol


def _shaken(place: LentPlace, connection: ssl.SSLSocket, protocol: ClientProtocol) -> NotThere | None:
    """Wait for the partner's answer; a no that may be that of a session which is over. Raises NotThere, BadMessage, OSError."""
    while protocol.state is State.CONNECTING and protocol.handshake_exc is None:
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
