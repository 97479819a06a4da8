"""What a plate most likely says, given what was read and how plates are numbered: letters weighed against `formats.csv`, after voting.

A noisy channel: the chance that a letter was read as it was, times how common such a number is. A number that fits no format may be an
owner's own choice and is never forced into one; it only has to be read more surely.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from watchfloor.plates.reading.model import Guess, Letter

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS: Final = "0123456789"
MOST_GUESSES: Final = 5
MOST_LENGTH: Final = 9
# How often the second is read as the first, beside what the network itself says: some states' dies make no difference at all.
_ALIKE: Final = {
    "O0": 0.5, "0O": 0.5, "Q0": 0.1, "0Q": 0.1, "OQ": 0.05, "QO": 0.1, "D0": 0.05, "0D": 0.05, "DO": 0.02, "OD": 0.02,
    "I1": 0.3, "1I": 0.2, "L1": 0.03, "1L": 0.02, "T1": 0.02, "J1": 0.02, "1J": 0.02, "B8": 0.04, "8B": 0.04, "S5": 0.06, "5S": 0.06,
    "Z2": 0.04, "2Z": 0.04, "G6": 0.06, "6G": 0.06, "A4": 0.02, "4A": 0.02, "L4": 0.02, "T7": 0.02, "7T": 0.02, "Z7": 0.02, "7Z": 0.02,
    "B5": 0.01, "8S": 0.01, "S8": 0.01, "5B": 0.01, "G0": 0.02, "C0": 0.02, "U0": 0.01, "Y4": 0.01, "H4": 0.005, "E6": 0.001,
}  # fmt: skip
_ALIKE_BY: Final = {
    seen: tuple((pair[1], chance) for pair, chance in _ALIKE.items() if pair[0] == seen)
    for seen in LETTERS + DIGITS
}
_FLOOR: Final = 2e-5
_LENGTHS: Final = {1: 0.005, 2: 0.01, 3: 0.03, 4: 0.06, 5: 0.14, 6: 0.3, 7: 0.4, 8: 0.05, 9: 0.005}
_VANITY_SHARE: Final = 0.1
_VANITY_LETTER: Final = 0.75
# Serials that the table does not know: of trucks, of schools and services, of years ago.
_SERIAL_SHARE: Final = 0.3
_SERIAL_LETTER: Final = 0.4
# One thing read that is no part of the number: a heart, a seal, a band's letter.
_GHOST: Final = 0.06
_SURE_GHOST: Final = 0.002
_OTHER_STATE: Final = 0.08
# 520 mm by 110 with numbers of 75, against 305 by 152 with numbers of 65: as the finder draws its lines, 4 to 1 and 2.5 to 1.
_SHAPE_BETWEEN: Final = 3.35
_SHAPE_SHARP: Final = 5.0
_SHAPE_DOUBT: Final = 0.02
_LEAST_GUESS: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Weights:
    """How common the plates of each jurisdiction are where the reader stands; what is not named has none."""

    of: Mapping[str, float]

    @classmethod
    def of_regions(cls, *, us: float, eu: float) -> Weights:
        """Every state of the region alike."""
        names = sorted({row[0] for row in _table()})
        european = [name for name in names if name.startswith("EU-")]
        american = [name for name in names if not name.startswith("EU-")]
        return cls(
            {name: us / len(american) for name in american} | {name: eu / len(european) for name in european}
        )

    def shaped(self, shape: float) -> Weights:
        """The same for a line so many times as wide as high: a European plate's numbers stand on a longer strip than an American's."""
        european = 1 / (1 + math.exp(-_SHAPE_SHARP * (shape - _SHAPE_BETWEEN)))
        european = min(max(european, _SHAPE_DOUBT), 1 - _SHAPE_DOUBT)
        shares = {
            name: weight * (european if name.startswith("EU-") else 1 - european)
            for name, weight in self.of.items()
        }
        total = sum(shares.values())
        return Weights({name: share / total for name, share in shares.items()}) if total else self

    def when(self, state: str | None) -> Weights:
        """The same once the state was read: most of the weight is its own."""
        if state is None or state not in self.of:
            return self
        total = sum(self.of.values())
        return Weights(
            {name: _OTHER_STATE * weight / total for name, weight in self.of.items()}
            | {state: 1 - _OTHER_STATE}
        )


def judged(letters: Sequence[Letter], weights: Weights) -> tuple[Guess, ...]:
    """The likeliest texts, at most five, with the probability that the channel gives each. Nothing for no letters or too many."""
    if not 1 <= len(letters) <= MOST_LENGTH:
        return ()
    chances = [_Place.of(letter) for letter in letters]
    patterns = _weighed(weights)
    scores: dict[str, float] = {}
    for kept, cost in _without_ghosts(letters, chances):
        for text, score in _texts(kept, patterns, vary=len(kept) == len(chances)):
            before = scores.get(text)
            scores[text] = score + cost if before is None else _added(before, score + cost)
    best = sorted(scores.items(), key=lambda item: -item[1])
    top = best[0][1]
    total = sum(math.exp(score - top) for _, score in best)
    guesses = [Guess(text, math.exp(score - top) / total) for text, score in best[:MOST_GUESSES]]
    return tuple(each for at, each in enumerate(guesses) if at == 0 or each.probability >= _LEAST_GUESS)


def fits(text: str, weights: Weights) -> bool:
    """Whether the text has a format of a jurisdiction that has weight."""
    return any(len(pattern) == len(text) and _has(pattern, text) for pattern in _weighed(weights))


def likelihood(text: str, weights: Weights) -> float:
    """How much commoner the text is as a plate's number than as any text of its length, as a logarithm."""
    return _number(text, _weighed(weights)) - len(text) * math.log(1 / 36)


