"""What stands on a drawn plate: patterns of serials as states issue them, fancied words, stacks and small prefixes.

The strings are drawn by lot for training. They are nobody's, and none is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from numpy.random import Generator

# A letter, 0 a digit, X either; "-" stands for whatever parts the groups. Some are written twice: they are common.
PATTERNS: Final = (
    "AAA-0000", "AAA-0000", "AAA-0000", "AAA-000", "AAA-000", "AAA000", "000-AAA", "000-AAA", "AAA-00A", "0AAA000",
    "0AAA000", "AA-00000", "AA-0000", "A00-AAA", "00A-A00", "000A000", "AA0-A0A", "A00-00A", "000-000", "00-00000",
    "AA0-0AA", "0A-0000A", "0A0000A", "00A0000", "0-AA000", "A00000", "AA0000A", "AAAA00", "0000-AA", "AA-000AA",
    "000-00A", "A0A-0A0", "0AA-A00", "00000AA", "A-000000", "AAA0000", "0000000", "XXXXXX", "XXXXXXX", "0AAA00",
)  # fmt: skip
PATTERNS_EUROPE: Final = (
    "A-AA-0000", "AA-AA-000", "AAA-AA-00", "AA-A-0000", "AA00-AAA", "AA00-AAA", "AA-000-AA", "0000-AAA", "AAA-00000",
    "AA-00000", "00-AAA-0", "0A0-0000", "AA-00-00", "AAA-000", "A-00000-A", "AA-000A", "A000-AAA", "0000-AA-00",
)  # fmt: skip
_VOWELS: Final = "AEIOU"
_CONSONANTS: Final = "BCDFGHJKLMNPRSTVWXYZ"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS: Final = "0123456789"


class Shape(Enum):
    """How a group of letters stands on the line."""

    FULL = auto()
    STACK = auto()
    """Two small letters, one above the other: the upper is read first."""
    SMALL = auto()
    """Letters of about half height, on the line, at its middle or at its top."""


@dataclass(frozen=True)
class Group:
    """Letters that stand together; a stack holds two."""

    letters: str
    shape: Shape = Shape.FULL


@dataclass(frozen=True)
class Serial:
    """The groups of one plate, from left to right."""

    groups: tuple[Group, ...]

    @property
    def text(self) -> str:
        """The serial as a reader should answer it."""
        return "".join(group.letters for group in self.groups)


def draw_serial(dice: Generator, *, europe: bool, plain: bool) -> Serial:
    """A serial by lot; a plain one has neither stacks nor small letters."""
    chance = dice.random()
    if europe:
        return draw_other(dice, europe=True)
    if chance < 0.22:
        return draw_owned(dice)
    groups = _filled(dice, _one(dice, PATTERNS))
    if plain or chance < 0.72:
        return Serial(groups)
    if chance < 0.84:
        return Serial(_with_small(dice, groups))
    return Serial(_with_stack(dice, groups))


def draw_owned(dice: Generator) -> Serial:
    """An owner's own choice, by lot."""
    return Serial((Group(_fancied(dice)),))


def draw_other(dice: Generator, *, europe: bool) -> Serial:
    """A serial of any of the patterns, without stacks and small letters."""
    return Serial(_filled(dice, _one(dice, PATTERNS_EUROPE if europe else PATTERNS)))


def _one(dice: Generator, of: Sequence[str]) -> str:
    return of[int(dice.integers(len(of)))]


def _filled(dice: Generator, pattern: str) -> tuple[Group, ...]:
    kinds = {"A": LETTERS, "0": DIGITS, "X": LETTERS + DIGITS}
    parts = ("".join(_one(dice, kinds[sign]) for sign in part) for part in pattern.split("-"))
    return tuple(Group(part) for part in parts)


def _fancied(dice: Generator) -> str:
    """A pronounceable nonsense word or one with digits, two to eight letters long."""
    length = int(dice.choice((2, 3, 4, 5, 6, 7, 8), p=(0.03, 0.07, 0.15, 0.2, 0.25, 0.25, 0.05)))
    first = int(dice.integers(2))
    letters = [_one(dice, (_CONSONANTS, _VOWELS)[(n + first) % 2]) for n in range(length)]
    for n in range(length):
        if dice.random() < 0.2:
            letters[n] = _one(dice, LETTERS + DIGITS)
    if dice.random() < 0.35:
        tail = int(dice.integers(1, 4))
        letters[-tail:] = [_one(dice, DIGITS) for _ in letters[-tail:]]
    return "".join(letters)


def _with_small(dice: Generator, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """One to three letters before, or after, the rest, of about half height."""
    small = Group("".join(_one(dice, LETTERS) for _ in range(int(dice.integers(1, 4)))), Shape.SMALL)
    rest = _shortened(groups, 7 - len(small.letters))
    return (small, *rest) if dice.random() < 0.75 else (*rest, small)


def _with_stack(dice: Generator, groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """One stack of two letters (sometimes digits) before the rest, after it, or between its groups."""
    kind = DIGITS if dice.random() < 0.2 else LETTERS
    stack = Group(_one(dice, kind) + _one(dice, kind), Shape.STACK)
    rest = _shortened(groups, 6)
    where = dice.random()
    if where < 0.6:
        return (stack, *rest)
    if where < 0.85:
        return (*rest, stack)
    return (rest[0], stack, *rest[1:])


def _shortened(groups: tuple[Group, ...], most: int) -> tuple[Group, ...]:
    """The first letters of the groups, `most` of them: a line that has a stack is no longer for it."""
    kept: list[Group] = []
    for group in groups:
        if most > 0:
            kept.append(Group(group.letters[:most], group.shape))
        most -= len(group.letters)
    return tuple(kept)
