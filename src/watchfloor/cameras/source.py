"""One thread per camera: opens its stream, keeps it open, and hands its frames to the sinks. It decodes no picture.

Only this thread opens and closes the container. The address with its credentials lives in memory alone: no log line and
no error text may hold it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import av
import av.error
import av.logging
from av.container import InputContainer

from watchfloor.cameras.frames import Assembly, NewRun
from watchfloor.cameras.opening import Gate, Peer, Socket
from watchfloor.cameras.state import SENTENCES, CameraStatus, Status
from watchfloor.cameras.stream import Codec, Frame, Run, Sink
from watchfloor.kit.clock import Clock
from watchfloor.kit.logs import logger

_OPEN_TIMEOUT_S: Final = 10.0
_FIRST_BACK_OFF_S: Final = 1.0
_LONGEST_BACK_OFF_S: Final = 30.0
# Cameras lock an account after a few wrong passwords: ask seldom.
_REFUSED_BACK_OFF_S: Final = 60.0
_CODECS: Final = {"h264": Codec.H264, "hevc": Codec.H265}

_log = logger("cameras.source")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a camera's stream is: the whole address with credentials, and who must be at the other end."""

    url: str = field(repr=False)
    peer: Peer


class NotThere(Exception):
    """The camera cannot be used at present: the status says how, the text why. It never holds an address."""

    def __init__(self, status: CameraStatus, reason: str | None = None) -> None:
        super().__init__(reason or SENTENCES[status])
        self.status = status


@dataclass(slots=True)
class Seen:
    """What the thread last saw, read by the watchdog without a lock."""

    packet_at: float = 0.0
    frames: int = 0
    opened: int = 0


