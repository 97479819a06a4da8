"""What an adapter makes of a reader's bytes: claims, or what is wrong with them. Pure values; it stores nothing."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from watchfloor.kit.clock import parse_rfc3339
from watchfloor.plates.cut import Box
from watchfloor.plates.model import NO_VEHICLE, Alternative, BadPlate, BadState, Character, Plate, Vehicle

T = TypeVar("T")

MOST_READS: Final = 500
MOST_ALTERNATIVES: Final = 10
MOST_OTHERS: Final = 5
MOST_ID_CHARACTERS: Final = 200
MOST_WORDS_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why bytes, or one read of them, are not taken: said to the sender. Without an index it is all of them."""

    reason: str
    detail: str
    index: int | None = None
    field: str | None = None


class Unfit(ValueError):
    """One value of one read is not what it should be; the adapter turns it into a Rejected."""

    def __init__(self, field_name: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field_name
        self.detail = detail


class Claim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One read as the device tells it. `picture` is the SHA-256 of a picture put before; `crop` one that came along,
    to be cut about `plate_box` before it is kept; without one it is the plate's own cut-out.

    `local_at` is the device's time where it names no zone: by the clock on the wall of the reader's agency. `position` is
    where the device says that it was, latitude and longitude. With a `revision` the key names the passing of a car that may be
    told more than once, and the revision which telling this is. `reader` is the one that the message names, if it does.
    `notes` are sentences for the sender about what was left out. `characters` has one for each of the plate, or is empty. `row` is
    where it stands in a table.
    """

    source_key: str
    plate: Plate
    state: str | None
    confidence: float | None
    device_at: datetime | None
    picture: str | None = None
    crop: bytes | None = None
    plate_box: Box | None = None
    local_at: datetime | None = None
    position: tuple[float, float] | None = None
    revision: str | None = None
    reader: str | None = None
    lane: str | None = None
    heading_deg: float | None = None
    vehicle: Vehicle = NO_VEHICLE
    alternatives: tuple[Alternative, ...] = ()
    characters: tuple[Character, ...] = ()
    row: int | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Claim({self.source_key!r}, {self.plate!r})"  # never a picture's bytes


Parse = Callable[[bytes, Mapping[str, str]], tuple[Claim | Rejected, ...] | Rejected]


def malformed(error: Exception) -> Rejected:
    """JSON that cannot be read at all."""
    if isinstance(error, RecursionError):
        return Rejected("malformed", "the JSON is nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return Rejected("malformed", f"the body is not UTF-8: byte {error.start} is not")
    return Rejected("malformed", f"the body is not the JSON that this route takes: {error}")


MALFORMED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def vendor_key(raw: str) -> str:
    """The key of a read that its device has numbered. Raises Unfit."""
    if not 1 <= len(raw) <= MOST_ID_CHARACTERS or not raw.isprintable():
        raise Unfit("id", f"an id has 1 to {MOST_ID_CHARACTERS} printable characters")
    return f"id:{raw}"


def content_key(payload: bytes) -> str:
    """The key of a read without a number: its content, however the JSON was written."""
    plain = msgspec.json.encode(msgspec.json.decode(payload), order="sorted")
    return f"sha256:{hashlib.sha256(plain).hexdigest()}"


def bytes_key(content: bytes) -> str:
    """The key of what is no JSON: its very bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def number(raw: str | None, field_name: str) -> float | None:
    """A number that stands in a text. Raises Unfit."""
    if raw is None or not raw.strip():
        return None
    try:
        found = float(raw)
    except ValueError as error:
        raise Unfit(field_name, "it is no number") from error
    if not math.isfinite(found):
        raise Unfit(field_name, "it is no number")
    return found


def position(lat: float, lon: float, field_name: str) -> tuple[float, float]:
    """Latitude and longitude in degrees. Raises Unfit."""
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise Unfit(field_name, "a position is a latitude of -90 to 90 and a longitude of -180 to 180")
    return lat, lon


def instant(raw: str) -> datetime:
    """A time as RFC 3339. Raises Unfit."""
    try:
        if len(raw) > 40:
            raise ValueError("too long")
        return parse_rfc3339(raw)
    except ValueError as error:
        raise Unfit("at", "a time is RFC 3339 with a zone, like 2026-11-22T21:00:00.000Z") from error


def epoch(number: float, field_name: str) -> datetime:
    """A time as Unix seconds or milliseconds, told apart by size. Raises Unfit."""
    # 1e11 seconds is the year 5138; 1e11 milliseconds is March 1973.
    seconds = number / 1000 if abs(number) >= 1e11 else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unfit(field_name, "the time is out of range") from error


def fraction(number: float | None, field_name: str, *, whole: float = 1.0) -> float | None:
    """A confidence of 0 to `whole` as 0 to 1. Raises Unfit."""
    if number is None:
        return None
    if not (math.isfinite(number) and 0.0 <= number <= whole):
        raise Unfit(field_name, f"a confidence is 0 to {whole:g}")
    return number / whole


def characters_of(
    plate: Plate, given: Sequence[tuple[float | None, Sequence[tuple[str, float | None]]]]
) -> tuple[Character, ...]:
    """Confidence and others of each character of the plate, of 0 to 1. Raises Unfit unless there is one for each."""
    if not given:
        return ()
    if len(given) != len(plate.text):
        raise Unfit("characters", f"the plate has {len(plate.text)} characters, {len(given)} are told of")
    made = []
    for confidence, others in given:
        for other, _ in others:
            if other and not (len(other) == 1 and other.isascii() and other.isalnum()):
                raise Unfit(
                    "characters", "another character is one letter A-Z or digit, or empty where there is none"
                )
        kept = [(other.upper(), fraction(sure, "characters")) for other, sure in others[:MOST_OTHERS]]
        made.append(Character(fraction(confidence, "characters"), tuple(kept)))
    return tuple(made)


def heading(degrees: float | None, field_name: str) -> float | None:
    """A heading, clockwise from north, as 0 <= heading < 360. Raises Unfit."""
    if degrees is None:
        return None
    if not (math.isfinite(degrees) and -360.0 <= degrees <= 360.0):
        raise Unfit(field_name, "a heading is 0 to 360 degrees")
    return degrees % 360.0


def words(raw: str | None) -> str | None:
    """A vendor's words as one short printable line; None when nothing is left."""
    if raw is None:
        return None
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split())[:MOST_WORDS_CHARACTERS].strip() or None
    line = "".join(
        c if unicodedata.category(c)[0] not in "CZ" else " " for c in raw[: 4 * MOST_WORDS_CHARACTERS]
    )
    return " ".join(line.split())[:MOST_WORDS_CHARACTERS].strip() or None


