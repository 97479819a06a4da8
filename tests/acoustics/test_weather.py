"""The air by what was read of it, and how much wider a place is known for what was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.acoustics.street import array
from watchfloor.acoustics.locate import ellipses, refined, spread_of
from watchfloor.acoustics.model import Air, Ellipse, Pulses
from watchfloor.acoustics.sound import travel_s
from watchfloor.acoustics.weather import LONGEST, Reading, Weather, spread_m2, weather_at, wind_words
from watchfloor.kit.errors import Invalid

AT = datetime(2026, 12, 5, 3, 0, tzinfo=UTC)
READ = Reading(AT, -6.0, 0.7, 6.0, 270.0, "Airport")


def test_without_a_reading_a_usual_day_is_taken_and_said() -> None:
    for readings in (
        [],
        [replace(READ, at=AT - LONGEST - timedelta(minutes=1))],
        [replace(READ, at=AT + timedelta(1))],
    ):
        told = weather_at(readings, AT)
        assert (
            told.read_at is None
            and told.air == Air()
            and told.sentence.startswith("No weather of the last 24")
        )
        assert told.apart_c > 5 and told.apart_mps > 2


def test_a_reading_is_believed_less_the_older_it_is_and_the_wind_soonest() -> None:
    ages = [timedelta(minutes=m) for m in (0, 30, 120, 600, 1400)]
    told = [weather_at([replace(READ, at=AT - age)], AT) for age in ages]
    assert told[0].air.temperature_c == pytest.approx(-6.0) and told[0].air.wind_mps == pytest.approx(
        (6.0, 0.0), abs=1e-9
    )
    assert [one.apart_c for one in told] == sorted(one.apart_c for one in told)
    assert [one.apart_mps for one in told] == sorted(one.apart_mps for one in told)
    blows = [one.air.wind_mps[0] for one in told]
    assert blows == sorted(blows, reverse=True) and blows[-1] < 0.1
    assert "read a moment before (Airport)." in told[0].sentence and "That is old" not in told[1].sentence
    assert "read 2 hours before (Airport). That is old: it is believed less" in told[2].sentence


def test_of_several_stations_the_middle_one_counts_and_of_each_its_last() -> None:
    odd = [
        replace(READ, station=name, temperature_c=c) for name, c in (("A", -6.0), ("B", -5.0), ("C", 40.0))
    ]
    before = replace(READ, station="A", at=AT - timedelta(minutes=40), temperature_c=30.0)
    told = weather_at([*odd, before], AT)
    assert told.air.temperature_c == pytest.approx(-5.0) and "3 stations" in told.sentence


@pytest.mark.parametrize(
    ("from_deg", "words"), [(270.0, "wind 6 m/s from the west"), (0.0, "wind 6 m/s from the north")]
)
def test_the_wind_is_said_by_where_it_comes_from(from_deg: float, words: str) -> None:
    assert wind_words(replace(READ, wind_from_deg=from_deg).wind) == words
    assert wind_words((0.1, 0.1)) == "hardly any wind"


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature_c": 80.0},
        {"humidity": 1.4},
        {"wind_mps": 90.0},
        {"wind_from_deg": 400.0},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 -- what is refused
    ],
)
def test_what_no_station_reads_is_refused_in_words(wrong: dict[str, float]) -> None:
    with pytest.raises(Invalid) as refused:
        replace(READ, **wrong)  # type: ignore[arg-type]  # what is refused
    assert refused.value.reason == next(iter(wrong))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 99), st.floats(-400, 400), st.floats(-400, 400))
def test_what_is_not_known_of_the_air_widens_a_place_by_as_much_as_it_moves_it(
    seed: int, east: float, north: float
) -> None:
    over, place = array(12, seed), np.array([east, north])
    everybody = np.arange(len(over))
    weather = Weather(Air(), 0.0, 3.0)
    spread = spread_m2(over, weather, place, everybody)
    for wind in ((3.0, 0.0), (0.0, 3.0)):
        came = travel_s(over, Air(wind_mps=wind), place[None])[0][0] + 1.0
        pulses = Pulses(everybody, came, 0.0, 20.0)
        found, _ = refined(over, pulses, Air(), place[None], np.array([1.0]))
        step = found[0] - place
        # The spread holds this very step: along it, it is as long at least.
        along = step / max(float(np.hypot(*step)), 1e-9)
        assert np.sqrt(along @ spread @ along) >= 0.8 * float(np.hypot(*step))
    assert np.allclose(spread_m2(over, Weather(), place, everybody), 0)
    wide = spread_m2(over, replace(weather, apart_mps=6.0), place, everybody)
    assert np.trace(wide) > 3 * np.trace(spread)


def test_an_ellipse_is_its_spread_again() -> None:
    most = Ellipse(20.0, 7.0, 30.0)
    again = ellipses(spread_of(most))[1]
    assert (again.major_m, again.minor_m, again.bearing_deg) == pytest.approx((20.0, 7.0, 30.0))
