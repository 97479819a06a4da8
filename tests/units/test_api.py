"""Units over HTTP: created, crewed, heard from. Late, twice and out of order; and nobody for another's unit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
import pytest_asyncio
from fastapi import APIRouter

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.kit.clock import rfc3339
from watchfloor.units import api
from watchfloor.units.change import Units

HERE = {"lat": 38.63, "lon": -90.19}


@dataclass
class Field:
    """A center with units, and the news it sent."""

    web: CenterWeb
    news: list[tuple[str, UUID, UUID]] = field(default_factory=list)

    async def id_of(self, client: httpx.AsyncClient) -> str:
        return str((await client.get("/api/v1/session")).json()["person"]["id"])

    async def unit(self, call_sign: str, *crew: httpx.AsyncClient) -> str:
        supervisor = await self.web.person("supervisor")
        made = await supervisor.post("/api/v1/units", json={"call_sign": call_sign})
        assert made.status_code == 201, made.text
        unit = str(made.json()["id"])
        if crew:
            people = [await self.id_of(client) for client in crew]
            crewed = await supervisor.put(f"/api/v1/units/{unit}/crew", json={"people": people})
            assert crewed.status_code == 200, crewed.text
        return unit

    async def of(self, unit: str) -> dict[str, object]:
        listed = (await (await self.web.person("analyst")).get("/api/v1/units")).json()
        (found,) = [item for item in listed["items"] if item["id"] == unit]
        return dict(found)

    def ago(self, **past: float) -> str:
        return rfc3339(self.web.parts.clock.now() - timedelta(**past))


@pytest_asyncio.fixture
async def units(center: CenterMaker) -> AsyncIterator[Field]:
    news: list[tuple[str, UUID, UUID]] = []

    async def tell(kind: str, agency: UUID, thing: UUID) -> None:
        news.append((kind, agency, thing))

    def routers(parts: CenterParts) -> list[APIRouter]:
        return [api.routes(Units(parts.door, tell))]

    async with center(routers=routers) as web:
        yield Field(web, news)


async def test_a_unit_is_off_until_somebody_is_on_it(units: Field) -> None:
    unit = await units.unit("3142")
    assert (await units.of(unit))["state"] == "off"
    officer = await units.web.person("officer")
    supervisor = await units.web.person("supervisor")
    crewed = await supervisor.put(f"/api/v1/units/{unit}/crew", json={"people": [await units.id_of(officer)]})
    assert crewed.json()["crew"] == [{"id": await units.id_of(officer), "name": "Officer"}]
    found = await units.of(unit)
    assert (found["state"], found["place"], found["position_at"]) == ("free", None, None)


async def test_a_call_sign_is_given_once(units: Field) -> None:
    await units.unit("3142")
    again = await (await units.web.person("supervisor")).post("/api/v1/units", json={"call_sign": " 3142 "})
    assert (again.status_code, again.json()["reason"]) == (409, "call_sign_taken")


async def test_who_goes_on_another_unit_leaves_the_first(units: Field) -> None:
    officer = await units.web.person("officer")
    first = await units.unit("3142", officer)
    second = await units.unit("3143", officer)
    assert ((await units.of(first))["state"], (await units.of(second))["state"]) == ("off", "free")


async def test_a_crew_changed_meanwhile_is_not_overwritten(units: Field) -> None:
    unit = await units.unit("3142", await units.web.person("officer"))
    supervisor = await units.web.person("supervisor")
    stale = await supervisor.put(
        f"/api/v1/units/{unit}/crew", json={"people": []}, headers={"If-Match": '"1"'}
    )
    assert (stale.status_code, stale.json()["kind"]) == (412, "stale")


async def test_nobody_unknown_goes_on_a_unit(units: Field) -> None:
    unit = await units.unit("3142")
    supervisor = await units.web.person("supervisor")
    stranger = "per_" + "0" * 26
    refused = await supervisor.put(f"/api/v1/units/{unit}/crew", json={"people": [stranger]})
    assert (refused.status_code, refused.json()["reason"]) == (422, "people")


async def test_an_officer_says_where_the_unit_is_and_the_floor_sees_it(units: Field) -> None:
    officer = await units.web.person("officer")
    unit = await units.unit("3142", officer)
    units.news.clear()
    sent = await officer.post(f"/api/v1/units/{unit}/positions", json=HERE | {"at": units.ago(seconds=3)})
    assert sent.json() == {"accepted": 1, "repeated": 0, "moved": True}
    found = await units.of(unit)
    assert isinstance(found["place"], dict) and found["place"]["lat"] == 38.63
    assert found["position_stale"] is False
    assert [kind for kind, _, _ in units.news] == ["units.unit.changed"]


async def test_positions_come_late_twice_and_out_of_order(units: Field) -> None:
    officer = await units.web.person("officer")
    unit = await units.unit("3142", officer)
    path = f"/api/v1/units/{unit}/positions"
    new = HERE | {"at": units.ago(seconds=5), "heading_deg": 120.0, "speed_mps": 6.0}
    assert (await officer.post(path, json=new)).json()["moved"] is True
    late = {"lat": 38.5, "lon": -90.2, "at": units.ago(days=3), "heading_deg": 10.0}
    assert (await officer.post(path, json=late)).json() == {"accepted": 1, "repeated": 0, "moved": False}
    both = {"positions": [late, new]}
    assert (await officer.post(path, json=both)).json() == {"accepted": 0, "repeated": 2, "moved": False}
    found = await units.of(unit)
    assert isinstance(found["place"], dict) and found["place"]["lat"] == 38.63
    assert (found["heading_deg"], found["speed_mps"]) == (120.0, 6.0)


async def test_a_device_with_a_wrong_clock_is_kept_once_at_our_time(units: Field) -> None:
    officer = await units.web.person("officer")
    unit = await units.unit("3142", officer)
    wrong = HERE | {"at": "1980-01-06T00:00:00Z"}
    path = f"/api/v1/units/{unit}/positions"
    assert (await officer.post(path, json=wrong)).json() == {"accepted": 1, "repeated": 0, "moved": True}
    assert (await officer.post(path, json=wrong)).json()["repeated"] == 1


async def test_an_old_position_is_shown_as_old(units: Field) -> None:
    officer = await units.web.person("officer")
    unit = await units.unit("3142", officer)
    await officer.post(f"/api/v1/units/{unit}/positions", json=HERE | {"at": units.ago(minutes=10)})
    assert (await units.of(unit))["position_stale"] is True


async def test_of_a_batch_with_one_impossible_position_nothing_is_kept(units: Field) -> None:
    officer = await units.web.person("officer")
    unit = await units.unit("3142", officer)
    batch = {"positions": [HERE, {"lat": 0, "lon": 0}]}
    refused = await officer.post(f"/api/v1/units/{unit}/positions", json=batch)
    assert (refused.status_code, refused.json()["reason"]) == (422, "bad_position")
    assert refused.json()["detail"] == "latitude and longitude are no place: the receiver has no fix"
    assert (await units.of(unit))["position_at"] is None


async def test_more_than_a_batch_is_not_taken(units: Field) -> None:
    officer = await units.web.person("officer")
    unit = await units.unit("3142", officer)
    many = {"positions": [HERE | {"key": str(i)} for i in range(501)]}
    refused = await officer.post(f"/api/v1/units/{unit}/positions", json=many)
    assert (refused.status_code, refused.json()["detail"]) == (
        413,
        "At most 500 positions are taken at once.",
    )


async def test_nobody_says_where_anothers_unit_is(units: Field) -> None:
    on_it, other = await units.web.person("officer"), await units.web.person("officer", name="other")
    unit = await units.unit("3142", on_it)
    path = f"/api/v1/units/{unit}/positions"
    assert (await on_it.post(path, json=HERE)).status_code == 200
    refused = await other.post(path, json=HERE)
    assert (refused.status_code, refused.json()["reason"]) == (403, "not_on_this_unit")
    assert refused.json()["detail"] == "You are not on unit 3142."
    assert refused.json()["next_step"] == "A supervisor can put you on it."
    kept = await units.web.kept_refusal(refused)
    assert kept["explanation"]["sentence"].endswith(
        "refused, since this did not hold: The asker is on the unit."
    )
    again = await other.post(path, json=HERE)  # a phone that goes on says so each second: one entry a minute
    assert again.json()["entry"] == refused.json()["entry"]
    analyst = await (await units.web.person("analyst")).post(path, json=HERE)
    assert (analyst.status_code, analyst.json()["reason"]) == (403, "role")


async def test_the_vehicles_own_device_reports_for_its_unit_alone(units: Field) -> None:
    mine, other = await units.unit("3142"), await units.unit("3143")
    technician = await units.web.person("technician")
    issued = await technician.post(f"/api/v1/units/{mine}/token")
    assert issued.status_code == 200, issued.text
    device, token = units.web.client(), {"Authorization": f"Bearer {issued.json()['token']}"}
    sent = await device.post(f"/api/v1/units/{mine}/positions", json=HERE, headers=token)
    assert sent.json()["moved"] is True
    assert (
        await device.post(f"/api/v1/units/{other}/positions", json=HERE, headers=token)
    ).status_code == 404


async def test_a_unit_that_is_not_ours_is_not_there(units: Field) -> None:
    officer = await units.web.person("officer")
    nowhere = await officer.post(f"/api/v1/units/unt_{'0' * 26}/positions", json=HERE)
    assert nowhere.status_code == 404


async def test_a_retired_unit_is_gone_and_its_call_sign_free(units: Field) -> None:
    unit = await units.unit("3142", await units.web.person("officer"))
    supervisor = await units.web.person("supervisor")
    assert (await supervisor.delete(f"/api/v1/units/{unit}")).status_code == 204
    assert (await supervisor.get("/api/v1/units")).json()["items"] == []
    await units.unit("3142")


async def test_only_those_whose_duty_it_is_create_units(units: Field) -> None:
    refused = await (await units.web.person("officer")).post("/api/v1/units", json={"call_sign": "9"})
    assert (refused.status_code, refused.json()["reason"]) == (403, "role")


async def test_an_administrator_who_creates_units_sees_them_and_not_where_they_are(units: Field) -> None:
    administrator, technician = await units.web.administrator(), await units.web.person("technician")
    made = await administrator.post("/api/v1/units", json={"call_sign": "3142"})
    assert made.status_code == 201, made.text
    unit = made.json()["id"]
    issued = await technician.post(f"/api/v1/units/{unit}/token")
    token = {"Authorization": f"Bearer {issued.json()['token']}"}
    await units.web.client().post(
        f"/api/v1/units/{unit}/positions", json=HERE | {"heading_deg": 9.0}, headers=token
    )
    told = {}
    for who in (administrator, await units.web.person("analyst")):
        (seen,) = (await who.get("/api/v1/units")).json()["items"]
        told[seen["call_sign"], who is administrator] = (seen["place"] is not None, seen["heading_deg"])
    assert told == {("3142", True): (False, None), ("3142", False): (True, 9.0)}
