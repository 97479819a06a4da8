"""A unit's evening: it drives the streets, its locator reports where it is, and it goes where it is sent.

A guest may ride along with the officer's phone; the simulated officer leaves every step to them for a while, and takes
it when nobody does. It decides nothing that a center should: it answers what it was sent.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from watchfloor_sim.city.ways import Ways
from watchfloor_sim.officer import Point, SimOfficer, metres
from watchfloor_sim.people import API, Answered, Person
from watchfloor_sim.story import Told

GUEST_S: Final = 20.0
"""How long a step is left to a guest at the phone."""
STAYS_S: Final = 60.0
"""How long the unit looks around at the place before it says what came of it."""
STEP_S: Final = 2.0
"""How often it reports where it is."""
_PATROL_MPS: Final = (8.0, 12.5)
_SENT_MPS: Final = 15.0
_PATROL_M: Final = 4000.0
_THERE_M: Final = 60.0
_WORDS: Final = {"accepted": "has accepted", "en_route": "is on its way", "on_scene": "is at the place"}
# What the officer does next in each state.
_NEXT: Final = {"sent": "accept", "accepted": "en-route", "en_route": "on-scene"}


@dataclass(slots=True)
class _Order:
    """What the unit is on: an assignment, its state, and since when it is in it."""

    id: str
    incident: str
    number: str
    place: Point | None
    state: str
    since: float
    ours: bool = False
    """Whether the simulated officer took the last step: then no guest is at the phone, and it goes on at once."""


class Patrol:
    """A unit. `locator` bears the token of its device; `crew` signs the officer in, when there is something to do."""

    def __init__(
        self,
        call_sign: str,
        locator: SimOfficer,
        crew: Callable[[], Awaitable[Person]],
        ways: Ways,
        told: Told,
        chance: random.Random,
    ) -> None:
        self.call_sign = call_sign
        self.wanted = False
        """Whether the radio has called: the center has an assignment for the unit."""
        self._car = locator
        self._crew = crew
        self._ways = ways
        self._told = told
        self._chance = chance
        self._order: _Order | None = None
        self._officer: Person | None = None
        self._wander()

    async def drive(self) -> None:
        """For ever. A center that is away is asked again, one that has forgotten the officer is told again."""
        await asyncio.sleep(self._chance.uniform(0, STEP_S))
        while True:
            await asyncio.sleep(STEP_S)
            try:
                await self._car.step(STEP_S, datetime.now(UTC))
                if self.wanted or self._order is not None:
                    await self._hear()
                    await self._act()
            except httpx.HTTPStatusError as error:
                # A session ends after some hours; the next step signs in anew.
                self._officer = (
                    None if error.response.status_code == httpx.codes.UNAUTHORIZED else self._officer
                )
            except (httpx.HTTPError, Answered):
                # The next step says more than a repeat of this one.
                continue
            finally:
                if self._order is None and self._car.arrived:
                    self._wander()

    async def _hear(self) -> None:
        """What the unit is on now, and the way there."""
        officer = await self._at_the_radio()
        answer = await officer.http.get(f"{API}/assignments/mine")
        answer.raise_for_status()
        items = answer.json()["items"]
        if items:
            self._take(items[0])
        elif self._order is not None:
            self._order = None
            self._wander()
        self.wanted = bool(items)

    async def _at_the_radio(self) -> Person:
        if self._officer is None:
            self._officer = await self._crew()
        return self._officer

    def _take(self, mine: dict[str, Any]) -> None:
        order, now = self._order, asyncio.get_running_loop().time()
        if order is None or order.id != mine["id"]:
            place = mine["incident"]["place"]
            point = None if place["lat"] is None else (float(place["lat"]), float(place["lon"]))
            about = mine["incident"]
            self._order = order = _Order(mine["id"], about["id"], about["number"], point, "sent", now)
            self._told("sent", {"unit": self.call_sign, "incident": order.number})
        if order.state != mine["state"]:
            order.state, order.since, order.ours = mine["state"], now, False
            if order.state == "en_route":
                self._turn_to(order)

    async def _act(self) -> None:
        """The next step, when nobody at the phone takes it."""
        order = self._order
        if order is None or not self._due(order):
            return
        officer = await self._at_the_radio()
        if order.state in _NEXT:
            step = _NEXT[order.state]
            body = {"warning_heard": True} if step == "accept" else {}
            after = await officer.post(f"/assignments/{order.id}/{step}", body)
            order.state, order.since, order.ours = after["state"], asyncio.get_running_loop().time(), True
            if order.state == "en_route":
                self._turn_to(order)
            self._tell_state(order, _WORDS.get(order.state, order.state))
        else:
            await self._conclude(order, officer)

    def _due(self, order: _Order) -> bool:
        waited = asyncio.get_running_loop().time() - order.since
        if order.state == "on_scene":
            return waited >= STAYS_S
        if order.state == "en_route" and not self._there(order):
            return False
        return order.ours or waited >= GUEST_S

    def _there(self, order: _Order) -> bool:
        return order.place is None or self._car.arrived or metres(self._here(), order.place) < _THERE_M

    async def _conclude(self, order: _Order, officer: Person) -> None:
        """The car has driven on, as one sees two minutes later."""
        said = {"results": ["nothing_found"], "arrests": 0, "charges": [], "note": "Gone on arrival."}
        try:
            await officer.post(f"/incidents/{order.incident}/outcome", said)
        finally:
            # A guest may have said already what came of it; the unit is free either way.
            await officer.post(f"/assignments/{order.id}/clear")
        self._tell_state(order, "has found nothing and is free again")

    def _tell_state(self, order: _Order, words: str) -> None:
        self._told("unit_state", {"unit": self.call_sign, "state": words, "incident": order.number})

    def _here(self) -> Point:
        return self._car.spot.lat, self._car.spot.lon

    def _turn_to(self, order: _Order) -> None:
        """On to the next crossing, from there the quickest way, and then to the door."""
        if order.place is None or metres(self._here(), order.place) < _THERE_M:
            return
        ahead = self._ways.next_crossing(self._car.route.ahead(self._car.gone_m))
        way = self._ways.way(ahead[-1], self._ways.crossing_at(order.place))
        self._car.speed_mps = _SENT_MPS
        self._car.turn_to([*ahead, *way, order.place])

    def _wander(self) -> None:
        ahead = self._ways.next_crossing(self._car.route.ahead(self._car.gone_m))
        self._car.speed_mps = round(self._chance.uniform(*_PATROL_MPS), 1)
        self._car.turn_to([*ahead, *self._ways.wander(ahead[-1], _PATROL_M, self._chance).points])
