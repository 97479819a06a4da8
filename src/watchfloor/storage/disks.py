"""Footage on several disks: each new file goes where there is most room, a disk that errs is left out loudly until it is well again.

Only footage is spread; all else lies in the data directory. Which disk has a file is found by asking the disks, not by an index: one that
was moved from one to another by hand is found all the same.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from watchfloor.kit.clock import Clock, SystemClock
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Level, Objects, Room, Stored, room_of

SPREAD: Final = "footage"
MARK: Final = ".watchfloor-disk"
KNOWN: Final = ".disks"
_LOOK_AGAIN_S: Final = 10.0
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_log = logger("storage.disks")


@dataclass(frozen=True, slots=True)
class DiskState:
    """A directory where footage lies: whether it is well, why not, and its room. `takes` says whether new footage goes there."""

    folder: Path
    trouble: str
    room: Room | None
    takes: bool


class Disk:
    """One directory. It is well until it was seen not to be; then it is looked at again every few seconds."""

    def __init__(self, folder: Path, known: Known, settings: ObjectSettings, *, takes: bool) -> None:
        self.folder, self.takes = folder, takes
        self.trouble = ""
        self._known, self._settings = known, settings
        self._objects: Objects | None = None
        self._lock = threading.Lock()

    @property
    def objects(self) -> Objects:
        """What lies on it. Raises Unavailable while it is away."""
        if self.trouble or self._objects is None:
            raise Unavailable(
                f"The disk {self.folder} is away: {self.trouble}.",
                reason="disk_away",
                next_step="Whoever runs watchfloor can see it with `watchfloor check`.",
            )
        return self._objects

    def look(self) -> str:
        """See whether it is there, is the one that it was, and takes a file; why not, or nothing. Waits for the disk."""
        with self._lock:
            trouble = self._known.wrong_with(self.folder) or _refuses(self.folder)
            if not trouble and self._objects is None:
                self._objects = Objects(self._settings, self.folder)
            self._say(trouble)
            return trouble

    def there(self) -> bool:
        """Whether it is still the disk that it was: asked before each file, for an empty mount point takes files too."""
        trouble = self._known.wrong_with(self.folder)
        if trouble:
            with self._lock:
                self._say(trouble)
        return not trouble

    def failed(self, error: WatchfloorError) -> None:
        """It erred while it was used: it is left out until a look finds it well."""
        with self._lock:
            self._say(error.detail.rstrip("."))

    def _say(self, trouble: str) -> None:
        if trouble and not self.trouble:
            _log.error("a disk is taken out", alarm=True, disk=str(self.folder), why=trouble)
        elif self.trouble and not trouble:
            _log.warning("a disk is back", disk=str(self.folder))
        self.trouble = trouble


class Known:
    """Which disk lay at which path: a mark on each, and the marks that were seen, beside the objects of the data directory.

    Without it an unmounted disk's empty mount point would be filled, on whatever disk that is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def wrong_with(self, folder: Path) -> str:
        """Why this is not the disk that was there; nothing for one that is, and for a new one, which is marked."""
        if folder == self._path.parent:
            return ""
        if not folder.is_dir():
            return "there is no such folder"
        try:
            seen, mark = self._seen().get(str(folder)), _read(folder / MARK)
            if seen is None:
                self._keep(folder, mark or _mark(folder / MARK))
                return ""
        except OSError as error:
            return error.strerror or type(error).__name__
        if mark is None:
            return "it is not mounted, or another disk lies there"
        return "" if mark == seen else "another disk lies there"

    def _seen(self) -> dict[str, str]:
        text = _read(self._path)
        try:
            found = json.loads(text) if text else {}
        except ValueError as error:
            raise Invalid(f"{self._path} cannot be read: {error}.") from error
        return {str(path): str(mark) for path, mark in found.items()}

    def _keep(self, folder: Path, mark: str) -> None:
        fresh = self._path.with_name(f"{KNOWN}.{secrets.token_hex(4)}")
        fresh.write_text(json.dumps(self._seen() | {str(folder): mark}, indent=1, sort_keys=True))
        fresh.rename(self._path)


