"""Fills gaps with what cameras kept of them (back-fill): one gap at a time, slowly, and only while recording is allowed.

A gap is asked for when its cause was the line, the recorder or our disk; what was not recorded by agreement, or without an authorisation,
is not fetched afterwards. Nothing is made up: what a camera does not give stays a gap with its cause, and with what the camera said.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.cameras.boxes.kept import kept_by_box
from watchfloor.cameras.boxes.session import Through
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.onvif.kept import kept_there
from watchfloor.cameras.onvif.model import Reach, device_address
from watchfloor.cameras.replay_address import asking
from watchfloor.cameras.rtsp.replay import MOST_HELD, TOO_MUCH_HELD, NotReplayed, Patience, Span
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import Frame
from watchfloor.cameras.timed import fetched
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.recordings import fill_store, store
from watchfloor.recordings.fill_store import Unfilled
from watchfloor.recordings.model import BREAK_FROM_US, GAP_FROM_US, GAP_SENTENCES, GapReason, at, us
from watchfloor.recordings.play import MARGIN
from watchfloor.recordings.post import Post, Tools
from watchfloor.recordings.spool import waiting_rows
from watchfloor.recordings.write import Recorder
from watchfloor.settings import RecordSettings
from watchfloor.storage.tx import Tx

FILL_EVERY_S: Final = 5.0
# So much of a gap is asked for at once; then it is the next gap's turn.
MOST_US: Final = 600_000_000
_TRIES: Final = 6
_FIRST_PAUSE: Final = timedelta(seconds=60)
_LONGEST_PAUSE: Final = timedelta(hours=1)
# What was fetched is in the index by then, and the rest of the gap is asked for.
_GOES_ON: Final = timedelta(seconds=5)
# Device time and ours are compared by its pictures where they are near what its SOAP says to the second.
_NEAR_US: Final = 2_500_000
# An address names whole seconds, and pictures are sent before others that are shown earlier.
_TAIL_US: Final = 2_000_000
NO_CLOCK: Final = (
    "How far the camera’s clock is off is not known, so nobody can say when its pictures were taken."
)
SUSPENDED: Final = "Recording was suspended for some of that time: the camera is not asked for it."
MOVED: Final = "The camera was moved since: it is not asked for what it saw elsewhere."
NOTHING_KEPT: Final = "The camera kept nothing of that time."
LESS_KEPT: Final = "The camera gave less than was asked for."
Stretch = tuple[int, int]
# What was kept, as runs and frames; it is told how much came, and asked whether to go on.
Source = Callable[[Callable[[int], bool]], Iterator[NewRun | Frame]]


@dataclass(frozen=True, slots=True)
class FillParts:
    """What filling needs of the recorder that does it."""

    door: Door
    agencies: Sequence[UUID]
    settings: RecordSettings
    spool: Path
    tools: Tools


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one try: how much of what was asked for, and what is to be said of the rest. `lasting`: asking again is in vain.
    `ours`: it ended for a reason of this recorder, which says nothing of the camera."""

    filled_us: int
    said: str | None
    lasting: bool = False
    ours: bool = False

    @property
    def well(self) -> bool:
        """Whether all that was asked for came, as far as it went on."""
        return self.filled_us >= BREAK_FROM_US and self.said is None


