"""How a source was fired: how fast, how evenly; by one finger, an automatic weapon or two weapons. From its rounds' moments alone. Pure.

It names no weapon and nobody who fired it. The numbers are judgement, each said where it stands; none was fitted to a recorded round
(docs/design/sound-classes.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from watchfloor.acoustics.model import Floats
from watchfloor.kit.errors import Invalid


class Fire(StrEnum):
    """How it was fired, if it was a weapon."""

    SINGLE = "single"
    BURST = "burst"
    AUTOMATIC = "automatic"
    TWO_WEAPONS = "two_weapons"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How likely the gaps between rounds are (log-likelihoods, of the same gaps): by weapons, by a string of crackers, by anything that
    bangs."""

    weapon: float
    string: float
    anything: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """How it was fired. `per_s` and `evenness` (1: every gap alike; towards 0: anyhow) are None where there are too few rounds."""

    rounds: int
    lasts_s: float
    per_s: float | None
    evenness: float | None
    likely: Mapping[Fire, float]
    """How likely each is, if it was a weapon: sums to 1."""
    rhythm: Rhythm

    @property
    def most(self) -> Fire:
        """The likeliest; of two as likely the plainer."""
        return max(self.likely, key=lambda fire: self.likely[fire])


# What is thought before the rhythm is known, of more than one round.
_BEFORE: Final[Mapping[Fire, float]] = {Fire.BURST: 0.75, Fire.AUTOMATIC: 0.15, Fire.TWO_WEAPONS: 0.10}
# A finger: its mean gap from a fast one's to a slow one's, and how uneven one person fires.
_FINGER_S: Final = np.geomspace(0.14, 1.5, 10)
_FINGER_USUAL_S: Final = 0.35
_FINGER_APART: Final = 0.5
_FINGER_UNEVEN: Final = 0.25
# An automatic weapon: 480 to 1,330 rounds a minute (handbooks give 600 to 1,200), and how uneven one fires.
_AUTOMATIC_S: Final = np.geomspace(0.045, 0.125, 16)
_AUTOMATIC_UNEVEN: Final = 0.05
# A moment is known to this, after the reckoning.
_MOMENT_S: Final = 0.002
# So often whoever fires waits, and about so long.
_WAITS: Final = 0.10
_WAIT_S: Final = 1.5
_WAIT_APART: Final = 1.0
# So often a round of an automatic weapon is not found, so that a gap is two.
_SKIPS: Final = 0.05
# A string of crackers: the mean gap of a fast and of a slow fuse, and how uneven it burns.
_STRING_S: Final = np.geomspace(0.03, 0.3, 8)
_STRING_UNEVEN: Final = 0.8
# Anything that bangs: gaps of a tenth of a second to ten seconds.
_ANY_S: Final = 1.0
_ANY_APART: Final = 1.5
# When a second weapon begins: within some four seconds, either way.
_SECOND_PER_S: Final = 0.25
# More rounds than these tell no more of a rhythm, and cost their square.
_MOST: Final = 60
_NEVER: Final = -1e9


def pattern_of(times_s: Sequence[float], *, one: float | None = None) -> Pattern:
    """How a source was fired that fired at these moments; in any order. `one` is how likely they are one round in truth (`count`).

    Raises Invalid where there is no moment, or one that is no number.
    """
    times = np.sort(np.asarray(times_s, dtype=np.float64))
    if not len(times) or not np.isfinite(times).all():
        raise Invalid(
            "A pattern needs the moment of each round, at least of one: finite numbers, in seconds."
        )
    rounds, lasts = len(times), float(times[-1] - times[0])
    gaps = np.maximum(np.diff(times), _MOMENT_S)
    single = (1.0 if rounds == 1 else 0.0) if one is None else min(max(one, 0.0), 1.0)
    fired = _fired(times[:_MOST], gaps[: _MOST - 1])
    shares = np.exp(np.array(list(fired.values())) - np.logaddexp.reduce(list(fired.values())))
    likely = {Fire.SINGLE: single}
    likely |= {fire: (1 - single) * float(share) for fire, share in zip(fired, shares, strict=True)}
    return Pattern(
        rounds,
        lasts,
        (rounds - 1) / lasts if lasts > 0 else None,
        1 / (1 + float(gaps.std() / gaps.mean())) if rounds > 2 else None,
        likely,
        Rhythm(
            float(np.logaddexp.reduce(list(fired.values()))),
            _over(_lognormal(gaps[: _MOST - 1], _STRING_S, _STRING_UNEVEN), np.zeros(len(_STRING_S))),
            float(_lognormal(gaps[: _MOST - 1], np.array([_ANY_S]), _ANY_APART).sum()),
        ),
    )


