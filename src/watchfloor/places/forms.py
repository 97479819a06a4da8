"""What the routes of street maps and of the map answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from watchfloor.governance.inner_forms import BuildingMapId, Named, StreetMapId
from watchfloor.places.model import Skipped


class LeftOut(TypedDict):
    """Rows that were left out of a file, why, and the number of the first."""

    reason: str
    rows: int
    first: int


def left_out(skipped: Sequence[Skipped]) -> list[LeftOut]:
    """The outside form of what was left out."""
    return [{"reason": s.reason, "rows": s.rows, "first": s.first} for s in skipped]


class StreetMap(TypedDict):
    """An imported street network; its corners are [lat, lon]."""

    id: StreetMapId
    name: str
    attribution: str
    in_use: bool
    streets: int
    nodes: int
    rows: int
    skipped: list[LeftOut]
    remarks: list[str]
    south_west: list[float]
    north_east: list[float]
    imported_by: Named
    imported_at: datetime


class BuildingMap(TypedDict):
    """The footprints of buildings in use: what hides a place from a camera."""

    id: BuildingMapId
    name: str
    attribution: str
    buildings: int
    rows: int
    skipped: list[LeftOut]
    imported_by: Named
    imported_at: datetime


class Basemap(TypedDict):
    """The file that the map is drawn from: `url` is a path on this server and changes with the file."""

    url: str
    attribution: str
    max_zoom: int
    sha256: str


class DrawnStreets(TypedDict):
    """The imported streets as lines (GeoJSON): `url` is a path on this server and changes with the file."""

    url: str
    attribution: str
    sha256: str


class Lines(TypedDict):
    """Where the streets of one name and kind lie, each as a line of [lon, lat]."""

    type: Literal["MultiLineString"]
    coordinates: list[list[list[float]]]


class StreetFacts(TypedDict):
    """What streets are: `kind` by their speed limit; without a name they have none."""

    kind: Literal["highway", "major_road", "minor_road"]
    name: NotRequired[str]


class StreetLine(TypedDict):
    """The streets of one name and kind."""

    type: Literal["Feature"]
    properties: StreetFacts
    geometry: Lines


class StreetLines(TypedDict):
    """The streets in use, as GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[StreetLine]


class Map(TypedDict):
    """What there is to draw: the basemap; where there is none, the streets."""

    basemap: Basemap | None
    streets: DrawnStreets | None
    bounds: Annotated[
        tuple[float, float, float, float] | None,
        Field(description="The area to show: west, south, east, north, in degrees."),
    ]


class Districts(TypedDict):
    """The districts in use, by name."""

    names: list[str]
