"""Keeps the day keys of footage, apart from database and backups. Destroying a day's keys is the deletion of the day.

A key file holds 32 random bytes wrapped by the key in `keys/`. A destroyed day leaves a tombstone: a key file that is
put back afterwards is refused. On flash an overwritten block may survive in the drive; it is still wrapped.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Expired, Unavailable
from watchfloor.recordings.model import day_name

_MAGIC: Final = b"WFK1"
_NONCE: Final = 12
_KEY_FILE_SIZE: Final = 4 + _NONCE + 32 + 16
_TOMBSTONE: Final = re.compile(
    r"^r(?P<rule>\d+) (?P<day>\d{8}) \S+Z(?P<spared>(?: [0-9a-f-]{36})*)$", re.MULTILINE
)
_CONTEXT: Final = b"watchfloor footage key\x00\x01"


class DayDestroyed(Expired):
    """The day's keys are destroyed: its footage is forgotten and stays so."""


class KeyMissing(Unavailable):
    """There is no key for this camera and day, and no tombstone either."""


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What a destruction did: how many keys went."""

    rule: int
    day: date
    keys: int


def load_wrapping_key(path: Path) -> bytes:
    """The key in `keys/` that wraps all day keys; made at the first start, 0600.

    Raises Unavailable when the file is not 32 bytes.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path, secrets.token_bytes(32))
    key = path.read_bytes()
    if len(key) != 32:
        raise Unavailable(f"{path} should hold 32 bytes and holds {len(key)}.")
    return key