class Refill:
    """Fills the gaps of the cameras of one recorder. `turn` is one gap; between turns the loop of the recorder waits."""

    def __init__(self, parts: FillParts, posts: Mapping[UUID, Post]) -> None:
        self._parts, self._posts = parts, posts
        self._reach = Reach(parts.tools.networks, parts.tools.resolve)
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._first = 0

    def close(self) -> None:
        """End what is being fetched, and wait for it: what came of it is handed on."""
        self._stop.set()
        with self._busy:
            pass

    async def turn(self) -> None:
        """Ask for the gap that is due, where there is one."""
        if self._parts.settings.back_fill_mbit_s <= 0:
            return
        # Whose gap it was last comes last, else one agency's gaps would keep all others waiting.
        agencies = [*self._parts.agencies[self._first :], *self._parts.agencies[: self._first]]
        for number, agency in enumerate(agencies, self._first + 1):
            posts: dict[UUID, Post] = {
                p.camera.id: p for p in self._posts.values() if p.camera.agency == agency and _well(p)
            }
            if posts and (gap := await self._next(next(iter(posts.values())), list(posts))) is not None:
                self._first = number % len(agencies)
                await self._fill(posts[gap.camera], gap)
                return

    async def _next(self, post: Post, cameras: list[UUID]) -> Unfilled | None:
        try:
            async with self._parts.door.open(post.asks(Need.FOOTAGE_INDEX)) as tx:
                since = tx.now - timedelta(days=self._parts.settings.back_fill_days)
                return await fill_store.next_unfilled(tx, cameras, since)
        except Refused:
            return None

    async def _fill(self, post: Post, gap: Unfilled) -> None:
        """Ask the camera for what is missing of a gap, under the leave that recording has."""
        waiting = await asyncio.to_thread(self._waiting, gap.camera)
        try:
            async with self._parts.door.open(post.ask(Need.FOOTAGE_FILL)) as tx:
                missing = await _missing(tx, gap, waiting)
                moved = gap.stands_since is not None and gap.stands_since > at(gap.began_us)
                if moved or await fill_store.suspended(tx, gap):
                    await fill_store.settle(tx, gap, MOVED if moved else SUSPENDED)
                    return
                if not missing or gap.tries >= _TRIES + (gap.ended_us - gap.began_us) // MOST_US:
                    await _settle(tx, gap, missing, gap.said)
                    return
            came = await self._ask(post, gap, asked_of(missing, gap.tries))
            waiting = await asyncio.to_thread(self._waiting, gap.camera)
            async with self._parts.door.open(post.ask(Need.FOOTAGE_FILL)) as tx:
                # What came is not in the index yet: only when no more comes is it known what is missing.
                if came.lasting and came.filled_us < BREAK_FROM_US:
                    await _settle(tx, gap, await _missing(tx, gap, waiting), came.said)
                else:
                    again = tx.now + self._pause(gap, came)
                    tried = not (came.well or came.ours)
                    await fill_store.put_off(tx, gap, came.said, again, tried=tried)
        except Refused:
            return  # it is not recorded either at present

    def _waiting(self, camera: UUID) -> list[Stretch]:
        """What is finished and not in the index yet: a store that is away must not make us fetch it again."""
        return [(one.began_us, one.ended_us) for one in waiting_rows(self._parts.spool, camera)]

    def _pause(self, gap: Unfilled, came: Came) -> timedelta:
        if came.well:
            return _GOES_ON
        # Full jitter, else all cameras of a switch are asked in the same minute.
        return longest_pause(gap.tries) * (0.5 + self._parts.tools.chance.random() / 2)

    def _allowed(self, post: Post) -> bool:
        """Whether the camera is still this recorder's, as it was when the gap was asked for, and recorded under leave."""
        return self._posts.get(post.camera.id) is post and post.lease is not None

    async def _ask(self, post: Post, gap: Unfilled, span: Span) -> Came:
        """Fetch a stretch and say what came of it."""
        try:
            span, source = await self._source(post, gap, span)
        except Invalid as error:
            return Came(0, error.detail, lasting=error.reason in ("not_offered", "which"))
        except NotThere as error:
            return Came(0, str(error))
        written = _Written(self._parts, post, span, self._parts.tools.clock.now())

        def fetch() -> Came:
            with self._busy:
                pace = _Pace(self._parts.settings.back_fill_mbit_s, self._stop, lambda: self._allowed(post))
                try:
                    for out in source(pace.goes_on):
                        written.take(out)
                except NotReplayed as error:
                    return Came(written.end(), error.why, lasting=error.lasting)
                except _Unwritten as error:
                    return Came(written.end(), GAP_SENTENCES[error.reason], ours=True)
                filled = written.end()
                less = filled < span.end_us - span.begin_us - BREAK_FROM_US
                said = (LESS_KEPT if filled else NOTHING_KEPT) if less and not pace.ended else None
                return Came(filled, said, ours=pace.ended)

        return await asyncio.to_thread(fetch)

    async def _source(self, post: Post, gap: Unfilled, span: Span) -> tuple[Span, Source]:
        """Who gives what was kept of that time, the device, or the edge box that it stands behind; and of it what it may have.
        Raises Invalid, NotThere."""
        if gap.behind_box:
            way = await asyncio.to_thread(post.place, post.camera.address)
            if not isinstance(way, Through):
                raise Invalid("The camera stands behind no edge box any more.", reason="not_offered")
            return span, lambda goes_on: kept_by_box(way, span, camera=gap.camera, goes_on=goes_on)
        url, ahead_us, since_us = await self._where(post, gap, span)
        place = await asyncio.to_thread(post.place, url)
        if not isinstance(place, Place):
            raise Invalid("A replay's address is the camera's own.", reason="not_offered")
        span = Span(since_us, span.end_us)
        return span, lambda goes_on: fetched(
            place, span, self._parts.tools.clock, camera=gap.camera, ahead_us=ahead_us, onvif=gap.replay is None,
            patience=Patience(silent_after_s=4.0), goes_on=goes_on,
        )  # fmt: skip

    async def _where(self, post: Post, gap: Unfilled, span: Span) -> tuple[str, int, int]:
        """At which address that time is replayed, how far the camera's clock is ahead of ours, and from when on by ours it has any.
        Raises Invalid."""
        skew_us = None if post.skew_ms is None else post.skew_ms * 1000
        if gap.replay is not None:
            if skew_us is None:
                raise Invalid(NO_CLOCK, reason="no_clock")
            url = asking(gap.replay, span.begin_us + skew_us, span.end_us + skew_us + _TAIL_US)
            return url, skew_us, span.begin_us
        device = device_address(gap.device or "")
        there = await kept_there(self._reach, device, post.login, self._parts.tools.clock, gap.profile or "")
        ahead_us = ahead_of(skew_us, there.ahead)
        if ahead_us is None:
            raise Invalid(NO_CLOCK, reason="no_clock")
        since_us = span.begin_us if there.earliest is None else us(there.earliest) - ahead_us
        if since_us >= span.end_us:
            raise Invalid(NOTHING_KEPT, reason="nothing_kept")
        return there.url, ahead_us, max(since_us, span.begin_us)


