"""The rows of `acoustics` that ask how many rounds, how they were fired and what it was: how events are drawn, and what is said of them.

What is drawn is the simulator's street and our judgement of how weapons, strings and cars sound. No recording of fireworks is in it, and
no figure here says how often a real one would be taken for a shot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import numpy as np

from watchfloor.acoustics.classify import Classified, classified
from watchfloor.acoustics.count import Count, count_of
from watchfloor.acoustics.evidence import evidence_of
from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.pattern import Fire, pattern_of
from watchfloor.bench._sounded import BEGINS_S, BENT, Chance, Event, Told, somewhere
from watchfloor_sim.acoustic_array import Place, Sound, backfires, firecrackers, thunder

ASSUMED: Final = (
    "drawn by the simulator: its levels, rhythms and moves of fireworks, backfires and thunder are our assumptions, "
    "and no recorded firework is in it"
)
# A night without fireworks of its own, so that what is told rests on the sound alone.
_USUAL_NIGHT: Final = datetime(2026, 2, 11, 3, 0, tzinfo=UTC)
_NEAR_M: Final = 100.0
# In these bands of what was said the share that was so is compared with it.
_BANDS: Final = (0.0, 0.5, 0.8, 0.95, 0.99, 1.0)


def _finger(chance: Chance, rounds: int) -> list[float]:
    gaps = chance.lognormal(math.log(chance.uniform(0.2, 0.6)), 0.3, rounds - 1)
    return [BEGINS_S, *(BEGINS_S + np.cumsum(np.maximum(gaps, 0.1))).tolist()]


def _automatic(chance: Chance, rounds: int) -> list[float]:
    gaps = chance.uniform(0.05, 0.11) * (1 + 0.03 * chance.standard_normal(rounds - 1))
    return [BEGINS_S, *(BEGINS_S + np.cumsum(gaps)).tolist()]


def _weapon(chance: Chance, place: Place) -> tuple[Fire, list[Sound]]:
    """One of: one round, some by a finger, an automatic's, two fingers' at one place."""
    fire = Fire(chance.choice([fire.value for fire in Fire], p=[0.25, 0.4, 0.2, 0.15]))
    rounds = int(chance.integers(2, 13))
    if fire is Fire.SINGLE:
        times = [BEGINS_S]
    elif fire is Fire.AUTOMATIC:
        times = _automatic(chance, rounds + 2)
    elif fire is Fire.BURST:
        times = _finger(chance, rounds)
    else:
        later = chance.uniform(0.05, 1.0)
        times = sorted(
            [*_finger(chance, rounds // 2 + 2), *(at + later for at in _finger(chance, rounds // 2 + 2))]
        )
    return fire, [Sound("gunfire", tuple(times), (place,) * len(times))]


def count(chance: Chance) -> Event:
    """Gunfire of one to some fourteen rounds, by an array of which up to seven tenths are down."""
    fire, sounds = _weapon(chance, somewhere(chance))
    return Event(sounds, BENT, down=float(chance.choice([0.0, 0.3, 0.5, 0.6, 0.7])), name=fire.value)


def sound(chance: Chance) -> Event:
    """Gunfire, a string of crackers, one salute alone, a car that backfires as it goes, or thunder."""
    place = somewhere(chance)
    name = str(
        chance.choice(["gunfire", "string", "salute", "backfire", "thunder"], p=[0.4, 0.2, 0.1, 0.15, 0.15])
    )
    drawn = int(chance.integers(1 << 30))
    if name == "gunfire":
        return replace(Event(_weapon(chance, place)[1], BENT), name=name)
    if name == "string":
        return Event(
            [firecrackers(place, BEGINS_S, int(chance.integers(8, 41)), seed=drawn)], BENT, name=name
        )
    if name == "salute":
        return Event([Sound("fireworks", (BEGINS_S,), (place,))], BENT, name=name)
    if name == "backfire":
        end = (place[0] + chance.uniform(-40, 40), place[1] + chance.uniform(-40, 40))
        return Event([backfires(place, end, BEGINS_S, int(chance.integers(1, 5)))], BENT, name=name)
    return Event(
        [thunder(chance.uniform(0, 360), chance.uniform(1500, 4000), BEGINS_S, seed=drawn)], BENT, name=name
    )


def of_count(told: Sequence[Told]) -> dict[str, object]:
    """How often the count is right and how often it says so; how often the pattern is what was drawn."""
    counted = [
        (len(one.event.sounds[0].times_s), count_of(one.sources[0], one.window.array))
        for one in told
        if one.window and one.off_m < _NEAR_M
    ]
    return {
        "count_events": len(told),
        "count_located": len(counted),
        **_counted(counted),
        **_patterns([one for one in told if one.off_m < _NEAR_M]),
    }


def _counted(counted: Sequence[tuple[int, Count]]) -> dict[str, object]:
    said = np.array([count.exact for _, count in counted])
    so = np.array([fired == count.told for fired, count in counted])
    inside = [count.low <= fired <= count.high for fired, count in counted]
    bands = [(said >= low) & (said < high + (high == 1.0)) for low, high in pairwise(_BANDS)]
    off = sum(abs(float(said[band].sum() - so[band].sum())) for band in bands)
    return {
        "count_exact": _share(so.tolist()),
        "count_said_exact": round(float(said.mean()), 3) if len(said) else None,
        "count_calibration_error": round(off / max(len(counted), 1), 3),
        "count_in_low_high": _share(inside),
        "count_bands": [
            {
                "said": round(float(said[band].mean()), 3),
                "was": _share(so[band].tolist()),
                "events": int(band.sum()),
            }
            for band in bands
            if band.any()
        ],
    }


def _patterns(told: Sequence[Told]) -> dict[str, object]:
    """Of those told with three rounds or more, by what was drawn: how often the likeliest pattern is it."""
    figures: dict[str, object] = {}
    for fire in Fire:
        mine = [
            one
            for one in told
            if one.event.name == fire.value and (fire is Fire.SINGLE or len(one.sources[0].shots) > 2)
        ]
        right = [pattern_of([shot.at_s for shot in one.sources[0].shots]).most is fire for one in mine]
        figures[f"pattern_{fire.value}_told"] = _share(right)
    return figures


def of_sounds(told: Sequence[Told]) -> dict[str, object]:
    """What each kind that was drawn is taken for, where it was located at all."""
    figures: dict[str, object] = {"sounds_assumed": ASSUMED}
    for name in ("gunfire", "string", "salute", "backfire", "thunder"):
        mine = [one for one in told if one.event.name == name]
        kinds = [kind for kind in map(_kind, mine) if kind is not None]
        figures |= {
            f"sounds_{name}_located": f"{len(kinds)} of {len(mine)}",
            f"sounds_{name}_said_gunfire": _share([kind.said is SoundKind.GUNFIRE for kind in kinds]),
            f"sounds_{name}_gunfire_mean": round(
                float(np.mean([k.likely[SoundKind.GUNFIRE] for k in kinds])), 3
            )
            if kinds
            else None,
        }
    return figures


def _kind(told: Told) -> Classified | None:
    if not told.sources or told.window is None:
        return None
    window = told.window
    evidence = evidence_of(
        told.sources[0],
        window.array,
        window.pulses,
        told.event.air,
        local=_USUAL_NIGHT,
        peaks_db=window.peaks_db,
    )
    return classified(evidence)


def _share(found: Sequence[bool]) -> float | None:
    return round(sum(found) / len(found), 3) if found else None
