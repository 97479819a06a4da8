"""How far a source moved from round to round: the same sensors' delays, which stay while it does not move. Pure.

What bends the way to a sensor bends it for every round alike, so a move of a metre shows where a place is known to several only.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from watchfloor.acoustics.hearing import STREET, Street
from watchfloor.acoustics.model import Air, Array, Floats, Ints, Pulses, Source
from watchfloor.acoustics.sound import travel_s

# Three unknowns, a place and a moment, and one to say how well they fit.
_FEWEST: Final = 4
# An arrival further from its sensor's own delay keeps to nothing (`Street.stray_share`).
_STRAY_S: Final = 0.006


def moved(
    source: Source, array: Array, pulses: Pulses, air: Air, *, street: Street = STREET
) -> tuple[Floats, Floats]:
    """How far each round was from the middle of all, in metres east and north (k, 2), and the error of each (k); NaN of a round that
    too few sensors heard."""
    place = np.array(source.place_m)
    travel, way = travel_s(array, air, place[None])
    slope = (place - array.places_m[:, :2]) / way[0, :, None] * (travel / way)[0, :, None]
    found = np.full((len(source.shots), 2), np.nan)
    error = np.full(len(source.shots), np.nan)
    for k, shot in enumerate(source.shots):
        on = np.flatnonzero((shot.pulses >= 0) & np.isfinite(source.offsets_s))
        late = pulses.times_s[shot.pulses[on]] - shot.at_s - travel[0, on] - source.offsets_s[on]
        kept = np.abs(late - np.median(late)) < _STRAY_S if len(on) else np.zeros(0, dtype=bool)
        if kept.sum() >= _FEWEST:
            found[k], error[k] = _step(slope, on[kept], late[kept], street.jitter_s)
    known = np.isfinite(error)
    return (found - np.median(found[known], axis=0) if known.any() else found), error


def _step(slope: Floats, on: Ints, late: Floats, jitter_s: float) -> tuple[Floats, float]:
    """The move (2) that explains best how late each of these sensors heard it, and its error in metres along the worse axis."""
    # A sensor's own delay is one of its rounds', as unsure as each.
    design = np.column_stack([slope[on], np.ones(len(on))])
    normal = np.linalg.pinv(design.T @ design)
    spread = 2 * jitter_s**2 * normal[:2, :2]
    return (normal @ design.T @ late)[:2], float(np.sqrt(np.linalg.eigvalsh(spread)[1]))
