"""How likely a hit is right, and how often its reader was: values only, which other modules reckon."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Odds:
    """What a hit is, in parts of one: the entry's car; another plate; the same plate of another state.

    `near` counts entries one step from what was read. The two `expected` are what the parts were without the reader's
    record, by which verdicts teach it.
    """

    probability: float
    misread: float
    wrong_state: float
    near: int
    pooled: bool
    verdicts: int
    expected_misread: float
    expected_wrong_state: float


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the alerts that a person judged, how many were right: with the interval that holds the true share in 95 of 100
    cases. An entry that no longer held is the list's mistake and not the reader's: it is counted apart.
    """

    right: int
    of: int
    low: float
    high: float
