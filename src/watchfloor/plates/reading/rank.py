"""Which line of text is a plate: by its shape, by what stands in it and by what stands around it. It never reads a picture.

Badges, dealers' names, phone numbers, addresses of the web and stickers are lines too, and read at full confidence: how sure the letters
are says nothing about what they are the letters of.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from watchfloor.plates.reading.formats import Weights, likelihood
from watchfloor.plates.reading.model import Line, Reading

# Outside these a line is not even read.
_NARROWEST: Final = 1.3
_WIDEST: Final = 9.0
_LOWEST_PX: Final = 7.0
_STEEPEST: Final = 0.6
_TALLER: Final = 1.4

_WEB: Final = re.compile(r"WWW|HTTP|\.COM|\.NET|\.ORG|\.GOV|\.US\b|@|\bCOM$", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<!\d)(1[-. ]?)?(\(?\d{3}\)?[-. ]?)?\d{3}[-. ]\d{4}(?!\d)|\d{9,}")
# A camera writes the time and the day over its picture.
_TIME: Final = re.compile(
    r"(?<![A-Z\d])([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?(?!\d)|\b(19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
)


@dataclass(frozen=True, slots=True)
class Looks:
    """What speaks for a line's being a plate and what against it; each about 0 to 1, named in `WEIGHTS`."""

    values: tuple[float, ...]


# Fitted on 280 drawn streets (`tools/training/fit.py`, seed 770,200), held towards what is plain anyway: a time of day is no plate.
# Either half by the other: of what was told 0.05, 0.61, 0.77, 0.85, 0.92 and 0.97 probable, 0.05, 0.60, 0.78, 0.85, 0.92 and 0.99 were it.
WEIGHTS: Final = {
    "one": -0.77,
    "fits": 1.37,
    "digits": -0.83,
    "no digits": -1.24,
    "short": -2.15,
    "long": -2.02,
    "small letters": -3.9,
    "marks": -1.29,
    "a word": -4.02,
    "web or phone": -4.82,
    "time": -5.23,
    "sure": 1.24,
    "letter shape off": 0.44,
    "faint": -0.93,
    "steep": 0.59,
    "state near": 1.55,
    "height": 1.62,
    "edge": -1.0,
    "dwarfed": -2.24,
}


def may_be(line: Line) -> bool:
    """Whether the shape of a line allows a plate: the rest is not read."""
    return (
        line.height >= _LOWEST_PX
        and _NARROWEST <= line.width / max(line.height, 1.0) <= _WIDEST
        and line.roll <= _STEEPEST
    )


def rank(looks: Looks) -> float:
    """How likely a line that looks so is a plate's number, 0 to 1."""
    return 1 / (1 + math.exp(-sum(a * b for a, b in zip(looks.values, WEIGHTS.values(), strict=True))))


def looks_of(
    line: Line, reading: Reading, *, size: tuple[int, int], state_near: bool, dwarfed: bool, weights: Weights
) -> Looks:
    """The line as `WEIGHTS` weighs it. `size` is the picture's, wide and high."""
    text, raw = reading.text, reading.raw
    count = max(len(text), 1)
    small = sum(1 for letter in raw if letter.islower())
    marks = sum(1 for letter in raw if not letter.isalnum() and letter not in " -·.•")
    digits = sum(1 for letter in text if letter.isdigit())
    # A letter with its gap is about half as wide as the line is high; a line is found a little too high.
    letter_shape = line.width / max(line.height, 1.0) / count
    wide, high = size
    x, y = line.middle
    near_edge = min(x / wide, 1 - x / wide, y / high, 1 - y / high) < 0.03
    return Looks((
        1.0,
        max(-1.0, min(likelihood(text, weights), 8.0)) / 4 if text else -1.0,
        min(digits / count, 0.6),
        float(digits == 0),
        max(0, 5 - len(text)) / 2,
        float(max(0, len(text) - 7)),
        small / count,
        marks / count,
        float(_has_word(text)),
        float(bool(_WEB.search(raw) or _PHONE.search(raw))),
        float(bool(_TIME.search(raw))),
        reading.chance - 0.7,
        min(abs(math.log(max(letter_shape, 0.05) / 0.55)), 1.5),
        max(0.0, 0.8 - line.score) * 2,
        line.roll * 2,
        float(state_near),
        min(line.height / high * 10, 1.0),
        float(near_edge),
        float(dwarfed),
    ))  # fmt: skip


def _has_word(text: str) -> bool:
    words = _words()
    return text in words or any(len(word) >= 5 and word in text for word in words)


@cache
def _words() -> frozenset[str]:
    """What badges, makers, services and shop fronts say: never a plate's number, whatever its letters would fit."""
    lines = (files("watchfloor.plates.reading") / "words.txt").read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def around(line: Line, others: Sequence[Line]) -> list[int]:
    """Which of the others stand where a plate's own words do: right above or below, and no wider than a plate."""
    x, y = line.middle
    near = []
    for at, other in enumerate(others):
        dx, dy = abs(other.middle[0] - x), abs(other.middle[1] - y)
        if (
            other is not line
            and dx <= line.width * 0.65
            and dy <= line.height * 1.7
            and other.width <= line.width * 1.35
        ):
            near.append(at)
    return near


def dwarfed(line: Line, others: Sequence[Line]) -> bool:
    """Whether a taller line stands right above, below or beside: the number is the tallest there is on a plate."""
    x, y = line.middle
    return any(
        other.height > _TALLER * line.height
        and abs(other.middle[0] - x) <= 0.75 * (other.width + line.width)
        and abs(other.middle[1] - y) <= 1.6 * other.height
        for other in others
    )
