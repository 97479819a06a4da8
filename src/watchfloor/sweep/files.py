"""Files that go with a day of rows: footage with its keys and spool, pictures of plates. It decides no day; it forgets it.

What it counts it counts by listing the storage, never from an index.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from watchfloor.evidence import forget as exports
from watchfloor.evidence import unfinished
from watchfloor.evidence.sealed import ExportKeys
from watchfloor.governance.door import Door
from watchfloor.kit.errors import Invalid, NotFound, Unavailable
from watchfloor.plates.picture import FOLDER, key_of
from watchfloor.recordings.keystore import DayDestroyed, KeyMissing, Keystore
from watchfloor.recordings.model import Gap, day_name, day_of
from watchfloor.recordings.segment import read_file_head
from watchfloor.recordings.spool import BAD, PART, ROWS
from watchfloor.recordings.thumbnails import FOLDER as THUMBNAILS
from watchfloor.recordings.thumbnails import folder_of
from watchfloor.recordings.wire import decode_row
from watchfloor.storage.objects import Objects, Stored
from watchfloor.sweep.store import Day

# A picture is put before its read is known. A read may wait in the intake buffer for as long as the database is away, and at the
# reader for as long as the bus is away or full: an hour would take the picture from a read that comes after a morning's outage.
ORPHAN_AFTER: Final = timedelta(hours=24)
_HEAD_BYTES: Final = 8192
_BATCH: Final = 1000

Names = Callable[[], AsyncIterator[str]]
Unreferenced = Callable[[Sequence[str]], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a day's files come to: how many, their bytes, a digest over names and sizes, and the keys that go."""

    objects: int
    bytes: int
    digest: str
    keys: int


class Files(Protocol):
    """The files of one class. `spared` are held things: theirs stay. `names` are pictures that only this day refers to."""

    async def found(self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names) -> Found:
        """What would go. Raises Unavailable."""

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        """Delete it; doing so again deletes what is left. Raises Unavailable or OSError when anything may still be there."""

    async def days(self, rule: int) -> set[date]:
        """Days of the rule that have files though they may have no rows; a cheap look, asked each round."""

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        """The oldest day of which anything is there under each rule; under None where files do not tell their rule."""

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        """Delete what no row refers to any more; how many."""


class _Count:
    """Adds up a listing, in its order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._objects = self._bytes = 0

    def add(self, name: str, size: int) -> None:
        self._digest.update(f"{name} {size}\n".encode())
        self._objects += 1
        self._bytes += size

    def found(self, keys: int) -> Found:
        return Found(self._objects, self._bytes, self._digest.hexdigest(), keys)


class FootageFiles:
    """Segments, their thumbnails, what is left of them in the spool, and their day keys, whose destruction is the deletion."""

    def __init__(self, objects: Objects, keystore: Keystore, spool: Path) -> None:
        self._objects, self._keystore, self._spool = objects, keystore, spool

    async def found(self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names) -> Found:
        """Segments, thumbnails, spooled parts and keys of the day."""
        count = _Count()
        async for key, size in self._segments(day, spared, despite_away=True):
            count.add(key, size)
        for key, size in await self._thumbnails(day, spared):
            count.add(key, size)
        for path in await asyncio.to_thread(self._parts, day, spared):
            count.add(path.name, path.stat().st_size)
        keys = await asyncio.to_thread(self._keystore.keys, day.rule, day.day)
        return count.found(len(set(keys) - spared))

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        """Keys first: from then on nobody opens the files, whatever becomes of them. Of a disk that is away they stay, which fails."""
        await asyncio.to_thread(self._keystore.destroy, day.rule, day.day, now, spared=spared)
        async for key, _ in self._segments(day, spared, despite_away=True):
            await self._objects.delete(key)
        for key, _ in await self._thumbnails(day, spared):
            await self._objects.delete(key)
        async for _ in self._segments(day, spared):
            break
        for path in await asyncio.to_thread(self._parts, day, spared):
            path.unlink(missing_ok=True)

    async def days(self, rule: int) -> set[date]:
        """By the folders of keys: footage that never reached the index has one too."""
        return {day for of, day in await asyncio.to_thread(lambda: list(self._keystore.days())) if of == rule}

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        """By the folders of objects and of keys."""
        found: dict[int | None, date] = {}
        for rule, day in await asyncio.to_thread(lambda: list(self._keystore.days())):
            if rule in rules:
                found[rule] = min(day, found.get(rule, day))
        for rule in rules:
            async for stored in self._objects.listed(f"footage/r{rule}"):
                day = _day(stored.key.split("/")[2])
                found[rule] = min(day, found.get(rule, day))
        return found

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        """What was put back, or came to light, of days that are destroyed: keys and segments."""
        gone = await asyncio.to_thread(self._keystore.finish)
        async for stored in self._objects.listed("footage"):
            _, rule, day, *_ = stored.key.split("/")
            if self._keystore.is_destroyed(int(rule[1:]), _day(day)):
                gone += await self._objects.delete(stored.key)
        return gone

    async def _segments(
        self, day: Day, spared: frozenset[UUID], *, despite_away: bool = False
    ) -> AsyncIterator[tuple[str, int]]:
        folder = f"footage/r{day.rule}/{day_name(day.day)}"
        listed = [s async for s in self._objects.listed(folder, despite_away=despite_away)]
        for key, size in _but(listed, spared):
            yield key, size

    async def _thumbnails(self, day: Day, spared: frozenset[UUID]) -> list[tuple[str, int]]:
        return _but([s async for s in self._objects.listed(folder_of(day.rule, day_name(day.day)))], spared)

    def _parts(self, day: Day, spared: frozenset[UUID]) -> list[Path]:
        return [
            p for p in sorted(self._spool.glob("*/*/*")) if p.suffix in (PART, BAD) and _is_of(p, day, spared)
        ]


def _but(listed: Sequence[Stored], spared: frozenset[UUID]) -> list[tuple[str, int]]:
    """Names and sizes in their order, but of held cameras: the fourth part of a name is the camera."""
    kept = {str(camera) for camera in spared}
    ordered = sorted(listed, key=lambda stored: stored.key)
    return [(stored.key, stored.size) for stored in ordered if stored.key.split("/")[3] not in kept]


def _is_of(path: Path, day: Day, spared: frozenset[UUID]) -> bool:
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    try:
        if path.parent.name == ROWS:
            row = decode_row(path.read_bytes())
            camera = row.camera if isinstance(row, Gap) else row.label.camera
            return (row.terms.rule, day_of(row.began_us)) == (day.rule, day.day) and camera not in spared
        head, _ = read_file_head(start)
    except Unavailable:
        # Nobody can say what it is of: it goes with the first day that is as old as the file.
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date() <= day.day
    return (head.rule, head.day) == (day.rule, day.day) and head.camera not in spared


class PictureFiles:
    """Pictures of plates: content-addressed, each gone with the last row that refers to it."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    async def found(self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names) -> Found:
        """Those of the day that are there."""
        count = _Count()
        async for name in names():
            try:
                count.add(name, (await self._objects.about(key_of(agency, name))).size)
            except NotFound:
                continue
        return count.found(0)

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        """Delete them."""
        async for name in names():
            await self._objects.delete(key_of(agency, name))

    async def days(self, rule: int) -> set[date]:
        """None: a picture's name tells no day; `strays` finds those without rows."""
        return set()

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        """By the age the store gives them."""
        oldest = await self._objects.oldest(f"{FOLDER}/{agency}")
        return {None: oldest.stored_at.astimezone(UTC).date()} if oldest else {}

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        """Pictures whose read never came, or whose alert and hit are gone."""
        gone, batch = 0, []
        async for stored in self._objects.listed(f"{FOLDER}/{agency}"):
            if now - stored.stored_at > ORPHAN_AFTER:
                batch.append(stored.key)
            if len(batch) >= _BATCH:
                gone += await self._without_rows(batch, unreferenced)
                batch = []
        return gone + await self._without_rows(batch, unreferenced)

    async def _without_rows(self, keys: Sequence[str], unreferenced: Unreferenced) -> int:
        by_name = {key.rsplit("/", 1)[-1]: key for key in keys}
        gone = await unreferenced(sorted(by_name)) if by_name else []
        for name in gone:
            await self._objects.delete(by_name[name])
        return len(gone)


