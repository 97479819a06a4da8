"""Goes through storage and index side by side, a day and some cameras at a time, and says what does not agree.

It never holds more than a batch of cameras' day, however much there is. It changes nothing but, where it was told to, the index:
rows that are missing are put back from the files' own heads. No file is ever changed or removed, and no row.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.errors import NotFound, Unavailable
from watchfloor.recordings import check_store
from watchfloor.recordings.compare import (
    Compared,
    Found,
    Row,
    Wrong,
    camera_of_folder,
    compare,
    day_of_folder,
    head_differs,
    places,
    rule_of,
)
from watchfloor.recordings.keystore import Keystore
from watchfloor.recordings.model import day_name
from watchfloor.recordings.rebuild import Rebuild
from watchfloor.recordings.segment import read_file_head
from watchfloor.recordings.spool import ROW, ROWS
from watchfloor.storage.disks import states_of
from watchfloor.storage.objects import Objects, Stored

PROCESS: Final = "check"
_CAMERAS_AT_ONCE: Final = 16
_FILES_AT_ONCE: Final = 4
# A file is among the objects a moment before its row is in the index, and for as long as the database is away.
SETTLED: Final = timedelta(minutes=15)
_ROOT: Final = "footage"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked: `deep` reads every file, `rebuild` puts rows back; a day or a camera alone where given."""

    deep: bool = False
    rebuild: bool = False
    day: date | None = None
    camera: UUID | None = None


@dataclass(slots=True)
class Tally:
    """What was looked at and found, as it goes on."""

    days: int = 0
    files: int = 0
    bytes: int = 0
    rows: int = 0
    waiting: int = 0
    restored: int = 0
    wrong: Counter[Wrong] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Teller:
    """Who is told: `found` of each thing that is wrong or was put back, `day` as each day is done."""

    found: Callable[[Found], None]
    day: Callable[[int, date, Tally], None]


