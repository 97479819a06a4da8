"""What cameras see of the ground, and which of them are for a place, the best view first. Pure; degrees and metres, WGS 84.

How much of a picture a place fills is said in pixels per metre, and what that is enough for in the words of IEC 62676-4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.cameras.model import Camera, Eye
from watchfloor.kit.geo import Point
from watchfloor.places.buildings import NO_BUILDINGS, Buildings

Floats = NDArray[np.float64]

# So near a place a camera is of use that does not look away from it. Where nobody said how far one sees, it may see so far.
NEAR_M: Final = 800.0
_AWAY_DEG: Final = 90.0
_ASSUMED_FIELD_DEG: Final = 70.0
# Right below it a camera that can be turned, or a wide one, sees all round.
_BELOW_M: Final = 5.0
_EARTH_RADIUS_M: Final = 6_371_008.8

# Pixels per metre at the place, and what they are enough for (IEC 62676-4, annex B).
ENOUGH_TO: Final = (
    (250.0, "identify"),
    (125.0, "recognise"),
    (62.5, "observe"),
    (25.0, "detect"),
    (12.5, "monitor"),
)


class Visibility(StrEnum):
    """How a camera stands to a place: it sees it, may see it (something of its view is assumed), or only looks that way."""

    SEES = "sees"
    MAY_SEE = "may_see"
    NEAR = "near"


_BEST_FIRST: Final = tuple(Visibility)


@dataclass(frozen=True, slots=True)
class Seen:
    """A camera for a place: how it stands to it, how far away, and how large the place is in its picture.

    `pixels_per_metre` is None while no picture came, and where it does not see the place. `turned_deg` is how far the place
    lies from the middle of the picture; None: nobody said where it looks.
    """

    camera: Camera
    visibility: Visibility
    distance_m: float
    turned_deg: float | None
    pixels_per_metre: float | None

    @property
    def why(self) -> str:
        """Why this camera, in a sentence."""
        # As the console says distances: beyond a hundred metres a metre says nothing.
        far = f"{self.distance_m:.0f} m" if self.distance_m < 100 else f"{self.distance_m / 10:.0f}0 m"
        if self.turned_deg is None:
            return f"It is {far} away; nobody said where it looks."
        if self.visibility is Visibility.NEAR:
            return f"It is {far} away and looks that way, but does not see the place itself."
        said = f"It looks there from {far} away"
        if self.visibility is Visibility.MAY_SEE:
            return f"{said}; how wide or how far it sees is assumed."
        if self.pixels_per_metre is None:
            return f"{said}."
        enough = next((word for least, word in ENOUGH_TO if self.pixels_per_metre >= least), None)
        size = f"{said}, {self.pixels_per_metre:.0f} pixels a metre"
        return f"{size}: enough to {enough}." if enough else f"{size}: too few to tell anything by."


@dataclass(frozen=True, slots=True)
class About:
    """Which of many stand for a place, by number in their order, and of all of them how far away it is, how far from the middle of
    their view, and whether it lies within that.
    """

    found: NDArray[np.int64]
    distance_m: Floats
    turned_deg: Floats
    sees: NDArray[np.bool_]


class Eyes:
    """Where cameras stand and look. Thousands are judged at once."""

    def __init__(
        self, cameras: Sequence[Camera] | Sequence[Eye], buildings: Buildings = NO_BUILDINGS
    ) -> None:
        self._buildings = buildings
        self._eyes = _array([(c.place.lon, c.place.lat) for c in cameras]).reshape(-1, 2)
        self._heading = _array([math.nan if c.heading_deg is None else c.heading_deg for c in cameras])
        self._half = _array([_AWAY_DEG if c.field_deg is None else c.field_deg / 2 for c in cameras])
        self._range = _array([NEAR_M if c.range_m is None else c.range_m for c in cameras])

    def about(self, place: Point) -> About:
        """Those that see the place, or are near it and look that way; none that a building keeps from it."""
        distance, bearing = self._to(place)
        turned = np.abs((bearing - self._heading + 180.0) % 360.0 - 180.0)
        around = np.isnan(turned) | (distance <= _BELOW_M)
        sees = (distance <= self._range) & (around | (turned <= self._half))
        near = (distance <= NEAR_M) & (around | (turned <= _AWAY_DEG))
        found = np.flatnonzero(sees | near)
        found = found[~self._buildings.hide(place, self._eyes[found])]
        return About(found, distance, turned, sees)

    def _to(self, place: Point) -> tuple[Floats, Floats]:
        """Metres and bearing from every camera to the place; right to a metre within a city."""
        lon, lat = np.radians(self._eyes).T
        north = (math.radians(place.lat) - lat) * _EARTH_RADIUS_M
        east = (
            ((math.radians(place.lon) - lon + math.pi) % (2 * math.pi) - math.pi)
            * np.cos((lat + math.radians(place.lat)) / 2)
            * _EARTH_RADIUS_M
        )
        return np.hypot(east, north), np.degrees(np.arctan2(east, north)) % 360.0


class Views:
    """The views of cameras, ready to be asked."""

    def __init__(self, cameras: Sequence[Camera], buildings: Buildings = NO_BUILDINGS) -> None:
        self._cameras = list(cameras)
        self._eyes = Eyes(cameras, buildings)

    def seeing(self, place: Point) -> tuple[Seen, ...]:
        """The cameras for the place: those that see it first, the closest look first; then those that are only near it."""
        about = self._eyes.about(place)
        seen = [self._seen(int(i), about) for i in about.found]
        return tuple(sorted(seen, key=_rank))

    def _seen(self, i: int, about: About) -> Seen:
        camera, distance, sees = self._cameras[i], float(about.distance_m[i]), bool(about.sees[i])
        known = camera.heading_deg is not None
        said = known and camera.field_deg is not None and camera.range_m is not None
        width = camera.said.width if camera.said and sees and known else None
        visibility = (Visibility.SEES if said else Visibility.MAY_SEE) if sees else Visibility.NEAR
        pixels = width / _across_m(camera, distance) if width else None
        return Seen(camera, visibility, distance, float(about.turned_deg[i]) if known else None, pixels)


def _across_m(camera: Camera, distance: float) -> float:
    """How many metres lie beside one another in the picture, at this distance."""
    field = _ASSUMED_FIELD_DEG if camera.field_deg is None else camera.field_deg
    return 2 * max(distance, 1.0) * math.tan(math.radians(min(field / 2, 85.0)))


def _rank(seen: Seen) -> tuple[int, bool, float, str]:
    # What is near and narrow is large: the resolution is not known of all, so it does not count here.
    near = seen.visibility is Visibility.NEAR
    size = seen.distance_m if near else _across_m(seen.camera, seen.distance_m)
    return _BEST_FIRST.index(seen.visibility), seen.turned_deg is None, size, seen.camera.name


def _array(values: Sequence[float] | Sequence[tuple[float, float]]) -> Floats:
    return np.asarray(values, dtype=np.float64)
