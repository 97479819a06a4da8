"""How long sound takes from a place to a sensor: by the straight way, through air of a temperature, with the wind. Pure.

It knows nothing of walls: what they add is `hearing`'s.
"""

from __future__ import annotations

import numpy as np

from watchfloor.acoustics.model import SAME_PLACE_M, Air, Array, Floats


def speed_mps(air: Air) -> float:
    """Of sound in still air (Cramer 1993, to 0.1 m/s between -20 and 45 degrees): dry air, and what moisture adds."""
    kelvin = air.temperature_c + 273.15
    dry = 331.3 * np.sqrt(kelvin / 273.15)
    vapour_hpa = air.humidity * 6.112 * np.exp(17.62 * air.temperature_c / (243.12 + air.temperature_c))
    return float(dry * (1 + 0.16 * vapour_hpa / 1013.25))


def ground_m(array: Array, places_m: Floats) -> Floats:
    """How high the ground is at places (k, 2), by the sensors around (k): the nearer, the more; none is known better."""
    away = places_m[:, None, :] - array.places_m[None, :, :2]
    weight = 1.0 / np.maximum((away**2).sum(axis=2), 50.0**2)
    level: Floats = (weight * array.places_m[:, 2]).sum(axis=1) / weight.sum(axis=1)
    return level


def travel_s(array: Array, air: Air, places_m: Floats) -> tuple[Floats, Floats]:
    """Seconds from places (k, 2) to every sensor (k, n), and the way in metres (k, n)."""
    height = ground_m(array, places_m)
    flat = array.places_m[None, :, :2] - places_m[:, None, :]
    rise = array.places_m[None, :, 2] - height[:, None]
    way = np.maximum(np.sqrt((flat**2).sum(axis=2) + rise**2), SAME_PLACE_M)
    along = (flat @ np.array(air.wind_mps)) / way
    return way / (speed_mps(air) + along), way
