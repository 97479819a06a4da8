"""The center's end of one edge box's connection: what it says is read, bounded and handed on; what is permitted is told.

It believes nothing of a box but its certificate: neither which cameras it has, nor what its clock shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.model import BoxCamera
from watchfloor.cameras.boxes.permit import us
from watchfloor.cameras.boxes.streams import OF_A_BOX, BoxStream, Nothing, PastStream, Tappable
from watchfloor.cameras.boxes.wire import Media, OfBox, Permit, Refusal, Word
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.tap import read_frame, write_frame
from watchfloor.engines.edge_tls import BoxName
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid
from watchfloor.kit.logs import logger

_MOST_WAITING: Final = 1024 * 1024
_SILENT_S: Final = 8.0
_BURST_S: Final = 5.0
_LONGEST_SOFTWARE: Final = 40
_MOST_NAMES: Final = 256
# A box asks again after ten minutes; each certificate is an entry in the log.
_RENEWED_AGAIN_S: Final = 600.0
# What is on its way when a permission ends is no offence.
_ON_ITS_WAY_S: Final = 5.0
_log = logger("boxes.link")

Renew = Callable[[str], "asyncio.Future[str]"]


class Offence(Invalid):
    """What a box must not do: its connection ends with these words."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail, reason=reason)


@dataclass(slots=True)
class Told:
    """What a box said of itself."""

    software: str = ""
    names: frozenset[str] = frozenset()
    clock_off_ms: int = 0
    kept_bytes: int = 0
    most_bytes: int = 0
    oldest_us: int = 0
    disk: wire.DiskTrouble | None = None
    lost: int = 0


@dataclass(slots=True)
class _Budget:
    """Bytes that may come: so many a second, with a burst. A box that sends more floods us."""

    per_s: int
    left: float = 0.0
    at: float | None = None

    def take(self, size: int, now: float) -> bool:
        passed = _BURST_S if self.at is None else now - self.at
        self.at = now
        self.left = min(self.left + passed * self.per_s, self.per_s * _BURST_S) - size
        return self.left >= 0


@dataclass(slots=True)
class _Permitted:
    permit: Permit
    told_at: float
    status: CameraStatus


