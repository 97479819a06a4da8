"""Measure the sensor's own program on recorded sound: what it finds of reference pulses, how exactly, and what a stream of it costs.

A test is a folder as for `locate`, with sound beside it (`*.audio.<serial>.flac` and `.json`). The reference is a vendor's choice of
pulses (`*.nlos-tuples.json`), another algorithm rounded to a millisecond: it is not the truth. Sound goes through the product's own parts
in pieces, as a microphone gives it; sealing what is kept is in the CPU, sending is not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from watchfloor.bench._say import at_least, in_turn, say
from watchfloor.kit.errors import Invalid
from watchfloor_sensor.audio import PIECE_S
from watchfloor_sensor.band import Samples
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.onset import DEAD_S, LEAP
from watchfloor_sensor.timing import Recorded

_NEAR_S: Final = 0.030
"""A pulse is found where one is told within that time of it."""
# The median distance of one side stands for a standard deviation of normal errors, times this.
_OF_A_MEDIAN: Final = 1.4826
_STILL_S: Final = 0.3
_WARM_S: Final = 0.5
"""After the first sample that is none of nothing: recordings begin with silence, and the street is loud after that."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording, and when the reference says that pulses came, in seconds from its first sample."""

    name: str
    rate: int
    samples: Samples
    expected_s: tuple[float, ...]


@dataclass
class Found:
    """What came of them: the distance of each reference pulse that was found, seconds, and what else was told."""

    expected: int = 0
    off_s: list[float] = field(default_factory=list)
    told: int = 0
    quiet: int = 0
    quiet_s: float = 0.0
    heard_s: float = 0.0
    missed: list[str] = field(default_factory=list)
    described: int = 0


def run(folder: Path, as_json: bool, *, tests: int = 0, leap: float = LEAP) -> dict[str, object]:
    """Hear every recording of a folder of live-fire tests; --tests takes only so many recordings, the first by name.

    Example: watchfloor bench sensor live-fire/ --json
    """
    at_least(0, tests=tests)
    if not leap > 1:
        raise Invalid(f"--leap is {leap}; nothing leaps that does not become louder.")
    recorded = list(recordings(folder, tests))
    found, cpu_s = Found(), 0.0
    for one in in_turn("recordings", recorded):
        began = time.process_time()
        at_s, described = heard(one, leap)
        cpu_s += time.process_time() - began
        _count(found, one, at_s)
        found.described += described
    values = figures(found, len(recorded), cpu_s)
    say(values, as_json=as_json)
    return values


def recordings(folder: Path, most: int = 0) -> Iterator[Heard]:
    """The recordings beneath a folder that have a reference, in order of their names. Raises Invalid where there is none."""
    paths = sorted(folder.rglob("*.audio.*.flac"))
    if not paths:
        raise Invalid(f"Nothing under {folder} is named *.audio.*.flac: the bench needs recorded sound.")
    for path in paths[: most or None]:
        name = path.name.partition(".audio.")[0]
        try:
            about = json.loads(path.with_suffix(".json").read_bytes())
            pulses = json.loads(path.with_name(f"{name}.allpulses.json").read_bytes())
            chosen = json.loads(path.with_name(f"{name}.nlos-tuples.json").read_bytes())
            rate, samples = _samples(path)
            yield Heard(path.stem, rate, samples, _expected(about, pulses, chosen))
        except (OSError, LookupError, TypeError, ValueError, av.error.FFmpegError) as error:
            raise Invalid(f"{path}: the recording cannot be understood ({error}).") from None


def heard(one: Heard, leap: float) -> tuple[NDArray[np.float64], int]:
    """When the sensor says that sounds came, seconds from the first sample; and how many it described."""
    began = datetime.fromtimestamp(0, UTC)
    ears = Ears(one.rate, Recorded(one.rate, began, 1.0), leap=leap, full_scale_db=120.0)
    size = round(PIECE_S * one.rate)
    pulses = [
        pulse
        for begins in range(0, len(one.samples), size)
        for pulse in ears.hears(one.samples[begins : begins + size])
    ]
    at_s = np.array([(pulse.at - began).total_seconds() for pulse in pulses])
    return at_s, sum(bool(pulse.features) for pulse in pulses)


