"""Plays what a camera's site recorded: fetched by the center under whoever's grant it is, handed on as it comes, and kept nowhere.

It decides nothing: whoever calls it holds a grant. The site's address and login stay here.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from watchfloor.cameras.address import Login
from watchfloor.cameras.details import FootageKept
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.model import Camera
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.rtsp.replay import MOST_HELD, TOO_MUCH_HELD, NotReplayed, Span
from watchfloor.cameras.sites import store as site_store
from watchfloor.cameras.sites.knock import place_of
from watchfloor.cameras.state import NotThere
from watchfloor.cameras.store import secrets_of
from watchfloor.cameras.stream import Frame, Run
from watchfloor.cameras.timed import fetched
from watchfloor.kit.errors import Full, NotFound, Unavailable
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.model import GAP_FROM_US, at, us
from watchfloor.recordings.play import LONGEST_US, Range, Stretch, missing
from watchfloor.storage.tx import Tx

MOST_AT_ONCE: Final = 8
# Of a last picture nothing says how long it stands.
_LAST_TICKS: Final = 6_000
_Step = NewRun | Frame


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a site replays a time of a camera, and by which login: what must be read before the site is asked."""

    camera: Camera
    begin_us: int
    end_us: int
    url: str
    onvif: bool
    ahead_us: int
    login: Login | None


class FromSite:
    """The sites' recordings, as this process plays them: so many at a time."""

    def __init__(self, cameras: Cameras) -> None:
        self._cameras = cameras
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        # Sites are slow: their replays wait in threads of their own, and nothing else of this process waits for those.
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="site replay")

    async def where(self, tx: Tx, camera: Camera, begin_us: int, end_us: int) -> Replayed:
        """Where the site replays that time, at most a minute of it. Raises NotFound (`gap`) when it cannot."""
        end_us = min(end_us, begin_us + LONGEST_US)
        ahead_us = (camera.said.skew_ms or 0) * 1000 if camera.said else 0
        url, onvif = await _replay_of(tx, camera, begin_us + ahead_us, end_us + ahead_us)
        sealed = (await secrets_of(tx, [camera.id])).get(camera.id)
        login = self._cameras.vault.open(camera.id, sealed) if sealed is not None else None
        return Replayed(camera, begin_us, end_us, url, onvif, ahead_us, login)

    async def stretch(self, asked: Replayed, *, keys_only: bool = False) -> Stretch:
        """The video of one run from the keyframe at or before the begin on, as the site sends it. Not in a transaction: it waits for
        the site.

        Raises NotFound (`site_gap`) when the site has nothing of that time, Unavailable when it cannot be asked, Full.
        """
        if not self._places.acquire(blocking=False):
            raise Full(
                "Recordings at sites are at their limit.",
                reason="sites_full",
                next_step="Ask again in a moment.",
                retry_after_s=5,
            )
        clock, networks, resolve = self._cameras.clock, self._cameras.networks, self._cameras.resolve

        def steps(goes_on: Callable[[int], bool]) -> Iterator[_Step]:
            carried = asked.camera.transport, asked.camera.certificate
            place = place_of(asked.url, asked.login, networks, resolve, carried)
            span = Span(asked.begin_us, asked.end_us)
            return fetched(
                place, span, clock, camera=asked.camera.id, ahead_us=asked.ahead_us, onvif=asked.onvif,
                goes_on=goes_on,
            )  # fmt: skip

        play = _Play(steps, self._places.release, asked.begin_us, keys_only=keys_only)
        with contextlib.ExitStack() as failed:
            failed.callback(play.end)
            run, first = await asyncio.get_running_loop().run_in_executor(self._threads, play.open)
            failed.pop_all()
        parts = _parts(play, run, self._threads)
        # Whoever goes before the first byte never begins it, so that it would not end either.
        weakref.finalize(parts, play.end)
        # Media time 0 is when the first picture is decoded; it is shown after those that it waits for.
        begins_us = first.captured_us - (first.pts - first.dts) * 100 // 9
        return Stretch(run.format.mime, begins_us, asked.end_us, parts)


def from_site(camera: Camera | None, here: Sequence[Range], begin_us: int, end_us: int) -> list[Range]:
    """What of [begin, end) a camera's site may have and is not recorded here. Their run is no run of ours: 0. Pure."""
    if camera is None or camera.details.footage_kept is FootageKept.HERE:
        return []
    begin_us = max(begin_us, us(camera.created_at))
    return [Range(a, b, 0) for a, b in missing(here, begin_us, end_us)] if begin_us < end_us else []


async def _parts(play: _Play, run: Run, threads: Executor) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    try:
        yield init_segment(run.format)
        while (group := await loop.run_in_executor(threads, play.next_group)) is not None:
            yield group
    finally:
        play.end()


