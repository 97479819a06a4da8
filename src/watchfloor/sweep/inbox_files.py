"""The oldest of the files that wait in readers' folders, or could not be taken, by listing them. `plates/inbox` forgets them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.door import Door
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.plates import reader_store
from watchfloor.plates.inbox import MAPPING
from watchfloor.sweep.files import Found, Names, Unreferenced
from watchfloor.sweep.store import Day

_NOTHING: Final = Found(0, 0, "", 0)


class InboxFiles:
    """What lies in the folders of an agency's readers. They go with no day: what is old there was not taken."""

    def __init__(self, door: Door, root: Path) -> None:
        self._door, self._root = door, root

    async def found(self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names) -> Found:
        """Nothing of a day."""
        return _NOTHING

    async def forget(
        self, agency: UUID, day: Day, spared: frozenset[UUID], names: Names, now: datetime
    ) -> None:
        """Nothing of a day."""

    async def days(self, rule: int) -> set[date]:
        """None of a rule."""
        return set()

    async def oldest(self, agency: UUID, rules: Collection[int]) -> Mapping[int | None, date]:
        """The day on which the oldest file came, by when it was put there, whatever it says itself."""
        async with self._door.open(Ask(process_actor(agency, "sweep"), Need.RETENTION_LOOK)) as tx:
            readers = {outside("reader", one.id) for one in (await reader_store.readers(tx)).items}
        came = await asyncio.to_thread(_oldest, self._root, readers)
        return {} if came is None else {None: came}

    async def strays(self, agency: UUID, now: datetime, unreferenced: Unreferenced) -> int:
        """None: `plates/inbox` forgets what nobody takes."""
        return 0


def _oldest(root: Path, readers: Collection[str]) -> date | None:
    """When the oldest file of these readers was put there; of what is being taken, and what could not be, too."""
    stamps = [stamp for folder in _folders(root, readers) for stamp in _stamps(folder)]
    return datetime.fromtimestamp(min(stamps), UTC).date() if stamps else None


def _folders(root: Path, readers: Collection[str]) -> Iterator[Path]:
    """Of each reader its own folder, and of those of the product what bears its name."""
    with suppress(FileNotFoundError), os.scandir(root) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                continue
            if entry.name in readers:
                yield Path(entry.path)
            else:
                for inner in Path(entry.path).iterdir():
                    if inner.name.partition(".")[0] in readers:
                        yield inner


def _stamps(folder: Path) -> Iterator[float]:
    for path, _, names in os.walk(folder):
        for name in names:
            if name != MAPPING:
                with suppress(FileNotFoundError):
                    yield (Path(path) / name).lstat().st_ctime
