"""Many readings of one plate made one: the length by summed confidence, then each letter by summed squared confidence. Pure.

Readings of another length do not vote on letters: there is no telling which of their letters is too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from watchfloor.plates.reading.model import Letter, Reading

_MOST_OPTIONS: Final = 6
# How much the second network has to say beside one look of the first. Of 275 plates on drawn streets 0.898 were read without it, 0.905
# with a quarter, 0.913 with a half and 0.920 with a whole voice: the smallest not plainly worse than the best (`tools/training/fit.py`).
SECOND: Final = 0.5


def voted(
    readings: Sequence[Reading], second: Reading | None = None, *, voice: float = SECOND
) -> tuple[Letter, ...]:
    """The letters that the readings agree on; nothing where none says anything. `second` is another network's, with so much `voice`."""
    votes = [(reading, 1.0) for reading in readings if reading.letters]
    if votes and second is not None and second.letters and voice > 0:
        votes.append((second, voice))
    by_length: dict[int, float] = {}
    for reading, weight in votes:
        length = len(reading.letters)
        by_length[length] = by_length.get(length, 0.0) + weight * reading.chance
    if not by_length:
        return ()
    length = max(by_length, key=lambda each: (by_length[each], each))
    voters = [(reading, weight) for reading, weight in votes if len(reading.letters) == length]
    return tuple(
        _letter([(reading.letters[at], weight) for reading, weight in voters]) for at in range(length)
    )


def _letter(votes: Sequence[tuple[Letter, float]]) -> Letter:
    """One place: squares decide, so that one sure look outweighs two doubtful ones; the chance is the squares' mean root."""
    squares: dict[str, float] = {}
    for vote, weight in votes:
        for letter, chance in vote.options:
            squares[letter] = squares.get(letter, 0.0) + weight * chance * chance
    ranked = sorted(squares.items(), key=lambda item: (-item[1], item[0]))[:_MOST_OPTIONS]
    total = sum(weight for _, weight in votes)
    return Letter(tuple((letter, (square / total) ** 0.5) for letter, square in ranked))