async def _replay_of(tx: Tx, camera: Camera, begin_us: int, end_us: int) -> tuple[str, bool]:
    """Where the site replays that time of the camera, and whether the time is asked for in RTSP itself. Raises NotFound."""
    site = None
    if camera.details.footage_kept is not FootageKept.HERE and camera.details.site_id is not None:
        site = await site_store.site_of(tx, camera.details.site_id)
    # To the second, as addresses say it: a picture more at either end.
    end = at(end_us + 1_000_000)
    url = site.replay_of(camera.details.channel or "", at(begin_us), end, tx.zone) if site else None
    if site is None or url is None:
        raise NotFound("Nothing was recorded at that time.", reason="gap", next_step="Look at the timeline.")
    return url, not site.says_moments


class _Play:
    """One replay, read group by group in whichever thread is at it; one at a time. `end` may be called from any, once or more."""

    def __init__(
        self,
        make: Callable[[Callable[[int], bool]], Iterator[_Step]],
        give: Callable[[], None],
        begin_us: int,
        *,
        keys_only: bool,
    ) -> None:
        self._make, self._give, self._begin_us, self._keys_only = make, give, begin_us, keys_only
        self._steps: Iterator[_Step] = iter(())
        self._ahead: deque[Frame] = deque()
        self._base = self._number = 0
        self._over = False
        self._busy, self._ended = threading.Lock(), threading.Event()

    def open(self) -> tuple[Run, Frame]:
        """The run, and the picture it is shown from. Raises NotFound, Unavailable."""
        run: Run | None = None
        held = 0
        with self._busy:
            try:
                self._steps = self._make(lambda sent: not self._ended.is_set())
                for out in self._steps:
                    if isinstance(out, NewRun):
                        run = out.run
                        self._ahead.clear()
                        continue
                    if out.key and out.captured_us <= self._begin_us:
                        self._ahead.clear()
                        held = 0
                    if out.key or self._ahead:
                        self._ahead.append(out)
                        held += len(out.data)
                        if held > MOST_HELD:
                            raise NotReplayed(TOO_MUCH_HELD)
                    if self._ahead and out.captured_us >= self._begin_us:
                        break
            except NotReplayed as error:
                raise _gap(error.why) if "of that time" in error.why else _away(error.why) from None
            except NotThere as error:
                raise _away(str(error)) from None
        if run is None or not self._ahead or self._ahead[-1].captured_us + GAP_FROM_US < self._begin_us:
            raise _gap("The site has nothing of that time.")
        self._base = self._ahead[0].dts
        return run, self._ahead[0]

    def next_group(self) -> bytes | None:
        """The next group of pictures as a fragment; None at the end of the run, or of what was asked for, or where it never ends."""
        with self._busy:
            group, held = list[Frame](), 0
            while (frame := self._next()) is not None:
                if frame.key and group:
                    self._ahead.appendleft(frame)
                    break
                group.append(frame)
                held += len(frame.data)
                if held > MOST_HELD:
                    self._over = True
                    return None
            if not group:
                return None
            self._number += 1
            return fragment(self._number, self._timed(group, frame))

    def end(self) -> None:
        """Close the session beside, and give the place back then: a thread may still wait for a slow site, for some seconds."""
        if not self._ended.is_set():
            self._ended.set()
            threading.Thread(target=self._close, name="site replay ends", daemon=True).start()

    def _close(self) -> None:
        try:
            with self._busy:
                if isinstance(self._steps, Generator):
                    self._steps.close()
        finally:
            self._give()

    def _next(self) -> Frame | None:
        if self._ahead:
            return self._ahead.popleft()
        try:
            out = None if self._over or self._ended.is_set() else next(self._steps, None)
        except NotReplayed:
            return None  # what came of it was shown; whoever asks for the rest is told why
        if isinstance(out, NewRun):
            self._over = True
        return None if isinstance(out, NewRun) else out

    def _timed(self, group: Sequence[Frame], after: Frame | None) -> list[Timed]:
        shown = group[:1] if self._keys_only else group
        last = after.dts if after is not None else group[-1].dts + _LAST_TICKS
        ends = [*(frame.dts for frame in shown[1:]), last]
        return [
            Timed(replace(frame, dts=frame.dts - self._base, pts=frame.pts - self._base), end - frame.dts)
            for frame, end in zip(shown, ends, strict=True)
        ]


def _gap(why: str) -> NotFound:
    return NotFound(why, reason="site_gap", next_step="Ask whoever keeps the site how long it keeps what.")


def _away(why: str) -> Unavailable:
    return Unavailable(
        f"The camera's site does not play it: {why}",
        reason="site_away",
        next_step="Try again, or look at the site's page.",
    )
