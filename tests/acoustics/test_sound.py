"""How long sound takes, and the shapes that say where it was."""

from __future__ import annotations

import numpy as np
import pytest

from tests.acoustics.street import array
from watchfloor.acoustics.model import Air, Array, Ellipse, Pulses, Region
from watchfloor.acoustics.sound import speed_mps, travel_s


@pytest.mark.parametrize(
    ("air", "mps"),
    [(Air(0.0, 0.0), 331.3), (Air(20.0, 0.0), 343.2), (Air(20.0, 1.0), 344.5), (Air(-10.0, 0.5), 325.2)],
)
def test_sound_is_as_fast_as_the_tables_say(air: Air, mps: float) -> None:
    assert speed_mps(air) == pytest.approx(mps, abs=0.3)


def test_with_the_wind_it_comes_sooner_than_against_it() -> None:
    over = Array(np.array([[340.0, 0.0, 0.0], [-340.0, 0.0, 0.0]]), np.zeros(2))
    still, _ = travel_s(over, Air(), np.zeros((1, 2)))
    windy, way = travel_s(over, Air(wind_mps=(10.0, 0.0)), np.zeros((1, 2)))
    assert way[0] == pytest.approx([340.0, 340.0])
    assert windy[0, 0] < still[0, 0] == still[0, 1] < windy[0, 1]


def test_a_sensor_on_a_hill_is_reached_from_the_ground_below_it() -> None:
    over = array(9, 2)
    raised = over.places_m.copy()
    raised[0, 2] = 60.0
    _, way = travel_s(Array(raised, over.clutter_per_s), Air(), np.zeros((1, 2)))
    _, flat = travel_s(over, Air(), np.zeros((1, 2)))
    assert way[0, 0] > flat[0, 0]


def test_an_ellipse_holds_what_lies_along_it_and_not_across() -> None:
    north_east = Ellipse(100.0, 10.0, 45.0)
    assert north_east.holds(60.0, 60.0)
    assert not north_east.holds(60.0, -60.0)
    assert not north_east.holds(80.0, 80.0)


def test_a_region_holds_its_cells_and_no_more() -> None:
    region = Region(np.array([[0.0, 0.0], [10.0, 0.0]]), 10.0)
    assert region.holds(14.9, 4.9)
    assert not region.holds(15.1, 0.0)


def test_what_one_sensor_picks_twice_in_a_few_milliseconds_is_one_pulse() -> None:
    pulses = Pulses(np.array([1, 0, 1, 1, 0]), np.array([2.0, 1.0, 2.004, 2.2, 1.001]), 0.0, 3.0)
    once = pulses.of(pulses.once())
    assert list(zip(once.sensors.tolist(), once.times_s.tolist(), strict=True)) == [
        (0, 1.0),
        (1, 2.0),
        (1, 2.2),
    ]
