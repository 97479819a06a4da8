"""Where on a picture lines of text are looked for: all of it, or the parts that vehicles take up. Pure but for the finder it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from watchfloor.plates.reading.model import Finder, Line, Picture, VehicleSeen

Box = tuple[int, int, int, int]
Within = tuple[Box, ...]
"""Left, top, right and bottom of each part, in pixels; no two overlap."""
# A detector's box may cut a bumper off, and with it the plate: so much is added to each side, in parts of the box.
_MARGIN: Final = 0.1
# From this share of the picture on one look at all of it costs no more than looks at the parts.
_NEARLY_ALL: Final = 0.7


def everywhere(picture: Picture) -> Within:
    """The whole picture."""
    high, wide = picture.shape[:2]
    return ((0, 0, wide, high),)


def of_vehicles(vehicles: Sequence[VehicleSeen], picture: Picture) -> Within:
    """The parts of a picture that these vehicles take up, those that overlap made one; the whole where that is nearly all of it."""
    high, wide = picture.shape[:2]
    parts: list[Box] = []
    for vehicle in vehicles:
        left, top, right, bottom = vehicle.box
        beside, over = _MARGIN * (right - left), _MARGIN * (bottom - top)
        part = (
            max(0, int(left - beside)),
            max(0, int(top - over)),
            min(wide, int(np.ceil(right + beside))),
            min(high, int(np.ceil(bottom + over))),
        )
        parts = _joined(parts, part)
    area = sum((right - left) * (bottom - top) for left, top, right, bottom in parts)
    return everywhere(picture) if area >= _NEARLY_ALL * wide * high else tuple(parts)


def lines_within(finder: Finder, picture: Picture, within: Within, longest: int) -> list[Line]:
    """The lines of text in these parts, each looked at as large as when the picture's longer side is `longest` pixels."""
    longer = max(picture.shape[:2])
    found: list[Line] = []
    for left, top, right, bottom in within:
        part = picture[top:bottom, left:right]
        lines = finder.find(part, max(1, round(longest * max(part.shape[:2]) / longer)))
        found += [Line(line.quad + np.array([left, top], np.float32), line.score) for line in lines]
    return found


def vehicle_at(vehicles: Sequence[VehicleSeen], line: Line) -> VehicleSeen | None:
    """The vehicle that a line is on: of several boxes around it the smallest, since a farther car's lies within a nearer one's."""
    x, y = line.middle
    around = [one for one in vehicles if one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3]]
    return min(around, key=_area, default=None)


def _joined(parts: Sequence[Box], part: Box) -> list[Box]:
    """The parts with one more; what overlaps becomes one, which may then overlap others."""
    apart = [one for one in parts if not _overlap(one, part)]
    if len(apart) == len(parts):
        return [*parts, part]
    for one in parts:
        if _overlap(one, part):
            part = min(one[0], part[0]), min(one[1], part[1]), max(one[2], part[2]), max(one[3], part[3])
    return _joined(apart, part)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _area(vehicle: VehicleSeen) -> float:
    left, top, right, bottom = vehicle.box
    return (right - left) * (bottom - top)
