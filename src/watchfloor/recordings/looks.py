"""Looks at what a camera recorded, made of many small askings (a row of thumbnails, pieces of video): one decision in the log, and one end
with how much there was of each.

A grant stays open while somebody holds the look or goes on asking, and is closed when nobody did for a while. It shows nothing itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from watchfloor.governance.door import Door
from watchfloor.governance.grant import Grant
from watchfloor.governance.model import About, Ask, Why
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.geo import Point

IDLE_S: Final = 20.0
_LOOK_EVERY_S: Final = 1.0
_Of = tuple[UUID, UUID | None, About | None, Why | None, TechnologyKind | None, Point | None]


@dataclass(slots=True)
class Look:
    """One that is open, and how often it is held; `counts` is what was shown in it, as the log will have it."""

    grant: Grant
    asked_at: float
    held: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def shows(self, begin_us: int, end_us: int) -> None:
        """So much of what was recorded is shown now (µs): an owner is told within which time it was."""
        more = shown_of(begin_us, end_us)
        self.counts["video_ms"] += more["video_ms"]
        self._within(more["from_ms"], more["to_ms"])

    def shows_picture(self, at_us: int) -> None:
        """A single picture of that moment (µs) is shown now, for which nothing is played."""
        self._within(at_us // 1000, at_us // 1000)

    def _within(self, from_ms: int, to_ms: int) -> None:
        """The first and the last that was shown: not all between them need have been."""
        self.counts["from_ms"] = min(self.counts["from_ms"] or from_ms, from_ms)
        self.counts["to_ms"] = max(self.counts["to_ms"], to_ms)


def shown_of(begin_us: int, end_us: int) -> dict[str, int]:
    """What the log keeps of a time (µs) of what was recorded that was shown."""
    return {"video_ms": (end_us - begin_us) // 1000, "from_ms": begin_us // 1000, "to_ms": end_us // 1000}


class Looks:
    """The looks of this process that are open: by who looks in which session, at which camera, for what, and where it stood then."""

    def __init__(self, door: Door, clock: Clock, counted: str) -> None:
        """`counted` is what the log calls what is shown."""
        self._door, self._clock, self._counted = door, clock, counted
        self._open: dict[_Of, Look] = {}
        self._beginning: dict[_Of, asyncio.Task[Look]] = {}

    async def grant(self, ask: Ask) -> Grant:
        """The leave under which one more may be shown: that of the look that goes on, else a new one. Raises as the door."""
        look = await self._look(ask)
        look.counts[self._counted] += 1
        return look.grant

    async def hold(self, ask: Ask) -> Look:
        """The same for whoever has pictures of it before them, until `let_go`: it is open as long. Raises as the door."""
        look = await self._look(ask)
        look.held += 1
        return look

    def shown(self, grant: Grant, at_us: int) -> None:
        """A picture of that moment (µs) is shown under a grant."""
        for look in self._open.values():
            if look.grant is grant:
                look.shows_picture(at_us)

    def let_go(self, look: Look) -> None:
        """It is not held any more; who asks again within a while goes on in it."""
        look.held -= 1
        look.asked_at = self._clock.monotonic()

    async def _look(self, ask: Ask) -> Look:
        """The door decides by what a camera is and where it stood: what was recorded elsewhere is another look."""
        key = (ask.actor.id, ask.actor.session, ask.about, ask.why, ask.technology, ask.place)
        look = self._open.get(key)
        if look is not None and look.grant.ended.is_set():
            await self._end(key)
            look = None
        if look is None:
            if key not in self._beginning:
                self._beginning[key] = asyncio.create_task(self._begin(key, ask))
            # Shielded: whoever moves on must not take the look from the next one.
            look = await asyncio.shield(self._beginning[key])
        look.asked_at = self._clock.monotonic()
        return look

    async def run(self) -> None:
        """Close what nobody asks for any more, for ever; and all of it at the end."""
        try:
            while True:
                await self._clock.sleep(_LOOK_EVERY_S)
                now = self._clock.monotonic()
                for key, look in list(self._open.items()):
                    idle = look.held == 0 and now - look.asked_at >= IDLE_S
                    if look.grant.ended.is_set() or idle:
                        await self._end(key)
        except asyncio.CancelledError:
            await self.close()
            raise

    async def close(self) -> None:
        """Close all of them."""
        for key in list(self._open):
            await self._end(key)

    async def _begin(self, key: _Of, ask: Ask) -> Look:
        try:
            look = self._open[key] = Look(await self._door.grant(ask), self._clock.monotonic())
        finally:
            del self._beginning[key]
        return look

    async def _end(self, key: _Of) -> None:
        look = self._open.pop(key, None)
        if look is not None:
            with contextlib.suppress(WatchfloorError):
                await look.grant.close(look.counts)