class _OfNoDay:
    """Files that go by something else than a day of their own."""

    async def found(self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names) -> Found:
        """Nothing: no day carries them."""
        return _Count().found(0)

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        """Nothing: no day carries them."""

    async def days(self, rule: int) -> set[date]:
        """None: no day of a rule names them."""
        return set()


class ThumbnailFiles(_OfNoDay):
    """Thumbnails of footage: they go with its day, in `FootageFiles`; here the oldest go where there are too many, and strays."""

    def __init__(self, objects: Objects, keystore: Keystore, most_bytes: int) -> None:
        self._objects, self._keystore, self._most_bytes = objects, keystore, most_bytes

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        """By their folders."""
        found: dict[int | None, date] = {}
        for rule in rules:
            async for stored in self._objects.listed(f"{THUMBNAILS}/r{rule}"):
                day = _day(stored.key.split("/")[2])
                found[rule] = min(day, found.get(rule, day))
        return found

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        """Those that nobody can open any more, and of all others the oldest while they take more than their room."""
        listed = sorted([s async for s in self._objects.listed(THUMBNAILS)], key=lambda s: s.stored_at)
        living: list[Stored] = []
        gone: list[Stored] = []
        for stored in listed:
            opens = await asyncio.to_thread(self._opens, stored.key)
            (living if opens else gone).append(stored)
        size = sum(stored.size for stored in living)
        for stored in living:
            if size <= self._most_bytes:
                break
            gone.append(stored)
            size -= stored.size
        for stored in gone:
            await self._objects.delete(stored.key)
        return len(gone)

    def _opens(self, key: str) -> bool:
        _, rule, day, camera, _ = key.split("/")
        try:
            self._keystore.find(UUID(camera), int(rule[1:]), _day(day))
        except (DayDestroyed, KeyMissing):
            return False
        return True


class ExportFiles(_OfNoDay):
    """Packages of exports: each goes by a timer of its own, at the end it was given; here they are listed, and strays go."""

    def __init__(self, door: Door, objects: Objects, keys: ExportKeys, received: Path) -> None:
        """`received` is where files lie that somebody sends, until all of them has come."""
        self._door, self._objects, self._keys, self._received = door, objects, keys, received

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        """By the age the store gives them."""
        day = await exports.oldest(self._objects, agency)
        return {None: day} if day else {}

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        """Packages that no export has any more; and what came half for a request that is over."""
        await unfinished.forget(self._door, self._received, self._keys, agency, now)
        return await exports.strays(self._door, self._objects, self._keys, agency, now)


def _day(name: str) -> date:
    if len(name) != 8 or not name.isdigit():
        raise Invalid(f"footage/…/{name} is no folder of a day; nobody can say when it must go.")
    return date(int(name[:4]), int(name[4:6]), int(name[6:]))
