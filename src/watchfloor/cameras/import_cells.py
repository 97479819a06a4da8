"""What a cell of a list says: a number, a direction, yes or no. Pure."""

from __future__ import annotations

import math
from typing import Final

from watchfloor.kit.errors import Invalid

_YES, _NO = frozenset({"yes", "y", "true", "t", "1", "on"}), frozenset({"no", "n", "false", "f", "0", "off"})
_COMPASS: Final = (
    "n",
    "nne",
    "ne",
    "ene",
    "e",
    "ese",
    "se",
    "sse",
    "s",
    "ssw",
    "sw",
    "wsw",
    "w",
    "wnw",
    "nw",
    "nnw",
)


def number(text: str) -> float:
    """A number; a comma is a decimal point where there is no other. Raises ValueError with the reason."""
    plain = text.strip().removesuffix("°").strip()
    if "," in plain and "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    try:
        found = float(plain) if "_" not in plain else math.nan
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{text.strip()[:40]!r} is no number.")
    return found


def heading(text: str) -> float:
    """Degrees clockwise from north, or a point of the compass. Raises ValueError."""
    point = text.strip().lower().replace("-", "")
    if point in _COMPASS:
        return _COMPASS.index(point) * 22.5
    degrees = number(text)
    return 0.0 if degrees == 360.0 else degrees


def flag(text: str) -> bool | None:
    """Yes or no; None where nothing is said. Raises Invalid."""
    said = text.lower()
    if said and said not in _YES | _NO:
        raise Invalid(f"{text[:40]!r} is neither yes nor no.", reason="enabled")
    return said in _YES if said else None
