"""From pulses over HTTP to one alert that is revised in place, over listeners that are killed between any two steps, to a verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import numpy as np
import psycopg
import pytest
from fastapi import APIRouter
from structlog.testing import capture_logs

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from tests.fixtures.engines import Dsns
from tests.incidents import came_of
from watchfloor.acoustics import api as acoustics_api
from watchfloor.acoustics import pulse_api
from watchfloor.acoustics.listen import Listener, ListenParts, Told
from watchfloor.acoustics.take import Intake
from watchfloor.dispatch.api import beside_incident
from watchfloor.governance.door import Door
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.governance.words import CaseKind
from watchfloor.incidents import api
from watchfloor.incidents.alert_store import alert_is_open
from watchfloor.incidents.api import IncidentParts
from watchfloor.incidents.in_hand import Alerts
from watchfloor.incidents.incident_store import incident_is_open
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


def _there(place: Sequence[float]) -> Point:
    return Point(ORIGIN.lat + place[1] / PER_LAT, ORIGIN.lon + place[0] / PER_LON)


def _routers(parts: CenterParts) -> list[APIRouter]:
    async def nobody(_: str, __: UUID, ___: UUID) -> None:
        """Nobody hears of it."""

    alerts = Alerts(parts.door, nobody, Objects(ObjectSettings(), parts.data / "objects"))
    intake = Intake(parts.door, parts.clock)
    return [
        acoustics_api.routes(parts.door),
        pulse_api.routes(intake),
        api.routes(IncidentParts(alerts, (beside_incident,))),
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
            at = _there(ear.place)
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

    async def hears(self, heard: Sequence[Heard], began_s: float, ears: range = range(COUNT)) -> None:
        """What these microphones have of it comes in; one that has nothing says that it is there."""
        for number in ears:
            pulses = [
                {
                    "id": f"{round(began_s) % 10000}-{one.key}",
                    "at": rfc3339(datetime.fromtimestamp(began_s + one.at_s, UTC)),
                    "clock_bound_ms": 1,
                    "snr_db": 20,
                    "peak_db": 95,
                }
                for one in heard
                if one.ear == number
            ]
            body = {"sent_at": rfc3339(self.web.parts.clock.now()), "pulses": pulses}
            answer = await self.devices[number].post("/api/v1/acoustic-pulses", json=body)
            assert answer.status_code == 200 and answer.json()["kept"] == len(pulses), answer.text

    def listener(self, *killed: str, door: Door | None = None, hung: list[bool] | None = None) -> Listener:
        async def nobody(_: str, __: UUID, ___: UUID) -> None:
            """Nobody hears of it."""

        async def words(_: Tx, place: Point) -> str:
            return f"{place.lat:.5f}, {place.lon:.5f}"

        sink = AlertsFromSounds(nobody, words)
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


def _fired(rounds: int, seed: int = 3, place: tuple[float, float] = SHOOTER) -> list[Heard]:
    made = AcousticArray(grid(COUNT, apart_m=280, seed=5), seed, Street(nlos_share=0.1, echoes=0.3))
    return [one for one in made.hears([shots(place, 3.0, rounds, every_s=0.4)], 9.0) if 0 <= one.at_s < 9.0]


async def test_a_sound_becomes_one_alert_that_is_revised_and_reviewed(
    center: CenterMaker, dsns: Dsns
) -> None:
    cases = {CaseKind.ALERT: alert_is_open, CaseKind.INCIDENT: incident_is_open}
    async with center(routers=_routers, cases=cases) as web:
        city = City(web, dsns.superuser)
        await city.registered()
        assert await city.listener().look() is False, "nobody authorised it"
        await city.stands()
        first = await _raised_in_spite_of_kills(city)
        second = await _revised_in_place(city, first)
        await _confirmed_as_it_was_told(city, second)
        await came_of.handed_on(web, second["id"])
        await _dismissed_as_another_kind(city)
        await came_of.what_came_of_them(came_of.Told(web, city.rows, _there(SHOOTER)))
        await _told_only_where_it_may_be(city)


async def _raised_in_spite_of_kills(city: City) -> dict[str, Any]:
    heard, began_s = _fired(3), city.web.parts.clock.now().timestamp() - 14.0
    await city.hears(heard, began_s, range(7))
    listening = asyncio.create_task(city.listener("odd", "after").run())
    with capture_logs() as said:
        while not city.rows("select from sound_source"):
            await city.web.parts.clock.sleep(0.05)
    listening.cancel()
    await asyncio.wait([listening])
    assert [one["why"] for one in said if one.get("alarm")] == ["ZeroDivisionError: nobody thought of that"]
    assert len(city.rows("select from sound_source")) == 1, "kept once, by the second of both"
    await city.listener().look()
    (alert,) = await city.queue()
    sound = alert["sound"]
    assert (alert["kind"], alert["level"], alert["state"]) == ("impulse", "critical", "waiting")
    assert alert["title"] == "Impulsive sound of unknown kind: 3 rounds" and sound["rounds"] == 3
    assert alert["says"].startswith("A sound names a place, not a person.")
    assert (sound["kind"], sound["percent"]) == ("unknown_impulsive", None)
    (source,) = sound["sources"]
    assert (source["version"], alert["version"]) == (1, 1)
    assert len(source["heard"]) >= 4 and len(source["rounds"]) == 3
    away = np.hypot(
        (source["lat"] - _there(SHOOTER).lat) * PER_LAT, (source["lon"] - _there(SHOOTER).lon) * PER_LON
    )
    assert away < 25, "a place within metres"
    assert await city.listener().look() is False, "what was looked at is not looked at again"
    await city.hears(heard, began_s, range(7, COUNT))
    return alert


async def _revised_in_place(city: City, first: dict[str, Any]) -> dict[str, Any]:
    """By a listener that knows nothing of before, with what came late."""
    await city.listener().look()
    (alert,) = await city.queue()
    assert alert["id"] == first["id"] and alert["version"] == 2
    (was,), (now,) = first["sound"]["sources"], alert["sound"]["sources"]
    assert set(was["heard"]) < set(now["heard"]) and now["version"] == 2
    assert now["ellipses"]["most"]["major_m"] <= was["ellipses"]["most"]["major_m"]
    assert city.rows("select version from sound_source_version order by version") == [(1,), (2,)]
    return alert


async def _confirmed_as_it_was_told(city: City, alert: dict[str, Any]) -> None:
    path = alert["id"]
    assert (await city.post(f"{path}/typed", {"plate": None})).json()["reason"] == "not_in_review"
    opened = (await city.post(f"{path}/review", {})).json()
    assert opened["step"] == "sound" and [one["version"] for one in opened["sound_versions"]] == [1, 2]
    for wrong, reason in (
        (await city.post(f"{path}/typed", {"plate": "QZ04417"}), "other_kind"),
        (await city.post(f"{path}/confirm", {"vehicle_agrees": True}), "other_kind"),
        (await city.post(f"{path}/dismiss", {"reason": "misread"}), "reason"),
        (await city.post(f"{path}/confirm-sound", {"grounds": "call"}), "if_match"),
        (await city.post(f"{path}/confirm-sound", {"grounds": "call"}, 2), "stale"),
    ):
        assert wrong.status_code in (409, 412, 422) and wrong.json()["reason"] == reason, wrong.text
    done = await city.post(f"{path}/confirm-sound", {"grounds": "call"}, opened["alert"]["version"])
    assert done.status_code == 200, done.text
    analyst = await city.web.person("analyst")
    incident = (await analyst.get(f"/api/v1/incidents/{done.json()['incident']['id']}")).json()
    assert (incident["kind"], incident["purpose"], incident["level"]) == (
        "impulse",
        "shots_fired",
        "critical",
    )
    assert "callers report it" in incident["why"] and incident["says"].startswith("A sound names a place")
    assert [entry["kind"] for entry in incident["timeline"]].count("heard") == 1
    again = (await city.post(f"{path}/review", {})).json()
    assert again["heard"] == {"told": "unknown_impulsive", "taken": "gunfire", "grounds": "call"}


async def _dismissed_as_another_kind(city: City) -> None:
    """Elsewhere, so another alert; what it was told to be and is taken for are both kept."""
    began_s = city.web.parts.clock.now().timestamp() - 14.0
    _nobody_looked(city)
    await city.hears(_fired(1, 8, (-240.0, 180.0)), began_s)
    with capture_logs() as said:
        await city.listener().look()
    (missed,) = [one for one in said if one.get("alarm")]
    assert missed["event"] == "pulses were heard and nobody looked at them in time" and missed["seconds"] >= 4
    (alert,) = await city.queue()
    assert alert["sound"]["rounds"] == 1
    await city.post(f"{alert['id']}/review", {})
    done = await city.post(f"{alert['id']}/dismiss", {"reason": "fireworks", "note": "Seen on a camera."})
    assert done.status_code == 200, done.text
    kept = city.rows("select kind_told, kind_taken, grounds from review where verdict = 'dismissed'")
    assert kept == [("unknown_impulsive", "fireworks", None)]
    ((ends,),) = city.rows("select erase_after from alert where state = 'dismissed'")
    city.rows(
        "update alert set erase_after = erase_after + interval '90 days' where state = 'dismissed' returning id"
    )
    await _comes_back_when_it_grows(city, alert, began_s + 2.5)
    ((after,),) = city.rows("select erase_after from alert where incident_id is null")
    assert abs(after - ends) < timedelta(minutes=1), (
        "no longer than the least of what its sources were heard under"
    )


async def _comes_back_when_it_grows(city: City, alert: dict[str, Any], began_s: float) -> None:
    await city.hears(_fired(4, 8, (-240.0, 180.0)), began_s)
    await city.listener().look()
    (again,) = await city.queue()
    assert (again["id"], again["state"], again["sound"]["rounds"]) == (alert["id"], "waiting", 5)
    assert again["why"].startswith("It was dismissed (fireworks), and much more of it was heard since.")
    opened = (await city.post(f"{again['id']}/review", {})).json()
    assert opened["step"] == "sound" and len(opened["sound_versions"]) == 2
    done = await city.post(f"{again['id']}/dismiss", {"reason": "thunder"})
    assert done.status_code == 200, done.text
    taken = city.rows("select kind_taken from review where verdict = 'dismissed' order by closed_at")
    assert taken == [("fireworks",), ("other_impulsive",)], "each verdict stays"


def _nobody_looked(city: City) -> None:
    """What came in time twenty minutes ago."""
    back = "at = at - interval '20 minutes', received_at = received_at - interval '20 minutes'"
    assert city.rows(f"update pulse set {back} returning 1")


async def _told_only_where_it_may_be(city: City) -> None:
    """Once listening is suspended nothing is looked at, and what comes is not taken; nor is what was being reckoned told any more."""
    supervisor = await city.web.person("supervisor")
    standing = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    await city.hears(_fired(1, 10, (200.0, -250.0))[:1], city.web.parts.clock.now().timestamp() - 14.0)
    hung: list[bool] = []
    assert await city.listener(hung=hung).look() is False
    assert hung and await city.queue() == [], "what hangs is set aside, and whoever listens ends itself"
    assert await city.listener().look() is False and await city.queue() == [], (
        "nor does the next one hang by it"
    )
    await city.hears(_fired(2, 9, (300.0, 250.0)), city.web.parts.clock.now().timestamp() - 14.0)

    async def suspends() -> None:
        for one in standing:
            path = f"/api/v1/authorisations/{one['id']}/suspend"
            await supervisor.post(path, json={"reason": "the council asked"})
        await city.web.parts.door.look_now(city.web.parts.agency)

    door = Suspending(city.web.parts.door, suspends)
    with pytest.raises(Unavailable, match="listened to no more"):
        await city.listener(door=cast("Door", door)).look()
    assert door.asked == 2 and await city.queue() == [], "it was reckoned, and told to nobody"
    assert await city.listener().look() is False
    assert await city.queue() == []
