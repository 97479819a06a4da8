"""Puts minutes of an owner's camera where a recorder leaves them: in the index, among the objects, in the spool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from tests.recordings.center import Block
from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.recordings import store
from watchfloor.recordings.model import Label, Segment, Terms, object_path, us
from watchfloor.recordings.seal import ChunkKind, Head
from watchfloor.recordings.segment import SegmentWriter
from watchfloor.recordings.thumbnails import folder_of
from watchfloor.recordings.wire import FileHead
from watchfloor.storage.tx import Tx

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Minutes:
    """A camera of a center, and under which terms its minutes were recorded."""

    city: Block
    camera: UUID
    terms: Terms

    def written(self, at: datetime, folder: str = "rebuilt") -> tuple[Path, Segment]:
        """A minute as a recorder has it in its spool, sealed and closed."""
        label = Label(self.camera, self.terms.rule, at.date(), 9)
        head = FileHead(
            uuid7(at), self.terms.agency, self.terms.worker, self.terms.epoch, label.camera, label.rule, label.day, label.run,
            "video/mp4", 320, 192,
        )  # fmt: skip
        place = self.city.spool / folder / str(self.camera)
        place.mkdir(parents=True, exist_ok=True)
        key = self.city.keystore.make_or_find(label.camera, label.rule, label.day)
        writer = SegmentWriter(place / f"{head.id}.part", head, key, b"init", 1)
        writer.append(Head(ChunkKind.KEY, 2, 0, us(at), 0, 60 * 90_000, 600), b"pictures")
        return writer.path, sure(writer.finish(), "a minute")

    async def stored(self, at: datetime, tx: Tx | None = None) -> str:
        """A minute among the objects with a thumbnail, in the index where a transaction is given; the name of its file."""
        path, segment = self.written(at)
        name = object_path(segment.id, segment.label)
        folder = folder_of(segment.label.rule, f"{at:%Y%m%d}", self.camera)
        await self.city.objects.put(f"{folder}/{segment.id}-0.thm", b"small")
        await self.city.objects.take_in(name, path)
        if tx is not None:
            await store.ensure_day(tx, segment.label.rule, segment.label.day)
            assert await store.insert_segment(tx, segment) is None
        return name

    async def names(self, folder: str) -> list[str]:
        """What lies in a folder of the objects."""
        return sorted([one.key async for one in self.city.objects.listed(folder)])
