"""Plate reads in an export: a read as one row of text, and the rows as a table. Pure.

A row is made when reads are asked for and again when they are packed: its hash, which the log binds, must be the same.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Final

from watchfloor.evidence.model import ReadAsked
from watchfloor.kit.canonical import Json, canonical
from watchfloor.kit.clock import rfc3339
from watchfloor.plates.search import id_of
from watchfloor.plates.search_store import Found

MOST_READS: Final = 200
TABLE: Final = "data/reads.csv"
PICTURES: Final = "data/pictures"
# What a spreadsheet takes for a formula when it stands first.
_RECKONED: Final = ("=", "+", "@", "\t", "\r")
COLUMNS: Final = (
    "read", "plate", "state", "confidence", "at", "device_at", "received_at", "clock_suspect", "reader", "place", "lat", "lon",
    "heading_deg", "lane", "colour", "make", "model", "body", "picture_sha256", "picture",
)  # fmt: skip


def row_of(found: Found) -> dict[str, Json]:
    """A read in words and figures; numbers of stated precision, nothing of it a float."""
    read, vehicle = found.read, found.read.vehicle
    return {
        "read": id_of(found),
        "plate": read.plate.text,
        "state": read.state,
        "confidence": _figure(read.confidence, 4),
        "at": rfc3339(read.at),
        "device_at": rfc3339(read.device_at) if read.device_at else None,
        "received_at": rfc3339(read.received_at),
        "clock_suspect": read.clock_suspect,
        "reader": found.reader,
        "place": found.place,
        "lat": _figure(found.point.lat, 6),
        "lon": _figure(found.point.lon, 6),
        "heading_deg": _figure(read.heading_deg, 1),
        "lane": read.lane,
        "colour": vehicle.colour,
        "make": vehicle.make,
        "model": vehicle.model,
        "body": vehicle.body,
        "picture_sha256": read.picture,
    }


def asked_of(found: Found) -> ReadAsked:
    """What an export asks for of a read."""
    return ReadAsked(found.read.at, found.number, id_of(found), hash_of(row_of(found)), found.read.picture)


def hash_of(row: Mapping[str, Json]) -> str:
    """The SHA-256 of a row's canonical form, hexadecimal; where its picture lies in the package is no part of it."""
    return hashlib.sha256(canonical({key: row[key] for key in COLUMNS if key != "picture"})).hexdigest()


def table_of(rows: Sequence[Mapping[str, Json]]) -> bytes:
    """The rows as CSV (RFC 4180), a heading first; nothing in it is a formula to a spreadsheet."""
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(COLUMNS)
    for row in rows:
        written.writerow([_cell(row.get(name)) for name in COLUMNS])
    return text.getvalue().encode()


def _cell(value: Json) -> str:
    text = "" if value is None else ("yes" if value else "no") if isinstance(value, bool) else str(value)
    # What begins so is reckoned by a spreadsheet; a longitude west of Greenwich is a number and may be.
    return f"'{text}" if text[:1] in _RECKONED or (text[:1] == "-" and not _is_number(text)) else text


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdigit()


def _figure(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"
