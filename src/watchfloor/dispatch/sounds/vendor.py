"""Alerts of sounds as another vendor's system hands them out: CSV, JSON or GeoJSON, whatever its columns are called. Pure.

Nothing is guessed of a row: one without an id, a moment or a place is refused, and says why. A moment without a zone is the city's own.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import islice
from statistics import median
from typing import Final

from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point, distance_m

MOST_ROWS: Final = 200_000
_MOST_COLUMNS: Final = 200
_LONGEST: Final = 200
_FARTHEST_M: Final = 200_000.0
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
# What files call each thing, in lower case without anything but letters and digits; the surest first.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("incidentid", "alertid", "eventid", "id", "flexid", "uniqueid", "objectid"),
    "at": (
        "datetime",
        "at",
        "dischargedat",
        "firedat",
        "occurredat",
        "timestamp",
        "time",
        "eventtime",
        "date",
    ),
    "lat": ("lat", "latitude", "latitude100meter", "y"),
    "lon": ("lon", "lng", "longitude", "longitude100meter", "x"),
    "told": ("toldat", "alertedat", "publishedat", "receivedat", "dispatchedat"),
    "type": ("type", "incidenttype", "class", "category"),
    "rounds": ("rounds", "roundcount", "shots"),
    "area": ("district", "coveragearea", "beat", "area"),
}
_NEEDED: Final = ("id", "at", "lat", "lon")
_CLOCKS: Final = (
    "%m/%d/%y %H:%M",
    "%m/%d/%y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S%z",
)
_LISTS: Final = ("alerts", "items", "incidents", "results")


class VendorForm(StrEnum):
    """The forms of file that are taken. GeoJSON is JSON."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class VendorAlert:
    """One alert of another vendor. `told_at`: when it told it, where its file says so; `area`: what it calls the district."""

    ref: str
    at: datetime
    told_at: datetime | None
    place: Point
    what: str | None
    area: str | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken, counted from 1 without the head, and why."""

    row: int
    why: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says: its alerts, what is refused, and which column says what."""

    alerts: tuple[VendorAlert, ...]
    bad: tuple[BadRow, ...]
    columns: Mapping[str, str]


class _Bad(Exception):
    """Why a row is not taken."""


def parsed(data: bytes, form: VendorForm, zone: tzinfo, *, now: datetime) -> Parsed:
    """The alerts of a file. Raises Invalid where it is not of this form, lacks a column, or has too many rows."""
    names, rows = _csv(data) if form is VendorForm.CSV else _json(data)
    columns = _columns(names)
    alerts: list[VendorAlert] = []
    numbers: list[int] = []
    bad: list[BadRow] = []
    seen: set[str] = set()
    for number, row in enumerate(islice(rows, MOST_ROWS + 1), 1):
        if number > MOST_ROWS:
            raise Invalid(f"At most {MOST_ROWS} rows are taken at once.", reason="rows")
        try:
            one = _alert({name: row.get(column) for name, column in columns.items()}, zone, now)
            if one.ref in seen:
                raise _Bad(f"its id “{one.ref}” is that of a row before")
        except _Bad as error:
            bad.append(BadRow(number, str(error)))
            continue
        seen.add(one.ref)
        alerts.append(one)
        numbers.append(number)
    far = _far(alerts)
    bad += [BadRow(numbers[n], "it is more than 200 km from the other rows") for n in sorted(far)]
    bad.sort(key=lambda one: one.row)
    return Parsed(tuple(one for n, one in enumerate(alerts) if n not in far), tuple(bad), columns)


def _far(alerts: Sequence[VendorAlert]) -> set[int]:
    """Those that cannot be of the same city, by the middle of them all."""
    if not alerts:
        return set()
    middle = Point(median(one.place.lat for one in alerts), median(one.place.lon for one in alerts))
    return {n for n, one in enumerate(alerts) if distance_m(one.place, middle) > _FARTHEST_M}


def _columns(names: Sequence[str]) -> dict[str, str]:
    plain = {"".join(c for c in name.lower() if c.isalnum()): name for name in reversed(names)}
    found = {
        what: plain[next(name for name in known if name in plain)]
        for what, known in _NAMES.items()
        if any(name in plain for name in known)
    }
    lacks = [what for what in _NEEDED if what not in found]
    if lacks:
        said = ", ".join(names[:20])
        raise Invalid(
            f"No column says {' or '.join(lacks)}; there is: {said}.",
            reason="columns",
            next_step="Name the columns id, at, lat and lon; told_at, type, rounds and district are read too.",
        )
    return found


