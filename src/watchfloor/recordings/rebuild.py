"""Puts rows of footage back into the index from the files' own heads, under the guards that every row passes.

Never of a day whose key is destroyed, never past the fence of a camera that another recorder had taken, never of another agency's
file. Each batch has an entry in the log, in the transaction that puts it back. No file is changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.canonical import Json
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.recordings import check_store, store
from watchfloor.recordings.compare import Found, Wrong, misplaced, of_segment
from watchfloor.recordings.keystore import DayDestroyed, Keystore
from watchfloor.recordings.model import Segment
from watchfloor.recordings.segment import read_file_head, reread
from watchfloor.recordings.wire import FileHead
from watchfloor.storage.objects import Objects, Stored

_AT_ONCE: Final = 64
_HEAD_BYTES: Final = 8192
# Storage that does not answer says nothing of a file.
_AWAY: Final = frozenset({"disk_away"})
# A minute at 100 Mbit/s is 750 MB; what is larger is no segment, and is not read into memory.
_LARGEST: Final = 1024**3


class Rebuild:
    """Judges files that no row tells of, and puts rows back."""

    def __init__(self, door: Door, objects: Objects, keystore: Keystore) -> None:
        self._door, self._objects, self._keystore = door, objects, keystore

    async def judge(self, agency: UUID, camera: UUID, day: date, file: Stored) -> Found:
        """What a file without a row is, by its head alone."""
        head = await self._head(agency, camera, day, file)
        return head if isinstance(head, Found) else Found(Wrong.ORPHAN, file.key, camera, day)

    async def _head(self, agency: UUID, camera: UUID, day: date, file: Stored) -> FileHead | Found:
        if not file.size:
            return Found(Wrong.DAMAGED, file.key, camera, day, "it is empty")
        try:
            start = await self._objects.get_range(file.key, 0, _HEAD_BYTES)
            head, _ = read_file_head(start)
        except (NotFound, Unavailable) as error:
            if error.reason in _AWAY or error.reason.startswith("objects"):
                raise
            return Found(Wrong.FOREIGN, file.key, camera, day, error.detail)
        key = await asyncio.to_thread(self._opens, agency, head, file)
        return key if isinstance(key, Found) else head

    async def put_back(
        self, agency: UUID, camera: UUID, day: date, files: Sequence[Stored]
    ) -> AsyncIterator[Found]:
        """Put back the rows of these files; what became of each."""
        good: list[tuple[int, Stored]] = []
        for file in files:
            first = await self._head(agency, camera, day, file)
            if isinstance(first, Found):
                yield first
            else:
                good.append((first.epoch, file))
        # The latest epoch first: whoever had taken the camera has that time.
        good.sort(key=lambda one: (-one[0], one[1].key))
        for at in range(0, len(good), _AT_ONCE):
            segments: list[tuple[Segment, Found]] = []
            for _, file in good[at : at + _AT_ONCE]:
                judged = await self._read(agency, camera, day, file)
                if isinstance(judged, Found):
                    yield judged
                else:
                    segments.append((judged, of_segment(judged, file.size, file.key)))
            for found in await self._insert(agency, day, segments):
                yield found

    async def _read(self, agency: UUID, camera: UUID, day: date, file: Stored) -> Segment | Found:
        if file.size > _LARGEST:
            return Found(Wrong.FOREIGN, file.key, camera, day, f"{file.size} bytes are no segment")
        try:
            content = await self._objects.get(file.key)
        except NotFound:
            return Found(Wrong.HOLE, file.key, camera, day, "it went while this was looking")
        return await asyncio.to_thread(self._whole, agency, file, content)

    def _whole(self, agency: UUID, file: Stored, content: bytes) -> Segment | Found:
        head, _ = read_file_head(content)
        key = self._opens(agency, head, file)
        if isinstance(key, Found):
            return key
        segment = reread(content, key)
        if segment is None:
            return Found(Wrong.DAMAGED, file.key, head.camera, head.day, "nothing of it opens")
        return segment

    def _opens(self, agency: UUID, head: FileHead, file: Stored) -> bytes | Found:
        """The key of a file, or why it has none or may not have a row."""
        wrong = misplaced(head, file.key, agency)
        if wrong:
            return Found(Wrong.FOREIGN, file.key, head.camera, head.day, wrong)
        try:
            return self._keystore.find(head.camera, head.rule, head.day)
        except DayDestroyed as error:
            return Found(Wrong.FORGOTTEN, file.key, head.camera, head.day, error.detail)
        except Unavailable as error:
            return Found(Wrong.NO_KEY, file.key, head.camera, head.day, error.detail)

    async def _insert(
        self, agency: UUID, day: date, segments: Sequence[tuple[Segment, Found]]
    ) -> list[Found]:
        if not segments:
            return []
        label, lost = segments[0][0].label, set[UUID]()
        about = Ask(process_actor(agency, "check"), Need.FOOTAGE_CHECK)
        async with self._door.open(about) as tx:
            await store.ensure_day(tx, label.rule, day)
        async with self._door.open(about) as tx:
            before = await check_store.there(tx, label.rule, day, [one.id for one, _ in segments])
            for segment, _ in segments:
                taken = await check_store.taken_by_another(tx, segment)
                if taken or await store.insert_segment(tx, segment) is not None:
                    lost.add(segment.id)
            after = await check_store.there(tx, label.rule, day, [one.id for one, _ in segments])
            if after - before:
                more: dict[str, Json] = {
                    "rule": label.rule,
                    "day": day.isoformat(),
                    "rows": len(after - before),
                }
                await effect(tx, "footage.rows_restored", About("camera", label.camera), more=more)
        return [_became(found, segment.id, lost, after) for segment, found in segments]


def _became(found: Found, segment: UUID, lost: set[UUID], there: frozenset[UUID]) -> Found:
    if segment in there:
        return replace(found, restored=True)
    return replace(found, what=Wrong.LOST if segment in lost else Wrong.UNKNOWN_CAMERA)
