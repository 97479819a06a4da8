"""What an adapter makes of a reader's bytes: claims, or what is wrong with them. Pure values; it stores nothing."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchfloor.kit.clock import parse_rfc3339
from watchfloor.plates.model import Alternative, Character, Plate, Vehicle

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


@dataclass(frozen=True, slots=True)
class Claim:
    """One read as the device tells it. `picture` is the SHA-256 of a picture put before; `crop` one that came along.

    `notes` are sentences for the sender about what was left out. `characters` has one for each of the plate, or is empty.
    """

    source_key: str
    plate: Plate
    state: str | None
    confidence: float | None
    device_at: datetime | None
    picture: str | None = None
    crop: bytes | None = field(default=None, repr=False)
    lane: str | None = None
    heading_deg: float | None = None
    vehicle: Vehicle = field(default_factory=Vehicle)
    alternatives: tuple[Alternative, ...] = ()
    characters: tuple[Character, ...] = ()
    notes: tuple[str, ...] = ()


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
