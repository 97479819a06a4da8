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
from dataclasses import replace
from typing import Final
from uuid import UUID

from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.model import Camera
from watchfloor.cameras.register import Cameras
from watchfloor.cameras.rtsp.replay import MOST_HELD, TOO_MUCH_HELD, NotReplayed
from watchfloor.cameras.stream import Frame, Run
from watchfloor.governance.model import Ask
from watchfloor.kit.errors import Full, NotFound, Unavailable
from watchfloor.recordings.archive import Has, Pictures
from watchfloor.recordings.archives import BY_AGREEMENT, Archives, AtSite
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.model import GAP_FROM_US, us
from watchfloor.recordings.play import LONGEST_US, Range, Stretch, missing
from watchfloor.storage.tx import Tx

MOST_AT_ONCE: Final = 8
# Small pictures are many, and have places of their own: none takes one from whoever plays.
_KEYFRAMES_AT_ONCE: Final = 2
_KEYFRAMES_WAITING: Final = 12
# What a site said that it has is said again for a while, and few are asked at once: the threads that ask devices are few.
_SAID_FOR_S: Final = 20.0
_KEYFRAME_WAITS_S: Final = 10.0
_ABOUT_US: Final = 10_000_000
_MOST_ASKED: Final = 3
_MOST_WAITING: Final = 24
# Of a last picture nothing says how long it stands.
_LAST_TICKS: Final = 6_000
_Step = NewRun | Frame


