"""What the acoustic slice speaks of: sensors, pulses, the air between, shots, sources. Frozen, without clock or database.

It knows no street and no camera. Places are metres in a flat frame of the array's own (x east, y north, z up); whoever calls turns
degrees into metres. Times are seconds from a moment of the caller's, as floats: a day of them still tells microseconds apart.
What cannot be (a NaN, a clock before its window) raises Invalid where it is made, so that nothing further in has to ask.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.kit.errors import Invalid

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Narrow = NDArray[np.float32]

# Two places nearer than this are one, in metres: no array tells them apart.
SAME_PLACE_M: Final = 1e-6
# What a sensor picks twice within this, in seconds, is one arrival: a blast's own front lasts that long.
ONE_PULSE_S: Final = 0.010
# Weather beyond these was not measured outdoors: degrees Celsius, metres a second.
_COLDEST_C: Final = -60.0
_HOTTEST_C: Final = 60.0
_STORM_MPS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Air:
    """The weather that sound goes through: degrees Celsius, relative humidity 0 to 1, the wind's way in m/s east and north."""

    temperature_c: float = 15.0
    humidity: float = 0.5
    wind_mps: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        """Raises Invalid for weather that there is none of on Earth; NaN is none."""
        if not (
            _COLDEST_C <= self.temperature_c <= _HOTTEST_C
            and 0.0 <= self.humidity <= 1.0
            and np.hypot(*self.wind_mps) <= _STORM_MPS
        ):
            raise Invalid(f"There is no such air: {self}.")


@dataclass(frozen=True, slots=True)
class Array:
    """Sensors that could have heard: `places_m` (n, 3), how often each reports a pulse of nothing (`clutter_per_s`, n).

    A sensor that is known to be down does not belong in it: that it reports nothing would speak against a shot beside it.
    """

    places_m: Floats
    clutter_per_s: Floats

    def __post_init__(self) -> None:
        """Raises Invalid for places that are none, or a rate that is none."""
        if self.places_m.ndim != 2 or self.places_m.shape[1] != 3 or not np.isfinite(self.places_m).all():
            raise Invalid("Each sensor needs a place: three finite numbers, in metres.")
        if (
            self.clutter_per_s.shape != (len(self.places_m),)
            or not (np.isfinite(self.clutter_per_s) & (self.clutter_per_s >= 0)).all()
        ):
            raise Invalid("Each sensor needs a rate of clutter: a finite number, not below zero.")

    def __len__(self) -> int:
        """How many sensors."""
        return len(self.places_m)


@dataclass(frozen=True, slots=True)
class Pulses:
    """What they reported in the window looked at: which sensor (m, indices), when it arrived (m, seconds).

    `begins_s` and `ends_s` are the window: a pulse outside would not be known.
    """

    sensors: Ints
    times_s: Floats
    begins_s: float
    ends_s: float

    def __post_init__(self) -> None:
        """Raises Invalid where a number is none, a sensor has no index, or a pulse lies outside the window."""
        window = np.array([self.begins_s, self.ends_s])
        if not np.isfinite(window).all() or self.begins_s > self.ends_s:
            raise Invalid("The window needs a beginning and, not before it, an end.")
        if self.sensors.shape != self.times_s.shape or self.times_s.ndim != 1:
            raise Invalid("Each pulse needs one sensor and one time.")
        if not np.issubdtype(self.sensors.dtype, np.integer) or (self.sensors < 0).any():
            raise Invalid("A pulse's sensor is its index in the array: a whole number from 0.")
        # A NaN is neither before nor after anything: asked this way round, it is not inside.
        if not ((self.times_s >= self.begins_s) & (self.times_s <= self.ends_s)).all():
            raise Invalid("Each pulse needs a finite time within the window.")

    def __len__(self) -> int:
        """How many pulses."""
        return len(self.times_s)

    def of(self, index: Ints) -> Pulses:
        """These pulses alone, in this order."""
        return Pulses(self.sensors[index], self.times_s[index], self.begins_s, self.ends_s)

    def once(self) -> Ints:
        """The pulses (indices) without what a sensor reported within `ONE_PULSE_S` after another of its own; by sensor, then time."""
        order = np.lexsort((self.times_s, self.sensors))
        kept: list[int] = []
        for k in order.tolist():
            before = kept[-1] if kept else k
            again = self.times_s[k] - self.times_s[before] < ONE_PULSE_S
            if k == before or self.sensors[k] != self.sensors[before] or not again:
                kept.append(k)
        return np.array(kept, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """An area around a place: half axes in metres, the long one's bearing in degrees clockwise from north (0 to 180)."""

    major_m: float
    minor_m: float
    bearing_deg: float

    def holds(self, east_m: float, north_m: float) -> bool:
        """Whether a point this far from the middle lies in it."""
        way = np.radians(self.bearing_deg)
        along = east_m * np.sin(way) + north_m * np.cos(way)
        across = east_m * np.cos(way) - north_m * np.sin(way)
        return bool((along / self.major_m) ** 2 + (across / self.minor_m) ** 2 <= 1.0)


@dataclass(frozen=True, slots=True)
class Region:
    """Where it was when an ellipse would lie: cells (k, 2) of a square grid, their middles in metres, `cell_m` wide."""

    cells_m: Floats
    cell_m: float

    def holds(self, x_m: float, y_m: float) -> bool:
        """Whether a place lies in it."""
        near = np.abs(self.cells_m - np.array([x_m, y_m])).max(axis=1)
        return bool((near <= self.cell_m / 2).any())


@dataclass(frozen=True, slots=True)
class Shot:
    """One round: when it was fired, and which pulse (index, -1 for none) each sensor has of it.

    `adds` is what it adds, as a log-likelihood against its not having been fired; infinite where nobody reckoned it.
    """

    at_s: float
    pulses: Ints
    adds: float = math.inf


@dataclass(frozen=True, slots=True)
class Source:
    """A place from which rounds were fired, with what speaks for it.

    `log_odds` is the log-likelihood that these pulses are its own against each being its sensor's clutter or another's echo.
    `region` is there where no ellipse would be honest; then `place_m` is the middle of the likeliest part of it, to point a map at
    and not to rely on.
    """

    place_m: tuple[float, float]
    shots: tuple[Shot, ...]
    log_odds: float
    half: Ellipse
    most: Ellipse
    """The ellipses that hold the place with 50 and with 95 percent."""
    region: Region | None = None
    offsets_s: Floats = field(default_factory=lambda: np.zeros(0))
    """How much later than the straight way each sensor heard it (n; NaN where it did not)."""
    refused: tuple[float, ...] = ()
    """What further moments would have added that were not taken for rounds: log-likelihoods as `Shot.adds`."""

    @property
    def heard_by(self) -> Ints:
        """The sensors that have a pulse of it."""
        found: Ints = np.flatnonzero((np.array([shot.pulses for shot in self.shots]) >= 0).any(axis=0))
        return found
