"""Serials as jurisdictions number their plates, by the product's own tables of formats and of states' words.

Whole streets are drawn with these, so that what the product knows of numbers and of states weighs there as it does on a road. What the
network learns from is drawn without them (`serials.py`): it is not to guess a letter from its neighbours.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from numpy.random import Generator

from tools.training.serials import DIGITS, LETTERS, Group, Serial, Shape, draw_other, draw_owned

READING: Final = Path(__file__).parents[2] / "src/watchfloor/plates/reading"
EUROPE: Final = 0.2
"""How many of the plates drawn are European, as where the product is told to expect both."""
# Of American plates: an owner's own choice, and series that the table does not know (of trucks, of services, of years ago).
_OWNED: Final = 0.08
_OTHER: Final = 0.2
_OTHER_EUROPE: Final = 0.05
_KINDS: Final = {"L": LETTERS, "D": DIGITS, "X": LETTERS + DIGITS}


@dataclass(frozen=True)
class Issued:
    """What stands on a plate and who issued it: a jurisdiction as `formats.csv` names it."""

    jurisdiction: str
    serial: Serial

    @property
    def europe(self) -> bool:
        """Whether it is a European country's."""
        return self.jurisdiction.startswith("EU-")


def draw_issued(dice: Generator) -> Issued:
    """A plate by lot: every jurisdiction of a continent alike, its formats by their shares."""
    europe = dice.random() < EUROPE
    names = [name for name in formats() if name.startswith("EU-") == europe]
    name = names[int(dice.integers(len(names)))]
    chance = dice.random()
    if europe:
        other = chance < _OTHER_EUROPE
        return Issued(name, draw_other(dice, europe=True) if other else _formatted(dice, name))
    if chance < _OWNED:
        return Issued(name, draw_owned(dice))
    if chance < _OWNED + _OTHER:
        return Issued(name, draw_other(dice, europe=False))
    return Issued(name, _formatted(dice, name))


def _formatted(dice: Generator, name: str) -> Serial:
    patterns, shares = formats()[name]
    total = sum(shares)
    pattern = patterns[int(dice.choice(len(patterns), p=[share / total for share in shares]))]
    text = "".join(kind[int(dice.integers(len(kind)))] for kind in (_KINDS[sort] for sort in pattern))
    return Serial(_grouped(dice, text))


def _grouped(dice: Generator, text: str) -> tuple[Group, ...]:
    """Parted where letters and digits meet, or somewhere in the middle, or not at all; now and then with a stack or a small prefix."""
    if len(text) >= 5 and text[:2].isalpha() and (chance := dice.random()) < 0.1:
        return Group(text[:2], Shape.STACK if chance < 0.05 else Shape.SMALL), Group(text[2:])
    meet = [at for at, (a, b) in enumerate(pairwise(text), 1) if a.isdigit() != b.isdigit()]
    chance = dice.random()
    if chance < 0.15 or len(text) < 4:
        return (Group(text),)
    if chance < 0.85 and meet:
        at = min(meet, key=lambda each: abs(each - len(text) / 2))
    else:
        at = int(dice.integers(2, len(text) - 1))
    return Group(text[:at]), Group(text[at:])


@cache
def formats() -> Mapping[str, tuple[Sequence[str], Sequence[float]]]:
    """Each jurisdiction's patterns and their shares."""
    found: dict[str, tuple[list[str], list[float]]] = {}
    for row in _rows("formats.csv"):
        patterns, shares = found.setdefault(row["jurisdiction"], ([], []))
        patterns.append(row["pattern"])
        shares.append(float(row["share"]))
    return found


@cache
def words() -> Mapping[str, Sequence[str]]:
    """What each state prints on its plates: its name first, then what else tells it."""
    return {row["state"]: row["words"].split("|") for row in _rows("states.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    lines = (READING / name).read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
