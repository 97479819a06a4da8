"""The units of River City: ten that drive, each with a locator of its own, and the radio that calls their crews.

Nobody asks the center every few seconds for each of them: the radio asks once for all, as one who sits beside the dispatcher.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from watchfloor_sim.city.ways import city_ways
from watchfloor_sim.http import trust
from watchfloor_sim.memory import Memory
from watchfloor_sim.officer import Point, Route, SimOfficer
from watchfloor_sim.patrol import Patrol
from watchfloor_sim.people import Answered, Person, sign_in
from watchfloor_sim.story import Told

RADIO_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Post:
    """A unit: its call sign, who is on it, and where it begins."""

    call_sign: str
    officer: str
    full_name: str
    start: Point


# The first is the one that the autopilot uses.
POSTS: Final = (
    Post("3142", "officer", "O. Stone", (38.6305, -90.2040)),
    Post("3107", "officer-3107", "B. Hale", (38.6270, -90.1945)),
    Post("3118", "officer-3118", "D. Moss", (38.6340, -90.1975)),
    Post("3125", "officer-3125", "E. Frost", (38.6450, -90.2000)),
    Post("3131", "officer-3131", "F. Vale", (38.6290, -90.2160)),
    Post("3136", "officer-3136", "G. Heath", (38.6200, -90.2130)),
    Post("3150", "officer-3150", "H. Brook", (38.6430, -90.2160)),
    Post("3163", "officer-3163", "J. Field", (38.6150, -90.1980)),
    Post("3174", "officer-3174", "K. Marsh", (38.6320, -90.1760)),
    Post("3180", "officer-3180", "L. Dale", (38.6240, -90.1800)),
)


class Fleet:
    """The units that `memory` knows, on patrol."""

    def __init__(
        self,
        supervisor: Person,
        memory: Memory,
        told: Told,
        chance: random.Random,
        posts: Sequence[Post] = POSTS,
    ) -> None:
        self._supervisor = supervisor
        self._clients: list[httpx.AsyncClient] = []
        base = str(supervisor.http.base_url).rstrip("/")
        self._patrols = {
            memory.units[post.call_sign]: self._patrol(base, post, memory, told, chance) for post in posts
        }

    def _patrol(self, base: str, post: Post, memory: Memory, told: Told, chance: random.Random) -> Patrol:
        ways = city_ways()
        bearer = {"Authorization": f"Bearer {memory.unit_tokens[post.call_sign]}"}
        client = httpx.AsyncClient(base_url=base, timeout=15, headers=bearer, verify=trust())
        self._clients.append(client)
        start = ways.crossing_at(post.start)
        route = Route([start, ways.legs[start][0].points[1]])
        locator = SimOfficer(base, memory.units[post.call_sign], client, route)
        return Patrol(post.call_sign, locator, lambda: sign_in(base, post.officer), ways, told, chance)

    async def drive(self) -> None:
        """For ever."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._radio())
                for patrol in self._patrols.values():
                    group.create_task(patrol.drive())
        finally:
            for client in self._clients:
                await client.aclose()

    async def _radio(self) -> None:
        """Call the crews that were sent somewhere; a center that is away is asked again."""
        while True:
            await asyncio.sleep(RADIO_S)
            try:
                units = await self._supervisor.again("/units")
            except (httpx.HTTPError, Answered):
                continue
            for unit in units["items"]:
                patrol = self._patrols.get(unit["id"])
                if patrol is not None and unit["state"] == "assigned":
                    patrol.wanted = True
