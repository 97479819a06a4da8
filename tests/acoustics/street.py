"""A street to hear shots in, drawn by chance: bent and longer ways, echoes, clutter. It shares forms with what it tests, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchfloor.acoustics.model import Array, Floats, Pulses

SPEED_MPS = 340.8  # air of 15 degrees, half moist
WINDOW_S = 6.0


@dataclass(frozen=True)
class Fired:
    """Where and when a weapon was fired."""

    place_m: tuple[float, float]
    at_s: tuple[float, ...]


def array(sensors: int, seed: int, *, wide_m: float = 900.0, clutter_per_s: float = 0.05) -> Array:
    """Sensors strewn over a square, not two in one place."""
    chance = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(sensors)))
    grid = np.array([(x, y) for x in range(side) for y in range(side)], float)[:sensors]
    flat = (grid - (side - 1) / 2) * wide_m / side + chance.uniform(-60, 60, (sensors, 2))
    return Array(np.column_stack([flat, np.full(sensors, 6.0)]), np.full(sensors, clutter_per_s))


def heard(
    over: Array,
    fired: list[Fired],
    seed: int,
    *,
    echoes: float = 0.0,
    dead: frozenset[int] = frozenset(),
    clock_off_s: dict[int, float] | None = None,
) -> Pulses:
    """What the sensors report of it. `dead` ones report nothing at all; the clocks of some are off by so much."""
    chance = np.random.default_rng(seed)
    pulses: list[tuple[int, float]] = []
    for one in fired:
        way = np.hypot(*(over.places_m[:, :2] - np.array(one.place_m)).T)
        later = 0.005 * chance.standard_t(5, len(over)) + np.where(
            chance.random(len(over)) < 0.15, chance.exponential(0.02, len(over)), 0.0
        )
        hears = (chance.random(len(over)) > 0.1) & (way < 900)
        for at in one.at_s:
            for sensor in np.flatnonzero(hears & (chance.random(len(over)) > 0.05)).tolist():
                came = float(at + way[sensor] / SPEED_MPS + later[sensor] + chance.normal(0, 0.001))
                pulses.append((sensor, came))
                pulses += [(sensor, came + chance.exponential(0.4)) for _ in range(chance.poisson(echoes))]
    for sensor, rate in enumerate(over.clutter_per_s):
        pulses += [(sensor, t) for t in chance.uniform(0, WINDOW_S, chance.poisson(WINDOW_S * rate))]
    off = clock_off_s or {}
    return pulses_of([(s, t + off.get(s, 0.0)) for s, t in pulses if s not in dead])


def pulses_of(pulses: list[tuple[int, float]]) -> Pulses:
    """In the order given, which is not that of time; what lies outside the window is not known."""
    known = [(s, t) for s, t in pulses if 0.0 <= t <= WINDOW_S]
    return Pulses(
        np.array([s for s, _ in known], dtype=np.intp), np.array([t for _, t in known]), 0.0, WINDOW_S
    )


def moved(over: Array, by_m: tuple[float, float], turned_deg: float) -> Array:
    """The same sensors somewhere else, turned about the frame's middle."""
    return Array(
        np.column_stack([turn(over.places_m[:, :2], turned_deg) + by_m, over.places_m[:, 2]]),
        over.clutter_per_s,
    )


def turn(places_m: Floats, degrees: float) -> Floats:
    """Places (k, 2) turned about the frame's middle."""
    way = np.radians(degrees)
    turned: Floats = places_m @ np.array([[np.cos(way), np.sin(way)], [-np.sin(way), np.cos(way)]])
    return turned
