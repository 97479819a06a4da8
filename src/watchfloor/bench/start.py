"""What a start of a center costs, and how soon a process that was killed is back: a real center in a directory that was up before."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from watchfloor.bench._say import at_least, say
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.follow import FollowedUp
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable

_clock = SystemClock()
_KILLED: Final = ("record", "serve")
_ENGINES: Final = ("postgres", "nats-server")
_WITHIN_S: Final = 120.0
_POLL_S: Final = 0.01


def run(times: int = 3, *, as_json: bool = False) -> int:
    """Start a center `times` times; each time kill (SIGKILL) its recorder and its server.

    Example: watchfloor bench start --times 3
    """
    at_least(1, times=times)
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        Path(folder).chmod(0o711)  # the database's own user passes through
        say(asyncio.run(_measured(Path(folder), times)), as_json=as_json)
    return 0


async def _measured(folder: Path, times: int) -> dict[str, object]:
    await _once(folder)  # makes the database
    found = [await _once(folder) for _ in range(times)]
    middle: dict[str, object] = {
        name: round(statistics.median(one[name] for one in found), 2) for name in found[0]
    }
    return middle | {"times": times, "load": round(os.getloadavg()[0], 1)}


async def _once(folder: Path) -> dict[str, float]:
    began = _clock.monotonic()
    center = FollowedUp(
        folder / "data", folder / "said", _clock, agency="Bench City", time_zone="America/Chicago"
    )
    try:
        await center.until_up(lambda _: None)
        up_s = _clock.monotonic() - began
        (up,) = [child for child in psutil.Process().children() if child.pid == _pid(folder, "up")]
        figures = {"up_s": up_s, "cpu_s": _cpu_s(up), "memory_mb": _memory(up) / 2**20}
        for name in _KILLED:
            figures[f"{name}_back_s"] = await _back(folder, name)
            figures[f"{name}_cpu_s"] = sum(psutil.Process(_pid(folder, name)).cpu_times()[:2])
        return figures
    finally:
        await center.end(asyncio.Event())


def _pid(folder: Path, name: str) -> int:
    return Endpoints.read(folder / "data").pids[name]


def _ours(up: psutil.Process) -> list[psutil.Process]:
    return [up, *(child for child in up.children(recursive=True) if child.name() not in _ENGINES)]


def _cpu_s(up: psutil.Process) -> float:
    """Of all processes but the engines and `up`, children that have ended included."""
    return sum(sum(child.cpu_times()[:4]) for child in _ours(up)[1:])


def _memory(up: psutil.Process) -> float:
    """Of all processes but the engines; what several share is counted once."""
    return float(sum(process.memory_full_info().pss for process in _ours(up)))


async def _back(folder: Path, name: str) -> float:
    """Seconds from its kill until its next start is ready. Raises Unavailable when it never is."""
    killed, ready = _pid(folder, name), Endpoints.read(folder / "data").layout.ready(name)
    began = _clock.monotonic()
    os.kill(killed, signal.SIGKILL)
    while _clock.monotonic() - began < _WITHIN_S:
        with suppress(Unavailable):
            if _pid(folder, name) != killed and ready.exists():
                return _clock.monotonic() - began
        await _clock.sleep(_POLL_S)
    raise Unavailable(f"{name} did not come back.")