class FromSite:
    """The sites' recordings, as this process plays them: so many at a time."""

    def __init__(self, cameras: Cameras) -> None:
        self._archives, self._clock = Archives.of(cameras), cameras.clock
        self._places, self._waiting = threading.BoundedSemaphore(MOST_AT_ONCE), 0
        self._asking = asyncio.Semaphore(_MOST_ASKED)
        self._keyframes, self._keyframes_asked = asyncio.Semaphore(_KEYFRAMES_AT_ONCE), 0
        self._said: dict[tuple[UUID, int, int], tuple[float, Has]] = {}
        # Sites are slow: their replays wait in threads of their own, and nothing else of this process waits for those.
        self._threads = ThreadPoolExecutor(
            MOST_AT_ONCE + _KEYFRAMES_AT_ONCE, thread_name_prefix="site replay"
        )

    async def at_site(self, tx: Tx, ask: Ask, camera: Camera) -> AtSite | None:
        """What the camera's site keeps; None where its footage is kept here alone."""
        return await self._archives.at_site(tx, ask, camera)

    async def has(self, there: AtSite, begin_us: int, end_us: int) -> Has:
        """What the site says that it has of that time; what it said a moment ago is not asked again. Raises NotReplayed, Full."""
        now = self._clock.monotonic()
        key = (there.camera.id, begin_us // _ABOUT_US, end_us // _ABOUT_US)
        self._said = {one: said for one, said in self._said.items() if now - said[0] < _SAID_FOR_S}
        if key in self._said:
            return self._said[key][1]
        if self._waiting >= _MOST_WAITING:
            raise _full("Sites are being asked what they keep.")
        self._waiting += 1
        try:
            async with self._asking:
                said = await there.has(begin_us, end_us)
        finally:
            self._waiting -= 1
        self._said[key] = (now, said)
        return said

    async def stretch(self, there: AtSite, begin_us: int, end_us: int, *, keys_only: bool = False) -> Stretch:
        """The video of one run from the keyframe at or before the begin on, as the site sends it, at most a minute of it. Not in a
        transaction: it waits for the site.

        Raises NotFound (`site_gap`) when the site has nothing of that time, Unavailable when it cannot be asked, Full.
        """
        if not self._places.acquire(blocking=False):
            raise _full("Recordings at sites are at their limit.")
        end_us = min(end_us, begin_us + LONGEST_US)
        play, run, first = await self._opened(
            there, begin_us, end_us, self._places.release, keys_only=keys_only
        )
        parts = _parts(play, run, self._threads)
        # Whoever goes before the first byte never begins it, so that it would not end either.
        weakref.finalize(parts, play.end)
        return Stretch(run.format.mime, _begins_us(first), end_us, parts)

    async def keyframe(self, there: AtSite, at_us: int) -> tuple[bytes, int]:
        """The last keyframe by that moment as video of one picture, and when its media time 0 was. It waits for its turn for some seconds.

        Raises as `stretch`.
        """
        if self._keyframes_asked >= _KEYFRAMES_WAITING:
            raise _full("Small pictures at sites are at their limit.")
        self._keyframes_asked += 1
        try:
            async with asyncio.timeout(_KEYFRAME_WAITS_S):
                await self._keyframes.acquire()
        except TimeoutError:
            raise _full("Small pictures at sites are at their limit.") from None
        finally:
            self._keyframes_asked -= 1
        loop = asyncio.get_running_loop()
        play, run, first = await self._opened(
            there, at_us, at_us + 1, lambda: _in_loop(loop, self._keyframes.release), keys_only=True
        )
        play.end()
        alone = replace(first, dts=0, pts=first.pts - first.dts)
        return init_segment(run.format) + fragment(1, [Timed(alone, _LAST_TICKS)]), _begins_us(first)

    async def _opened(
        self, there: AtSite, begin_us: int, end_us: int, give: Callable[[], None], *, keys_only: bool
    ) -> tuple[_Play, Run, Frame]:
        """A replay, its run, and the keyframe it is shown from. `give` gives its place back, once, from any thread."""
        with contextlib.ExitStack() as failed:
            failed.callback(give)
            try:
                pictures = await there.pictures(begin_us, end_us)
            except NotReplayed as error:
                raise told(error) from None
            failed.pop_all()
        play = _Play(pictures, give, begin_us, keys_only=keys_only)
        with contextlib.ExitStack() as failed:
            failed.callback(play.end)
            run, first = await asyncio.get_running_loop().run_in_executor(self._threads, play.open)
            failed.pop_all()
        return play, run, first


def _begins_us(first: Frame) -> int:
    """Media time 0 is when the first picture is decoded; it is shown after those that it waits for."""
    return first.captured_us - (first.pts - first.dts) * 100 // 9


def _in_loop(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """From any thread; in a loop that has ended nobody waits."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(act)


def elsewhere(there: AtSite | None, here: Sequence[Range], begin_us: int, end_us: int) -> list[Range]:
    """What of [begin, end) a camera's site may have and is not recorded here. Their run is no run of ours: 0. Pure."""
    may = there.open_to_us(begin_us, end_us) if there is not None else []
    return [Range(a, b, 0) for begin, end in may for a, b in missing(here, begin, end)]


def withheld(there: AtSite | None, begin_us: int, end_us: int) -> list[tuple[int, int, str]]:
    """What of [begin, end) the site may have and the owner does not share, and that sentence. Pure."""
    if there is None:
        return []
    begin_us = max(begin_us, us(there.camera.created_at))
    may = [Range(a, b, 0) for a, b in there.open_to_us(begin_us, end_us)]
    return [(a, b, BY_AGREEMENT) for a, b in missing(may, begin_us, end_us)] if begin_us < end_us else []


async def _parts(play: _Play, run: Run, threads: Executor) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    try:
        yield init_segment(run.format)
        while (group := await loop.run_in_executor(threads, play.next_group)) is not None:
            yield group
    finally:
        play.end()


class _Play:
    """One replay, read group by group in whichever thread is at it; one at a time. `end` may be called from any, once or more."""

    def __init__(
        self,
        pictures: Pictures,
        give: Callable[[], None],
        begin_us: int,
        *,
        keys_only: bool,
    ) -> None:
        self._pictures, self._give = pictures, give
        self._begin_us, self._keys_only = begin_us, keys_only
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
                self._steps = self._pictures(lambda sent: not self._ended.is_set())
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
                raise told(error) from None
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


def _full(why: str) -> Full:
    return Full(why, reason="sites_full", next_step="Ask again in a moment.", retry_after_s=5)


def told(error: NotReplayed) -> NotFound | Unavailable:
    """How it is told that a site did not play something: it has nothing of it, or it cannot be asked."""
    return _gap(error.why) if error.nothing else _away(error.why)


def _gap(why: str) -> NotFound:
    return NotFound(why, reason="site_gap", next_step="Ask whoever keeps the site how long it keeps what.")


def _away(why: str) -> Unavailable:
    return Unavailable(
        f"The camera's site does not play it: {why}",
        reason="site_away",
        next_step="Try again, or look at the site's page.",
    )
