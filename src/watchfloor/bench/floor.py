"""What the floor costs the computer in front of the analyst: the built console in a real Chromium, and an invented city at full work.

The city (`_city.py`) stands in for the server, so that the console alone is measured: nothing but its answers is made up. The main
thread's time is that of its tasks, in CPU time of the thread, which waiting for a busy core does not lengthen; as the wall saw it,
it is said beside. Memory is the page's heap after a collection, and what its process holds: at the start, every five minutes, at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict, cast

import numpy as np
import psutil

from watchfloor.bench._bare import BarePage, Line
from watchfloor.bench._city import InventedCity, served
from watchfloor.bench._say import at_least, say
from watchfloor.bench.live import browser
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Unavailable

_clock = SystemClock()
_DRAWN_WITHIN_S: Final = 120.0
_SETTLE_S: Final = 10.0
# A collection is work of the main thread too: seldom enough not to be seen in its figure.
_LOOK_EVERY_S: Final = 300
_PAINTED: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_SHOWN: Final = "[aria-label='Map'][aria-busy='false']"
_MB: Final = 1024 * 1024


class _Metric(TypedDict):
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What the main thread has spent so far, in seconds."""

    tasks_s: float
    script_s: float
    layout_s: float
    at_s: float


def run(
    cameras: int = 2300,
    units: int = 1000,
    alerts_per_minute: int = 20,
    seconds: int = 60,
    *,
    as_json: bool = False,
) -> int:
    """Watch the floor for `seconds` seconds with so many cameras, units reporting once a second, and alerts.

    Example: watchfloor bench floor --cameras 2300 --units 1000 --alerts-per-minute 20
    """
    at_least(1, cameras=cameras, units=units, alerts_per_minute=alerts_per_minute, seconds=seconds)
    figures = asyncio.run(measured(cameras, units, alerts_per_minute, seconds))
    say(figures, as_json=as_json)
    return 0


async def measured(
    cameras: int, units: int, alerts_per_minute: int, seconds: int, *, settle_s: float = _SETTLE_S
) -> dict[str, object]:
    """What the floor costs for `seconds` seconds, `settle_s` after its map is drawn."""
    city = InventedCity(_clock, np.random.default_rng(2026))
    city.fill(cameras, units)
    async with served(city) as base, browser() as chromium:
        page = await BarePage.open(chromium, 1440, 900)
        line = await page.line()
        await line.ask("Page.enable")
        await line.ask("Page.addScriptToEvaluateOnNewDocument", source=_HEARD)
        living = asyncio.create_task(city.lives(alerts_per_minute))
        try:
            began = _clock.monotonic()
            await line.ask("Page.navigate", url=f"{base}/floor")
            await _drawn(line)
            drawn_s = _clock.monotonic() - began
            painted = await line.evaluate(_PAINTED)
            await _clock.sleep(settle_s)
            figures = await _watched(page, line, city, seconds)
        finally:
            living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await living
    if city.unanswered:
        asked = ", ".join(sorted(city.unanswered))
        raise Unavailable(f"The console asked for what the invented city does not have: {asked}.")
    return {
        "cameras": cameras,
        "units": units,
        "alerts_per_minute": alerts_per_minute,
        **figures,
        "first_paint_ms": round(painted) if isinstance(painted, int | float) else None,
        "map_drawn_ms": round(1000 * drawn_s),
    }


async def _drawn(line: Line) -> None:
    """Until the map is drawn. Raises Unavailable when it is not in time."""
    ends = _clock.monotonic() + _DRAWN_WITHIN_S
    while not await line.evaluate(f"document.querySelector({_SHOWN!r}) !== null"):
        if _clock.monotonic() > ends:
            raise Unavailable("The map was not drawn in time.")
        await _clock.sleep(0.05)


async def _watched(page: BarePage, line: Line, city: InventedCity, seconds: int) -> dict[str, object]:
    by_cpu, by_wall = await _meter(page, "threadTicks"), await _meter(page, "timeTicks")
    await line.evaluate(_LONG)
    heard = await _number(line, "window.heard")
    held = [await _memory(by_cpu)]
    cpu, wall, told = await _spent(by_cpu), await _spent(by_wall), city.told
    held += await _through(seconds, by_cpu)
    cpu_after, wall_after = await _spent(by_cpu), await _spent(by_wall)
    took = wall_after.at_s - wall.at_s
    longest = await _number(line, "Math.max(0, ...window.longTasks)")
    heard = await _number(line, "window.heard") - heard
    held.append(await _memory(by_cpu))
    return {
        "seconds": round(took, 1),
        "changes_told_per_s": round((city.told - told) / took),
        "messages_heard_per_s": round(heard / took, 1),
        "main_thread_ms_per_s": _each(cpu_after.tasks_s - cpu.tasks_s, took),
        "main_thread_wall_ms_per_s": _each(wall_after.tasks_s - wall.tasks_s, took),
        "script_ms_per_s": _each(cpu_after.script_s - cpu.script_s, took),
        "layout_ms_per_s": _each(cpu_after.layout_s - cpu.layout_s, took),
        "longest_task_ms": round(longest),
        "memory_mb": [heap for heap, _process in held],
        "process_mb": [process for _heap, process in held],
    }


async def _number(line: Line, expression: str) -> float:
    return cast("float", await line.evaluate(expression))


async def _through(seconds: int, line: Line) -> list[tuple[float, float]]:
    """Let so many seconds pass. Returns what was held every five minutes of them, the ends left out."""
    held = []
    for _at in range(_LOOK_EVERY_S, seconds, _LOOK_EVERY_S):
        await _clock.sleep(_LOOK_EVERY_S)
        held.append(await _memory(line))
    await _clock.sleep(seconds - len(held) * _LOOK_EVERY_S)
    return held


# A page that falls behind spends little: what it took of the socket is counted with what it spent.
_HEARD: Final = """
window.heard = 0;
const Real = window.WebSocket;
window.WebSocket = class extends Real {
  constructor(...given) { super(...given); this.addEventListener('message', () => { window.heard += 1; }); }
};
"""
_LONG: Final = """
window.longTasks = [];
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.longTasks.push(one.duration); })
  .observe({entryTypes: ['longtask']});
"""


def _each(spent_s: float, took_s: float) -> float:
    return round(1000 * spent_s / took_s, 1)


async def _meter(page: BarePage, domain: str) -> Line:
    line = await page.line()
    await line.ask("Performance.enable", timeDomain=domain)
    return line


async def _spent(line: Line) -> Spent:
    said = await _metrics(line)
    layout = said["LayoutDuration"] + said["RecalcStyleDuration"]
    return Spent(said["TaskDuration"], said["ScriptDuration"], layout, _clock.monotonic())


async def _metrics(line: Line) -> Mapping[str, float]:
    answer = await line.ask("Performance.getMetrics")
    return {one["name"]: one["value"] for one in cast("Sequence[_Metric]", answer["metrics"])}


async def _memory(line: Line) -> tuple[float, float]:
    """The page's heap after a collection, and what its process holds, in MB."""
    await line.ask("HeapProfiler.collectGarbage")
    said = await _metrics(line)
    return round(said["JSHeapUsedSize"] / _MB, 1), _page_process_mb()


def _page_process_mb() -> float:
    """The largest renderer below this process: the floor's page."""
    found = [0.0]
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "--type=renderer" in child.cmdline():
                found.append(child.memory_info().rss / _MB)
    if len(found) == 1:
        raise Unavailable("No page of the browser was found among the processes.")
    return round(max(found), 1)