class Check:
    """One going through. `began` is when: what was stored just before is on its way."""

    def __init__(
        self,
        door: Door,
        objects: Objects,
        keystore: Keystore,
        spool: Path,
        teller: Teller,
        *,
        wish: Wish,
        began: datetime,
    ) -> None:
        self.tally = Tally()
        self._door, self._objects, self._keystore, self._spool = door, objects, keystore, spool
        self._teller, self._wish, self._began = teller, wish, began
        self._away = self._may_be_away = False
        self._reads = asyncio.Semaphore(_FILES_AT_ONCE)
        self._rebuild = Rebuild(door, objects, keystore)

    async def run(self, agencies: Sequence[UUID]) -> Tally:
        """Everything, the oldest day first. Raises Unavailable when storage or database do not answer: what was told stands."""
        self._away = any(disk.trouble for disk in await states_of(self._objects))
        top = await self._objects.below(_ROOT, despite_away=True)
        owners: dict[int, UUID] = {}
        for agency in agencies:
            async with self._door.open(ask(agency)) as tx:
                owners |= dict.fromkeys(await check_store.rules(tx), agency)
        if self._wish.day is None and self._wish.camera is None:
            known = {f"r{rule}" for rule in owners}
            strange = [name for name in top.folders if name not in known or rule_of(name) is None]
            self._foreign(_ROOT, strange, top.objects, "a folder of no retention rule of this center")
        for rule, agency in sorted(owners.items()):
            await self._rule(agency, rule, lies=f"r{rule}" in top.folders)
        return self.tally

    async def _rule(self, agency: UUID, rule: int, *, lies: bool) -> None:
        stored: set[date] = set()
        if lies:
            level = await self._objects.below(f"{_ROOT}/r{rule}", despite_away=True)
            named = {name: day_of_folder(name) for name in level.folders}
            stored = {day for day in named.values() if day is not None}
            strange = [name for name, day in named.items() if day is None]
            self._foreign(f"{_ROOT}/r{rule}", strange, level.objects, "no folder of a day")
        async with self._door.open(ask(agency)) as tx:
            indexed = set(await check_store.days_of(tx, rule))
        for day in sorted(stored | indexed):
            if self._wish.day in (None, day):
                await self._day(agency, rule, day, lies=day in stored)
                self.tally.days += 1
                self._teller.day(rule, day, self.tally)

    async def _day(self, agency: UUID, rule: int, day: date, *, lies: bool) -> None:
        folder = f"{_ROOT}/r{rule}/{day_name(day)}"
        if await asyncio.to_thread(self._keystore.is_destroyed, rule, day):
            await self._forgotten(folder, day)
            return
        async with self._door.open(ask(agency)) as tx:
            cameras = set(await check_store.cameras_of(tx, rule, day))
        if lies:
            level = await self._objects.below(folder, despite_away=True)
            named = {name: camera_of_folder(name) for name in level.folders}
            cameras |= {camera for camera in named.values() if camera is not None}
            strange = [name for name, camera in named.items() if camera is None]
            self._foreign(folder, strange, level.objects, "no folder of a camera")
        wanted = sorted(camera for camera in cameras if self._wish.camera in (None, camera))
        for at in range(0, len(wanted), _CAMERAS_AT_ONCE):
            await self._cameras(agency, rule, day, wanted[at : at + _CAMERAS_AT_ONCE])

    async def _cameras(self, agency: UUID, rule: int, day: date, cameras: Sequence[UUID]) -> None:
        # Rows before files: what is stored meanwhile is a file without its row, and young.
        async with self._door.open(ask(agency)) as tx:
            rows = await check_store.rows_of(tx, rule, day, cameras)
        listed = await asyncio.gather(*(self._listed(folder) for _, folder in places(rule, day, cameras)))
        # Before and after: a disk that went meanwhile was passed over.
        before, self._away = self._away, any(disk.trouble for disk in await states_of(self._objects))
        self._may_be_away = before or self._away
        for camera, stored in zip(cameras, listed, strict=True):
            compared = compare(rows[camera], stored, camera, day)
            self.tally.rows += len(rows[camera])
            self.tally.files += len(stored)
            self.tally.bytes += sum(one.size for one in stored)
            await self._one(agency, camera, day, compared)

    async def _one(self, agency: UUID, camera: UUID, day: date, compared: Compared) -> None:
        for found in compared.found:
            missing = self._may_be_away and found.what is Wrong.HOLE
            self._tell(replace(found, what=Wrong.AWAY) if missing else found)
        if self._wish.deep:
            judged = await asyncio.gather(
                *(self._read(row, file, camera, day) for row, file in compared.pairs)
            )
            for more in judged:
                if more is not None:
                    self._tell(more)
        orphans = await asyncio.to_thread(self._settled, compared.orphans)
        self.tally.waiting += len(compared.orphans) - len(orphans)
        if self._wish.rebuild:
            async for found in self._rebuild.put_back(agency, camera, day, orphans):
                self._tell(found)
            return
        for one in orphans:
            self._tell(await self._rebuild.judge(agency, camera, day, one))

    async def _read(self, row: Row, file: Stored, camera: UUID, day: date) -> Found | None:
        """What is wrong with a file that is of the right size, by all its bytes."""
        async with self._reads:
            try:
                content = await self._objects.get(file.key)
            except NotFound:
                return Found(Wrong.HOLE, file.key, camera, day, "it went while this was looking")
            return await asyncio.to_thread(_judged, content, row, camera, day)

    async def _listed(self, folder: str) -> list[Stored]:
        return [one async for one in self._objects.listed(folder, despite_away=True)]

    def _settled(self, orphans: Sequence[Stored]) -> list[Stored]:
        """Without those whose rows are on their way into the index: beside a spool of this machine, or too young to tell."""
        waiting = {path.stem for path in self._spool.glob(f"*/{ROWS}/*{ROW}")} if orphans else set()
        return [
            one
            for one in orphans
            if self._began - one.stored_at > SETTLED
            and one.key.rsplit("/", 1)[-1].removesuffix(".seg") not in waiting
        ]

    async def _forgotten(self, folder: str, day: date) -> None:
        count, size = 0, 0
        async for one in self._objects.listed(folder, despite_away=True):
            count, size = count + 1, size + one.size
        if count:
            self._tell(Found(Wrong.FORGOTTEN, folder, None, day, f"{count} files, {size} bytes"))

    def _foreign(self, above: str, folders: Sequence[str], objects: Sequence[Stored], why: str) -> None:
        for name in folders:
            self._tell(Found(Wrong.FOREIGN, f"{above}/{name}", detail=why))
        for one in objects:
            self._tell(Found(Wrong.FOREIGN, one.key, detail="a file where only folders belong"))

    def _tell(self, found: Found) -> None:
        if found.restored:
            self.tally.restored += 1
        if not found.restored or found.what is not Wrong.ORPHAN:
            self.tally.wrong[found.what] += 1
        self._teller.found(found)


def ask(agency: UUID) -> Ask:
    """What every transaction of the check asks."""
    return Ask(process_actor(agency, PROCESS), Need.FOOTAGE_CHECK)


def _judged(content: bytes, row: Row, camera: UUID, day: date) -> Found | None:
    try:
        head, _ = read_file_head(content)
    except Unavailable as error:
        return Found(Wrong.HASH, row.key, camera, day, error.detail)
    differs = head_differs(head, row)
    if differs:
        return Found(Wrong.HEAD, row.key, camera, day, f"they differ in: {', '.join(differs)}")
    if hashlib.sha256(content).digest() != row.sha256:
        return Found(Wrong.HASH, row.key, camera, day, "the SHA-256 differs")
    return None
