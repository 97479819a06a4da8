"""When stories begin: by themselves, one after another, and when somebody asks for one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import httpx
import websockets

from watchfloor_sim.people import Answered
from watchfloor_sim.stories import STORIES, Stage

# What begins by itself: how long after the start, and then how often, in seconds.
TIMETABLE: Final = {
    "stolen-car": (60.0, 120.0),
    "expired-authorisation": (210.0, 1200.0),
    "camera-failing": (390.0, 1200.0),
    "gunshot": (150.0, 900.0),
    "misread": (570.0, 1200.0),
    "owner-revoking": (810.0, 1200.0),
}
# So long a guest has before the simulated people do what there is to do.
LEFT_TO_GUESTS_S: Final = 120.0


class Director:
    """Plays each story at most once at a time. What goes wrong in one is told and ends it alone."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._playing: dict[str, asyncio.Task[None]] = {}

    async def by_themselves(self) -> None:
        """For ever, by the timetable."""
        async with asyncio.TaskGroup() as group:
            for name, (first_s, every_s) in TIMETABLE.items():
                group.create_task(self._again_and_again(name, first_s, every_s))

    async def when_asked(self, names: AsyncIterator[str]) -> None:
        """As long as somebody may ask."""
        async for name in names:
            if (task := self._playing.get(name)) is not None and not task.done():
                self._stage.told("playing", {"story": name})
                continue
            self._stage.told("story", {"story": name, "what": STORIES[name][0]})
            self._playing[name] = asyncio.create_task(self._play(name))

    async def _again_and_again(self, name: str, first_s: float, every_s: float) -> None:
        await asyncio.sleep(first_s)
        while True:
            if (task := self._playing.get(name)) is None or task.done():
                self._playing[name] = asyncio.create_task(self._play(name))
            await asyncio.sleep(every_s)

    async def _play(self, name: str) -> None:
        try:
            await play(name, replace(self._stage, leave_s=LEFT_TO_GUESTS_S))
        except (Answered, httpx.HTTPError, websockets.WebSocketException, OSError) as error:
            self._stage.told("broke_off", {"story": name, "why": str(error) or type(error).__name__})


async def play(name: str, stage: Stage) -> None:
    """A story, from its beginning to its end. Whoever has been signed out meanwhile signs in again first."""
    for person in stage.night.people.values():
        await person.again("/session")
    await STORIES[name][1](stage)
