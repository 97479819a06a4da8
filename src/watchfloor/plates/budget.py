"""From false alerts that a room can bear in a shift to the probability from which a hit alerts. Pure.

Nobody sets a confidence number. Two persons set how many false alerts a shift may bring, for each priority of lists; what
the last weeks brought says from which probability that holds. What lies beneath is kept as possible, and never alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.plates.model import Priority

SHIFT: Final = timedelta(hours=8)
LOOKS_BACK: Final = timedelta(days=28)
# Of less than this nothing is derived: the first days of a list say too little.
ENOUGH: Final = timedelta(days=7)
# Until then: what is likelier wrong than right does not alert.
FIRST: Final = 0.5
# However much a room can bear, what is wrong nine times in ten does not alert.
LEAST: Final = 0.1
# What no two persons have said otherwise.
ALLOWED: Final[Mapping[Priority, float]] = {Priority.URGENT: 4.0, Priority.USUAL: 2.0, Priority.LOW: 1.0}
MOST_ALLOWED: Final = 100.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Alerts that hits of about this probability made, or would have made, for one list: how many, how many of them wrong.

    What a person judged counts as judged; the rest by its probability. Repeats of a car within ten minutes are one.
    """

    priority: Priority
    list: UUID
    probability: float
    alerts: int
    wrong: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which probability on a hit of a priority alerts, and what it rests on."""

    priority: Priority
    allowed: float
    probability: float
    derived: bool
    wrong_per_shift: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a threshold would have cost: alerts, wrong ones among them, and right ones that it would have kept back."""

    alerts: int
    wrong: float
    missed: float


def threshold_of(priority: Priority, allowed: float, bins: Iterable[Bin], *, covered: timedelta) -> Threshold:
    """The lowest probability at which the stream of `covered` stays within what is allowed for each shift."""
    if covered < ENOUGH:
        return Threshold(priority, allowed, FIRST, False, 0.0)
    shifts = covered / SHIFT
    lowest, wrong = 1.0, 0.0
    for one in sorted((b for b in bins if b.priority is priority), key=lambda b: -b.probability):
        if one.probability < LEAST or (wrong + one.wrong) / shifts > allowed:
            # What no list showed so far lies beneath: between this and the last that went in.
            return Threshold(
                priority, allowed, max(LEAST, min(lowest, _above(one.probability))), True, wrong / shifts
            )
        wrong += one.wrong
        lowest = one.probability
    return Threshold(priority, allowed, LEAST, True, wrong / shifts)


def _above(probability: float) -> float:
    return probability + 0.5 / BINS


# How finely probabilities are told apart.
BINS: Final = 200


def cost_of(bins: Sequence[Bin], probability: float) -> Cost:
    """What these bins would have cost at that threshold."""
    over = [one for one in bins if one.probability >= probability]
    under = [one for one in bins if one.probability < probability]
    return Cost(
        sum(one.alerts for one in over),
        sum(one.wrong for one in over),
        sum(one.alerts - one.wrong for one in under),
    )


def covered(first: datetime | None, now: datetime) -> timedelta:
    """How much of the time that is looked back on has hits with a probability."""
    return min(LOOKS_BACK, now - first) if first is not None else timedelta(0)
