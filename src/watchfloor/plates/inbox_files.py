"""Files that others put into folders of ours: which are whole, which may be taken, and where they go. It reads no plate.

No link is followed and no file taken that is not plainly its folder's owner's: whoever may write there must not be able to have
another file of this machine read or removed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from watchfloor.kit.errors import Invalid

MOST_LOOKED_AT: Final = 10_000
_NAME: Final = re.compile(r"[A-Za-z0-9(\[][\w .()\[\]+@=,#-]{0,149}", re.ASCII)
_TEMPORARY: Final = (".part", ".partial", ".filepart", ".tmp", ".temp", ".uploading", ".writing", "~")
_REASON: Final = ".reason.txt"


@dataclass(frozen=True, slots=True)
class Found:
    """A file at one look: its name, its number on the disk, and what changes while it is written."""

    name: str
    node: int
    stamp: tuple[int, int]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A file at the looks before: how it was, since when, and whether its name was a temporary one."""

    stamp: tuple[int, int]
    since: float
    temporary: bool


def is_temporary(name: str) -> bool:
    """Whether a file of this name is still being written."""
    return name.startswith(".") or name.casefold().endswith(_TEMPORARY)


def whole(
    before: Mapping[int, Seen], found: Sequence[Found], *, at: float, settle_s: float
) -> tuple[dict[int, Seen], list[Found]]:
    """What is remembered for the next look, and the files that are whole: renamed from a temporary name, or still for so long."""
    after: dict[int, Seen] = {}
    ready = []
    for one in found:
        seen = before.get(one.node)
        still = seen is not None and seen.stamp == one.stamp
        since = seen.since if seen is not None and still else at
        if is_temporary(one.name):
            after[one.node] = Seen(one.stamp, since, temporary=True)
            continue
        renamed = seen is not None and still and seen.temporary
        after[one.node] = Seen(one.stamp, since, temporary=renamed)
        if renamed or (still and at - since >= settle_s):
            ready.append(one)
    return after, ready


def looked(folder: Path, owner: int, most: int) -> list[Found]:
    """The files of a folder as they are now, each with why it may not be taken, if it may not."""
    found = []
    with os.scandir(folder) as entries:
        for entry in islice(entries, MOST_LOOKED_AT):
            with suppress(FileNotFoundError):
                how = entry.stat(follow_symlinks=False)
                fault = fault_of(how, owner=owner, most=most) or _fault_of_name(entry.name)
                found.append(Found(entry.name, how.st_ino, (how.st_size, how.st_mtime_ns), fault))
    return found


def fault_of(how: os.stat_result, *, owner: int, most: int) -> str | None:
    """Why a file like this is not taken, in a sentence."""
    if not stat.S_ISREG(how.st_mode):
        return "It is a link, a folder or a device; only files are taken."
    if how.st_nlink != 1:
        return "It has a second name elsewhere (a hard link)."
    if how.st_uid != owner:
        return f"It belongs to user {how.st_uid}, and its folder to user {owner}."
    if how.st_size > most:
        return f"It has {how.st_size} bytes; at most {most} are taken."
    return None


def _fault_of_name(name: str) -> str | None:
    if is_temporary(name) or _NAME.fullmatch(name):
        return None
    return "Its name has to have 1 to 150 letters, digits, spaces and .-_()[]+@=,# and begin with a letter or digit."


def content_of(path: Path, *, owner: int, most: int) -> bytes:
    """What is in a file, judged again once it is open. Raises Invalid, or FileNotFoundError where it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Invalid(
            f"It cannot be opened: {error.strerror}. The group of its folder has to be able to read it."
        ) from error
    try:
        fault = fault_of(os.fstat(descriptor), owner=owner, most=most)
        if fault is not None:
            raise Invalid(fault)
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise Invalid(f"It grew while it was read; at most {most} bytes are taken.")
    return content


def beside(folder: Path, name: str, *, owner: int, most: int) -> bytes | None:
    """A file of the same folder by its name; None where there is none that may be taken."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return content_of(folder / name, owner=owner, most=most)
    except (Invalid, OSError):
        return None


def own_name(found: Found) -> str:
    """What a file is called among those of ours, where no two may have one name."""
    return f"{found.node:x}-{found.name}" if _NAME.fullmatch(found.name) else f"{found.node:x}"


def _ours(folder: Path) -> None:
    """Make a folder that nobody else looks into."""
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def claimed(found: Found, folder: Path, taking: Path) -> Path | None:
    """Take a file out of its folder, so that nobody else does; None when somebody did."""
    _ours(taking)
    path = taking / own_name(found)
    try:
        (folder / found.name).rename(path)
    except FileNotFoundError:
        return None
    return path


def left_over(taking: Path) -> list[Path]:
    """What was claimed and is not yet done with, the oldest first."""
    try:
        return sorted(taking.iterdir(), key=lambda path: path.lstat().st_ctime_ns)
    except FileNotFoundError:
        return []


def tell(failed: Path, name: str, reason: str) -> None:
    """Write beside where a file would lie why it was not taken."""
    _ours(failed)
    (failed / f"{name}{_REASON}").write_text(f"{reason}\n")


def fail(path: Path, failed: Path, reason: str) -> None:
    """Put a claimed file aside with why it could not be taken."""
    tell(failed, path.name, reason)
    with suppress(FileNotFoundError):
        path.rename(failed / path.name)


def forget(folder: Path, *, before: datetime, only: Callable[[str], bool] = lambda _: True) -> int:
    """Remove files and links that came into a folder before a time; how many. Raises OSError for one that cannot be."""
    gone = 0
    for path, how in _entries(folder):
        # When its name or content last changed here: nobody can set that, as they can the time of writing.
        came = datetime.fromtimestamp(how.st_ctime, UTC)
        if not stat.S_ISDIR(how.st_mode) and came < before and only(path.name):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def folders(folder: Path) -> list[Path]:
    """The folders in a folder, no link among them; none where there is no such folder."""
    return [path for path, how in _entries(folder) if stat.S_ISDIR(how.st_mode)]


def owner_of(folder: Path) -> int:
    """Whose a file or folder is. Raises OSError."""
    return folder.lstat().st_uid


def _entries(folder: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                found.append((Path(entry.path), entry.stat(follow_symlinks=False)))
    return found
