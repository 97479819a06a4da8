"""One camera that this recorder has: its thread, its recorder, its tap, and what is said of it.

It does what it is told by leases; it asks nobody itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from watchfloor.cameras.address import EDGE, HTTPS, Login, parse, permitted
from watchfloor.cameras.boxes.session import Through
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.model import Camera, of_status
from watchfloor.cameras.partners.model import is_far
from watchfloor.cameras.partners.session import LentPlace
from watchfloor.cameras.partners.talk import Reach
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.source import CameraSource
from watchfloor.cameras.state import SENTENCES, CameraStatus, NotThere, Status
from watchfloor.cameras.transport import TLS
from watchfloor.cameras.wire import EndNote, StateNote
from watchfloor.governance.actors import process_actor
from watchfloor.governance.agreement import REASONS
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid
from watchfloor.kit.logs import logger
from watchfloor.kit.sure import sure
from watchfloor.recordings.at_site import Asked
from watchfloor.recordings.leave import OVER, Leave
from watchfloor.recordings.model import GAP_OF_STATE, GapReason, Terms, at, us
from watchfloor.recordings.sub import SubStream
from watchfloor.recordings.tap import Tappable, TapSink
from watchfloor.recordings.tools import Tools as Tools
from watchfloor.recordings.write import Recorder
from watchfloor.storage.classes import DataClass

_JOIN_S: Final = 1.5
_GOODBYE_S: Final = 2.0
_log = logger("recordings.post")


class Post:
    """A camera at this recorder. Everything but the frames happens in the loop's thread."""

    def __init__(self, camera: Camera, epoch: int, tools: Tools, loop: asyncio.AbstractEventLoop) -> None:
        self.camera = camera
        self.epoch = epoch
        self.unlocked = False
        self.lease: Lease | None = None
        self.changed = True
        self.tap = TapSink(camera.id, tools.follower.loop)
        self.recorder = Recorder(
            camera.id,
            tools.folder(camera.id),
            tools.keystore,
            tools.room,
            segment_us=tools.segment_us,
            finished=tools.finisher.take,
            missed=tools.finisher.take,
        )
        self._tools, self._loop = tools, loop
        self.sub = SubStream(
            lambda: TapSink(camera.id, tools.follower.loop),
            self._sub_source,
            lambda sink, status: sink.say(_note(status)),
        )
        # Of a camera whose footage is kept at its site: its main stream too is opened while somebody watches, and only then.
        self.at_site = camera.details.footage_kept is FootageKept.AT_SITE
        self.main = SubStream(
            lambda: TapSink(camera.id, tools.follower.loop), self._main_source, self._seen_live
        )
        self._asked = Asked(self._answering, tools.clock, tools.chance.random, self._site_said)
        self.leave = Leave()  # of a partner's camera
        self._login: Login | None = None
        self._leaving: tuple[CameraSource, GapReason] | None = None
        self._left_at = 0.0
        self._made_at = tools.clock.monotonic()
        self._source: CameraSource | None = None
        now = us(tools.clock.now())
        self._status = Status(CameraStatus.CONNECTING, SENTENCES[CameraStatus.CONNECTING], now)

    @property
    def status(self) -> CameraStatus:
        """How the camera is."""
        return self._status.status

    @property
    def reason(self) -> str:
        """Why it is so, in a sentence."""
        return self._status.reason

    @property
    def skew_ms(self) -> int | None:
        """How far the camera's clock is ahead of ours, as its pictures say."""
        known = (
            self._source.seen.skew_ms if self._source else None
        )  # it is learnt some time after the first picture
        return self._status.skew_ms if known is None else known

    @property
    def login(self) -> Login | None:
        """The camera's name and password, once they are unlocked."""
        return self._login

    def asks(self, need: Need) -> Ask:
        """What the recorder asks the door about all its cameras of this agency."""
        return Ask(process_actor(self.camera.agency, "record"), need)

    def ask(self, need: Need) -> Ask:
        """What the recorder asks the door about this camera."""
        return Ask(
            process_actor(self.camera.agency, "record"),
            need,
            about=About("camera", self.camera.id),
            technology=self.camera.technology,
            place=self.camera.place,
        )

    @property
    def running(self) -> bool:
        """Whether the camera's thread is meant to run."""
        return self._source is not None

    @property
    def frames(self) -> int:
        """Frames received since the thread was started."""
        return self._source.seen.frames if self._source else 0

    def unlock(self, login: Login | None) -> None:
        """The camera's name and password, or that it has none."""
        self._login, self.unlocked = login, True

    def allow(self, lease: Lease) -> None:
        """Record, or go on: the rule may have changed. What does not run yet is `due`, to be started."""
        begins, self.lease = self.lease is None, lease
        if lease.authorisation is None:
            return
        if self.at_site:
            if begins:
                self.say(CameraStatus.CONNECTING, "Its site is asked whether it answers for it.")
            return
        self.recorder.terms = self.terms

    @property
    def terms(self) -> Terms | None:
        """Under what its footage is stored at present; None without leave."""
        if self.lease is None or self.lease.authorisation is None:
            return None
        rule = sure(self.lease.authorisation.keeping(DataClass.FOOTAGE).rule, "the rule of footage")
        return Terms(self.camera.agency, self._tools.worker, self.epoch, rule)

    @property
    def due(self) -> bool:
        """Whether it may record and does not run yet."""
        return self._source is None and self.recorder.terms is not None

    def start(self) -> None:
        """Open the camera, where that is due. Its day's key should be there: the thread that reads cameras cannot wait for it."""
        if self.due:
            self._start()

    def deny(self, denied: Denied) -> None:
        """Stop, or stay stopped: the rules say no. Whoever watches is told why."""
        if self.lease is None and self._status.reason.endswith(denied.sentence):
            return
        self.lease = None
        status = _status_of(denied)
        self.halt(
            EndNote(denied.reason, denied.sentence, denied.next_step, refused=True), GAP_OF_STATE[status]
        )
        by_owner = status is CameraStatus.BY_AGREEMENT
        self.say(status, f"By agreement. {denied.sentence}" if by_owner else denied.sentence)

    def halt(self, note: EndNote, why: GapReason) -> None:
        """End the stream at its next packet: TEARDOWN to the camera, segment closed. The tap is over at once."""
        source, self._source = self._source, None
        self.recorder.terms = None
        self.leave.over()
        self.tap.stop(note)
        self.sub.stop(note)
        self.main.stop(note)
        if source is not None:
            source.stop()
            self._leaving, self._left_at = (source, why), self._tools.clock.monotonic()

    async def gone(self) -> None:
        """Wait for the end after `halt`; a camera that sends nothing is woken."""
        if self._leaving is not None:
            source, _ = self._leaving
            if not await asyncio.to_thread(source.join, _JOIN_S):
                # It has no terms: all that it can still write is the group of pictures at hand.
                _log.error("a camera's thread does not end", camera=str(self.camera.id))

    def watch(self, now: float) -> None:
        """The watchdog, about once a second."""
        self.sub.watch(now)
        self._watch_at_site(now)
        if self._leaving is not None and now - self._left_at > _GOODBYE_S:
            self._leaving[0].wake()  # it sends nothing, so that its thread does not see that it is to end
        source = self._source
        if source is None:
            return
        source.watch(now)
        if not source.alive:
            _log.error("a camera's thread ended by itself and is started again", camera=str(self.camera.id))
            self._source = None
            self._start()

    def _watch_at_site(self, now: float) -> None:
        self.main.watch(now)
        if self.borrows and self.running:
            self._asked.watch(now)  # whether it is still lent; and the session there is not left alone
        if not self.at_site or self.lease is None or not self.unlocked or self.main.open:
            return
        if self._status.status is CameraStatus.LIVE:
            self.say(CameraStatus.AT_SITE, SENTENCES[CameraStatus.AT_SITE])  # nobody watches any more
        self._asked.watch(now)

    def say(self, status: CameraStatus, reason: str) -> None:
        """A state that the camera's thread cannot say itself."""
        self._on_status(Status(status, reason, us(self._tools.clock.now())))

    def state(self) -> dict[str, object]:
        """What is kept as the camera's state."""
        status, reason = self._status.status, self._status.reason
        if self._source is not None and self.recorder.trouble is GapReason.NO_ROOM:
            status, reason = CameraStatus.NO_ROOM, SENTENCES[CameraStatus.NO_ROOM]
        last = self.recorder.last_us
        return {
            "camera": self.camera.id,
            "status": status.value,
            "reason": reason,
            "since": at(self._status.since_us),
            "recording": self.recorder.writing,
            "last_frame_at": at(last) if last is not None else None,
            "skew_ms": self.skew_ms,
            "width": self._status.width or None,
            "height": self._status.height or None,
            "mime": self._status.mime or None,
            "repaired": self._status.repaired,
        }

    def _start(self) -> None:
        if self._leaving is not None:
            source, why = self._leaving
            if source.alive:
                return  # two threads must never write for one camera; it is tried again in a second
            self.recorder.explain(None, why)
            self._leaving = None
        tools = self._tools
        self._source = CameraSource(
            self.camera.id,
            lambda: self.place(self.camera.address),
            [self.recorder, self.tap],
            clock=tools.clock,
            chance=tools.chance,
            gate=tools.gate,
            follower=tools.follower,
            stall_after_s=tools.stall_after_s,
            report=lambda status: self._tell_loop(status),
        )
        self._source.start()

    def _main_source(self, sink: TapSink, report: Callable[[Status], None]) -> CameraSource:
        """The thread of the main stream of a camera that is not recorded here."""
        return self._watched(sink, report, lambda: self.place(self.camera.address))

    def _seen_live(self, sink: TapSink, status: Status) -> None:
        """What the main stream comes to while somebody watches. In its thread."""
        sink.say(_note(status))
        self._tell_loop(status)

    def _sub_source(self, sink: TapSink, report: Callable[[Status], None]) -> CameraSource:
        """The thread of the sub stream, which somebody wants to see."""
        return self._watched(sink, report, lambda: self.place(self.camera.sub_address or "", sub=True))

    def _watched(
        self,
        sink: TapSink,
        report: Callable[[Status], None],
        where: Callable[[], Place | Through | LentPlace],
    ) -> CameraSource:
        tools = self._tools
        return CameraSource(
            self.camera.id,
            where,
            [sink],
            clock=tools.clock,
            chance=tools.chance,
            gate=tools.gate,
            follower=tools.follower,
            stall_after_s=tools.stall_after_s,
            report=report,
        )

    def _tell_loop(self, status: Status) -> None:
        self._loop.call_soon_threadsafe(self._on_status, status)

    def _on_status(self, status: Status) -> None:
        """A state was said, by the camera's thread or by ourselves."""
        if status.status is self._status.status:
            status = replace(status, since_us=self._status.since_us)
        self.changed = self.changed or (status.status, status.reason) != (
            self._status.status,
            self._status.reason,
        )
        self._status = status
        self.tap.say(_note(status))

    def tapped(self, *, sub: bool) -> Tappable | None:
        """What may be tapped: nothing without leave, and no sub stream where the camera has none."""
        if self.lease is None or not (self.running or (self.at_site and self.unlocked)):
            return None
        if sub:
            return self.sub if self.camera.sub_address is not None else None
        return self.main if self.at_site else self.tap

    @property
    def borrows(self) -> bool:
        """Whether it is a partner's and is to be recorded here."""
        return is_far(self.camera) and not self.at_site

    def _answering(self) -> Place | Through | LentPlace | None:
        """Where its site is asked about it; None where it is a partner's, which has answered by then. In a thread. Raises NotThere."""
        if not is_far(self.camera):
            return self.place(self.camera.address)
        if self.borrows:
            self._borrowed()
            return None
        tools = self._tools
        tools.partners.must_offer(self.camera, self._login, Reach(tools.networks, tools.resolve), tools.clock)
        return None

    def _borrowed(self) -> LentPlace:
        """Where a partner's camera is taken that it lends to us. In a thread. Raises NotThere."""
        tools, stretch = self._tools, self.leave.stretch
        reach, asked_at = Reach(tools.networks, tools.resolve), tools.clock.now()
        try:
            place, lent = tools.partners.must_lend(
                self.camera, self._login, reach, tools.clock, self._made_at
            )
        except NotThere as away:
            if away.status in OVER and stretch is self.leave.stretch:
                self.leave.over()
            raise
        stretch.heard(lent, asked_at)
        return replace(place, left_out=self.recorder.left_out)

    def _site_said(self, status: CameraStatus, reason: str) -> None:
        """What came of asking its site. In a thread."""
        if self.at_site:
            self._tell_loop(Status(status, reason, us(self._tools.clock.now())))
            return
        source = self._source  # once: `halt` may take it away meanwhile
        if status is CameraStatus.NOT_LENT and source is not None:
            source.wake()  # it is opened anew, and says why it cannot be

    def place(self, where: str, *, sub: bool = False) -> Place | Through | LentPlace:
        """Where a stream is, looked up anew and checked at each try. In the camera's thread."""
        try:
            address, _ = parse(where)
            if address.scheme == EDGE:
                if self._tools.through is None:
                    raise NotThere(CameraStatus.BOX_AWAY, "This center takes no edge boxes.")
                return self._tools.through(self.camera.id, sub=sub)
            if address.scheme == HTTPS and self.borrows and not sub:
                self.leave.over()  # no stream runs, and it may be long until one does
                return self._borrowed()
            if address.scheme == HTTPS:
                raise NotThere(CameraStatus.UNREACHABLE, "Another center is asked by its own API alone.")
            ip = permitted(address, self._tools.networks, self._tools.resolve(address.host, address.port))
        except OSError as error:
            raise NotThere(CameraStatus.UNREACHABLE, "The camera's name leads nowhere at present.") from error
        except Invalid as error:
            raise NotThere(CameraStatus.UNREACHABLE, error.detail) from error
        camera = self.camera
        return Place(
            str(address), str(ip), address.port, address.scheme == TLS, self._login, camera.transport, camera.certificate
        )  # fmt: skip


def _status_of(denied: Denied) -> CameraStatus:
    """How a camera stands that may not be recorded: by whose word."""
    if denied.reason in REASONS:
        return CameraStatus.BY_AGREEMENT
    return CameraStatus.OUTSIDE_AREA if denied.reason == "place" else CameraStatus.NOT_AUTHORISED


def _note(status: Status) -> StateNote:
    shown = of_status(status.status, status.reason, at(status.since_us))
    return StateNote(shown.level, shown.word, shown.reason)