def _fired(times: Floats, gaps: Floats) -> dict[Fire, float]:
    """How likely the moments are with each way to fire, with what is thought before (log)."""
    if not len(gaps):
        # A further round that nobody heard says nothing of the rhythm.
        return {fire: math.log(share) for fire, share in _BEFORE.items()}
    slow = -0.5 * (np.log(_FINGER_S / _FINGER_USUAL_S) / _FINGER_APART) ** 2
    told = {
        Fire.BURST: _over(_finger(gaps), slow),
        Fire.AUTOMATIC: _over(_automatic(gaps), np.zeros(len(_AUTOMATIC_S))),
        Fire.TWO_WEAPONS: _two(times, slow),
    }
    return {fire: value + math.log(_BEFORE[fire]) for fire, value in told.items()}


def _over(each: Floats, before: Floats) -> float:
    """Gaps (k) by every rate (r): how likely they are if one rate holds for all of them and nobody knows which."""
    return float(np.logaddexp.reduce(each.sum(axis=0) + before) - np.logaddexp.reduce(before))


def _lognormal(gaps: Floats, usual_s: Floats, apart: float) -> Floats:
    """The density (log) of gaps (k) around each usual one (r)."""
    off = (np.log(gaps)[:, None] - np.log(usual_s)[None]) / apart
    return -0.5 * off**2 - math.log(apart * math.sqrt(2 * math.pi)) - np.log(gaps)[:, None]


def _finger(gaps: Floats) -> Floats:
    """The density (log) of gaps (k) at each of a finger's rates."""
    even = _lognormal(gaps, _FINGER_S, _FINGER_UNEVEN) + math.log1p(-_WAITS)
    return np.logaddexp(even, _waits(gaps))


def _automatic(gaps: Floats) -> Floats:
    """The density (log) of gaps (k) at each of an automatic weapon's rates."""
    even = _normal(gaps, _AUTOMATIC_S) + math.log1p(-_WAITS - _SKIPS)
    skipped = _normal(gaps, 2 * _AUTOMATIC_S) + math.log(_SKIPS)
    return np.logaddexp(np.logaddexp(even, skipped), _waits(gaps))


def _waits(gaps: Floats) -> Floats:
    return _lognormal(gaps, np.array([_WAIT_S]), _WAIT_APART) + math.log(_WAITS)


def _normal(gaps: Floats, usual_s: Floats) -> Floats:
    spread = np.hypot(_AUTOMATIC_UNEVEN * usual_s, _MOMENT_S)[None]
    return -0.5 * ((gaps[:, None] - usual_s[None]) / spread) ** 2 - np.log(spread * math.sqrt(2 * math.pi))


def _two(times: Floats, slow: Floats) -> float:
    """How likely the moments are if each is one of two weapons', nobody knows which: summed over every way to part them.

    A weapon's next gap depends on its own last round alone, so all that is carried from round to round is who fired it and when the
    other fired last: the first of both may be either, `first[j]` and `other[j]` are by the other's last round j.
    """
    rounds = len(times)
    gap = np.maximum(times[:, None] - times[None], _MOMENT_S)
    each = np.concatenate([_finger(gap.ravel()), _automatic(gap.ravel())], axis=1).reshape(rounds, rounds, -1)
    before = np.concatenate(
        [
            slow - np.logaddexp.reduce(slow) + math.log(0.7),
            np.full(len(_AUTOMATIC_S), math.log(0.3 / len(_AUTOMATIC_S))),
        ]
    )
    a, b = (
        side.ravel() for side in np.meshgrid(np.arange(len(before)), np.arange(len(before)), indexing="ij")
    )
    by_first, by_other, half = each[:, :, a], each[:, :, b], math.log(0.5)
    first = np.full(
        (rounds, len(a)), _NEVER
    )  # the first weapon fired the last round, the other its last at j
    other = np.full((rounds, len(a)), _NEVER)
    alone = np.zeros(len(a))  # the other has not fired yet
    for k in range(1, rounds):
        begins = alone + math.log(_SECOND_PER_S) + half
        turned = np.logaddexp.reduce(first[:k] + by_other[k, :k], axis=0) + half
        back = np.logaddexp.reduce(other[:k] + by_first[k, :k], axis=0) + half
        first[:k] += by_first[k, k - 1] + half
        other[:k] += by_other[k, k - 1] + half
        alone = alone + by_first[k, k - 1] + half
        first[k - 1], other[k - 1] = back, np.logaddexp(turned, begins)
    ways = np.logaddexp.reduce(np.concatenate([first, other]), axis=0)
    return float(np.logaddexp.reduce(ways + before[a] + before[b]))
