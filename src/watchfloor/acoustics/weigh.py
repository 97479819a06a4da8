"""What each piece of evidence says for each kind of sound, as log-likelihoods with a sentence and where the weight comes from. Pure.

Each is plain and bounded: no piece decides alone. No number here was learnt from labelled sounds, since none of fireworks are at hand
(docs/design/sound-classes.md, decision 42).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.acoustics.evidence import Evidence
from watchfloor.acoustics.hearing import STREET, heard
from watchfloor.acoustics.kind import Piece, SoundKind
from watchfloor.acoustics.model import Floats
from watchfloor.acoustics.nights import by_calendar, by_nights_before, named

GUN, FIREWORKS, OTHER, UNKNOWN = SoundKind.GUNFIRE, SoundKind.FIREWORKS, SoundKind.OTHER, SoundKind.UNKNOWN
# No piece is worth more than e to this between two kinds: what is assumed of each is less sure than that.
MOST: Final = 3.0


# Shares of a kind, each a normal or lognormal: how many, around what, how wide.
_Mixture = Sequence[tuple[float, float, float]]
# Or each by one number.
_Shares = Sequence[tuple[float, float]]
# The range in metres at which half of the sensors hear it. Gunfire's is `hearing.Street`'s; the others' are judgement: crackers are
# as loud up close and shorter, backfires some 15 dB softer, thunder comes from far above.
_HALF_M: Final[Mapping[SoundKind, _Mixture]] = {
    GUN: [(1.0, STREET.half_m, 0.35)],
    FIREWORKS: [(1.0, 580.0, 0.6)],
    OTHER: [(0.9, 300.0, 0.6), (0.1, 3000.0, 0.5)],
    UNKNOWN: [(1.0, 500.0, 1.0)],
}
_HALVES_M: Final = np.geomspace(60.0, 8000.0, 40)
# Sensors of one street hear alike, so that each counts half.
_EACH_SENSOR: Final = 0.5
# Peak level at one metre, dB. Weapons 140 to 175 by calibre (Murphy 2012), 159 to 163 beside handguns and a rifle (Dater 2014), less
# behind; firecrackers 165 to 160 (171 at 0.5 m, 142 at 8 m: Flamme 2009), strings less; backfires and thunder are judgement.
_LOUD_DB: Final[Mapping[SoundKind, _Mixture]] = {
    GUN: [(1.0, 157.0, 8.0)],
    FIREWORKS: [(1.0, 154.0, 10.0)],
    OTHER: [(0.9, 138.0, 10.0), (0.1, 185.0, 10.0)],
    UNKNOWN: [(1.0, 150.0, 18.0)],
}
# What houses and air take besides distance, and how unsure that is, by the metre. How unsure a level is near by: nobody has calibrated
# the microphones, and one that samples 12,000 times a second cuts the peak of a blast that lasts half a millisecond.
_TAKEN_DB_PER_M: Final = 0.035
_TAKEN_APART: Final = 0.015
_LEVEL_APART_DB: Final = 12.0
_NEAREST: Final = 3
# Rounds: how many are one sound alone, and of more how many on average. Of Washington's alerts 47 % were a single shot.
_ROUNDS: Final[Mapping[SoundKind, _Shares]] = {
    GUN: [(0.47, 1.0), (0.53, 5.0)],
    FIREWORKS: [(0.35, 1.0), (0.25, 4.0), (0.40, 30.0)],
    OTHER: [(0.80, 1.0), (0.20, 3.0)],
    UNKNOWN: [(0.50, 1.0), (0.50, 10.0)],
}
_NEVER: Final = -30.0
# How long a place goes on, in seconds, where it goes on for more than these: judgement.
_LONG_S: Final = 10.0
_LASTS_S: Final[Mapping[SoundKind, _Shares]] = {
    GUN: [(1.0, 8.0)],
    FIREWORKS: [(0.5, 8.0), (0.5, 300.0)],
    OTHER: [(0.8, 8.0), (0.2, 300.0)],
    UNKNOWN: [(0.7, 8.0), (0.3, 300.0)],
}
# How far it moves from round to round, in metres: who fires stands or steps, a string jumps, a car drives. Judgement.
_MOVES_M: Final[Mapping[SoundKind, _Shares]] = {
    GUN: [(1.0, 0.4)],
    FIREWORKS: [(0.5, 0.4), (0.5, 1.5)],
    OTHER: [(0.7, 0.4), (0.3, 4.0)],
    UNKNOWN: [(0.6, 0.4), (0.4, 3.0)],
}


def pieces(evidence: Evidence) -> tuple[Piece, ...]:
    """Every piece of evidence there is, also those that say nothing."""
    return (*heard_pieces(evidence), *around_pieces(evidence.lasts_s, evidence.local, evidence.nights_before))


def heard_pieces(evidence: Evidence) -> tuple[Piece, ...]:
    """What the pulses of a source say by themselves: the same whenever and wherever it was."""
    each: Sequence[Callable[[Evidence], Piece]] = (reach, level, rounds, rhythm, drift)
    return tuple(one(evidence) for one in each)


def around_pieces(lasts_s: float, local: datetime | None, nights_before: Sequence[int]) -> tuple[Piece, ...]:
    """What is known besides: how long the place goes on, which night it is, what people confirmed in those before."""
    return (duration(lasts_s), night(local), before(nights_before))


def _piece(name: str, by: Mapping[SoundKind, float], sentence: str, rests_on: str) -> Piece:
    """With what it says kept within `MOST` from one kind to another, around 0."""
    values = np.array([by[kind] for kind in SoundKind])
    values = np.maximum(values, values.max() - MOST)
    values = values - values.mean()
    return Piece(name, dict(zip(SoundKind, values.tolist(), strict=True)), sentence, rests_on)


def _nothing(name: str, sentence: str, rests_on: str) -> Piece:
    return Piece(name, dict.fromkeys(SoundKind, 0.0), sentence, rests_on)


def _log_of(parts: Sequence[tuple[float, float]]) -> float:
    """Shares and the logarithm of each one's density, as one."""
    return float(np.logaddexp.reduce([math.log(share) + value for share, value in parts]))


