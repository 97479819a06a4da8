"""A made-up town on a grid: blocks of 100 m, so that every time and distance can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np

from watchfloor.kit.geo import Point
from watchfloor.places.model import Centreline, Travel

_CENTRE = Point(38.6, -90.2)
_DEGREE_M = math.pi * 6_371_008.8 / 180


def spot(east_m: float, north_m: float) -> Point:
    """The place so many metres from the town's centre."""
    lon = _CENTRE.lon + east_m / (_DEGREE_M * math.cos(math.radians(_CENTRE.lat)))
    return Point(_CENTRE.lat + north_m / _DEGREE_M, lon)


def street(
    *ends: tuple[float, float],
    name: str = "Main St",
    travel: Travel = Travel.BOTH,
    speed_mps: float = 10.0,
    levels: tuple[int, int] = (0, 0),
) -> Centreline:
    """A street through these points, in metres east and north."""
    points = np.array([(p.lon, p.lat) for p in (spot(*end) for end in ends)])
    return Centreline(name, points, travel, speed_mps, *levels)
