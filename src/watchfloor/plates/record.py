"""A reader's record: what verdicts on its alerts say of it, and what its reads are worth by them. Pure.

A verdict is what a person found who typed the plate from the picture before seeing the entry. Where the plate was misread,
what was typed says which character was taken for which.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from watchfloor.plates.confusion import ALPHABET, share_of
from watchfloor.plates.likely import Precision

# From so many verdicts on a reader its own record is used; until then that of all readers of the agency.
OWN_FROM: Final = 200
# How much the assumed confusions and rates weigh beside verdicts: as so many misread characters, so many wrong alerts.
_AS_PAIRS, _AS_WRONG = 20.0, 5.0
# A record changes a rate at most so many times, found by so many halvings.
_MOST_TIMES, _HALVINGS = 50.0, 24


class ReaderVerdict(StrEnum):
    """What a person found an alert or a possible hit of a reader to be."""

    RIGHT = "right"
    MISREAD = "misread"
    WRONG_STATE = "wrong_state"
    STALE = "stale_entry"  # read rightly, but the entry no longer held
    ANOTHER_CAR = "another_car"  # read rightly, and the entry wants another: no mistake of the reader
    UNDECIDED = "undecided"  # the picture does not say it: counted for nobody


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict: with the true and the read character of each that was misread, and what the odds had said without
    any record; None where it says nothing of how often a plate, or a state, is misread.
    """

    verdict: ReaderVerdict
    night: bool
    pairs: tuple[tuple[str, str], ...] = ()
    expected_misread: float | None = 0.0
    expected_wrong_state: float | None = 0.0

    def expected(self, wrong: ReaderVerdict) -> float | None:
        """How likely the odds held a misread plate, or a wrong state."""
        return self.expected_misread if wrong is ReaderVerdict.MISREAD else self.expected_wrong_state


@dataclass(frozen=True, slots=True)
class Tally:
    """Verdicts summed up."""

    verdicts: int = 0
    counts: Mapping[ReaderVerdict, int] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of(self, verdict: ReaderVerdict) -> int:
        """How many found that."""
        return self.counts.get(verdict, 0)


def tally(judged: Iterable[Judged]) -> Tally:
    """The sum of these verdicts."""
    counts: dict[ReaderVerdict, int] = {}
    pairs: dict[tuple[str, str], int] = {}
    verdicts = 0
    for one in judged:
        verdicts += 1
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
        for pair in one.pairs:
            pairs[pair] = pairs.get(pair, 0) + 1
    return Tally(verdicts, counts, pairs)


@dataclass(frozen=True, slots=True)
class Errors:
    """What a reader's reads are worth by its record, at this time of day.

    `true_of[read][true]` is the share of the misreads that look like `read` and are `true`. The scales say how many times
    as often as reckoned a plate was misread, or its state. `pooled`: by the record of all readers, for lack of its own.
    """

    true_of: Mapping[str, Mapping[str, float]]
    misread_scale: float = 1.0
    state_scale: float = 1.0
    pooled: bool = True
    verdicts: int = 0


def _assumed() -> dict[str, dict[str, float]]:
    shares = {read: {true: share_of(true, read) for true in ALPHABET} for read in ALPHABET}
    return {
        read: {true: share / sum(row.values()) for true, share in row.items()} for read, row in shares.items()
    }


_ASSUMED: Final = _assumed()
NOTHING_KNOWN: Final = Errors(_ASSUMED)


def weighed(judged: Iterable[Judged]) -> int:
    """How many say how often plates are misread: those that a record of one's own takes."""
    return sum(one.expected_misread is not None for one in judged)


def errors_of(own: Iterable[Judged], everybody: Iterable[Judged], *, night: bool) -> Errors:
    """What is known of a reader by day or by night: by its own verdicts from `OWN_FROM` on, else by everybody's."""
    own = list(own)
    count = weighed(own)
    pooled = count < OWN_FROM
    used = list(everybody) if pooled else own
    now = [one for one in used if one.night is night]
    misread, state = (
        _scale(now, wrong, _scale(used, wrong, 1.0))
        for wrong in (ReaderVerdict.MISREAD, ReaderVerdict.WRONG_STATE)
    )
    return Errors(_true_of(tally(used).pairs), misread, state, pooled, count)


def _scale(judged: Sequence[Judged], wrong: ReaderVerdict, before: float) -> float:
    """How many times as often as reckoned it was wrong, shrunk to what was known `before`.

    The scale at which the odds, had they used it, would have expected as many wrong ones as there were.
    """
    told = [(one.verdict, chance) for one in judged if (chance := one.expected(wrong)) is not None]
    expected = np.array([chance for _, chance in told])
    seen = sum(verdict is wrong for verdict, _ in told) + _AS_WRONG
    low, high = before / _MOST_TIMES, before * _MOST_TIMES
    for _ in range(_HALVINGS):
        scale = math.sqrt(low * high)
        if float((scale * expected / (1 + (scale - 1) * expected)).sum()) + _AS_WRONG * scale / before < seen:
            low = scale
        else:
            high = scale
    return math.sqrt(low * high)


def _true_of(pairs: Mapping[tuple[str, str], int]) -> dict[str, Mapping[str, float]]:
    table: dict[str, Mapping[str, float]] = dict(_ASSUMED)
    for read in {read for _, read in pairs}:
        seen = {true: count for (true, as_read), count in pairs.items() if as_read == read}
        total = sum(seen.values()) + _AS_PAIRS
        table[read] = {
            true: (share * _AS_PAIRS + seen.get(true, 0)) / total for true, share in _ASSUMED[read].items()
        }
    return table


def pairs_between(true: str, read: str) -> tuple[tuple[str, str], ...]:
    """(true, read) of each character that differs; nothing where the lengths do, or nearly all of it: another plate."""
    if len(true) != len(read):
        return ()
    pairs = tuple((a, b) for a, b in zip(true, read, strict=True) if a != b)
    return pairs if len(pairs) <= len(true) // 2 else ()


def precision_of(sums: Tally) -> Precision:
    """How often the reader was right."""
    right = sums.of(ReaderVerdict.RIGHT)
    wrong = sums.of(ReaderVerdict.MISREAD) + sums.of(ReaderVerdict.WRONG_STATE)
    # Here: it costs each process that may never ask a fifth of a second of its start.
    from scipy.special import betaincinv

    # Jeffreys: half a right and half a wrong one beforehand.
    low, high = (float(betaincinv(right + 0.5, wrong + 0.5, edge)) for edge in (0.025, 0.975))
    return Precision(right, right + wrong, low if right else 0.0, high if wrong else 1.0)
