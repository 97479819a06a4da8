"""How soon a unit can be there: along the streets, with the traffic, and honest where no street leads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from tests.places.grid import spot, street
from watchfloor.kit.geo import Point, distance_m
from watchfloor.places.graph import StreetGraph, build, decode, encode, ready
from watchfloor.places.model import BadMapFile, Centreline, Eta, MapForm, Travel
from watchfloor.places.route import eta_to, street_at
from watchfloor.places.streets import read


def one(graph: StreetGraph, source: Point, target: Point) -> Eta:
    (eta,) = eta_to(graph, target, [source])
    return eta


def test_the_way_goes_along_the_streets_and_not_through_the_houses() -> None:
    graph = build([street((0, 0), (1000, 0)), street((1000, 0), (1000, 1000))])
    eta = one(graph, spot(0, 0), spot(1000, 1000))
    assert eta.by == "road"
    assert eta.metres == pytest.approx(2000, rel=0.002)
    assert eta.seconds == pytest.approx(200, rel=0.002)


def test_the_quickest_way_wins_over_the_shortest() -> None:
    slow = street((0, 0), (1000, 0), speed_mps=5)
    quick = [street((0, 0), (0, 100), speed_mps=20), street((0, 100), (1000, 100), speed_mps=20)]
    graph = build([slow, *quick, street((1000, 100), (1000, 0), speed_mps=20)])
    eta = one(graph, spot(0, 0), spot(1000, 0))
    assert eta.seconds == pytest.approx(60, rel=0.01)
    assert eta.metres == pytest.approx(1200, rel=0.01)


def test_a_one_way_street_is_not_driven_against_the_traffic() -> None:
    round_the_block = [street((200, 0), (200, 200)), street((200, 200), (0, 200)), street((0, 200), (0, 0))]
    graph = build([street((0, 0), (200, 0), travel=Travel.ALONG), *round_the_block])
    assert one(graph, spot(0, 0), spot(200, 0)).metres == pytest.approx(200, rel=0.01)
    assert one(graph, spot(200, 0), spot(0, 0)).metres == pytest.approx(600, rel=0.01)


def test_a_one_way_street_drawn_against_the_traffic_is_driven_with_it() -> None:
    graph = build([street((0, 0), (200, 0), travel=Travel.AGAINST)])
    assert one(graph, spot(150, 0), spot(50, 0)).metres == pytest.approx(100, rel=0.01)
    assert one(graph, spot(50, 0), spot(150, 0)).by == "straight line"


def test_a_unit_just_past_the_place_on_a_one_way_street_goes_round() -> None:
    block = [street((200, 0), (200, 200)), street((200, 200), (0, 200)), street((0, 200), (0, 0))]
    graph = build([street((0, 0), (200, 0), travel=Travel.ALONG), *block])
    assert one(graph, spot(90, 0), spot(110, 0)).metres == pytest.approx(20, abs=1)
    assert one(graph, spot(110, 0), spot(90, 0)).metres == pytest.approx(780, rel=0.01)


def test_a_crossing_is_reached_by_any_of_its_streets_though_it_lies_on_a_one_way_one() -> None:
    """Whichever arm the place is set onto, the way is the same; found with a one-way arm listed first."""
    arms = [
        street((-500, 0), (0, 0), travel=Travel.ALONG),
        street((0, 0), (500, 0)),
        street((0, 0), (0, 500)),
    ]
    for graph in (build(arms), build(arms[::-1])):
        for target in (spot(0, 0), spot(-5, 0), spot(3, 2)):
            assert one(graph, spot(400, 0), target).metres == pytest.approx(400, abs=12)
            assert one(graph, target, spot(0, 400)).metres == pytest.approx(400, abs=12)
    assert one(build(arms), spot(400, 0), spot(-200, 0)).by == "straight line"


def test_where_no_road_leads_it_says_straight_line_and_promises_no_time() -> None:
    graph = build([street((0, 0), (500, 0)), street((0, 2000), (500, 2000))])
    eta = one(graph, spot(0, 2000), spot(0, 0))
    assert (eta.seconds, eta.by) == (None, "straight line")
    assert eta.metres == pytest.approx(2000, rel=0.01)
    assert "no way from there" in eta.why and "straight line" in eta.why


def test_a_unit_far_from_every_street_has_a_straight_line() -> None:
    eta = one(build([street((0, 0), (500, 0))]), spot(0, 1000), spot(0, 0))
    assert (eta.seconds, eta.by) == (None, "straight line")
    assert "from any street" in eta.why


def test_a_place_far_from_every_street_gives_straight_lines_to_all() -> None:
    graph = build([street((0, 0), (500, 0))])
    found = eta_to(graph, spot(0, 1000), [spot(0, 0), spot(500, 0)])
    assert [eta.by for eta in found] == ["straight line", "straight line"]


def test_without_a_street_map_it_says_so() -> None:
    (eta,) = eta_to(None, spot(0, 0), [spot(300, 400)])
    assert (eta.seconds, eta.by) == (None, "straight line")
    assert eta.metres == pytest.approx(500, rel=0.01)
    assert "No street map is loaded" in eta.why


def test_nobody_to_send_gives_nothing() -> None:
    assert eta_to(build([street((0, 0), (500, 0))]), spot(0, 0), []) == ()


def test_an_alley_that_stops_on_the_middle_of_a_street_is_joined_to_it() -> None:
    """St. Louis draws 5,500 alleys so, without a point in the street."""
    graph = build([street((0, 0), (400, 0)), street((200, 0), (200, 100), name="Alley")])
    assert one(graph, spot(200, 100), spot(0, 0)).metres == pytest.approx(300, rel=0.01)


def test_a_bridge_is_not_joined_to_the_street_below() -> None:
    crossing = [street((0, 0), (400, 0)), street((200, -200), (200, 0), (200, 200), levels=(1, 1))]
    assert one(build(crossing), spot(200, 200), spot(0, 0)).by == "straight line"
    ends_on_it = [street((0, 0), (400, 0)), street((200, 0), (200, 200), levels=(1, 1))]
    assert one(build(ends_on_it), spot(200, 200), spot(0, 0)).by == "straight line"


def test_a_street_ending_on_the_level_crosses_where_it_is_drawn() -> None:
    graph = build([street((0, 0), (200, 0), (400, 0)), street((200, 0), (200, 200))])
    assert one(graph, spot(200, 200), spot(400, 0)).metres == pytest.approx(400, rel=0.01)


def test_of_two_streets_between_the_same_corners_the_quicker_counts() -> None:
    graph = build([street((0, 0), (100, 0), speed_mps=2), street((0, 0), (50, 20), (100, 0), speed_mps=20)])
    eta = one(graph, spot(0, 0), spot(100, 0))
    assert eta.seconds is not None and eta.seconds < 8


@given(along=st.floats(0, 900), off=st.floats(-40, 40), goal=st.floats(0, 900))
def test_on_one_straight_street_the_way_is_the_distance(along: float, off: float, goal: float) -> None:
    graph = build([street((i * 100, 0), (i * 100 + 100, 0)) for i in range(9)])
    eta = one(graph, spot(along, off), spot(goal, 0))
    assert eta.metres == pytest.approx(abs(goal - along) + abs(off), abs=0.5 + 0.002 * eta.metres)


@given(seed=st.integers(0, 10_000))
def test_a_way_is_never_shorter_than_the_straight_line(seed: int) -> None:
    chance = np.random.default_rng(seed)
    lines = [street((i * 100, 0), (i * 100, 500), travel=Travel(int(chance.integers(3)))) for i in range(6)]
    lines += [street((0, i * 100), (500, i * 100), travel=Travel(int(chance.integers(3)))) for i in range(6)]
    graph = build(lines)
    places = [spot(*chance.uniform(0, 500, 2)) for _ in range(6)]
    for eta, source in zip(eta_to(graph, places[0], places[1:]), places[1:], strict=True):
        assert eta.metres >= distance_m(source, places[0]) * 0.999 - 0.1
        assert (eta.seconds is None) == (eta.by == "straight line")


def quickest(lines: list[Centreline], source: tuple[int, int], target: tuple[int, int]) -> float:
    """Seconds from corner to corner by the plainest search there is, on blocks of 100 m at 10 m/s."""
    doors: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for line in lines:
        first, last = corner(line.points[0]), corner(line.points[-1])
        for begin, end, way in ((first, last, Travel.AGAINST), (last, first, Travel.ALONG)):
            if line.travel is not way:
                doors.setdefault(begin, []).append(end)
    reached, frontier, seconds = {source}, [source], 0.0
    while frontier and target not in reached:
        frontier = [end for begin in frontier for end in doors.get(begin, ()) if end not in reached]
        reached |= set(frontier)
        seconds += 10.0
    return seconds if target in reached else float("inf")


def corner(lon_lat: NDArray[np.float64]) -> tuple[int, int]:
    """Hundreds of metres east and north, back from degrees."""
    origin, unit = spot(0, 0), spot(100, 100)
    east = (float(lon_lat[0]) - origin.lon) / (unit.lon - origin.lon)
    return round(east), round((float(lon_lat[1]) - origin.lat) / (unit.lat - origin.lat))


@given(seed=st.integers(0, 100_000))
def test_on_a_random_town_of_one_way_streets_the_times_are_those_of_the_plainest_search(seed: int) -> None:
    chance = np.random.default_rng(seed)
    lines = []
    for a in range(5):
        for b in range(4):
            lines.append(
                street((a * 100, b * 100), (a * 100, b * 100 + 100), travel=Travel(int(chance.integers(3))))
            )
            lines.append(
                street((b * 100, a * 100), (b * 100 + 100, a * 100), travel=Travel(int(chance.integers(3))))
            )
    graph = build(lines)
    corners = [(int(e), int(n)) for e, n in chance.integers(0, 5, (8, 2))]
    target, *sources = corners
    found = eta_to(
        graph, spot(target[0] * 100, target[1] * 100), [spot(e * 100, n * 100) for e, n in sources]
    )
    for source, eta in zip(sources, found, strict=True):
        wanted = quickest(lines, source, target)
        if wanted == float("inf"):
            assert eta.by == "straight line"
        else:
            assert eta.seconds == pytest.approx(wanted, abs=0.1 + 0.002 * wanted)


def test_the_nearest_street_has_a_name() -> None:
    graph = build([street((0, 0), (500, 0), name="N Broadway"), street((0, 100), (500, 100), name="Mill St")])
    assert street_at(graph, spot(250, 20)) == "N Broadway"
    assert street_at(graph, spot(250, 5000)) is None


def test_a_kept_map_finds_the_same_ways() -> None:
    graph = build(
        [street((0, 0), (1000, 0)), street((1000, 0), (1000, 1000), travel=Travel.ALONG, name="Ünter St")]
    )
    again = ready(decode(encode(graph.streets)))
    assert again.streets.names == graph.streets.names
    before, after = (one(g, spot(0, 0), spot(1000, 900)) for g in (graph, again))
    assert after.metres == pytest.approx(before.metres, abs=0.1)
    assert after.seconds == pytest.approx(before.seconds, abs=0.1)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04nonsense", b"\x93NUMPY"])
def test_a_damaged_map_is_refused_in_words(damage: bytes) -> None:
    with pytest.raises(BadMapFile, match="damaged"):
        decode(damage)


def test_a_map_cut_short_is_refused_in_words() -> None:
    whole = encode(build([street((0, 0), (500, 0))]).streets)
    with pytest.raises(BadMapFile, match="damaged"):
        decode(whole[: len(whole) // 2])


# ------------------------------------------------------------------------------------ a real city


@pytest.fixture(scope="module")
def st_louis() -> StreetGraph:
    path = Path(__file__).resolve().parents[3] / "shared/geo/stl_streets.parquet"
    if not path.exists():
        pytest.skip(f"the streets of St. Louis are not beside this clone ({path})")
    return build(read(path.read_bytes(), MapForm.GEOPARQUET).lines)


@pytest.mark.material
def test_the_city_hangs_together(st_louis: StreetGraph) -> None:
    _, strong = connected_components(st_louis.times, directed=True, connection="strong")
    assert np.bincount(strong).max() > 0.97 * st_louis.size


@pytest.mark.material
def test_fourth_street_is_driven_north(st_louis: StreetGraph) -> None:
    """Drawn against its traffic in the city's own file; the compass column puts it right."""
    south, north = Point(38.62554, -90.18869), Point(38.62946, -90.18711)
    assert (street_at(st_louis, south), street_at(st_louis, north)) == ("N 4TH ST", "N 4TH ST")
    with_traffic, against = one(st_louis, south, north), one(st_louis, north, south)
    assert with_traffic.metres == pytest.approx(distance_m(south, north), rel=0.05)
    assert against.metres > 1.5 * with_traffic.metres
