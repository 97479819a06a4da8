"""Events drawn in the simulator's street, heard by its microphones and reckoned: what the rows of `acoustics` are made of."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.model import Air, Array, Floats, Pulses, Source
from watchfloor_sim.acoustic_array import AcousticArray, Heard, Place, Sound, Street, grid

Chance = np.random.Generator
_APART_M: Final = 330.0
"""24 microphones a square mile, as arrays that were published have."""
_WITHIN_M: Final = 500.0
BEGINS_S: Final = 2.0
_AFTER_S: Final = 4.0
LISTENED_S: Final = 10.0
AS_DRAWN: Final = Air(15.0, humidity=0.0)
BENT: Final = Street(nlos_share=0.3, echoes=1.5)


@dataclass(frozen=True, slots=True)
class Event:
    """What happens, in which street, and which air is believed; `clutter_per_s` of each microphone, which it is known by; `down`: the share
    of microphones that are, which is known too. `name` is what the row calls it."""

    sounds: Sequence[Sound]
    street: Street
    air: Air = AS_DRAWN
    clutter_per_s: float = 0.1
    down: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What the microphones that are up reported, each pulse with its level (m, dB)."""

    array: Array
    pulses: Pulses
    peaks_db: Floats


@dataclass(frozen=True, slots=True)
class Told:
    """What was made of an event. `bound_m2`: the least mean squared error of any unbiased way, where timing is clean."""

    event: Event
    sources: tuple[Source, ...]
    bound_m2: float
    cpu_s: float
    window: Window | None = None

    @property
    def off_m(self) -> float:
        """From where it was fired to the surest source; infinite where nothing was located."""
        return self.away_m(self.event.sounds[0].places[0])

    def away_m(self, place: Place, *, surest: int = 1) -> float:
        """From a place to the nearest of the surest sources."""
        each = [math.dist(place, source.place_m) for source in self.sources[:surest]]
        return min(each, default=math.inf)


@dataclass(frozen=True, slots=True)
class Row:
    """Events of one kind: how one is drawn, what is said of all, how many of them, and by how large an array."""

    draw: Callable[[Chance], Event]
    figures: Callable[[Sequence[Told]], dict[str, object]]
    share: float = 1.0
    microphones: int | None = None


def sounded(name: str, row: Row, number: int, seed: int, microphones: int) -> Told:
    """One event drawn, heard and reckoned."""
    chance = np.random.default_rng([seed, number, *name.encode()])
    event = row.draw(chance)
    ears = grid(
        microphones, apart_m=_APART_M, seed=int(chance.integers(1 << 30)), clutter_per_s=event.clutter_per_s
    )
    made = AcousticArray(ears, int(chance.integers(1 << 30)), event.street)
    up = np.flatnonzero(chance.uniform(size=len(ears)) >= event.down) if event.down else np.arange(len(ears))
    ends = (
        max((at for sound in event.sounds for at in sound.times_s), default=LISTENED_S - _AFTER_S) + _AFTER_S
    )
    known = set(up.tolist())
    heard = [one for one in made.hears(event.sounds, ends) if 0.0 <= one.at_s <= ends and one.ear in known]
    window = Window(
        Array(
            np.array([(*ears[ear].place, ears[ear].height_m) for ear in up]),
            np.full(len(up), event.clutter_per_s),
        ),
        Pulses(
            np.searchsorted(up, [one.ear for one in heard]), np.array([one.at_s for one in heard]), 0.0, ends
        ),
        np.array([one.peak_db for one in heard]),
    )
    began = time.process_time()
    sources = explained(window.array, window.pulses, event.air)
    return Told(event, sources, _bound_m2(made, event, heard), time.process_time() - began, window)


def _bound_m2(made: AcousticArray, event: Event, heard: Sequence[Heard]) -> float:
    """Cramer's and Rao's bound of the squared distance, by the microphones that heard it and the spread of their timing; its moment
    is unknown too."""
    ears = sorted({one.ear for one in heard if one.of == "gunfire"})
    if len(ears) < 3:
        return math.inf
    away = np.array([made.ears[ear].place for ear in ears]) - np.array(event.sounds[0].places[0])
    slope: Floats = away / np.hypot(*away.T)[:, None] / made.street.speed_mps
    centred = slope - slope.mean(axis=0)
    return float(np.trace(np.linalg.pinv(centred.T @ centred)) * made.street.bend_s**2)


def somewhere(chance: Chance) -> Place:
    """A place near the middle of the array."""
    way, away = chance.uniform(0, 2 * math.pi), _WITHIN_M * math.sqrt(chance.uniform(0, 1))
    return away * math.sin(way), away * math.cos(way)
