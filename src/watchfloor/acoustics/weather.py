"""The air that sound goes through, by what was read of it: how sure that is, and how much wider a place is known for it. Pure.

It keeps nothing and reads no clock. With no reading, or an old one, a usual day is taken, and what that may be off is added to every
ellipse (decision 51).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import numpy as np

from watchfloor.acoustics.model import Air, Array, Floats, Ints
from watchfloor.acoustics.sound import travel_s
from watchfloor.kit.errors import Invalid

# What is taken where nobody read anything, and how far a night may be from it: one standard deviation, of the wind each way. The year of a
# city with winters; winds of some 4 m/s on average, as weather services publish of cities.
USUAL: Final = Air()
_USUAL_APART_C: Final = 12.0
_USUAL_WIND_MPS: Final = 3.0
# How far a reading is from the air over the array, and how soon it says nothing any more of now: the wind turns within hours, warmth goes
# with the day. Judgement.
_READ_APART_C: Final = 1.0
_READ_WIND_MPS: Final = 1.0
_WARMTH_LASTS: Final = timedelta(hours=12)
_WIND_LASTS: Final = timedelta(hours=2)
# Older than this it is said to be old.
OLD: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=24)
# Of several stations those count that read within this of the last.
_TOGETHER: Final = timedelta(hours=1)
COLDEST_C: Final = -45.0
HOTTEST_C: Final = 55.0
STRONGEST_MPS: Final = 45.0
_POINTS: Final = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody, or a station, read: degrees Celsius, relative humidity 0 to 1 where known, metres a second of wind and where from."""

    at: datetime
    temperature_c: float
    humidity: float | None
    wind_mps: float
    wind_from_deg: float
    station: str

    def __post_init__(self) -> None:
        """Raises Invalid for what no station reads."""
        if not COLDEST_C <= self.temperature_c <= HOTTEST_C:
            raise Invalid(
                f"Between {COLDEST_C:.0f} and {HOTTEST_C:.0f} degrees Celsius are read outdoors.",
                reason="temperature_c",
            )
        if self.humidity is not None and not 0.0 <= self.humidity <= 1.0:
            raise Invalid("Relative humidity lies between 0 and 1.", reason="humidity")
        if not 0.0 <= self.wind_mps <= STRONGEST_MPS:
            raise Invalid(f"Wind is 0 to {STRONGEST_MPS:.0f} m/s.", reason="wind_mps")
        if not 0.0 <= self.wind_from_deg <= 360.0:
            raise Invalid("Where the wind comes from is 0 to 360 degrees from north.", reason="wind_from_deg")
        if self.at.tzinfo is None:
            raise Invalid("When it was read needs its zone.", reason="at")

    @property
    def wind(self) -> tuple[float, float]:
        """Where it goes, in m/s east and north."""
        way = math.radians(self.wind_from_deg)
        return -self.wind_mps * math.sin(way), -self.wind_mps * math.cos(way)


@dataclass(frozen=True, slots=True)
class Weather:
    """The air that is reckoned with, how far it may be from that (one standard deviation, of the wind each way), what it rests on.

    `read_at` is None where nothing was read lately. Without anything but `air` it is known exactly: a bench's.
    """

    air: Air = USUAL
    apart_c: float = 0.0
    apart_mps: float = 0.0
    read_at: datetime | None = None
    sentence: str = "The air is known."


