"""Reads a list of cameras, CSV or GeoJSON, into rows of text with their line. Pure; it knows no camera and judges no value.

A file may be anything: what is no such file is refused whole, with the line where it ends to be one.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NoReturn

from watchfloor.kit.errors import Invalid

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
LAT, LON = "(latitude of the point)", "(longitude of the point)"
_DELIMITERS: Final = (",", ";", "\t", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DEGREES: Final = ("CRS84", "4326")


class FileForm(StrEnum):
    """What a list of cameras can be written in."""

    CSV = "csv"
    GEOJSON = "geojson"


class BadList(Invalid):
    """It is no list of cameras."""

    def __init__(self, why: str, *, reason: str = "file", next_step: str | None = None) -> None:
        super().__init__(f"This file cannot be used: {why}.", reason=reason, next_step=next_step)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file: its line (of GeoJSON its feature, from 1), its cells, and what is wrong with it as a whole."""

    line: int
    cells: Mapping[str, str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a file in their order, and its rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(data: bytes, form: FileForm) -> Sheet:
    """The rows of a file. Raises BadList."""
    text = _text(data)
    sheet = _of_csv(text) if form is FileForm.CSV else _of_geojson(text)
    if not sheet.rows:
        raise BadList("it has no row", next_step="Send a file with a row for each camera.")
    if len(sheet.columns) > MOST_COLUMNS:
        raise BadList(f"it has more than {MOST_COLUMNS} columns")
    return sheet


def _text(data: bytes) -> str:
    encoding = "utf-8"
    for mark, name in _BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadList(
            f"line {line} is not in UTF-8",
            reason="encoding",
            next_step="Save it as “CSV UTF-8” (in a spreadsheet) or as UTF-8 GeoJSON, and send it again.",
        ) from error
    if (at := text.find("\0")) >= 0:
        raise BadList(f"line {text.count(chr(10), 0, at) + 1} holds a NUL byte", reason="encoding")
    return text


def _of_csv(text: str) -> Sheet:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        columns = tuple(printable(" ".join(cell.split())) for cell in next(lines, []))
        _refuse_columns(columns)
        rows: list[Row] = []
        began = lines.line_num + 1
        for cells in lines:
            line, began = began, lines.line_num + 1
            if any(cell.strip() for cell in cells):
                _refuse_more(len(rows))
                rows.append(_row(line, columns, cells))
    except csv.Error as error:
        raise BadList(f"line {lines.line_num} is no CSV: {error}") from error
    return Sheet(columns, tuple(rows))


def _row(line: int, columns: tuple[str, ...], cells: list[str]) -> Row:
    fault = None
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        fault = f"It has {len(cells)} cells, and the first line names {len(columns)} columns."
    return Row(line, dict(zip(columns, cells, strict=False)), fault)


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _refuse_columns(columns: tuple[str, ...]) -> None:
    named = [column for column in columns if column]
    if not named:
        raise BadList("its first line names no column")
    twice = sorted({column for column in named if named.count(column) > 1})
    if twice:
        raise BadList(f"two of its columns are called {twice[0][:60]!r}")


def _refuse_more(rows: int) -> None:
    if rows >= MOST_ROWS:
        raise BadList(f"it has more than {MOST_ROWS:,} rows", next_step="Send it in parts.")


def _of_geojson(text: str) -> Sheet:
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else f": {error}"
        raise BadList(f"it is no JSON{where}") from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise BadList("it is no GeoJSON FeatureCollection")
    if (crs := document.get("crs")) is not None and not any(word in json.dumps(crs) for word in _DEGREES):
        raise BadList(
            "its coordinates are not degrees (WGS 84)", next_step="Export it in EPSG:4326, and send it again."
        )
    features = document.get("features")
    if not isinstance(features, list):
        raise BadList("its features are no list")
    rows, columns = [], dict.fromkeys((LAT, LON))
    for number, feature in enumerate(features, 1):
        _refuse_more(number - 1)
        row = _feature(number, feature)
        columns |= dict.fromkeys(row.cells)
        rows.append(row)
    return Sheet(tuple(columns), tuple(rows))


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _feature(number: int, feature: object) -> Row:
    if not isinstance(feature, dict):
        return Row(number, {}, "It is no feature.")
    properties = feature.get("properties")
    cells = dict(_cells(properties)) if isinstance(properties, dict) else {}
    if "id" not in cells and isinstance(feature.get("id"), (str, int)):
        cells["id"] = _cell(feature["id"])
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return Row(number, cells, None if geometry is None else "Its geometry is none.")
    if geometry.get("type") != "Point":
        return Row(number, cells, printable(f"It is a {str(geometry.get('type'))[:30]}, not a Point."))
    match geometry.get("coordinates"):
        case [int() | float() as lon, int() | float() as lat, *_]:
            return Row(number, {**cells, LAT: _cell(lat), LON: _cell(lon)})
    return Row(number, cells, "Its coordinates are not two numbers.")


def _cells(properties: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in properties.items():
        if isinstance(value, (str, int, float, bool, type(None))):
            yield printable(" ".join(name.split())), _cell(value)


def printable(text: str) -> str:
    """The text with marks in place of what cannot be printed: the database takes no NUL and no half of a character."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
    return str(value)
