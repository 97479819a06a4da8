"""Which cameras see a place: by where they look, how wide and how far, and by what stands between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely

from tests.places.grid import spot
from watchfloor.cameras.model import Camera, CameraId, Said
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.views import Seen, Views, Visibility
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.places.buildings import Buildings

HERE = spot(0, 0)
NOW = datetime(2026, 3, 1, 22, tzinfo=UTC)
VIEW = {"heading_deg": 270.0, "field_deg": 60.0, "range_m": 250.0}


def camera(name: str, east_m: float, north_m: float = 0.0, **changes: Any) -> Camera:
    """A camera so many metres from the place; without more, nobody said where it looks."""
    made = Camera(
        id=CameraId(uuid7(NOW)),
        agency=uuid7(NOW),
        name=name,
        technology=TechnologyKind.FIXED_CAMERA,
        address="rtsp://camera/1",
        place_text=name,
        place=spot(east_m, north_m),
        heading_deg=None,
        enabled=True,
        has_login=False,
        version=1,
        created_at=NOW,
        said=None,
    )
    return replace(made, **changes)


def with_picture(one: Camera, width: int) -> Camera:
    said = Said(CameraStatus.LIVE, "", NOW, NOW, True, NOW, 0, width, width * 9 // 16, "video/mp4", 0)
    return replace(one, said=said)


def block(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    """A building between these metres east and north of the place."""
    low, high = spot(west_m, south_m), spot(east_m, north_m)
    return shapely.box(low.lon, low.lat, high.lon, high.lat)


def seeing(*cameras: Camera, place: Point = HERE, buildings: Buildings | None = None) -> tuple[Seen, ...]:
    return (Views(cameras) if buildings is None else Views(cameras, buildings)).seeing(place)


def names(*cameras: Camera, buildings: Buildings | None = None) -> list[str]:
    """Those that see the place or may."""
    found = seeing(*cameras, buildings=buildings)
    return [seen.camera.name for seen in found if seen.visibility is not Visibility.NEAR]


def test_no_camera_sees_where_there_is_none() -> None:
    assert seeing() == ()


@pytest.mark.parametrize(
    ("view", "sees"),
    [
        ({}, True),
        ({"range_m": 201.0}, True),
        ({"range_m": 199.0}, False),
        ({"heading_deg": 299.9}, True),
        ({"heading_deg": 300.1}, False),
        ({"heading_deg": 240.1}, True),
        ({"heading_deg": 239.9}, False),
        ({"heading_deg": 90.0, "field_deg": 360.0}, True),
    ],
)
def test_a_camera_sees_what_lies_in_its_view_and_nothing_else(view: dict[str, float], sees: bool) -> None:
    assert names(camera("it", 200, **{**VIEW, **view})) == (["it"] if sees else [])


def test_right_below_it_a_camera_sees_wherever_it_looks() -> None:
    assert names(camera("it", 4, **{**VIEW, "heading_deg": 90.0})) == ["it"]


def test_a_view_over_north_and_over_the_date_line_is_judged_as_any_other() -> None:
    assert names(camera("it", 0, -100, heading_deg=350.0, field_deg=60.0, range_m=150.0)) == ["it"]
    far = Point(10.0, 179.9995)
    here = replace(camera("it", 0, heading_deg=90.0, field_deg=60.0, range_m=150.0), place=far)
    (seen,) = seeing(here, place=Point(10.0, -179.9995))
    assert seen.distance_m == pytest.approx(109.5, abs=0.5)


def test_what_nobody_said_is_allowed_for_and_told() -> None:
    unsaid = camera("unsaid", 300), camera("half", 200, heading_deg=190.0)
    away = camera("away", 200, heading_deg=170.0), camera("far", 801)
    found = seeing(*unsaid, *away)
    assert [(seen.camera.name, seen.visibility) for seen in found] == [
        ("half", Visibility.MAY_SEE),
        ("unsaid", Visibility.MAY_SEE),
    ]
    assert [seen.why for seen in found] == [
        "It looks there from 200 m away; how wide or how far it sees is assumed.",
        "It is 300 m away; nobody said where it looks.",
    ]


def test_who_only_stands_near_and_looks_that_way_comes_after_those_that_see_the_nearest_first() -> None:
    short, aside = camera("short", 300, **VIEW), camera("aside", 200, **{**VIEW, "heading_deg": 200.0})
    away = camera("away", 200, **{**VIEW, "heading_deg": 170.0})
    found = seeing(short, aside, away, camera("far", 801, **VIEW), camera("sees", 240, **VIEW))
    assert [(seen.camera.name, seen.visibility) for seen in found] == [
        ("sees", Visibility.SEES),
        ("aside", Visibility.NEAR),
        ("short", Visibility.NEAR),
    ]
    assert found[2].why == "It is 300 m away and looks that way, but does not see the place itself."
    assert names(short, buildings=Buildings([block(90, -10, 110, 10)])) == []


def test_the_closest_look_comes_first_and_what_is_assumed_last() -> None:
    near = camera("near", 60, **VIEW)
    narrow = camera("narrow", 100, **{**VIEW, "field_deg": 10.0})
    beside = camera("assumed", 20, heading_deg=270.0)
    assert names(beside, near, narrow) == ["narrow", "near", "assumed"]


def test_the_reason_says_how_large_the_place_is_in_the_picture_and_what_for() -> None:
    (seen,) = seeing(with_picture(camera("it", 50, **VIEW), 1920))
    assert seen.pixels_per_metre == pytest.approx(1920 / (2 * 50 * 0.57735), rel=1e-3)
    assert seen.why == "It looks there from 50 m away, 33 pixels a metre: enough to detect."
    (small,) = seeing(with_picture(camera("it", 200, **VIEW), 640))
    assert small.why == "It looks there from 200 m away, 3 pixels a metre: too few to tell anything by."


def test_a_building_between_hides_the_place_and_one_beside_the_way_does_not() -> None:
    it = camera("it", 200, **VIEW)
    assert names(it, buildings=Buildings([block(90, -10, 110, 10)])) == []
    assert names(it, buildings=Buildings([block(90, 5, 110, 25)])) == ["it"]
    assert names(it, buildings=Buildings([block(-40, -10, -20, 10), block(210, -9, 230, 9)])) == ["it"]


def test_the_house_a_camera_hangs_on_and_the_house_of_the_address_hide_nothing() -> None:
    it = camera("it", 200, **VIEW)
    own, address = block(198, -10, 220, 10), block(-10, -10, 10, 10)
    assert names(it, buildings=Buildings([own, address])) == ["it"]
    between = block(100, -1, 101, 1)
    assert names(it, buildings=Buildings([own, address, between])) == []


def test_a_city_is_judged_as_each_camera_alone_would_be() -> None:
    """What thousands are judged by at once says the same as one by one, over a grid of views and buildings."""
    cameras = [
        camera(f"{east} {north} {heading}", east, north, **{**VIEW, "heading_deg": float(heading)})
        for east in range(-240, 241, 60)
        for north in range(-240, 241, 60)
        for heading in range(0, 360, 45)
    ]
    blocks = [
        block(e + 15, n + 15, e + 45, n + 45) for e in range(-240, 240, 60) for n in range(-240, 240, 60)
    ]
    city = Buildings(blocks)
    alone = {one.name for one in cameras if names(one, buildings=city)}
    assert set(names(*cameras, buildings=city)) == alone
    assert 20 < len(alone) < len(cameras) / 4
