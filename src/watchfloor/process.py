"""One process of the center, as `up` starts it: `python -m watchfloor.process serve --data DIR`, or out of the fork server.

It loads what that process runs and no more, since after a fall a whole center waits for it. People use the command line.
Everything is wired in `wiring/`, nothing elsewhere:

| process | wired in | what it is built from |
|---|---|---|
| `ledger` | `wiring/ledger.py` | the log's key and files |
| `serve` | `wiring/serve.py` | the slices' routes, the lists people watch, live pictures |
| `record` | `wiring/record.py` | cameras, footage, keys |
| `gate` | `wiring/gate.py` | edge boxes |
| `sense` | `wiring/sense.py` | reads, hot lists, alerts |
| `sweep` | `wiring/sweep.py` | retention, timers, escalation |
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Awaitable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import uvloop

from watchfloor import settings as settings_module
from watchfloor.kit.beat import beat
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import configure, logger
from watchfloor.kit.running import beside, until_told

Options = Mapping[str, int | tuple[str, ...]]
PROCESSES: Final = ("ledger", "serve", "record", "gate", "sense", "sweep")
# What libraries load for uses that a process does not make of them: WebSockets of the bus, a command line of the HTTP client.
_UNUSED: Final = {"nats": ("aiohttp",), "httpx": ("click",)}
_log = logger("process")


def run(name: str, data: Path, options: Options, *, beats: int | None = None) -> int:
    """Run one process until it is told to end; its exit status (75 asks the supervisor to start it again). Into the file `beats` it says
    meanwhile that it goes on.
    """
    configure(name)
    settings = settings_module.load(data)
    wired = _loaded(name)
    try:
        # What a person waits for is a few hundred wake-ups of these loops: uvloop makes each a good deal cheaper.
        quick = uvloop.new_event_loop if name in ("serve", "sense") else None
        with asyncio.Runner(loop_factory=quick) as runner:
            runner.run(until_told(lambda stop: _heard(wired.run(settings, stop, **options), beats)))
    except WatchfloorError as error:
        _log.error("ended", why=error.detail, next_step=error.next_step)
        return 75
    return 0


async def _heard(work: Awaitable[None], beats: int | None) -> None:
    async with beside(*(() if beats is None else (beat(beats, SystemClock()),))):
        await work


def _loaded(name: str) -> ModuleType:
    """What the process runs, by name, so that it loads that and no more.

    These are hundreds of thousands of objects that stay. They are set aside: each full collection would look at all of them, and hold up
    everybody.
    """
    gc.disable()
    try:
        for module, unused in _UNUSED.items():
            _load_without(module, unused)
        return import_module(f"watchfloor.wiring.{name}")
    finally:
        gc.freeze()
        gc.enable()


def load_ahead() -> None:
    """Load what any process runs: in the fork server, of which each of them is forked."""
    for name in PROCESSES:
        _loaded(name)


def _load_without(module: str, unused: tuple[str, ...]) -> None:
    """Load a module while it is told that there are none of those it would take along and each process would pay for."""
    there = [name for name in unused if name not in sys.modules]
    for name in there:
        sys.modules[name] = None  # type: ignore[assignment]  # so the import system is told that there is none
    try:
        import_module(module)
    finally:
        for name in there:
            del sys.modules[name]


def main() -> int:
    """What `up` asks for; its exit status."""
    asked = argparse.ArgumentParser(prog="python -m watchfloor.process")
    asked.add_argument("name", choices=PROCESSES)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--beats", type=int)
    asked.add_argument("--number", type=int)
    asked.add_argument("--roles", type=lambda text: tuple(text.split(",")))
    given = asked.parse_args()
    options = {k: v for k in ("number", "roles") if (v := getattr(given, k)) is not None}
    try:
        return run(given.name, given.data, options, beats=given.beats)
    except WatchfloorError as error:  # its settings; what goes wrong later is in its log
        sys.stderr.write(f"{error.detail}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
