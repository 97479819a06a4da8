"""Where edge boxes dial in: knows them by their certificates, tells each what it may send, and gives what comes to recorders.

It records and shows nothing, and decides nothing: of each camera the door is asked. When it is away boxes keep what they may,
and go on when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.boxes import enrol, store, wire
from watchfloor.cameras.boxes.link import Link, Offence
from watchfloor.cameras.boxes.model import Box, code_of
from watchfloor.cameras.boxes.permit import by_owner, permit_of
from watchfloor.cameras.boxes.streams import Nothing, Tappable
from watchfloor.cameras.boxes.wire import Enrol, Enrolled, Introduce, Introduction, Permit, Refusal
from watchfloor.cameras.model import Camera
from watchfloor.cameras.state import SENTENCES, CameraStatus
from watchfloor.cameras.tap import read_frame, write_frame
from watchfloor.cameras.wire import TapAsk
from watchfloor.engines.edge_tls import BoxName, EdgeAuthority, box_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.agreement import Agreement
from watchfloor.governance.agreement_store import agreements
from watchfloor.governance.door import Door
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unauthenticated, Unavailable, WatchfloorError
from watchfloor.kit.logs import logger

_PERMIT_S: Final = 0.1
_KNOW_S: Final = 0.5
_SAY_S: Final = 2.0
_HANDSHAKE_S: Final = 5.0
_LAST_WORD_S: Final = 1.0
# Who shows no certificate: so many at once, and so many wrong codes a minute from all of them.
_MOST_UNKNOWN: Final = 16
_WRONG_A_MINUTE: Final = 30
_log = logger("boxes.gate")


@dataclass(frozen=True, slots=True)
class GateParts:
    """What the gate is built from."""

    door: Door
    clock: Clock
    agencies: Sequence[UUID]
    authority: EdgeAuthority
    tls: ssl.SSLContext
    host: str
    port: int
    keep_for: timedelta
    bytes_per_s: int


@dataclass(slots=True)
class _Known:
    """What was last known of an agency's boxes and cameras."""

    boxes: dict[UUID, Box] = field(default_factory=dict)
    cameras: dict[UUID, Camera] = field(default_factory=dict)
    agreements: dict[UUID, Agreement] = field(default_factory=dict)


