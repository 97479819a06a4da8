"""The sensor as it runs: it hears, sends what it heard, comes back when the broker went, and answers who asks for a clip.

What cannot be sent waits in memory. It says on stdout what changed, one JSON line each, and never what was heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from watchfloor_sensor.audio import BadAudio, Source
from watchfloor_sensor.band import Samples
from watchfloor_sensor.ears import Ears
from watchfloor_sensor.line import Broker, Line, NotLetIn
from watchfloor_sensor.outbox import AT_ONCE, Outbox, message
from watchfloor_sensor.pulls import Pulls
from watchfloor_sensor.timing import Clock

EVERY_S: Final = 1.0
"""No more messages than one in that time."""
HERE_S: Final = 30.0
"""It says that it is there so often."""
_SOONEST_S: Final = 1.0
_LATEST_S: Final = 60.0
_ASKED_AT_ONCE: Final = 4
_AFTER_THE_LAST_S: Final = 0.25
STILL_S: Final = 10.0
"""Where no sound at all comes for so long, there is no microphone any more."""
TERM_S: Final = 5.0
"""So long it waits for what it heard to be acknowledged when it is told to end."""
DEAD_S: Final = 60.0
"""Nor where every sample is the same for so long: a street is never that still."""


@dataclass
class Counts:
    """What became of it all."""

    heard_s: float = 0.0
    pulses: int = 0
    sent: int = 0
    messages: int = 0
    came_in: int = 0
    asked: int = 0
    dropped: int = 0
    flooded: int = 0


Says = Callable[[Mapping[str, object]], None]


def to_stdout(what: Mapping[str, object]) -> None:
    """One line; where nobody reads it any more it goes on without."""
    with contextlib.suppress(OSError):
        print(json.dumps(dict(what)), flush=True)


@dataclass
class Sensor:
    """One microphone and its way to a center. `paced`: what is read is a recording that is played as if it were now."""

    id: str
    ears: Ears
    pulls: Pulls
    clock: Clock
    broker: Broker
    says: Says = to_stdout
    paced: bool = False
    every_s: float = EVERY_S
    still_s: float = STILL_S

    def __post_init__(self) -> None:
        self.counts = Counts()
        self.outbox = Outbox()
        self._news = asyncio.Event()
        self._asked: asyncio.Queue[bytes] = asyncio.Queue(_ASKED_AT_ONCE)
        self._chance = secrets.SystemRandom()
        self._settled = asyncio.Event()
        self._ending = asyncio.Event()
        self._away_for = ""

    async def run(self, source: Source, *, leaves_within_s: float = 30.0) -> Counts:
        """Until the sound ends or it is told to end, and what was heard is sent or so long was waited. Raises BadAudio, and whatever ended
        hearing or sending: one without the other is no sensor."""
        sending = asyncio.create_task(self._sends(), name="send")
        hearing = asyncio.create_task(self._hears(source), name="hear")
        ending = asyncio.create_task(self._ending.wait(), name="end")
        try:
            await _first_of(hearing, sending, ending)
            hearing.cancel()
            if len(self.outbox):
                await self._leaves(sending, min(leaves_within_s, TERM_S) if self.ending else leaves_within_s)
        finally:
            for one in (sending, hearing, ending):
                one.cancel()
            await asyncio.wait([sending, hearing, ending])
            self.ears.ring.forget()
        return self.told()

    async def _leaves(self, sending: asyncio.Task[None], within_s: float) -> None:
        """Until what was heard is acknowledged, or for so long."""
        settled = asyncio.create_task(self._settled.wait(), name="settled")
        try:
            await _first_of(settled, sending, within_s=within_s)
        finally:
            settled.cancel()

    @property
    def ending(self) -> bool:
        """Whether it was told to end."""
        return self._ending.is_set()

    def end(self) -> None:
        """Hear no more, and end once what was heard is sent, or some seconds later."""
        self._ending.set()

    def told(self) -> Counts:
        """The counts as they are."""
        self.counts.dropped, self.counts.flooded = self.outbox.dropped, self.ears.flooded
        return self.counts

    def now(self) -> datetime:
        """By the board's clock."""
        return datetime.fromtimestamp(self.clock.utc_s(), UTC)

    async def _hears(self, source: Source) -> None:
        began, pieces, same_s = self.clock.mono_s(), _Pieces(source), 0.0
        while (piece := await pieces.next(self.still_s)) is not None:
            self.counts.heard_s += len(piece) / source.rate
            same_s = 0.0 if np.ptp(piece) else same_s + len(piece) / source.rate
            if same_s >= DEAD_S:
                raise BadAudio("Every sample of a minute is the same: the microphone is broken or muted.")
            if self.paced:
                ahead = self.counts.heard_s - (self.clock.mono_s() - began)
                await asyncio.sleep(max(0.0, ahead))
            self._keeps(piece)
        self._keeps(np.zeros(round(_AFTER_THE_LAST_S * source.rate), dtype=np.int16))

    def _keeps(self, piece: Samples) -> None:
        pulses = self.ears.hears(piece)
        if pulses:
            self.counts.pulses += len(pulses)
            self.outbox.put(pulses)
            self._settled.clear()
            self._news.set()

    async def _sends(self) -> None:
        wait_s = _SOONEST_S
        while True:
            try:
                line = await Line.opened(self.broker, self._is_asked)
            except (OSError, TimeoutError, NotLetIn) as error:
                self._away(str(error) or type(error).__name__)
                await asyncio.sleep(wait_s * self._chance.uniform(0.5, 1.0))
                wait_s = min(2 * wait_s, _LATEST_S)
                continue
            wait_s = _SOONEST_S
            self.counts.came_in += 1
            self._away_for = ""
            answering = asyncio.create_task(self._answers(line), name="answer")
            try:
                may = await line.subscribe(f"pulls/{self.id}")
                self.says({"connected": True, "hears_pulls": may, "waiting": len(self.outbox)})
                await self._sends_on(line, answering)
            finally:
                answering.cancel()
                await asyncio.wait([answering])
                await line.close()
            if not answering.cancelled():
                answering.result()
            self._away("the connection ended")
            await asyncio.sleep(self._chance.uniform(0.1, 1.0))

    async def _sends_on(self, line: Line, answering: asyncio.Task[None]) -> None:
        """Until it ends, nobody answers any more, or something is not acknowledged."""
        said_at = -HERE_S
        while not line.ended and not answering.done():
            pulses = self.outbox.next(self.now())
            if pulses or self.clock.mono_s() - said_at >= HERE_S:
                self._news.clear()
                sent = await line.publish(f"pulses/{self.id}", message(self.now(), pulses, self.id))
                if not sent:
                    return
                said_at = self.clock.mono_s()
                self.outbox.sent(pulses)
                self.counts.sent += len(pulses)
                self.counts.messages += 1
                if not len(self.outbox):
                    self._settled.set()
            await asyncio.sleep(self.every_s)
            if len(pulses) < AT_ONCE:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.every_s):
                        await self._news.wait()

    def _is_asked(self, payload: bytes) -> None:
        """More at once than can be answered are let go: who asks asks again."""
        with contextlib.suppress(asyncio.QueueFull):
            self._asked.put_nowait(payload)

    async def _answers(self, line: Line) -> None:
        while True:
            payload = await self._asked.get()
            self.counts.asked += 1
            await line.publish(f"clips/{self.id}", self.pulls.answer(payload))

    def _away(self, why: str) -> None:
        """Said once for each reason."""
        if why != self._away_for:
            self._away_for = why
            self.says({"connected": False, "why": why, "waiting": len(self.outbox)})


