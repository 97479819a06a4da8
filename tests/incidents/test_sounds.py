"""From pulses over HTTP to one alert that is revised in place, over listeners that are killed between any two steps, to a verdict."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from structlog.testing import capture_logs

from tests.fixtures.center import CenterMaker
from tests.fixtures.engines import Dsns
from tests.incidents import came_of
from tests.incidents.listening import (
    COUNT,
    PER_LAT,
    PER_LON,
    SHOOTER,
    City,
    Suspending,
    all_looked,
    fired,
    routers,
    there,
)
from tests.incidents.pulled import Roofs, sound_is_pulled
from watchfloor.governance.door import Door
from watchfloor.governance.words import CaseKind
from watchfloor.incidents.alert_store import alert_is_open
from watchfloor.incidents.incident_store import incident_is_open
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Unavailable


async def test_a_sound_becomes_one_alert_that_is_revised_and_reviewed(
    center: CenterMaker, dsns: Dsns, tmp_path: Path
) -> None:
    roofs = Roofs(dsns.superuser, tmp_path)
    cases = {CaseKind.ALERT: alert_is_open, CaseKind.INCIDENT: incident_is_open}
    async with center(routers=partial(routers, roofs), cases=cases) as web:
        city = City(web, dsns.superuser)
        await city.registered()
        assert await city.listener().look() is False, "nobody authorised it"
        await city.stands()
        first = await _raised_in_spite_of_kills(city)
        second = await _revised_in_place(city, first)
        await sound_is_pulled(city, roofs, second)
        await _confirmed_as_it_was_told(city, second)
        await came_of.handed_on(web, second["id"])
        await _dismissed_as_another_kind(city)
        await came_of.what_came_of_them(came_of.Told(web, city.rows, there(SHOOTER)))
        await _kept_back_until_somebody_asks(city)
        await _told_only_where_it_may_be(city)


async def _raised_in_spite_of_kills(city: City) -> dict[str, Any]:
    heard, began_s = fired(3), city.web.parts.clock.now().timestamp() - 14.0
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
    assert alert["title"] == "Likely gunfire: 3 rounds" and sound["rounds"] == 3
    assert alert["says"].startswith("A sound names a place, not a person.")
    assert sound["kind"] == "gunfire" and sound["percent"] > 60 and "never been measured" in sound["cannot"]
    assert abs(sum(one["percent"] for one in sound["likely"]) - 100) < 1 and sound["reasons"]
    (source,) = sound["sources"]
    assert source["kind"] == "gunfire" and source["count"]["low"] <= 3 <= source["count"]["high"]
    assert source["air"]["read_at"] is None and source["air"]["widens_m"] > 1
    assert (source["version"], alert["version"]) == (1, 1)
    assert len(source["heard"]) >= 4 and len(source["rounds"]) == 3
    away = np.hypot(
        (source["lat"] - there(SHOOTER).lat) * PER_LAT, (source["lon"] - there(SHOOTER).lon) * PER_LON
    )
    assert away < 25, "a place within metres"
    await all_looked(city.listener())
    assert await city.listener().look() is False, "what was looked at is not looked at again"
    await city.hears(heard, began_s, range(7, COUNT))
    return alert


async def _revised_in_place(city: City, first: dict[str, Any]) -> dict[str, Any]:
    """By a listener that knows nothing of before, with what came late, and with the weather that somebody read meanwhile."""
    await _enters_the_weather(city)
    await city.listener().look()
    (alert,) = await city.queue()
    assert alert["id"] == first["id"] and alert["version"] == 2
    (was,), (now,) = first["sound"]["sources"], alert["sound"]["sources"]
    assert set(was["heard"]) < set(now["heard"]) and now["version"] == 2
    assert now["air"]["sentence"].startswith("4 °C, wind 3 m/s from the west; read ")
    assert now["air"]["widens_m"] < was["air"]["widens_m"]
    assert now["ellipses"]["most"]["major_m"] <= was["ellipses"]["most"]["major_m"]
    assert city.rows("select version from sound_source_version order by version") == [(1,), (2,)]
    return alert


async def _confirmed_as_it_was_told(city: City, alert: dict[str, Any]) -> None:
    path = alert["id"]
    assert (await city.post(f"{path}/typed", {"plate": None})).json()["reason"] == "not_in_review"
    opened = (await city.post(f"{path}/review", {})).json()
    assert opened["step"] == "sound" and [one["version"] for one in opened["sound_versions"]] == [1, 2]
    assert [one["kind"] for one in opened["sound_versions"]] == ["gunfire", "gunfire"]
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
    assert again["heard"] == {"told": "gunfire", "taken": "gunfire", "grounds": "call"}


async def _enters_the_weather(city: City) -> None:
    technician = await city.web.person("technician")
    body = {"station": "Airport", "temperature_c": 4, "wind_mps": 3, "wind_from_deg": 270}
    at = city.web.parts.clock.now()
    for wrong, reason in (
        ({"at": rfc3339(at + timedelta(hours=1))}, "at"),
        ({"at": rfc3339(at - timedelta(hours=30))}, "at"),
        ({"temperature_c": 80}, "temperature_c"),
    ):
        refused = await technician.post("/api/v1/weather", json=body | wrong)
        assert refused.status_code == 422 and reason in refused.text, refused.text
    assert (await technician.get("/api/v1/weather")).json()["readings"] == []
    done = await technician.post("/api/v1/weather", json=body | {"at": rfc3339(at - timedelta(minutes=20))})
    assert done.status_code == 201 and len(done.json()["readings"]) == 1, done.text


async def _dismissed_as_another_kind(city: City) -> None:
    """Elsewhere, so another alert; what it was told to be and is taken for are both kept."""
    began_s = city.web.parts.clock.now().timestamp() - 14.0
    _nobody_looked(city)
    await city.hears(fired(1, 8, (-240.0, 180.0)), began_s)
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
    assert kept == [("gunfire", "fireworks", None)]
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
    await city.hears(fired(4, 8, (-240.0, 180.0)), began_s)
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


async def _kept_back_until_somebody_asks(city: City) -> None:
    """What was so soft that it is hardly gunfire waits in no queue where a room bears few false alerts, and is found and counted."""
    _nobody_looked(city)
    began_s = city.web.parts.clock.now().timestamp() - 90.0
    await city.hears(fired(1, 12, (280.0, 120.0)), began_s, peak_db=52)
    await city.listener(allowed=0.0).look()
    assert await city.queue() == []
    analyst = await city.web.person("analyst")
    (back,) = (await analyst.get("/api/v1/alerts?state=kept_back")).json()["items"]
    assert back["state"] == "kept_back" and back["sound"]["kind"] != "gunfire" and back["holder"] is None
    assert back["id"] not in str((await analyst.get("/api/v1/alerts?state=closed")).json())
    told = (await analyst.get("/api/v1/sound-alarm")).json()
    assert (told["allowed_per_shift"], told["from_percent"], told["kept_back"]) == (None, None, 1)
    assert (await city.post(f"{back['id']}/review", {})).json()["reason"] == "kept_back"
    raised = await city.post(f"{back['id']}/raise", {})
    assert raised.status_code == 200 and raised.json()["state"] == "waiting", raised.text
    assert (await city.post(f"{back['id']}/raise", {})).json()["reason"] == "not_kept_back"
    assert [one["id"] for one in await city.queue()] == [back["id"]]
    assert (await city.post(f"{back['id']}/dismiss", {"reason": "backfire"})).status_code == 200


async def _told_only_where_it_may_be(city: City) -> None:
    """Once listening is suspended nothing is looked at, and what comes is not taken; nor is what was being reckoned told any more."""
    supervisor = await city.web.person("supervisor")
    standing = (await supervisor.get("/api/v1/authorisations")).json()["items"]
    await city.hears(fired(1, 10, (200.0, -250.0))[:1], city.web.parts.clock.now().timestamp() - 14.0)
    hung: list[bool] = []
    await all_looked(city.listener(hung=hung))
    assert hung and await city.queue() == [], "what hangs is set aside, and whoever listens ends itself"
    await all_looked(city.listener())
    assert await city.queue() == [], "nor does the next one hang by it"
    await city.hears(fired(2, 9, (300.0, 250.0)), city.web.parts.clock.now().timestamp() - 14.0)

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
