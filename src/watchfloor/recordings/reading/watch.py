"""One camera whose plates are read: tapped, decoded, its masks painted, what moves on it looked at, what passed told.

It is stopped from outside once leave ends, and gives nothing more then. A tap that ends, a recorder that changes, a stream that breaks:
it begins anew by itself, and says meanwhile what is the matter.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import UUID

from watchfloor.cameras import wire
from watchfloor.cameras.cover import Cover
from watchfloor.cameras.model import Camera
from watchfloor.cameras.wire import Kind
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.plates.model import Reader
from watchfloor.plates.reading.look import Eyes
from watchfloor.plates.video import NOTHING, Counts
from watchfloor.recordings.reading.looker import Looker
from watchfloor.recordings.reading.screen import Screen, Shot
from watchfloor.recordings.reading.tracks import Sighting, Telling, Tracks

_AGAIN_S: Final = 1.0
_RENEW_EVERY_S: Final = 20.0
_SILENT_S: Final = 20.0
_TICK_S: Final = 0.5
# A group of pictures longer than this is decoded whole: a car may come and go between its keyframes.
_LONG_GROUP_US: Final = 2_500_000
# So long after something moved the groups are decoded whole, where there is time.
_MOVING_FOR_S: Final = 4.0
_MOST_BYTES: Final = 8 * 1024 * 1024
# A picture that was taken so long ago is not read any more: it came with what the tap had at hand.
_STALE_US: Final = 15_000_000


class Stream(Protocol):
    """The tap of a camera, as `cameras/tap.py` has it."""

    async def next(self) -> bytes: ...

    def renew(self, camera: UUID, token: str, *, sub: bool = False) -> None: ...

    def close(self) -> None: ...


class Tools(Protocol):
    """What the watches of a process share."""

    @property
    def clock(self) -> Clock: ...

    @property
    def looker(self) -> Looker: ...

    @property
    def threads(self) -> Executor: ...

    async def tap(self, camera: Camera, grant: UUID, *, sub: bool) -> Stream: ...

    def token(self, camera: UUID, grant: UUID) -> str: ...

    async def cover(self, camera: Camera) -> Cover: ...

    def told(self, reader: Reader, camera: Camera, tellings: Sequence[Telling]) -> None: ...


@dataclass(frozen=True, slots=True)
class State:
    """How it goes: a level, one or two words, a sentence."""

    level: str
    word: str
    reason: str = ""


READING: Final = State("normal", "reading", "Its plates are read.")
_BEGINS: Final = State("standby", "connecting", "Its recorder is being asked for the picture.")
_MASKED: Final = State("caution", "masked", "All of its picture is covered by masks: nothing on it is read.")
_SILENT: Final = State("serious", "no picture", "Its recorder gives no picture.")
_UNDECODABLE: Final = State("serious", "not decoded", "Its stream cannot be decoded here.")


def reads_sub(reader: Reader, camera: Camera) -> bool:
    """Whether the camera's sub stream is read: as was set, while it has one."""
    return reader.stream == "sub" and camera.sub_address is not None


def reads_with(eyes: Eyes, reader: Reader, camera: Camera) -> State:
    """How a camera goes that is read with these: on which stream, what finds vehicles, or why that is not used, what networks run on."""
    stream = "on its sub stream" if reads_sub(reader, camera) else "on its main stream"
    if reader.stream == "sub" and camera.sub_address is None:
        stream += ", since it has no sub stream any more"
    if eyes.lacks:
        return State(
            "caution", "no detector", f"Its plates are read {stream}, on whole pictures. {eyes.lacks}"
        )
    found = f", on vehicles that {eyes.vehicles.name} finds" if eyes.vehicles is not None else ""
    runs_on = f", by {eyes.runs_on}" if eyes.runs_on else ""
    return State("normal", "reading", f"Its plates are read {stream}{found}{runs_on}.")


