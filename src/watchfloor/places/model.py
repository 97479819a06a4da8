"""The words of places: a centreline, a street map, a time of arrival. Values only: no file, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Final, Literal, NewType
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point

StreetMapId = NewType("StreetMapId", UUID)
BasemapId = NewType("BasemapId", UUID)
BuildingMapId = NewType("BuildingMapId", UUID)

Degrees = NDArray[np.float64]

# Used where a file gives no limit: the slow side of what cities post, so that an arrival is not promised too early.
UNKNOWN_SPEED_MPS: Final = 25 * 0.44704


class Travel(Enum):
    """Which way a centreline may be driven, against the order of its points."""

    BOTH = 0
    ALONG = 1
    AGAINST = 2


@dataclass(frozen=True, slots=True, eq=False)
class Centreline:
    """One street segment. `points` is (n, 2) of lon, lat in degrees; levels part a bridge from what it crosses."""

    name: str
    points: Degrees
    travel: Travel
    speed_mps: float
    from_level: int
    to_level: int


class BadMapFile(Invalid):
    """The file is not what it was brought in as; the detail says what is wrong with it."""

    def __init__(self, detail: str, *, next_step: str | None = None) -> None:
        super().__init__(detail, reason="bad_map_file", next_step=next_step)


class MapForm(StrEnum):
    """The forms of file that streets and buildings are taken in."""

    GEOPARQUET = "geoparquet"
    GEOJSON = "geojson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Box:
    """An area between two meridians and two parallels, in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A reason why rows of a file were left out, how many, and the first of them (counted from 1)."""

    reason: str
    rows: int
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class Centrelines:
    """What a file held: the segments, what was left out and why, and what whoever imports it should know."""

    lines: tuple[Centreline, ...]
    rows: int
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Eta:
    """How long and how far from one source to the target.

    `by` is "road" or "straight line"; with a straight line `seconds` is None, because no time can be promised, `metres`
    is as the crow flies, and `instead_of_road` says why there is nothing better.
    """

    seconds: float | None
    metres: float
    by: Literal["road", "straight line"]
    instead_of_road: str = ""

    @property
    def why(self) -> str:
        """A sentence for the person who sends a unit; made when it is read, since of a thousand a few are shown."""
        if self.by == "road":
            return f"{self.metres / 1000:.1f} km by road at the speed limits, without traffic."
        return f"{self.instead_of_road}: straight line only, {self.metres / 1000:.1f} km."


@dataclass(frozen=True, slots=True)
class StreetMap:
    """An imported street network as the agency keeps it; the graph itself is one file, known by `sha256`."""

    id: StreetMapId
    name: str
    attribution: str
    sha256: str
    nodes: int
    streets: int
    south_west: Point
    north_east: Point
    rows: int
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]
    imported_by: UUID
    imported_at: datetime
    in_use: bool


@dataclass(frozen=True, slots=True)
class BuildingMap:
    """The footprints of buildings as the agency keeps them; the shapes are one file, known by `sha256`."""

    id: BuildingMapId
    name: str
    attribution: str
    sha256: str
    buildings: int
    rows: int
    skipped: tuple[Skipped, ...]
    imported_by: UUID
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class Basemap:
    """The drawn map under everything, as the agency keeps it; the tiles are one file, known by `sha256`."""

    id: BasemapId
    sha256: str
    size: int
    attribution: str
    min_zoom: int
    max_zoom: int
    bounds: Box
    imported_by: UUID
    imported_at: datetime