class Disks(Objects):
    """The object store of a center whose footage lies on several disks."""

    def __init__(self, settings: ObjectSettings, directory: Path, *, clock: Clock | None = None) -> None:
        """Raises Invalid for a directory that is not named from the root."""
        super().__init__(settings, directory)
        folders = [Path(one.strip()) for one in settings.directories.split(",") if one.strip()]
        for folder in folders:
            if not folder.is_absolute():
                raise Invalid(
                    f"objects.directories: {folder} should be named from the root, as /disk1/footage."
                )
        known = Known(directory / KNOWN)
        self._clock = clock or SystemClock()
        self._least = settings.min_free_mb * 2**20 // 10
        # What lay in the data directory before there were disks stays there, and is found.
        home = [] if directory in folders else [Disk(directory, known, settings, takes=False)]
        self._disks = [*(Disk(folder, known, settings, takes=True) for folder in folders), *home]
        self._looked_at = -_LOOK_AGAIN_S

    async def disks(self) -> list[DiskState]:
        """How each disk is, by looking."""
        await self._look(now=True)
        return [
            DiskState(disk.folder, disk.trouble, None if disk.trouble else room_of(disk.folder), disk.takes)
            for disk in self._disks
        ]

    async def put(self, key: str, content: bytes) -> None:
        """As of every store; footage where there is most room."""
        if not _spread(key):
            return await super().put(key, content)
        for disk in await self._roomiest(len(content)):
            try:
                if await self._asked(disk.there):
                    return await disk.objects.put(key, content)
            except (Full, Unavailable) as error:
                self._left_out(disk, error)
        raise _nobody(self._disks)

    async def take_in(self, key: str, path: Path) -> None:
        """As of every store; footage where there is most room. What one disk refuses the next gets."""
        if not _spread(key):
            return await super().take_in(key, path)
        size = (await self._asked(path.stat)).st_size
        for disk in await self._roomiest(size):
            try:
                if await self._asked(disk.there):
                    return await disk.objects.take_in(key, path)
            except (Full, Unavailable) as error:
                await self._asked(_readable, path)
                self._left_out(disk, error)
        raise _nobody(self._disks)

    async def get(self, key: str) -> bytes:
        """As of every store."""
        if not _spread(key):
            return await super().get(key)
        return await (await self._holding(key)).get(key)

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """As of every store."""
        if not _spread(key):
            return await super().get_range(key, start, length)
        return await (await self._holding(key)).get_range(key, start, length)

    async def about(self, key: str) -> Stored:
        """As of every store."""
        if not _spread(key):
            return await super().about(key)
        return await (await self._holding(key)).about(key)

    async def listed(self, prefix: str, *, despite_away: bool = False) -> AsyncIterator[Stored]:
        """As of every store, of all disks; one that is away is passed over only where that was asked for."""
        if not _spread(prefix):
            async for one in super().listed(prefix):
                yield one
            return
        for objects in await self._all(despite_away=despite_away):
            async for one in objects.listed(prefix):
                yield one

    async def below(self, prefix: str, *, despite_away: bool = False) -> Level:
        """As of every store, of all disks together."""
        if not _spread(prefix):
            return await super().below(prefix)
        levels = [await objects.below(prefix) for objects in await self._all(despite_away=despite_away)]
        folders = sorted({name for level in levels for name in level.folders})
        return Level(folders, [one for level in levels for one in level.objects])

    async def delete(self, key: str) -> bool:
        """As of every store, from every disk that has it. Raises Unavailable when one that is away may have it."""
        if not _spread(key):
            return await super().delete(key)
        gone = False
        for objects in await self._all(despite_away=True):
            gone |= await objects.delete(key)
        if not gone:
            await self._all(despite_away=False)
        return gone

    def clear_leftovers(self, now: datetime, *, older_than_s: float = 3600.0, folder: str = "") -> int:
        """As of every store, on every disk that is there."""
        count = super().clear_leftovers(now, older_than_s=older_than_s, folder=folder)
        for disk in self._disks:
            if disk.takes and not disk.look():
                count += disk.objects.clear_leftovers(now, older_than_s=older_than_s, folder=folder)
        return count

    async def _all(self, *, despite_away: bool) -> list[Objects]:
        await self._look()
        for disk in self._disks:
            if not disk.trouble:
                await self._asked(disk.there)  # an empty mount point would pass for a disk without footage
        return [disk.objects for disk in self._disks if not (despite_away and disk.trouble)]

    async def _roomiest(self, size: int) -> list[Disk]:
        """The disks that would take so much, the one with most room first. Raises Full when there is none for want of room alone."""
        await self._look()
        rooms: list[tuple[Disk, int]] = []
        for disk in self._disks:
            if disk.takes and not disk.trouble:
                with contextlib.suppress(OSError):  # it has just gone; the next look finds it
                    rooms.append((disk, room_of(disk.folder).free))
        return roomiest(rooms, size, self._least) or _none(rooms)

    async def _holding(self, key: str) -> Objects:
        """The disk that has it. Raises NotFound, or Unavailable while one is away that may have it."""
        await self._look()
        for _ in range(2):
            unasked = False
            for disk in self._disks:
                try:
                    if await disk.objects.has(key):
                        return disk.objects
                except Unavailable:
                    unasked = True
            await self._look(now=True)  # an unmounted disk looks like an empty one until it is looked at
            if any(disk.trouble for disk in self._disks):
                break
            if not unasked:
                raise NotFound(f"There is no object {key}.")
            # One came back between the two looks: it is asked before anything is called gone.
        raise Unavailable(
            "This footage is on a disk that is away.",
            reason="disk_away",
            next_step="Tell whoever runs watchfloor: `watchfloor check` names the disk.",
        )

    async def _look(self, *, now: bool = False) -> None:
        """Look at every disk, every few seconds at most."""
        at = self._clock.monotonic()
        if now or at - self._looked_at >= _LOOK_AGAIN_S:
            self._looked_at = at
            for disk in self._disks:
                await self._asked(disk.look)

    @staticmethod
    def _left_out(disk: Disk, error: WatchfloorError) -> None:
        if not isinstance(error, Full):
            disk.failed(error)


