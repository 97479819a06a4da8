"""Which vehicles were near another more often than their roads and habits explain. Pure; it names nobody and counts nothing bare.

What is reckoned against: where a vehicle passes this reader at this time of day anyway (by its own other days), it is near by habit;
where it was near at the reader before, it may only share the road on (by what of that reader's traffic goes on to the next within
the same time). Days other than the one in question, so that a meeting does not explain itself. Then the chance that so many
meetings come about, corrected for how many vehicles were looked at (Benjamini and Hochberg).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.plates.model import ReaderId
from watchfloor.plates.scenes_store import Near, Pass, Traffic

WITHIN: Final = timedelta(seconds=60)
AROUND: Final = timedelta(minutes=30)
NEW_DRIVE: Final = timedelta(minutes=30)
FEWEST_DRIVES: Final = 2
FALSE_SHARE: Final = 0.01
MOST_SHOWN: Final = 20
# How close in the day a passing on another day must be to count as the same habit.
_HABIT_S: Final = 300.0
# Nobody is known to pass a reader never: half a read at any hour, in all the days.
_UNSEEN: Final = 0.5
_DAY_S: Final = 86_400.0
_HOUR_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Companion:
    """One that was near more often than is explained: at which passes, on how many drives, how many were to be expected.

    `p` is the chance of so many or more, `corrected` the share of such finds that would be false among those at least as rare.
    """

    key: int
    passes: tuple[int, ...]
    drives: int
    expected: float
    p: float
    corrected: float


def drives_of(passes: Sequence[Pass]) -> list[int]:
    """To which drive each pass belongs; half an hour unseen begins another."""
    drives, number = [], 0
    for before, one in zip([None, *passes], passes, strict=False):
        if before is not None and one.at - before.at > NEW_DRIVE:
            number += 1
        drives.append(number)
    return drives


def candidates(near: Sequence[Near], drives: Sequence[int]) -> dict[int, list[int]]:
    """At which passes each vehicle was near, of those that were on two drives or more: one drive is one road."""
    at: dict[int, list[int]] = {}
    for one in near:
        at.setdefault(one.key, []).append(one.number)
    return {
        key: sorted(numbers)
        for key, numbers in at.items()
        if len({drives[n] for n in numbers}) >= FEWEST_DRIVES
    }


def legs_of(
    passes: Sequence[Pass], drives: Sequence[int], at: Mapping[int, Sequence[int]]
) -> list[tuple[int, Pass, Pass]]:
    """The legs of which the traffic must be known: those after a pass at which some candidate was near."""
    starts = {number for numbers in at.values() for number in numbers}
    return [
        (n, passes[n - 1], passes[n])
        for n in range(1, len(passes))
        if n - 1 in starts and drives[n] == drives[n - 1]
    ]


def companions(
    passes: Sequence[Pass],
    at: Mapping[int, Sequence[int]],
    own: Mapping[int, Sequence[Pass]],
    legs: Sequence[Traffic],
    *,
    tries: int,
    days: int,
    false_share: float = FALSE_SHARE,
) -> list[Companion]:
    """Those that are explained neither by habit nor by the road, the rarest first; `tries` is how many were near at all."""
    if not at:
        return []
    drives = drives_of(passes)
    onward = {leg.number: (leg.both + 1) / (leg.first + 2) for leg in legs}
    keys = list(at)
    chance = np.array(
        [_chances(passes, drives, set(at[key]), own.get(key, ()), onward, days) for key in keys]
    )
    counts = np.array([len(at[key]) for key in keys])
    p = _at_least(chance, counts)
    corrected = _corrected(p, tries)
    found = [
        Companion(
            key,
            tuple(at[key]),
            len({drives[n] for n in at[key]}),
            round(float(chance[row].sum()), 2),
            float(p[row]),
            float(corrected[row]),
        )
        for row, key in enumerate(keys)
        if corrected[row] <= false_share
    ]
    return sorted(found, key=lambda one: (one.p, one.key))[:MOST_SHOWN]


def _chances(
    passes: Sequence[Pass],
    drives: Sequence[int],
    near: set[int],
    own: Sequence[Pass],
    onward: Mapping[int, float],
    days: int,
) -> NDArray[np.float64]:
    """The chance, pass by pass, that this vehicle is near though it has nothing to do with the other."""
    by_reader: dict[ReaderId, NDArray[np.float64]] = {}
    for reader in {one.reader for one in own}:
        by_reader[reader] = np.array([one.at.timestamp() for one in own if one.reader == reader])
    return np.array(
        [
            max(
                _by_habit(one, by_reader.get(one.reader), days),
                onward.get(n, 0.0) if n - 1 in near and n > 0 and drives[n] == drives[n - 1] else 0.0,
            )
            for n, one in enumerate(passes)
        ]
    )


def _by_habit(one: Pass, own: NDArray[np.float64] | None, days: int) -> float:
    other_days = max(1, days - 1)
    window = 2 * WITHIN.total_seconds() / _HOUR_S
    if own is None:
        return float(-np.expm1(-_UNSEEN / other_days * window))
    at = one.at.timestamp()
    away = own - at
    whole = np.rint(away / _DAY_S)
    off = np.abs(away - whole * _DAY_S)
    other = whole != 0
    in_hour = int((other & (off <= _HOUR_S / 2)).sum())
    # Of a habit kept to minutes an hour's rate says too little: what came within five of them counts by their width.
    close = int((other & (off <= _HABIT_S)).sum())
    hourly = (in_hour + _UNSEEN) / other_days * window
    closely = close / other_days * min(1.0, 2 * WITHIN.total_seconds() / _HABIT_S)
    return float(min(0.95, -np.expm1(-max(hourly, closely))))


def _at_least(chance: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each row the chance of `counts` or more of its events: exact, one event after the other."""
    most = int(counts.max())
    # The last column gathers what reached the most that is asked for.
    spread = np.zeros((len(chance), most + 1))
    spread[:, 0] = 1.0
    for n in range(chance.shape[1]):
        p = chance[:, n : n + 1]
        moved = spread * p
        spread -= moved
        spread[:, 1:] += moved[:, :-1]
        spread[:, -1] += moved[:, -1]
    return np.array([spread[row, count:].sum() for row, count in enumerate(counts)])


def _corrected(p: NDArray[np.float64], tries: int) -> NDArray[np.float64]:
    """What share of the finds would be false, were each as rare counted: Benjamini and Hochberg over all that were near."""
    order = np.argsort(p)
    ranked = p[order] * max(tries, len(p)) / np.arange(1, len(p) + 1)
    lowest = np.minimum.accumulate(ranked[::-1])[::-1]
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1.0, lowest)
    return corrected
