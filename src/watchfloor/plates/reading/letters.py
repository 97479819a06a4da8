"""Letters out of what a network gives for each step of a strip (CTC): the likeliest way, and what else each letter may be.

The way is taken over all that the network knows, Chinese and marks included, and only then what no plate carries is left out: to forbid it
before makes letters of what is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from watchfloor.plates.reading.model import Chances, Letter, Reading

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_MOST_OPTIONS: Final = 6
_LEAST_CHANCE: Final = 0.001


class Alphabet:
    """What the classes of a network mean; class 0 is the blank between letters."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = tuple(classes)
        upper = [name.upper() if name.isascii() else "" for name in self._classes]
        self._of = {letter: [at for at, name in enumerate(upper) if name == letter] for letter in _ALPHABET}

    def reading(self, chances: Chances) -> Reading:
        """The reading of one strip: steps by classes, each step's chances adding up to one."""
        best = chances.argmax(axis=1)
        raw, letters = [], []
        for step in _emitted(best, chances):
            name = self._classes[int(best[step])]
            raw.append(name)
            if name.upper() in self._of:
                letters.append(self._letter(chances[step]))
        return Reading(tuple(letters), "".join(raw))

    def _letter(self, step: Chances) -> Letter:
        options = [(letter, float(step[at].sum())) for letter, at in self._of.items()]
        options.sort(key=lambda option: -option[1])
        return Letter((options[0], *(each for each in options[1:_MOST_OPTIONS] if each[1] >= _LEAST_CHANCE)))


def _emitted(best: Chances, chances: Chances) -> list[int]:
    """The steps at which letters are written: of those in a row that say the same, the surest."""
    steps: list[int] = []
    before = 0
    for step, name in enumerate(best):
        if name not in (0, before):
            steps.append(step)
        elif name != 0 and chances[step, name] > chances[steps[-1], name]:
            steps[-1] = step
        before = int(name)
    return steps
