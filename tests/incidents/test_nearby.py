"""Which cameras are offered beside an incident: the nearest that may see it, at most four."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.incidents.made import NOW
from tests.places.grid import spot
from watchfloor.cameras.model import Camera, CameraId
from watchfloor.governance.words import TechnologyKind
from watchfloor.incidents.nearby import nearest
from watchfloor.kit.ids import uuid7

HERE = spot(0, 0)


def camera(name: str, east_m: float, north_m: float = 0.0, **changes: Any) -> Camera:
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


def names(*cameras: Camera) -> list[str]:
    return [found.name for found, _ in nearest(cameras, HERE)]


def test_the_nearest_four_come_first() -> None:
    assert names(*(camera(str(far), far) for far in (500, 100, 400, 200, 300))) == [
        "100",
        "200",
        "300",
        "400",
    ]


def test_a_camera_far_away_or_switched_off_is_not_offered() -> None:
    assert names(camera("far", 900), camera("off", 100, enabled=False)) == []


def test_a_camera_that_looks_away_is_not_offered_unless_it_stands_right_there() -> None:
    looks_west, looks_east = camera("west", 200, heading_deg=270.0), camera("east", 200, heading_deg=90.0)
    assert names(looks_west, looks_east) == ["west"]
    assert names(replace(looks_east, place=spot(20, 0))) == ["east"]
    assert names(camera("north", 0, -200, heading_deg=10.0)) == ["north"]