def weather_at(readings: Sequence[Reading], at: datetime) -> Weather:
    """The air of a moment by what was read before it; the older, the more a usual day counts."""
    known = [one for one in readings if timedelta(0) <= at - one.at <= LONGEST]
    if not known:
        return Weather(USUAL, _USUAL_APART_C, _USUAL_WIND_MPS, None, _ABSENT)
    last = max(one.at for one in known)
    those = list(
        {one.station: one for one in sorted(known, key=_when) if last - one.at <= _TOGETHER}.values()
    )
    age = at - last
    warmth, wind = math.exp(-(age / _WARMTH_LASTS)), math.exp(-(age / _WIND_LASTS))
    read_c = median(one.temperature_c for one in those)
    read_wind = (median(one.wind[0] for one in those), median(one.wind[1] for one in those))
    humid = [one.humidity for one in those if one.humidity is not None]
    air = Air(
        warmth * read_c + (1 - warmth) * USUAL.temperature_c,
        median(humid) if humid else USUAL.humidity,
        (wind * read_wind[0], wind * read_wind[1]),
    )
    return Weather(
        air,
        math.hypot(_READ_APART_C * warmth, _USUAL_APART_C * math.sqrt(1 - warmth**2)),
        math.hypot(_READ_WIND_MPS * wind, _USUAL_WIND_MPS * math.sqrt(1 - wind**2)),
        last,
        _said(read_c, read_wind, age, sorted(one.station for one in those)),
    )


def _when(one: Reading) -> datetime:
    return one.at


def spread_m2(array: Array, weather: Weather, place_m: Floats, heard: Ints) -> Floats:
    """How much what is not known of the air moves a place that these sensors (indices) heard: a covariance (2, 2), in square metres.

    Sound that is quicker or blown another way looks like a shot from elsewhere; each way that may be so moves the fit by a step, and the
    steps add up.
    """
    if not len(heard) or weather.apart_c == weather.apart_mps == 0.0:
        return np.zeros((2, 2))
    travel, way = travel_s(array, weather.air, place_m[None])
    toward = (place_m - array.places_m[heard, :2]) / way[0, heard, None]
    design = np.column_stack([toward * (travel / way)[0, heard, None], np.ones(len(heard))])
    fit = np.linalg.pinv(design)[:2]
    spread = np.zeros((2, 2))
    for other in _others(weather):
        later = travel_s(array, other, place_m[None])[0][0, heard] - travel[0, heard]
        step = fit @ later
        spread += np.outer(step, step)
    return spread


def _others(weather: Weather) -> tuple[Air, ...]:
    """Air that is off by as much as it may be, one thing at a time; towards what is usual, so that there is such air."""
    air = weather.air
    east, north = air.wind_mps
    off_c = -weather.apart_c if air.temperature_c > USUAL.temperature_c else weather.apart_c
    off_e, off_n = (-weather.apart_mps if blown > 0 else weather.apart_mps for blown in (east, north))
    return (
        Air(air.temperature_c + off_c, air.humidity, air.wind_mps),
        Air(air.temperature_c, air.humidity, (east + off_e, north)),
        Air(air.temperature_c, air.humidity, (east, north + off_n)),
    )


_ABSENT: Final = (
    f"No weather of the last {LONGEST // timedelta(hours=1)} hours is known: {USUAL.temperature_c:.0f} °C and still air are assumed, and"
    " the ellipse is wider for what that may be off."
)


def _said(read_c: float, wind: tuple[float, float], age: timedelta, stations: Sequence[str]) -> str:
    blows = wind_words(wind)
    by = stations[0] if len(stations) == 1 else f"{len(stations)} stations"
    said = f"{read_c:.0f} °C, {blows}; read {_ago(age)} before ({by})."
    return f"{said} That is old: it is believed less, and the ellipse is wider for it." if age > OLD else said


def wind_words(wind_mps: tuple[float, float]) -> str:
    """“wind 3 m/s from the west”, “hardly any wind”"""
    blows = math.hypot(*wind_mps)
    if blows < 0.5:
        return "hardly any wind"
    from_deg = math.degrees(math.atan2(-wind_mps[0], -wind_mps[1])) % 360
    return f"wind {blows:.0f} m/s from the {_POINTS[round(from_deg / 45) % 8]}"


def _ago(age: timedelta) -> str:
    minutes = age // timedelta(minutes=1)
    if minutes < 1:
        return "a moment"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} hours"
