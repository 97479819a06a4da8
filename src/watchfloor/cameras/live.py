"""Live view in the server: one tap per stream of a camera, fanned out to whoever holds a grant. Pictures pass through, unopened,
but for those with a mask: they are painted once for all who may not see what it covers (`recordings/masked.py`).

When a viewer's grant ends, so does the picture. Who wants the sub stream is shown the main one until
the other has come, and again when it goes: all of it is one look.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from watchfloor.cameras import wire
from watchfloor.cameras.cover import OPEN, Cover
from watchfloor.cameras.painting import Masking, Painting
from watchfloor.cameras.partners.live import OF_PARTNER, PartnerTap, Relays
from watchfloor.cameras.partners.model import Far
from watchfloor.cameras.tap import Tap
from watchfloor.cameras.viewer import Viewer
from watchfloor.cameras.wire import Kind, StateNote
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Full, Invalid, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.kit.sure import sure

_AGAIN_S: Final = 0.5
_RENEW_EVERY_S: Final = 20.0
_MASKS_EVERY_S: Final = 1.0
_log = logger("cameras.live")

# Where a camera's recorder can be tapped, or None while nobody has it. Raises Unavailable.
FindTap = Callable[[UUID, UUID], Awaitable[str | None]]
NO_RECORDER: Final = StateNote("serious", "no recorder", "No recorder has this camera at present.")


@dataclass(frozen=True, slots=True)
class _Of:
    """Which stream of which camera; `bare`: as it comes, whatever masks cover. `far`: of a partner, and what that is told of the look.
    `lent`: for one that records it."""

    agency: UUID
    camera: UUID
    sub: bool
    bare: bool = False
    far: Far | None = None
    lent: bool = False


class Upstream:
    """The tap of a camera's stream while anybody watches: what a joiner needs, those who watch, those who wait for it.

    `came` is called for who waits once there is a picture, `went` for who watches when there is none any more.
    """

    def __init__(
        self, of: _Of, live: Live, came: Callable[[Viewer], None], went: Callable[[Viewer], None]
    ) -> None:
        self.of = of
        self._agency, self._camera = of.agency, of.camera
        self._find, self._key, self._clock, self._tls = live.find, live.key, live.clock, live.tls
        self._relays, self._masking = live.relays, None if of.bare else live.masking
        self._came, self._went = came, went
        self._painting: Painting | None = None
        self._viewers: list[Viewer] = []
        self._waiting: list[Viewer] = []
        self._state: bytes | None = None
        self._init: bytes | None = None
        self._gop: list[bytes] = []
        self._task = asyncio.create_task(self._run(), name=f"live {of.camera}")

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    @property
    def wanted(self) -> bool:
        """Whether anybody watches or waits."""
        return bool(self._viewers or self._waiting)

    def at_hand(self, at_us: int) -> tuple[int, bytes] | None:
        """The group of pictures at hand as fMP4 that begins at 0, and when it began (µs); None unless it holds that moment."""
        if self._init is None or not self._gop or wire.head(self._gop[0]).captured_us > at_us:
            return None
        first = self._gop[0][wire.HEAD_SIZE :]
        base = wire.decode_time(first)
        media = [wire.from_zero(one[wire.HEAD_SIZE :], base) for one in self._gop]
        return wire.head(self._gop[0]).captured_us, b"".join((wire.segment_of(self._init), *media))

    def join(self, viewer: Viewer) -> None:
        """Watch: what is known comes first."""
        known = [frame for frame in (self._state, self._init) if frame is not None]
        viewer.opens_with([*known, *self._gop], sub=self.of.sub)
        self._viewers.append(viewer)

    def wait(self, viewer: Viewer) -> None:
        """Come as soon as there is a picture."""
        self._waiting.append(viewer)
        if self._gop:
            self._came(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Watch no more, and wait no more."""
        self._viewers = [one for one in self._viewers if one is not viewer]
        self._waiting = [one for one in self._waiting if one is not viewer]

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
            except _MasksChanged:
                self._lose()
                continue
            except Unavailable as error:
                self._take(wire.note(Kind.STATE, _why(error) or NO_RECORDER))
            except Full as error:
                said = f"{error.detail} {error.next_step or ''}".strip()
                self._take(wire.note(Kind.STATE, StateNote("serious", "not shown", said)))
            except Invalid as error:
                _log.error("a tap sent what cannot be read", camera=str(self._camera), error=error.detail)
            self._lose()
            await self._clock.sleep(_AGAIN_S)

    def _lose(self) -> None:
        """There is no picture any more."""
        self._init, self._gop = None, []
        for viewer in self._viewers:
            self._went(viewer)

    async def _tap(self) -> None:
        way, token = await self._way(), self._token()
        if token is None:
            return
        cover = await self._cover()
        if self._masking is not None and cover != OPEN:
            self._painting = self._masking.begin(cover, lent=self.of.lent)
        tap: Tap | PartnerTap | None = None
        tasks: list[asyncio.Task[None]] = []
        try:
            tap = await way(token)
            changed = asyncio.create_task(self._until_masks_change(cover, tap))
            tasks = [asyncio.create_task(self._renew(tap)), changed]
            await self._follow(tap, changed)
        finally:
            for task in tasks:
                task.cancel()
            if tap is not None:
                tap.close()
            if self._painting is not None:
                self._painting.close()
            self._painting = None

    async def _way(self) -> Callable[[str], Awaitable[Tap | PartnerTap]]:
        """To the recorder that has the camera, or to the partner whose it is. Raises Unavailable."""
        far, sub = self.of.far, self.of.sub
        if far is not None:
            return lambda _: sure(self._relays, "the way to partners").tap(far, sub=sub)
        url = await self._find(self._agency, self._camera)
        if url is None:
            raise Unavailable("No recorder has this camera.")
        return lambda token: Tap.open(url, self._camera, token, self._tls, sub=sub)

    async def _follow(self, tap: Tap | PartnerTap, changed: asyncio.Task[None]) -> None:
        """Take what comes until the recorder stops, or other masks hold than are painted."""
        try:
            while True:
                data = await tap.next()
                if data[0] == Kind.END:
                    # The recorder stopped; why is said by the state that follows, or by the grants that end.
                    end = wire.end_of(data)
                    self._take(wire.note(Kind.STATE, StateNote("off", "stopped", end.detail)))
                    return
                shown = [data] if self._painting is None else await self._painting.feed(data)
                if changed.done():
                    raise _MasksChanged
                for one in shown:
                    self._take(one)
        except Unavailable:
            if changed.done():
                raise _MasksChanged from None
            raise

    async def _cover(self) -> Cover:
        masking, of = self._masking, self.of
        return OPEN if masking is None else await masking.cover(of.agency, of.camera, lent=of.lent)

    async def _until_masks_change(self, cover: Cover, tap: Tap | PartnerTap) -> None:
        """Ends the tap once other masks hold. Whose masks cannot be asked for keeps those it has."""
        while self._masking is not None:
            await self._clock.sleep(_MASKS_EVERY_S)
            with contextlib.suppress(Unavailable):
                if await self._cover() != cover:
                    tap.close()
                    return
        await asyncio.Event().wait()

    async def _renew(self, tap: Tap | PartnerTap) -> None:
        while True:
            await self._clock.sleep(_RENEW_EVERY_S)
            token = self._token()
            if token is not None:
                tap.renew(self._camera, token, sub=self.of.sub)

    def _token(self) -> str | None:
        """A token for as long as some viewer's grant holds."""
        for viewer in (*self._viewers, *self._waiting):
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
            case Kind.STATE if self.of.sub:
                # How the camera is, its main stream says; a sub stream is there or is not.
                if wire.state_of(data).level != "normal":
                    self._lose()
                return
            case Kind.STATE:
                self._state = data
            case _:
                return
        for viewer in self._viewers:
            viewer.offer(data, head)
        if head.key and self._init is not None:
            for viewer in self._waiting:
                self._came(viewer)