class Watch:
    """One camera being read."""

    def __init__(self, reader: Reader, camera: Camera, tools: Tools, apart_us: int) -> None:
        self.reader, self.of = reader, camera
        self.state, self._reads = _BEGINS, READING
        self.tally = NOTHING
        self.stopped = False
        self._tools, self._clock = tools, tools.clock
        self._sub = reads_sub(reader, camera)
        self._screen = Screen(apart_us)
        self._tracks: Tracks | None = None
        self._pending: list[bytes] = []
        self._bytes = 0
        self._whole = self._follows = False
        self._away = False  # no picture has come since the recorder said that, and why, none comes
        self._came = asyncio.Event()
        self._key_us: int | None = None
        self._moved_at = float("-inf")
        self._last: tuple[int, float] | None = None
        self._task = asyncio.create_task(self._run(), name=f"read {camera.id}")

    @property
    def camera(self) -> UUID:
        """Whose pictures they are."""
        return self.of.id

    def count(self, counts: Counts) -> None:
        """Add what became of pictures."""
        self.tally += counts

    def take_counts(self) -> Counts:
        """What became of pictures since this was asked last."""
        counts, self.tally = self.tally, NOTHING
        return counts

    def seen(self, shot: Shot, sightings: Sequence[Sighting], eyes: Eyes) -> None:
        """A picture was looked at."""
        self._reads = reads_with(eyes, self.reader, self.of)
        self._set_by_picture(self._reads)
        if self._tracks is None:
            self._tracks = Tracks(eyes.weights)
        self._tell(self._tracks.add(sightings, shot.at_us))

    def failed(self, why: str) -> None:
        """The networks failed on a picture."""
        self._set(State("serious", "reading fails", f"Looking at its pictures fails: {why}."))

    @property
    def broken(self) -> BaseException | None:
        """What ended it though nobody stopped it: a fault of ours."""
        ended = self._task.done() and not self._task.cancelled() and not self.stopped
        return self._task.exception() if ended else None

    async def stop(self) -> None:
        """Read it no more, from this moment on; what was seen before is told no more either."""
        self.stopped = True
        if self._tools.looker.drop(self.camera):
            self.tally += Counts(no_leave=1)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _tell(self, tellings: Sequence[Telling]) -> None:
        if tellings and not self.stopped:
            self._tools.told(self.reader, self.of, tellings)

    def _set(self, state: State) -> None:
        self.state = state

    def _set_by_picture(self, state: State) -> None:
        """What a picture shows of how it goes; one that came before the recorder said that none comes shows nothing any more."""
        if not self._away:
            self._set(state)

    def _goes_away(self, state: State) -> None:
        self._away = True
        self._set(state)

    async def _run(self) -> None:
        while True:
            try:
                await self._tap()
            except Unavailable as error:
                if self.state.level in ("normal", "standby"):
                    self._set(State("serious", "no picture", error.detail))
            except Invalid as error:
                self._set(replace(_UNDECODABLE, reason=f"{_UNDECODABLE.reason[:-1]}: {error.detail}"))
            self._end_of_stream()
            await self._clock.sleep(_AGAIN_S)

    def _end_of_stream(self) -> None:
        """What was in sight is told; what comes next begins at a keyframe."""
        self._pending, self._bytes, self._follows = [], 0, False
        if self._tracks is not None:
            self._tell(self._tracks.close())

    async def _tap(self) -> None:
        stream = await self._tools.tap(self.of, self.reader.id, sub=self._sub)
        tasks = [asyncio.create_task(self._renew(stream)), asyncio.create_task(self._decode())]
        taking = asyncio.create_task(self._take(stream))
        try:
            done, _ = await asyncio.wait([taking, tasks[1]], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (taking, *tasks):
                task.cancel()
            await asyncio.gather(taking, *tasks, return_exceptions=True)
            stream.close()

    async def _renew(self, stream: Stream) -> None:
        while True:
            await self._clock.sleep(_RENEW_EVERY_S)
            stream.renew(self.camera, self._tools.token(self.camera, self.reader.id), sub=self._sub)

    async def _take(self, stream: Stream) -> None:
        """Take what comes as fast as it comes, so that the recorder never waits: what is not decoded in time is let go."""
        while True:
            try:
                async with asyncio.timeout(_SILENT_S):
                    data = await stream.next()
            except TimeoutError as silence:
                self._goes_away(_SILENT)
                raise Unavailable(_SILENT.reason) from silence
            head = wire.head(data)
            match head.kind:
                case Kind.INIT:
                    self._pending, self._bytes, self._follows = [data], len(data), False
                    self._came.set()
                case Kind.FRAGMENT:
                    self._fragment(data, head)
                case Kind.STATE:
                    self._said(wire.state_of(data))
                case Kind.END:
                    end = wire.end_of(data)
                    self._goes_away(State("serious", "no picture", end.detail))
                    raise Unavailable(end.detail)
                case _:
                    continue

    def _said(self, note: wire.StateNote) -> None:
        """What the recorder says of the camera, where that is why no picture comes."""
        if note.level not in ("normal", "standby"):
            self._goes_away(State("serious", note.word, note.reason))
        elif self.state.level == "serious":
            self._set(_BEGINS)

    def _fragment(self, data: bytes, head: wire.LiveHead) -> None:
        self._away = False
        if head.key:
            long = self._key_us is not None and head.captured_us - self._key_us > _LONG_GROUP_US
            self._key_us = head.captured_us
            moving = self._clock.monotonic() - self._moved_at < _MOVING_FOR_S
            self._whole = long or (moving and self._tools.looker.has_time)
            init = [one for one in self._pending if wire.head(one).kind is Kind.INIT]
            if any(wire.head(one).key for one in self._pending if one not in init):
                self.tally += Counts(pictures=1, busy=1)  # a group that nobody came to decode
            self._pending, self._bytes = [*init, data], len(data)
            self._follows = self._whole
        elif self._follows and self._bytes + len(data) <= _MOST_BYTES:
            self._pending.append(data)
            self._bytes += len(data)
        else:
            self._follows = False
            return
        self._came.set()

    async def _decode(self) -> None:
        """Decode what has come, in a thread; and close what has gone out of sight when nothing comes."""
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._came.wait()
            self._came.clear()
            given, self._pending, self._bytes = self._pending, [], 0
            if given:
                cover = await self._tools.cover(self.of)
                ends = not self._follows
                await self._screened(
                    await loop.run_in_executor(self._tools.threads, self._work(given, cover, ends=ends))
                )
            self._look_after()

    def _work(
        self, given: Sequence[bytes], cover: Cover, *, ends: bool
    ) -> Callable[[], tuple[Counts, Shot | None, str]]:
        def work() -> tuple[Counts, Shot | None, str]:
            counts, fragments = NOTHING, list(given)
            if fragments and wire.head(fragments[0]).kind is Kind.INIT:
                try:
                    self._screen.begin(wire.segment_of(fragments.pop(0)))
                except ValueError as error:
                    return NOTHING, None, str(error)
            screened = self._screen.take(fragments, cover, ends=ends)
            return counts + screened.counts, screened.shot, ""

        return work

    async def _screened(self, made: tuple[Counts, Shot | None, str]) -> None:
        counts, shot, fault = made
        self.tally += counts
        now = self._clock.monotonic()
        if fault:
            raise Invalid(fault)
        if counts.pictures and counts.undecodable == counts.pictures:
            self._set_by_picture(_UNDECODABLE)
        elif counts.pictures and counts.masked == counts.pictures:
            self._set_by_picture(_MASKED)
        elif counts.pictures and self.state.word != "reading fails":
            self._set_by_picture(self._reads)
        if shot is None:
            return
        self._moved_at, self._last = now, (shot.at_us, now)
        taken_ago = self._clock.now().timestamp() * 1_000_000 - shot.at_us
        if taken_ago > _STALE_US:
            self.tally += Counts(busy=1)
            return
        self._tools.looker.offer(self, shot)

    def _look_after(self) -> None:
        """Tell what went out of sight, by the stream's own time and what has passed since."""
        # While a picture of it waits nobody knows yet whether the car is on it.
        if self._tracks is not None and self._last is not None and not self._tools.looker.has(self.camera):
            at_us, then = self._last
            self._tell(self._tracks.gone(at_us + round((self._clock.monotonic() - then) * 1_000_000)))
