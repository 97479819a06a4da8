"""Lines and areas of the plan as shapes, in metres and in degrees. It names nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from watchfloor_sim.city.plan import ORIGIN, XY

Floats = NDArray[np.float64]
_M_PER_DEGREE: Final = 111_195.08
_LON: Final = _M_PER_DEGREE * math.cos(math.radians(ORIGIN[0]))
_STEPS: Final = 10


def smooth(points: Sequence[XY]) -> list[XY]:
    """A curve through all the points (Catmull-Rom), ten steps from one to the next."""
    padded = np.array([points[0], *points, points[-1]], float)
    out: list[XY] = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for t in np.arange(_STEPS) / _STEPS:
            at = 0.5 * (
                2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3
            )
            out.append((float(at[0]), float(at[1])))
    return [*out, (float(points[-1][0]), float(points[-1][1]))]


def ribbon(middle: Sequence[XY], half_m: Sequence[float]) -> Polygon:
    """An area around a curve, its half width given at each point: a river."""
    line = np.array(smooth(middle))
    along = np.linspace(0, len(half_m) - 1, len(line))
    half = np.interp(along, np.arange(len(half_m)), np.array(half_m, float))
    step = np.gradient(line, axis=0)
    aside = np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(*step.T)[:, None] * half[:, None]
    return Polygon([*(line + aside), *(line - aside)[::-1]])


def ellipse(middle: XY, half_x: float, half_y: float) -> Polygon:
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return Polygon(np.column_stack([middle[0] + half_x * np.cos(turns), middle[1] + half_y * np.sin(turns)]))


def turned(origin: XY, turn_deg: float, east: float, north: float) -> XY:
    """A place given in a grid's own metres, the grid being turned clockwise about its origin."""
    turn = math.radians(turn_deg)
    return (
        origin[0] + east * math.cos(turn) + north * math.sin(turn),
        origin[1] - east * math.sin(turn) + north * math.cos(turn),
    )


def lines_of(shape: BaseGeometry) -> list[LineString]:
    """The lines in a shape of any sort."""
    return [part for part in shapely.get_parts(shape).tolist() if isinstance(part, LineString)]


def polygons_of(shape: BaseGeometry) -> list[Polygon]:
    """The areas in a shape of any sort."""
    return [part for part in shapely.get_parts(shape).tolist() if isinstance(part, Polygon)]


def degrees(x: float, y: float) -> XY:
    """Longitude and latitude, to a tenth of a metre."""
    return round(ORIGIN[1] + x / _LON, 6), round(ORIGIN[0] + y / _M_PER_DEGREE, 6)


def metres(lon: float, lat: float) -> XY:
    """And back."""
    return (lon - ORIGIN[1]) * _LON, (lat - ORIGIN[0]) * _M_PER_DEGREE


def in_degrees(shape: BaseGeometry) -> BaseGeometry:
    """The same shape in longitude and latitude."""
    moved: BaseGeometry = shapely.transform(
        shape, lambda points: np.array([degrees(x, y) for x, y in points]).reshape(-1, 2)
    )
    return moved
