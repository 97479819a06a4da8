"""Keeps parts running: starts them in order, starts again what ended, stops them in order. It knows no part by name."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Final, Protocol

from watchfloor.engines.spawn import Child
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.running import cancelled

_POLL_S: Final = 0.05
_LOOK_EVERY_S: Final = 2.0
_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 5.0
_HEALTHY_AFTER_S: Final = 60.0
_FIRST_TRIES: Final = 3
_DISK_S: Final = 2.0
# What says of itself that it goes on and has not said so once by then does not: loading takes it seconds, on a busy machine some more.
_FIRST_WORD_S: Final = 30.0


class Say(Protocol):
    """Tells the person at the terminal: a word for machines, a sentence for people, and the facts in it."""

    def __call__(self, event: str, sentence: str, /, **facts: str | int | float | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Part:
    """Something that runs as long as the center does.

    `start` starts or adopts it and may be called again (`at_once` makes it of a function that waits for nothing); `answers`
    says whether it does its work. `stops_with` groups parts that may be asked to end at the same time; the highest group ends
    first. A part that is `needed` ends the whole start when it cannot be brought up. One that does not go on for `silent_s` is
    told to end by `silent_signal`, and started again: whether it does, `goes_on` says, or `answers` where that is None. One that
    ends again and again is started ever later, `longest_pause_s` after its end at the latest.
    """

    name: str
    start: Callable[[], Awaitable[Child]]
    answers: Callable[[], Awaitable[bool]]
    stops_with: int
    needed: bool = False
    stop_signal: signal.Signals = signal.SIGTERM
    stop_s: float = 15.0
    ready_s: float = 60.0
    silent_s: float | None = None
    silent_signal: signal.Signals = signal.SIGTERM
    goes_on: Callable[[], Awaitable[bool]] | None = None
    longest_pause_s: float = _LONGEST_PAUSE_S


class _Start(Enum):
    """How far a start has come."""

    UP = "up"
    LATE = "late"
    HANGS = "hangs"


async def _at_once() -> None:
    """The disk answers."""


def at_once(start: Callable[[], Child]) -> Callable[[], Awaitable[Child]]:
    """A start that waits for nothing."""

    async def started() -> Child:
        return start()

    return started


@dataclass(slots=True)
class _Kept:
    part: Part
    child: Child
    task: asyncio.Task[None] | None = None


def pause_after(failures: int, longest_s: float = _LONGEST_PAUSE_S) -> float:
    """Seconds to wait before the next start, after so many ends in a row."""
    return min(_FIRST_PAUSE_S * 2.0 ** min(max(failures - 1, 0), 20), longest_s)


class Supervisor:
    """Looks after the parts of one center."""

    def __init__(
        self,
        clock: Clock,
        say: Say,
        changed: Callable[[dict[str, int]], None],
        disk_answers: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        """`changed` hears the pids by name whenever one of them changes. Nothing is started anew before `disk_answers` has ended: a start
        opens files, and whoever waits for them here would watch nothing.
        """
        self._clock = clock
        self._disk_answers = disk_answers
        self._say = say
        self._changed = changed
        self._kept: list[_Kept] = []

    @property
    def pids(self) -> dict[str, int]:
        return {k.part.name: k.child.pid for k in self._kept}

    async def bring_up(self, part: Part) -> None:
        """Start a part, wait until it does its work, then keep it running.

        Raises Unavailable when a needed part does not come up; another one is tried again for as long as we run.
        """
        kept = _Kept(part, await part.start())
        self._kept.append(kept)
        began = self._clock.monotonic()
        failures = 0
        while (start := await self._came_up(kept)) is not _Start.UP:
            failures += 1
            if not part.needed:
                await self._end_what_hangs(kept, start)
                self._say("late", f"{part.name} does not do its work yet; it is tried again", part=part.name)
                break
            await kept.child.end(self._clock, by=part.stop_signal, within_s=part.stop_s)
            if failures == _FIRST_TRIES:
                raise Unavailable(
                    f"{part.name} does not start.", next_step=f"Its log says why: logs/{part.name}.log"
                )
            await self._clock.sleep(pause_after(failures))
            kept.child = await part.start()
        else:
            self._say_ready(kept, self._clock.monotonic() - began)
        self._changed(self.pids)
        kept.task = asyncio.create_task(self._keep(kept), name=f"keep {part.name}")

    def _say_ready(self, kept: _Kept, took_s: float) -> None:
        name = kept.part.name
        how = "was running already" if kept.child.adopted else "runs"
        self._say(
            "ready", f"{name} {how} ({took_s:.1f} s)", part=name, pid=kept.child.pid, took_s=round(took_s, 3)
        )

    async def stop(self) -> None:
        """End all parts, the highest group first; each gets its own time before it is killed."""
        await cancelled(kept.task for kept in self._kept if kept.task is not None)
        ordered = sorted(self._kept, key=lambda k: k.part.stops_with, reverse=True)
        for _, group in groupby(ordered, key=lambda k: k.part.stops_with):
            await asyncio.gather(*(self._end(kept) for kept in group))

    def kill(self) -> None:
        """End everything at once, without waiting; PostgreSQL recovers from its log at the next start."""
        for kept in self._kept:
            kept.child.send(signal.SIGKILL)

    async def _end(self, kept: _Kept) -> None:
        part = kept.part
        if not kept.child.alive():
            return
        if await kept.child.end(self._clock, by=part.stop_signal, within_s=part.stop_s):
            self._say("stopped", f"{part.name} ended", part=part.name)
        else:
            self._say(
                "killed", f"{part.name} did not end within {part.stop_s:.0f} s and was killed", part=part.name
            )

    async def _came_up(self, kept: _Kept) -> _Start:
        """Wait until it does its work: for as long as it may take, or, where it says of itself that it goes on, while it does."""
        part, began = kept.part, self._clock.monotonic()
        heard, looked, longest = began, began, max(_FIRST_WORD_S, part.silent_s or 0.0)
        while not await part.answers():
            now = self._clock.monotonic()
            if not kept.child.alive():
                return _Start.LATE
            if now - began >= part.ready_s:
                never = part.silent_s is not None and part.goes_on is not None and heard == began
                return _Start.HANGS if never else _Start.LATE
            if part.silent_s is not None and part.goes_on is not None:
                if await part.goes_on():
                    heard, longest = now, part.silent_s
                elif now - looked > 1.0:  # whoever was held up itself judges nobody
                    heard = now
                elif now - heard >= longest:
                    return _Start.HANGS
            looked = now
            await self._clock.sleep(_POLL_S)
        return _Start.UP if kept.child.alive() else _Start.LATE

    async def _end_what_hangs(self, kept: _Kept, start: _Start) -> None:
        part = kept.part
        if start is _Start.HANGS:
            self._say("silent", f"{part.name} hangs in its start", part=part.name)
            await kept.child.end(self._clock, by=part.silent_signal, within_s=part.stop_s)

    async def _keep(self, kept: _Kept) -> None:
        failures = 0
        while True:
            since = self._clock.monotonic()
            await self._gone_or_silent(kept)
            lived = self._clock.monotonic() - since
            failures = 1 if lived >= _HEALTHY_AFTER_S else failures + 1
            pause = pause_after(failures, kept.part.longest_pause_s)
            self._say(
                "ended",
                f"{kept.part.name} {how_it_ended(kept.child)} after {lived:.0f} s; it starts again in {pause:.2g} s",
                part=kept.part.name,
                status=kept.child.exit_status,
            )
            await self._clock.sleep(pause)
            await self._again(kept)

    async def _gone_or_silent(self, kept: _Kept) -> None:
        """Wait until it has ended; one that lives and does no work for too long is ended. Whoever was held up itself judges nobody."""
        longest, goes_on = kept.part.silent_s, kept.part.goes_on or kept.part.answers
        every = _LOOK_EVERY_S if longest is None else min(_LOOK_EVERY_S, longest / 5)
        heard = looked = self._clock.monotonic()
        while kept.child.alive():
            await self._clock.sleep(_POLL_S)
            if longest is None or self._clock.monotonic() - looked < every:
                continue
            before, looked = looked, self._clock.monotonic()
            if await goes_on() or looked - before > 2 * every + 1.0:
                heard = looked
            elif looked - heard >= longest:
                name = kept.part.name
                self._say("silent", f"{name} runs but has not answered for {looked - heard:.0f} s", part=name)
                await kept.child.end(self._clock, by=kept.part.silent_signal, within_s=kept.part.stop_s)

    async def _again(self, kept: _Kept) -> None:
        await self._disk_answers()
        try:
            kept.child = await kept.part.start()
        except OSError as error:
            self._say("failed", f"{kept.part.name} cannot be started: {error}", part=kept.part.name)
            return
        self._changed(self.pids)
        began = self._clock.monotonic()
        start = await self._came_up(kept)
        if start is _Start.UP:
            # Who hears that it runs finds it where everything is written down, unless the disk does not answer.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DISK_S):
                    await self._disk_answers()
            self._say_ready(kept, self._clock.monotonic() - began)
        await self._end_what_hangs(kept, start)


def how_it_ended(child: Child) -> str:
    """In words: its exit status or the signal that ended it."""
    status = child.exit_status
    if status is None:
        return "ended"
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