def reach(evidence: Evidence) -> Piece:
    """How far it was heard: the sensors that heard it and those that did not, each at its range."""
    chance = np.clip(heard(evidence.way_m[None] * (STREET.half_m / _HALVES_M[:, None])), 1e-4, 0.999)
    each = np.where(evidence.heard[None], np.log(chance), np.log1p(-chance)).sum(axis=1) * _EACH_SENSOR
    by = {}
    for kind, parts in _HALF_M.items():
        log_half = [
            math.log(share) - 0.5 * (np.log(_HALVES_M / half) / apart) ** 2 - math.log(apart)
            for share, half, apart in parts
        ]
        by[kind] = float(np.logaddexp.reduce(np.logaddexp.reduce(log_half) + each))
    usual = heard(evidence.way_m)
    expected, also = float(usual.sum()), int(evidence.heard.sum())
    far = "as a shot would be"
    if also < 0.6 * expected:
        far = "less far than a shot would be"
    elif also > 1.5 * expected + 1:
        far = "farther than a shot would be"
    sentence = f"{also} microphones heard it where {expected:.0f} would be expected to hear a shot: it was heard {far}."
    return _piece("reach", by, sentence, "assumed ranges of hearing; the array has not learnt its own yet")


def level(evidence: Evidence) -> Piece:
    """How loud it was at its place, by the nearest sensors that tell a level."""
    on = np.flatnonzero(np.isfinite(evidence.peak_db))
    rests_on = "levels at a metre as published: weapons 140 to 175 dB, firecrackers about 160"
    if not len(on):
        return _nothing("level", "No microphone told how loud it was.", rests_on)
    on = on[np.argsort(evidence.way_m[on], kind="stable")][:_NEAREST]
    way = evidence.way_m[on]
    at_one = evidence.peak_db[on] + 20 * np.log10(np.maximum(way, 1.0)) + _TAKEN_DB_PER_M * way
    loud = float(np.median(at_one))
    apart = math.hypot(_LEVEL_APART_DB, _TAKEN_APART * float(way.mean()))
    by = {
        kind: _log_of(
            [(share, _normal(loud, middle, math.hypot(wide, apart))) for share, middle, wide in parts]
        )
        for kind, parts in _LOUD_DB.items()
    }
    said = "as loud as weapons and as firecrackers are"
    if loud < 146:
        said = "softer than weapons usually are"
    elif loud > 172:
        said = "louder than weapons and firecrackers are"
    return _piece(
        "level", by, f"By the nearest microphones it was some {loud:.0f} dB at a metre, {said}.", rests_on
    )


def _normal(value: float, middle: float, wide: float) -> float:
    return -0.5 * ((value - middle) / wide) ** 2 - math.log(wide)


def rounds(evidence: Evidence) -> Piece:
    """How many rounds, each number as likely as it is."""
    count = evidence.count
    by = {}
    for kind, parts in _ROUNDS.items():
        shares = [
            (likely, _log_of([(share, _so_many(count.first + k, mean)) for share, mean in parts]))
            for k, likely in enumerate(count.likely)
            if likely > 0 and count.first + k > 0
        ]
        by[kind] = _log_of(shares)
    between = "" if count.low == count.high else f" (likely {count.low} to {count.high})"
    many = "one bang" if count.told == 1 else f"{count.told} bangs"
    sentence = f"It was {many}{between}: weapons and fireworks both are."
    if count.told > 20:
        sentence = (
            f"It was {many}{between}: more than most who fire, and fewer than many a string of crackers."
        )
    return _piece(
        "rounds",
        by,
        sentence,
        "47 % of Washington's alerts of 2006 to 2011 were one shot; the rest is judgement",
    )


