"""A real center for a bench: `watchfloor up` in a fresh directory, with people in it. It measures nothing itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.sure import sure
from watchfloor_sim import story
from watchfloor_sim.story import Night

_START_S = 180.0


@dataclass(frozen=True, slots=True)
class Running:
    """A center that runs: its address, its data, its people."""

    base: str
    data: Path
    night: Night
    pid: int

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far, by process of the center, children included."""
        spent: dict[str, float] = {}
        for name, pid in Endpoints.read(self.data).pids.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                times = [
                    process.cpu_times(),
                    *(child.cpu_times() for child in process.children(recursive=True) if name != "up"),
                ]
                spent[name] = sum(t.user + t.system for t in times)
        return spent


@asynccontextmanager
async def running(config: Mapping[str, Mapping[str, str | int]] | None = None) -> AsyncIterator[Running]:
    """Start it; ended, and its directory gone, with the block. Raises Unavailable when it does not start."""
    with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
        data = Path(folder) / "data"
        _laid_out(Path(folder), data, config or {})
        command = [
            sys.executable,
            "-m",
            "watchfloor",
            "up",
            "--data",
            str(data),
            "--agency",
            "Bench City",
            "--json",
        ]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        try:
            base, link = await asyncio.wait_for(_up(process), _START_S)
            drain = asyncio.create_task(_drain(sure(process.stdout)))
            night = await story.gather_people(base, link, lambda step, facts: None)
            yield Running(base, data, night, process.pid)
            drain.cancel()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()


def _laid_out(folder: Path, data: Path, config: Mapping[str, Mapping[str, str | int]]) -> None:
    folder.chmod(0o755)  # the database's own user passes through
    data.mkdir(mode=0o755)
    (data / "config.toml").write_text(_toml(config))


async def _up(process: asyncio.subprocess.Process) -> tuple[str, str]:
    link = ""
    async for line in sure(process.stdout):
        said = json.loads(line)
        if said["event"] == "first":
            link = (await asyncio.to_thread(Path(said["file"]).read_text)).strip()
        if said["event"] == "up":
            return str(said["http"]), link
    raise Unavailable("The center did not start.")


async def _drain(stream: asyncio.StreamReader) -> None:
    async for _ in stream:
        pass


def _toml(config: Mapping[str, Mapping[str, str | int]]) -> str:
    lines: list[str] = []
    for section, values in config.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"
