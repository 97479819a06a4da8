"""A stream that comes through an edge box, read as a camera's own is: from the gate's tap, in the thread that has the camera.

What comes is a box's word, so nothing of it is believed that a hostile camera could not say as well. Only `shut_down` may be
called while another thread uses it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from watchfloor.cameras import wire
from watchfloor.cameras.boxes.wire import LONGEST, Sent, picture_of, run_of
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import TICKS_PER_S, Codec
from watchfloor.cameras.wire import Kind, TapAsk
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid

_READ: Final = 256 * 1024
_ALIVE_EVERY_S: Final = 20.0
_A_PICTURE: Final = TICKS_PER_S // 15
_LONGEST_STEP: Final = 60 * TICKS_PER_S


@dataclass(frozen=True, slots=True)
class Through:
    """Where a stream is that comes through an edge box: the gate's tap, and a leave to use it, made anew when asked."""

    url: str
    camera: UUID
    sub: bool
    token: Callable[[], str] = field(repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)


class Way(Protocol):
    """The way to a camera behind a box, or to its sub stream."""

    def __call__(self, camera: UUID, *, sub: bool) -> Through: ...


@dataclass(frozen=True, slots=True)
class GatePlace:
    """Where the gate of edge boxes is tapped: on this machine or, by `tls`, on another."""

    url: str
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def way(self, key: bytes, clock: Clock) -> Way:
        """The way to a camera, or to its sub stream. `key` signs leaves to tap."""

        def through(camera: UUID, *, sub: bool) -> Through:
            return Through(
                self.url, camera, sub, lambda: wire.make_token(key, camera, camera, clock.now()), self.tls
            )

        return through


@dataclass(frozen=True, slots=True)
class Described:
    """How the stream began: its codec and its parameter sets."""

    codec: Codec
    sets: list[bytes]


@dataclass(slots=True)
class NoPackets:
    """Packets are the box's business: none are lost between it and us, and of clocks ours alone counts."""

    lost: int = 0
    recoded: bool = False

    def wall_us(self, ticks: int) -> int | None:
        """What the camera's clock showed: nobody knows."""
        return None


