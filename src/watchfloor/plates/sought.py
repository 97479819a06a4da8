"""What plate text is looked for, and as which look-ups: keys, beginnings or endings. Pure.

A pattern has `?` for one character and `*` for any number of them. It must be findable without reading everything: by three
known characters, two of them at its beginning or at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from watchfloor.kit.errors import Invalid
from watchfloor.plates.hotlist import SYMBOLS, key_of, keys_of
from watchfloor.plates.model import MOST_CHARACTERS, Plate, folded

_BITS: Final = 5
_ANY: Final = frozenset("?*")
_KNOWN_AT_AN_END: Final = 2
_KNOWN_IN_ALL: Final = 3
_LONGEST_PATTERN: Final = 24
_CAN_CLOSE: Final = (
    "Give three characters or more, two of them at the beginning or at the end: AB?12*, or *A1?34."
)


class How(StrEnum):
    """How exactly a plate is meant."""

    EXACT = "exact"
    ALIKE = "alike"  # characters that look the same count as one
    FUZZY = "fuzzy"  # and one character may be another, missing or too many


@dataclass(frozen=True, slots=True)
class Keys:
    """Reads whose folded key is one of these."""

    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Reads whose folded key lies in one of these ranges, the end of each not in it."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Endings:
    """Reads whose folded key, backwards, lies in one of these ranges, the end of each not in it."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """How reads are looked up, and what of them counts: `strict` and `alike` are patterns of SQL's `like`, None for all."""

    by: Keys | Beginnings | Endings
    strict: str | None = None
    alike: str | None = None


def sought(text: str, how: How) -> Sought:
    """The look-ups for a plate or a pattern. Raises BadPlate, or Invalid for a pattern that would read everything."""
    if not _ANY.intersection(text):
        return _plain(Plate.of(text), how)
    if how is How.FUZZY:
        raise Invalid("With ? or * a plate is exact or alike: leave one of both out.", reason="match")
    return _pattern(text, how)


def is_strict(text: str, plate: Plate) -> bool:
    """Whether a plate is, letter by letter, what was sought."""
    if not _ANY.intersection(text):
        return Plate.of(text) == plate
    parts = (re.escape(one) for one in re.split(r"([?*])", plain_pattern(text)))
    pattern = "".join({r"\?": ".", r"\*": ".*"}.get(one, one) for one in parts)
    return re.fullmatch(pattern, plate.text) is not None


def _plain(plate: Plate, how: How) -> Sought:
    match how:
        case How.EXACT:
            return Sought(Keys((key_of(plate.text),)), strict=plate.text)
        case How.ALIKE:
            return Sought(Keys((key_of(plate.text),)))
        case How.FUZZY:
            return Sought(Keys(tuple(sorted(map(int, keys_of(list(one_edit(plate.folded))))))))


def one_edit(text: str) -> set[str]:
    """A folded plate, and every other that differs from it by one character: another, one missing, one too many."""
    gaps = range(len(text) + 1)
    near = {text[:at] + symbol + text[at + 1 :] for at in range(len(text)) for symbol in SYMBOLS}
    if len(text) > 1:
        near |= {text[:at] + text[at + 1 :] for at in range(len(text))}
    if len(text) < MOST_CHARACTERS:
        near |= {text[:at] + symbol + text[at:] for at in gaps for symbol in SYMBOLS}
    return near | {text}


def _pattern(raw: str, how: How) -> Sought:
    text = plain_pattern(raw)
    alike = folded(text)
    begins, ends = alike.partition("*")[0], alike.rpartition("*")[2][::-1]
    first, last = _known(begins), _known(ends)
    known = sum(character not in _ANY for character in text)
    if max(first, last) < _KNOWN_AT_AN_END or known < _KNOWN_IN_ALL:
        raise Invalid("This would read everything that is kept.", reason="plate", next_step=_CAN_CLOSE)
    like = text.replace("?", "_").replace("*", "%")
    by: Beginnings | Endings
    # The side of which more is known finds fewer reads that are none.
    if _narrow(begins, first) >= _narrow(ends, last):
        by = Beginnings(tuple(map(_key_range, _spelt(begins, first))))
    else:
        by = Endings(tuple(map(_key_range, _spelt(ends, last))))
    if how is How.EXACT:
        return Sought(by, strict=like)
    return Sought(by, alike=folded(like))


def plain_pattern(raw: str) -> str:
    """The pattern in the one form of plates. Raises BadPlate, or Invalid for one too long."""
    parts: list[str] = []
    for piece in _pieces(raw):
        if piece in _ANY:
            if piece == "*" and parts and parts[-1] == "*":
                continue
            parts.append(piece)
        elif piece.strip():
            parts.append(Plate.of(piece).text)
    text = "".join(parts)
    if len(text) > _LONGEST_PATTERN or len(text.replace("*", "")) > MOST_CHARACTERS:
        raise Invalid(f"A plate has at most {MOST_CHARACTERS} characters.", reason="plate")
    return text


def _pieces(raw: str) -> Iterable[str]:
    piece = ""
    for character in raw:
        if character in _ANY:
            if piece.strip(" -"):
                yield piece
            yield character
            piece = ""
        else:
            piece += character
    if piece.strip(" -"):
        yield piece


def _known(text: str) -> int:
    """How many characters are known before the first that is not."""
    return len(text.partition("?")[0])


def _narrow(text: str, known: int) -> int:
    """How many characters a look-up by this side rests on; none where too few are known."""
    if known < _KNOWN_AT_AN_END:
        return 0
    rest = text[known + 1 :]
    return known + (1 + _known(rest) if rest else 0)


def _spelt(text: str, known: int) -> list[str]:
    """The beginnings that are looked up: with one unknown character spelt out where something known follows it."""
    after = text[known + 1 :]
    more = after[: _known(after)]
    if not more:
        return [text[:known]]
    return [text[:known] + symbol + more for symbol in SYMBOLS]


def _key_range(begins: str) -> tuple[int, int]:
    low = key_of(begins)
    return low, low + (1 << _BITS * (MOST_CHARACTERS - len(begins)))
