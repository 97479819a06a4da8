"""Measure location on drawn nights, whose truth is known: clean timing, a street that bends and answers, two shooters, crackers, wrong air,
and clutter alone.

The street is the simulator's (`watchfloor_sim.acoustic_array`), which was not made from what the reckoning assumes; it is no city all
the same. Recorded live fire is `locate`'s. CPU is all that this process used in locating, user and system.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from watchfloor.acoustics.model import Air
from watchfloor.bench._say import at_least, in_turn, say
from watchfloor.bench._sounded import (
    AS_DRAWN,
    BEGINS_S,
    BENT,
    LISTENED_S,
    Chance,
    Event,
    Row,
    Told,
    somewhere,
    sounded,
)
from watchfloor.bench._sounds import count, of_count, of_sounds, sound
from watchfloor.kit.errors import Invalid
from watchfloor_sim.acoustic_array import Street, firecrackers, shots

_CLEAN: Final = Street(nlos_share=0.0, bend_s=0.005, jitter_s=0.0, echoes=0.0)
_ROUNDS: Final = 3
_BETWEEN_M: Final = 300.0
# Whoever is told nearer than this to his own place is told apart from the other.
_APART_FROM_OTHER_M: Final = _BETWEEN_M / 3
_CRACKERS: Final = 30
_CLUTTER_PER_S: Final = 2.0
_CITY: Final = 300


def run(
    as_json: bool, *, events: int = 30, seed: int = 0, microphones: int = 49, only: str = ""
) -> dict[str, object]:
    """Locate drawn events, so many of each kind (of strings of crackers a tenth, of a city's clutter a fifteenth, of rounds to count and
    sounds to tell apart twice as many), by so many microphones.

    --only measures one kind: clean, street, two, crackers, count, sounds, warm, wind, nothing or city.

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
            numbers = range(math.ceil(events * row.share))
            told = [sounded(name, row, number, seed, size) for number in in_turn(f"{name}: events", numbers)]
            values |= row.figures(told)
            values[f"{name}_cpu_s"] = round(sum(one.cpu_s for one in told) / len(told), 3)
    say(values, as_json=as_json)
    return values


def _clean(chance: Chance) -> Event:
    return Event([shots(somewhere(chance), BEGINS_S, 1)], _CLEAN)


def _street(chance: Chance) -> Event:
    return Event([shots(somewhere(chance), BEGINS_S, _ROUNDS)], BENT)


def _two(chance: Chance) -> Event:
    middle, way = somewhere(chance), chance.uniform(0, 2 * math.pi)
    east, north = _BETWEEN_M / 2 * math.sin(way), _BETWEEN_M / 2 * math.cos(way)
    first = shots((middle[0] + east, middle[1] + north), BEGINS_S, _ROUNDS)
    after = BEGINS_S + chance.uniform(0, 2)
    return Event(
        [first, shots((middle[0] - east, middle[1] - north), after, _ROUNDS + 1, every_s=0.27)], BENT
    )


def _crackers(chance: Chance) -> Event:
    return Event(
        [firecrackers(somewhere(chance), BEGINS_S, _CRACKERS, seed=int(chance.integers(1 << 30)))], BENT
    )


def _warm(chance: Chance) -> Event:
    event = _street(chance)
    return Event(event.sounds, event.street, Air(AS_DRAWN.temperature_c + 10, humidity=0.0))


def _wind(chance: Chance) -> Event:
    event, way = _street(chance), chance.uniform(0, 2 * math.pi)
    wind = (5 * math.sin(way), 5 * math.cos(way))
    return Event(event.sounds, Street(wind_mps=wind, nlos_share=BENT.nlos_share, echoes=BENT.echoes))


def _nothing(_: Chance) -> Event:
    return Event([], BENT, clutter_per_s=_CLUTTER_PER_S)


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
    return round(sum(one.cpu_s for one in told) / len(told) / LISTENED_S, 3)


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
    "count": Row(count, of_count, 2),
    "sounds": Row(sound, of_sounds, 2),
    "warm": Row(_warm, lambda told: {"warm_10_c_p90_m": _p90(_off(told))}),
    "wind": Row(_wind, lambda told: {"wind_5_mps_p90_m": _p90(_off(told))}),
    "nothing": Row(_nothing, of_nothing),
    "city": Row(_nothing, of_city, 1 / 15, _CITY),
}
