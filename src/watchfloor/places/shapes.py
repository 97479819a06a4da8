"""Reads the rows and shapes of a file: GeoParquet, GeoJSON or CSV. It knows nothing of what they mean, and never guesses a
projection: a file that is not in WGS 84 degrees is refused.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import shapely
from shapely.geometry.base import BaseGeometry

from watchfloor.places.model import BadMapFile, MapForm, Skipped

if TYPE_CHECKING:
    import pyarrow as pa  # loaded with the first file of that form, not at every start

MOST_ROWS: Final = 2_000_000

Row = Mapping[str, object]
Shaped = tuple[Row, BaseGeometry | None]


def read_rows(data: bytes, form: MapForm, *, ends: bool = False) -> tuple[Sequence[str], Iterator[Shaped]]:
    """The columns of a file and its rows, each with its shape; `ends`: a CSV may give two ends of a line instead.

    Raises BadMapFile when the file is not of this form, or not in degrees; while it is read, when it has too many rows.
    """
    columns, rows = _csv(data, ends=ends) if form is MapForm.CSV else _FORMS[form](data)
    return columns, _at_most(rows)


def _at_most(rows: Iterator[Shaped]) -> Iterator[Shaped]:
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise BadMapFile(f"the file has more than {MOST_ROWS:,} rows")
        yield row


class Tally:
    """What is left out, by reason."""

    def __init__(self) -> None:
        self._found: dict[str, Skipped] = {}

    def add(self, reason: str, row: int) -> None:
        """Count a row, by its number from 1."""
        before = self._found.get(reason)
        self._found[reason] = (
            Skipped(reason, before.rows + 1, before.first) if before else Skipped(reason, 1, row)
        )

    def nothing(self, wanted: str, rows: int) -> BadMapFile:
        """The error of a file in which nothing was found that was wanted."""
        reasons = "; ".join(f"{s.rows} x {s.reason}" for s in self.all()[:3])
        return BadMapFile(
            f"there is no {wanted} in the file ({rows} rows{': ' + reasons if reasons else ''})"
        )

    def all(self) -> tuple[Skipped, ...]:
        """The reasons, the most frequent first."""
        return tuple(sorted(self._found.values(), key=lambda s: -s.rows))


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
        raise BadMapFile(f"the file is not GeoParquet: {error}") from error
    if column.get("encoding") != "WKB":
        raise BadMapFile(f"the geometry is encoded as {column.get('encoding')!r}; WKB is taken")
    if not _is_wgs84(crs):
        raise BadMapFile("the file is in another projection", next_step="Export it in WGS 84 (EPSG:4326).")
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
        raise BadMapFile(f"the file is not a GeoJSON FeatureCollection: {error}") from error
    crs = str(document.get("crs", "")).upper()
    if crs and not any(name in crs for name in ("CRS84", "4326")):
        raise BadMapFile("the file is in another projection", next_step="Export it in WGS 84 (EPSG:4326).")
    columns = list(dict.fromkeys(name for row in properties[:1000] for name in row))
    shapes = (_shape(json.dumps(f.get("geometry"))) for f in features)
    return columns, zip(properties, shapes, strict=True)


def _shape(text: str) -> BaseGeometry | None:
    found = shapely.from_geojson(text, on_invalid="ignore") if text != "null" else None
    return found if isinstance(found, BaseGeometry) else None


_ENDS: Final = ("from_lat", "from_lon", "to_lat", "to_lon")


def _csv(data: bytes, *, ends: bool) -> tuple[Sequence[str], Iterator[Shaped]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadMapFile("the file is not UTF-8 text") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    if "wkt" not in columns and not (ends and set(_ENDS) <= set(columns)):
        wanted = f"a column wkt, or {', '.join(_ENDS)}" if ends else "a column wkt"
        raise BadMapFile(f"a CSV of shapes has {wanted}; this one has: {', '.join(columns[:20])}")
    return columns, _csv_rows(reader, columns)


def _csv_rows(reader: csv.DictReader[str], columns: Sequence[str]) -> Iterator[Shaped]:
    try:
        for row in reader:
            yield row, _wkt(row.get("wkt")) if "wkt" in columns else _between(row)
    except csv.Error as error:
        raise BadMapFile(f"line {reader.line_num} is not CSV: {error}") from error


def _wkt(text: str | None) -> BaseGeometry | None:
    found = shapely.from_wkt(text, on_invalid="ignore") if text else None
    return found if isinstance(found, BaseGeometry) else None


def _between(row: Mapping[str, str]) -> BaseGeometry | None:
    try:
        from_lat, from_lon, to_lat, to_lon = (float(row[name] or "nan") for name in _ENDS)
    except ValueError:
        return None
    return shapely.LineString([(from_lon, from_lat), (to_lon, to_lat)])


_FORMS: Final = {MapForm.GEOPARQUET: _geoparquet, MapForm.GEOJSON: _geojson}
