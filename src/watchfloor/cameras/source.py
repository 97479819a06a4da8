"""One thread per camera: opens its stream, keeps it open, and hands its frames to the sinks. It decodes no picture.

While the stream plays, the follower reads it in its own thread and this one waits; never do both. Credentials live in
memory alone: no log line and no error text may hold them.
"""

from __future__ import annotations

import random
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from watchfloor.cameras.boxes.session import BoxSession, NoPackets, Through
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.frames import Assembly, NewRun
from watchfloor.cameras.nal import BadStream
from watchfloor.cameras.rtsp.message import BadMessage
from watchfloor.cameras.rtsp.packets import AccessUnit
from watchfloor.cameras.rtsp.sdp import NoVideo
from watchfloor.cameras.rtsp.session import OtherWay, Place, Refused, Session
from watchfloor.cameras.rtsp.trust import Untrusted
from watchfloor.cameras.state import SENTENCES, CameraStatus, NotThere, Status
from watchfloor.cameras.stream import Frame, Run, Sink
from watchfloor.cameras.transport import Transport
from watchfloor.kit.clock import Clock
from watchfloor.kit.logs import logger

if TYPE_CHECKING:
    # A box has no partners, and loads nothing of how they are talked to: its place brings that along.
    from watchfloor.cameras.partners.session import LentPlace, LentSession

OPEN_WITHIN_S: Final = 10.0
_FIRST_BACK_OFF_S: Final = 1.0
_LONGEST_BACK_OFF_S: Final = 30.0
# Cameras lock an account after a few wrong passwords: ask seldom.
_REFUSED_BACK_OFF_S: Final = 60.0
# The gate on our own side answers at once; it is the box that spares its camera.
_BOX_BACK_OFF_S: Final = 1.0
_LOOK_S: Final = 30.0
LOSES: Final = "Pictures arrive; {} packets were lost on the way in the last half minute."
LEAVES_OUT: Final = "Pictures arrive; its center left out {} of them in the last half minute: the connection to us is too slow."
RECODED: Final = "The camera changed how it codes its pictures; it is opened anew."
_OTHER_WAY: Final = {
    Transport.TCP: "The camera does not send over TCP; choose UDP, or either, as its transport.",
    Transport.UDP: "The camera does not send over UDP; choose TCP as its transport.",
}
_NO_TLS: Final = "The camera does not answer in TLS, 1.2 or newer; perhaps its address begins with rtsp://."
_log = logger("cameras.source")


class Heard(Protocol):
    """What is known of the packets of a stream: how many never came, whether they are of another codec, what the camera's clock showed."""

    lost: int
    recoded: bool

    def wall_us(self, ticks: int) -> int | None: ...


@dataclass(slots=True)
class Seen:
    """What the thread last saw, read by the watchdog without a lock."""

    packet_at: float = 0.0
    frames: int = 0
    opened: int = 0
    lost: int = 0
    skew_ms: int | None = None


def back_off_s(
    status: CameraStatus, tries: int, chance: random.Random, *, through_box: bool = False
) -> float:
    """How many seconds a camera is left alone after so many tries before this one: twice as long each time, at most half a minute."""
    if through_box:
        longest = _BOX_BACK_OFF_S
    elif status is CameraStatus.CREDENTIALS_REFUSED:
        longest = _REFUSED_BACK_OFF_S
    else:
        longest = min(_FIRST_BACK_OFF_S * 2 ** min(tries, 8), _LONGEST_BACK_OFF_S)
    # Else all cameras of a switch come back in the same instant.
    return longest * (0.5 + chance.random() / 2)


