"""Reads in a table, CSV: which column says what is the reader's own mapping. Pure; a picture beside the table is asked for by name.

A row that is none costs itself and not the others. A file that is no table is refused whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from watchfloor.plates import picture
from watchfloor.plates.cut import LONGEST_AS_SENT_PX, is_small
from watchfloor.plates.ingest.claim import (
    MALFORMED,
    Claim,
    Rejected,
    Said,
    Unfit,
    bytes_key,
    fraction,
    heading,
    malformed,
    number,
    or_none,
    position,
    said_at,
    taken,
    vendor_key,
    words,
)
from watchfloor.plates.ingest.issuers import issuer
from watchfloor.plates.ingest.shots import Shot, kept_of
from watchfloor.plates.model import Plate

MOST_ROWS: Final = 50_000
MOST_BYTES: Final = 16 * 1024 * 1024
_WHOLES: Final = (1.0, 100.0)
_SEPARATORS: Final = frozenset(",;|\t")
_POINTS: Final = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_LONG_POINTS: Final = (("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"))

Beside = Callable[[str], bytes | None]


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which column says what, by its heading; what is None the table has not.

    `date` stands before `at` where a table has both. `written` is the form of the time as in C's strptime, and `zone` the one of
    times that name none; without it they are by the clock on the wall of the agency. `whole` is how it writes full confidence.
    """

    plate: str
    at: str | None = None
    date: str | None = None
    id: str | None = None
    state: str | None = None
    confidence: str | None = None
    lat: str | None = None
    lon: str | None = None
    heading: str | None = None
    lane: str | None = None
    picture: str | None = None
    written: str = ""
    zone: str = ""
    whole: float = 1.0
    separator: str = ","

    @property
    def columns(self) -> dict[str, str]:
        """The heading of each field that the table has."""
        return {name: said for name in FIELDS if (said := getattr(self, name)) is not None}


FIELDS: Final = (
    "plate", "at", "date", "id", "state", "confidence", "lat", "lon", "heading", "lane", "picture",
)  # fmt: skip
_OWN: Final = {name: name for name in FIELDS}


def mapping_of(document: bytes) -> Mapping | Rejected:
    """The mapping in a document of JSON, or what is wrong with it."""
    try:
        mapping = msgspec.json.decode(document, type=Mapping)
    except MALFORMED as error:
        wrong = malformed(error)
        return Rejected(wrong.reason, f"the mapping cannot be read: {wrong.detail}")
    fault = _fault(mapping)
    return Rejected("bad_mapping", f"the mapping is none: {fault}") if fault else mapping


def _fault(mapping: Mapping) -> str | None:
    if mapping.separator not in _SEPARATORS:
        return "`separator` is a comma, a semicolon, a bar or a tab"
    if mapping.whole not in _WHOLES:
        return "`whole` is 1 or 100"
    if (mapping.lat is None) != (mapping.lon is None):
        return "`lat` and `lon` come together"
    if mapping.id is None and mapping.at is None:
        return "it names a column for `id`, or one for `at`; without either one car could not be told from another"
    if mapping.date is not None and mapping.at is None:
        return "a `date` has its time of day, `at`"
    if mapping.zone and _zone(mapping.zone) is None:
        return "`zone` is a time zone like America/Chicago"
    return _unwritable(mapping.written)


def _unwritable(written: str) -> str | None:
    if not written:
        return None
    example = datetime(2026, 11, 22, 21, 7, tzinfo=UTC)
    try:
        if datetime.strptime(example.strftime(written), written).replace(tzinfo=UTC) == example:
            return None
    except ValueError:
        pass
    return "`written` says day, month, year and time, like %m/%d/%Y %I:%M:%S %p"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if re.fullmatch(r"[A-Za-z0-9_+/-]{1,60}", name) else None
    except (
        ValueError,
        OSError,
        KeyError,
    ):  # a zone that is not known is a KeyError, a folder of zones an OSError
        return None


def parse(body: bytes, mapping: Mapping | None, beside: Beside) -> tuple[Claim | Rejected, ...] | Rejected:
    """The reads of a table, by rows; the heading is row 1. Without a mapping its headings are our own words.

    `beside` gives the picture of a name, or None where none can be had.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Rejected("malformed", f"the table is not UTF-8: byte {error.start} is not")
    rows = _rows(text, mapping.separator if mapping else ",")
    head = next(rows, None)
    if head is None:
        return Rejected("malformed", "the table is empty")
    if isinstance(head, Rejected):
        return head
    places = _places(head[1], mapping)
    if isinstance(places, Rejected):
        return places
    whole = mapping or Mapping(plate="plate", at="at")
    found: list[Claim | Rejected] = []
    for row in rows:
        if len(found) >= MOST_ROWS:
            return Rejected("too_many_reads", f"a table has at most {MOST_ROWS} rows")
        found.append(row if isinstance(row, Rejected) else _read(row, len(head[1]), places, whole, beside))
    return tuple(found)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]] | Rejected]:
    """Each row that is not empty, with its number from 1; at one that cannot be told from the next it ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    at = 0
    while True:
        at += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected("malformed", f"this row and those after it cannot be read: {error}", at)
            return
        if any(cell.strip() for cell in cells):
            yield at, [cell.strip() for cell in cells]


