"""How a process of ours is started, and known for doing its work: forked where the fork server can, else by itself."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Final

from watchfloor.engines.disk import Disk
from watchfloor.engines.forks import Forks
from watchfloor.engines.layout import Layout
from watchfloor.engines.processes import Process
from watchfloor.engines.spawn import Child, spawn
from watchfloor.engines.supervise import Part
from watchfloor.kit.beat import Beats
from watchfloor.kit.clock import Clock

# Longer than this nobody waits to hear whether a file is there.
_DISK_S: Final = 2.0


def forks_of(processes: Sequence[Process], layout: Layout, clock: Clock) -> Forks | None:
    """What forks these processes; None where none of them can be."""
    modules = {process.module for process in processes if process.module}
    if not modules:
        return None
    commands = [_command(process, layout) for process in processes]
    return Forks(layout, clock, modules.pop(), commands)


def part_of(process: Process, layout: Layout, forks: Forks | None, disk: Disk) -> Part:
    """The process as a part that is kept running: ready when its file is there, going on while it says so."""
    ready = layout.ready(process.name)
    beats: Beats | None = None

    async def start() -> Child:
        nonlocal beats
        ready.unlink(missing_ok=True)
        before, beats = beats, None
        if before is not None:
            before.close()
        beats = Beats()
        try:
            return await _started(process, layout, forks, beats)
        finally:
            beats.begun()

    async def answers() -> bool:
        try:
            async with asyncio.timeout(_DISK_S):
                return await disk.does(ready.exists)
        except TimeoutError:
            return False

    async def goes_on() -> bool:
        return beats is not None and beats.heard()

    return Part(
        process.name, start, answers, stops_with=process.stops_with,
        silent_s=process.silent_s, silent_signal=signal.SIGKILL, goes_on=goes_on,
    )  # fmt: skip


async def _started(process: Process, layout: Layout, forks: Forks | None, beats: Beats) -> Child:
    command = _command(process, layout)
    says = process.silent_s is not None
    if forks is not None and process.module:
        forked = await forks.forked(process, command, beats.theirs if says else None)
        if forked is not None:
            return forked
    if says:
        command += ("--beats", str(beats.theirs))
    # -P: nothing is imported from the directory that we happen to be started in.
    python = [sys.executable, "-P", *command]
    return spawn(process.name, python, log=layout.log(process.name), nice=process.nice, keeps=[beats.theirs])


def _command(process: Process, layout: Layout) -> tuple[str, ...]:
    return (*process.command, "--data", str(layout.data))