def _alert(row: Mapping[str, object], zone: tzinfo, now: datetime) -> VendorAlert:
    ref = _text(row.get("id"))
    if ref is None:
        raise _Bad("it has no id")
    at = _moment(row.get("at"), zone)
    if at is None:
        raise _Bad(f"“{_shown(row.get('at'))}” is no moment")
    told_at = _moment(row.get("told"), zone)
    if not _EARLIEST <= at <= now:
        raise _Bad("it is of before 1990, or still to come")
    if told_at is not None and not at - timedelta(minutes=1) <= told_at <= now:
        raise _Bad("it was told before it was fired")
    rounds = _text(row.get("rounds"))
    what = "; ".join(
        part for part in (_text(row.get("type")), f"{rounds} rounds" if rounds else None) if part
    )
    return VendorAlert(ref, at, told_at, _place(row), what or None, _text(row.get("area")))


def _place(row: Mapping[str, object]) -> Point:
    try:
        return Point(float(str(row.get("lat"))), float(str(row.get("lon"))))
    except ValueError as error:  # no number, or nowhere on the earth
        raise _Bad(f"“{_shown(row.get('lat'))}, {_shown(row.get('lon'))}” is no place") from error


def _moment(value: object, zone: tzinfo) -> datetime | None:
    """A moment as files say it: RFC 3339, as Americans write it, or seconds or milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _since_1970(value)
    text = _text(value)
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) >= 9:
        return _since_1970(int(text))
    # DC's open data ends in +00 alone.
    full = (
        f"{text}:00" if len(text) > 3 and text[-3] in "+-" and text[-2:].isdigit() and ":" in text else text
    )
    found = _by_iso(full) or next((at for clock in _CLOCKS if (at := _by_clock(full, clock))), None)
    if found is None:
        return None
    try:
        return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # the first or the last day of all calendars
        return None


def _by_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # of another form
        return None


def _by_clock(text: str, clock: str) -> datetime | None:
    try:
        return datetime.strptime(text, clock)  # noqa: DTZ007  # the zone is given by whoever asks, where the file has none
    except ValueError:  # of another form
        return None


def _since_1970(value: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
    except (OverflowError, ValueError, OSError):  # beyond what a calendar has
        return None


def _text(value: object) -> str | None:
    if value is None:
        return None
    text = " ".join(str(value).split())
    if "\0" in text or not _is_unicode(text):
        raise _Bad("it has characters that are none")
    if len(text) > _LONGEST:
        raise _Bad(f"“{text[:20]}…” is longer than {_LONGEST} characters")
    return text or None


def _is_unicode(text: str) -> bool:
    """JSON can spell half a character."""
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:40].encode(errors="replace").decode().replace("\0", "?")


_Rows = Iterator[Mapping[str, object]]


def _csv(data: bytes) -> tuple[Sequence[str], _Rows]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8 text.", reason="file") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise Invalid(f"The head of the CSV cannot be read: {error}.", reason="file") from error
    if len(names) > _MOST_COLUMNS:  # each row is as wide as the head says
        raise Invalid(f"The CSV has {len(names)} columns; {_MOST_COLUMNS} are read.", reason="columns")
    reader.fieldnames = names
    return names, _csv_rows(reader)


def _csv_rows(reader: csv.DictReader[str]) -> _Rows:
    try:
        yield from reader
    except csv.Error as error:
        raise Invalid(
            f"The CSV cannot be read after row {reader.line_num}: {error}.", reason="file"
        ) from error


def _json(data: bytes) -> tuple[Sequence[str], _Rows]:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid("The file is no JSON.", reason="file") from error
    if isinstance(said, dict):
        said = next((said[name] for name in ("features", *_LISTS) if isinstance(said.get(name), list)), None)
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise Invalid(f"The JSON is no list of alerts, nor has it one as {', '.join(_LISTS)}.", reason="file")
    rows = [_flat(one) for one in said]
    return list(dict.fromkeys(name for row in rows[:1000] for name in row)), iter(rows)


def _flat(one: Mapping[str, object]) -> Mapping[str, object]:
    """A feature of GeoJSON as its properties with its place; anything else as it is."""
    properties, geometry = one.get("properties"), one.get("geometry")
    if not isinstance(properties, dict):
        return one
    where: object = geometry.get("coordinates") if isinstance(geometry, dict) else None
    place = {"lon": where[0], "lat": where[1]} if isinstance(where, list) and len(where) >= 2 else {}
    return {**properties, **place}