def _why(error: Unavailable) -> StateNote | None:
    return (
        StateNote("serious", "not shown", error.detail)
        if error.reason in ("cannot_mask", OF_PARTNER)
        else None
    )


class _MasksChanged(Exception):
    """Other masks hold than are painted: the picture begins anew."""


class Live:
    """All live views of this process."""

    def __init__(
        self,
        find: FindTap,
        key: bytes,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        masking: Masking | None = None,
        relays: Relays | None = None,
    ) -> None:
        """`tls` is what recorders on other machines know us by; `masking` is None where no camera has a mask, `relays` where
        none is a partner's."""
        self.find, self.key, self.clock, self.tls, self.masking = find, key, clock, tls, masking
        self.relays = relays
        self._upstreams: dict[_Of, Upstream] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def join(
        self,
        agency: UUID,
        camera: UUID,
        grant: Grant,
        *,
        stream: str | None = None,
        has_sub: bool = False,
        bare: bool = False,
        far: Far | None = None,
    ) -> Viewer:
        """Watch a camera under a grant that holds: the main stream, and with `stream` of `sub` the other once it has come.

        `bare`: who may see what masks cover. `far`: how a partner is asked for it, where it is one's.
        """
        viewer = Viewer(grant, has_sub=has_sub, told_stream=stream is not None)
        lent = grant.ask.need is Need.CAMERA_LENT
        main = self._upstream(_Of(agency, camera, sub=False, bare=bare, far=far, lent=lent))
        viewer.fed = main
        main.join(viewer)
        if stream is not None:
            self.turn(viewer, stream)
        return viewer

    async def bare(self, ask: Ask) -> bool:
        """Whether this look may see what masks cover; the log has it then. Raises Refused, Unavailable."""
        return self.masking is not None and await self.masking.admit(ask)

    async def held_to_dwellings(self, ask: Ask) -> None:
        """Until it is cancelled: what a look shows of a dwelling is added up. Raises Refused once it is too much."""
        await (asyncio.Event().wait() if self.masking is None else self.masking.watched(ask))

    def turn(self, viewer: Viewer, stream: str) -> None:
        """Show the viewer the other stream from its next picture on; a camera without a sub stream shows its main one."""
        fed = sure(viewer.fed, "what feeds a viewer")
        wanted = replace(fed.of, sub=stream == "sub" and viewer.has_sub)
        if viewer.wants is not None and viewer.wants.of == wanted:
            return
        others = [one for one in (viewer.wants,) if one is not None and one.of != wanted]
        viewer.wants = None
        self._let_go(viewer, others)
        if fed.of != wanted:
            viewer.wants = self._upstream(wanted)
            viewer.wants.wait(viewer)

    @property
    def viewers(self) -> int:
        """How many views are open, of all cameras."""
        return sum(upstream.viewers for upstream in self._upstreams.values())

    @property
    def tapped(self) -> int:
        """How many streams of cameras are taken live for them."""
        return len(self._upstreams)

    def at_hand(
        self, agency: UUID, camera: UUID, at_us: int, *, bare: bool = False
    ) -> tuple[int, bytes] | None:
        """The pictures that somebody is being shown and that are not written yet, if they hold that moment: see `Upstream`."""
        for sub in (False, True):
            upstream = self._upstreams.get(_Of(agency, camera, sub=sub, bare=bare))
            found = upstream.at_hand(at_us) if upstream is not None else None
            if found is not None:
                return found
        return None

    async def leave(self, viewer: Viewer) -> None:
        """Watch no more; the last one lets the tap go."""
        held = [one for one in (viewer.fed, viewer.wants) if one is not None]
        viewer.fed = viewer.wants = None
        self._let_go(viewer, held)
        await asyncio.gather(*self._closing)

    async def close(self) -> None:
        """Let every tap go."""
        upstreams, self._upstreams = list(self._upstreams.values()), {}
        for upstream in upstreams:
            await upstream.close()
        await asyncio.gather(*self._closing)

    def _upstream(self, of: _Of) -> Upstream:
        if of not in self._upstreams:
            self._upstreams[of] = Upstream(of, self, self._came, self._went)
        return self._upstreams[of]

    def _came(self, viewer: Viewer) -> None:
        """What the viewer waits for is there: from now on it feeds him."""
        before, viewer.fed, viewer.wants = viewer.fed, viewer.wants, None
        if viewer.fed is not None and before is not None:
            viewer.fed.leave(viewer)
            viewer.fed.join(viewer)
            self._let_go(viewer, [before])

    def _went(self, viewer: Viewer) -> None:
        """A sub stream went: the main one is shown, and the other waited for anew, unless it was to be left anyway."""
        if viewer.fed is None or not viewer.fed.of.sub:
            return
        gone = viewer.fed
        main = self._upstream(replace(gone.of, sub=False))
        enlarged = viewer.wants is main
        viewer.fed, viewer.wants = main, None
        for upstream in (gone, main):  # a wait at the main one is over as well
            upstream.leave(viewer)
        main.join(viewer)
        if enlarged:
            self._let_go(viewer, [gone])
            return
        viewer.wants = gone
        gone.wait(viewer)

    def _let_go(self, viewer: Viewer, upstreams: Sequence[Upstream]) -> None:
        for upstream in upstreams:
            upstream.leave(viewer)
            if not upstream.wanted and self._upstreams.get(upstream.of) is upstream:
                del self._upstreams[upstream.of]
                task = asyncio.create_task(upstream.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
