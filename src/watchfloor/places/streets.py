"""Finds the street centrelines in the rows of a file (`shapes.py` reads it). It builds no graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from watchfloor.kit.geo import Point, bearing_deg
from watchfloor.places.columns import (
    ColumnMapping,
    checked,
    guess,
    is_gone,
    level_of,
    speed_of,
    travel_of,
    turned,
)
from watchfloor.places.model import Centreline, Centrelines, Degrees, MapForm
from watchfloor.places.shapes import Row, Shaped, Tally, read_rows


def read(data: bytes, form: MapForm, *, mapping: ColumnMapping | None = None) -> Centrelines:
    """The centrelines of a file, and what was left out of it and why.

    Without a mapping the columns are recognised by their names. Raises BadMapFile when the file is not of this form, is
    not in degrees, has more rows than are taken, or holds no street at all.
    """
    columns, rows = read_rows(data, form, ends=True)
    return _gathered(rows, checked(mapping, columns) if mapping else guess(columns))


def _gathered(rows: Iterable[Shaped], mapping: ColumnMapping) -> Centrelines:
    lines: list[Centreline] = []
    skipped = Tally()
    count = reversed_count = 0
    for count, (row, geometry) in enumerate(rows, 1):
        if is_gone([row.get(column) for column in mapping.leave_out]):
            skipped.add("marked as no street any more", count)
            continue
        try:
            for points in _parts(geometry):
                line, was_turned = _centreline(row, points, mapping)
                lines.append(line)
                reversed_count += was_turned
        except ValueError as error:
            skipped.add(str(error), count)
    if not lines:
        raise skipped.nothing("street", count)
    return Centrelines(tuple(lines), count, skipped.all(), _remarks(mapping, reversed_count))


def _centreline(row: Row, points: Degrees, mapping: ColumnMapping) -> tuple[Centreline, bool]:
    """The segment, and whether the compass turned its drawing order round. Raises ValueError with the reason."""
    travel = travel_of(_of(row, mapping.one_way))
    first, last = Point(points[0, 1], points[0, 0]), Point(points[-1, 1], points[-1, 0])
    travel, was_turned = turned(travel, heading=_of(row, mapping.heading), drawn_deg=bearing_deg(first, last))
    name = " ".join(str(_of(row, mapping.name) or "").split())
    line = Centreline(
        name=name[:120],
        points=points,
        travel=travel,
        speed_mps=speed_of(mph=_of(row, mapping.speed_mph), kmh=_of(row, mapping.speed_kmh)),
        from_level=level_of(_of(row, mapping.from_level)),
        to_level=level_of(_of(row, mapping.to_level)),
    )
    return line, was_turned


def _of(row: Row, column: str | None) -> object:
    return row.get(column) if column is not None else None


def _parts(geometry: BaseGeometry | None) -> Iterator[Degrees]:
    """The lines of a geometry as (n, 2) lon, lat. Raises ValueError with the reason when it has none."""
    if geometry is None or geometry.is_empty:
        raise ValueError("no geometry")
    if geometry.geom_type not in ("LineString", "MultiLineString"):
        raise ValueError(f"a {geometry.geom_type}, not a line")
    for part in shapely.get_parts(geometry):
        points = np.asarray(shapely.get_coordinates(part), dtype=np.float64)
        if not np.isfinite(points).all() or (np.abs(points) > (180.0, 90.0)).any():
            raise ValueError("coordinates that are not degrees of longitude and latitude")
        moved = np.ones(len(points), dtype=bool)
        moved[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
        if moved.sum() < 2:
            raise ValueError("a line without length")
        yield points[moved]


def _remarks(mapping: ColumnMapping, reversed_count: int) -> tuple[str, ...]:
    remarks = []
    if mapping.one_way is None:
        remarks.append("The file says nothing of one-way streets: every street counts as open both ways.")
    if mapping.speed_mph is None and mapping.speed_kmh is None:
        remarks.append("The file gives no speed limits: 25 mph is assumed everywhere.")
    if mapping.from_level is None or mapping.to_level is None:
        remarks.append(
            "The file gives no levels: where a bridge's line ends on another street, the two count as joined."
        )
    if reversed_count:
        remarks.append(
            f"{reversed_count:,} one-way segments are drawn against the traffic; the compass column was believed."
        )
    remarks.append("Turn restrictions are not known to this map.")
    return tuple(remarks)
