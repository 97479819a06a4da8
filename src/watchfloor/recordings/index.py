"""Brings the rows that wait beside the spool into the index, whenever the database is there. It writes no footage.

A row leaves the spool only after its transaction is committed, however long that takes. What the fence refuses was recorded
after another recorder had taken the camera: it is cut back to what is from before, and the rest is not kept twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import NotFound, Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.recordings import store
from watchfloor.recordings.keystore import DayDestroyed, Keystore
from watchfloor.recordings.model import Gap, Segment, day_of, object_path, us
from watchfloor.recordings.segment import recover
from watchfloor.recordings.spool import BAD, Spool
from watchfloor.recordings.store import Fenced
from watchfloor.recordings.wire import decode_row
from watchfloor.storage.objects import Objects

_AT_ONCE: Final = 200
_TRIES: Final = 5
_log = logger("recordings.index")

Found = dict[UUID, list[tuple[Path, Segment | Gap]]]


class Index:
    """The rows of one recorder on their way into the index."""

    def __init__(self, door: Door, spool: Spool, objects: Objects, keystore: Keystore) -> None:
        self._door, self._spool, self._objects, self._keystore = door, spool, objects, keystore
        self._waiting: list[Path] = []
        self._days: set[tuple[int, date]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._failures: Counter[Path] = Counter()

    def add(self, row: Path) -> None:
        """A row waits; once, however often it is found. In the loop's thread."""
        if row not in self._waiting:
            self._waiting.append(row)

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return len(self._waiting)

    @property
    def troubled(self) -> bool:
        """Whether a row waits that failed for a reason of its own: then it may be long until none waits."""
        return bool(self._failures)

    async def bring(self) -> int:
        """Bring what waits into the index; how many rows. Raises what the database, the door, the store or a disk says: no row
        is to blame for that, and all wait on.

        Any other error is a bug of ours, or a row that cannot be. Rows of a batch that met one go alone, each that fails again
        behind the others, and after some tries it is set aside until the next start.
        """
        async with self._one_at_a_time:
            batch = list(takewhile(lambda row: not self._failures[row], self._waiting[:_AT_ONCE]))
            batch = batch or self._waiting[:1]
            blamed = batch
            try:
                await self._bring(batch)
                blamed = []
            except (WatchfloorError, OSError, asyncio.CancelledError):
                blamed = []
                raise
            finally:
                self._blame(blamed)
            self._waiting = self._waiting[len(batch) :]
            for row in batch:
                del self._failures[row]
            return len(batch)

    async def _bring(self, batch: list[Path]) -> None:
        if not batch:
            return
        for agency, rows in (await asyncio.to_thread(_read, batch)).items():
            fenced = await self._insert(agency, [row for _, row in rows])
            for segment, until in fenced:
                await self._cut(segment, until)
        await asyncio.to_thread(_forget, batch)

    def _blame(self, batch: list[Path]) -> None:
        self._failures.update(batch)
        if batch:
            self._days.clear()  # should a day's partition be gone after all, the next try makes it again
        if len(batch) == 1:
            (row,) = batch
            self._waiting = [path for path in self._waiting if path != row]
            if self._failures[row] < _TRIES:
                self._waiting.append(row)
                return
            del self._failures[row]
            _set_aside(row, f"it failed {_TRIES} times")

    async def _insert(self, agency: UUID, rows: Sequence[Segment | Gap]) -> list[tuple[Segment, Fenced]]:
        fenced: list[tuple[Segment, Fenced]] = []
        kept = [row for row in rows if not self._keystore.is_destroyed(row.terms.rule, day_of(row.began_us))]
        await self._make_room(agency, kept)
        async with self._door.open(_ask(agency)) as tx:
            for row in kept:
                if isinstance(row, Segment):
                    refused = await store.insert_segment(tx, row)
                    if refused is not None:
                        fenced.append((row, refused))
            await store.insert_gaps(tx, [row for row in kept if isinstance(row, Gap)])
        return fenced

    async def _make_room(self, agency: UUID, rows: Sequence[Segment | Gap]) -> None:
        """In a transaction of its own: making a partition locks the table. A day is known once that is committed."""
        days = {(row.terms.rule, day_of(row.began_us)) for row in rows} - self._days
        if days:
            async with self._door.open(_ask(agency)) as tx:
                for rule, day in sorted(days):
                    await store.ensure_day(tx, rule, day)
            self._days |= days

    async def _cut(self, segment: Segment, fenced: Fenced) -> None:
        """Keep what is from before the camera was taken over, under the same name. Raises Unavailable when the store is away.

        What can never be cut is set aside: waiting mends neither a key nor bytes that are gone, and all rows would wait with it.
        """
        label = segment.label
        name, row, part = object_path(segment.id, label), self._spool.row(segment), self._spool.part(segment)
        _log.warning("a segment was written after the camera was taken over", camera=str(label.camera))
        try:
            key = self._keystore.find(label.camera, label.rule, label.day)
        except DayDestroyed:
            return
        except Unavailable as error:
            _set_aside(row, error.detail)
            return
        try:
            content = await self._objects.get(name)
        except NotFound as error:
            _set_aside(row, error.detail)
            return
        try:
            shorter = await asyncio.to_thread(_shortened, part, content, key, us(fenced.taken_at))
        except Unavailable as error:
            part.unlink(missing_ok=True)
            _set_aside(row, error.detail)
            return
        if shorter is None:
            # The row first: who dies in between must not miss the footage of a row that waits.
            row.unlink(missing_ok=True)
            await self._objects.delete(name)
            return
        await self._objects.take_in(name, part)
        await self._insert(segment.terms.agency, [replace(shorter, id=segment.id)])


def _ask(agency: UUID) -> Ask:
    return Ask(process_actor(agency, "record"), Need.FOOTAGE_INDEX)


def _shortened(part: Path, content: bytes, key: bytes, before_us: int) -> Segment | None:
    part.parent.mkdir(mode=0o700, exist_ok=True)
    part.write_bytes(content)
    return recover(part, key, before_us=before_us)


def _forget(batch: list[Path]) -> None:
    for path in batch:
        path.unlink(missing_ok=True)


def _read(paths: Sequence[Path]) -> Found:
    found: Found = {}
    for path in paths:
        try:
            row = decode_row(path.read_bytes())
        except FileNotFoundError:
            continue
        except Unavailable as error:
            _set_aside(path, error.detail)
            continue
        found.setdefault(row.terms.agency, []).append((path, row))
    return found


def _set_aside(row: Path, why: str) -> None:
    _log.error("the index cannot take a row, which is set aside", alarm=True, row=row.name, why=why)
    if row.exists():
        row.rename(row.with_suffix(BAD))
