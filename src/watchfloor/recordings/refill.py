"""Fills gaps with what cameras kept of them (back-fill): one gap at a time, slowly, and only while recording is allowed.

A gap is asked for when its cause was the line, the recorder or our disk; what was not recorded by agreement, or without an authorisation,
is not fetched afterwards. Nothing is made up: what a camera does not give stays a gap with its cause, and with what the camera said.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.boxes.kept import kept_by_box
from watchfloor.cameras.boxes.session import Through
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.onvif.kept import Lens, kept_there
from watchfloor.cameras.onvif.model import Reach, device_address
from watchfloor.cameras.replay_address import asking
from watchfloor.cameras.rtsp.replay import NotReplayed, Patience, Span
from watchfloor.cameras.rtsp.session import Place
from watchfloor.cameras.state import CameraStatus, NotThere
from watchfloor.cameras.stream import Frame
from watchfloor.cameras.timed import fetched
from watchfloor.cameras.vault import Vault
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Refused
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.recordings import fill_store, store
from watchfloor.recordings.archive import Archive
from watchfloor.recordings.archives import Archives
from watchfloor.recordings.by_rtsp import Reached, ahead_of
from watchfloor.recordings.fill_store import Unfilled
from watchfloor.recordings.left import kept_of, left_of
from watchfloor.recordings.model import BREAK_FROM_US, GAP_SENTENCES, at, us
from watchfloor.recordings.play import MARGIN
from watchfloor.recordings.post import Post, Tools
from watchfloor.recordings.spool import waiting_rows
from watchfloor.recordings.write import Recorder
from watchfloor.recordings.write_fetched import Unwritten, Written
from watchfloor.settings import RecordSettings
from watchfloor.storage.tx import Tx

FILL_EVERY_S: Final = 5.0
# After a night of a bad line there are hundreds: between so many the recorder looks whether all is as it was.
MOST_A_TURN: Final = 30
# So much of a gap is asked for at once; then it is the next gap's turn.
MOST_US: Final = 600_000_000
_TRIES: Final = 6
_FIRST_PAUSE: Final = timedelta(seconds=60)
_LONGEST_PAUSE: Final = timedelta(hours=1)
# What was fetched is in the index by then, and the rest of the gap is asked for.
_GOES_ON: Final = timedelta(seconds=5)
# An address names whole seconds, and pictures are sent before others that are shown earlier.
_TAIL_US: Final = 2_000_000
NO_CLOCK: Final = (
    "How far the camera’s clock is off is not known, so nobody can say when its pictures were taken."
)
SUSPENDED: Final = "Recording was suspended for some of that time: the camera is not asked for it."
MOVED: Final = "The camera was moved since: it is not asked for what it saw elsewhere."
NOTHING_KEPT: Final = "The camera kept nothing of that time."
LESS_KEPT: Final = "The camera gave less than was asked for."
NOT_STORED: Final = "The camera gave what it kept, and it was not stored here."
TOO_OLD: Final = "Footage of that time is kept no more."
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
    vault: Vault

    @property
    def archives(self) -> Archives:
        """What cameras' sites keep, as this recorder reaches them."""
        tools = self.tools
        return Archives(self.vault, Reached(tools.networks, tools.resolve, tools.clock))


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


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nothing is asked for: what is said of that, and whether it is for good."""

    said: str | None
    lasting: bool


class Refill:
    """Fills the gaps of the cameras of one recorder, one at a time; between turns the loop of the recorder waits."""

    def __init__(self, parts: FillParts, posts: Mapping[UUID, Post]) -> None:
        self.parts, self.posts = parts, posts
        self._reach = Reach(parts.tools.networks, parts.tools.resolve)
        self._stop = threading.Event()
        self._busy = threading.Lock()
        self._first = 0
        # What came well of a gap at the last try, until it is seen whether it is there.
        self._came: dict[UUID, Span] = {}

    def close(self) -> None:
        """End what is being fetched, and wait for it: what came of it is handed on."""
        self._stop.set()
        with self._busy:
            pass

    async def turn(self) -> None:
        """Ask for the gaps that are due, one after another while they come: a camera that gives nothing has time until the next turn."""
        for _ in range(MOST_A_TURN):
            if not await self._one():
                return

    async def _one(self) -> bool:
        """Ask for the gap that is due; whether there was one, and the next may follow at once."""
        if self.parts.settings.back_fill_mbit_s <= 0:
            return False
        # Whose gap it was last comes last, else one agency's gaps would keep all others waiting.
        agencies = [*self.parts.agencies[self._first :], *self.parts.agencies[: self._first]]
        for number, agency in enumerate(agencies, self._first + 1):
            posts: dict[UUID, Post] = {
                p.camera.id: p for p in self.posts.values() if p.camera.agency == agency and _well(p)
            }
            if posts and (gap := await self._next(next(iter(posts.values())), list(posts))) is not None:
                self._first = number % len(agencies)
                return await self._fill(posts[gap.camera], gap)
        return False

    async def _next(self, post: Post, cameras: list[UUID]) -> Unfilled | None:
        try:
            async with self.parts.door.open(post.asks(Need.FOOTAGE_INDEX)) as tx:
                since = tx.now - timedelta(days=self.parts.settings.back_fill_days)
                return await fill_store.next_unfilled(tx, cameras, since)
        except Refused:
            return None

    async def _fill(self, post: Post, gap: Unfilled) -> bool:
        """Ask the camera for what is missing of a gap, under the leave that recording has. Whether it came, or was not to be asked for."""
        waiting = await self.waiting(gap.camera)
        try:
            async with self.parts.door.open(post.ask(Need.FOOTAGE_FILL)) as tx:
                span = await self._due(tx, post, gap, waiting)
                site = await self._archive(tx, post) if span is not None and gap.by_site else None
            if span is None:
                return True
            came = await self._ask(post, gap, span, site)
            if came.well:
                self._came[gap.id] = span
            waiting = await self.waiting(gap.camera)
            async with self.parts.door.open(post.ask(Need.FOOTAGE_FILL)) as tx:
                # What came is not in the index yet: only when no more comes is it known what is missing.
                if came.lasting and came.filled_us < BREAK_FROM_US:
                    await _settle(tx, gap, await _missing(tx, gap, waiting), came.said)
                else:
                    again = tx.now + self.pause(gap.tries, came)
                    tried = not (came.well or came.ours)
                    await fill_store.put_off(tx, gap, came.said, again, tried=tried)
        except Refused:
            return False  # it is not recorded either at present
        return came.well

    async def _due(self, tx: Tx, post: Post, gap: Unfilled, waiting: Sequence[Stretch]) -> Span | None:
        """What the camera is asked for; None where nothing is, which is settled, or put off, then."""
        came, missing = self._came.pop(gap.id, None), await _missing(tx, gap, waiting)
        moved = gap.stands_since is not None and gap.stands_since > at(gap.began_us)
        if moved or await fill_store.suspended(tx, gap.camera, at(gap.began_us)):
            await fill_store.settle(tx, gap, MOVED if moved else SUSPENDED)
            return None
        # What is fetched is kept by today's rule, whatever the gap's was.
        rule = post.recorder.terms.rule if post.recorder.terms is not None else gap.rule
        asked_since = tx.now - timedelta(days=self.parts.settings.back_fill_days)
        since_us = us(max(await fill_store.kept_since(tx, rule), asked_since))
        left = kept_of(missing, since_us, lambda day: self.parts.tools.keystore.keeps(gap.camera, rule, day))
        match asked_next(gap, missing, left, came):
            case Span() as span:
                return span
            case Unasked(said, lasting=True):
                await _settle(tx, gap, missing, said)
            case Unasked(said):
                again = tx.now + self.pause(gap.tries, Came(0, said))
                await fill_store.put_off(tx, gap, said, again, tried=True)
        return None

    async def waiting(self, camera: UUID) -> list[Stretch]:
        """What is finished and not in the index yet: a store that is away must not make us fetch it again."""
        rows = await asyncio.to_thread(lambda: list(waiting_rows(self.parts.spool, camera)))
        return [(one.began_us, one.ended_us) for one in rows]

    def pause(self, tries: int, came: Came) -> timedelta:
        """How long after this the camera, or its site, is asked again."""
        if came.well:
            return _GOES_ON
        # Full jitter, else all cameras of a switch are asked in the same minute.
        return longest_pause(tries) * (0.5 + self.parts.tools.chance.random() / 2)

    async def _archive(self, tx: Tx, post: Post) -> Archive | None:
        """What the camera's site keeps, where the camera itself names nothing."""
        camera = await camera_store.camera_of(tx, post.camera.id)
        return (
            None
            if camera is None
            else await self.parts.archives.archive(tx, post.ask(Need.FOOTAGE_FILL), camera)
        )

    def _allowed(self, post: Post) -> bool:
        """Whether the camera is still this recorder's, as it was when the gap was asked for, and recorded under leave."""
        return self.posts.get(post.camera.id) is post and post.lease is not None

    async def _ask(self, post: Post, gap: Unfilled, span: Span, site: Archive | None) -> Came:
        """Fetch a stretch and say what came of it."""
        try:
            span, source = await self._source(post, gap, span, site)
        except Invalid as error:
            return Came(0, error.detail, lasting=error.reason in ("not_offered", "which"))
        except NotThere as error:
            return Came(0, str(error))
        except NotReplayed as error:
            return Came(0, error.why, lasting=error.lasting)
        return await self.bring(post, span, source)

    async def bring(self, post: Post, span: Span, source: Source) -> Came:
        """Have the pictures of a stretch, and store them; what came of it."""
        written = Written(self._recorder(post), span)

        def fetch() -> Came:
            with self._busy:
                pace = _Pace(self.parts.settings.back_fill_mbit_s, self._stop, lambda: self._allowed(post))
                try:
                    for out in source(pace.goes_on):
                        written.take(out)
                except NotReplayed as error:
                    return Came(written.end(), error.why, lasting=error.lasting)
                except Unwritten as error:
                    return Came(written.end(), GAP_SENTENCES[error.reason], ours=True)
                filled = written.end()
                less = filled < span.end_us - span.begin_us - BREAK_FROM_US
                said = (LESS_KEPT if filled else NOTHING_KEPT) if less and not pace.ended else None
                return Came(filled, said, ours=pace.ended)

        return await asyncio.to_thread(fetch)

    def _recorder(self, post: Post) -> Recorder:
        """A recorder beside the camera's own, for what is fetched of it now, under the same terms."""
        tools = self.parts.tools
        made = Recorder(
            post.camera.id,
            tools.folder(post.camera.id),
            tools.keystore,
            tools.room,
            segment_us=tools.segment_us,
            finished=tools.finisher.take,
            missed=lambda gap: None,  # what is missing is known already
            fetched_us=us(tools.clock.now()),
        )
        made.terms = post.terms
        return made

    async def _source(
        self, post: Post, gap: Unfilled, span: Span, site: Archive | None
    ) -> tuple[Span, Source]:
        """Who gives what was kept of that time, the device, its site, or the edge box that it stands behind; and of it what it may have.
        Raises Invalid, NotThere, NotReplayed."""
        if site is not None:
            if post.skew_ms is None:
                raise Invalid(NO_CLOCK, reason="no_clock")
            return span, await site.pictures(span.begin_us, span.end_us)
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
            place, span, self.parts.tools.clock, camera=gap.camera, ahead_us=ahead_us, onvif=gap.replay is None,
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
        device = device_address(gap.device or "", post.camera.certificate)
        lens = Lens(profile=gap.profile or "")
        there = await kept_there(self._reach, device, post.login, self.parts.tools.clock, lens)
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


def asked_next(
    gap: Unfilled, missing: Sequence[Stretch], left: Sequence[Stretch], came: Span | None
) -> Span | Unasked:
    """What is asked for next of what is missing of a gap: `left` of it could be kept, and `came` the last time."""
    if not missing or gap.tries >= _TRIES + (gap.ended_us - gap.began_us) // MOST_US:
        return Unasked(gap.said, lasting=True)
    if not left:
        return Unasked(TOO_OLD, lasting=True)
    span = asked_of(left, gap.tries)
    # Whatever keeps it from the index keeps what is fetched anew from it too: that counts as a try, or it never ends.
    return Unasked(NOT_STORED, lasting=False) if span == came else span
