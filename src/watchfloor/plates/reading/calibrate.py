"""How probable it is that a reading is right, all of it: what the channel, the letters and the line's rank say, weighed. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from watchfloor.plates.reading.model import Guess, Letter

# Fitted by logistic regression on half of a public test set (US scenes, US cut plates, EU scenes; by plate, seed 7), checked
# on the other half: of what was told 0.85, 0.93 and 0.99 probable, 0.93, 0.89 and 0.98 were. `agreed`: a second network read the same.
WEIGHTS: Final = {
    "one": -0.94,
    "channel": 1.10,
    "least letter": 0.05,
    "letters": 0.16,
    "agreed": 1.5,
    "fits": 0.66,
    "six or more": 0.52,
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