def _so_many(number: int, mean: float) -> float:
    """One alone where the mean is 1; else two or more, geometrically, with that mean (log)."""
    if (mean == 1.0) != (number == 1):
        return _NEVER
    ends = 1 / (mean - 1) if number > 1 else 1.0
    return math.log(ends) + (number - 2) * math.log1p(-ends) if number > 1 else 0.0


def rhythm(evidence: Evidence) -> Piece:
    """How even the gaps are: as a weapon's, as a burning string's, or anyhow."""
    told, rests_on = (
        evidence.pattern.rhythm,
        "rates that handbooks give of weapons; of strings of crackers judgement",
    )
    if evidence.pattern.rounds < 2:
        return _nothing("rhythm", "One bang has no rhythm.", rests_on)
    by = {
        # One in ten is fired by two, whose gaps together are like a string's: a fight must not pass for crackers by its gaps.
        GUN: _log_of([(0.8, told.weapon), (0.1, told.string), (0.1, told.anything)]),
        FIREWORKS: _log_of([(0.6, told.string), (0.1, told.weapon), (0.3, told.anything)]),
        OTHER: _log_of([(0.2, told.string), (0.8, told.anything)]),
        UNKNOWN: _log_of([(0.3, told.string), (0.2, told.weapon), (0.5, told.anything)]),
    }
    sentence = "Its gaps would be a weapon's as well as anything else's."
    if by[GUN] - by[FIREWORKS] > 1:
        sentence = "Its gaps are as even as a weapon's."
    elif by[FIREWORKS] - by[GUN] > 1:
        sentence = "Its gaps are as quick and uneven as a burning string of crackers."
    return _piece("rhythm", by, sentence, rests_on)


def duration(lasts: float) -> Piece:
    """How long the place went on, in seconds, where that is long."""
    rests_on = "judgement: few who fire go on for a minute"
    if lasts <= _LONG_S:
        return _nothing("duration", f"It was over within {max(lasts, 1):.0f} s, as most are.", rests_on)
    by = {
        kind: _log_of([(share, -(lasts - _LONG_S) / mean) for share, mean in parts])
        for kind, parts in _LASTS_S.items()
    }
    said = f"{lasts:.0f} s" if lasts < 120 else f"{lasts / 60:.0f} minutes"
    return _piece("duration", by, f"The place has gone on for {said}, longer than most who fire.", rests_on)


def drift(evidence: Evidence) -> Piece:
    """How far the place moved from round to round."""
    on = np.isfinite(evidence.moved_error_m) & np.isfinite(evidence.moved_m).all(axis=1)
    rests_on = "judgement: who fires stands or steps, a string jumps about, a car drives on"
    if on.sum() < 2:
        return _nothing("drift", "Whether the place moved cannot be told.", rests_on)
    away, error = evidence.moved_m[on], evidence.moved_error_m[on]
    by = {
        kind: _log_of([(share, _moves(away, error, wide)) for share, wide in parts])
        for kind, parts in _MOVES_M.items()
    }
    far = float(np.median(np.hypot(away[:, 0], away[:, 1])))
    sentence = f"From round to round the place moved by {far:.1f} m, {'as one who stands' if far < 1 else 'more than one who stands'}."
    return _piece("drift", by, sentence, rests_on)


def _moves(away: Floats, error: Floats, wide: float) -> float:
    squared = error**2 + wide**2
    return float((-0.5 * (away**2).sum(axis=1) / squared - np.log(squared)).sum())


def night(local: datetime | None) -> Piece:
    """Which night it is, in the agency's local time; None where nobody asks."""
    weight, name = (by_calendar(local), named(local)) if local is not None else (0.0, "")
    rests_on = "alerts by night of Washington DC, 2006 to 2011; half of the excess, on a log scale, is taken for fireworks"
    if not name:
        return _nothing("night", "It is no night on which fireworks are usual.", rests_on)
    times = math.exp(weight)
    said = f"It is a night {name}" if name.startswith("around") else f"It is the night of {name}"
    sentence = f"{said}: fireworks are {times:.0f} times as likely against gunfire as in other nights."
    return _piece("night", {GUN: 0.0, FIREWORKS: weight, OTHER: 0.0, UNKNOWN: 0.0}, sentence, rests_on)


def before(counts: Sequence[int]) -> Piece:
    """What people confirmed as fireworks in each of the nights before, the last one first."""
    rests_on = "the center's own verdicts; a usual night is taken to have one in two"
    if not counts:
        return _nothing("nights_before", "Of fireworks in the nights before nothing is known.", rests_on)
    weight = by_nights_before(counts)
    most = "more" if weight > 0.2 else "fewer" if weight < -0.2 else "as many"
    than = "as usual" if most == "as many" else "than usual"
    nights = "night" if len(counts) == 1 else f"{len(counts)} nights"
    sentence = f"In the {nights} before, people confirmed {sum(counts)} fireworks, {most} {than}."
    return _piece(
        "nights_before", {GUN: 0.0, FIREWORKS: weight, OTHER: 0.0, UNKNOWN: 0.0}, sentence, rests_on
    )
