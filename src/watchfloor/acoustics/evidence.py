"""What is known of a located source that speaks for one kind of sound or another: values, and how they are read off a source. Pure.

It weighs nothing (`weigh`), and knows nothing of what anybody said of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from watchfloor.acoustics.count import Count, count_of
from watchfloor.acoustics.drift import moved
from watchfloor.acoustics.model import Air, Array, Floats, Pulses, Source
from watchfloor.acoustics.pattern import Pattern, pattern_of
from watchfloor.acoustics.sound import travel_s
from watchfloor.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a source. Arrays of n are by the sensors that were up, of k by its rounds.

    `peak_db` is each sensor's level of the loudest of its pulses (dB SPL; NaN where it has none or tells none); `moved_m` how far each
    round was from the middle of all, to `moved_error_m` (NaN where too few heard it). `lasts_s`: since the first sound of this place.
    `local` is the agency's local time, None where nobody asks of the night. `nights_before`: fireworks that people confirmed in each
    night before, the last one first.
    """

    way_m: Floats
    heard: NDArray[np.bool_]
    peak_db: Floats
    pattern: Pattern
    count: Count
    moved_m: Floats
    moved_error_m: Floats
    lasts_s: float
    local: datetime | None = None
    nights_before: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Raises Invalid for what cannot be: arrays that do not fit, a way that is none, a time without its zone, a night below zero."""
        if not self.way_m.shape == self.heard.shape == self.peak_db.shape or self.way_m.ndim != 1:
            raise Invalid("Each sensor needs a way, whether it heard it, and a level or NaN.")
        if not (np.isfinite(self.way_m) & (self.way_m > 0)).all() or np.isinf(self.peak_db).any():
            raise Invalid(
                "A way is a finite number of metres above zero, and a level a finite number of decibels."
            )
        if self.moved_m.shape != (len(self.moved_error_m), 2):
            raise Invalid("Each round needs a move, of two numbers, and its error.")
        if self.local is not None and self.local.tzinfo is None:
            raise Invalid("The local time needs its zone.")
        if not 0 <= self.lasts_s < np.inf or any(night < 0 for night in self.nights_before):
            raise Invalid("How long it lasted and how many fireworks a night had are numbers not below zero.")


def evidence_of(
    source: Source,
    array: Array,
    pulses: Pulses,
    air: Air,
    *,
    local: datetime | None = None,
    peaks_db: Floats | None = None,
    lasts_s: float = 0.0,
    nights_before: Sequence[int] = (),
) -> Evidence:
    """What is known of a source that `explained` found in these pulses. `peaks_db` (m): each pulse's level, NaN where it has none.

    Raises Invalid as `Evidence` does, and for levels that are not the pulses'.
    """
    levels = np.full(len(pulses), np.nan) if peaks_db is None else peaks_db
    if levels.shape != pulses.times_s.shape:
        raise Invalid("Each pulse needs a level, or NaN for none.")
    times = [shot.at_s for shot in source.shots]
    count = count_of(source, array)
    pattern = pattern_of(times, one=count.of(1))
    heard = np.zeros(len(array), dtype=bool)
    heard[source.heard_by] = True
    _, way = travel_s(array, air, np.array([source.place_m]))
    shifts, errors = moved(source, array, pulses, air)
    return Evidence(
        way[0],
        heard,
        _loudest(source, len(array), levels),
        pattern,
        count,
        shifts,
        errors,
        max(lasts_s, pattern.lasts_s),
        local,
        tuple(nights_before),
    )


def _loudest(source: Source, sensors: int, levels: Floats) -> Floats:
    loudest = np.full(sensors, np.nan)
    for shot in source.shots:
        on = np.flatnonzero(shot.pulses >= 0)
        loudest[on] = np.fmax(loudest[on], levels[shot.pulses[on]])
    return loudest
