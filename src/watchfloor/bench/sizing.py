"""What a city needs, reckoned from what a few cameras were measured to cost here. It measures by `record` and draws a straight line.

What is said of 2,300 cameras is an extrapolation from the number that was measured, and says so. What does not grow with cameras
(people, reads, alerts) is not in it.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchfloor.bench import record
from watchfloor.bench._say import at_least, say
from watchfloor.kit.errors import Invalid
from watchfloor.settings import RecordSettings

_DAY_S: Final = 86_400
_CITIES: Final = (140, 1_000, 2_300, 10_000)
# Sealing adds 84 bytes a group of pictures and a head a file; moving and syncing are the file system's.
_SEALED_OVERHEAD: Final = 1.01


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: CPU ms per camera-second, MB per camera and per recording process, of so many cameras."""

    cameras: int
    cpu_ms: float
    mb_per_camera: float
    mb_per_process: float

    @classmethod
    def of(cls, said: Mapping[str, object]) -> Measured:
        """From the figures of `watchfloor bench record --json`. Raises Invalid."""
        try:
            found = {name: float(str(said[name])) for name in _NEEDED}
        except (KeyError, ValueError) as error:
            raise Invalid(
                "--measured: that is no line of `watchfloor bench record --json`.", reason="measured"
            ) from error
        return cls(int(found[_NEEDED[0]]), *(found[name] for name in _NEEDED[1:]))


_NEEDED: Final = ("cameras", "cpu_ms_per_camera_s", "rss_mb_per_camera", "rss_mb_without_cameras")


def sized(measured: Measured, cameras: int, mbit_s: float, days: int) -> dict[str, object]:
    """What so many cameras of `mbit_s` need, kept for `days` days: cores, GB, MB/s, TB, files and rows."""
    per_process = RecordSettings().cameras_per_worker
    processes = math.ceil(cameras / per_process)
    mb_s = cameras * mbit_s / 8 * _SEALED_OVERHEAD
    segments = cameras * _DAY_S // RecordSettings().segment_s * days
    return {
        "cameras": cameras,
        "cores_to_record": round(cameras * measured.cpu_ms / 1000, 1),
        "recording_processes": processes,
        "memory_gb": round(
            (processes * measured.mb_per_process + cameras * measured.mb_per_camera) / 1024, 1
        ),
        "network_in_mbit_s": round(cameras * mbit_s),
        "disk_write_mb_s": round(mb_s, 1),
        "disk_tb": round(mb_s * _DAY_S * days / 1e6, 1),
        "files_and_index_rows": segments,
        "rows_written_per_s": round(cameras / RecordSettings().segment_s, 1),
    }


def run(
    cameras: int = 8,
    seconds: int = 45,
    clip: str = "",
    measured: str = "",
    mbit_s: float = 2.0,
    days: int = 30,
    *,
    as_json: bool = False,
) -> int:
    """Measure `cameras` cameras that show `clip` (or take `measured`, a file with the line of an earlier `bench record`), and
    reckon what cities of 140 to 10,000 cameras of `mbit_s` need that keep footage for `days` days.

    Example: watchfloor bench sizing --clip street.mp4 --mbit-s 2 --days 30
    """
    at_least(1, cameras=cameras, seconds=seconds, days=days)
    if not mbit_s > 0:
        raise Invalid(f"--mbit-s is {mbit_s}; a camera sends more than nothing.")
    said = _kept(Path(measured)) if measured else _taken(cameras, seconds, clip)
    found = Measured.of(said)
    figures: dict[str, object] = {
        "measured_cameras": found.cameras,
        "measured_cpu_ms_per_camera_s": found.cpu_ms,
        "mbit_s": mbit_s,
        "days": days,
        "cities": [sized(found, count, mbit_s, days) for count in _CITIES],
        "holds": f"A straight line from {found.cameras} cameras measured here; nothing larger was run.",
    }
    if as_json:
        say(figures, as_json=True)
    else:
        say(figures | {"cities": ""}, as_json=False)
        for city in figures["cities"] if isinstance(figures["cities"], list) else []:
            say(city, as_json=False)
    return 0


def _taken(cameras: int, seconds: int, clip: str) -> Mapping[str, object]:
    return asyncio.run(record.measured(cameras, seconds, record.clip_at(clip)))


def _kept(file: Path) -> Mapping[str, object]:
    try:
        said = json.loads(file.read_text().strip().splitlines()[-1])
    except (OSError, ValueError, IndexError) as error:
        raise Invalid(f"--measured: {file} cannot be read: {error}.", reason="measured") from error
    if not isinstance(said, dict):
        raise Invalid("--measured: that is no line of `watchfloor bench record --json`.", reason="measured")
    return said
