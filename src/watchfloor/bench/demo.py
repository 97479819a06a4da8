"""How soon the demo shows a live picture, made anew and found again, and what it costs while nobody is at it.

Times are from the command to the line that says so, the interpreter's start within. CPU is that of the demo and of all it started: the
center with its engines, and the simulated city, which a real city does not cost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil

from watchfloor.bench._say import say
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.sure import sure

_START_S = 300.0
_SETTLE_S = 10.0
_clock = SystemClock()


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of the demo itself, which simulates, and of the center that it started, at one moment."""

    at: float
    city_s: float
    center_s: float


def run(seconds: int = 60, *, as_json: bool = False) -> int:
    """Start the demo from nothing, end it, start it again, and look at its CPU for `seconds` once the city stands.

    Example: watchfloor bench demo --seconds 60
    """
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        Path(folder).chmod(0o711)  # the database's own user passes through
        figures = asyncio.run(_measured(Path(folder) / "center", seconds))
    say(figures, as_json=as_json)
    return 0


async def _measured(data: Path, seconds: int) -> dict[str, object]:
    async with _started(data) as (_, told):
        first_picture_s, first_city_s = await told("live"), await told("furnished")
        first_read_s = await told("read_on_video")
    async with _started(data) as (pid, told):
        later_picture_s, later_city_s = await told("live"), await told("furnished")
        await _clock.sleep(_SETTLE_S)
        before = cost(pid)
        await _clock.sleep(seconds)
        after = cost(pid)
    return {
        "first_picture_s": round(first_picture_s, 1),
        "first_city_s": round(first_city_s, 1),
        "first_read_on_video_s": round(first_read_s, 1),
        "later_picture_s": round(later_picture_s, 1),
        "later_city_s": round(later_city_s, 1),
        "seconds": seconds,
    } | idle(before, after)


def cost(pid: int) -> Cost:
    """What the demo and its descendants have spent, those that have ended included."""
    demo = psutil.Process(pid)
    center = 0.0
    for process in demo.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            center += times.user + times.system + times.children_user + times.children_system
    own = demo.cpu_times()
    return Cost(perf_counter(), own.user + own.system, center + own.children_user + own.children_system)


def idle(before: Cost, after: Cost) -> dict[str, object]:
    """The share of one core between two moments."""
    percent = 100 / (after.at - before.at)
    city, center = after.city_s - before.city_s, after.center_s - before.center_s
    return {
        "idle_percent_of_a_core": round((city + center) * percent, 1),
        "idle_percent_center": round(center * percent, 1),
        "idle_percent_simulated_city": round(city * percent, 1),
    }


class _Told:
    """Waits for a step of the demo; how long after the command it came."""

    def __init__(self, out: asyncio.StreamReader, began: float) -> None:
        self._out, self._began = out, began

    async def __call__(self, step: str) -> float:
        async with asyncio.timeout(_START_S):
            async for line in self._out:
                if json.loads(line)["step"] == step:
                    return perf_counter() - self._began
        raise Unavailable(f"The demo ended before it told of {step}.")


@asynccontextmanager
async def _started(data: Path) -> AsyncIterator[tuple[int, _Told]]:
    command = (sys.executable, "-m", "watchfloor", "demo", "--data", str(data), "--json")
    began = perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    out = sure(process.stdout)
    try:
        yield process.pid, _Told(out, began)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        # What it says while it ends is read, so that no full pipe holds it up.
        await out.read()
        await process.wait()
