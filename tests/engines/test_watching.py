"""How `up` watches what it runs: what hangs in its start, and a disk that does not answer. No process is started."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchfloor.engines.disk import Disk
from watchfloor.engines.endpoints import Endpoints
from watchfloor.engines.layout import Layout
from watchfloor.engines.renew import keep_renewed
from watchfloor.engines.spawn import Child
from watchfloor.engines.supervise import Part, Supervisor, at_once
from watchfloor.engines.tls import TlsFiles
from watchfloor.engines.told import Told
from watchfloor.kit.clock import Clock, ManualClock
from watchfloor.kit.errors import Invalid

S = timedelta(seconds=1)


class Pretended(Child):
    """A process that there is none of."""

    def __init__(self) -> None:
        self.name, self.ended_by = "pretended", list[signal.Signals]()

    @property
    def pid(self) -> int:
        return 1

    @property
    def adopted(self) -> bool:
        return False

    @property
    def exit_status(self) -> int | None:
        return None if self.alive() else -9

    def alive(self) -> bool:
        return not self.ended_by

    async def end(self, clock: Clock, *, by: signal.Signals = signal.SIGTERM, within_s: float = 10.0) -> bool:
        self.ended_by.append(by)
        return True


@dataclass
class Program:
    """What is started again and again; it says that it goes on while it `beats`, and does its work once it is `ready`."""

    name: str
    beats: bool = False
    ready: bool = False
    started: list[Pretended] = field(default_factory=list)

    def part(self, silent_s: float = 6.0) -> Part:
        return Part(
            self.name, at_once(self._start), self._answers, stops_with=1,
            silent_s=silent_s, silent_signal=signal.SIGKILL, goes_on=self._goes_on,
        )  # fmt: skip

    def _start(self) -> Child:
        self.started.append(Pretended())
        return self.started[-1]

    async def _answers(self) -> bool:
        return self.ready

    async def _goes_on(self) -> bool:
        return self.beats


class Heard(list[str]):
    """What was said, by its word for machines."""

    def __call__(self, event: str, sentence: str, /, **facts: str | int | float | None) -> None:
        self.append(event)


@dataclass
class Watch:
    """Somebody who watches."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(datetime(2026, 11, 30, tzinfo=UTC)))
    disk: asyncio.Event = field(default_factory=asyncio.Event)
    said: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        self.disk.set()
        self.supervisor = Supervisor(self.clock, self.said, lambda _: None, self._disk_answers)

    async def _disk_answers(self) -> None:
        await self.disk.wait()

    @asynccontextmanager
    async def over(self, *parts: Part) -> AsyncIterator[None]:
        starting = [asyncio.create_task(self.supervisor.bring_up(part)) for part in parts]
        try:
            yield
        finally:
            for task in starting:
                task.cancel()
            await self.supervisor.stop()


async def test_what_hangs_in_its_start_is_not_waited_for_as_long_as_a_start_may_take() -> None:
    watch, recorder, never = Watch(), Program("record", beats=True), Program("serve")
    async with watch.over(recorder.part(), never.part(silent_s=60.0)):
        await watch.clock.advance(20 * S)
        recorder.beats = False
        await watch.clock.advance(5 * S)
        assert len(recorder.started) == 1 and "silent" not in watch.said, "it loads, or is a little slow"
        await watch.clock.advance(2 * S)
        assert recorder.started[0].ended_by == [signal.SIGKILL] and len(recorder.started) == 2
        await watch.clock.advance(20 * S)
        assert len(never.started) == 1, "what may be silent for a minute may be in its start"
        await watch.clock.advance(14 * S)
        assert never.started[0].ended_by == [signal.SIGKILL], "it has not said once that it goes on"


async def test_what_says_that_it_goes_on_may_take_its_time_to_begin() -> None:
    watch, waits = Watch(), Program("serve", beats=True)
    async with watch.over(waits.part()):
        await watch.clock.advance(300 * S)
        assert waits.started[0].ended_by == [] and watch.said == ["late"]


async def test_while_the_disk_does_not_answer_the_others_are_watched_on() -> None:
    watch = Watch()
    ended, hangs = (Program(name, beats=True, ready=True) for name in ("sweep", "record"))
    async with watch.over(ended.part(), hangs.part()):
        await watch.clock.advance(10 * S)
        watch.disk.clear()
        await ended.started[0].end(watch.clock)
        await watch.clock.advance(5 * S)
        assert len(ended.started) == 1, "a start opens files"
        hangs.beats = False
        await watch.clock.advance(10 * S)
        assert hangs.started[0].ended_by == [signal.SIGKILL]
        hangs.beats = True
        watch.disk.set()
        await watch.clock.advance(10 * S)
        assert [len(one.started) for one in (ended, hangs)] == [2, 2]


async def test_a_certificate_that_does_not_fit_is_said_once_and_the_one_of_before_shown(
    tmp_path: Path,
) -> None:
    clock, disk, said, shown = (
        ManualClock(datetime(2026, 11, 30, tzinfo=UTC)),
        Disk(),
        Heard(),
        list[datetime](),
    )
    fits = False

    def files(now: datetime) -> TlsFiles | None:
        if not fits:
            raise Invalid("It is not the key of the certificate.")
        return None

    class Shown:
        def renew(self) -> bool:
            shown.append(clock.now())
            return len(shown) == 1

    async def minutes(count: int) -> None:
        for _ in range(count):
            await clock.advance(60 * S)
            for _ in range(4):
                await disk.does(lambda: None)

    renewing = asyncio.create_task(keep_renewed(Shown(), files, tmp_path / "ready", disk, clock, said))
    await minutes(3)
    assert (said, shown) == (["not renewed"], [])
    fits = True
    await minutes(1)
    assert not shown, "nobody answers who may be in"
    (tmp_path / "ready").touch()
    await minutes(3)
    assert said == ["not renewed", "renewed"] and len(shown) == 3
    renewing.cancel()
    await asyncio.wait([renewing])
    disk.close()


async def test_a_disk_that_hangs_holds_up_what_is_written_to_it_and_nothing_else(tmp_path: Path) -> None:
    layout, clock, said = (
        Layout.of(tmp_path / "data"),
        ManualClock(datetime(2026, 11, 30, tzinfo=UTC)),
        Heard(),
    )
    layout.prepare()
    disk, answers = Disk(), threading.Event()
    told = Told(disk, clock, said)
    told.now = Endpoints(
        layout.data, "http://h", "h:1", "host=/x", "nats://n", None, layout.runtime, pids={"up": 1}
    )
    await told.written()
    hung = asyncio.create_task(disk.does(lambda: answers.wait(20)))
    keeping = asyncio.create_task(told.keep())
    for pid in (2, 3):
        told.now = Endpoints(
            layout.data, "http://h", "h:1", "host=/x", "nats://n", None, layout.runtime, pids={"up": pid}
        )
        await clock.advance(10 * S)
    assert Endpoints.read(layout.data).pids == {"up": 1} and not hung.done(), "and we are here"
    answers.set()
    await told.written()
    assert Endpoints.read(layout.data).pids == {"up": 3} and said == []
    (layout.data / "endpoints.json").unlink()
    told.now = Endpoints(Path("/proc/nowhere"), "http://h", "h:1", "", "nats://n", None, layout.runtime)
    await told.tried()
    keeping.cancel()
    await asyncio.wait([keeping, hung])
    disk.close()