class CameraSource:
    """The thread of one camera.

    `where` gives the target anew at each try (it resolves the name and reads the credentials) and raises NotThere.
    `report` takes each change of state, in the camera's thread. `sinks` are fixed for life.
    """

    def __init__(
        self,
        camera: UUID,
        where: Callable[[], Target],
        sinks: Sequence[Sink],
        *,
        clock: Clock,
        chance: random.Random,
        gate: Gate,
        stall_after_s: float,
        report: Callable[[Status], None],
    ) -> None:
        self.camera = camera
        self.seen = Seen()
        self._where, self._sinks = where, tuple(sinks)
        self._clock, self._chance, self._gate = clock, chance, gate
        self._stall_after_s, self._report = stall_after_s, report
        self._stopping = threading.Event()
        self._socket: Socket | None = None
        self._running = False
        self._tries = 0
        self._last_run = 0
        self._status: Status | None = None
        self._stalled = False
        self._thread = threading.Thread(target=self._live, name=f"camera-{camera}", daemon=True)

    def start(self) -> None:
        """Begin. Frames come to the sinks from the camera's thread."""
        self.seen.packet_at = self._clock.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end: it closes the stream (TEARDOWN) at the next packet."""
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end. When it does not come, the socket is shut down and the wait repeated once."""
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.wake()
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def watch(self, now: float) -> None:
        """The watchdog: ends a stream that has sent nothing for too long. Called from outside, about once a second."""
        if self._socket is not None and now - self.seen.packet_at > self._stall_after_s:
            self._stalled = True
            self.wake()

    def wake(self) -> None:
        """End the stream at once, from any thread: its own thread sees the end and closes it."""
        known = self._socket
        if known is not None:
            known.shut_down()

    def _live(self) -> None:
        # PyAV hands libav's own lines to Python's logging where somebody asked for them: they can hold addresses.
        av.logging.set_level(None)
        while not self._stopping.is_set():
            try:
                self._once()
                outcome = NotThere(CameraStatus.UNREACHABLE, "The camera ended the connection.")
            except NotThere as error:
                outcome = error
            except Exception as error:  # one camera must not take the others with it
                _log.error(
                    "a camera failed in an unforeseen way", camera=str(self.camera), kind=type(error).__name__
                )
                outcome = NotThere(CameraStatus.BAD_STREAM)
            if self._stopping.is_set():
                break
            if self._stalled:
                outcome, self._stalled = NotThere(CameraStatus.SILENT), False
            self._end_run(outcome.status)
            self._say(outcome.status, str(outcome))
            self._stopping.wait(self._back_off(outcome.status))
        self._end_run(CameraStatus.OFF)

    def _back_off(self, status: CameraStatus) -> float:
        if status is CameraStatus.CREDENTIALS_REFUSED:
            longest = _REFUSED_BACK_OFF_S
        else:
            longest = min(_FIRST_BACK_OFF_S * 2 ** min(self._tries, 8), _LONGEST_BACK_OFF_S)
        self._tries += 1
        # Full jitter, else all cameras of a switch come back in the same instant.
        return longest * (0.5 + self._chance.random() / 2)

    def _once(self) -> None:
        target = self._where()
        if self._status is None:
            self._say(CameraStatus.CONNECTING)
        container = self._open(target)
        try:
            self._read(container)
        finally:
            known, self._socket = self._socket, None
            container.close()
            if known is not None:
                self._gate.forget(known)

    def _open(self, target: Target) -> InputContainer:
        options = {
            "rtsp_transport": "tcp",
            # Audio is not asked for: what is never sent cannot be kept by mistake.
            "allowed_media_types": "video",
            "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls",
            "user_agent": "watchfloor",
            "timeout": str(int(_OPEN_TIMEOUT_S * 1_000_000)),
            "analyzeduration": "500000",
            "probesize": "500000",
        }
        with self._gate.opening(target.peer):
            if self._stopping.is_set():
                raise NotThere(CameraStatus.OFF)
            self.seen.packet_at = self._clock.monotonic()
            try:
                container = av.open(target.url, options=options, timeout=(_OPEN_TIMEOUT_S, None))
            except av.error.FFmpegError as error:
                raise _not_there(error) from None  # the text and the chain of libav's errors hold the address
            self._socket = self._gate.socket_to(target.peer)
            if self._socket is None:
                container.close()
                raise NotThere(
                    CameraStatus.BAD_STREAM, "The camera sent us to another address; that is not followed."
                )
        self.seen.opened += 1
        return container

    def _read(self, container: InputContainer) -> None:
        stream = next(iter(container.streams.video), None)
        if stream is None:
            raise NotThere(CameraStatus.BAD_STREAM, "The camera offers no video.")
        codec = _CODECS.get(stream.codec_context.name)
        if codec is None:
            raise NotThere(
                CameraStatus.BAD_STREAM,
                "The camera sends a video codec that is not recorded; use H.264 or H.265.",
            )
        assembly = Assembly(
            self.camera, codec, stream.codec_context.extradata or b"", self._clock, self._last_run
        )
        seen, monotonic = self.seen, self._clock.monotonic
        try:
            for packet in container.demux(stream):
                if not packet.size:
                    continue
                now = monotonic()
                seen.packet_at = now
                self._hand_out(assembly, assembly.take(packet, now))
                if assembly.failure is not None:
                    raise NotThere(CameraStatus.BAD_STREAM, assembly.failure)
                if self._stopping.is_set():
                    break
            self._hand_out(assembly, assembly.rest())
        except av.error.FFmpegError as error:
            raise _not_there(error) from None
        finally:
            self._last_run = assembly.number

    def _hand_out(self, assembly: Assembly, made: Iterable[NewRun | Frame]) -> None:
        for out in made:
            if isinstance(out, NewRun):
                self._begin(out.run, assembly)
                continue
            self.seen.frames += 1
            for sink in self._sinks:
                sink.frame(out)

    def _begin(self, run: Run, assembly: Assembly) -> None:
        self._end_run(None)
        self._running = True
        self._tries = 0
        for sink in self._sinks:
            sink.begin(run)
        self._say(CameraStatus.LIVE, run=run, assembly=assembly)

    def _end_run(self, status: CameraStatus | None) -> None:
        if self._running:
            self._running = False
            for sink in self._sinks:
                sink.end(status)

    def _say(
        self,
        status: CameraStatus,
        reason: str | None = None,
        *,
        run: Run | None = None,
        assembly: Assembly | None = None,
    ) -> None:
        reason = reason or SENTENCES[status]
        last = self._status
        if last is not None and run is None and (last.status, last.reason) == (status, reason):
            return
        us = int(self._clock.now().timestamp() * 1_000_000)
        since = last.since_us if last is not None and last.status is status else us
        form = run.format if run else None
        self._status = Status(
            status, reason, since, assembly.skew_ms if assembly else None, form.width if form else 0,
            form.height if form else 0, form.mime if form else "", assembly.repaired if assembly else 0,
        )  # fmt: skip
        self._report(self._status)


def _not_there(error: av.error.FFmpegError) -> NotThere:
    """What libav's error means to people, by its kind alone: its text can hold the address and credentials."""
    match error:
        case av.error.HTTPUnauthorizedError() | av.error.HTTPForbiddenError():
            return NotThere(CameraStatus.CREDENTIALS_REFUSED)
        case av.error.HTTPNotFoundError():
            return NotThere(CameraStatus.UNREACHABLE, "The camera has no stream of this name.")
        case av.error.HTTPClientError() | av.error.HTTPServerError():
            return NotThere(CameraStatus.UNREACHABLE, "The camera answered that it cannot serve this stream.")
        case av.error.ConnectionRefusedError():
            return NotThere(CameraStatus.UNREACHABLE, "Nothing listens at the camera's address.")
        case av.error.TimeoutError() | av.error.ExitError():
            return NotThere(CameraStatus.UNREACHABLE, "The camera does not answer in time.")
        case av.error.InvalidDataError():
            return NotThere(CameraStatus.BAD_STREAM)
        case _:
            return NotThere(CameraStatus.UNREACHABLE)