async def _first_of(*tasks: asyncio.Task[object], within_s: float | None = None) -> None:
    """Until one of these has ended, or for so long. Raises what ended it."""
    ended, _ = await asyncio.wait(tasks, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for one in ended:
        one.result()


class _Pieces:
    """Reads in a thread of its own, which nothing waits for at the end: a pipe may be silent for ever."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Samples | BadAudio | None] = asyncio.Queue(8)
        threading.Thread(target=self._reads, name="read sound", daemon=True).start()

    async def next(self, within_s: float) -> Samples | None:
        """None at the end. Raises BadAudio, also where nothing comes in that time."""
        try:
            async with asyncio.timeout(within_s):
                piece = await self._queue.get()
        except TimeoutError:
            raise BadAudio(f"No sound came for {within_s:.0f} seconds: there is no microphone.") from None
        if isinstance(piece, BadAudio):
            raise piece
        return piece

    def _reads(self) -> None:
        piece: Samples | BadAudio | None = None
        while True:
            try:
                piece = self._source.piece()
            except BadAudio as error:
                piece = error
            except (OSError, ValueError) as error:  # a pipe that is closed meanwhile
                piece = BadAudio(f"The sound ended: {error}")
            putting = self._queue.put(piece)
            try:
                asyncio.run_coroutine_threadsafe(putting, self._loop).result()
            except (RuntimeError, CancelledError):  # nobody listens any more
                putting.close()
                return
            if piece is None or isinstance(piece, BadAudio):
                return


def told(counts: Counts) -> dict[str, object]:
    """For a last line."""
    return {"ended": True, **asdict(counts)}
