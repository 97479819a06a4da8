"""Many readings of one plate made one: the length by summed confidence, then each letter by summed squared confidence. Pure.

Readings of another length do not vote on letters: there is no telling which of their letters is too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from watchfloor.plates.reading.model import Letter, Reading

_MOST_OPTIONS: Final = 6


def voted(readings: Sequence[Reading]) -> tuple[Letter, ...]:
    """The letters that the readings agree on; nothing where none says anything."""
    by_length: dict[int, float] = {}
    for reading in readings:
        if reading.letters:
            length = len(reading.letters)
            by_length[length] = by_length.get(length, 0.0) + reading.chance
    if not by_length:
        return ()
    length = max(by_length, key=lambda each: (by_length[each], each))
    voters = [reading for reading in readings if len(reading.letters) == length]
    return tuple(_letter([reading.letters[at] for reading in voters]) for at in range(length))


def _letter(votes: Sequence[Letter]) -> Letter:
    """One place: squares decide, so that one sure look outweighs two doubtful ones; the chance is the squares' mean root."""
    squares: dict[str, float] = {}
    for vote in votes:
        for letter, chance in vote.options:
            squares[letter] = squares.get(letter, 0.0) + chance * chance
    ranked = sorted(squares.items(), key=lambda item: (-item[1], item[0]))[:_MOST_OPTIONS]
    return Letter(tuple((letter, (square / len(votes)) ** 0.5) for letter, square in ranked))
