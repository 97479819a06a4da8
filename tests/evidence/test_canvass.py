"""Who saw an area: by view and not by distance, with the best view of each, and not through a building."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from shapely import box

from watchfloor.cameras.model import Camera, CameraId
from watchfloor.cameras.views import Views
from watchfloor.evidence.canvass import Area, circle, polygon, saw
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.places.buildings import Buildings

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
    views = Views(cameras, buildings) if buildings is not None else Views(cameras)
    return [seen.camera.name for seen in saw(views, area)]


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