class CameraSource:
    """The thread of one camera.

    `where` gives the place anew at each try (it resolves the name and reads the credentials) and raises NotThere.
    `gate` lets a few cameras open at once, `follower` reads those that play.
    `report` takes each change of state, in whichever thread has the stream. `sinks` are fixed for life.
    """

    def __init__(
        self,
        camera: UUID,
        where: Callable[[], Place | Through | LentPlace],
        sinks: Sequence[Sink],
        *,
        clock: Clock,
        chance: random.Random,
        gate: threading.BoundedSemaphore,
        follower: Follower,
        stall_after_s: float,
        report: Callable[[Status], None],
    ) -> None:
        self.camera = camera
        self.seen = Seen()
        self._where, self._sinks = where, tuple(sinks)
        self._clock, self._chance, self._gate = clock, chance, gate
        self._follower, self._stall_after_s, self._report = follower, stall_after_s, report
        self._stopping = threading.Event()
        self._session: Session | BoxSession | LentSession | None = None
        self._running = False
        self._tries = 0
        self._through_box = False
        self._last_run = 0
        self._status: Status | None = None
        self._stalled = False
        self._looked_at = 0.0
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
        """The watchdog: ends a stream that has sent nothing for too long. Called from outside, about once a second.

        What has come and is not read yet is no silence of the camera's: a disk may have held up the reader of all.
        """
        known = min(now, self._follower.read_until)
        if self._session is not None and known - self.seen.packet_at > self._stall_after_s:
            self._stalled = True
            self.wake()

    def wake(self) -> None:
        """End the stream at once, from any thread: its own thread sees the end and closes it."""
        session = self._session
        if session is not None:
            session.shut_down()

    def _live(self) -> None:
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
            pause = back_off_s(outcome.status, self._tries, self._chance, through_box=self._through_box)
            self._tries += 1
            self._stopping.wait(pause)
        self._end_run(CameraStatus.OFF)

    def _once(self) -> None:
        place = self._where()
        self._through_box = isinstance(place, Through)
        if self._status is None:
            self._say(CameraStatus.CONNECTING)
        try:
            with self._gate:
                if self._stopping.is_set():
                    return
                self.seen.packet_at = self._clock.monotonic()
                session = self._opened(place)
            self.seen.packet_at = self._clock.monotonic()
            self._session = session
            self.seen.opened += 1
            try:
                self._read(session)
            finally:
                self._session = None
                session.close()
        except (OSError, Refused, BadMessage, NoVideo, BadStream) as error:
            raise not_there(
                error, playing=self._running
            ) from None  # no text of a device goes further than this

    def _opened(self, place: Place | Through | LentPlace) -> Session | BoxSession | LentSession:
        within_s, silent_after_s = OPEN_WITHIN_S, self._stall_after_s
        if isinstance(place, Place):
            return Session.open(place, self._clock, open_within_s=within_s, silent_after_s=silent_after_s)
        if isinstance(place, Through):
            return BoxSession.open(place, self._clock, open_within_s=within_s, silent_after_s=silent_after_s)
        return place.opened(self._clock, open_within_s=within_s, silent_after_s=silent_after_s)

    def _read(self, session: Session | BoxSession | LentSession) -> None:
        self.seen.lost, self._looked_at = 0, self._clock.monotonic()
        self._read_coded(session)
        while (
            not isinstance(session, Session | BoxSession) and session.turned() and not self._stopping.is_set()
        ):
            self._read_coded(session)

    def _read_coded(self, session: Session | BoxSession | LentSession) -> None:
        """Read it for as long as its pictures are coded in one way."""
        track, packets = session.track, session.packets
        assembly = Assembly(self.camera, track.codec, track.sets, self._clock, self._last_run)
        stall_after_s = self._stall_after_s

        def step() -> bool:
            pictures = session.received()
            return pictures is not None and self._take(assembly, packets, pictures)

        try:
            if self._take(assembly, packets, session.early()):
                self._follower.follow(session.do_not_wait(), step, silent_after_s=stall_after_s)
        finally:
            self._hand_out(assembly, assembly.rest())
            self._last_run = assembly.number
            self.seen.lost = packets.lost

    def _take(self, assembly: Assembly, packets: Heard, pictures: list[AccessUnit]) -> bool:
        """Make frames of pictures and hand them out; whether to go on."""
        if packets.recoded:
            raise NotThere(CameraStatus.BAD_STREAM, RECODED)
        if not pictures:
            return True
        now = self.seen.packet_at = self._clock.monotonic()
        if now - self._looked_at >= _LOOK_S:
            words = LEAVES_OUT if isinstance(packets, NoPackets) else LOSES
            self._tell_loss(packets.lost, now, words)
        for picture in pictures:
            wall_us = packets.wall_us(picture.ticks)
            self._hand_out(assembly, assembly.take(picture.units, picture.ticks, now, wall_us))
            self.seen.skew_ms = assembly.skew_ms
            if assembly.failure is not None:
                raise NotThere(CameraStatus.BAD_STREAM, assembly.failure)
            if self._stopping.is_set():
                return False
        return True

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

    def _tell_loss(self, lost: int, now: float, words: str) -> None:
        """Say how many packets were lost on the way lately, and that it is over: it makes pictures that nobody can read."""
        since, self.seen.lost, self._looked_at = lost - self.seen.lost, lost, now
        last = self._status
        if last is None or last.status is not CameraStatus.LIVE or not self._running:
            return
        reason = words.format(since) if since > 0 else SENTENCES[CameraStatus.LIVE]
        if reason != last.reason:
            self._status = replace(last, reason=reason)
            self._report(self._status)

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


def not_there(error: Exception, *, playing: bool) -> NotThere:
    """What went wrong, to people. Texts of devices are not repeated: they are not ours to vouch for."""
    match error:
        case Refused(status=401 | 403):
            return NotThere(CameraStatus.CREDENTIALS_REFUSED)
        case OtherWay(asked=way):
            return NotThere(CameraStatus.UNREACHABLE, _OTHER_WAY[way])
        case Refused(status=404):
            return NotThere(CameraStatus.UNREACHABLE, "The camera has no stream of this name.")
        case Refused(status=status) if 300 <= status < 400:
            return NotThere(
                CameraStatus.UNREACHABLE, "The camera sends us to another address; that is not followed."
            )
        case Refused():
            return NotThere(CameraStatus.UNREACHABLE, "The camera answered that it cannot serve this stream.")
        case NoVideo():
            return NotThere(CameraStatus.BAD_STREAM, str(error))
        case BadMessage() | BadStream():
            return NotThere(CameraStatus.BAD_STREAM)
        case Untrusted():
            return NotThere(CameraStatus.CERTIFICATE_REFUSED, str(error))
        case ssl.SSLError() if not playing:
            return NotThere(CameraStatus.UNREACHABLE, _NO_TLS)
        case TimeoutError():
            if playing:
                return NotThere(CameraStatus.SILENT)
            return NotThere(CameraStatus.UNREACHABLE, "The camera does not answer in time.")
        case ConnectionRefusedError():
            return NotThere(CameraStatus.UNREACHABLE, "Nothing listens at the camera's address.")
        case ConnectionError():
            return NotThere(CameraStatus.UNREACHABLE, "The camera ended the connection.")
        case _:
            return NotThere(CameraStatus.UNREACHABLE)