@dataclass(slots=True)
class Link:
    """One box that is there. All in the gate's own loop."""

    who: BoxName
    name: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    clock: Clock
    bytes_per_s: int
    since: datetime
    told: Told = field(default_factory=Told)
    cameras: dict[UUID, BoxCamera] = field(default_factory=dict)
    _told_cameras: bool = False
    heard_at: float = 0.0
    _streams: dict[tuple[UUID, bool], BoxStream] = field(default_factory=dict)
    _permits: dict[UUID, _Permitted] = field(default_factory=dict)
    _pasts: dict[UUID, tuple[int, PastStream]] = field(default_factory=dict)
    _number: int = 0
    # When each box last got a certificate: the gate's, for a box may dial anew as often as it likes.
    renewed: dict[UUID, float] = field(default_factory=dict)

    def say(self, word: Word) -> None:
        """Tell the box; one that takes nothing is let go."""
        if self.writer.is_closing():
            return
        write_frame(self.writer, wire.word(word))
        if self.writer.transport.get_write_buffer_size() > _MOST_WAITING:
            self.writer.transport.abort()

    def are(self, cameras: Iterable[BoxCamera], subs: frozenset[UUID]) -> None:
        """These are the box's cameras."""
        fresh = {one.id: one for one in cameras}
        if self._told_cameras and fresh == self.cameras:
            return
        self._told_cameras = True  # none is told too: the box ends what it did with those it had
        for (camera, sub), stream in list(self._streams.items()):
            if camera not in fresh:
                stream.stop(CameraStatus.UNREACHABLE, "This camera is of no edge box.")
                del self._streams[camera, sub]
        self._permits = {camera: kept for camera, kept in self._permits.items() if camera in fresh}
        self.cameras = fresh
        ours = [OfBox(one.id, one.key, one.id in subs) for one in fresh.values()]
        self.say(wire.Cameras(self.name, ours))

    def permit(self, permit: Permit, status: CameraStatus) -> None:
        """Tell what is permitted, when that is another thing than before or half of it has passed. A no is told at once."""
        now, before = self.clock.monotonic(), self._permits.get(permit.camera)
        allowed = permit.until_us > 0
        was = before is not None and before.permit.until_us > 0
        same = before is not None and (was, before.permit.forget, before.permit.why) == (
            allowed,
            permit.forget,
            permit.why,
        )
        if same and before is not None and now - before.told_at < 15.0 and not _other(before.permit, permit):
            return
        self._permits[permit.camera] = _Permitted(permit, now, status)
        self.say(permit)
        if not allowed:
            for sub in (False, True):
                if (stream := self._streams.get((permit.camera, sub))) is not None:
                    stream.stop(status, permit.why)
            if (past := self._pasts.pop(permit.camera, None)) is not None:
                past[1].stop(status, permit.why)

    def stream(self, camera: UUID, *, sub: bool) -> Tappable:
        """What may be tapped of a camera of this box."""
        permitted = self._permits.get(camera)
        if permitted is None:
            return Nothing(CameraStatus.BOX_AWAY, f"Edge box {self.name} is being linked.")
        if permitted.permit.until_us == 0:
            return Nothing(permitted.status, permitted.permit.why)
        found = self._streams.get((camera, sub))
        if found is None:
            found = BoxStream(camera, lambda on: self.say(wire.Want(camera, sub, on)))
            self._streams[camera, sub] = found
        return found

    def past(self, camera: UUID, from_us: int, to_us: int) -> Tappable:
        """What the box kept of a time of its camera, while pictures of it may leave the box at all."""
        permitted = self._permits.get(camera)
        if permitted is None or permitted.permit.until_us == 0:
            return self.stream(camera, sub=False)

        def begin(stream: PastStream) -> None:
            before = self._pasts.get(camera)
            if before is not None:
                before[1].stop(CameraStatus.BOX_AWAY, "Another asks for what the edge box kept.")
            self._number += 1
            self._pasts[camera] = (self._number, stream)
            self.say(wire.Fetch(self._number, camera, from_us, to_us))

        return PastStream(begin)

    def end(self, status: CameraStatus, reason: str) -> None:
        """Whoever takes a stream is told that it is over."""
        for _, past in self._pasts.values():
            past.stop(status, reason)
        self._pasts = {}
        for stream in self._streams.values():
            stream.stop(status, reason)
        self._streams = {}

    async def listen(self, renew: Callable[[str], asyncio.Task[str]]) -> None:
        """Read until the box goes. Raises Offence, Invalid, OSError, IncompleteReadError, TimeoutError."""
        budget = _Budget(self.bytes_per_s)
        while True:
            async with asyncio.timeout(_SILENT_S):
                data = await read_frame(self.reader, wire.LONGEST)
            self.heard_at = self.clock.monotonic()
            if not budget.take(len(data), self.heard_at):
                raise Offence("flood", "The edge box sends more than it may.")
            said = wire.read(data)
            if isinstance(said, Media):
                self._take(said)
            else:
                self._heed(said, renew)

    def _take(self, media: Media) -> None:
        if media.camera not in self.cameras:
            raise Offence("not_its_camera", "The edge box sends pictures of a camera that is not its own.")
        permitted = self._permits.get(media.camera)
        if permitted is None or permitted.permit.until_us == 0:
            if permitted is None or self.clock.monotonic() - permitted.told_at > _ON_ITS_WAY_S:
                raise Offence("not_permitted", "The edge box sends pictures that it was told not to send.")
            return
        if media.past:
            if (past := self._pasts.get(media.camera)) is not None:
                past[1].take(media.frame)
        elif (stream := self._streams.get((media.camera, media.sub))) is not None:
            stream.take(media.frame)

    def _heed(self, said: Word, renew: Callable[[str], asyncio.Task[str]]) -> None:
        match said:
            case wire.Ping():
                now_us = us(self.clock.now())
                off = (said.clock_us - now_us) // 1000
                self.told.clock_off_ms = max(-(2**31), min(off, 2**31 - 1))
                self.told.kept_bytes = min(max(said.kept_bytes, 0), 2**62)
                self.told.most_bytes = min(max(said.most_bytes, 0), 2**62)
                self.told.oldest_us = said.oldest_us if 0 <= said.oldest_us <= now_us else 0
                self.told.disk, self.told.lost = said.disk, min(max(said.lost, 0), 2**62)
                self.say(wire.Pong(said.number, now_us))
            case wire.Hello():
                if said.version != wire.VERSION:
                    raise Offence(
                        "version", "The edge box speaks another version; bring both to the same release."
                    )
                software = "".join(c for c in said.software if c.isprintable())
                self.told.software = software[:_LONGEST_SOFTWARE]
                self.told.names = frozenset(said.names[:_MOST_NAMES])
            case wire.Said():
                self._said(said)
            case wire.Fetched():
                number, past = self._pasts.get(said.camera, (0, None))
                if past is not None and number == said.number:
                    del self._pasts[said.camera]
                    past.done(said.next_us, gone=said.gone)
            case wire.Renew():
                now, before = self.clock.monotonic(), self.renewed.get(self.who.box)
                if before is None or now - before >= _RENEWED_AGAIN_S:
                    self.renewed[self.who.box] = now
                    renew(said.request).add_done_callback(self._renewed)
            case _:
                raise Offence("out_of_turn", "The edge box says what only the center says.")

    def _said(self, said: wire.Said) -> None:
        if said.camera not in self.cameras:
            raise Offence("not_its_camera", "The edge box speaks of a camera that is not its own.")
        stream = self._streams.get((said.camera, said.sub))
        if stream is not None and said.status in OF_A_BOX and said.status != CameraStatus.CONNECTING:
            stream.stop(CameraStatus(said.status))

    def _renewed(self, task: asyncio.Task[str]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.say(wire.Renewed(task.result()))
        else:
            _log.warning("a certificate of an edge box was not renewed", box=self.name, why=str(error))

    def refuse(self, refusal: Refusal) -> None:
        """The last word."""
        self.say(refusal)


def _other(before: Permit, permit: Permit) -> bool:
    """Whether it is another permission, and not the same for longer."""
    was, now = before.keeping, permit.keeping
    if was is None or now is None:
        return was is not now
    return (was.zone, was.windows) != (now.zone, now.windows)