class Gate:
    """The gate of a center: one listener, one link for each box that is there."""

    def __init__(self, parts: GateParts) -> None:
        self._parts = parts
        self._links: dict[UUID, Link] = {}
        self._known: dict[UUID, _Known] = {agency: _Known() for agency in parts.agencies}
        self._authorised: dict[UUID, datetime] = {}
        self._renewed: dict[UUID, float] = {}
        self._unknown = 0
        self._wrong: list[float] = []
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise AssertionError("the gate is not open")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        parts = self._parts
        self._server = await asyncio.start_server(
            self._serve, parts.host, parts.port, ssl=parts.tls, ssl_handshake_timeout=_HANDSHAKE_S
        )

    async def stop(self) -> None:
        """Close every connection; boxes keep what they may and dial again."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.gather(*filter(None, self._open.values()), return_exceptions=True)

    async def run(self) -> None:
        """Keep what boxes may do up to date, for ever."""
        await asyncio.gather(
            self._every(_KNOW_S, self._know),
            self._every(_PERMIT_S, self._permit),
            self._every(_SAY_S, self._say),
        )

    def stream_of(self, ask: TapAsk) -> Tappable | None:
        """What a recorder may tap; of a camera whose box is not there, the word that says so."""
        for known in self._known.values():
            for box in known.boxes.values():
                if all(one.id != ask.camera for one in box.cameras):
                    continue
                link = self._links.get(box.id)
                if link is None or ask.camera not in link.cameras:
                    return Nothing(CameraStatus.BOX_AWAY, f"Edge box {box.name} is away.")
                if ask.to_us:
                    return link.past(ask.camera, ask.from_us, ask.to_us)
                return link.stream(ask.camera, sub=ask.sub)
        return Nothing(CameraStatus.UNREACHABLE, "This camera is of no edge box.")

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except Unavailable:
                pass  # leases hold meanwhile, and end by themselves
            except WatchfloorError as error:
                _log.error("a round of the gate failed", what=act.__name__, why=error.detail)
            await self._parts.clock.sleep(seconds)

    # -- connections

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[writer] = asyncio.current_task()
        try:
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            if shown is None:
                await self._unknown_box(reader, writer)
            else:
                await self._box(box_of(shown), reader, writer)
        except Unauthenticated as error:
            over = error.reason == "revoked"
            await _last_word(reader, writer, Refusal(error.reason, error.detail, error.next_step or "", over))
        except WatchfloorError as error:
            _log.warning("an edge box was refused", reason=error.reason, why=error.detail)
            await _last_word(reader, writer, Refusal(error.reason, error.detail, error.next_step or ""))
        except (asyncio.IncompleteReadError, OSError, TimeoutError, ssl.SSLError):
            pass
        finally:
            del self._open[writer]
            writer.close()

    async def _unknown_box(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Whoever shows no certificate shows a code, or nothing more is said."""
        now = self._parts.clock.monotonic()
        self._wrong = [at for at in self._wrong if now - at < 60.0]
        if self._unknown >= _MOST_UNKNOWN or len(self._wrong) >= _WRONG_A_MINUTE:
            raise Unavailable("Too many ask to be enrolled at present.", next_step="Try again in a minute.")
        self._unknown += 1
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                said = wire.read(await read_frame(reader, wire.LONGEST_WORD))
            parts = self._parts
            if isinstance(said, Introduce):
                write_frame(writer, wire.word(Introduction(parts.authority.pem)))
                await writer.drain()
                return
            if not isinstance(said, Enrol):
                raise Offence("no_certificate", "An edge box without a certificate can only be enrolled.")
            box, certificate = await enrol.enrol(
                parts.door, parts.authority, parts.agencies, code_of(said.code), said.request
            )
            write_frame(writer, wire.word(Enrolled(box.name, certificate)))
            await writer.drain()
        except (Unauthenticated, Invalid):
            self._wrong.append(now)
            raise
        finally:
            self._unknown -= 1

    async def _box(self, who: BoxName, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = self._parts
        box = await self._recognised(who)
        before = self._links.get(who.box)
        if before is not None:
            if parts.clock.monotonic() - before.heard_at < _SAY_S:
                _log.error("two machines show the certificate of one edge box", alarm=True, box=box.name)
            before.writer.transport.abort()
        now, at = parts.clock.monotonic(), parts.clock.now()
        link = Link(
            who, box.name, reader, writer, parts.clock, parts.bytes_per_s, at, heard_at=now, renewed=self._renewed,
        )  # fmt: skip
        self._links[who.box] = link
        try:
            await self._know()
            await self._permit()
            await link.listen(lambda request: self._renewal(who, request))
        finally:
            link.end(CameraStatus.BOX_AWAY, f"Edge box {box.name} is away.")
            if self._links.get(who.box) is link:
                del self._links[who.box]
                with contextlib.suppress(WatchfloorError):
                    async with parts.door.open(_ask(who.agency)) as tx:
                        await store.gone(tx, who.box)

    async def _recognised(self, who: BoxName) -> Box:
        """The box of a certificate that holds; its next certificate, once shown, is its only one. Raises Unauthenticated."""
        if who.agency not in self._known:
            raise Unauthenticated("This edge box is of another center.", reason="unknown")
        async with self._parts.door.open(_ask(who.agency)) as tx:
            box = await store.box_of(tx, who.box)
            if box is None or box.revoked_at is not None:
                raise _revoked()
            if who.fingerprint not in box.certificates:
                raise enrol.replaced()
            if (
                len(box.certificates) > 1
                and box.certificates[-1] == who.fingerprint
                and box.certificate_until
            ):
                await store.put_certificates(tx, who.box, [who.fingerprint], box.certificate_until)
            return box

    def _renewal(self, who: BoxName, request: str) -> asyncio.Task[str]:
        parts = self._parts
        return asyncio.create_task(enrol.renew(parts.door, parts.authority, who, request))

    # -- what boxes may do

    async def _know(self) -> None:
        """Read boxes, cameras and agreements; cut off who was revoked."""
        for agency, known in self._known.items():
            async with self._parts.door.open(_ask(agency)) as tx:
                known.boxes = {box.id: box for box in (await store.boxes(tx)).items}
                ids = [one.id for box in known.boxes.values() for one in box.cameras]
                known.cameras = {camera.id: camera for camera in await camera_store.cameras_in_use(tx, ids)}
                private = [camera.id for camera in known.cameras.values() if _private(camera)]
                known.agreements = await agreements(tx, private) if private else {}
        for link in list(self._links.values()):
            box = self._known[link.who.agency].boxes.get(link.who.box)
            if box is None or link.who.fingerprint not in box.certificates:
                error = _revoked()
                link.refuse(Refusal(error.reason, error.detail, over=box is None))
                link.end(CameraStatus.BOX_AWAY, "The edge box was revoked.")
                link.writer.close()
                continue
            cameras = self._known[link.who.agency].cameras
            subs = frozenset(c.id for c in cameras.values() if c.sub_address is not None)
            link.name = box.name
            link.are(box.cameras, subs)

    async def _permit(self) -> None:
        """Ask the door about every camera of the boxes that are there, and tell them."""
        links = list(self._links.values())
        asks = [
            _record_ask(camera)
            for link in links
            for one in link.cameras
            if (camera := self._known[link.who.agency].cameras.get(one)) is not None
        ]
        answers = {
            ask.about.id: answer
            for ask, answer in zip(asks, await self._parts.door.lease(asks), strict=True)
            if ask.about
        }
        now = self._parts.clock.now()
        for link in links:
            known = self._known[link.who.agency]
            for one in link.cameras:
                if one not in known.cameras:
                    off = SENTENCES[CameraStatus.OFF]
                    link.permit(Permit(one, 0, off, None), CameraStatus.OFF)
                elif (answer := answers.get(one)) is not None:
                    self._tell(link, known, one, answer, now)

    def _tell(self, link: Link, known: _Known, camera: UUID, answer: Lease | Denied, now: datetime) -> None:
        if isinstance(answer, Lease) and answer.authorisation is not None:
            self._authorised[camera] = answer.authorisation.expires_at
        agreement = known.agreements.get(camera)
        if agreement is None and _private(known.cameras[camera]) and isinstance(answer, Lease):
            return  # it was agreed this moment; the next look knows it
        permit = permit_of(
            camera,
            answer,
            agreement,
            authorised_until=self._authorised.get(camera),
            keep_for=self._parts.keep_for,
            now=now,
        )
        status = CameraStatus.LIVE
        if isinstance(answer, Denied):
            status = CameraStatus.BY_AGREEMENT if by_owner(answer) else CameraStatus.NOT_AUTHORISED
        link.permit(permit, status)

    async def _say(self) -> None:
        """Keep what boxes said of themselves."""
        clock = self._parts.clock
        for link in list(self._links.values()):
            said, now = link.told, clock.now()
            names = {one.key for one in link.cameras.values()}
            oldest = datetime.fromtimestamp(said.oldest_us / 1e6, now.tzinfo) if said.oldest_us else None
            async with self._parts.door.open(_ask(link.who.agency)) as tx:
                await store.say(
                    tx,
                    link.who.box,
                    {
                        "linked_at": link.since, "seen_at": now - timedelta(seconds=clock.monotonic() - link.heard_at),
                        "software": said.software, "clock_off_ms": said.clock_off_ms, "kept_bytes": said.kept_bytes,
                        "most_bytes": said.most_bytes, "oldest_at": oldest,
                        "disk": said.disk.value if said.disk else None, "lost": said.lost,
                        "missing": sorted(names - said.names) if said.software else [],
                    },
                )  # fmt: skip


async def _last_word(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refusal: Refusal) -> None:
    """Say why it ends. What is still coming is read for a moment: a socket closed upon it would take the word back."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_LAST_WORD_S):
            write_frame(writer, wire.word(refusal))
            await writer.drain()
            while await reader.read(65536):
                pass


def _private(camera: Camera) -> bool:
    return camera.technology is TechnologyKind.PRIVATE_CAMERA_LINK


def _ask(agency: UUID) -> Ask:
    return Ask(process_actor(agency, enrol.PROCESS), Need.BOX_KNOW)


def _record_ask(camera: Camera) -> Ask:
    return Ask(
        process_actor(camera.agency, enrol.PROCESS),
        Need.CAMERA_RECORD,
        about=About("camera", camera.id),
        technology=camera.technology,
        place=camera.place,
    )


def _revoked() -> Unauthenticated:
    return Unauthenticated(
        "This edge box was revoked.", reason="revoked", next_step="Enrol it with a new code."
    )
