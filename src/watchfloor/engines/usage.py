"""Whether the center's processes on this machine live, and what they use of it. It asks the system, and them nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used since it started, what it started included."""

    started_at_s: float
    cpu_s: float
    resident_bytes: int


class Usages:
    """Looks at processes again and again."""

    def __init__(self) -> None:
        self._last: dict[str, Usage] = {}

    def look(self, pids: Mapping[str, int]) -> dict[str, Usage | None]:
        """The usage of each process, by its name in `endpoints.json`; None for one that is not there."""
        found = {name: self._look(name, pid) for name, pid in pids.items()}
        self._last = {name: usage for name, usage in found.items() if usage is not None}
        return found

    def _look(self, name: str, pid: int) -> Usage | None:
        try:
            usage = _of(psutil.Process(pid), alone=name == "up")
        except psutil.Error:
            return None
        last = self._last.get(name)
        if usage is None or last is None or last.started_at_s != usage.started_at_s:
            return usage
        # A child that ends while we look is in nobody's account for a moment.
        return replace(usage, cpu_s=max(usage.cpu_s, last.cpu_s))


def _of(process: psutil.Process, *, alone: bool) -> Usage | None:
    """`alone` leaves out what it started, which is told of under names of its own."""
    with process.oneshot():
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        times, memory, started_at_s = process.cpu_times(), process.memory_info(), process.create_time()
    cpu_s, resident = times.user + times.system, memory.rss
    if not alone:
        cpu_s += times.children_user + times.children_system  # of those that have ended
        for child_cpu_s, child_bytes in map(_of_child, process.children(recursive=True)):
            cpu_s, resident = cpu_s + child_cpu_s, resident + child_bytes
    return Usage(started_at_s, cpu_s, resident)


def _of_child(child: psutil.Process) -> tuple[float, int]:
    """Its CPU, and its memory less what it shares with its parent."""
    try:
        times, memory = child.cpu_times(), child.memory_info()
    except psutil.Error:
        return 0.0, 0
    return times.user + times.system, memory.rss - memory.shared
