"""How probable it is that a reading is right, all of it: what the channel, the letters and the line's rank say, weighed. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from watchfloor.plates.reading.model import Guess, Letter

# Fitted by logistic regression on 275 plates of drawn streets (`tools/training/fit.py`, seed 770,200). Either half by the other: of
# what was told 0.62, 0.77, 0.85, 0.93, 0.97 and 0.995 probable, 0.78, 0.65, 0.94, 0.91, 0.97 and 0.985 were right. `agreed`: a second
# network read the same.
WEIGHTS: Final = {
    "one": -1.58,
    "channel": 1.02,
    "least letter": 0.99,
    "letters": 0.22,
    "agreed": 1.45,
    "fits": 0.05,
    "six or more": 0.4,
}
# From this rank on a line is taken for a plate.
_PLATE: Final = 0.5
# From here on a reading is alarm grade.
ALARM: Final = 0.95


def probability(
    guesses: Sequence[Guess], letters: Sequence[Letter], *, rank: float, agreed: bool, fits: bool
) -> float:
    """That the first guess is right. A line that may be no plate at all is told no surer than that."""
    values = looks(guesses, letters, agreed=agreed, fits=fits)
    right = 1 / (1 + math.exp(-sum(a * b for a, b in zip(values, WEIGHTS.values(), strict=True))))
    return right * min(1.0, rank / _PLATE)


def looks(
    guesses: Sequence[Guess], letters: Sequence[Letter], *, agreed: bool, fits: bool
) -> tuple[float, ...]:
    """The reading as `WEIGHTS` weighs it."""
    chances = [min(letter.chance, 1.0) for letter in letters]
    return (
        1.0,
        _logit(guesses[0].probability),
        min(chances),
        sum(chances) / len(chances),
        float(agreed),
        float(fits),
        float(len(letters) >= 6),
    )


def _logit(chance: float) -> float:
    inside = min(max(chance, 0.002), 0.998)
    return math.log(inside / (1 - inside))