def taken(index: int, make: Callable[[], Claim], *, plate: str = "plate") -> Claim | Rejected:
    """The claim that `make` makes, or why it is none; `plate` is what the sender calls it."""
    try:
        return make()
    except BadPlate as error:
        return Rejected(error.reason, error.detail, index, plate)
    except BadState as error:
        return Rejected(error.reason, error.detail, index, "state")
    except Unfit as error:
        return Rejected("bad_value", error.detail, index, error.field)


def or_none(value: Callable[[], T | None], notes: list[str]) -> T | None:
    """The value, or None with a note: a side field that is off costs itself, not the read."""
    try:
        return value()
    except Unfit as error:
        notes.append(f"{error.field} left out: {error.detail}")
        return None


@dataclass(frozen=True, slots=True)
class Said:
    """A device's time: with a zone, or as the clock on its wall shows it."""

    at: datetime | None = None
    local: datetime | None = None


# What vendors write besides RFC 3339; none of these names a zone.
_WALL_CLOCKS: Final = (
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d %H%M%S%f",
    "%Y%m%d%H%M%S%f",
    "%m/%d/%Y %H:%M:%S",
)


def said_at(raw: str | None, field_name: str) -> Said:
    """What a vendor wrote as time: RFC 3339, Unix time, or a wall clock's. Raises Unfit."""
    if not raw or not raw.strip():
        return Said()
    line = raw.strip()
    if len(line) <= 40:
        if re.fullmatch(r"[0-9]{9,13}(\.[0-9]{1,6})?", line):
            return Said(at=epoch(float(line), field_name))
        zoned = line.replace(" ", "T", 1) if line[10:11] == " " else line
        zoned = re.sub(r"(?<=[0-9])([+-][0-9]{2})([0-9]{2})$", r"\1:\2", zoned)
        for wanted in (zoned, line):
            try:
                return Said(at=parse_rfc3339(wanted))
            except ValueError:
                continue
        for form in _WALL_CLOCKS if re.match(r"(19|20)[0-9]{2}|[0-9]{2}/", line) else ():
            try:
                return Said(local=datetime.strptime(line, form))  # noqa: DTZ007  # it names no zone
            except ValueError:
                continue
    raise Unfit(field_name, "the time is none that is known here, like 2026-11-22T21:00:00.000Z")
