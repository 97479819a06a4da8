"""The ground a camera sees as an area: inside its view, never behind a building, and as single places are judged."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cameras.test_views import HERE, NOW, block, camera, seeing, with_picture
from tests.places.grid import spot
from watchfloor.cameras.sight import blind, sight
from watchfloor.cameras.sight_api import could_look
from watchfloor.cameras.views import Visibility
from watchfloor.kit.geo import Point, bearing_deg, distance_m
from watchfloor.places.buildings import NO_BUILDINGS, Buildings

EAST = {"heading_deg": 90.0, "field_deg": 60.0, "range_m": 120.0}
BLOCKS = st.lists(
    st.tuples(st.integers(-110, 110), st.integers(-110, 110), st.integers(4, 40), st.integers(4, 40)),
    max_size=6,
)
PLACES = st.lists(st.tuples(st.integers(-130, 130), st.integers(-130, 130)), min_size=20, max_size=20)


def test_a_camera_of_which_nobody_said_where_it_looks_has_no_area() -> None:
    assert sight(camera("a", 0), NO_BUILDINGS) is None


@pytest.mark.parametrize("field_deg", [1.0, 60.0, 180.0, 359.0, 360.0])
def test_an_open_view_is_a_sector_of_its_size(field_deg: float) -> None:
    found = sight(camera("a", 0, **EAST | {"field_deg": field_deg}), NO_BUILDINGS)
    assert found is not None and found.hidden == 0 and not found.assumed
    assert found.square_m == pytest.approx(math.pi * 120**2 * field_deg / 360, rel=0.01)


def test_what_nobody_said_is_assumed_and_told() -> None:
    found = sight(camera("a", 0, heading_deg=90.0), NO_BUILDINGS)
    assert found is not None and found.assumed


def test_a_wall_hides_what_is_behind_it_and_its_own_building_does_not() -> None:
    hidden = sight(camera("a", 0, **EAST), Buildings([block(50, -80, 60, 80)]))
    assert hidden is not None and hidden.hidden == pytest.approx(0.8, abs=0.1)
    front, behind = spot(45, 0), spot(70, 0)
    assert hidden.area.contains(shapely.Point(front.lon, front.lat))
    assert not hidden.area.contains(shapely.Point(behind.lon, behind.lat))
    own = sight(camera("a", 0, **EAST), Buildings([block(-20, -20, 1, 20)]))
    assert own is not None and own.hidden == 0


@settings(max_examples=60, deadline=None)
@given(BLOCKS, PLACES, st.integers(0, 359), st.sampled_from([30.0, 90.0, 200.0, 360.0]))
def test_the_area_is_as_single_places_are_judged(
    blocks: list[tuple[int, int, int, int]], places: list[tuple[int, int]], heading: int, field: float
) -> None:
    shapes = [block(w, s, w + wide, s + high) for w, s, wide, high in blocks]
    buildings, eye = (
        Buildings(shapes),
        camera("a", 0, heading_deg=float(heading), field_deg=field, range_m=120.0),
    )
    found = sight(eye, buildings)
    assert found is not None and found.area.difference(found.whole.buffer(1e-7)).area < 1e-12
    built = shapely.union_all(shapes) if shapes else shapely.Polygon()
    edge = found.area.boundary
    for east, north in places:
        at = spot(east, north)
        point = shapely.Point(at.lon, at.lat)
        # At a wall, at the edge, and right below the camera a metre decides.
        near = 5 / 80_000
        if point.distance(built) < near or point.distance(edge) < near or distance_m(eye.place, at) < 8:
            continue
        sees = any(
            one.visibility is not Visibility.NEAR for one in seeing(eye, place=at, buildings=buildings)
        )
        assert found.area.contains(point) == sees, (east, north)


def test_around_a_place_that_is_blind_which_no_camera_sees_and_which_is_not_built_on() -> None:
    house = block(40, 40, 80, 80)
    nobody = blind(HERE, 100, [], Buildings([house]))
    assert nobody.share == 1 and not nobody.area.intersects(house.buffer(-1e-9))
    eye = sight(camera("a", 0, heading_deg=0.0, field_deg=360.0, range_m=150.0), NO_BUILDINGS)
    assert eye is not None
    assert blind(HERE, 100, [eye], NO_BUILDINGS).share == pytest.approx(0, abs=1e-6)
    half = sight(camera("a", 0, heading_deg=0.0, field_deg=180.0, range_m=150.0), NO_BUILDINGS)
    assert half is not None
    rest = blind(HERE, 100, [half], NO_BUILDINGS)
    assert rest.share == pytest.approx(0.5, abs=0.01)
    middle = Point(rest.area.centroid.y, rest.area.centroid.x)
    assert bearing_deg(HERE, middle) == pytest.approx(180, abs=2)


def named_first(*movable: tuple[str, float, bool, bool]) -> list[str]:
    """Which of these are named, in their order; of each: its name, how far east it is, whether it turns, whether pictures come."""
    cameras = [(camera(name, far), turns, live) for name, far, turns, live in movable]
    found = [(with_picture(one, 1920) if live else one, turns) for one, turns, live in cameras]
    return [one["name"] for one in could_look(found, HERE, NOW, {})]


@pytest.mark.parametrize(
    ("movable", "first"),
    [
        ([("near", 2990, False, True), ("far", 3010, False, True)], ["near"]),
        ([("near", 795, True, True), ("far", 805, True, True)], ["near"]),
        ([("trailer", 805, False, True), ("dome", 790, True, True)], ["dome", "trailer"]),
        ([("silent", 100, False, False), ("far", 700, True, True)], ["far", "silent"]),
        ([(f"{far} m", far, False, True) for far in (400, 100, 300, 200)], ["100 m", "200 m", "300 m"]),
        ([], []),
    ],
    ids=[
        "3 km for a trailer",
        "800 m for what turns",
        "the nearest first",
        "pictures before nearness",
        "three",
        "none",
    ],
)
def test_who_could_look_is_near_enough_has_pictures_and_is_the_nearest(
    movable: list[tuple[str, float, bool, bool]], first: list[str]
) -> None:
    assert named_first(*movable) == first
