"""A microphone of the array: where it is and how exactly that is known, and what of it everybody may be told. Pure.

It hears nothing and knows no pulse. Its exact place is for few, so that no text made of it has the place by accident.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NewType
from uuid import UUID

from watchfloor.kit.geo import Point

MicrophoneId = NewType("MicrophoneId", UUID)

# The side of the squares that a place is told by: about 550 m from south to north, 430 m from west to east at 39 degrees. Microphones
# stand some 300 m apart: which roof of a square it is, and whether a square has one or two, is left open.
SQUARE_DEG: Final = 0.005


@dataclass(frozen=True, slots=True)
class Spot:
    """Exactly where a microphone is: a point, metres above the ground where known, metres of error, and how it is reached."""

    point: Point = field(repr=False)
    height_m: float | None = field(repr=False)
    error_m: float
    mount: str = field(repr=False)

    @property
    def hangs(self) -> tuple[Point, float | None]:
        """Where it hangs, however exactly that is known and however it is reached."""
        return self.point, self.height_m


@dataclass(frozen=True, slots=True)
class Place:
    """Where a version of a microphone was registered, with metres of error; it hangs there since then."""

    point: Point = field(repr=False)
    height_m: float | None = field(repr=False)
    error_m: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Microphone:
    """`clock_bound_ms`: how far its clock may be off. `noise_db`: how loud it is there at night, dB SPL; None: not measured."""

    id: MicrophoneId
    name: str
    spot: Spot
    clock_bound_ms: float
    noise_db: float | None
    retired: bool
    version: int


@dataclass(frozen=True, slots=True)
class Square:
    """What everybody is told of a place: a square that it is in, in degrees."""

    south: float
    west: float
    north: float
    east: float


def around(point: Point) -> Square:
    """The square that a place is in: the same for every place in it."""
    south, west = (math.floor(round(value / SQUARE_DEG, 6)) for value in (point.lat, point.lon))
    edges = (south, west, south + 1, west + 1)
    return Square(*(round(edge * SQUARE_DEG, 6) for edge in edges))
