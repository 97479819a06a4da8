"""Measure location on a recorded live-fire test: folders with every pulse, the surveyed place and the weather, through the real pipeline.

A test is a folder with `*.allpulses.json`, `*.survey.json` and `*.weather.json`, as in the data of Tech Note 098. Everything is worked
out from the raw pulses. Of a vendor's choice (`*.nlos-tuples.json`) only this is read: which sensors took part, where some are
drawn. CPU is all that this process used in locating, user and system.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from watchfloor.acoustics.classify import classified
from watchfloor.acoustics.count import Count
from watchfloor.acoustics.evidence import evidence_of
from watchfloor.acoustics.explain import explained
from watchfloor.acoustics.kind import SoundKind
from watchfloor.acoustics.model import Air, Array, Ellipse, Floats, Pulses, Source
from watchfloor.acoustics.scene import FEWEST
from watchfloor.bench._say import at_least, in_turn, say
from watchfloor.kit.errors import Invalid

# How often a sensor reports a pulse of nothing, where nobody has learnt it yet: before their shots, the sensors of the recorded tests
# reported 160 in 2,402 sensor-seconds, later than two seconds after them 291 in 3,140.
_CLUTTER_PER_S: Final = 0.10
# A night without fireworks of its own, so that what is told rests on the sound alone.
_USUAL_NIGHT: Final = datetime(2026, 2, 11, 3, 0, tzinfo=UTC)
# The squared radius that holds 95 percent of two dimensions, in standard deviations.
_MOST: Final = 5.9915


@dataclass(frozen=True, slots=True)
class Test:
    """One test: who could hear, what they reported, the air, where it was fired and how often."""

    __test__ = False  # no test of pytest's

    name: str
    array: Array
    pulses: Pulses
    air: Air
    place_m: Floats
    rounds: int
    took_part: tuple[int, ...]
    """By the vendor's own solution; empty where none lies beside the test."""
    peaks_db: Floats
    """Each pulse's level."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was made of one test."""

    name: str
    rounds: int
    off_m: float | None
    told: tuple[Source, ...]
    holds: bool
    count: Count | None = None
    gunfire: float | None = None
    """How likely it is said to be gunfire, in a night without fireworks of its own."""


def run(
    folder: Path,
    as_json: bool,
    *,
    participating: int = 0,
    seed: int = 0,
    tests: int = 0,
    scrambled: bool = False,
) -> dict[str, object]:
    """Locate every test of a folder; with --participating, by so many sensors drawn by chance of those that took part.

    --scrambled asks how often something is located where nothing was fired: each sensor's pulses of the tests of one round, all
    shifted by a time of its own. --tests takes only so many, the first by name.

    Example: watchfloor bench locate live-fire/ --json
    """
    at_least(0, tests=tests, seed=seed)
    if participating:
        at_least(FEWEST, participating=participating)
    found = tests_of(folder)
    if scrambled:
        found = [_scrambled(test, seed) for test in found if test.rounds == 1]
    judged, halves, cpu_s = [], [], 0.0
    for test in in_turn("tests located", found[: tests or None]):
        if participating:
            test = _drawn(test, participating, seed)
        began = time.process_time()
        told = explained(test.array, test.pulses, test.air)
        cpu_s += time.process_time() - began
        judged.append(_judged(test, told))
        if told and not participating and not scrambled:
            halves += _halves(test, told[0], seed)
    values = of_nothing(judged, cpu_s) if scrambled else figures(judged, halves, cpu_s)
    say(values, as_json=as_json)
    return values


def tests_of(folder: Path) -> list[Test]:
    """Every test under a folder, in order of its name. Raises Invalid where there is none, or one that cannot be understood."""
    paths = sorted(folder.rglob("*.allpulses.json"))
    if not paths:
        raise Invalid(f"Nothing under {folder} is named *.allpulses.json: the bench needs recorded tests.")
    return [_test(path) for path in paths]


def _test(path: Path) -> Test:
    name = path.name.removesuffix(".allpulses.json")
    try:
        pulses = json.loads(path.read_bytes())
        survey = json.loads(path.with_name(f"{name}.survey.json").read_bytes())
        weather = json.loads(path.with_name(f"{name}.weather.json").read_bytes())
        place = survey["survey_location"]
        names, array, heard = _heard(pulses)
        took_part = _took_part(path.with_name(f"{name}.nlos-tuples.json"), pulses, names)
        at_m = np.array([place["x"], place["y"]])
        peaks = np.array([float(str(pulse.get("power_dB_SPL", "nan"))) for pulse in pulses])
        return Test(name, array, heard, _air(weather), at_m, int(survey["num_rounds"]), took_part, peaks)
    except (OSError, KeyError, TypeError, ValueError, Invalid) as failure:
        raise Invalid(f"{path.parent}: the test cannot be understood ({failure}).") from None


