"""The way of one unit, drawn and said: the same length as the search tells, along the streets, turn by turn."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.places.grid import spot, street
from watchfloor.kit.geo import Point, distance_m
from watchfloor.places import legs
from watchfloor.places.graph import StreetGraph, build
from watchfloor.places.legs import Turn, route_to
from watchfloor.places.model import Centreline, Travel
from watchfloor.places.route import eta_to


def grid() -> list[Centreline]:
    """Five streets by five, each a name of its own; First St runs one way, east."""
    along = ("First", "Second", "Third", "Fourth", "Fifth")
    across = ("Ash", "Birch", "Cedar", "Dogwood", "Elm")
    lines: list[Centreline] = []
    for n, name in enumerate(along):
        travel = Travel.ALONG if n == 0 else Travel.BOTH
        points = [(100.0 * i, 100.0 * n) for i in range(5)]
        lines += [street(*ends, name=f"{name} St", travel=travel) for ends in pairwise(points)]
    for n, name in enumerate(across):
        points = [(100.0 * n, 100.0 * i) for i in range(5)]
        lines += [street(*ends, name=f"{name} St") for ends in pairwise(points)]
    return lines


GRID = build(grid())


def length_of(line: tuple[Point, ...]) -> float:
    return sum(distance_m(a, b) for a, b in pairwise(line))


def test_a_way_is_said_turn_by_turn() -> None:
    found = route_to(GRID, spot(400, 300), spot(10, 100))
    assert found.eta.by == "road"
    assert found.legs[0].turn is Turn.START
    assert found.legs[0].sentence.startswith("Go east on Second St, ")
    assert {leg.street for leg in found.legs} <= {
        f"{n} St" for n in ("Second", "Third", "Fourth", "Ash", "Birch", "Cedar", "Dogwood", "Elm")
    }
    assert sum(leg.metres for leg in found.legs) == pytest.approx(590, abs=3)


def test_left_and_right_are_not_mistaken_for_each_other() -> None:
    corner = build([street((0, 0), (500, 0), name="Main St"), street((500, 0), (500, 500), name="Mill St")])
    there = route_to(corner, spot(500, 400), spot(100, 0))
    assert [leg.sentence for leg in there.legs] == [
        "Go east on Main St, 400 m.",
        "Turn left onto Mill St, 400 m.",
    ]
    back = route_to(corner, spot(100, 0), spot(500, 400))
    assert [leg.sentence for leg in back.legs] == [
        "Go south on Mill St, 400 m.",
        "Turn right onto Main St, 400 m.",
    ]


def test_a_street_without_a_name_has_a_direction_and_a_length() -> None:
    corner = build([street((0, 0), (1200, 0), name=""), street((1200, 0), (1200, 300), name="")])
    assert [leg.sentence for leg in route_to(corner, spot(1200, 200), spot(0, 0)).legs] == [
        "Go east, 1.4 km."
    ]


def test_the_line_keeps_to_one_way_streets() -> None:
    block = [street((200, 0), (200, 200)), street((200, 200), (0, 200)), street((0, 200), (0, 0))]
    graph = build([street((0, 0), (200, 0), travel=Travel.ALONG), *block])
    assert length_of(route_to(graph, spot(90, 0), spot(110, 0)).line) == pytest.approx(780, abs=3)
    assert length_of(route_to(graph, spot(110, 0), spot(90, 0)).line) == pytest.approx(20, abs=1)


def test_of_two_streets_between_the_same_crossings_the_quicker_is_drawn() -> None:
    slow = street((0, 0), (300, 0), name="Lane", speed_mps=3)
    quick = street((0, 0), (150, 60), (300, 0), name="Bypass", speed_mps=20)
    graph = build([street((-200, 0), (0, 0)), slow, quick, street((300, 0), (500, 0))])
    assert "Bypass" in [leg.street for leg in route_to(graph, spot(450, 0), spot(-150, 0)).legs]


@pytest.mark.parametrize(
    ("graph", "source", "said"),
    [
        (None, spot(0, 0), "No street map is loaded"),
        (build([street((0, 0), (500, 0))]), spot(0, 1500), "from any street"),
        (
            build([street((0, 0), (500, 0)), street((0, 2000), (500, 2000))]),
            spot(0, 2000),
            "no way from there",
        ),
    ],
    ids=["without streets", "off the streets", "cut off"],
)
def test_where_no_road_leads_the_line_is_straight_and_says_why(
    graph: StreetGraph | None, source: Point, said: str
) -> None:
    found = route_to(graph, spot(100, 0), source)
    assert (found.line, found.legs, found.eta.seconds) == ((source, spot(100, 0)), (), None)
    assert said in found.eta.why and "straight line only" in found.eta.why


def test_the_neighbourhood_is_a_piece_of_the_map_and_has_an_end() -> None:
    near = route_to(GRID, spot(100, 100), spot(0, 100))
    assert 8 <= len(near.around) <= 40
    named = {one.name for one in near.around}
    assert {leg.street for leg in near.legs} <= named and "" not in named
    lanes = [street((0, 10.0 * n), (400, 10.0 * n), name=f"Lane {n}") for n in range(-200, 200)]
    main = [street((0, -2000), (0, 2000), name="Main St")]
    many = route_to(build([*lanes, *main]), spot(0, 1500), spot(0, -1500))
    assert len(many.around) == legs.MOST_AROUND
    assert "Main St" in {one.name for one in many.around}


@given(st.tuples(*[st.integers(-30, 430)] * 4))
def test_the_line_is_as_long_as_the_search_says(ends: tuple[int, int, int, int]) -> None:
    source, target = spot(ends[0], ends[1]), spot(ends[2], ends[3])
    found = route_to(GRID, target, source)
    assert found.eta == eta_to(GRID, target, [source])[0]
    if found.eta.by == "road":
        assert length_of(found.line) == pytest.approx(found.eta.metres, abs=2.0)
        assert [leg.turn for leg in found.legs].count(Turn.START) == (1 if found.legs else 0)
        assert sum(leg.metres for leg in found.legs) <= found.eta.metres + 1.0
    else:
        assert found.line == (source, target)
