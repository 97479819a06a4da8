"""Reads a file of street centrelines: GeoParquet, GeoJSON or CSV. It builds no graph, and never guesses a projection:
a file that is not in WGS 84 degrees is refused.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

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
from watchfloor.places.model import BadStreets, Centreline, Centrelines, Degrees, Skipped, StreetForm

if TYPE_CHECKING:
    import pyarrow as pa  # loaded with the first file of that form, not at every start

MOST_ROWS: Final = 2_000_000

Row = Mapping[str, object]
Shaped = tuple[Row, BaseGeometry | None]


def read(data: bytes, form: StreetForm, *, mapping: ColumnMapping | None = None) -> Centrelines:
    """The centrelines of a file, and what was left out of it and why.

    Without a mapping the columns are recognised by their names. Raises BadStreets when the file is not of this form, is
    not in degrees, has more rows than are taken, or holds no street at all.
    """
    columns, rows = _FORMS[form](data)
    return _gathered(rows, checked(mapping, columns) if mapping else guess(columns))


class _Tally:
    """What is left out, by reason."""

    def __init__(self) -> None:
        self._found: dict[str, Skipped] = {}

    def add(self, reason: str, row: int) -> None:
        before = self._found.get(reason)
        self._found[reason] = (
            Skipped(reason, before.rows + 1, before.first) if before else Skipped(reason, 1, row)
        )

    def all(self) -> tuple[Skipped, ...]:
        return tuple(sorted(self._found.values(), key=lambda s: -s.rows))


def _gathered(rows: Iterable[Shaped], mapping: ColumnMapping) -> Centrelines:
    lines: list[Centreline] = []
    skipped = _Tally()
    count = reversed_count = 0
    for count, (row, geometry) in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise BadStreets(f"the file has more than {MOST_ROWS:,} rows")
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
        reasons = "; ".join(f"{s.rows} x {s.reason}" for s in skipped.all()[:3])
        raise BadStreets(f"there is no street in the file ({count} rows{': ' + reasons if reasons else ''})")
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


# ------------------------------------------------------------------------------------------- the forms


def _geoparquet(data: bytes) -> tuple[Sequence[str], Iterator[Shaped]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
        geo = json.loads((table.schema.metadata or {})[b"geo"])
        primary = geo["primary_column"]
        column = geo["columns"][primary]
        crs = column.get("crs", "absent means WGS 84")
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise BadStreets(f"the file is not GeoParquet: {error}") from error
    if column.get("encoding") != "WKB":
        raise BadStreets(f"the geometry is encoded as {column.get('encoding')!r}; WKB is taken")
    if not _is_wgs84(crs):
        raise BadStreets("the file is in another projection", next_step="Export it in WGS 84 (EPSG:4326).")
    names = [name for name in table.column_names if name != primary]
    shapes = shapely.from_wkb(table[primary].to_pylist(), on_invalid="ignore")
    # Only the columns that can mean something are turned into Python values; a city has sixty others.
    wanted = table.select([name for name in names if not pa.types.is_nested(table.schema.field(name).type)])
    return names, zip(_rows(wanted), shapes, strict=True)


def _rows(table: pa.Table) -> Iterator[Row]:
    for batch in table.to_batches(max_chunksize=4096):
        yield from batch.to_pylist()


def _is_wgs84(crs: object) -> bool:
    if isinstance(crs, str):
        return True
    if crs is None:
        return False
    identity = crs.get("id", {}) if isinstance(crs, dict) else {}
    return (identity.get("authority"), str(identity.get("code"))) in {("OGC", "CRS84"), ("EPSG", "4326")}


def _geojson(data: bytes) -> tuple[Sequence[str], Iterator[Shaped]]:
    try:
        document = json.loads(data)
        features = document["features"]
        properties = [dict(feature.get("properties") or {}) for feature in features]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadStreets(f"the file is not a GeoJSON FeatureCollection: {error}") from error
    crs = str(document.get("crs", "")).upper()
    if crs and not any(name in crs for name in ("CRS84", "4326")):
        raise BadStreets("the file is in another projection", next_step="Export it in WGS 84 (EPSG:4326).")
    columns = list(dict.fromkeys(name for row in properties[:1000] for name in row))
    shapes = (_shape(json.dumps(f.get("geometry"))) for f in features)
    return columns, zip(properties, shapes, strict=True)


def _shape(text: str) -> BaseGeometry | None:
    found = shapely.from_geojson(text, on_invalid="ignore") if text != "null" else None
    return found if isinstance(found, BaseGeometry) else None


_ENDS: Final = ("from_lat", "from_lon", "to_lat", "to_lon")


def _csv(data: bytes) -> tuple[Sequence[str], Iterator[Shaped]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadStreets("the file is not UTF-8 text") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    if "wkt" not in columns and not set(_ENDS) <= set(columns):
        raise BadStreets(
            f"a CSV of streets has a column wkt, or {', '.join(_ENDS)}; this one has: {', '.join(columns[:20])}"
        )
    return columns, _csv_rows(reader, columns)


def _csv_rows(reader: csv.DictReader[str], columns: Sequence[str]) -> Iterator[Shaped]:
    try:
        for row in reader:
            yield row, _wkt(row.get("wkt")) if "wkt" in columns else _between(row)
    except csv.Error as error:
        raise BadStreets(f"line {reader.line_num} is not CSV: {error}") from error


def _wkt(text: str | None) -> BaseGeometry | None:
    found = shapely.from_wkt(text, on_invalid="ignore") if text else None
    return found if isinstance(found, BaseGeometry) else None


def _between(row: Mapping[str, str]) -> BaseGeometry | None:
    try:
        from_lat, from_lon, to_lat, to_lon = (float(row[name] or "nan") for name in _ENDS)
    except ValueError:
        return None
    return shapely.LineString([(from_lon, from_lat), (to_lon, to_lat)])


_FORMS: Final = {StreetForm.GEOPARQUET: _geoparquet, StreetForm.GEOJSON: _geojson, StreetForm.CSV: _csv}
