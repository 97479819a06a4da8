"""The issuing state by the words on the plate: its name or its slogan, as `states.csv` lists them. A guess from the number is none."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from typing import Final

# Below this likeness a word is no state's: “unknown” is an answer, a wrong state is an alert about somebody else.
_LEAST_LIKENESS: Final = 0.74
_LEAST_LENGTH: Final = 4
# How far the best must be before another state's best.
_AHEAD: Final = 0.04
_ALIKE: Final = str.maketrans("015", "OIS")
_MOST_DIGITS: Final = 0.4


@dataclass(frozen=True, slots=True)
class StateRead:
    """A state, and how alike its words were to what was read, 0 to 1."""

    state: str
    likeness: float


def state_of(texts: Iterable[str]) -> StateRead | None:
    """The state that the lines of a plate name; None when none does or two do."""
    best: dict[str, float] = {}
    for text in texts:
        plain = _plain(text)
        if len(plain) < _LEAST_LENGTH:
            continue
        for state, word in _words():
            likeness = _likeness(word, plain)
            if likeness > best.get(state, 0.0):
                best[state] = likeness
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < _LEAST_LIKENESS:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _AHEAD:
        return None
    return StateRead(*ranked[0])


def _likeness(word: str, text: str) -> float:
    """How alike the word is to the part of the text that is most like it; long words may be off by more."""
    if word in text:
        return 1.0 + 0.03 * len(word)  # West Virginia before Virginia, Arkansas before Kansas
    if len(_pairs(word) & _pairs(text)) * 3 < len(word) - 1:
        return 0.0
    spans = range(max(1, len(text) - len(word) + 1)) if len(text) > len(word) + 1 else (0,)
    width = len(word) if len(text) > len(word) + 1 else len(text)
    return max(SequenceMatcher(None, word, text[at : at + width], autojunk=False).ratio() for at in spans)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _plain(text: str) -> str:
    """Its letters; digits that look like letters count as these, unless most of it are digits: a time of day names no state."""
    upper = text.upper()
    digits = sum(1 for letter in upper if letter.isdigit())
    return re.sub(r"[^A-Z]", "", upper.translate(_ALIKE) if digits <= _MOST_DIGITS * len(upper) else upper)


@cache
def _words() -> tuple[tuple[str, str], ...]:
    text = (files("watchfloor.plates.reading") / "states.csv").read_text()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple((row["state"], _plain(word)) for row in rows for word in row["words"].split("|"))
