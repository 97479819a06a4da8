"""Puts real footage of a camera where a recorder would have put it, without the minutes that recording takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg

from tests.cameras.clips import Clip
from tests.recordings.center import Block
from tests.recordings.footage import Rooms, frames_of, run_of
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import inside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.recordings import store
from watchfloor.recordings.model import Segment, Terms, object_path, us
from watchfloor.recordings.segment import SegmentWriter
from watchfloor.recordings.write import Recorder

WORKER = UUID(int=0x33)
EPOCH = 2


@dataclass
class Shelf:
    """A camera that a recorder has had since an hour ago, and footage of it."""

    city: Block
    camera: UUID
    rule: int
    began: datetime
    segments: list[Segment] = field(default_factory=list)

    @classmethod
    async def make(cls, city: Block, owner_dsn: str, rule: int, name: str = "Mill St") -> Shelf:
        """Registered, and taken by a recorder in the epoch `EPOCH`."""
        camera = inside("camera", (await city.camera("rtsp://127.0.0.1:9/none", name=name))["id"])
        now = city.web.parts.clock.now()
        # All of it on one day, whenever the test runs.
        began = max(now - timedelta(minutes=30), now.replace(hour=0, minute=0, second=0, microsecond=0))
        async with await psycopg.AsyncConnection.connect(owner_dsn) as owner:
            since = now - timedelta(hours=1)
            await owner.execute("update camera set created_at = %s where id = %s", (since, camera))
            await owner.execute(
                "insert into camera_assignment values (%s, %s, %s, %s, %s)",
                (camera, city.web.parts.agency, WORKER, EPOCH, since),
            )
        return cls(city, camera, rule, began)

    async def record(self, clip: Clip, *, epoch: int = EPOCH, indexed: bool = True) -> list[Segment]:
        """Ten seconds in segments of three, finished, stored and in the index."""
        folder = self.city.spool / "test" / str(self.camera)
        folder.mkdir(parents=True, exist_ok=True)
        done: list[tuple[Path, Segment]] = []

        def finished(writer: SegmentWriter) -> None:
            segment = writer.finish()
            if segment is not None:
                done.append((writer.path, segment))

        room = Rooms(folder, 0, self.city.web.parts.clock)
        recorder = Recorder(
            self.camera, folder, self.city.keystore, room, segment_us=3_000_000, finished=finished, missed=lambda _: None
        )  # fmt: skip
        recorder.terms = Terms(self.city.web.parts.agency, WORKER, epoch, self.rule)
        recorder.begin(run_of(clip, number=len(self.segments), began_us=us(self.began)))
        for frame in frames_of(clip, began_us=us(self.began)):
            recorder.frame(frame)
        recorder.end(None)
        self.began += timedelta(seconds=12)
        for path, segment in done:
            await self.city.objects.take_in(object_path(segment.id, segment.label), path)
        if indexed:
            await self._index([segment for _, segment in done])
        self.segments += [segment for _, segment in done]
        return [segment for _, segment in done]

    async def _index(self, segments: list[Segment]) -> None:
        ask = Ask(process_actor(self.city.web.parts.agency, "record"), Need.FOOTAGE_INDEX)
        async with self.city.web.parts.door.open(ask) as tx:
            await store.ensure_day(tx, self.rule, segments[0].label.day)
        async with self.city.web.parts.door.open(ask) as tx:
            for segment in segments:
                assert await store.insert_segment(tx, segment) is None

    def file(self, segment: Segment) -> Path:
        """Where a segment's file lies."""
        return self.city.data / "objects" / object_path(segment.id, segment.label)
