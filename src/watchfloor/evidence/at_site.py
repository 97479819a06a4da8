"""Fetches what a camera's site keeps of a span as plain MP4 files, group of pictures by group, as the site sends it.

What the site does not have, or does not give, is told and never passed over. It decides nothing: whoever calls it was let through the
door, and `allowed` says whether that still holds.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from watchfloor.cameras.cover import Cover
from watchfloor.cameras.frames import NewRun
from watchfloor.cameras.model import Camera
from watchfloor.cameras.rtsp.replay import MOST_HELD, TOO_MUCH_HELD, NotReplayed
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run
from watchfloor.evidence.cut import Clip, Say, Taken, finish
from watchfloor.evidence.model import NO_SITE, OF_SITES, Hole, known_of
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.archive import Pictures, Stretch
from watchfloor.recordings.archives import AtSite, lacking, not_kept
from watchfloor.recordings.fmp4 import Timed, fragment, init_segment
from watchfloor.recordings.model import BREAK_FROM_US, GAP_FROM_US, at

# So much is asked for at once: a recorder that loses its way loses no more, and what it lacks is found piece by piece.
PIECE_US: Final = 600_000_000
# A site sends at the pace of the clock, most of them; one that takes longer than this is left.
_PATIENCE: Final = 3
_PATIENCE_S: Final = 60.0
# What is fetched begins at the keyframe before, and some devices give the minute before.
EARLIER_US: Final = 65_000_000
_USUAL_TICKS: Final = 6_000
# Two answers of one site tell the same picture's time to the millisecond or so.
_SAME_US: Final = 100_000
_ROUNDING_US: Final = 20_000
_LEAST_US: Final = 1_000_000
NO_MORE: Final = "The site gave less than was asked for."
TOO_SLOW: Final = "The site sends too slowly."


@dataclass(frozen=True, slots=True)
class Way:
    """How a span is fetched: into which folder, with what painted over; `last` says that nobody will try again."""

    into: Path
    clock: Clock
    say: Say
    allowed: Callable[[], bool]
    room: Callable[[int], None]
    cover: Cover
    last: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The pictures from one keyframe to the next, of one run; `after` is the next keyframe, where it is of the same run."""

    run: Run
    frames: Sequence[Frame]
    after: Frame | None

    @property
    def ticks(self) -> int:
        """How long it lasts. A hole before the next keyframe is none of its pictures'."""
        last, first = self.frames[-1], self.frames[0]
        step = last.dts - self.frames[-2].dts if len(self.frames) > 1 else _USUAL_TICKS
        if self.after is not None and self.after.dts - last.dts < GAP_FROM_US * 9 // 100:
            step = self.after.dts - last.dts
        return last.dts + step - first.dts

    @property
    def begin_us(self) -> int:
        return self.frames[0].captured_us

    @property
    def end_us(self) -> int:
        return self.begin_us + self.ticks * 1_000_000 // TICKS_PER_S


async def fetch(there: AtSite, wanted: Sequence[Stretch], way: Way) -> Taken:
    """The files of what is wanted, and what was not had of it and why. Raises Unavailable when it is worth another try."""
    work = _Work(there, way)
    for begin, end in wanted:
        may = there.open_to_us(begin, end)
        for a, b in await work.known(may):
            await work.stretch(a, b)
    await asyncio.to_thread(work.close)
    return work.taken


class _Work:
    """The files in the making."""

    def __init__(self, there: AtSite, way: Way) -> None:
        self._there, self._way = there, way
        self._raw: _Raw | None = None
        self._size = 0
        self.taken = Taken()

    async def known(self, may: Sequence[Stretch]) -> Sequence[Stretch]:
        """What of it the site says that it has; all of it where it cannot tell, or does not answer to that."""
        if not may:
            return []
        try:
            has = await self._there.has(may[0][0], may[-1][1])
        except NotReplayed:
            return may
        if has.stretches is None:
            return may
        for begin, end in lacking(has.stretches, may):
            self._lost(begin, end, not_kept(self._there.site))
        return [(a, b) for a, b in has.stretches if b - a >= BREAK_FROM_US]

    async def stretch(self, begin_us: int, end_us: int) -> None:
        """Fetch it piece by piece; where a piece ends early the rest of it is asked for again, as long as that brings more."""
        begin = begin_us
        while end_us - begin >= BREAK_FROM_US and self._way.allowed():
            end = min(end_us, begin + PIECE_US)
            reached, error = await self._piece(begin, end, whole=end == end_us)
            if reached >= end - BREAK_FROM_US:
                begin = end if end == end_us else reached
            elif error is None and reached - begin >= _LEAST_US:
                begin = reached
            else:
                self._failed(error or NotReplayed(NO_MORE, lasting=True), reached, end)
                begin = end

    def _failed(self, error: NotReplayed, begin: int, end: int) -> None:
        if not (error.nothing or error.lasting or self._way.last):
            raise Unavailable(
                f"The site {self._there.site} did not give what it keeps: {error.why}", reason="site_away"
            )
        said = (
            not_kept(self._there.site)
            if error.nothing
            else f"The site {self._there.site} did not give it: {error.why}"
        )
        self._lost(begin, end, said)
        if not error.nothing:
            self.taken.unanswered = said

    async def _piece(self, begin: int, end: int, *, whole: bool) -> tuple[int, NotReplayed | None]:
        """How far a piece came, and what it ended by. The group that goes on in the next piece is left to that."""
        way, reached = self._way, begin
        ends_at = way.clock.monotonic() + _PATIENCE * (end - begin) / 1e6 + _PATIENCE_S
        groups: _Groups | None = None
        try:
            groups = _Groups(
                await self._there.pictures(begin, end),
                lambda: way.clock.monotonic() < ends_at and way.allowed(),
            )
            while (group := await asyncio.to_thread(groups.next)) is not None:
                if group.end_us <= begin + _ROUNDING_US:
                    continue  # of before
                if (
                    group.after is None
                    and not whole
                    and group.end_us >= end - BREAK_FROM_US
                    and group.begin_us > begin
                ):
                    return group.begin_us, None
                await asyncio.to_thread(self._add, group)
                reached = group.end_us
                await way.say(reached)
        except NotReplayed as error:
            return reached, error
        finally:
            if groups is not None:
                await asyncio.to_thread(groups.close)
        return reached, NotReplayed(TOO_SLOW) if way.clock.monotonic() >= ends_at else None

    def _add(self, group: Group) -> None:
        self._size += sum(len(frame.data) for frame in group.frames)
        self._way.room(self._size)
        if self._raw is None or not self._raw.goes_on_with(group):
            self.close()
            self._raw = _Raw(self._way.into / f"site-{len(self.taken.clips) + 1:03}.fmp4", group)
        self._raw.add(group)

    def _lost(self, begin: int, end: int, why: str) -> None:
        self.taken.lost.append(Hole(begin, end, why))

    def close(self) -> None:
        """Finish the file at hand as plain MP4."""
        raw, self._raw = self._raw, None
        if raw is None:
            return
        raw.close()
        path, frames, coded = finish(raw.path, self._way.cover, raw.coded, raw.begin_us, raw.end_us)
        source = self._there.archive.source | raw.came(self._way.clock.now())
        self.taken.clips.append(Clip(path, raw.begin_us, raw.end_us, frames, *coded, (), source))


