"""From how many false alerts a room can bear in a shift to the probability of gunfire from which a source alerts. Pure.

Nobody sets that probability: it follows from what the center's own people said of sources so far. What lies beneath is kept, and alarms
nobody. Hot lists are handled alike (decision 27).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Final

from watchfloor.kit.errors import Invalid

SHIFT: Final = timedelta(hours=8)
# Of less than this nothing is derived.
ENOUGH: Final = timedelta(days=7)
# Until then: what is likelier no gunfire than gunfire does not alert.
FIRST: Final = 0.5
# However much a room can bear, what is no gunfire nine times in ten does not alert.
LEAST: Final = 0.1
MOST_ALLOWED: Final = 100.0


@dataclass(frozen=True, slots=True)
class Sounded:
    """A source of the past: how likely it was said to be gunfire, and whether people said that it was (None where they did not say)."""

    gunfire: float
    was: bool | None = None

    @property
    def false(self) -> float:
        """How many false alerts it would have been: by the verdict, or where there is none by its own probability."""
        return 1.0 - self.gunfire if self.was is None else float(not self.was)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which probability of gunfire a source alerts, how many false alerts a shift that brings, and what gunfire it keeps back.

    `derived` says whether it follows from what was, or is the first one. `judged` sources that it rests on had a verdict, of `sources`.
    """

    probability: float
    derived: bool
    false_per_shift: float
    missed_per_shift: float
    judged: int
    sources: int


def threshold_of(past: Iterable[Sounded], *, allowed_per_shift: float, covered: timedelta) -> Threshold:
    """The lowest probability at which what was in `covered` brings no more false alerts a shift than are allowed.

    Raises Invalid for a number allowed that is none, a time that is none, and a probability that is none.
    """
    told = sorted(past, key=lambda one: -one.gunfire)
    if not 0 <= allowed_per_shift <= MOST_ALLOWED:
        raise Invalid(
            f"Between 0 and {MOST_ALLOWED:.0f} false alerts a shift can be allowed, not {allowed_per_shift}."
        )
    if covered < timedelta(0) or not all(0 <= one.gunfire <= 1 for one in told):
        raise Invalid(
            "The time covered is not below zero, and each source's probability lies between 0 and 1."
        )
    derived = covered >= ENOUGH
    probability = _derived(told, allowed_per_shift, covered / SHIFT) if derived else FIRST
    over = [one for one in told if one.gunfire >= probability]
    under = [one for one in told if one.gunfire < probability]
    shifts = max(covered / SHIFT, 1.0)
    return Threshold(
        probability,
        derived,
        sum(one.false for one in over) / shifts,
        sum(1.0 - one.false for one in under) / shifts,
        sum(one.was is not None for one in told),
        len(told),
    )


def _derived(told: list[Sounded], allowed: float, shifts: float) -> float:
    """Down from the surest while what goes in is borne; sources as sure as each other go in together or not at all."""
    lowest, false = 1.0, 0.0
    for probability, same in groupby(told, key=_gunfire):
        false += sum(one.false for one in same)
        if false / shifts > allowed or probability < LEAST:
            # What no source showed so far lies between this and the last that went in.
            return max(LEAST, (lowest + probability) / 2)
        lowest = probability
    return LEAST


def _gunfire(one: Sounded) -> float:
    return one.gunfire
