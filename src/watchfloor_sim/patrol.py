"""The patrol unit of the block: it drives, reports where it is, and goes where it is sent.

A guest may ride along with the officer's phone; the simulated officer leaves every step to them for a while, and takes
it when nobody does. It decides nothing that a center should: it answers what it was sent.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from watchfloor_sim.city.lay import streets_geojson
from watchfloor_sim.officer import Point, Route, SimOfficer, Streets, metres
from watchfloor_sim.people import API, Answered, Person
from watchfloor_sim.story import Told

STEP_S: Final = 2.0
GUEST_S: Final = 20.0
"""How long a step is left to a guest at the phone."""
STAYS_S: Final = 60.0
"""How long the unit looks around at the place before it says what came of it."""
_ASK_EVERY: Final = 2
_PATROL_M: Final = 4000.0
_THERE_M: Final = 40.0
_WORDS: Final = {"accepted": "has accepted", "en_route": "is on its way", "on_scene": "is at the place"}
# What the officer does next in each state.
_NEXT: Final = {"sent": "accept", "accepted": "en-route", "en_route": "on-scene"}


@dataclass(slots=True)
class _Order:
    """What the unit is on: an assignment, its state, and since when it is in it."""

    id: str
    incident: str
    number: str
    unit: str
    place: Point | None
    state: str
    since: float
    ours: bool = False
    """Whether the simulated officer took the last step: then no guest is at the phone, and it goes on at once."""


class Patrol:
    """The unit's evening. `officer` is signed in and on the unit's crew."""

    def __init__(self, officer: Person, unit: str, start: Point, told: Told, chance: random.Random) -> None:
        self._officer = officer
        self._told = told
        self._chance = chance
        self._streets = network(streets_geojson())
        here = self._crossing_at(start)
        route = self._streets.wander(here, _PATROL_M, chance)
        self._car = SimOfficer(str(officer.http.base_url), unit, officer.http, route)
        self._order: _Order | None = None

    async def drive(self) -> None:
        """For ever. A center that is away is asked again, one that has forgotten the officer is told again."""
        count = 0
        while True:
            await asyncio.sleep(STEP_S)
            count += 1
            try:
                if count % _ASK_EVERY == 0:
                    await self._hear()
                await self._car.step(STEP_S, datetime.now(UTC))
                await self._act()
            except httpx.HTTPStatusError as error:
                await self._refused(error.response.status_code)
            except (httpx.HTTPError, Answered):
                # The next step says more than a repeat of this one.
                continue

    async def _refused(self, status: int) -> None:
        """A session ends after some hours."""
        if status == httpx.codes.UNAUTHORIZED:
            try:
                await self._officer.sign_in()
            except (httpx.HTTPError, Answered):
                return

    async def _hear(self) -> None:
        """What the unit is on now, and the way there."""
        answer = await self._officer.http.get(f"{API}/assignments/mine")
        answer.raise_for_status()
        items = answer.json()["items"]
        if not items:
            if self._order is not None:
                self._order = None
                self._wander()
        else:
            self._take(items[0])
        if self._order is None and self._car.arrived:
            self._wander()

    def _take(self, mine: dict[str, Any]) -> None:
        order, now = self._order, asyncio.get_running_loop().time()
        if order is None or order.id != mine["id"]:
            place = mine["incident"]["place"]
            point = None if place["lat"] is None else (float(place["lat"]), float(place["lon"]))
            about = mine["incident"]
            sign = mine["unit"]["call_sign"]
            self._order = order = _Order(mine["id"], about["id"], about["number"], sign, point, "sent", now)
            self._told("sent", {"unit": sign, "incident": order.number})
        if order.state != mine["state"]:
            order.state, order.since, order.ours = mine["state"], now, False
            if order.state == "en_route":
                self._turn_to(order)

    async def _act(self) -> None:
        """The next step, when nobody at the phone takes it."""
        order = self._order
        if order is None or not self._due(order):
            return
        if order.state in _NEXT:
            step = _NEXT[order.state]
            body = {"warning_heard": True} if step == "accept" else {}
            after = await self._officer.post(f"/assignments/{order.id}/{step}", body)
            order.state, order.since, order.ours = after["state"], asyncio.get_running_loop().time(), True
            if order.state == "en_route":
                self._turn_to(order)
            self._tell_state(order, _WORDS.get(order.state, order.state))
        else:
            await self._conclude(order)

    def _due(self, order: _Order) -> bool:
        waited = asyncio.get_running_loop().time() - order.since
        if order.state == "on_scene":
            return waited >= STAYS_S
        if order.state == "en_route" and not self._there(order):
            return False
        return order.ours or waited >= GUEST_S

    def _there(self, order: _Order) -> bool:
        return order.place is None or metres((self._car.spot.lat, self._car.spot.lon), order.place) < _THERE_M

    async def _conclude(self, order: _Order) -> None:
        """The car has driven on, as one sees two minutes later."""
        said = {"results": ["nothing_found"], "arrests": 0, "charges": [], "note": "Gone on arrival."}
        try:
            await self._officer.post(f"/incidents/{order.incident}/outcome", said)
        finally:
            # A guest may have said already what came of it; the unit is free either way.
            await self._officer.post(f"/assignments/{order.id}/clear")
        self._tell_state(order, "has found nothing and is free again")

    def _tell_state(self, order: _Order, words: str) -> None:
        self._told("unit_state", {"unit": order.unit, "state": words, "incident": order.number})

    def _turn_to(self, order: _Order) -> None:
        if order.place is not None and not self._there(order):
            lat, lon = order.place
            self._car.turn_to(Route([(lat, lon), (lat, lon + 1e-5)]))

    def _wander(self) -> None:
        spot = self._car.spot
        self._car.turn_to(
            self._streets.wander(self._crossing_at((spot.lat, spot.lon)), _PATROL_M, self._chance)
        )

    def _crossing_at(self, point: Point) -> str:
        crossings = self._streets.crossings
        return min(crossings, key=lambda name: metres(crossings[name], point))


def network(geojson: bytes) -> Streets:
    """The crossings of some street lines, and which lead to which."""
    crossings: dict[str, Point] = {}
    leads_to: defaultdict[str, list[str]] = defaultdict(list)
    for feature in json.loads(geojson)["features"]:
        ends = [feature["geometry"]["coordinates"][at] for at in (0, -1)]
        names = [f"{lat:.6f} {lon:.6f}" for lon, lat in ends]
        crossings |= {name: (lat, lon) for name, (lon, lat) in zip(names, ends, strict=True)}
        leads_to[names[0]].append(names[1])
        leads_to[names[1]].append(names[0])
    return Streets(crossings, leads_to)
