"""Measure location on drawn nights, whose truth is known: clean timing, a street that bends and answers, two shooters, crackers, wrong air,
and clutter alone.

The street is the simulator's (`watchfloor_sim.acoustic_array`), which was not made from what the reckoning assumes; it is no city all
the same. Recorded live fire is `locate`'s. CPU is all that this process used in locating, user and system.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.model import Air, Array, Floats, Pulses, Source
from watchfloor.bench._say import at_least, say
from watchfloor.kit.errors import Invalid
from watchfloor_sim.acoustic_array import (
    AcousticArray,
    Heard,
    Place,
    Sound,
    Street,
    firecrackers,
    grid,
    shots,
)

Chance = np.random.Generator
_APART_M: Final = 330.0
"""24 microphones a square mile, as arrays that were published have."""
_WITHIN_M: Final = 500.0
_BEGINS_S: Final = 2.0
_AFTER_S: Final = 4.0
_AS_DRAWN: Final = Air(15.0, humidity=0.0)
_CLEAN: Final = Street(nlos_share=0.0, bend_s=0.005, jitter_s=0.0, echoes=0.0)
_BENT: Final = Street(nlos_share=0.3, echoes=1.5)
_ROUNDS: Final = 3
_BETWEEN_M: Final = 300.0
# Whoever is told nearer than this to his own place is told apart from the other.
_APART_FROM_OTHER_M: Final = _BETWEEN_M / 3
_CRACKERS: Final = 30
_CLUTTER_PER_S: Final = 2.0
_LISTENED_S: Final = 10.0
_CITY: Final = 300


@dataclass(frozen=True, slots=True)
class Event:
    """What happens, in which street, and which air is believed; `clutter_per_s` of each microphone, which it is known by."""

    sounds: Sequence[Sound]
    street: Street
    air: Air = _AS_DRAWN
    clutter_per_s: float = 0.1


@dataclass(frozen=True, slots=True)
class Told:
    """What was made of an event. `bound_m2`: the least mean squared error of any unbiased way, where timing is clean."""

    event: Event
    sources: tuple[Source, ...]
    bound_m2: float
    cpu_s: float

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


def run(
    as_json: bool, *, events: int = 30, seed: int = 0, microphones: int = 49, only: str = ""
) -> dict[str, object]:
    """Locate drawn events, so many of each kind (of strings of crackers a tenth, of a city's clutter a fifteenth), by so many microphones.

    --only measures one kind: clean, street, two, crackers, warm, wind, nothing or city.

    Example: watchfloor bench acoustics --events 30 --json
    """
    at_least(1, events=events)
    at_least(0, seed=seed)
    at_least(16, microphones=microphones)
    if only and only not in ROWS:
        raise Invalid(f"--only is {only!r}, which is none of {', '.join(ROWS)}.")
    values: dict[str, object] = {"events": events, "microphones": microphones, "seed": seed}
    for name, row in ROWS.items():
        if only in ("", name):
            size = row.microphones or microphones
            told = [_heard(name, row, number, seed, size) for number in range(math.ceil(events * row.share))]
            values |= row.figures(told)
            values[f"{name}_cpu_s"] = round(sum(one.cpu_s for one in told) / len(told), 3)
    say(values, as_json=as_json)
    return values


def _heard(name: str, row: Row, number: int, seed: int, microphones: int) -> Told:
    """One event drawn, heard and reckoned."""
    chance = np.random.default_rng([seed, number, *name.encode()])
    event = row.draw(chance)
    ears = grid(
        microphones, apart_m=_APART_M, seed=int(chance.integers(1 << 30)), clutter_per_s=event.clutter_per_s
    )
    made = AcousticArray(ears, int(chance.integers(1 << 30)), event.street)
    ends = (
        max((at for sound in event.sounds for at in sound.times_s), default=_LISTENED_S - _AFTER_S) + _AFTER_S
    )
    heard = [one for one in made.hears(event.sounds, ends) if 0.0 <= one.at_s <= ends]
    array = Array(
        np.array([(*ear.place, ear.height_m) for ear in ears]), np.full(len(ears), event.clutter_per_s)
    )
    pulses = Pulses(np.array([one.ear for one in heard]), np.array([one.at_s for one in heard]), 0.0, ends)
    began = time.process_time()
    sources = explained(array, pulses, event.air)
    return Told(event, sources, _bound_m2(made, event, heard), time.process_time() - began)


def _bound_m2(made: AcousticArray, event: Event, heard: Sequence[Heard]) -> float:
    """Cramer's and Rao's bound of the squared distance, by the microphones that heard it and the spread of their timing; its moment
    is unknown too."""
    ears = sorted({one.ear for one in heard if one.of == "gunfire"})
    if len(ears) < 3:
        return math.inf
    away = np.array([made.ears[ear].place for ear in ears]) - np.array(event.sounds[0].places[0])
    slope: Floats = away / np.hypot(*away.T)[:, None] / made.street.speed_mps
    centred = slope - slope.mean(axis=0)
    return float(np.trace(np.linalg.inv(centred.T @ centred)) * made.street.bend_s**2)


def _somewhere(chance: Chance) -> Place:
    way, away = chance.uniform(0, 2 * math.pi), _WITHIN_M * math.sqrt(chance.uniform(0, 1))
    return away * math.sin(way), away * math.cos(way)


def _clean(chance: Chance) -> Event:
    return Event([shots(_somewhere(chance), _BEGINS_S, 1)], _CLEAN)


def _street(chance: Chance) -> Event:
    return Event([shots(_somewhere(chance), _BEGINS_S, _ROUNDS)], _BENT)


def _two(chance: Chance) -> Event:
    middle, way = _somewhere(chance), chance.uniform(0, 2 * math.pi)
    east, north = _BETWEEN_M / 2 * math.sin(way), _BETWEEN_M / 2 * math.cos(way)
    first = shots((middle[0] + east, middle[1] + north), _BEGINS_S, _ROUNDS)
    after = _BEGINS_S + chance.uniform(0, 2)
    return Event(
        [first, shots((middle[0] - east, middle[1] - north), after, _ROUNDS + 1, every_s=0.27)], _BENT
    )


def _crackers(chance: Chance) -> Event:
    return Event(
        [firecrackers(_somewhere(chance), _BEGINS_S, _CRACKERS, seed=int(chance.integers(1 << 30)))], _BENT
    )


def _warm(chance: Chance) -> Event:
    event = _street(chance)
    return Event(event.sounds, event.street, Air(_AS_DRAWN.temperature_c + 10, humidity=0.0))


def _wind(chance: Chance) -> Event:
    event, way = _street(chance), chance.uniform(0, 2 * math.pi)
    wind = (5 * math.sin(way), 5 * math.cos(way))
    return Event(event.sounds, Street(wind_mps=wind, nlos_share=_BENT.nlos_share, echoes=_BENT.echoes))


def _nothing(_: Chance) -> Event:
    return Event([], _BENT, clutter_per_s=_CLUTTER_PER_S)


def of_clean(told: Sequence[Told]) -> dict[str, object]:
    """How near to what no unbiased way does better than."""
    found = [one for one in told if one.sources]
    squared = sum(one.off_m**2 for one in found) / max(sum(one.bound_m2 for one in found), 1e-9)
    return {
        "clean_detected": len(found) / len(told),
        "clean_p90_m": _p90(_off(told)),
        "rmse_over_crlb": round(math.sqrt(squared), 3) if found else None,
    }


def of_street(told: Sequence[Told]) -> dict[str, object]:
    """Of three rounds with bent ways and echoes."""
    exact = sum(bool(one.sources) and len(one.sources[0].shots) == _ROUNDS for one in told)
    return {
        "street_detected": round(sum(bool(one.sources) for one in told) / len(told), 3),
        "street_p90_m": _p90(_off(told)),
        "street_rounds_exact": round(exact / len(told), 3),
        "street_ghosts_per_event": round(sum(max(len(one.sources) - 1, 0) for one in told) / len(told), 3),
    }


def of_two(told: Sequence[Told]) -> dict[str, object]:
    """How often each of both is a source of its own, how far off both are, and what is told besides."""
    away = [[one.away_m(sound.places[0], surest=8) for sound in one.event.sounds] for one in told]
    both = sum(max(one) <= _APART_FROM_OTHER_M for one in away)
    more = sum(max(len(one.sources) - 2, 0) for one in told)
    return {
        "two_separated": round(both / len(told), 3),
        "two_p90_m": _p90([each for one in away for each in one]),
        "two_ghosts_per_event": round(more / len(told), 3),
    }


def of_crackers(told: Sequence[Told]) -> dict[str, object]:
    """How many sources a string comes to: one is what it is."""
    counts = [len(one.sources) for one in told]
    return {
        "crackers_most_sources": max(counts),
        "crackers_one_at_most": round(sum(n <= 1 for n in counts) / len(told), 3),
    }


def of_nothing(told: Sequence[Told]) -> dict[str, object]:
    """In how many stretches of clutter alone something was located, and what a second of them costs."""
    return {
        "nothing_located": sum(bool(one.sources) for one in told),
        "nothing_cpu_s_per_s": _cpu_s_per_s(told),
    }


def of_city(told: Sequence[Told]) -> dict[str, object]:
    """The same of a whole city's array, looked at in one piece."""
    return {"city_located": sum(bool(one.sources) for one in told), "city_cpu_s_per_s": _cpu_s_per_s(told)}


def _cpu_s_per_s(told: Sequence[Told]) -> float:
    return round(sum(one.cpu_s for one in told) / len(told) / _LISTENED_S, 3)


def _p90(off_m: Sequence[float]) -> float | None:
    """What is not located counts as farther than all."""
    value = sorted(off_m)[math.ceil(0.9 * len(off_m)) - 1]
    return round(value, 2) if math.isfinite(value) else None


def _off(told: Sequence[Told]) -> list[float]:
    return [one.off_m for one in told]


ROWS: Final = {
    "clean": Row(_clean, of_clean),
    "street": Row(_street, of_street),
    "two": Row(_two, of_two),
    "crackers": Row(_crackers, of_crackers, 1 / 10),
    "warm": Row(_warm, lambda told: {"warm_10_c_p90_m": _p90(_off(told))}),
    "wind": Row(_wind, lambda told: {"wind_5_mps_p90_m": _p90(_off(told))}),
    "nothing": Row(_nothing, of_nothing),
    "city": Row(_nothing, of_city, 1 / 15, _CITY),
}