def _took_part(path: Path, pulses: Sequence[Mapping[str, object]], names: Sequence[str]) -> tuple[int, ...]:
    """The sensors of which the vendor's solution used a pulse."""
    if not path.is_file():
        return ()
    used = {pulse for shot in json.loads(path.read_bytes()) for pulse in shot["pulse_uuids"]}
    return tuple(sorted({names.index(str(p["serial_number"])) for p in pulses if p["pulse_uuid"] in used}))


def _heard(pulses: Sequence[Mapping[str, object]]) -> tuple[list[str], Array, Pulses]:
    """The sensors that reported anything, and what they reported."""
    places: dict[str, tuple[float, float, float]] = {}
    for pulse in pulses:
        where = pulse["location"]
        if not isinstance(where, dict):
            raise ValueError("a pulse without a location")
        places[str(pulse["serial_number"])] = (float(where["x"]), float(where["y"]), float(where["z"]))
    names = sorted(places)
    times = np.array([datetime.fromisoformat(str(pulse["arrival_time_utc"])).timestamp() for pulse in pulses])
    if not len(times):
        raise ValueError("no pulse")
    sensors = np.array([names.index(str(pulse["serial_number"])) for pulse in pulses], dtype=np.intp)
    times = times - times.min()
    array = Array(np.array([places[name] for name in names]), np.full(len(names), _CLUTTER_PER_S))
    return names, array, Pulses(sensors, times, 0.0, float(times.max()))


def _air(weather: Mapping[str, object]) -> Air:
    """METAR says whence the wind blows."""
    speed, whence = float(str(weather["speed"])), np.radians(float(str(weather["direction"])))
    return Air(
        float(str(weather["temperature"])),
        wind_mps=(-speed * float(np.sin(whence)), -speed * float(np.cos(whence))),
    )


def _part(test: Test, sensors: Sequence[int]) -> Test:
    """The same test as if no other sensor were there."""
    kept = np.sort(np.asarray(sensors, dtype=np.intp))
    mine = np.isin(test.pulses.sensors, kept)
    array = Array(test.array.places_m[kept], test.array.clutter_per_s[kept])
    pulses = Pulses(
        np.searchsorted(kept, test.pulses.sensors[mine]),
        test.pulses.times_s[mine],
        test.pulses.begins_s,
        test.pulses.ends_s,
    )
    return replace(test, array=array, pulses=pulses, took_part=(), peaks_db=test.peaks_db[mine])


def _drawn(test: Test, participating: int, seed: int) -> Test:
    """By so many of the sensors that took part, drawn by the seed and the test's name: the vendor's, or those of the whole solution."""
    heard: Sequence[int] = test.took_part
    if not heard:
        told = explained(test.array, test.pulses, test.air)
        heard = told[0].heard_by.tolist() if told else ()
    if not heard:
        return test
    chance = np.random.default_rng([seed, *test.name.encode()])
    return _part(test, chance.choice(heard, min(participating, len(heard)), replace=False).tolist())


def _scrambled(test: Test, seed: int) -> Test:
    """The same pulses with nothing in common: each sensor's all shifted by a time of its own, around the window.

    Of a burst each sensor's steps would stay, and any three sensors agree on some place for them: hence tests of one round alone.
    """
    chance = np.random.default_rng([seed, 2, *test.name.encode()])
    begins_s, lasts_s = test.pulses.begins_s, test.pulses.ends_s - test.pulses.begins_s
    if not lasts_s:
        return test
    shift = chance.uniform(0.0, lasts_s, len(test.array))
    times = begins_s + (test.pulses.times_s - begins_s + shift[test.pulses.sensors]) % lasts_s
    return replace(test, pulses=replace(test.pulses, times_s=times))


def _judged(test: Test, told: tuple[Source, ...]) -> Judged:
    if not told:
        return Judged(test.name, test.rounds, None, told, False)
    best = told[0]
    east, north = (float(value) for value in test.place_m - np.array(best.place_m))
    holds = best.region.holds(*test.place_m.tolist()) if best.region else best.most.holds(east, north)
    evidence = evidence_of(
        best, test.array, test.pulses, test.air, local=_USUAL_NIGHT, peaks_db=test.peaks_db
    )
    gunfire = classified(evidence).likely[SoundKind.GUNFIRE]
    return Judged(test.name, test.rounds, float(np.hypot(east, north)), told, holds, evidence.count, gunfire)