def figures(found: Found, recorded: int, cpu_s: float) -> dict[str, object]:
    """The figures of the bench; names as promised in bench/README.md."""
    off_ms = np.array(found.off_s) * 1000
    median = float(np.median(off_ms)) if len(off_ms) else 0.0
    apart = np.abs(off_ms - median)
    low, high = (np.percentile(off_ms - median, [5, 95])) if len(off_ms) else (0.0, 0.0)
    return {
        "recordings": recorded,
        "heard_s": round(found.heard_s, 1),
        "reference_pulses": found.expected,
        "recall": round(len(off_ms) / found.expected, 4) if found.expected else None,
        "bias_ms": round(median, 2),
        "spread_ms": round(_OF_A_MEDIAN * float(np.median(apart)), 2) if len(off_ms) else None,
        "p5_ms": round(float(low), 1),
        "p95_ms": round(float(high), 1),
        "within_2_ms": round(float((apart <= 2).mean()), 3) if len(off_ms) else None,
        "told_per_s": round(found.told / found.heard_s, 2),
        "told_per_quiet_s": round(found.quiet / found.quiet_s, 2) if found.quiet_s else None,
        "described": found.described,
        "cpu_ms_per_s": round(1000 * cpu_s / found.heard_s, 3),
        "streams_per_core": int(found.heard_s / cpu_s) if cpu_s else None,
        "dead_ms": round(1000 * DEAD_S),
        "missed": found.missed[:20],
    }


def _count(found: Found, one: Heard, at_s: NDArray[np.float64]) -> None:
    lasts_s = len(one.samples) / one.rate
    found.heard_s += lasts_s
    found.told += len(at_s)
    still_s = (min(one.expected_s) if one.expected_s else lasts_s) - _STILL_S
    warm_s = float(np.argmax(one.samples != 0)) / one.rate + _WARM_S
    if still_s > warm_s:
        found.quiet += int(((at_s > warm_s) & (at_s < still_s)).sum())
        found.quiet_s += still_s - warm_s
    for expected in one.expected_s:
        found.expected += 1
        off = at_s - expected
        nearest = float(off[np.argmin(np.abs(off))]) if len(off) else np.inf
        if abs(nearest) <= _NEAR_S:
            found.off_s.append(nearest)
        else:
            found.missed.append(f"{one.name} {expected:.3f}")


def _expected(
    about: Mapping[str, object],
    pulses: Sequence[Mapping[str, object]],
    chosen: Sequence[Mapping[str, object]],
) -> tuple[float, ...]:
    named = {pulse for shot in chosen for pulse in _texts(shot["pulse_uuids"])}
    began = _seconds(about["timestamp"])
    mine = about["serial_number"]
    return tuple(
        sorted(
            _seconds(pulse["arrival_time_utc"]) - began
            for pulse in pulses
            if pulse["serial_number"] == mine and pulse["pulse_uuid"] in named
        )
    )


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("pulse_uuids is no list")
    return [str(one) for one in value]


def _seconds(value: object) -> float:
    return datetime.fromisoformat(str(value)).timestamp()


def _samples(path: Path) -> tuple[int, Samples]:
    """Raises FFmpegError, ValueError."""
    with av.open(str(path)) as container:
        frames = list(container.decode(container.streams.audio[0]))
        if any(one.format.name not in ("s16", "s16p") or one.layout.nb_channels != 1 for one in frames):
            raise ValueError("one channel of 16 bits is read")
        parts = [one.to_ndarray().reshape(-1) for one in frames]
        return frames[0].sample_rate, np.concatenate(parts).astype(np.int16)
