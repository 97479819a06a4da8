"""Measure listening as it goes on all night: what a city's array costs that hears nothing, and how soon a shot in it is told.

The microphones, the street and the clutter are the simulator's. What is looked at, when, and what is told of it is the center's own. There
is no network and no database between the two: a pulse has come when it was heard, a telling is made when it is reckoned. CPU is all that
this process used in looking, user and system.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np

from watchfloor.acoustics import due, stream
from watchfloor.acoustics.due import SLOT_S, Hint, slot_of
from watchfloor.acoustics.listen import SETTLES_S
from watchfloor.acoustics.located import Heard, Located
from watchfloor.acoustics.microphone import MicrophoneId
from watchfloor.acoustics.model import Air
from watchfloor.acoustics.neighbourhood import Ear, Neighbourhood, neighbourhoods
from watchfloor.acoustics.stream import Stretch
from watchfloor.acoustics.weather import Weather
from watchfloor.bench._say import at_least, in_turn, say
from watchfloor.kit.geo import Point, distance_m
from watchfloor_sim.acoustic_array import AcousticArray, Place, Sound, Street, grid, shots

_APART_M: Final = 330.0
_BEGAN_S: Final = 1_900_000_000.0
_LASTS_S: Final = 16.0
_FIRED_S: Final = 6.0
_ORIGIN: Final = Point(38.63, -90.2)
_PER_LAT: Final = 111_320.0
_PER_LON: Final = _PER_LAT * math.cos(math.radians(_ORIGIN.lat))
_STREET: Final = Street(nlos_share=0.3, echoes=1.5)
_AIR: Final = Air(15.0, humidity=0.0)


@dataclass(frozen=True, slots=True)
class Shot:
    """What became of one event: from the last pulse that its first telling rests on to that telling, how far off it and the last one were,
    and how many sources were told in the end."""

    after_s: float
    first_off_m: float
    last_off_m: float
    sources: int


def run(
    as_json: bool,
    *,
    events: int = 10,
    seed: int = 0,
    microphones: int = 300,
    clutter_per_s: float = 2.0,
    quiet_s: float = 20.0,
) -> dict[str, object]:
    """Fire three rounds somewhere in an array, so many times, amid so many pulses a second of each microphone; and listen to nothing.

    Example: watchfloor bench gunshots --events 10 --json
    """
    at_least(1, events=events)
    at_least(0, seed=seed)
    at_least(16, microphones=microphones)
    cost_s, told_of_nothing = _quiet(microphones, clutter_per_s, quiet_s, seed)
    told = [_event(number, seed, microphones, clutter_per_s) for number in in_turn("events", range(events))]
    found = [one for one in told if one is not None]
    values: dict[str, object] = {
        "events": events,
        "microphones": microphones,
        "clutter_per_s": clutter_per_s,
        "seed": seed,
        "cpu_s_per_s": round(cost_s, 3),
        "told_of_nothing": told_of_nothing,
        "detected": round(len(found) / events, 3),
        "pulse_to_telling_p50_s": _nth([one.after_s for one in found], 0.5),
        "pulse_to_telling_max_s": _nth([one.after_s for one in found], 1.0),
        "first_off_p90_m": _nth([one.first_off_m for one in found], 0.9),
        "last_off_p90_m": _nth([one.last_off_m for one in found], 0.9),
        "doubled": sum(one.sources > 1 for one in found),
    }
    say(values, as_json=as_json)
    return values


def _quiet(microphones: int, clutter_per_s: float, lasts_s: float, seed: int) -> tuple[float, int]:
    """What a second of clutter alone costs, and how many sources it is told to have."""
    ears, stretch = _heard([], microphones, clutter_per_s, seed, lasts_s)
    around, told, began = neighbourhoods(ears), 0, time.process_time()
    slots = range(slot_of(_BEGAN_S) + 1, slot_of(_BEGAN_S + lasts_s))
    for slot in slots:
        told += len(stream.hints(around, stretch.part(*due.looked_at(slot)), _AIR))
    return (time.process_time() - began) / (len(slots) * SLOT_S), told


def _event(number: int, seed: int, microphones: int, clutter_per_s: float) -> Shot | None:
    """One event, looked at slot by slot as time goes on; None where it was never told."""
    chance = np.random.default_rng([seed, number])
    reach = _APART_M * (math.sqrt(microphones) - 1) / 2 - _APART_M
    place = (float(chance.uniform(-reach, reach)), float(chance.uniform(-reach, reach)))
    fired = shots(place, _FIRED_S + float(chance.uniform(0, SLOT_S)), 3)
    ears, stretch = _heard([fired], microphones, clutter_per_s, int(chance.integers(1 << 30)), _LASTS_S)
    around, there = neighbourhoods(ears), _point(place)
    hints: dict[int, tuple[Hint, ...]] = {}
    first: tuple[float, float] | None = None
    last_off, count = math.inf, 0
    for slot in range(slot_of(_BEGAN_S) + 1, slot_of(_BEGAN_S + _LASTS_S)):
        told_s, told = _look(slot, hints, ears, around, stretch)
        if told is None:
            continue
        near = [distance_m(one.middle, there) for one in told]
        last_off, count = min(near, default=math.inf), len(near)
        if first is None and near:
            surest = told[near.index(last_off)]
            came = dict(zip(stretch.heard, stretch.times_s.tolist(), strict=True))
            first = told_s - max(came[pulse] for pulse in surest.pulses), last_off
    return Shot(first[0], first[1], last_off, count) if first is not None else None


def _look(
    slot: int,
    hints: dict[int, tuple[Hint, ...]],
    ears: tuple[Ear, ...],
    around: Sequence[Neighbourhood],
    stretch: Stretch,
) -> tuple[float, list[Located] | None]:
    """Look at a slot once it has settled: when it is told (seconds since 1970), and what, if anything is due."""
    settled = due.looked_at(slot)[1] + SETTLES_S
    known, began = stretch.part(stretch.begins_s, settled), time.process_time()
    hints[slot] = stream.hints(around, known.part(*due.looked_at(slot)), _AIR)
    accounts = [stream.account(ears, one, known, Weather(_AIR)) for one in due.due(hints, [slot])]
    told_s = settled + time.process_time() - began
    return told_s, [one for told in accounts for one in told.sources] if accounts else None


def _heard(
    sounds: Sequence[Sound], microphones: int, clutter_per_s: float, seed: int, lasts_s: float
) -> tuple[tuple[Ear, ...], Stretch]:
    there = grid(microphones, apart_m=_APART_M, seed=seed, clutter_per_s=clutter_per_s)
    ears = tuple(
        Ear(MicrophoneId(UUID(int=n + 1)), _point(ear.place), ear.height_m, clutter_per_s)
        for n, ear in enumerate(there)
    )
    heard = [
        one for one in AcousticArray(there, seed, _STREET).hears(sounds, lasts_s) if 0.0 <= one.at_s < lasts_s
    ]
    pulses: list[Heard] = [(ears[one.ear].id, one.key) for one in heard]
    times = np.array([_BEGAN_S + one.at_s for one in heard])
    return ears, Stretch(_BEGAN_S, _BEGAN_S + lasts_s, tuple(pulses), times)


def _point(place: Place) -> Point:
    return Point(_ORIGIN.lat + place[1] / _PER_LAT, _ORIGIN.lon + place[0] / _PER_LON)


def _nth(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    return round(sorted(values)[max(math.ceil(share * len(values)) - 1, 0)], 2)
