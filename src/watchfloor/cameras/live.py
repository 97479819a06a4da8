"""Live view in the server: one tap per camera, fanned out to whoever holds a grant. Pictures pass through, unopened.

A viewer who cannot keep up loses pictures, not time: past a second of backlog everything up to the next keyframe is
dropped, and he is told. When his grant ends, so does the picture.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from watchfloor.cameras import wire
from watchfloor.cameras.tap import Tap
from watchfloor.cameras.wire import DropNote, Kind, StateNote
from watchfloor.governance.grant import Grant
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.logs import logger

_MOST_BEHIND_US: Final = 1_000_000
_LARGEST_BACKLOG: Final = 32 * 1024 * 1024
_KEPT: Final = frozenset({Kind.INIT, Kind.STATE})
_AGAIN_S: Final = 0.5
_RENEW_EVERY_S: Final = 20.0
_log = logger("cameras.live")

# Where a camera's recorder can be tapped, or None while nobody has it. Raises Unavailable.
FindTap = Callable[[UUID, UUID], Awaitable[str | None]]
NO_RECORDER: Final = StateNote("serious", "no recorder", "No recorder has this camera at present.")


@dataclass(frozen=True, slots=True)
class _Waiting:
    data: bytes
    kind: Kind
    captured_us: int
    told: int = 0  # of a drop note: how many it tells of


class Viewer:
    """One person's view: a queue that never holds more than a second."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.sent = 0
        self.dropped = 0
        self._queue: deque[_Waiting] = deque()
        self._opening: deque[bytes] = deque()
        self._bytes = 0
        self._dropping = 0
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many frames wait."""
        return len(self._opening) + len(self._queue)

    def opens_with(self, frames: list[bytes]) -> None:
        """What is sent at once on joining: state, init, the group of pictures so far. It is not counted as backlog."""
        self._opening.extend(frames)
        self._wake.set()

    def offer(self, data: bytes, head: wire.LiveHead) -> None:
        """Take a frame, or drop up to the next keyframe."""
        if head.kind is Kind.FRAGMENT:
            if not self._dropping and self._behind(head.captured_us):
                self._drop_queue()
            if self._dropping and not head.key:
                self._dropping += 1
                self.dropped += 1
                return
            if self._dropping:
                note = wire.note(Kind.DROP, DropNote(self._dropping, "The connection was too slow."))
                self._push(_Waiting(note, Kind.DROP, 0, self._dropping))
                self._dropping = 0
        self._push(_Waiting(data, head.kind, head.captured_us))

    async def next(self) -> bytes:
        """The next frame to send."""
        while not self._opening and not self._queue:
            self._wake.clear()
            await self._wake.wait()
        if self._opening:
            data = self._opening.popleft()
        else:
            data = self._queue.popleft().data
            self._bytes -= len(data)
        if data[0] == Kind.FRAGMENT:
            self.sent += 1
        return data

    def _behind(self, newest_us: int) -> bool:
        oldest = next((one.captured_us for one in self._queue if one.kind is Kind.FRAGMENT), newest_us)
        return newest_us - oldest > _MOST_BEHIND_US or self._bytes > _LARGEST_BACKLOG

    def _drop_queue(self) -> None:
        """Drop the pictures that wait; of inits and states the newest is kept, and what was dropped is told once."""
        newest = {one.kind: one for one in self._queue if one.kind in _KEPT}
        pictures = sum(one.kind is Kind.FRAGMENT for one in self._queue)
        self._dropping = pictures + sum(one.told for one in self._queue)
        self.dropped += pictures
        self._queue = deque(newest.values())
        self._bytes = sum(len(one.data) for one in self._queue)

    def _push(self, waiting: _Waiting) -> None:
        self._queue.append(waiting)
        self._bytes += len(waiting.data)
        self._wake.set()


class Upstream:
    """One camera's tap while anybody watches: what a joiner needs, and those who watch."""

    def __init__(
        self,
        agency: UUID,
        camera: UUID,
        find: FindTap,
        key: bytes,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._agency, self._camera = agency, camera
        self._find, self._key, self._clock, self._tls = find, key, clock, tls
        self._viewers: list[Viewer] = []
        self._state: bytes | None = None
        self._init: bytes | None = None
        self._gop: list[bytes] = []
        self._task = asyncio.create_task(self._run(), name=f"live {camera}")

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    def join(self, viewer: Viewer) -> None:
        """Watch: what is known comes first."""
        known = [frame for frame in (self._state, self._init) if frame is not None]
        viewer.opens_with([*known, *self._gop])
        self._viewers.append(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Watch no more."""
        self._viewers.remove(viewer)

    async def close(self) -> None:
        """Let the tap go."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        """Keep tapping; a recorder that died is looked for again until another has the camera."""
        while True:
            try:
                await self._tap()
            except Unavailable:
                self._take(wire.note(Kind.STATE, NO_RECORDER))
            except Invalid as error:
                _log.error("a tap sent what cannot be read", camera=str(self._camera), error=error.detail)
            self._init, self._gop = None, []
            await self._clock.sleep(_AGAIN_S)

    async def _tap(self) -> None:
        url = await self._find(self._agency, self._camera)
        if url is None:
            raise Unavailable("No recorder has this camera.")
        token = self._token()
        if token is None:
            return
        tap = await Tap.open(url, self._camera, token, self._tls)
        renewing = asyncio.create_task(self._renew(tap))
        try:
            while True:
                data = await tap.next()
                if data[0] == Kind.END:
                    # The recorder stopped; why is said by the state that follows, or by the grants that end.
                    end = wire.end_of(data)
                    self._take(wire.note(Kind.STATE, StateNote("off", "stopped", end.detail)))
                    return
                self._take(data)
        finally:
            renewing.cancel()
            tap.close()

    async def _renew(self, tap: Tap) -> None:
        while True:
            await self._clock.sleep(_RENEW_EVERY_S)
            token = self._token()
            if token is not None:
                tap.renew(self._camera, token)

    def _token(self) -> str | None:
        """A token for as long as some viewer's grant holds."""
        for viewer in self._viewers:
            if not viewer.grant.ended.is_set():
                return wire.make_token(self._key, self._camera, viewer.grant.id, self._clock.now())
        return None

    def _take(self, data: bytes) -> None:
        head = wire.head(data)
        match head.kind:
            case Kind.INIT:
                self._init, self._gop = data, []
            case Kind.FRAGMENT:
                if head.key:
                    self._gop = []
                if head.key or self._gop:
                    self._gop.append(data)
            case Kind.STATE:
                self._state = data
            case _:
                return
        for viewer in self._viewers:
            viewer.offer(data, head)


class Live:
    """All live views of this process."""

    def __init__(self, find: FindTap, key: bytes, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        """`tls` is what recorders on other machines know us by."""
        self._find, self._key, self._clock, self._tls = find, key, clock, tls
        self._upstreams: dict[UUID, Upstream] = {}

    def join(self, agency: UUID, camera: UUID, grant: Grant) -> Viewer:
        """Watch a camera under a grant that holds."""
        viewer = Viewer(grant)
        upstream = self._upstreams.get(camera)
        if upstream is None:
            upstream = self._upstreams[camera] = Upstream(
                agency, camera, self._find, self._key, self._clock, self._tls
            )
        upstream.join(viewer)
        return viewer

    @property
    def viewers(self) -> int:
        """How many views are open, of all cameras."""
        return sum(upstream.viewers for upstream in self._upstreams.values())

    @property
    def tapped(self) -> int:
        """How many cameras are taken live for them."""
        return len(self._upstreams)

    async def leave(self, camera: UUID, viewer: Viewer) -> None:
        """Watch no more; the last one lets the tap go."""
        upstream = self._upstreams[camera]
        upstream.leave(viewer)
        if not upstream.viewers:
            del self._upstreams[camera]
            await upstream.close()

    async def close(self) -> None:
        """Let every tap go."""
        upstreams, self._upstreams = list(self._upstreams.values()), {}
        for upstream in upstreams:
            await upstream.close()
