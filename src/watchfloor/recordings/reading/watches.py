"""The cameras that a process reads now, and what they share: the looker, the threads that decode, the way to taps and to the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.cameras import wire
from watchfloor.cameras.cover import Cover
from watchfloor.cameras.find import finder
from watchfloor.cameras.model import Camera
from watchfloor.cameras.tap import Tap
from watchfloor.governance.model import AgencyId
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.logs import logger
from watchfloor.plate_settings import ReadingSettings
from watchfloor.plates.model import BadPlate, Reader, ReaderId
from watchfloor.plates.reading.eyes import opened
from watchfloor.plates.reading.look import Eyes
from watchfloor.plates.video import NOTHING, Counts
from watchfloor.recordings.reading.claims import claim_of
from watchfloor.recordings.reading.looker import Looker
from watchfloor.recordings.reading.outbox import Outbox, Read
from watchfloor.recordings.reading.parts import ReadParts
from watchfloor.recordings.reading.tracks import Telling
from watchfloor.recordings.reading.watch import State, Stream, Watch

_log = logger("reading")
NO_RECORDER: Final = "No recorder has this camera at present."


class Watches:
    """The cameras that are read now."""

    def __init__(self, parts: ReadParts, outbox: Outbox, eyes: Callable[[], Eyes] | None = None) -> None:
        settings = parts.settings
        self._parts, self._outbox = parts, outbox
        self._find = finder(parts.door)
        self._apart_us = round(1_000_000 / settings.pictures_a_second)
        self._decoding = ThreadPoolExecutor(1, thread_name_prefix="decode")
        open_eyes = eyes or partial(_opened, settings)
        self._looker = Looker(open_eyes, parts.clock, cores=settings.cores, threads=settings.threads)
        self._looking = asyncio.create_task(self._looker.run(), name="look for plates")
        self.open: dict[ReaderId, Watch] = {}

    @property
    def clock(self) -> Clock:
        """By which watches wait."""
        return self._parts.clock

    @property
    def looker(self) -> Looker:
        """What looks at their pictures."""
        return self._looker

    @property
    def threads(self) -> Executor:
        """In which their streams are decoded."""
        return self._decoding

    async def tap(self, camera: Camera, grant: UUID, *, sub: bool) -> Stream:
        """The tap of the recorder that has the camera now; with `sub` of its sub stream. Raises Unavailable."""
        url = await self._find(camera.agency, camera.id)
        if url is None:
            raise Unavailable(NO_RECORDER)
        return await Tap.open(url, camera.id, self.token(camera.id, grant), self._parts.tls, sub=sub)

    def token(self, camera: UUID, grant: UUID) -> str:
        """Leave to tap it for a minute."""
        return wire.make_token(self._parts.tap_key, camera, grant, self.clock.now())

    async def cover(self, camera: Camera) -> Cover:
        """What is painted over in its picture now. Raises Unavailable."""
        return await self._parts.masks.live(camera.agency, camera.id)

    def told(self, reader: Reader, camera: Camera, tellings: Sequence[Telling]) -> None:
        """Hand in what was read."""
        for telling in tellings:
            try:
                claim = claim_of(telling)
            except BadPlate:
                continue  # a longer text than plates have is none
            self._outbox.put(Read(AgencyId(camera.agency), reader.id, claim, self.clock.now()))

    async def follow(self, wanted: Mapping[ReaderId, tuple[Reader, Camera]]) -> dict[ReaderId, Counts]:
        """Begin with cameras that are new, stop those that are not wanted, begin anew with what changed; counts of those stopped."""
        if self._looking.done():
            self._looking.result()  # a fault of ours: the process ends, and is started again
        left: dict[ReaderId, Counts] = {}
        for id_, watch in list(self.open.items()):
            known = wanted.get(id_)
            if (broken := watch.broken) is not None:
                _log.error(
                    "reading a camera ended in a fault",
                    camera=str(watch.camera),
                    why=f"{type(broken).__name__}: {broken}",
                )
            elif known is not None and (known[0], known[1].version) == (watch.reader, watch.of.version):
                continue
            del self.open[id_]
            await watch.stop()
            left[id_] = watch.take_counts()
        for id_, (reader, camera) in wanted.items():
            if id_ not in self.open:
                self.open[id_] = Watch(reader, camera, self, self._apart_us)
        return left

    def take_counts(self) -> dict[ReaderId, Counts]:
        """What became of the pictures of each since this was asked last."""
        taken = {id_: watch.take_counts() for id_, watch in self.open.items()}
        return {id_: counts for id_, counts in taken.items() if counts != NOTHING}

    def state(self, reader: ReaderId) -> State | None:
        """How one goes; None where it is not read."""
        watch = self.open.get(reader)
        return watch.state if watch is not None else None

    async def close(self) -> None:
        """Stop all of them."""
        await self.follow({})
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        self._decoding.shutdown(wait=False, cancel_futures=True)


def _opened(settings: ReadingSettings) -> Eyes:
    """What these settings look with. A detector that cannot be used is told in the log, and on the page of each camera."""
    detector = Path(settings.vehicle_detector).expanduser() if settings.vehicle_detector else None
    eyes = opened(settings.region, detector=detector, sha256=settings.vehicle_detector_sha256.strip().lower())
    if eyes.lacks:
        _log.error("plates are read without the vehicle detector", path=str(detector), why=eyes.lacks)
    return eyes