def _places(head: list[str], mapping: Mapping | None) -> dict[str, int] | Rejected:
    """Where each field stands."""
    names = [cell.casefold() for cell in head]
    places = {}
    for name, said in (mapping.columns if mapping else _OWN).items():
        count = names.count(said.strip().casefold())
        if count > 1:
            return Rejected("malformed", f"the table has the column “{said}” {count} times", field=name)
        if count:
            places[name] = names.index(said.strip().casefold())
        elif mapping or name == "plate":
            return Rejected(
                "no_column", f"the table has no column “{said}”, which would say `{name}`", field=name
            )
    if not mapping and not {"id", "at"} & places.keys():
        return Rejected("no_column", "the table has neither a column “at” nor one “id”", field="at")
    return places


def _read(
    row: tuple[int, list[str]], width: int, places: dict[str, int], mapping: Mapping, beside: Beside
) -> Claim | Rejected:
    at, cells = row
    if len(cells) != width:
        return Rejected("malformed", f"the row has {len(cells)} cells, the heading has {width}", at)
    cell = {name: cells[place] for name, place in places.items()}
    return taken(at, lambda: _claim(at, cell, mapping, beside))


def _claim(at: int, cell: dict[str, str], mapping: Mapping, beside: Beside) -> Claim:
    notes: list[str] = []
    when = _when(" ".join(filter(None, (cell.get("date"), cell.get("at")))), mapping)
    if not cell.get("id") and when == Said():
        raise Unfit("at", "a read has a time or an id; without either one car could not be told from another")
    name, crop = _picture(cell.get("picture", ""), beside, notes)
    sure = number(cell.get("confidence"), "confidence")
    return Claim(
        source_key=vendor_key(cell["id"]) if cell.get("id") else bytes_key(msgspec.json.encode(cell)),
        plate=Plate.of(cell["plate"]),
        state=_state(cell.get("state", ""), notes),
        confidence=or_none(lambda: fraction(sure, "confidence", whole=mapping.whole), notes),
        device_at=when.at,
        local_at=when.local,
        picture=name,
        crop=crop,
        position=_position(cell),
        lane=words(cell.get("lane")),
        heading_deg=or_none(lambda: _heading(cell.get("heading", "")), notes),
        notes=tuple(notes),
        row=at,
    )


def _state(said: str, notes: list[str]) -> str | None:
    found = issuer(said)
    if said and found is None:
        notes.append("state left out: it is none that is known here")
    return found


def _when(said: str, mapping: Mapping) -> Said:
    """The time of a row, by its own zone, the mapping's, or the agency's wall. Of an hour that comes twice the mapping's is the first."""
    if not said or not mapping.written:
        when = said_at(said, "at")
    else:
        when = _as_written(said, mapping.written)
    if when.local is None or not mapping.zone:
        return when
    try:
        return Said(at=when.local.replace(tzinfo=_zone(mapping.zone)).astimezone(UTC))
    except (OverflowError, ValueError) as error:
        raise Unfit("at", "the time is out of range") from error


def _as_written(said: str, written: str) -> Said:
    try:
        found = datetime.strptime(said[:80], written)  # noqa: DTZ007  # the mapping says the zone, or the form does
        return Said(local=found) if found.tzinfo is None else Said(at=found.astimezone(UTC))
    except (OverflowError, ValueError) as error:
        raise Unfit("at", f"the time is not written as the mapping says ({written})") from error


def _position(cell: dict[str, str]) -> tuple[float, float] | None:
    lat, lon = number(cell.get("lat"), "lat"), number(cell.get("lon"), "lon")
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise Unfit("position", "a position has a latitude and a longitude")
    return position(lat, lon, "position")


def _heading(said: str) -> float | None:
    """Degrees, or a point of the compass as it is written on roads: N, NB, north, northbound."""
    point = re.sub(r"[ -]", "", said.casefold()).removesuffix("bound")
    for long, short in _LONG_POINTS:
        point = point.replace(long, short)
    point = point.removesuffix("b") if len(point) > 1 else point
    if point in _POINTS:
        return _POINTS.index(point) * 45.0
    return heading(number(said, "heading"), "heading")


def _picture(said: str, beside: Beside, notes: list[str]) -> tuple[str | None, bytes | None]:
    """The hash of a picture that was put before, or the picture of that name beside the table."""
    if not said or picture.is_name(said):
        return said or None, None
    found = beside(said)
    if found is None:
        notes.append("picture left out: there is none of that name beside the table, or too many to take")
        return None, None
    if picture.fault_of(found) is None and not is_small(found):
        notes.append(
            f"picture left out: one beside a table is cut about the plate, {LONGEST_AS_SENT_PX} pixels a side at most"
        )
        return None, None
    return None, kept_of((Shot(found),), notes).crop
