"""Who is shown painted pictures, and how many can be painted at a time: live, of stored video, and single ones.

Its work runs in threads of its own; whoever comes when all are taken is told, and nobody gets a picture unpainted instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from watchfloor.cameras.cover import OPEN, Cover
from watchfloor.cameras.dwelling_seen import Way
from watchfloor.cameras.mask_book import MaskBook
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Full
from watchfloor.kit.sure import sure
from watchfloor.recordings.fmp4 import Timed, fragment, frames_of, init_segment
from watchfloor.recordings.model import us
from watchfloor.recordings.play import Stretch
from watchfloor.recordings.repaint import LivePainter, Painter, cannot_mask

T = TypeVar("T")
# Pictures of a stretch are shown a little before its begin where they are coded out of order, and its last group goes on after its end.
_BEFORE_US: Final = 2_000_000
_AFTER_US: Final = 30 * 60_000_000


class Masked:
    """The masks of this process's pictures, and the threads that paint them."""

    def __init__(self, book: MaskBook, most: int) -> None:
        self.book, self._most = book, most
        self._threads = ThreadPoolExecutor(max(1, most), thread_name_prefix="paint")
        self._taken = self._lent = 0

    @property
    def painting(self) -> int:
        """How many are painted now."""
        return self._taken

    async def cover(self, agency: UUID, camera: UUID, *, lent: bool = False) -> Cover:
        """What is to be painted over in a live picture; `lent`: in one that a partner records. Raises Unavailable."""
        return await self.book.live(agency, camera, lent=lent)

    async def admit(self, ask: Ask) -> bool:
        """Whether this live look may see what is covered; the log has it then. Raises Refused, Unavailable."""
        if ask.need is Need.CAMERA_LENT:
            return False
        await self.book.refuse_dwelling(ask)
        return await self.book.unmasked(ask)

    async def unmasked(self, ask: Ask) -> bool:
        """Whether this look may see what is painted over; the log has it then. Raises Unavailable."""
        return await self.book.unmasked(ask, hidden=True)

    async def painted(self, ask: Ask, begin: datetime, end: datetime | None = None) -> Cover:
        """What is painted over in what was recorded about then, for whoever sees nothing beneath. Raises Unavailable."""
        camera = sure(sure(ask.about, "the camera of a look").id, "the camera of a look")
        return await self.book.then(ask.actor.agency, camera, begin, end or begin)

    async def recorded(self, ask: Ask, begin: datetime, end: datetime | None = None) -> tuple[Cover, bool]:
        """What is to be painted over in what was recorded about then, for this look at a camera; and whether the look may see
        what is covered. Raises Unavailable.
        """
        cover = await self.painted(ask, begin, end)
        bare = await self.book.unmasked(ask, hidden=bool(cover.over(us(begin), us(end or begin) + 1)))
        return OPEN if bare else cover, bare

    async def watched(self, ask: Ask) -> None:
        """Until it is cancelled: what a live look shows of a dwelling is added up. Raises Refused once it is too much."""
        await self.book.watched(ask)

    async def played(self, ask: Ask, begin: datetime, end: datetime) -> Cover:
        """What is painted over in what is played. Raises Refused where it comes to too much of one dwelling; Unavailable."""
        cover, _ = await self.recorded(ask, begin, end)
        await self.looks(ask, Way.PLAY, begin, end, cover)
        return cover

    async def looks(self, ask: Ask, way: Way, begin: datetime, end: datetime, cover: Cover) -> None:
        """Add up what they look at of a dwelling: what nobody sees counts for nobody. Raises Refused where it is too much."""
        if not cover.hides_all(us(begin), us(end)):
            denied = await self.book.budget.looked(ask, way, begin, end)
            if denied is not None:
                await self.book.refuse(ask, denied)

    def begin(self, cover: Cover, *, lent: bool = False) -> LivePainting:
        """Paint a live stream until it is closed; `lent`: one that a partner records. Raises Full."""
        return LivePainting(self, LivePainter(cover), _Place(self, lent=lent))

    async def stretch(self, stretch: Stretch, cover: Cover) -> Stretch:
        """The same stretch, painted. Raises Full, Unavailable."""
        if not cover.over(stretch.begin_us - _BEFORE_US, stretch.end_us + _AFTER_US):
            return stretch
        with contextlib.ExitStack() as until_begun:
            place = _Place(self)
            until_begun.callback(place.close)
            painter = Painter(cover, await anext(stretch.parts), began_us=stretch.begin_us)
            first, rest = await self._first(painter, stretch.parts)
            if painter.format is None:
                raise cannot_mask()
            until_begun.pop_all()
        parts = self._parts(init_segment(painter.format), first, rest, painter, place)
        # Whoever goes before the first byte never begins it, so that it would not end either.
        weakref.finalize(parts, place.close)
        return replace(stretch, mime=painter.format.mime, parts=parts)

    async def _first(
        self, painter: Painter, parts: AsyncIterator[bytes]
    ) -> tuple[list[list[Timed]], AsyncIterator[bytes]]:
        """What the first groups come to, until there is a picture: only then is the format known."""
        made: list[list[Timed]] = []
        async for part in parts:
            made += await self.work(lambda part=part: _group(painter, part))  # type: ignore[misc]  # bound at once
            if painter.format is not None:
                return made, parts
        made.append(await self.work(painter.drain))
        return made, parts

    async def _parts(
        self,
        init: bytes,
        first: Sequence[list[Timed]],
        rest: AsyncIterator[bytes],
        painter: Painter,
        place: _Place,
    ) -> AsyncIterator[bytes]:
        number = 0
        try:
            yield init
            groups: Sequence[list[Timed]] = first
            ended = False
            while True:
                for group in groups:
                    if group:
                        number += 1
                        yield fragment(number, group)
                if ended:
                    return
                part = await anext(rest, None)
                ended = part is None
                groups = (
                    [await self.work(painter.drain)]
                    if part is None
                    else await self.work(lambda part=part: _group(painter, part))  # type: ignore[misc]  # bound at once
                )
        finally:
            place.close()

    def take(self, *, lent: bool = False) -> None:
        """Take a place among those that are painted. What is lent takes half of them at most, rounded down: it is recorded day and
        night, and those whose cameras they are go on seeing theirs. Raises Full."""
        if lent and self._lent >= self._most // 2:
            raise Full(
                f"Of the {self._most} pictures with a mask that this center paints at a time, {self._most // 2} may be lent ones.",
                reason="masked_full",
                next_step="Ask the people of that center for more of them (record.masked_pictures), or for a camera without a mask.",
                retry_after_s=5,
            )
        if self._taken >= self._most:
            raise Full(
                "Masked pictures are at their limit.",
                reason="masked_full",
                next_step="Ask again, or watch another camera.",
                retry_after_s=5,
            )
        self._taken += 1
        self._lent += lent

    def give(self, *, lent: bool = False) -> None:
        """Give the place back."""
        self._taken -= 1
        self._lent -= lent

    async def work(self, what: Callable[[], T]) -> T:
        """Do it in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, what)


class _Place:
    """A place among those that are painted, given back once. Raises Full."""

    def __init__(self, masked: Masked, *, lent: bool = False) -> None:
        masked.take(lent=lent)
        self._masked: Masked | None = masked
        self._lent = lent

    def close(self) -> None:
        masked, self._masked = self._masked, None
        if masked is not None:
            masked.give(lent=self._lent)


class LivePainting:
    """A live stream that is painted; it has a place until it is closed."""

    def __init__(self, masked: Masked, painter: LivePainter, place: _Place) -> None:
        self._masked, self._painter, self._place = masked, painter, place

    async def feed(self, data: bytes) -> list[bytes]:
        """What may be shown after this. Raises Unavailable."""
        return await self._masked.work(lambda: self._painter.feed(data))

    def close(self) -> None:
        """Give the place back."""
        self._place.close()


def _group(painter: Painter, part: bytes) -> list[list[Timed]]:
    """What a fragment comes to, beside what waited for its group's end."""
    frames = frames_of(part)
    ended = painter.drain() if frames and frames[0].frame.key else []
    return [ended, painter.paint(frames)]
