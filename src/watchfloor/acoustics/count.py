"""How many rounds were fired, as likely as each number is: some that were told are none, some that were fired were not told. Pure.

It looks at no level, and at the rhythm (`pattern`) only for whether it was a string. Nothing here was fitted to a recorded round; how
often it is right is measured on drawn nights and on recorded fire (bench/README.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.acoustics.model import Array, Floats, Source
from watchfloor.acoustics.pattern import pattern_of
from watchfloor.acoustics.rounds import AGAIN, NEAREST_S
from watchfloor.acoustics.scene import ROUND_PRICE, STEP_S
from watchfloor.kit.errors import Invalid

# What of ten rounds' numbers is held by low and high.
_HELD: Final = 0.90
# A sensor's share of rounds heard is learnt from this source alone, as from so many rounds that it heard as usual.
_AS_USUAL: Final = 2.0
# What was refused is hardly a round: had it been likelier than not, it would have been told.
_MOST_REFUSED: Final = 0.5
# A wall behind a weapon answers so often that it is reported, and then after so long at most (a wall 35 m behind).
_ANSWERS: Final = 0.5
_ANSWERS_WITHIN_S: Final = 0.2
# So often a count is wrong for a reason that nobody thought of, half of it by a round too many.
_ELSE: Final = 0.01
_MOST_MISSED: Final = 40
# From so many rounds on a rhythm may be a burning string's; it has between so many times as many bangs as were told, on a log scale.
_STRING: Final = 6
# Before its rhythm is known: what is assumed of sources is 8 gunfire to 6 fireworks (`classify`), of which two in five are strings (log).
_STRINGS: Final = float(np.log(0.4 * 6 / 8))
_LEAST_TIMES: Final = 0.7
_MOST_TIMES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Count:
    """The rounds that were told, and how likely each number is: `likely[k]` of `first + k`, in all 1."""

    told: int
    first: int
    likely: tuple[float, ...]

    def of(self, rounds: int) -> float:
        """How likely it is that exactly so many were fired."""
        inside = 0 <= rounds - self.first < len(self.likely)
        return self.likely[rounds - self.first] if inside else 0.0

    @property
    def exact(self) -> float:
        """How likely it is that the number told is the number fired."""
        return self.of(self.told)

    @property
    def low(self) -> int:
        """With `high`: the true number lies between in nine of ten, as likely beneath as above."""
        return self.first + int(np.searchsorted(np.cumsum(self.likely), (1 - _HELD) / 2 + 1e-9))

    @property
    def high(self) -> int:
        """See `low`."""
        return self.first + int(np.searchsorted(np.cumsum(self.likely), (1 + _HELD) / 2 - 1e-9))


def count_of(source: Source, array: Array) -> Count:
    """How many rounds a source fired. Raises Invalid for a source without a round, or one of another array."""
    from scipy.special import expit

    if not source.shots:
        raise Invalid("A source without a round has none to be counted.")
    if any(len(shot.pulses) != len(array) for shot in source.shots):
        raise Invalid(
            "The source is of another array: each of its rounds has one pulse, or none, for each sensor."
        )
    adds = np.sort([shot.adds for shot in source.shots])
    told = _sum_of(expit(adds[:-1] - ROUND_PRICE))
    refused = _sum_of(np.minimum(expit(np.array(source.refused) - ROUND_PRICE), _MOST_REFUSED))
    missed = _poisson(_unheard(source) + _merged(source))
    # That it fired at all is not in question here: the round that adds most is one.
    likely = np.concatenate([[0.0], np.convolve(np.convolve(told, refused), missed)])
    doubled = _doubled(source, array)
    halved = np.zeros(len(likely))
    halved[len(source.shots) // 2] = 1.0
    likely = (1 - doubled) * likely + doubled * halved
    return _counted(len(source.shots), _as_string(source, likely))


def _as_string(source: Source, likely: Floats) -> Floats:
    """With how many it may be if it was no weapon: what burns jumps by metres, and what keeps no step is not told, or is told twice."""
    from scipy.special import expit

    told = len(source.shots)
    rhythm = pattern_of([shot.at_s for shot in source.shots]).rhythm
    string = float(expit(rhythm.string - rhythm.weapon + _STRINGS)) if told >= _STRING else 0.0
    numbers = np.arange(max(len(likely), int(_MOST_TIMES * told) + 1))
    wide = np.where(
        (numbers >= _LEAST_TIMES * told) & (numbers <= _MOST_TIMES * told), 1 / np.maximum(numbers, 1), 0
    )
    longer = np.zeros(len(numbers))
    longer[: len(likely)] = likely
    mixed: Floats = (1 - string) * longer / longer.sum() + string * wide / wide.sum()
    return mixed


def _counted(told: int, likely: Floats) -> Count:
    """With what nobody thought of, and without numbers that are next to impossible."""
    likely = likely / likely.sum()
    more, fewer = np.roll(likely, 1), np.roll(likely, -1)
    more[0], more[-1] = 0.0, more[-1] + likely[-1]
    fewer[0], fewer[-1] = 0.0, 0.0
    fewer[1] += likely[1]
    likely = (1 - _ELSE) * likely + _ELSE / 2 * (more + fewer)
    kept = np.flatnonzero(likely > 1e-6)
    first, last = min(int(kept[0]), told), max(int(kept[-1]), told)
    shares = likely[first : last + 1]
    return Count(told, first, tuple((shares / shares.sum()).tolist()))


def _sum_of(chances: Floats) -> Floats:
    """How likely each number of these is to be so, from none to all."""
    likely = np.ones(1)
    for chance in chances.tolist():
        likely = np.convolve(likely, [1 - chance, chance])
    return likely


def _poisson(mean: float) -> Floats:
    """How likely each number is of what comes so often on average."""
    from scipy.special import gammaln

    numbers = np.arange(_MOST_MISSED)
    likely: Floats = np.exp(numbers * np.log(max(mean, 1e-12)) - mean - gammaln(numbers + 1))
    return likely


def _heard(source: Source) -> Floats:
    """Which of the sensors that heard it heard which round (k, n), as 0 and 1."""
    heard = np.array([shot.pulses for shot in source.shots]) >= 0
    by_sensor: Floats = heard[:, heard.any(axis=0)].astype(np.float64)
    return by_sensor


def _unheard(source: Source) -> float:
    """How many rounds more too few sensors heard to be told, by how many of the told ones each heard and by what a hit adds."""
    from scipy.special import bdtr

    heard = _heard(source)
    rounds, sensors = heard.shape
    miss = np.log1p(-AGAIN)
    hits = heard.sum(axis=1)
    adds = np.array([shot.adds for shot in source.shots])
    known = np.isfinite(adds) & (hits > 0)
    if not known.any():
        return 0.0
    each = float(((adds - (sensors - hits) * miss) / np.maximum(hits, 1))[known].mean())
    needed = int(np.ceil((ROUND_PRICE - sensors * miss) / max(each - miss, 1e-6)))
    hears = (heard.sum() + _AS_USUAL * sensors * AGAIN) / ((rounds + _AS_USUAL) * sensors)
    if needed < 1:
        return 0.0
    chance = min(float(bdtr(min(needed - 1, sensors), sensors, hears)), 0.95)
    return float(rounds) * chance / (1 - chance)


def _merged(source: Source) -> float:
    """How many rounds more were fired too soon after another to be told from it: of even fire none, of a string some."""
    from scipy.special import gammainc

    gaps = np.diff(np.sort([shot.at_s for shot in source.shots]))
    if len(gaps) < 3 or gaps.mean() <= 0:
        return 0.0
    even = 1 / max(float((gaps.std() / gaps.mean()) ** 2), 1e-4)
    return len(gaps) * float(gammainc(even, even * NEAREST_S / gaps.mean()))


def _doubled(source: Source, array: Array) -> float:
    """How likely every second round is a wall's answer to the one before.

    A wall close behind answers all sensors after the same time only if they lie the same way from it: its answer comes as from the place
    mirrored, and keeps step to `STEP_S` among sensors within so narrow an arc.
    """
    at = np.sort([shot.at_s for shot in source.shots])
    if len(at) % 2:
        return 0.0
    lags, between = at[1::2] - at[::2], at[2::2] - at[1:-1:2]
    even = len(between) > 0 and abs(float(between.mean() - lags.mean())) < STEP_S
    if even or np.ptp(lags) > STEP_S or lags.mean() > _ANSWERS_WITHIN_S:
        return 0.0
    away = array.places_m[source.heard_by, :2] - np.array(source.place_m)
    ways = np.sort(np.arctan2(away[:, 0], away[:, 1]))
    arc = 2 * np.pi - float(np.diff([*ways, ways[0] + 2 * np.pi]).max())
    apart = lags.mean() * (1 - np.cos(min(arc / 2, np.pi)))
    return _ANSWERS if apart < STEP_S else 0.0
