"""How probable it is that a reading is right, all of it: what the channel, the letters and the line's rank say, weighed. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from watchfloor.plates.reading.model import Guess, Letter

# Fitted by logistic regression on half of a public test set (US scenes, US cut plates, EU scenes; by plate, seed 7), checked
# on the other half: of what was told 0.93 and 0.99 probable, 0.90 and 0.97 were right. `agreed`: a second network read the same.
WEIGHTS: Final = {
    "one": -1.75,
    "channel": 0.88,
    "least letter": 0.37,
    "letters": 0.25,
    "rank": 0.09,
    "agreed": 1.5,
    "fits": 0.74,
    "six or more": 0.69,
}
# From here on a reading is alarm grade.
ALARM: Final = 0.94


def probability(
    guesses: Sequence[Guess], letters: Sequence[Letter], *, rank: float, agreed: bool, fits: bool
) -> float:
    """That the first guess is right."""
    values = looks(guesses, letters, rank=rank, agreed=agreed, fits=fits)
    return 1 / (1 + math.exp(-sum(a * b for a, b in zip(values, WEIGHTS.values(), strict=True))))


def looks(
    guesses: Sequence[Guess], letters: Sequence[Letter], *, rank: float, agreed: bool, fits: bool
) -> tuple[float, ...]:
    """The reading as `WEIGHTS` weighs it."""
    chances = [min(letter.chance, 1.0) for letter in letters]
    return (
        1.0,
        _logit(guesses[0].probability),
        min(chances),
        sum(chances) / len(chances),
        _logit(rank),
        float(agreed),
        float(fits),
        float(len(letters) >= 6),
    )


def _logit(chance: float) -> float:
    inside = min(max(chance, 0.002), 0.998)
    return math.log(inside / (1 - inside))
