"""A unit drives where streets lead and reports each place once."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from watchfloor_sim.city.ways import city_ways, ways_of
from watchfloor_sim.officer import Route, SimOfficer, metres

NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CORNERS = {"a": (38.62, -90.20), "b": (38.62, -90.19), "c": (38.63, -90.19), "d": (38.63, -90.20)}
SIDES = [(CORNERS[a], CORNERS[b]) for a, b in itertools.pairwise("abcda")]
BLOCK = ways_of(([(lon, lat) for lat, lon in side], 40) for side in SIDES)
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
    drive = BLOCK.wander(CORNERS["a"], 5_000, random.Random(4))
    assert drive.points == BLOCK.wander(CORNERS["a"], 5_000, random.Random(4)).points
    assert drive.length_m >= 5_000
    for here, there in itertools.pairwise(drive.points):
        assert there in {leg.end for leg in BLOCK.legs[here]}


def test_the_quickest_way_through_the_city_keeps_to_its_streets() -> None:
    ways = city_ways()
    start, end = ways.crossing_at((38.6072, -90.2044)), ways.crossing_at((38.6394, -90.1834))
    points = ways.way(start, end)
    assert (points[0], points[-1]) == (start, end)
    steps = {
        leg.points[n : n + 2]
        for legs in ways.legs.values()
        for leg in legs
        for n in range(len(leg.points) - 1)
    }
    assert set(itertools.pairwise(points)) <= steps
    assert metres(start, end) < Route(points).length_m < 2 * metres(start, end)
    assert ways.way(start, start) == [start]


def test_who_turns_off_drives_on_to_the_next_crossing_first() -> None:
    drive = Route([CORNERS["a"], CORNERS["b"], CORNERS["c"]])
    ahead = BLOCK.next_crossing(drive.ahead(300.0))
    assert ahead[-1] == CORNERS["b"] and len(ahead) == 2
    assert BLOCK.next_crossing(drive.ahead(drive.length_m)) == [CORNERS["c"]]


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
    officer.turn_to([CORNERS["d"], CORNERS["a"]])
    assert (officer.spot.lat, officer.spot.lon) == (before.lat, before.lon)
    await officer.step(10_000, NIGHT + timedelta(hours=1))
    assert (officer.spot.lat, officer.spot.lon) == CORNERS["a"]
