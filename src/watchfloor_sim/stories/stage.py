"""What a story plays with: the people, the devices, how long it leaves things to guests, and whom it tells."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from watchfloor_sim.block import Running
from watchfloor_sim.ears import CityEars
from watchfloor_sim.people import Answered, Form, Person
from watchfloor_sim.reader import PlateReader
from watchfloor_sim.story import Block, Night, Told

ALERT_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Stage:
    """`cameras` are the ids at the center by the key of the site."""

    night: Night
    block: Block
    devices: Running
    cameras: Mapping[str, str]
    readers: Mapping[str, PlateReader]
    ears: CityEars
    told: Told
    leave_s: float = 0.0
    """How long what there is to do is left to guests before the simulated people do it; 0: not at all."""
    lasts_s: float = 90.0
    """How long something that ends by itself lasts, for somebody to look at it."""
    chance: random.Random = field(default_factory=random.Random)

    def person(self, role: str) -> Person:
        return self.night.people[role]


class Alerts:
    """The queue as it changes, from a moment on."""

    def __init__(self, items: AsyncIterator[Form], before: frozenset[str]) -> None:
        self._items = items
        self._before = before

    async def next(self, *, kind: str | None = None) -> Form:
        """The first alert that was not there, of that kind if one is named. Raises Answered when none comes in time."""
        try:
            async with asyncio.timeout(ALERT_WITHIN_S):
                async for item in self._items:
                    if item["id"] not in self._before and kind in (None, item["kind"]):
                        return item
        except TimeoutError:
            pass
        raise Answered(f"no alert came within {ALERT_WITHIN_S:.0f} s")

    async def until_taken(self, alert: str, within_s: float) -> str | None:
        """Who has taken it, if somebody does in this time."""
        try:
            async with asyncio.timeout(within_s):
                async for item in self._items:
                    if item["id"] == alert and item["state"] not in ("waiting", "escalated"):
                        return str((item["holder"] or {}).get("name", "somebody"))
        except TimeoutError:
            pass
        return None


@asynccontextmanager
async def queue(analyst: Person) -> AsyncIterator[Alerts]:
    """Watch the queue from now on."""
    before = frozenset(item["id"] for item in (await analyst.again("/alerts"))["items"])
    async with aclosing(analyst.watch("alerts")) as items:
        yield Alerts(items, before)