class Keystore:
    """Day keys by retention rule, UTC day and camera. Several processes share one directory."""

    def __init__(self, directory: Path, wrapping_key: bytes) -> None:
        self._directory = directory
        self._wrap = AESGCM(wrapping_key)
        self._list = directory / "destroyed"
        self._list_seen: tuple[int, int] | None = None
        # For each destroyed day the cameras that were spared, because their footage is held.
        self._destroyed: dict[tuple[int, str], frozenset[UUID]] = {}
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def make_or_find(self, camera: UUID, rule: int, day: date) -> bytes:
        """The day's key, made and on disk (fsync) before it is returned. Raises DayDestroyed."""
        path = self._path(camera, rule, day)
        self._refuse_destroyed(camera, rule, day)
        if not path.exists():
            key, nonce = secrets.token_bytes(32), secrets.token_bytes(_NONCE)
            wrapped = _MAGIC + nonce + self._wrap.encrypt(nonce, key, _bound(camera, rule, day))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, wrapped)
            for folder in (path.parent.parent, self._directory):
                _sync(folder)
        return self.find(camera, rule, day)

    def find(self, camera: UUID, rule: int, day: date) -> bytes:
        """The day's key. Raises DayDestroyed, KeyMissing, or Unavailable when the file is damaged or foreign."""
        self._refuse_destroyed(camera, rule, day)
        try:
            wrapped = self._path(camera, rule, day).read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(f"There is no key for the footage of {day}.") from error
        if len(wrapped) != _KEY_FILE_SIZE or not wrapped.startswith(_MAGIC):
            raise Unavailable(f"The key file for the footage of {day} is damaged.")
        nonce, sealed = wrapped[4 : 4 + _NONCE], wrapped[4 + _NONCE :]
        try:
            return self._wrap.decrypt(nonce, sealed, _bound(camera, rule, day))
        except InvalidTag as error:
            raise Unavailable(
                f"The key file for the footage of {day} is damaged or belongs elsewhere."
            ) from error

    def destroy(
        self, rule: int, day: date, now: datetime, *, spared: frozenset[UUID] = frozenset()
    ) -> Destroyed:
        """Destroy the keys of a rule's day, but those of held cameras: tombstone first, so that an interrupted
        destruction is finished later. Destroying again with fewer spared destroys the rest.
        """
        before = self._spared(rule, day)
        if before is None or not before <= spared:
            words = [f"r{rule}", day_name(day), rfc3339(now), *sorted(map(str, spared))]
            # A line that broke off, with the machine, must not take this one with it.
            line = f"\n{' '.join(words)}\n".encode()
            handle = os.open(self._list, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
                os.fsync(handle)
            finally:
                os.close(handle)
            _sync(self._directory)
        return Destroyed(rule, day, self._shred(self._folder(rule, day), spared))

    def forget(self, camera: UUID, rule: int, day: date) -> bool:
        """Shred one camera's key of a day, whose other cameras go on; whether there was one. What is recorded of it later that
        day is sealed under another key.
        """
        path = self._path(camera, rule, day)
        if not path.exists():
            return False
        _shred(path)
        _sync(path.parent)
        with contextlib.suppress(OSError):  # other cameras have keys in it
            path.parent.rmdir()
        return True

    def finish(self) -> int:
        """Shred key files of destroyed days that are there again, or still; how many. For the start of each process."""
        count = 0
        for rule, day in list(self.days()):
            spared = self._spared(rule, day)
            if spared is not None:
                count += self._shred(self._folder(rule, day), spared)
        return count

    def is_destroyed(self, rule: int, day: date) -> bool:
        """Whether the day has a tombstone that spares no camera."""
        return self._spared(rule, day) == frozenset()

    def keeps(self, camera: UUID, rule: int, day: date) -> bool:
        """Whether footage of that day can be kept: it is not destroyed, or the camera was spared."""
        spared = self._spared(rule, day)
        return spared is None or camera in spared

    def keys(self, rule: int, day: date) -> list[UUID]:
        """The cameras that have a key for this day, by listing."""
        return sorted(UUID(path.stem) for path in self._folder(rule, day).glob("*.key"))

    def days(self) -> Iterator[tuple[int, date]]:
        """Every (rule, day) that has a folder of keys, by listing: the proof of the oldest age."""
        for folder in sorted(self._directory.glob("r*/*")):
            name = folder.parent.name[1:]
            if name.isdigit() and folder.is_dir() and len(folder.name) == 8 and folder.name.isdigit():
                yield int(name), date(int(folder.name[:4]), int(folder.name[4:6]), int(folder.name[6:]))

    def _refuse_destroyed(self, camera: UUID, rule: int, day: date) -> None:
        if not self.keeps(camera, rule, day):
            raise DayDestroyed(f"The footage of {day} was forgotten when its retention ended.")

    def _spared(self, rule: int, day: date) -> frozenset[UUID] | None:
        """Whom the day's destruction spared; None when the day is not destroyed."""
        self._read_list()
        return self._destroyed.get((rule, day_name(day)))

    def _read_list(self) -> None:
        try:
            status = self._list.stat()
        except FileNotFoundError:
            self._list_seen, self._destroyed = None, {}
            return
        seen = (status.st_size, status.st_mtime_ns)
        if seen == self._list_seen:
            return
        entries: dict[tuple[int, str], frozenset[UUID]] = {}
        for match in _TOMBSTONE.finditer(self._list.read_text()):
            of = (int(match["rule"]), match["day"])
            spared = frozenset(UUID(camera) for camera in match["spared"].split())
            # What was destroyed once stays so: a later line can only spare fewer.
            entries[of] = entries[of] & spared if of in entries else spared
        self._destroyed, self._list_seen = entries, seen

    @staticmethod
    def _shred(folder: Path, spared: frozenset[UUID] = frozenset()) -> int:
        count = 0
        kept = {f"{camera}.key" for camera in spared}
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.name in kept:
                continue
            _shred(path)
            count += 1
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            _sync(folder.parent)
        return count

    def _folder(self, rule: int, day: date) -> Path:
        return self._directory / f"r{rule}" / day_name(day)

    def _path(self, camera: UUID, rule: int, day: date) -> Path:
        return self._folder(rule, day) / f"{camera}.key"


def _bound(camera: UUID, rule: int, day: date) -> bytes:
    return _CONTEXT + struct.pack(">16sH8s", camera.bytes, rule, day_name(day).encode())


def _create(path: Path, content: bytes) -> None:
    """Put a file there whole, or leave the one that another process put there first."""
    waiting = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(waiting, path)
    except FileExistsError:
        return
    finally:
        waiting.unlink()
    _sync(path.parent)


def _shred(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(max(path.stat().st_size, _KEY_FILE_SIZE)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
