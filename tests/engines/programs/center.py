"""`watchfloor up` with other processes: DIR, then their names. Prints one JSON line for each thing it says."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.processes import Process
from watchfloor.engines.up import Up
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import WatchfloorError
from watchfloor.settings import load

_WORKER = "tests.engines.programs.worker"

NICE = {"read": 7}


def say(event: str, sentence: str, /, **facts: str | int | float | None) -> None:
    sys.stdout.write(json.dumps({"event": event, "text": sentence, **facts}) + "\n")
    sys.stdout.flush()


async def begin(endpoints: Endpoints) -> str | None:
    return f"{endpoints.http}/invitation#once" if not (endpoints.data / "begun").exists() else None


def main() -> None:
    data, *names = sys.argv[1:]
    runs = tuple(Process(name, ("-m", _WORKER, name), nice=NICE.get(name, 0)) for name in names)
    try:
        asyncio.run(Up(load(Path(data)), SystemClock(), say, begin=begin, runs=runs).run())
    except WatchfloorError as error:
        say("refused", error.detail, next_step=error.next_step)
        sys.exit(1)


if __name__ == "__main__":
    main()
