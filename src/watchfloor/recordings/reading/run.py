"""`sense --roles read`: reads plates on the video of cameras for which somebody set that and which are authorised for it.

Each round asks the door for every camera: for reads under `plate_reading_on_video` at its place, and for the camera itself under its own
technology. A camera without both is not tapped. Networks are opened with the first camera, so that a center which reads none pays nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from watchfloor.cameras import store as camera_store
from watchfloor.cameras.model import Camera
from watchfloor.governance.actors import process_actor
from watchfloor.governance.lease import Lease
from watchfloor.governance.model import About, Ask, Denied
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.plates import carried_store, video_store
from watchfloor.plates.carried_store import Move
from watchfloor.plates.leave import ask_for
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.video import NOTHING, Counts
from watchfloor.plates.video_store import Word
from watchfloor.recordings.reading.may import refusal_of
from watchfloor.recordings.reading.outbox import Outbox
from watchfloor.recordings.reading.parts import ReadParts
from watchfloor.recordings.reading.sharing import is_mine
from watchfloor.storage import workers
from watchfloor.storage.tx import Tx

if TYPE_CHECKING:
    from watchfloor.recordings.reading.watches import Watches

KIND: Final = "read"
_PROCESS: Final = "sense"
_TURN_S: Final = 1.0
_SAY_EVERY_S: Final = 5.0
_REMOVED: Final = ("off", "no camera", "The camera was removed from the registry.")
_OFF: Final = ("off", "switched off", "The camera is switched off.")
_BEGINS: Final = ("standby", "connecting", "Its recorder is being asked for the picture.")
_log = logger("reading")
_Words = tuple[str, str, str]
MakeWatches = Callable[[ReadParts, Outbox], "Watches"]


@dataclass(slots=True)
class _Known:
    """One camera that is to be read; its leave, or in words (level, word, sentence) why there is none."""

    agency: UUID
    reader: Reader
    camera: Camera | None
    leave: Lease | None = None
    why: _Words | None = None


class Reading:
    """All cameras that this process reads."""

    def __init__(self, parts: ReadParts, make: MakeWatches | None = None) -> None:
        """Raises Invalid for a setting that makes no sense."""
        if parts.settings.pictures_a_second <= 0 or parts.settings.cores <= 0:
            raise Invalid("reading.pictures_a_second and reading.cores are more than 0.")
        self._parts, self._make = parts, make
        self.worker = uuid7(parts.clock.now())
        self._known: dict[ReaderId, _Known] = {}
        self._outbox = Outbox(parts.hand, parts.clock, self._leave)
        self._watches: Watches | None = None
        self._counts: dict[ReaderId, Counts] = {}
        self._said: dict[ReaderId, str] = {}
        self._said_at = float("-inf")
        self._away = False

    async def run(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        """Read until told to stop."""
        handing = asyncio.create_task(self._outbox.run(), name="hand in reads")
        try:
            await self._begin(stop)
            ready()
            while not stop.is_set():
                if handing.done():
                    handing.result()  # whoever hands in has failed: nothing read would arrive any more
                await self._round()
                await self._pause(stop)
        finally:
            await self._stop()
            handing.cancel()
            await asyncio.gather(handing, return_exceptions=True)

    async def _begin(self, stop: asyncio.Event) -> None:
        """Be known as a worker; waits for the database as long as it takes."""
        while not stop.is_set():
            with contextlib.suppress(Unavailable):
                async with self._parts.door.open(self._ask(self._parts.agencies[0])) as tx:
                    await workers.start(tx, self.worker, KIND, socket.gethostname(), None, before=None)
                return
            await self._pause(stop)

    async def _stop(self) -> None:
        if self._watches is not None:
            await self._watches.close()
        with contextlib.suppress(Unavailable):  # its lease ends by itself
            async with self._parts.door.open(self._ask(self._parts.agencies[0])) as tx:
                await workers.stop(tx, self.worker)

    async def _pause(self, stop: asyncio.Event) -> None:
        waiting = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait([waiting], timeout=_TURN_S)
        finally:
            waiting.cancel()

    async def _round(self) -> None:
        """Look which cameras are to be read, ask leave for each, begin and stop, say how it goes.

        Without the database what is known goes on, for as long as its leave does.
        """
        await self._unless_away(self._look)
        await self._ask_leave()
        await self._follow()
        await self._unless_away(self._say)

    async def _unless_away(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except Unavailable as away:
            if not self._away:
                _log.warning("reading goes on without the database", why=away.detail)
            self._away = True
        else:
            self._away = False

    async def _look(self) -> None:
        known: dict[ReaderId, _Known] = {}
        for number, agency in enumerate(self._parts.agencies):
            async with self._parts.door.open(self._ask(agency)) as tx:
                if number == 0:
                    await self._renew(tx)
                alive = await workers.alive_ids(tx, KIND)
                readers = await video_store.readers_on_video(tx)
            mine = {
                one.camera: one for one in readers if one.camera and is_mine(one.camera, self.worker, alive)
            }
            if mine:
                async with self._parts.door.open(
                    Ask(process_actor(agency, _PROCESS), Need.CAMERA_STATE)
                ) as tx:
                    cameras: dict[UUID, Camera] = {
                        one.id: one for one in await camera_store.cameras_of(tx, list(mine))
                    }
                stand = await self._as_they_stand(agency, mine, cameras)
                for camera, one in stand.items():
                    known[one.id] = self._still(_Known(agency, one, cameras.get(camera)))
        self._known = known

    def _still(self, now: _Known) -> _Known:
        """With the leave it had, until it is asked for anew: what is read meanwhile is handed in under it."""
        was = self._known.get(now.reader.id)
        return now if was is None else replace(now, leave=was.leave, why=was.why)

    async def _renew(self, tx: Tx) -> None:
        if not await workers.renew(tx, self.worker):
            self.worker = uuid7(tx.now)
            await workers.start(tx, self.worker, KIND, socket.gethostname(), None, before=None)

    async def _as_they_stand(
        self, agency: UUID, readers: dict[UUID, Reader], cameras: dict[UUID, Camera]
    ) -> dict[UUID, Reader]:
        """A reader that is a camera stands where the camera does: leave is asked for there, and its reads are of there."""
        moves = [
            Move(reader.id, camera.place_text, camera.place, camera.heading_deg)
            for id_, reader in readers.items()
            if (camera := cameras.get(id_)) is not None
            and (reader.point, reader.place, reader.heading_deg)
            != (camera.place, camera.place_text, camera.heading_deg)
        ]
        if not moves:
            return readers
        async with self._parts.door.open(self._ask(agency)) as tx:
            await carried_store.move(tx, moves)
            return {
                one.camera: one for one in await video_store.readers_on_video(tx) if one.camera in readers
            }

    async def _ask_leave(self) -> None:
        """Ask for all in one batch: for the reads of each, and for each camera itself."""
        due = [(one, one.camera) for one in self._known.values() if one.camera is not None]
        asks = [ask for one, camera in due for ask in (_of_reads(one), _of_camera(one.agency, camera))]
        answers = await self._parts.door.lease(asks)
        for one in self._known.values():
            one.leave, one.why = None, _REMOVED
        for number, (one, camera) in enumerate(due):
            one.leave, one.why = _judged(camera, *answers[2 * number : 2 * number + 2])

    async def _follow(self) -> None:
        """Begin with what may be read, stop what may not."""
        wanted = {
            id_: (one.reader, one.camera)
            for id_, one in self._known.items()
            if one.leave is not None and one.camera is not None
        }
        if self._watches is None:
            if not wanted:
                return
            self._watches = self._made()
        self._count(await self._watches.follow(wanted))

    def _made(self) -> Watches:
        # With the first camera: what decodes and what opens networks is a hundred megabytes that others are spared.
        from watchfloor.recordings.reading.watches import Watches

        return (self._make or Watches)(self._parts, self._outbox)

    def _count(self, counts: dict[ReaderId, Counts]) -> None:
        for id_, more in counts.items():
            self._counts[id_] = self._counts.get(id_, NOTHING) + more

    async def _say(self) -> None:
        """Keep how each camera does: changes at once, counts every few seconds."""
        now = self._parts.clock.monotonic()
        everything = now - self._said_at >= _SAY_EVERY_S
        if self._watches is not None:
            self._count(self._watches.take_counts())
        words = {id_: self._words_of(one) for id_, one in self._known.items()}
        for agency in {one.agency for one in self._known.values()}:
            due = [
                Word(id_, *words[id_], self._counts.get(id_, NOTHING))
                for id_, one in self._known.items()
                if one.agency == agency and (everything or self._said.get(id_) != words[id_][1])
            ]
            if due:
                async with self._parts.door.open(self._ask(agency)) as tx:
                    await video_store.say(tx, due)
                self._said |= {one.reader: one.word for one in due}
                for one in due:
                    self._counts.pop(one.reader, None)
        if everything:
            self._said_at = now

    def _words_of(self, one: _Known) -> _Words:
        if one.why is not None:
            return one.why
        state = self._watches.state(one.reader.id) if self._watches is not None else None
        return (state.level, state.word, state.reason) if state is not None else _BEGINS

    def _leave(self, reader: ReaderId, /) -> Lease | None:
        known = self._known.get(reader)
        return known.leave if known is not None else None

    def _ask(self, agency: UUID) -> Ask:
        return Ask(process_actor(agency, _PROCESS), Need.READER_STATE)


def _of_reads(one: _Known) -> Ask:
    return ask_for(process_actor(one.agency, _PROCESS), one.reader)


def _of_camera(agency: UUID, camera: Camera) -> Ask:
    actor, about = process_actor(agency, _PROCESS), About("camera", camera.id)
    return Ask(actor, Need.CAMERA_PLATES_READ, about=about, technology=camera.technology, place=camera.place)


def _judged(
    camera: Camera, reads: Lease | Denied, itself: Lease | Denied
) -> tuple[Lease | None, _Words | None]:
    """The leave to read a camera, or why there is none. What is said of an authorisation, the reader's page says by itself."""
    refusal = refusal_of(camera)
    if refusal is not None:
        return None, ("off", "not read", refusal)
    if not camera.enabled:
        return None, _OFF
    for answer in (reads, itself):
        if isinstance(answer, Denied):
            return None, ("off", "not authorised", answer.sentence)
    return (reads, None) if isinstance(reads, Lease) else (None, _OFF)