def _halves(test: Test, told: Source, seed: int) -> list[float]:
    """The squared distance, in their own errors, between what two halves of the sensors say without each other."""
    order = np.random.default_rng([seed, 1, *test.name.encode()]).permutation(told.heard_by)
    half = len(order) // 2
    if half < 4:
        return []
    both = [
        explained(part.array, part.pulses, part.air)
        for part in (_part(test, order[:half].tolist()), _part(test, order[half:].tolist()))
    ]
    if not all(one and one[0].region is None for one in both):
        return []
    apart = np.array(both[0][0].place_m) - np.array(both[1][0].place_m)
    spread = _spread(both[0][0].most) + _spread(both[1][0].most)
    return [float(apart @ np.linalg.solve(spread, apart))]


def _spread(ellipse: Ellipse) -> Floats:
    """The covariance whose 95 percent this is."""
    way = np.radians(ellipse.bearing_deg)
    turn = np.array([[np.sin(way), -np.cos(way)], [np.cos(way), np.sin(way)]])
    spread: Floats = turn @ np.diag([ellipse.major_m**2, ellipse.minor_m**2]) @ turn.T / _MOST
    return spread


def figures(judged: Sequence[Judged], halves: Sequence[float], cpu_s: float) -> dict[str, object]:
    """The figures of the bench; names as promised in bench/README.md."""
    n = len(judged)
    inside = [distance <= _MOST for distance in halves] or [each.holds for each in judged]
    off = np.array([each.off_m for each in judged if each.off_m is not None])
    return {
        "tests": n,
        "detected": len(off),
        "median_m": _metres(off, 50),
        "p90_m": _metres(off, 90),
        "max_m": _metres(off, 100),
        "within_15_m": round(float((off <= 15).sum()) / n, 3),
        "within_25_m": round(float((off <= 25).sum()) / n, 3),
        "rounds_exact": round(
            sum(bool(each.told) and len(each.told[0].shots) == each.rounds for each in judged) / n, 3
        ),
        **_counted(judged),
        "ghosts": sum(max(len(each.told) - 1, 0) for each in judged),
        "ellipse95_coverage": round(sum(inside) / len(inside), 3),
        "ellipse95_of": "halves" if halves else "survey",
        "halves": len(halves),
        "survey_in_ellipse_or_region": round(sum(each.holds for each in judged) / n, 3),
        "regions": sum(bool(each.told) and each.told[0].region is not None for each in judged),
        "cpu_s_per_test": round(cpu_s / n, 3),
        "worst": list(_worst(judged)),
    }


def _counted(judged: Sequence[Judged]) -> dict[str, object]:
    """What is said of the count and of the kind: all that was recorded is gunfire, so that nothing is said of what else there is."""
    counted = [(each.rounds, each.count) for each in judged if each.count]
    gunfire = [each.gunfire for each in judged if each.gunfire is not None]
    if not counted or not gunfire:
        return {}
    return {
        "rounds_said_exact": round(sum(count.exact for _, count in counted) / len(counted), 3),
        "rounds_in_low_high": round(sum(c.low <= fired <= c.high for fired, c in counted) / len(counted), 3),
        "gunfire_mean": round(sum(gunfire) / len(gunfire), 3),
        "gunfire_least": round(min(gunfire), 3),
    }


def of_nothing(judged: Sequence[Judged], cpu_s: float) -> dict[str, object]:
    """The figures where nothing was fired: in how many tests something was located all the same, and how surely."""
    n = len(judged)
    if not n:
        raise Invalid("--scrambled needs tests of one round, and there are none.")
    odds = sorted((round(source.log_odds, 1) for each in judged for source in each.told), reverse=True)
    return {
        "tests": n,
        "located_of_nothing": sum(bool(each.told) for each in judged),
        "log_odds": odds,
        "cpu_s_per_test": round(cpu_s / n, 3),
    }


def _worst(judged: Sequence[Judged]) -> Iterator[dict[str, object]]:
    """What an engineer looks at: tests missed, miscounted, haunted or far off."""
    for each in judged:
        counted = len(each.told[0].shots) if each.told else 0
        if each.off_m is None or each.off_m > 15 or counted != each.rounds or len(each.told) > 1:
            off = None if each.off_m is None else round(each.off_m, 1)
            yield {
                "test": each.name,
                "off_m": off,
                "rounds": counted,
                "fired": each.rounds,
                "sources": len(each.told),
            }


def _metres(off: Floats, percent: float) -> float | None:
    return round(float(np.percentile(off, percent)), 2) if len(off) else None
