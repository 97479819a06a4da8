"""The edge box at work: dials the center, does with each camera what its last word allows, and nothing when that has ended.

It never listens. What it was told is on disk, so that a box that starts while the center is away knows what it may keep.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import ssl
import threading
from collections.abc import Callable
from typing import Final
from uuid import UUID

import watchfloor
from watchfloor.cameras.address import Resolve, resolve
from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.model import host_and_port
from watchfloor.cameras.boxes.wire import Media, OfBox, Permit, Refusal, Word
from watchfloor.cameras.follow import Follower
from watchfloor.cameras.state import CameraStatus, Status
from watchfloor.cameras.tap import read_frame, write_frame
from watchfloor.edge.allowed import may_keep, may_send
from watchfloor.edge.camera import Stream, Tools
from watchfloor.edge.clock import CenterClock, kernel_synchronised, us
from watchfloor.edge.config import Config
from watchfloor.edge.fetching import Fetching
from watchfloor.edge.outlet import Keep
from watchfloor.edge.ring import LONGEST_US, Ring, boot_id
from watchfloor.edge.state import Kept, State, request_for
from watchfloor.edge.state import Status as BoxStatus
from watchfloor.edge.told import of_camera, why_not
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Conflict, Invalid
from watchfloor.kit.logs import logger

_ROUND_S: Final = 0.1
_PING_S: Final = 2.0
_SILENT_S: Final = 8.0
_CONNECT_S: Final = 10.0
_LONGEST_WAIT_S: Final = 15.0
_MOST_WAITING: Final = 8 * 1024 * 1024
# What was sent in the last seconds is remembered, in case it did not arrive: of all cameras together so much.
_MOST_RECENT: Final = 48 * 1024 * 1024
_OPEN_AT_ONCE: Final = 4
_RENEW_AGAIN_S: Final = 600.0
_log = logger("edge")


class Revoked(Conflict):
    """The center revoked this box: it has forgotten all and ends."""


class Box:
    """One edge box."""

    def __init__(self, config: Config, state: State, machine: Clock, *, look_up: Resolve = resolve) -> None:
        self._config, self._state = config, state
        self._center = state.center()
        self._kept = state.kept()
        self._permits: dict[UUID, Permit] = {one.camera: one for one in self._kept.permits}
        self.clock = CenterClock(machine, self._kept.center_us, kernel_synchronised)
        self._loop = asyncio.get_running_loop()
        self._tools = Tools(
            self.clock,
            # Only pauses come of it.
            random.Random(secrets.randbits(64)),  # noqa: S311  # no secret
            threading.BoundedSemaphore(_OPEN_AT_ONCE),
            Follower(self.clock),
            config.networks,
            config.stall_after_s,
            _MOST_RECENT // max(len(config.cameras), 1),
            look_up,
        )
        self._ring = Ring(state.ring, config.buffer_bytes, boot_id(), self.clock.offset_us)
        self._fetching = Fetching(
            self._ring,
            self.clock,
            put=self._put,
            waiting=lambda: self._writer.transport.get_write_buffer_size() if self._writer else 0,
            may=lambda camera: may_send(self._permits.get(camera), self.clock.now()),
        )
        self._streams: dict[tuple[UUID, bool], Stream] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._linked = False
        self._why = "Not linked yet."
        self._asked: dict[int, float] = {}
        self._number = 0
        self._renewing: Callable[[str], None] | None = None
        self._renewed_at = -_RENEW_AGAIN_S
        self._dirty = False
        self._are(self._kept.cameras)

    @property
    def linked(self) -> bool:
        """Whether the center is there."""
        return self._linked

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. Raises Revoked, Invalid."""
        works = [asyncio.create_task(work) for work in (self._dial(), self._rounds(), stop.wait())]
        try:
            done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            for work in done:
                work.result()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
            await self._end()

    async def _end(self) -> None:
        now = self.clock.monotonic()
        for stream in self._streams.values():
            stream.cut(now)
        for stream in self._streams.values():
            await asyncio.to_thread(stream.join)
        self._fetching.end()
        await asyncio.to_thread(self._tools.follower.close)
        await asyncio.to_thread(self._ring.close)
        if self._state.enrolled:
            self._keep()
            self._tell_status()

    # -- what is done

    async def _rounds(self) -> None:
        """A few times a second: every stream is held against what it may do now."""
        told = 0.0
        while True:
            now = self.clock.monotonic()
            for stream in self._streams.values():
                self._hold(stream, now)
            if now - told > _PING_S:
                told = now
                self._ping(now)
                self._tell_status()
                if self.clock.believed:
                    self._ring.forget_old(us(self.clock.now()) - LONGEST_US)
                if self._dirty:
                    self._keep()
            await self.clock.sleep(_ROUND_S)

    def _hold(self, stream: Stream, now: float) -> None:
        stream.watch(now)
        permit, at = self._permits.get(stream.of.id), self.clock.now()
        keep = not stream.sub and may_keep(permit, at, time_believed=self.clock.believed)
        if not keep and not may_send(permit, at):
            stream.cut(now)
            return
        send = self._linked and stream.wanted and may_send(permit, at)
        stream.outlet.may_keep(on=keep)
        stream.outlet.to_center(self._sender(stream) if send else None)
        stream.go(now, on=send or keep)

    def _sender(self, stream: Stream) -> Callable[[bytes], None]:
        camera, sub = stream.of.id, stream.sub

        def send(frame: bytes) -> None:
            data = wire.media(camera, frame, sub=sub)
            with contextlib.suppress(RuntimeError):  # the loop is over, and the box with it
                self._loop.call_soon_threadsafe(self._put, data)

        return send

    def _put(self, data: bytes) -> None:
        writer = self._writer
        if writer is None or writer.is_closing():
            return
        write_frame(writer, data)
        if writer.transport.get_write_buffer_size() > _MOST_WAITING:
            _log.warning("the way to the center is too slow for what its cameras send")
            writer.transport.abort()

    # -- the center

    async def _dial(self) -> None:
        """Dial for ever; wait longer each time it does not answer."""
        tries = 0
        while True:
            began = self.clock.monotonic()
            try:
                await self._link()
            except Revoked:
                raise
            except Invalid as error:
                self._why = error.detail
            except (asyncio.IncompleteReadError, OSError, TimeoutError, ssl.SSLError) as error:
                self._why = why_not(error)
            finally:
                self._unlinked()
            tries = 0 if self.clock.monotonic() - began > _LONGEST_WAIT_S else tries + 1
            wait = min(0.5 * 2 ** min(tries, 6), _LONGEST_WAIT_S)
            await self.clock.sleep(wait * (0.5 + self._tools.chance.random() / 2))

    async def _link(self) -> None:
        host, port = host_and_port(self._center.address)
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=self._state.tls(), server_hostname=wire.SERVER_NAME
            )
        self._writer = writer
        try:
            self._say(wire.Hello(wire.VERSION, watchfloor.__version__, sorted(self._config.cameras)))
            self._ping(self.clock.monotonic())
            while True:
                async with asyncio.timeout(_SILENT_S):
                    said = wire.read(await read_frame(reader, wire.LONGEST_WORD))
                if isinstance(said, Media):
                    raise Invalid("The center sends pictures.")
                self._heed(said)
        finally:
            self._writer = None
            writer.transport.abort()

    def _unlinked(self) -> None:
        if self._linked:
            _log.warning("the center is away", why=self._why)
        self._linked = False
        self._fetching.end()
        for stream in self._streams.values():
            stream.wanted = False
            stream.outlet.lost()

    def _heed(self, said: Word) -> None:
        match said:
            case wire.Cameras():
                self._are(said.cameras)
                if not self._linked:
                    _log.info("linked", center=self._center.address, name=said.box, cameras=len(said.cameras))
                self._linked, self._why, self._dirty = True, "", True
            case Permit():
                self._permitted(said)
            case wire.Want():
                self._wants(said)
            case wire.Fetch():
                self._fetching.begin(said)
            case wire.Pong():
                asked_at = self._asked.pop(said.number, None)
                if asked_at is not None:
                    self.clock.hears(said.center_us, asked_at=asked_at)
                self._renew_when_due()
            case wire.Renewed():
                if self._renewing is not None:
                    self._renewing(said.certificate)
                    self._renewing = None
            case Refusal():
                self._refused(said)
            case _:
                raise Invalid("The center says what only a box says.")

    def _permitted(self, permit: Permit) -> None:
        """The center's word holds from this moment."""
        self._permits[permit.camera] = permit
        self._dirty = True
        now = self.clock.monotonic()
        for sub in (False, True):
            stream = self._streams.get((permit.camera, sub))
            if stream is not None:
                self._hold(stream, now)
        if permit.forget:
            # After the cut: nothing of it is on its way into the ring any more.
            self._fetching.drop(permit.camera)
            self._ring.forget(permit.camera)

    def _wants(self, want: wire.Want) -> None:
        stream = self._streams.get((want.camera, want.sub))
        if stream is None:
            if want.on:  # the box's own file has no such camera
                self._say(wire.Said(want.camera, want.sub, CameraStatus.UNREACHABLE.value))
            return
        stream.wanted = want.on
        if not want.on:
            stream.outlet.to_center(None)
        self._hold(stream, self.clock.monotonic())
        if want.on and stream.status is not None and stream.status.status is not CameraStatus.LIVE:
            self._say(wire.Said(want.camera, want.sub, stream.status.status.value))

    def _refused(self, refusal: Refusal) -> None:
        self._why = refusal.detail
        _log.error(
            "the center refuses this box",
            reason=refusal.reason,
            why=refusal.detail,
            next_step=refusal.next_step,
        )
        if refusal.over:
            now = self.clock.monotonic()
            for stream in self._streams.values():
                stream.cut(now)
            for camera in self._ring.cameras():
                self._ring.forget(camera)
            self._state.forget()
            raise Revoked(
                "This edge box was revoked by the center; what it kept is deleted.",
                reason="revoked",
                next_step="Enrol it anew with a code of the center: watchfloor edge enrol CODE.",
            )
        raise Invalid(refusal.detail)

    def _are(self, cameras: list[OfBox]) -> None:
        """These are the box's cameras; all that is of others is ended."""
        fresh = {one.id: one for one in cameras}
        now = self.clock.monotonic()
        for key, stream in list(self._streams.items()):
            if fresh.get(key[0]) != stream.of:
                stream.cut(now)
                del self._streams[key]
        for camera in self._ring.cameras() - fresh.keys():
            self._fetching.drop(camera)
            self._ring.forget(camera)
        self._permits = {camera: permit for camera, permit in self._permits.items() if camera in fresh}
        self._kept.cameras = cameras
        for one in cameras:
            own = self._config.cameras.get(one.name)
            if own is None:
                continue
            for sub in (False, True) if own.sub_url is not None else (False,):
                if (one.id, sub) not in self._streams:
                    keep = None if sub else self._keeper(one.id)
                    report = self._reporter(one.id, sub=sub)
                    self._streams[one.id, sub] = Stream(one, own, self._tools, report, sub=sub, keep=keep)

    def _keeper(self, camera: UUID) -> Keep:
        return lambda run, frames: self._ring.put(camera, run, frames)

    def _reporter(self, camera: UUID, *, sub: bool) -> Callable[[Status], None]:
        def report(status: Status) -> None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._on_status, camera, sub, status)

        return report

    def _on_status(self, camera: UUID, sub: bool, status: Status) -> None:  # noqa: FBT001  # called by the loop
        stream = self._streams.get((camera, sub))
        if stream is None or not stream.running:
            return
        stream.status = status
        if stream.wanted and status.status not in (CameraStatus.LIVE, CameraStatus.CONNECTING):
            self._say(wire.Said(camera, sub, status.status.value))

    def _ping(self, now: float) -> None:
        self._number += 1
        self._asked = {number: at for number, at in self._asked.items() if now - at < _SILENT_S}
        self._asked[self._number] = now
        ring = self._ring
        kept = ring.size, self._config.buffer_bytes, ring.oldest_us
        self._say(wire.Ping(self._number, self.clock.machine_us(), *kept, ring.trouble, ring.lost))

    def _renew_when_due(self) -> None:
        now = self.clock.monotonic()
        if now - self._renewed_at < _RENEW_AGAIN_S or not self._state.due(self.clock.now()):
            return
        self._renewed_at = now
        key, request = request_for()
        self._renewing = lambda certificate: self._state.keep_certificate(key, certificate)
        self._say(wire.Renew(request))

    def _say(self, word: Word) -> None:
        self._put(wire.word(word))

    # -- what is kept

    def _keep(self) -> None:
        self._kept.permits = list(self._permits.values())
        self._kept.center_us = self.clock.latest_us
        try:
            self._state.keep(Kept(self._kept.cameras, self._kept.permits, self._kept.center_us))
            self._dirty = False
        except OSError as error:
            _log.error("what the center said cannot be kept", error=error.strerror)

    def _tell_status(self) -> None:
        now, believed = self.clock.now(), self.clock.believed
        cameras = [
            of_camera(
                one, self._streams.get((one.id, False)), self._permits.get(one.id), now, linked=self._linked,
                time_believed=believed,
            )
            for one in self._kept.cameras
        ]  # fmt: skip
        certificate, ring = self._state.certificate(), self._ring
        self._state.say(
            BoxStatus(
                self._center.name, self._center.address, now, self._linked, self._why,
                certificate.not_valid_after_utc if certificate else None, self.clock.off_ms(), ring.size,
                self._config.buffer_bytes, cameras, os.getpid(), ring.trouble, ring.lost,
            )
        )  # fmt: skip
