"""Cameras that look mostly at one dwelling, by the footprints: none is marked by that, and none is missed that plainly does."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from tests.cameras.test_views import block
from tests.places.grid import spot
from watchfloor.cameras.homes import mostly_homes
from watchfloor.cameras.model import Eye
from watchfloor.places.buildings import NO_BUILDINGS, Buildings

# North of the camera a house 20 m wide, 15 m away; a shop as wide to the east; one more house behind the first.
HOUSE, SHOP, BEHIND = block(-10, 15, 10, 25), block(15, -10, 25, 10), block(-30, 40, 30, 50)
TOWN = Buildings([HOUSE, SHOP, BEHIND], [True, False, True])
EYE = Eye(UUID(int=1), "Elm St", spot(0, 0), 0.0, 60.0, 80.0)


def test_a_camera_that_looks_mostly_at_one_house_is_told_with_how_much_of_its_picture_that_is() -> None:
    (found,) = mostly_homes([EYE], TOWN)
    assert found.eye == EYE and found.share == 1.0, "it fills all of sixty degrees"
    (wide,) = mostly_homes([replace(EYE, field_deg=120.0)], TOWN)
    # 10 m to each side at 15 m: 33.7 of 60 degrees.
    assert wide.share == pytest.approx(33.7 / 60, abs=0.06)


@pytest.mark.parametrize(
    "change",
    [
        {"heading_deg": 90.0},  # the shop
        {"heading_deg": 180.0},  # nothing
        {"heading_deg": 48.0},  # past the house's corner, of which it has an edge
        {"range_m": 10.0},  # no further than the street
        {"field_deg": 140.0},  # the street, with the house in it
        {"heading_deg": None},
        {"field_deg": 360.0},
    ],
)
def test_what_looks_elsewhere_or_at_a_street_is_not_told(change: dict[str, object]) -> None:
    assert mostly_homes([replace(EYE, **change)], TOWN) == []  # type: ignore[arg-type]  # fields of an eye, by name


def test_the_house_that_a_camera_hangs_on_is_not_what_it_looks_at() -> None:
    (found,) = mostly_homes([replace(EYE, place=spot(0, 14.0))], Buildings([HOUSE, BEHIND], [True, True]))
    assert found.share == 1.0, "the next house is"
    assert mostly_homes([replace(EYE, place=spot(0, 14.0))], Buildings([HOUSE], [True])) == []


def test_where_no_building_is_known_to_be_a_dwelling_nothing_is_told() -> None:
    assert mostly_homes([EYE], NO_BUILDINGS) == [] == mostly_homes([EYE], Buildings([HOUSE]))
    assert mostly_homes([], TOWN) == []


def test_the_nearest_wall_counts_and_each_camera_is_told_for_itself() -> None:
    shop_before = Buildings([block(-10, 5, 10, 8), HOUSE], [False, True])
    assert mostly_homes([EYE], shop_before) == []
    chance = np.random.default_rng(4)
    many = [
        replace(EYE, id=UUID(int=n), heading_deg=float(turned))
        for n, turned in enumerate(chance.uniform(0, 359, 60))
    ]
    together = {one.eye.id: one.share for one in mostly_homes(many, TOWN)}
    alone = {one.eye.id: one.share for each in many for one in mostly_homes([each], TOWN)}
    assert together == alone and 5 < len(alone) < 30
    assert list(together.values()) == sorted(together.values(), reverse=True)
