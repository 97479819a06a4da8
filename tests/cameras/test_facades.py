"""Dwellings in view are proposed as parts of the picture, where the buildings of the city and the camera's own view put them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.cameras.test_views import NOW, block, camera
from watchfloor.cameras.details import Details
from watchfloor.cameras.facades import propose
from watchfloor.cameras.masks import Mask, checked_shape
from watchfloor.cameras.model import Camera
from watchfloor.places.buildings import NO_BUILDINGS, Buildings, kind_of

# Looks north: a house straight ahead, another behind a shop at the right, one behind its back.
AHEAD, SHOP, HIDDEN, BEHIND = (
    block(-5, 40, 5, 50),
    block(10, 30, 30, 40),
    block(16, 50, 28, 60),
    block(-5, -60, 5, -50),
)
TOWN = Buildings([AHEAD, SHOP, HIDDEN, BEHIND], [True, False, True, True], [6.0, 0.0, 6.0, 6.0])


def eye(**changes: object) -> Camera:
    made = camera("Elm St", 0, heading_deg=0.0, field_deg=60.0, range_m=80.0)
    return replace(made, details=Details(height_m=6.0), **changes)  # type: ignore[arg-type]  # fields of a camera, by name


def test_the_house_in_view_is_proposed_where_it_stands_and_no_shop_nor_what_is_hidden() -> None:
    found = propose(eye(), TOWN, ())
    (house,) = found.facades
    shape = checked_shape(house.shape)
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    assert house.distance_m == pytest.approx(40, abs=0.5) and len(shape) <= 16
    # 5 m to each side of the middle at 40 m, in a picture that is 60 degrees wide.
    assert (left, right) == pytest.approx((0.39, 0.61), abs=0.02)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    assert top == pytest.approx(0.27, abs=0.03), (
        "as high as the camera: on the horizon, which lies above the middle"
    )
    assert bottom == pytest.approx(0.5, abs=0.03), (
        "where it stands the camera looks down as steeply as its middle"
    )
    assert found.why == "" and found.assumed == ("how far it is tilted",)


def test_what_is_masked_is_not_proposed_again() -> None:
    (house,) = propose(eye(), TOWN, ()).facades
    mask = Mask(UUID(int=1), UUID(int=9), "a", "b", house.shape, UUID(int=3), NOW)
    assert propose(eye(), TOWN, [mask]).why == "Those in view are masked."


def test_why_nothing_is_proposed_is_said() -> None:
    unknown = Buildings([AHEAD])
    said = [
        propose(eye(heading_deg=None), TOWN, ()),
        propose(eye(), NO_BUILDINGS, ()),
        propose(eye(), unknown, ()),
        propose(eye(field_deg=360.0), TOWN, ()),
        propose(eye(heading_deg=90.0), TOWN, ()),
    ]
    words = ("Nobody said", "not supplied", "says no kind", "is bent", "No dwelling is in view")
    assert all(not one.facades and word in one.why for one, word in zip(said, words, strict=True)), said
    bare = propose(replace(eye(), details=Details(), field_deg=None), Buildings([AHEAD], [True]), ())
    assert len(bare.assumed) == 4 and bare.facades


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"building": "house", "height": 6.5}, (True, 6.5)),
        ({"BUILDING": "apartments", "building:levels": "4"}, (True, 12.0)),
        ({"subtype": "residential", "class": None}, (True, 0.0)),
        ({"BLDG_TYPE": "Single-Family"}, (True, 0.0)),
        ({"use": "Non-Residential"}, (False, 0.0)),
        ({"building": "warehouse", "height": "high"}, (False, 0.0)),
        ({"building": "yes"}, (False, 0.0)),
        ({}, (False, 0.0)),
    ],
)
def test_what_a_building_is_is_read_from_the_words_of_cities(
    row: dict[str, object], kind: tuple[bool, float]
) -> None:
    assert kind_of(row) == kind
