"""Microphones on the wire of a test center, and whoever listens to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import psycopg
from fastapi import APIRouter

from tests.fixtures.center import CenterParts, CenterWeb
from tests.incidents import came_of
from tests.incidents.pulled import SIGNER, Roofs
from watchfloor.acoustics import api as acoustics_api
from watchfloor.acoustics import pulse_api
from watchfloor.acoustics.listen import Listener, ListenParts, Told
from watchfloor.acoustics.take import Intake
from watchfloor.dispatch.api import beside_incident
from watchfloor.governance.door import Door
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.incidents import api
from watchfloor.incidents.api import IncidentParts
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.pull_sound import Pulling
from watchfloor.incidents.raise_sounds import AlertsFromSounds
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.geo import Point
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects
from watchfloor.storage.tx import Tx
from watchfloor_sim.acoustic_array import AcousticArray, Heard, Street, grid, shots

ORIGIN = Point(38.627, -90.199)
PER_LAT = 111_320.0
PER_LON = PER_LAT * float(np.cos(np.radians(ORIGIN.lat)))
SHOOTER = (90.0, -60.0)
COUNT = 12


def there(place: Sequence[float]) -> Point:
    """A place in metres east and north of the middle."""
    return Point(ORIGIN.lat + place[1] / PER_LAT, ORIGIN.lon + place[0] / PER_LON)


def routers(roofs: Roofs, parts: CenterParts) -> list[APIRouter]:
    """What is asked of microphones, pulses, the weather and alerts."""

    async def nobody(_: str, __: UUID, ___: UUID) -> None:
        """Nobody hears of it."""

    alerts = Alerts(parts.door, nobody, Objects(ObjectSettings(), parts.data / "objects"))
    intake = Intake(parts.door, parts.clock)
    return [
        acoustics_api.routes(parts.door),
        pulse_api.routes(intake),
        api.routes(IncidentParts(alerts, (beside_incident,), pulling=Pulling(alerts, SIGNER, roofs))),
        *came_of.routers(parts, nobody),
    ]


@dataclass
class Killed:
    """A sink that ends whoever listens, once each way: as nobody thought it could, with nothing kept, and right after it was kept."""

    sink: AlertsFromSounds
    ways: list[str]

    async def __call__(self, tx: Tx, told: Told, /) -> None:
        way = self.ways.pop(0) if self.ways else None
        if way == "odd":
            raise ZeroDivisionError("nobody thought of that")
        await self.sink(tx, told)
        if way == "after":
            tx.after_commit(_dies)


async def _dies() -> None:
    raise Unavailable("killed", reason="test", retry_after_s=1)


@dataclass
class Suspending:
    """A door at which leave ends while what was heard is reckoned: before it is asked a second time who may be listened to."""

    door: Door
    suspends: Callable[[], Awaitable[None]]
    asked: int = 0

    def open(self, ask: Ask) -> AbstractAsyncContextManager[Tx]:
        return self.door.open(ask)

    async def lease(self, asks: Sequence[Ask]) -> tuple[Lease | Denied, ...]:
        if asks and asks[0].need is Need.ARRAY_HEAR:
            self.asked += 1
        if self.asked == 2:
            await self.suspends()
        return await self.door.lease(asks)


@dataclass
class City:
    """Twelve microphones on the wire, and whoever listens to them."""

    web: CenterWeb
    owner: str
    devices: list[httpx.AsyncClient] = field(default_factory=list)

    async def registered(self) -> None:
        technician = await self.web.person("technician")
        for number, ear in enumerate(grid(COUNT, apart_m=280, seed=5)):
            at = there(ear.place)
            body = {
                "name": f"M{number}",
                "lat": at.lat,
                "lon": at.lon,
                "height_m": 8,
                "error_m": 2,
                "clock_bound_ms": 1,
            }
            made = (await technician.post("/api/v1/microphones", json=body)).json()
            token = await technician.post(f"/api/v1/microphones/{made['id']}/token", json={})
            device = self.web.client()
            device.headers["Authorization"] = f"Bearer {token.json()['token']}"
            self.devices.append(device)

    async def stands(self, **area: Any) -> None:
        await self.web.authorise("acoustic_array", **area)
        with psycopg.connect(self.owner) as owner:
            owner.execute("update authorisation set approved_at = approved_at - interval '3 hours'")
            owner.execute("update authorisation_approval set recorded_at = recorded_at - interval '3 hours'")
            owner.execute("update microphone_place set since = since - interval '3 hours'")
            owner.execute("update proposal set decided_at = decided_at - interval '3 hours'")
        await self.web.parts.door.look_now(self.web.parts.agency)

    async def hears(
        self, heard: Sequence[Heard], began_s: float, ears: range = range(COUNT), peak_db: int = 95
    ) -> None:
        """What these microphones have of it comes in; one that has nothing says that it is there."""
        for number in ears:
            pulses = [
                {
                    "id": f"{round(began_s) % 10000}-{one.key}",
                    "at": rfc3339(datetime.fromtimestamp(began_s + one.at_s, UTC)),
                    "clock_bound_ms": 1,
                    "snr_db": 20,
                    "peak_db": peak_db,
                }
                for one in heard
                if one.ear == number
            ]
            body = {"sent_at": rfc3339(self.web.parts.clock.now()), "pulses": pulses}
            answer = await self.devices[number].post("/api/v1/acoustic-pulses", json=body)
            assert answer.status_code == 200 and answer.json()["kept"] == len(pulses), answer.text

    def listener(
        self,
        *killed: str,
        door: Door | None = None,
        hung: list[bool] | None = None,
        allowed: float | None = None,
    ) -> Listener:
        async def nobody(_: str, __: UUID, ___: UUID) -> None:
            """Nobody hears of it."""

        async def words(_: Tx, place: Point) -> str:
            return f"{place.lat:.5f}, {place.lon:.5f}"

        sink = AlertsFromSounds(nobody, words, allowed_per_shift=allowed)
        parts = self.web.parts
        told = Killed(sink, list(killed)) if killed else sink
        made = ListenParts(door or parts.door, parts.clock, [parts.agency], told)
        if hung is not None:
            made = replace(made, give_up=lambda: hung.append(True), reckons_s=0.0)
        return Listener(made, parts.agency)

    async def queue(self) -> list[dict[str, Any]]:
        answer = await (await self.web.person("analyst")).get("/api/v1/alerts")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def rows(self, sql: str) -> list[Any]:
        with psycopg.connect(self.owner) as owner:
            return owner.execute(sql.encode()).fetchall()

    async def post(self, path: str, body: object, version: int | None = None) -> httpx.Response:
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        return await (await self.web.person("analyst")).post(
            f"/api/v1/alerts/{path}", json=body, headers=headers
        )


def fired(rounds: int, seed: int = 3, place: tuple[float, float] = SHOOTER) -> list[Heard]:
    made = AcousticArray(grid(COUNT, apart_m=280, seed=5), seed, Street(nlos_share=0.1, echoes=0.3))
    return [one for one in made.hears([shots(place, 3.0, rounds, every_s=0.4)], 9.0) if 0 <= one.at_s < 9.0]


async def all_looked(listener: Listener) -> None:
    """Until nothing is left: on a busy machine seconds settle while others are looked at."""
    while await listener.look():
        pass
