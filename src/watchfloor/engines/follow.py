"""A center started as a child of a program that shows or measures it: `watchfloor up`, followed by what it says.

It looks after the one process; what the center does is not its business.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from watchfloor.engines.spawn import Child, spawn, tail
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable

START_S: Final = 180.0
DOWN_S: Final = 60.0
_LISTEN_S: Final = 0.05
# What a person who waits wants to know.
_PROGRESS: Final = ("making", "migrated", "orphans", "ready", "late", "ended", "silent", "failed")


class FollowedUp:
    """`watchfloor up` as a child, followed by its own words. It dies with us, however we die."""

    def __init__(self, data: Path, said: Path, clock: Clock, *, agency: str, time_zone: str) -> None:
        """Start it; what it says goes to the file `said`."""
        self._data = data
        self._said = said
        self._clock = clock
        self._read = 0
        said.unlink(missing_ok=True)
        command = [sys.executable, "-m", "watchfloor", "up", "--data", str(data), "--json",
                   "--agency", agency, "--time-zone", time_zone]  # fmt: skip
        self._child: Child = spawn("up", command, log=said)

    async def until_up(self, progress: Callable[[str], None]) -> tuple[str, str]:
        """The address, and at the first start the administrator's one-time link."""
        until, link = self._clock.monotonic() + START_S, ""
        while self._clock.monotonic() < until:
            alive = self._child.alive()
            for said in self._new_words():
                if said["event"] == "first":
                    link = (await asyncio.to_thread(Path(said["file"]).read_text)).strip()
                elif said["event"] == "up":
                    return str(said["http"]), link
                elif said["event"] in _PROGRESS:
                    progress(str(said["text"]))
            if not alive:
                raise self._fallen("The center did not start")
            await self._clock.sleep(_LISTEN_S)
        raise self._fallen(f"The center did not start within {START_S:.0f} s")

    async def falls(self, progress: Callable[[str], None]) -> None:
        """Tell what befalls its parts; raises Unavailable when it has ended, which nobody asked it to."""
        while self._child.alive():
            for said in self._new_words():
                if said["event"] in _PROGRESS:
                    progress(str(said["text"]))
            await self._clock.sleep(_LISTEN_S)
        raise self._fallen("The center has ended by itself")

    async def end(self, again: asyncio.Event) -> None:
        """Ask it to end, a second time when `again` is set, and insist after a while."""
        self._child.send(signal.SIGTERM)
        until, hurried = self._clock.monotonic() + DOWN_S, False
        while self._child.alive() and self._clock.monotonic() < until:
            if again.is_set() and not hurried:
                self._child.send(signal.SIGTERM)
                hurried = True
            await self._clock.sleep(_LISTEN_S)
        await self._child.end(self._clock, by=signal.SIGKILL)

    def _new_words(self) -> list[dict[str, Any]]:
        """What it has said since the last look, whole lines only; what is no JSON is a warning of a library."""
        with self._said.open("rb") as file:
            file.seek(self._read)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(newline)
        return [json.loads(line) for line in whole.split(b"\n") if line.startswith(b"{")]

    def _fallen(self, what: str) -> Unavailable:
        status = self._child.exit_status
        how = "" if status is None else f" (status {status})"
        return Unavailable(
            f"{what}{how}. It last said: {_words(tail(self._said, 1))}",
            next_step=f"The logs of its parts are in {self._data / 'logs'}.",
        )


def _words(line: str) -> str:
    """What `up` said, without its JSON."""
    with contextlib.suppress(json.JSONDecodeError, KeyError, TypeError):
        return str(json.loads(line)["text"])
    return line
