"""Which column of a street file means what: a table of names and codes. It reads no file and builds no graph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from watchfloor.places.model import UNKNOWN_SPEED_MPS, BadMapFile, Travel

_MPH: Final = 0.44704
_KMH: Final = 1 / 3.6


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The file's own names of the columns we read; None where it has none.

    `one_way` is relative to the order in which the line is drawn (B, F, T, yes, -1 and their like). `heading` is the
    side of the compass traffic goes to (N, NE, E ...): where a one-way line has it, it is believed before the drawing
    order, because cities draw one-way streets either way. `speed_mph` and `speed_kmh` are limits; `leave_out` are
    columns which, when they hold 1, true, yes or Remove, say that the row is no street any more.
    """

    name: str | None = None
    one_way: str | None = None
    heading: str | None = None
    speed_mph: str | None = None
    speed_kmh: str | None = None
    from_level: str | None = None
    to_level: str | None = None
    leave_out: tuple[str, ...] = ()


# Names that files give these columns, lower case. St. Louis' open data is the fourth in most rows.
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "street_name", "fullname", "full_name", "streetname", "street"),
    "one_way": ("one_way", "oneway", "onewaycode", "onewaydir", "one_way_code"),
    "heading": ("heading", "travel_direction", "one_way_heading", "direction"),
    "speed_mph": ("speed_mph", "speed_limi", "speed_limit", "speedlimit", "posted_speed"),
    "speed_kmh": ("speed_kmh", "maxspeed", "speed"),
    "from_level": ("from_level", "fromelevation", "f_zlev", "from_zlev", "f_elev"),
    "to_level": ("to_level", "toelevation", "t_zlev", "to_zlev", "t_elev"),
}
_LEAVE_OUT: Final = ("leave_out", "vacated", "road_type", "removed")
_GONE: Final = frozenset({"1", "1.0", "true", "yes", "y", "remove", "removed", "vacated"})

_BOTH: Final = frozenset({"", "b", "both", "no", "n", "0", "false", "none", "two-way", "2"})
_ALONG: Final = frozenset({"f", "ft", "yes", "y", "1", "true", "along", "one-way"})
_AGAINST: Final = frozenset({"t", "tf", "-1", "reverse", "against", "r"})
_COMPASS: Final[Mapping[str, float]] = {
    **{c: i * 45.0 for i, c in enumerate(("n", "ne", "e", "se", "s", "sw", "w", "nw"))},
    **{c: i * 90.0 for i, c in enumerate(("north", "east", "south", "west"))},
    **{c: i * 90.0 for i, c in enumerate(("nb", "eb", "sb", "wb"))},
}


def guess(columns: Sequence[str]) -> ColumnMapping:
    """The mapping that a file's column names suggest, without regard to case; the first alias that is there wins."""
    own = {column.lower(): column for column in columns}
    found = {
        field: next((own[alias] for alias in aliases if alias in own), None)
        for field, aliases in _ALIASES.items()
    }
    return ColumnMapping(**found, leave_out=tuple(own[name] for name in _LEAVE_OUT if name in own))


def checked(mapping: ColumnMapping, columns: Sequence[str]) -> ColumnMapping:
    """The mapping itself. Raises BadMapFile when it names a column that the file does not have."""
    for field in fields(mapping):
        value = getattr(mapping, field.name)
        for column in value if isinstance(value, tuple) else (value,):
            if column is not None and column not in columns:
                shown = ", ".join(columns[:40])
                raise BadMapFile(f"the file has no column {column!r} (for {field.name}); it has: {shown}")
    return mapping


def is_gone(values: Sequence[object]) -> bool:
    """Whether one of the `leave_out` values says that the row is no street any more."""
    return any(_text(value) in _GONE for value in values)


def travel_of(code: object) -> Travel:
    """The way of driving behind a one-way code. Raises ValueError for a code nobody knows."""
    text = _text(code)
    if text in _BOTH:
        return Travel.BOTH
    if text in _ALONG:
        return Travel.ALONG
    if text in _AGAINST:
        return Travel.AGAINST
    raise ValueError(f"the one-way code {text[:20]!r} is not known")


def turned(travel: Travel, *, heading: object, drawn_deg: float) -> tuple[Travel, bool]:
    """The way of driving after the compass was asked, and whether it turned the drawing order round.

    `drawn_deg` is the bearing from the line's first point to its last. A two-way line, or one whose heading is not
    given, stays as it is.
    """
    wanted = _COMPASS.get(_text(heading))
    if travel is Travel.BOTH or wanted is None:
        return travel, False
    along = math.cos(math.radians(wanted - drawn_deg)) >= 0
    right = Travel.ALONG if along else Travel.AGAINST
    return right, right is not travel


def speed_of(*, mph: object, kmh: object) -> float:
    """Metres a second from a limit in miles or kilometres an hour; a number, or text such as `30`, `30 mph`, `50 km/h`.

    An absent, zero or impossible limit gives the default: a wrong limit must not make a unit look near.
    """
    for value, factor in ((mph, _MPH), (kmh, _KMH)):
        text = _text(value)
        number = _number(text.removesuffix("mph").removesuffix("km/h").removesuffix("kmh").strip())
        if number is None or number <= 0:
            continue
        factor = _MPH if text.endswith("mph") else factor
        if 2.0 <= number * factor <= 45.0:
            return number * factor
    return UNKNOWN_SPEED_MPS


def level_of(value: object) -> int:
    """The level of a line's end; the ground where the file says nothing."""
    number = _number(_text(value))
    return int(number) if number is not None and abs(number) < 100 else 0


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip().lower()