class BoxSession:
    """A stream of a box that plays."""

    def __init__(self, place: Through, connection: socket.socket, clock: Clock) -> None:
        self._place, self._socket, self._clock = place, connection, clock
        self._buffer = bytearray()
        self._early: list[AccessUnit] = []
        self._new_sets: list[bytes] = []
        self._shift = 0
        self._last: Sent | None = None
        self._last_ticks = 0
        self._begun = False
        self._alive_at = clock.monotonic()
        self._unsaid = b""
        self._bad: Exception | None = None
        self.track = Described(Codec.H264, [])
        self.packets = NoPackets()

    @classmethod
    def open(cls, place: Through, clock: Clock, *, open_within_s: float, silent_after_s: float) -> Self:
        """Ask the gate, and wait until the stream begins. Raises OSError, BadMessage, NotThere."""
        deadline = clock.monotonic() + open_within_s
        with contextlib.ExitStack() as undo:
            connection = connected(place, open_within_s)
            undo.callback(connection.close)
            self = cls(place, connection, clock)
            connection.sendall(self._ask())
            while not self._begun:
                left = deadline - clock.monotonic()
                if left <= 0:
                    raise TimeoutError("the edge box does not answer in time")
                connection.settimeout(left)
                if not self._receive():
                    raise ConnectionResetError("the gate closed the connection")
                self._early += self._pictures()
                if self._bad is not None and not self._begun:
                    raise self._bad
            connection.settimeout(silent_after_s)
            undo.pop_all()
            return self

    def early(self) -> list[AccessUnit]:
        """The pictures that came with the beginning. Asked for once, before any other."""
        early, self._early = self._early, []
        return early

    def received(self) -> list[AccessUnit] | None:
        """The pictures that have come; None at the end. Raises OSError, BadMessage, NotThere."""
        if self._bad is not None:
            raise self._bad
        self._keep_alive()
        try:
            if not self._receive():
                return None
            while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                self._receive()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return []
        return self._pictures()

    def do_not_wait(self) -> int:
        """From now on `received` returns at once; the handle by which to learn that something has come."""
        self._socket.setblocking(False)
        return self._socket.fileno()

    def close(self) -> None:
        """Leave: the box is told that nobody wants the stream."""
        self._socket.close()

    def shut_down(self) -> None:
        """End the stream at once, from any thread: the reader sees its end."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _ask(self) -> bytes:
        ask = msgspec.json.encode(TapAsk(self._place.camera, self._place.token(), self._place.sub))
        return len(ask).to_bytes(4, "big") + ask

    def _keep_alive(self) -> None:
        """A fresh leave when it is time for one; the gate closes when the last one ends."""
        now = self._clock.monotonic()
        if not self._unsaid and now - self._alive_at > _ALIVE_EVERY_S:
            self._alive_at, self._unsaid = now, self._ask()
        if self._unsaid:
            with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                self._unsaid = self._unsaid[self._socket.send(self._unsaid) :]

    def _receive(self) -> bool:
        data = self._socket.recv(_READ)
        self._buffer += data
        return bool(data)

    def _pictures(self) -> list[AccessUnit]:
        """The pictures among what has come. What is bad is raised at the next call: first those before it."""
        out: list[AccessUnit] = []
        at, buffer = 0, self._buffer
        try:
            while len(buffer) - at >= 4:
                size = int.from_bytes(buffer[at : at + 4], "big")
                if size > LONGEST:
                    raise BadMessage("the edge box sends a frame that is too long")
                if len(buffer) - at - 4 < size:
                    break
                frame, at = bytes(buffer[at + 4 : at + 4 + size]), at + 4 + size
                picture = self._heard(frame)
                if picture is not None:
                    out.append(picture)
        except Invalid as error:
            self._bad = BadMessage(error.detail)
        except (BadMessage, NotThere) as error:
            self._bad = error
        del buffer[:at]
        return out

    def _heard(self, frame: bytes) -> AccessUnit | None:
        match wire.head(frame).kind:
            case Kind.RUN:
                self._begins(*run_of(frame))
            case Kind.PICTURE if self._begun:
                return self._picture(picture_of(frame))
            case Kind.END:
                end = wire.end_of(frame)
                known = end.reason in set(CameraStatus)
                raise NotThere(CameraStatus(end.reason) if known else CameraStatus.UNREACHABLE, end.detail)
            case _:
                pass
        return None

    def _begins(self, codec: Codec, sets: list[bytes]) -> None:
        """A run of the box begins: the first is how the stream is described, later ones are changes within it."""
        if not self._begun:
            self.track, self._begun = Described(codec, sets), True
        elif codec is not self.track.codec:
            raise BadMessage("the camera changed to another codec")  # it is opened again
        else:
            self._new_sets = sets
        self._last = None

    def _picture(self, sent: Sent) -> AccessUnit:
        if self._last is None and self._last_ticks:
            # The next run counts from nought: it goes on where the one before was, by how long the box says it took.
            self._shift = self._last_ticks + _A_PICTURE - sent.pts
        self._last = sent
        # A box says what it likes: the numbers stay such that they can be counted with.
        ticks = max(min(sent.pts + self._shift, self._last_ticks + _LONGEST_STEP), 0)
        self._last_ticks = max(self._last_ticks, ticks)
        units, self._new_sets = [*self._new_sets, *sent.units], []
        return AccessUnit(units, ticks)


def connected(place: Through, within_s: float) -> socket.socket:
    """A connection to the gate. Raises NotThere."""
    if place.url.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(within_s)
            connection.connect(place.url.removeprefix("unix:"))
        except OSError:
            connection.close()
            raise NotThere(CameraStatus.BOX_AWAY, "The gate of edge boxes does not run.") from None
        return connection
    where = urlsplit(place.url)
    if where.scheme != "tls" or where.hostname is None or place.tls is None:
        raise NotThere(CameraStatus.BOX_AWAY, "The gate of edge boxes cannot be reached from here.")
    try:
        plain = socket.create_connection((where.hostname, where.port), timeout=within_s)
        return place.tls.wrap_socket(plain, server_hostname=where.hostname)
    except OSError:
        raise NotThere(CameraStatus.BOX_AWAY, "The gate of edge boxes does not answer.") from None