@dataclass(frozen=True, slots=True)
class _Place:
    """The chance of what was seen at one place, for each letter that may have been there, as a logarithm; and the best of each sort."""

    chances: Mapping[str, float]
    best: Mapping[str, str]
    order: tuple[str, ...]

    @classmethod
    def of(cls, letter: Letter) -> _Place:
        chances = dict.fromkeys(LETTERS + DIGITS, _FLOOR)
        for seen, chance in letter.options:
            chances[seen] = max(chances[seen], chance)
            for to, alike in _ALIKE_BY[seen]:
                chances[to] = max(chances[to], alike * chance)
        order = tuple(sorted(chances, key=lambda each: -chances[each]))
        best = {
            "L": next(each for each in order if each in LETTERS),
            "D": next(each for each in order if each in DIGITS),
            "X": order[0],
        }
        return cls({to: math.log(chance) for to, chance in chances.items()}, best, order)


def _without_ghosts(
    letters: Sequence[Letter], places: Sequence[_Place]
) -> list[tuple[Sequence[_Place], float]]:
    """All that was read; and the same with one thing left out, at a price that falls with how doubtful that was."""
    ways: list[tuple[Sequence[_Place], float]] = [(places, 0.0)]
    if len(letters) > 1:
        for at, letter in enumerate(letters):
            price = math.log((_GHOST * (1.02 - min(letter.chance, 1.0)) + _SURE_GHOST) / 36)
            ways.append(([*places[:at], *places[at + 1 :]], price))
    return ways


def _texts(places: Sequence[_Place], patterns: Mapping[str, float], *, vary: bool) -> list[tuple[str, float]]:
    """The best text of each format and of none; with `vary` also the texts that differ from the best of these in one place."""
    found: dict[str, float] = {}
    for pattern in (*patterns, "X" * len(places)):
        if len(pattern) == len(places):
            text = "".join([place.best[sort] for sort, place in zip(pattern, places, strict=True)])
            if text not in found:
                found[text] = sum([place.chances[letter] for letter, place in zip(text, places, strict=True)])
    if vary:
        for text, score in sorted(found.items(), key=lambda item: -item[1])[:3]:
            for at, place in enumerate(places):
                for letter in place.order[:3]:
                    found[text[:at] + letter + text[at + 1 :]] = (
                        score - place.chances[text[at]] + place.chances[letter]
                    )
    return [(text, score + _number(text, patterns)) for text, score in found.items()]


def _number(text: str, patterns: Mapping[str, float]) -> float:
    """How common this number is, as a logarithm."""
    sorts = "".join(["L" if letter in LETTERS else "D" for letter in text])
    letters, digits = sorts.count("L"), sorts.count("D")
    usual = _LENGTHS.get(len(text), 1e-4)
    own = _VANITY_SHARE * usual * (_VANITY_LETTER / 26) ** letters * ((1 - _VANITY_LETTER) / 10) ** digits
    own += _SERIAL_SHARE * usual * (_SERIAL_LETTER / 26) ** letters * ((1 - _SERIAL_LETTER) / 10) ** digits
    share = patterns.get(sorts, 0.0) * _density(sorts)
    for pattern, weight in patterns.items():
        if "X" in pattern and len(pattern) == len(text) and _has(pattern, text):
            share += weight * _density(pattern)
    return math.log(own + share * (1 - _VANITY_SHARE - _SERIAL_SHARE))


@cache
def _density(pattern: str) -> float:
    return math.prod({"L": 1 / 26, "D": 1 / 10, "X": 1 / 36}[sort] for sort in pattern)


def _has(pattern: str, text: str) -> bool:
    return all(
        sort == "X" or (letter in LETTERS) == (sort == "L")
        for sort, letter in zip(pattern, text, strict=True)
    )


def _weighed(weights: Weights) -> dict[str, float]:
    return _weighed_of(tuple(sorted(weights.of.items())))


@cache
def _weighed_of(weights: tuple[tuple[str, float], ...]) -> dict[str, float]:
    """Every format with its share of the plates that pass here."""
    by_name = dict(weights)
    shares: dict[str, float] = {}
    for name, _, share in _table():
        shares[name] = shares.get(name, 0.0) + share
    found: dict[str, float] = {}
    for name, pattern, share in _table():
        if by_name.get(name):
            found[pattern] = found.get(pattern, 0.0) + by_name[name] * share / shares[name]
    return found


def _added(first: float, second: float) -> float:
    """The logarithm of the sum of two whose logarithms these are."""
    low, high = sorted((first, second))
    return high + math.log1p(math.exp(low - high))


@cache
def _table() -> tuple[tuple[str, str, float], ...]:
    text = (files("watchfloor.plates.reading") / "formats.csv").read_text()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple((row["jurisdiction"], row["pattern"], float(row["share"])) for row in rows)
