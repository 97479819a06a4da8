"""A unit drives where streets lead and reports each place once."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from watchfloor_sim.officer import Route, SimOfficer, Streets, metres

NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CORNERS = {"a": (38.62, -90.20), "b": (38.62, -90.19), "c": (38.63, -90.19), "d": (38.63, -90.20)}
BLOCK = Streets(CORNERS, {"a": "bd", "b": "ac", "c": "bd", "d": "ca"})
EASTWARD = Route([CORNERS["a"], CORNERS["b"], CORNERS["c"]])


def test_a_degree_of_latitude_is_its_length_and_east_is_ninety_degrees() -> None:
    assert metres((38.0, -90.0), (39.0, -90.0)) == pytest.approx(111_195, rel=1e-3)
    assert EASTWARD.spot(0).heading_deg == pytest.approx(90)
    assert EASTWARD.spot(EASTWARD.length_m).heading_deg == pytest.approx(0)


@pytest.mark.parametrize("gone_m", [-5.0, 0.0, 400.0, 1e9])
def test_a_spot_is_always_on_the_route(gone_m: float) -> None:
    spot = EASTWARD.spot(gone_m)
    assert 38.62 <= spot.lat <= 38.63
    assert -90.20 <= spot.lon <= -90.19


def test_wandering_follows_streets_and_the_same_chance_gives_the_same_drive() -> None:
    drive = BLOCK.wander("a", 5_000, random.Random(4))
    assert drive.points == BLOCK.wander("a", 5_000, random.Random(4)).points
    assert drive.length_m >= 5_000
    name_of = {point: name for name, point in CORNERS.items()}
    for here, there in itertools.pairwise(drive.points):
        assert name_of[there] in BLOCK.leads_to[name_of[here]]


async def test_an_officer_reports_every_place_once_and_drives_on_when_the_center_is_away() -> None:
    heard: list[dict[str, object]] = []
    answers = iter([202, 500, 202])

    def center(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/units/unit_1/positions"
        heard.append(json.loads(request.content))
        return httpx.Response(next(answers, 202), json={})

    async def at_once(_: float) -> None:
        return

    http = httpx.AsyncClient(transport=httpx.MockTransport(center))
    officer = SimOfficer("http://center", "unit_1", http, EASTWARD, speed_mps=100.0)
    await officer.drive(2.0, pause=at_once)
    assert officer.arrived
    assert len({str(report["key"]) for report in heard}) == len(heard)
    assert len(officer.reported) == len(heard) - 1
    assert (heard[0]["speed_mps"], heard[-1]["speed_mps"]) == (100.0, 0.0)
    ats = [datetime.fromisoformat(str(report["at"])) for report in heard]
    assert {b - a for a, b in itertools.pairwise(ats)} == {timedelta(seconds=2)}


async def test_an_officer_who_is_called_goes_there_from_where_he_is() -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(202)))
    officer = SimOfficer("http://center", "unit_1", http, EASTWARD)
    await officer.step(30, NIGHT)
    before = officer.spot
    officer.turn_to(Route([CORNERS["d"], CORNERS["a"]]))
    assert (officer.spot.lat, officer.spot.lon) == (before.lat, before.lon)
    await officer.step(10_000, NIGHT + timedelta(hours=1))
    assert (officer.spot.lat, officer.spot.lon) == CORNERS["a"]