async def states_of(objects: Objects) -> list[DiskState]:
    """How each disk of a store is, by looking; nothing of a store that has none of its own."""
    return await objects.disks() if isinstance(objects, Disks) else []


def roomiest(rooms: Sequence[tuple[Disk, int]], size: int, least: int) -> list[Disk]:
    """The disks in which so much fits and `least` stays free, the one with most room first."""
    fitting = [(free, disk) for disk, free in rooms if free - size >= least]
    return [disk for _, disk in sorted(fitting, key=lambda one: -one[0])]


def objects_of(settings: ObjectSettings, directory: Path) -> Objects:
    """The object store as the settings say. Raises Invalid when they do not fit together."""
    if not settings.directories:
        return Objects(settings, directory)
    if settings.provider != "directory":
        raise Invalid("objects.directories is for the provider directory; a bucket has its own disks.")
    return Disks(settings, directory)


def _none(rooms: Sequence[tuple[Disk, int]]) -> list[Disk]:
    if not rooms:
        return []
    raise Full(
        "No disk of the object store has room; nothing new is taken.",
        reason="disk_full",
        next_step="Make room, add a disk to objects.directories, or lower objects.min_free_mb.",
        retry_after_s=30,
    )


def _nobody(disks: Sequence[Disk]) -> Unavailable:
    why = "; ".join(f"{disk.folder}: {disk.trouble}" for disk in disks if disk.takes and disk.trouble)
    return Unavailable(f"No disk takes footage at present ({why}).", reason="disk_away", retry_after_s=5)


def _spread(key: str) -> bool:
    return key.split("/", 1)[0] == SPREAD


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return None


def _mark(path: Path) -> str:
    """The mark of a disk, put there whole; another process may have been first."""
    mark, fresh = secrets.token_hex(16), path.with_name(f"{MARK}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(mark)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        fresh.unlink()
    return mark


def _readable(path: Path) -> None:
    """Read a file through. Raises Unavailable when it cannot be: then no disk that refused it is to blame."""
    try:
        with path.open("rb") as file:
            while file.read(1 << 20):
                pass
    except OSError as error:
        raise Unavailable(
            f"A finished segment cannot be read: {error.strerror}.", reason="spool_unreadable"
        ) from error


def _refuses(folder: Path) -> str:
    """Why a file cannot be written there and read back; nothing when it can. A full disk is well."""
    path = folder / f".look.{secrets.token_hex(4)}"
    try:
        with path.open("xb") as file:
            file.write(b"well")
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return "" if error.errno in _FULL else error.strerror or type(error).__name__
    return ""
