"""Lets the server tap what a recorder receives: one sink per camera, one socket per recorder.

A tap takes a token that the server signs while somebody's grant holds; without one, or once it ends, nothing flows.
It sends to whoever may see; who that is, the door decided elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from watchfloor.cameras import wire
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run
from watchfloor.cameras.tap import read_frame, write_frame
from watchfloor.cameras.wire import EndNote, Kind, StateNote, TapAsk
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment

_LARGEST_GOP: Final = 16 * 1024 * 1024
_MOST_WAITING: Final = 8 * 1024 * 1024
_ASK_WITHIN_S: Final = 5.0
_LONGEST_ASK: Final = 4096
_RECENT: Final = 16

Give = Callable[[bytes], None]


class Tappable(Protocol):
    """What gives a stream to whoever joins, until they leave."""

    def join(self, give: Give) -> None: ...

    def leave(self, give: Give) -> None: ...


# What may be tapped of a camera at present: its main stream, or its sub stream; None where nothing may.
SinkOf = Callable[[TapAsk], Tappable | None]


class TapSink:
    """What is live of one camera: its init, the group of pictures at hand, and who wants the rest.

    It stands behind the recorder, mostly in the thread that reads cameras, whose loop is also that of the takers; with
    nobody watching it only keeps references.
    """

    def __init__(self, camera: UUID, loop: asyncio.AbstractEventLoop) -> None:
        self.camera = camera
        self._loop = loop
        self._lock = threading.Lock()
        self._takers: list[Give] = []
        self._run: Run | None = None
        self._init = b""
        self._gop: list[Frame] = []
        self._gop_bytes = 0
        self._seq = 0
        self._last_dts = 0
        self._deltas: list[int] = []
        self._state: bytes | None = None

    def begin(self, run: Run) -> None:
        """A new run: whoever watches gets its init."""
        with self._lock:
            self._run, self._gop, self._gop_bytes, self._seq = run, [], 0, 0
            self._deltas, self._last_dts = [], 0
            self._init = wire.init(run.number, run.began_us, run.format.mime, init_segment(run.format))
            self._give(self._init)

    def frame(self, frame: Frame) -> None:
        """Keep the group of pictures for the next who joins, and send to those who are there."""
        with self._lock:
            if frame.key:
                self._gop, self._gop_bytes = [], 0
            elif not self._gop:
                self._seq += 1
                self._send(frame)
                return
            if self._last_dts:
                self._deltas = [*self._deltas[1 - _RECENT :], frame.dts - self._last_dts]
            self._last_dts = frame.dts
            self._gop.append(frame)
            self._gop_bytes += len(frame.data)
            self._seq += 1
            self._send(frame)
            if self._gop_bytes > _LARGEST_GOP:
                self._gop = []  # too much to hand to a joiner, who waits for the next keyframe instead

    def end(self, status: CameraStatus | None) -> None:
        """The run is over. Its state is said separately."""
        with self._lock:
            self._run, self._gop, self._gop_bytes = None, [], 0

    def say(self, note: StateNote) -> None:
        """Tell whoever watches, now and later, how the camera is doing."""
        with self._lock:
            self._state = wire.note(Kind.STATE, note)
            self._give(self._state)

    def stop(self, note: EndNote) -> None:
        """It is over for everybody."""
        with self._lock:
            self._give(wire.note(Kind.END, note))
            self._takers = []

    def join(self, give: Give) -> None:
        """Begin to give: state, init, the group of pictures so far, then what comes. In the loop's thread."""
        with self._lock:
            now = [frame for frame in (self._state, self._init if self._run else None) if frame]
            first = self._seq - len(self._gop) + 1
            now += [self._fragment(frame, first + index) for index, frame in enumerate(self._gop)]
            for each in now:
                give(each)
            self._takers = [*self._takers, give]

    def leave(self, give: Give) -> None:
        """Give no more."""
        with self._lock:
            self._takers = [taker for taker in self._takers if taker is not give]

    def _send(self, frame: Frame) -> None:
        if self._takers:
            self._give(self._fragment(frame, self._seq))

    def _give(self, data: bytes) -> None:
        if not self._takers:
            return
        here = _runs_in(self._loop)
        for taker in self._takers:
            if here:
                taker(data)  # what was handed over from elsewhere before has been taken already
            else:
                self._loop.call_soon_threadsafe(taker, data)

    def _fragment(self, frame: Frame, seq: int) -> bytes:
        number = self._run.number if self._run else 0
        # A player takes a step of over twice the last duration for a hole and waits for a keyframe: say the longest.
        duration = max(self._deltas, default=TICKS_PER_S // 15)
        body = fragment(seq, [Timed(frame, min(duration, TICKS_PER_S))])
        return wire.frame(Kind.FRAGMENT, number, seq, frame.captured_us, body, key=frame.key)


def _runs_in(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


@dataclass(frozen=True, slots=True)
class TapPlace:
    """Where a tap listens: a socket of this machine, and an address for others where `tls` says who they must be."""

    path: Path
    host: str = ""
    port: int = 0
    name: str = ""
    tls: ssl.SSLContext | None = None


class TapServer:
    """The recorder's tap. `sink_of` gives what may be tapped."""

    def __init__(self, place: TapPlace, key: bytes, clock: Clock, sink_of: SinkOf) -> None:
        self._place, self._key, self._clock, self._sink_of = place, key, clock, sink_of
        self._path = place.path
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """What is written into `worker.url`."""
        if self._place.tls is None:
            return f"unix:{self._path}"
        name, port = self._place.name, self._servers[1].sockets[0].getsockname()[1]
        return f"tls://[{name}]:{port}" if ":" in name else f"tls://{name}:{port}"

    async def start(self) -> None:
        """Listen; only this user may connect, and from elsewhere only who has a certificate of the center's authority."""
        self._path.unlink(missing_ok=True)
        self._servers = [await asyncio.start_unix_server(self._serve, str(self._path))]
        self._path.chmod(0o600)
        place = self._place
        if place.tls is not None:
            self._servers.append(
                await asyncio.start_server(
                    self._serve, place.host, place.port, ssl=place.tls, ssl_handshake_timeout=_ASK_WITHIN_S
                )
            )

    async def stop(self) -> None:
        """Close the socket and every connection."""
        for server in self._servers:
            server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError, Invalid):
                await self._session(reader, writer)
        finally:
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_ASK_WITHIN_S):
            ask = wire.ask_of(await read_frame(reader, _LONGEST_ASK))
        until = wire.token_until(self._key, ask.token, ask.camera, self._clock.now())
        sink = self._sink_of(ask)
        if until is None or sink is None:
            why = (
                "The leave to tap does not hold."
                if until is None
                else "This camera may not be seen at present."
            )
            write_frame(writer, wire.note(Kind.END, EndNote("refused", why, refused=True)))
            await writer.drain()
            return
        over = asyncio.Event()

        def give(data: bytes) -> None:
            if over.is_set():
                return
            write_frame(writer, data)
            if data[0] == Kind.END or writer.transport.get_write_buffer_size() > _MOST_WAITING:
                over.set()

        sink.join(give)
        renewals = asyncio.create_task(self._renewed(reader, ask.camera, until, over))
        try:
            await over.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.drain()
        finally:
            sink.leave(give)
            renewals.cancel()

    async def _renewed(
        self, reader: asyncio.StreamReader, camera: UUID, until: datetime, over: asyncio.Event
    ) -> None:
        """Read renewals until the token ends or the client goes; then it is over."""
        try:
            while True:
                left = (until - self._clock.now()).total_seconds()
                async with asyncio.timeout(max(left, 0.0)):
                    ask = wire.ask_of(await read_frame(reader, _LONGEST_ASK))
                fresh = wire.token_until(self._key, ask.token, camera, self._clock.now())
                if fresh is None:
                    return
                until = fresh
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError, Invalid):
            return
        finally:
            over.set()