async def _missing(tx: Tx, gap: Unfilled, waiting: Sequence[Stretch]) -> list[Stretch]:
    """What of a gap is not there by now, neither in the index nor on its way there."""
    begin, end = at(gap.began_us), at(gap.ended_us)
    there = await store.stretches_of(tx, [gap.camera], begin, end, margin=begin - MARGIN)
    return left_of((gap.began_us, gap.ended_us), sorted([*there[gap.camera], *waiting]))


async def _settle(tx: Tx, gap: Unfilled, missing: Sequence[Stretch], said: str | None) -> None:
    lost_us = sum(end - begin for begin, end in missing)
    await fill_store.settle(tx, gap, (said or NOTHING_KEPT) if missing else None)
    whole_us = gap.ended_us - gap.began_us
    if lost_us >= whole_us:
        return  # nothing was fetched: the gap says why, and the log had the asking
    detail = {"from": rfc3339(at(gap.began_us)), "to": rfc3339(at(gap.ended_us))}
    more: dict[str, Json] = {"filled_ms": (whole_us - lost_us) // 1000, "missing_ms": lost_us // 1000}
    await effect(tx, "camera.gap_filled", About("camera", gap.camera), detail=detail, more=more)


class _Unwritten(Exception):
    """What is fetched cannot be stored at present: why."""

    def __init__(self, reason: GapReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class _Written:
    """Writes what is fetched of a span as segments, from the keyframe at or before its begin on."""

    def __init__(self, parts: FillParts, post: Post, span: Span, now: datetime) -> None:
        self._span, self._held, self._filled_us, self._last_us = span, list[Frame](), 0, span.begin_us
        self._held_bytes = 0
        self._recorder = Recorder(
            post.camera.id,
            parts.tools.folder(post.camera.id),
            parts.tools.keystore,
            parts.tools.room,
            segment_us=parts.tools.segment_us,
            finished=parts.tools.finisher.take,
            missed=lambda gap: None,  # what is missing is known already
            fetched_us=us(now),
        )
        self._recorder.terms = post.recorder.terms

    def take(self, out: NewRun | Frame) -> None:
        """A run begins, or a frame of it comes. Raises NotReplayed when no keyframe comes, or _Unwritten."""
        if isinstance(out, NewRun):
            self._give()
            self._recorder.end(None)
            self._recorder.begin(out.run)
            return
        if out.key and out.captured_us <= self._span.begin_us:
            self._held, self._held_bytes = [], 0
        self._held.append(out)
        self._held_bytes += len(out.data)
        if out.captured_us >= self._span.begin_us:
            self._give()
        elif self._held_bytes > MOST_HELD:
            self._held = []
            raise NotReplayed(TOO_MUCH_HELD)

    def end(self) -> int:
        """Close what is written; how much of the span it is, in µs."""
        self._give()
        self._recorder.end(None)
        return self._filled_us

    def _give(self) -> None:
        given, self._held, self._held_bytes = self._held, [], 0
        for frame in given:
            self._recorder.frame(frame)
            if self._recorder.trouble is not None or not self._recorder.writing:
                raise _Unwritten(self._recorder.trouble or GapReason.NO_AUTHORISATION)
            if frame.captured_us >= self._span.begin_us:
                self._filled_us += min(max(frame.captured_us - self._last_us, 0), GAP_FROM_US)
                self._last_us = frame.captured_us


class _Pace:
    """Holds a device back to so many Mbit/s, and ends it when recording is allowed no more or the recorder stops."""

    def __init__(self, mbit_s: float, stop: threading.Event, allowed: Callable[[], bool]) -> None:
        self._bytes_per_s, self._stop, self._allowed = mbit_s * 125_000, stop, allowed
        self.ended = False

    def goes_on(self, sent: int) -> bool:
        """Whether to read on, after the time that so many bytes may take."""
        self.ended = self._stop.wait(sent / self._bytes_per_s) or not self._allowed()
        return not self.ended


def _well(post: Post) -> bool:
    """Only a camera that answers is asked; it is recorded under leave, and its login is known."""
    return post.lease is not None and post.unlocked and post.status is CameraStatus.LIVE


def longest_pause(tries: int) -> timedelta:
    """How long a camera that was asked so often in vain is left alone at most."""
    return min(_FIRST_PAUSE * (1 << min(tries, 10)), _LONGEST_PAUSE)


def asked_of(missing: Sequence[Stretch], tries: int) -> Span:
    """What is asked for next of what is missing, at most `MOST_US`: after a try in vain what comes after it, and all of it in turn."""
    pieces = [Span(a, min(a + MOST_US, end)) for begin, end in missing for a in range(begin, end, MOST_US)]
    return pieces[tries % len(pieces)]


def ahead_of(skew_us: int | None, told: timedelta | None) -> int | None:
    """How far a camera's clock is ahead of ours: by its pictures, to the millisecond, unless its SOAP says quite another time."""
    told_us = None if told is None else round(told.total_seconds() * 1_000_000)
    if skew_us is None or told_us is None:
        return skew_us if told_us is None else told_us
    return skew_us if abs(skew_us - told_us) <= _NEAR_US else told_us


def left_of(gap: Stretch, there: Sequence[Stretch]) -> list[Stretch]:
    """What of a gap is still missing, beside what is there of it in order of time."""
    left: list[Stretch] = []
    begin, end = gap
    for since, until in there:
        if since - begin >= BREAK_FROM_US:
            left.append((begin, since))
        begin = max(begin, until)
    if end - begin >= BREAK_FROM_US:
        left.append((begin, end))
    return left
