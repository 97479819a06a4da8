"""Who saw an area: by view and not by distance, with the best view of each, and not through a building."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point as Spot
from shapely import box
from shapely.affinity import scale

from watchfloor.cameras.model import Camera, CameraId
from watchfloor.cameras.sight import sight
from watchfloor.evidence.canvass import Area, circle, polygon, saw
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.places.buildings import NO_BUILDINGS, Buildings

HERE = Point(38.63, -90.2)
M = 1 / 111_000


def camera(number: int, north_m: float, heading: float | None, *, reach: float = 300.0) -> Camera:
    """So far north of the place."""
    place = Point(HERE.lat + north_m * M, HERE.lon)
    return Camera(
        CameraId(UUID(int=number)), UUID(int=1), f"camera {number}", TechnologyKind.FIXED_CAMERA, "", "", place, heading,
        True, False, 1, datetime(2026, 1, 1, tzinfo=UTC), None, field_deg=60.0, range_m=reach,
    )  # fmt: skip


def names(cameras: list[Camera], area: Area, buildings: Buildings | None = None) -> list[str]:
    return [seen.camera.name for seen in saw(cameras, buildings or NO_BUILDINGS, area)]


def test_a_camera_that_looks_away_saw_nothing_and_one_that_reaches_the_edge_did() -> None:
    looks, away, far = camera(1, 100, 180.0), camera(2, 120, 0.0), camera(3, 350, 180.0)
    assert names([looks, away, far], circle(HERE, 10)) == ["camera 1"]
    # The edge of a larger area lies within its reach; it is the worse view, and comes after.
    assert names([far, looks, away], circle(HERE, 100)) == ["camera 1", "camera 3"]


def test_an_area_of_corners_is_seen_where_a_camera_sees_any_of_it() -> None:
    corners = [
        Point(HERE.lat + n * M, HERE.lon + e * M) for n, e in ((-50, -50), (-50, 50), (50, 50), (50, -50))
    ]
    assert names([camera(1, 300, 180.0), camera(2, 400, 180.0)], polygon(corners)) == ["camera 1"]
    wall = Buildings([box(HERE.lon - 500 * M, HERE.lat + 60 * M, HERE.lon + 500 * M, HERE.lat + 80 * M)])
    assert names([camera(1, 300, 180.0)], polygon(corners), wall) == []


@given(
    st.integers(20, 1000), st.integers(-900, 900), st.integers(-900, 900), st.integers(0, 359), st.integers(10, 120),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whoever_sees_any_of_a_large_area_is_found_however_short_its_view(
    radius: int, north: int, east: int, heading: int, reach: int
) -> None:
    """Between the places that are looked at there is room for a whole camera."""
    one = replace(
        camera(1, north, float(heading), reach=float(reach)),
        place=Point(HERE.lat + north * M, HERE.lon + east * M),
    )
    view = sight(one, NO_BUILDINGS)
    assert view is not None
    within = Spot(HERE.lon, HERE.lat).buffer(1)
    within = scale(within, radius * M / math.cos(math.radians(HERE.lat)), radius * M)
    common = view.area.intersection(within).area / view.area.area
    if common > 0.05:  # not of a hair's breadth of its edge, where a circle is a polygon
        assert names([one], circle(HERE, radius)) == ["camera 1"]
    elif common == 0:
        assert names([one], circle(HERE, 0.98 * radius)) == []


def test_a_wall_hides_what_lies_between_the_places_too() -> None:
    between = camera(1, 375, 90.0, reach=40.0)
    assert names([between], circle(HERE, 500)) == ["camera 1"]
    east, north = between.place.lon, between.place.lat
    wall = Buildings([box(east + 14 * M, north - 100 * M, east + 16 * M, north + 100 * M)])
    beyond = polygon(
        [Point(HERE.lat + n * M, HERE.lon + e * M) for n, e in ((300, 20), (450, 20), (450, 45), (300, 45))]
    )
    assert names([between], beyond) == ["camera 1"] and names([between], beyond, wall) == []


@pytest.mark.parametrize(
    "corners",
    [
        [HERE, HERE],
        [HERE, Point(39.9, -90.2), Point(39.9, -90.0)],
        [HERE, Point(38.631, -90.199), Point(38.631, -90.2), Point(38.63, -90.199)],
    ],
    ids=["two", "too large", "crosses itself"],
)
def test_what_is_no_area_is_said(corners: list[Point]) -> None:
    with pytest.raises(Invalid) as error:
        polygon(corners)
    assert error.value.reason == "area"
    with pytest.raises(Invalid):
        circle(HERE, 5000)
