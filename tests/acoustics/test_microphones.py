"""Microphones of the registry: who may change them, who is told where they are, and that the log keeps who was."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.center import CenterMaker, CenterParts, CenterWeb
from watchfloor.acoustics import api
from watchfloor.acoustics.microphone import SQUARE_DEG, Spot, around
from watchfloor.kit.geo import Point

LAT, LON = 38.627103, -90.199404
BODY: dict[str, Any] = {
    "name": "12", "lat": LAT, "lon": LON, "height_m": 11.5, "error_m": 3, "clock_bound_ms": 0.5, "noise_db": 48,
    "mount": "roof of 1100 Mill St",
}  # fmt: skip
AREA = [[38.60, -90.23], [38.65, -90.23], [38.65, -90.16], [38.60, -90.16]]
LOOK_AFTER = ("technician", "administrator")
ROOMS = ("analyst", "detective", "supervisor", "officer", "clerk", "auditor")


@given(
    lat=st.floats(-89.9, 89.9),
    lon=st.floats(-179.9, 179.9),
    up=st.floats(0.01, 0.99),
    right=st.floats(0.01, 0.99),
)
def test_a_place_is_told_by_a_square_that_is_the_same_for_all_of_it(
    lat: float, lon: float, up: float, right: float
) -> None:
    square = around(Point(lat, lon))
    assert square.south - 1e-6 <= lat <= square.north + 1e-6
    assert square.west - 1e-6 <= lon <= square.east + 1e-6
    elsewhere = Point(square.south + up * SQUARE_DEG, square.west + right * SQUARE_DEG)
    assert around(elsewhere) == square


def test_a_spot_that_is_printed_does_not_say_where_it_is() -> None:
    printed = repr(Spot(Point(LAT, LON), 11.5, 3.0, "roof of 1100 Mill St"))
    assert "38.6" not in printed and "Mill" not in printed and "11.5" not in printed


def _routers(parts: CenterParts) -> list[APIRouter]:
    return [api.routes(parts.door)]


async def test_a_microphone_from_its_registration_to_its_end(center: CenterMaker) -> None:
    async with center(routers=_routers) as web:
        technician = await web.person("technician")
        made = await technician.post("/api/v1/microphones", json=BODY)
        assert made.status_code == 201, made.text
        one = made.json()
        assert one["state"]["word"] == "not authorised" and one["authorised_until"] is None
        path = f"/api/v1/microphones/{one['id']}"
        await _told_roughly(web, path)
        await _refused(technician, path, one)
        moved = await technician.patch(path, json={"lon": -90.1987}, headers={"If-Match": '"1"'})
        assert moved.status_code == 200 and moved.json()["version"] == 2, moved.text
        spot = (await technician.get(f"{path}/spot")).json()
        assert (spot["lat"], spot["lon"], spot["height_m"]) == (LAT, -90.1987, 11.5), (
            "what was left out stays"
        )
        assert spot["mount"] == BODY["mount"]
        await web.authorise("acoustic_array", area=AREA)
        elsewhere = await technician.post("/api/v1/microphones", json=BODY | {"name": "13", "lat": 38.66})
        assert elsewhere.json()["state"]["word"] == "not authorised", "it is outside of the area"
        assert (await technician.get(path)).json()["state"]["word"] == "not heard yet"
        await _told_by_what(web, path, f"/api/v1/microphones/{elsewhere.json()['id']}")
        await _kept_in_the_log(web, one["id"])
        token = await technician.post(f"{path}/token", json={})
        assert token.status_code == 201 and token.json()["token"]
        assert (await technician.post(f"{path}/retire", json={})).json()["state"]["word"] == "retired"
        for act in ("retire", "token"):
            assert (await technician.post(f"{path}/{act}", json={})).status_code == 409
        assert (await technician.patch(path, json={"name": "14"})).status_code == 409


async def _told_roughly(web: CenterWeb, path: str) -> None:
    """To everybody a square and no more; exactly, to whoever looks after them."""
    for role in (*ROOMS, *LOOK_AFTER):
        client = await web.person(role)
        for seen in (path, "/api/v1/microphones"):
            answer = await client.get(seen)
            assert answer.status_code == 200, answer.text
            assert "38.6271" not in answer.text and "90.1994" not in answer.text and "Mill" not in answer.text
        square = (await client.get(path)).json()["square"]
        assert square == {"south": 38.625, "west": -90.2, "north": 38.63, "east": -90.195}
        if role in LOOK_AFTER:
            continue
        assert (await client.get(f"{path}/spot")).status_code == 403, role
        assert (await client.post("/api/v1/microphones", json=BODY | {"name": role})).status_code == 403


async def _told_by_what(web: CenterWeb, covered: str, beside: str) -> None:
    """Which authorisation covers it, or does not, is for those who may ask where it is: its area within the square can be one roof."""
    for role in (*ROOMS, *LOOK_AFTER):
        client = await web.person(role)
        for path, authorised in ((covered, True), (beside, False)):
            one = (await client.get(path)).json()
            assert one["authorised"] is authorised
            assert (one["authorisation"] is not None) is (role in LOOK_AFTER), role
            assert (one["authorised_until"] is not None) is (role in LOOK_AFTER and authorised)
            assert authorised or ("“Use of" in one["state"]["reason"]) is (role in LOOK_AFTER), one


async def _refused(technician: httpx.AsyncClient, path: str, one: dict[str, Any]) -> None:
    again = await technician.post("/api/v1/microphones", json=BODY)
    assert again.status_code == 409 and again.json()["reason"] == "name"
    for field, bad in (
        ("lat", 91), ("lon", None), ("height_m", 5000), ("error_m", 0), ("clock_bound_ms", -1), ("noise_db", 400), ("name", ""),
    ):  # fmt: skip
        answer = await technician.post("/api/v1/microphones", json=BODY | {"name": "15", field: bad})
        assert answer.status_code == 422 and answer.json()["fields"][0]["field"] == field, answer.text
    for field in ("name", "lat", "lon", "error_m", "clock_bound_ms", "mount"):
        answer = await technician.patch(path, json={field: None})
        assert answer.status_code == 422 and answer.json()["fields"][0]["field"] == field, answer.text
    stale = await technician.patch(path, json={"name": "16"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412, stale.text
    assert (await technician.get(path)).json() == one, "nothing of it was kept"
    assert (await technician.get(f"{path[:-1]}0")).status_code in {422, 404}


async def _kept_in_the_log(web: CenterWeb, microphone: str) -> None:
    """Who was told where it is, and that it was moved; from where and to where is told nobody there."""
    auditor = await web.person("auditor")
    query = {"about": f"microphone:{microphone}"}
    log = await auditor.get("/api/v1/audit/entries", params=query)
    assert log.status_code == 200, log.text
    asked = [one for one in log.json()["items"] if one["need"] == "microphone.locate"]
    assert {one["result"] for one in asked} == {"allowed", "refused"}
    told = [one for one in asked if one["result"] == "allowed"]
    assert len(told) == 1 and told[0]["actor"]["name"]
    assert "38.6271" not in log.text and "90.1987" not in log.text and "Mill" not in log.text
