"""Where the dwellings in a camera's view lie in its picture, as far as the registry and the city's buildings tell. Pure.

A proposal and no more: nobody measured how the camera is tilted, and a person looks at each before it is set. It masks nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from shapely import Polygon

from watchfloor.cameras.masks import MOST_MASKS, Mask, Shape, area, covered
from watchfloor.cameras.model import Camera
from watchfloor.cameras.sight import ASSUMED_FIELD_DEG, ASSUMED_RANGE_M, around, first_met, hangs_on
from watchfloor.places.buildings import Building, Buildings

# Windows are made out from farther than a camera is said to see.
_FARTHER: Final = 2.0
_FARTHEST_M: Final = 200.0
_ASSUMED_MOUNT_M: Final = 5.0
_ASSUMED_HEIGHT_M: Final = 7.0
_STEEPEST: Final = math.radians(35.0)
_WIDEST_DEG: Final = 150.0
_RAYS: Final = 321
# So many of its rays make the upper edge: twice as many corners, and no more than the editor draws.
_ALONG: Final = 7
_LEAST: Final = 0.0005
_HIGH_BY_WIDE: Final = 9 / 16
_GRID: Final = (320, 180)


@dataclass(frozen=True, slots=True)
class Facade:
    """A dwelling's walls in the picture, and how far they are."""

    shape: Shape
    distance_m: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed; `why`: why nothing is; `assumed`: what nobody said and was taken for usual."""

    facades: tuple[Facade, ...] = ()
    why: str = ""
    assumed: tuple[str, ...] = ()


def propose(camera: Camera, buildings: Buildings, masks: Sequence[Mask]) -> Proposal:
    """The walls of the dwellings that a camera sees, the largest in its picture first, less those that masks cover."""
    if camera.heading_deg is None:
        return Proposal(why="Nobody said where this camera looks: enter its heading on its page.")
    if not len(buildings):
        return Proposal(why="The city has not supplied footprints of its buildings.")
    if not buildings.knows_dwellings:
        return Proposal(
            why="None of the buildings is known to be a dwelling: their file says no kind. Import one that does."
        )
    field = ASSUMED_FIELD_DEG if camera.field_deg is None else camera.field_deg
    if field > _WIDEST_DEG:
        return Proposal(why="A picture this wide is bent: where a building lies in it cannot be told.")
    lens = _lens(camera, field)
    seen = _seen(camera, buildings, field)
    found = [one for each in seen if (one := _facade(lens, *each)) is not None]
    open_ones = [one for one in found if not _is_covered(one.shape, masks)]
    if not open_ones:
        why = "Those in view are masked." if found else "No dwelling is in view of this camera."
        return Proposal(why=why)
    largest = sorted(open_ones, key=lambda one: -area(one.shape))[:MOST_MASKS]
    return Proposal(tuple(largest), assumed=_assumed(camera, [each[2] for each in seen]))


@dataclass(frozen=True, slots=True)
class _Lens:
    """How a place becomes a point of the picture: how high it hangs, how far it is tilted down, half its width and height."""

    mount_m: float
    tilt: float
    wide: float
    high: float

    def point(self, angle: float, distance_m: float, height_m: float) -> tuple[float, float]:
        """Where it lies, right and down from 0 to 1; at the edge where it lies beyond."""
        ahead, right = distance_m * math.cos(angle), distance_m * math.sin(angle)
        up = height_m - self.mount_m
        depth = max(ahead * math.cos(self.tilt) - up * math.sin(self.tilt), 0.1)
        rise = up * math.cos(self.tilt) + ahead * math.sin(self.tilt)
        x, y = 0.5 + right / depth / (2 * self.wide), 0.5 - rise / depth / (2 * self.high)
        return round(min(max(x, 0.0), 1.0), 4), round(min(max(y, 0.0), 1.0), 4)


def _lens(camera: Camera, field_deg: float) -> _Lens:
    mount = camera.details.height_m or _ASSUMED_MOUNT_M
    wide = math.tan(math.radians(field_deg) / 2)
    # Whoever hung it pointed its middle at the ground about half as far as it sees.
    middle_m = (camera.range_m or ASSUMED_RANGE_M) / 2
    return _Lens(mount, min(math.atan2(mount, middle_m), _STEEPEST), wide, wide * _HIGH_BY_WIDE)


def _seen(
    camera: Camera, buildings: Buildings, field_deg: float
) -> list[tuple[list[float], list[float], Building]]:
    """Each dwelling that is met first by some rays beside each other: their angles from the middle, how far, and which."""
    reach = min(_FARTHER * (camera.range_m or ASSUMED_RANGE_M), _FARTHEST_M)
    near = buildings.named(around(camera.place, reach))
    own = hangs_on(camera.place, np.asarray([one.shape for one in near], dtype=object))
    others = [one for one, at_it in zip(near, own, strict=True) if not at_it]
    half, middle = math.radians(field_deg) / 2, math.radians(camera.heading_deg or 0.0)
    turned = np.linspace(-half, half, _RAYS)
    far, whose = first_met(camera.place, turned + middle, others)
    whose[far > reach] = -1
    found = []
    for number, rays in groupby(range(_RAYS), key=lambda ray: int(whose[ray])):
        each = list(rays)
        if number >= 0 and others[number].dwelling and len(each) > 1:
            found.append(
                ([float(turned[ray]) for ray in each], [float(far[ray]) for ray in each], others[number])
            )
    return found


def _facade(lens: _Lens, angles: list[float], far: list[float], building: Building) -> Facade | None:
    count = min(_ALONG, len(angles))
    chosen = [round(step * (len(angles) - 1) / (count - 1)) for step in range(count)]
    top = building.height_m or _ASSUMED_HEIGHT_M
    upper = [lens.point(angles[ray], far[ray], top) for ray in chosen]
    lower = [lens.point(angles[ray], far[ray], 0.0) for ray in reversed(chosen)]
    shape = tuple(dict.fromkeys((*upper, *lower)))
    if len(shape) < 3 or area(shape) < _LEAST or not Polygon(shape).is_valid:
        return None
    return Facade(shape, min(far))


def _is_covered(shape: Shape, masks: Sequence[Mask]) -> bool:
    """Whether masks cover nearly all of it already."""
    wanted = covered([shape], *_GRID)
    there = covered([mask.shape for mask in masks if mask.shape], *_GRID)
    return bool((wanted & there).sum() >= 0.9 * wanted.sum())


def _assumed(camera: Camera, seen: Sequence[Building]) -> tuple[str, ...]:
    said = (
        (camera.field_deg is None, f"that it sees {ASSUMED_FIELD_DEG:g}° wide"),
        (camera.details.height_m is None, f"that it hangs {_ASSUMED_MOUNT_M:g} m high"),
        (True, "how far it is tilted"),
        (any(not one.height_m for one in seen), f"that houses are {_ASSUMED_HEIGHT_M:g} m high"),
    )
    return tuple(words for is_so, words in said if is_so)