class _Raw:
    """A file of fMP4 that grows group by group, over the answers of a site to one question after another."""

    def __init__(self, path: Path, group: Group) -> None:
        self.path, self.begin_us, self.end_us = path, group.begin_us, group.begin_us
        format_ = group.run.format
        self.coded = format_.mime, format_.width, format_.height
        self._sets, self._ticks, self._number = format_.sets, 0, 0
        self._sha256 = hashlib.sha256()
        self._file = path.open("wb")
        self._file.write(init_segment(format_))

    def goes_on_with(self, group: Group) -> bool:
        """Whether the group follows without a gap and with the same parameters."""
        apart = group.begin_us - self.end_us
        return group.run.format.sets == self._sets and -_SAME_US < apart < GAP_FROM_US

    def add(self, group: Group) -> None:
        apart_us = max(0, group.begin_us - self.end_us)
        moved = self._ticks + apart_us * 9 // 100 - group.frames[0].dts
        frames = [replace(one, dts=one.dts + moved, pts=one.pts + moved) for one in group.frames]
        ends = [*(b.dts - a.dts for a, b in pairwise(frames))]
        ends.append(group.ticks - (frames[-1].dts - frames[0].dts))
        timed = [Timed(frame, ticks) for frame, ticks in zip(frames, ends, strict=True)]
        self._number += 1
        self._file.write(fragment(self._number, timed))
        for frame in group.frames:
            self._sha256.update(frame.data)
        self._ticks = frames[0].dts + group.ticks
        self.end_us = group.end_us

    def came(self, now: datetime) -> dict[str, Json]:
        """When it was fetched, of which time it is, and the hash of its coded pictures as they came, one after the other."""
        return {
            "from": rfc3339(at(self.begin_us)), "to": rfc3339(at(self.end_us)), "fetched_at": rfc3339(now),
            "sha256_received": self._sha256.hexdigest(),
        }  # fmt: skip

    def close(self) -> None:
        self._file.close()


class _Groups:
    """The pictures of one answer, group by group. In a thread: it waits for the site."""

    def __init__(self, pictures: Pictures, goes_on: Callable[[], bool]) -> None:
        self._steps = pictures(lambda sent: goes_on())
        self._run: Run | None = None
        self._ahead: NewRun | Frame | None = None

    def next(self) -> Group | None:
        """The next group; None when no more comes. Raises NotReplayed."""
        frames: list[Frame] = []
        held = 0
        while (out := self._ahead or next(self._steps, None)) is not None:
            self._ahead = None
            if frames and (isinstance(out, NewRun) or out.key):
                self._ahead = out
                return self._group(frames, out)
            if isinstance(out, NewRun):
                self._run = out.run
            elif out.key or frames:
                frames.append(out)
                held += len(out.data)
                if held > MOST_HELD:
                    raise NotReplayed(TOO_MUCH_HELD)
        return self._group(frames, None) if frames else None

    def _group(self, frames: list[Frame], after: NewRun | Frame | None) -> Group | None:
        return (
            None
            if self._run is None
            else Group(self._run, frames, after if isinstance(after, Frame) else None)
        )

    def close(self) -> None:
        """End the session."""
        if isinstance(self._steps, Generator):
            self._steps.close()


def not_here(camera: Camera, there: AtSite | None) -> list[Hole]:
    """What is known of what is missing, once the site was asked."""
    return [
        replace(one, reason=NO_SITE if there is None else not_kept(there.site))
        if one.reason in OF_SITES
        else one
        for one in known_of(camera)
    ]
