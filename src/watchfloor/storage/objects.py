"""Footage, pictures and exports in a directory or an S3 bucket: put, get a range, list with ages, delete.

It knows keys and bytes. Which class an object is of, and when it must go, the slices and the sweep know.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import obstore
from obstore.exceptions import (
    BaseError,
    GenericError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import LocalStore, S3Store

from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.settings import ObjectSettings
from watchfloor.storage.open_bucket import bucket

P = ParamSpec("P")
T = TypeVar("T")

_KEY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_PUTTING: Final = ".putting"
_PAGE: Final = 1000
_AT_ONCE: Final = 16
_REFUSED: Final = re.compile(r"status code: 40[13]\b")
_log = logger("storage.objects")
# Of the free space at which `watchfloor check` warns, the share below which nothing new is taken.
_REFUSE_SHARE: Final = 10


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as the store lists it: its age is what the store says, not what an index believes."""

    key: str
    size: int
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class Level:
    """What lies directly below a prefix: names of folders, and objects."""

    folders: list[str]
    objects: list[Stored]


@dataclass(frozen=True, slots=True)
class Room:
    """Free and total bytes of the disk under a directory."""

    free: int
    total: int


class Objects:
    """The object store of a center. Keys are relative paths of letters, digits, `.`, `_`, `-`."""

    def __init__(self, settings: ObjectSettings, directory: Path) -> None:
        """`directory` is for the provider `directory` alone. Raises Invalid when the settings do not fit together."""
        self._least_free = settings.min_free_mb * 1024 * 1024 // _REFUSE_SHARE
        self._directory: Path | None = None
        self._said_slow = False
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="objects")
        self._store: LocalStore | S3Store
        match settings.provider:
            case "directory":
                self._directory = directory
                (directory / _PUTTING).mkdir(mode=0o700, parents=True, exist_ok=True)
                self._store = LocalStore(directory, automatic_cleanup=True)
            case "s3":
                self._store = bucket(settings)
            case other:
                raise Invalid(f"objects.provider is {other!r}; it can be directory or s3.")

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`, whole or not at all, on disk when this returns.

        Raises Full when there is no room, Unavailable when the store does not answer.
        """
        _checked(key)
        with _said_plainly(key):
            if self._directory is None:
                await self._asked(obstore.put, self._store, key, content)
            else:
                await asyncio.to_thread(self._put_file, key, content)

    async def put_content(self, prefix: str, content: bytes) -> str:
        """Keep `content` under a key made of its SHA-256, once however often it comes; the hash, hexadecimal.

        Raises as `put` does.
        """
        digest = hashlib.sha256(content).hexdigest()
        key = content_key(prefix, digest)
        if not await self.has(key):
            await self.put(key, content)
        return digest

    async def keep_only(self, prefix: str, key: str) -> None:
        """Delete what else lies under `prefix`. Raises Unavailable."""
        for other in [stored.key async for stored in self.listed(prefix) if stored.key != key]:
            await self.delete(other)

    async def take_in(self, key: str, path: Path) -> None:
        """Move a finished file in: renamed where the disk is the same, copied or uploaded and then removed where not.

        Raises as `put` does; the file is still there then.
        """
        _checked(key)
        with _said_plainly(key):
            if self._directory is None:
                await self._asked(obstore.put, self._store, key, path)
                await asyncio.to_thread(path.unlink)
            else:
                await asyncio.to_thread(self._move_file, key, path)

    async def get(self, key: str) -> bytes:
        """The whole object. Raises NotFound or Unavailable."""
        _checked(key)
        with _said_plainly(key):
            return await self._asked(lambda: bytes(obstore.get(self._store, key).bytes()))

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer where the object ends.

        Raises NotFound, Unavailable, and Unavailable too when the object ends before `start`.
        """
        _checked(key)
        if start < 0 or length <= 0:
            raise Invalid(f"{length} bytes from {start} is no range.")
        with _said_plainly(key):
            try:
                return await self._asked(
                    lambda: bytes(obstore.get_range(self._store, key, start=start, length=length))
                )
            except GenericError as error:
                if "non-partial" not in str(error):
                    raise
        return await self._part_of_whole(key, start, length)

    async def has(self, key: str) -> bool:
        """Whether there is such an object. Raises Unavailable."""
        try:
            await self.about(key)
        except NotFound:
            return False
        return True

    async def about(self, key: str) -> Stored:
        """Size and age. Raises NotFound or Unavailable."""
        _checked(key)
        with _said_plainly(key):
            found = await self._asked(obstore.head, self._store, key)
        return Stored(found["path"], found["size"], found["last_modified"])

    async def listed(self, prefix: str, *, despite_away: bool = False) -> AsyncIterator[Stored]:
        """Every object below `prefix`, by asking the store. Raises Unavailable, with `despite_away` not for one disk of several."""
        _checked(prefix)
        stream = obstore.list(self._store, prefix, chunk_size=_PAGE)
        while True:
            with _said_plainly(prefix):
                page = await self._asked(next, stream, None)
            if page is None:
                return
            for found in page:
                yield Stored(found["path"], found["size"], found["last_modified"])

    async def below(self, prefix: str, *, despite_away: bool = False) -> Level:
        """What lies directly below `prefix`, folders by their names, in order; a level at a time. Raises Unavailable."""
        _checked(prefix)
        with _said_plainly(prefix):
            found = await self._asked(obstore.list_with_delimiter, self._store, prefix)
        return Level(
            sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in found["common_prefixes"]),
            [Stored(one["path"], one["size"], one["last_modified"]) for one in found["objects"]],
        )

    async def oldest(self, prefix: str) -> Stored | None:
        """The object below `prefix` that the store has had longest."""
        found: Stored | None = None
        async for stored in self.listed(prefix):
            if found is None or stored.stored_at < found.stored_at:
                found = stored
        return found

    async def delete(self, key: str) -> bool:
        """Remove the object; False when there was none. Raises Unavailable when it may still be there."""
        if not await self.has(key):
            return False
        with _said_plainly(key):
            await self._asked(obstore.delete, self._store, key)
        return True

    async def look(self) -> None:
        """Whether the store lets itself be listed. Raises Unavailable, which says what to do."""
        async for _ in self.listed("footage"):
            return

    def room(self) -> Room | None:
        """The room on the disk; None where the store does not say (S3)."""
        if self._directory is None:
            return None
        return room_of(self._directory)

    def refuse_when_full(self, more: int = 0, *, first_in: Path | None = None) -> None:
        """Raises Full when taking `more` bytes would leave less than a tenth of the free space we warn at; also in the folder where they
        lie first, which is on a disk of ours where the store is not."""
        rooms = {
            "object store": self.room(),
            "spool": None if first_in is None else room_of(first_in),
        }
        for called, room in rooms.items():
            if room is not None and room.free - more < self._least_free:
                raise Full(
                    f"The disk of the {called} has {room.free // 2**20} MB left; nothing new is taken.",
                    reason="disk_full",
                    next_step="Make room on it, or lower objects.min_free_mb.",
                    retry_after_s=30,
                )

    def clear_leftovers(self, now: datetime, *, older_than_s: float = 3600.0, folder: str = "") -> int:
        """Remove what a process that died was putting, into `folder` or anywhere; how many files. One that goes meanwhile counts."""
        if self._directory is None:
            return 0
        old = [
            p
            for p in (self._directory / _PUTTING).iterdir()
            if p.name.startswith(folder) and _age_s(p, now) > older_than_s
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    async def _asked(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """In threads of our own. obstore's asynchronous calls answer from threads of Rust's, which abort the whole process
        when the interpreter is just ending."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(ask, *args, **kwargs))

    async def _part_of_whole(self, key: str, start: int, length: int) -> bytes:
        """For servers that answer a range as if it were the whole (rclone's): slower, and right."""
        if not self._said_slow:
            _log.warning("the object store cannot read ranges: each seek fetches a whole segment")
            self._said_slow = True
        whole = await self.get(key)
        if start >= len(whole):
            raise Unavailable(f"The object {key} ends before {start}.")
        return whole[start : start + length]

    def _put_file(self, key: str, content: bytes) -> None:
        directory = self._place()
        self.refuse_when_full(len(content))
        # Its first folder is in the name: what is half put of a class that must go sooner can then be told from the rest.
        handle, name = tempfile.mkstemp(dir=directory / _PUTTING, prefix=f"{key.partition('/')[0]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _renamed(Path(name), directory / key)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _move_file(self, key: str, path: Path) -> None:
        directory = self._place()
        with path.open("rb") as file:
            os.fsync(file.fileno())
        try:
            _renamed(path, directory / key)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._put_file(key, path.read_bytes())
            path.unlink()

    def _place(self) -> Path:
        if self._directory is None:
            raise TypeError("this object store is no directory")
        return self._directory


def _age_s(path: Path, now: datetime) -> float:
    """How old a file is; nothing where it was put meanwhile."""
    try:
        return now.timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def room_of(folder: Path) -> Room:
    """The room on the disk under a folder. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def content_key(prefix: str, digest: str) -> str:
    """Where content of that SHA-256 lies: spread over 256 folders."""
    return f"{prefix}/{digest[:2]}/{digest}"


def _renamed(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _checked(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise Invalid(f"{key[:80]!r} is not the key of an object.")


@contextmanager
def _said_plainly(key: str) -> Iterator[None]:
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        raise _plainly(error, key) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Full(
                "The disk of the object store is full; nothing was taken.",
                reason="disk_full",
                retry_after_s=30,
            ) from error
        raise Unavailable(
            f"The object store cannot be used: {error.strerror or error}.", reason="objects_away"
        ) from error


def _plainly(error: BaseError | FileNotFoundError, key: str) -> NotFound | Unavailable:
    # A listing that is refused is no error of its own kind: only the text tells it from a server that is away.
    said = str(error)
    if "NoSuchBucket" in said:
        return Unavailable(
            "The bucket of objects.url does not exist.",
            reason="objects_no_bucket",
            next_step="Make the bucket, or correct objects.url.",
        )
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or _REFUSED.search(said):
        return Unavailable(
            "The object store does not let us in.",
            reason="objects_refused",
            next_step="Check the key id and the secret in objects.credentials_file, and that they may list, read, write and "
            "delete in the bucket.",
        )
    if isinstance(error, (NotFoundError, FileNotFoundError)):
        return NotFound(f"There is no object {key}.")
    return Unavailable(
        "The object store does not answer at present.",
        reason="objects_away",
        next_step="See objects.endpoint and the server there. Footage waits in the spool meanwhile; nothing is lost while "
        "its disk has room.",
        retry_after_s=5,
    )
