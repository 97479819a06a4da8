"""Districts of a city by name: read from a file, and which one a place is in. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from watchfloor.kit.geo import Point
from watchfloor.places.model import BadMapFile, MapForm
from watchfloor.places.shapes import read_rows

MOST_DISTRICTS: Final = 500
_LONGEST_NAME: Final = 80
# What files call the name, the surest first.
_NAMES: Final = (
    "name",
    "district",
    "dist_name",
    "district_name",
    "distno",
    "dist",
    "label",
    "beat",
    "ward",
    "id",
)


@dataclass(frozen=True, slots=True)
class District:
    """A district: `area` is one or more polygons in degrees, longitude first."""

    name: str
    area: BaseGeometry


def read_districts(data: bytes, form: MapForm, column: str | None) -> tuple[District, ...]:
    """The districts of a file; those of one name are one. `column` says where the name is, else it is found.

    Raises BadMapFile where there is none, a name is missing or too long, or there are too many.
    """
    columns, rows = read_rows(data, form)
    at = _column(columns, column)
    parts: dict[str, list[BaseGeometry]] = {}
    for number, (row, shape) in enumerate(rows, 1):
        name = str(row.get(at) if row.get(at) is not None else "").strip()
        if not 1 <= len(name) <= _LONGEST_NAME:
            raise BadMapFile(f"row {number} has no name of 1 to {_LONGEST_NAME} characters in “{at}”")
        polygons = list(_polygons(shape))
        if not polygons:
            raise BadMapFile(f"row {number} (“{name}”) has no area")
        parts.setdefault(name, []).extend(polygons)
        if len(parts) > MOST_DISTRICTS:
            raise BadMapFile(f"the file has more than {MOST_DISTRICTS} districts")
    if not parts:
        raise BadMapFile("the file has no district")
    return tuple(District(name, shapely.union_all(some)) for name, some in sorted(parts.items()))


def within(districts: Sequence[District], place: Point) -> str | None:
    """The name of the district that a place is in; on an edge the first by name."""
    here = shapely.Point(place.lon, place.lat)
    found = sorted(one.name for one in districts if one.area.intersects(here))
    return found[0] if found else None


def _column(columns: Sequence[str], wanted: str | None) -> str:
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise BadMapFile(f"the file has no column “{wanted}”; it has {', '.join(columns)}")
    by_lower = {name.lower(): name for name in reversed(columns)}
    found = next((by_lower[name] for name in _NAMES if name in by_lower), None)
    if found is None:
        raise BadMapFile(f"no column is called a name; say which of {', '.join(columns)} it is")
    return found


def _polygons(shape: BaseGeometry | None) -> Iterator[BaseGeometry]:
    if shape is None or shape.is_empty:
        return
    for part in shapely.get_parts(shapely.make_valid(shape)):
        if isinstance(part, shapely.Polygon) and not part.is_empty:
            yield part
        elif isinstance(part, shapely.MultiPolygon):
            yield from part.geoms
