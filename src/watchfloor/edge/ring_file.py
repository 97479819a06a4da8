"""A file of an edge box's ring: some time of one camera, record after record. It holds no lock and keeps nothing open.

    ring/<camera>/key
    ring/<camera>/<µs of its beginning>-<chance>.ring:  u32 length · head (JSON) · records of: u32 length · times · nonce · sealed pictures

A record is a group of pictures, or a part of a long one. What is in a file is known from the few bytes before each record, which are
read when somebody asks for that file: a box that starts with gigabytes kept reads the heads of its files and no pictures. What a power
cut leaves half written is not read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.kit.envelope import key_from_file

SUFFIX: Final = ".ring"
KEY: Final = "key"
ROOM_BESIDES: Final = 1024
"""What a record takes beside its pictures, and a file's head, at most about so much."""
_NONCE: Final = 12
_LENGTH: Final = struct.Struct(">I")
_TIMES: Final = struct.Struct(">qqI")
_BEFORE: Final = _LENGTH.size + _TIMES.size
_LARGEST_HEAD: Final = 128 * 1024
_USUAL_HEAD: Final = 4096


class Head(msgspec.Struct, frozen=True):
    """How a file's pictures are coded, and by which clock they are dated: `offset_us` from the machine's counter, in `boot`."""

    camera: UUID
    run: bytes
    boot: str
    offset_us: int


@dataclass(frozen=True, slots=True)
class Record:
    """Where a record is in its file, and the times of its first picture and of the end of its last, in µs as they were dated."""

    at: int
    began_us: int
    ended_us: int


@dataclass(slots=True)
class RingFile:
    """A file. `records` is None until somebody asks what is in one of an earlier run."""

    path: Path
    head: Head
    begin: int
    size: int
    began_us: int
    _records: list[Record] | None = field(default_factory=list)

    def records(self) -> list[Record]:
        """What is in it, oldest first. Raises OSError."""
        if self._records is None:
            self._records = list(_walked(self.path, self.begin))
        return self._records

    def ended_us(self) -> int:
        """When the last of it ended, as it was dated. Raises OSError."""
        known = self.records()
        return known[-1].ended_us if known else self.began_us

    def append(self, cipher: AESGCM, plain: bytes, times: tuple[int, int], pictures: int) -> None:
        """Write a record behind the others, and have the disk keep it. `times`: when it began and ended. Raises OSError."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = cipher.encrypt(nonce, plain, self._about(len(self.records())))
        head = _LENGTH.pack(len(sealed) + _NONCE + _TIMES.size) + _TIMES.pack(*times, pictures)
        at = self.size
        with self.path.open("r+b", buffering=0) as out:
            # Where an earlier try broke off it is written over.
            os.ftruncate(out.fileno(), at)
            out.seek(at)
            for part in (head, nonce, sealed):
                _write(out.fileno(), part)
            os.fdatasync(out.fileno())
            self.size = at + len(head) + len(nonce) + len(sealed)
        self.records().append(Record(at, *times))

    def read(self, cipher: AESGCM, number: int) -> list[bytes] | None:
        """The pictures of a record; None when the file went meanwhile, or was altered."""
        try:
            with self.path.open("rb") as source:
                source.seek(self.records()[number].at)
                (length,) = _LENGTH.unpack(source.read(_LENGTH.size))
                data = source.read(length)
            nonce, sealed = data[_TIMES.size : _TIMES.size + _NONCE], data[_TIMES.size + _NONCE :]
            return msgspec.msgpack.decode(
                cipher.decrypt(nonce, sealed, self._about(number)), type=list[bytes]
            )
        except (OSError, struct.error, InvalidTag, msgspec.DecodeError):
            return None

    def _about(self, number: int) -> bytes:
        return f"{self.path.parent.name}/{self.path.name}/{number}".encode()


def begun(folder: Path, head: Head, began_us: int) -> RingFile:
    """A new file. Raises OSError."""
    data = msgspec.json.encode(head)
    path = folder / f"{began_us:020d}-{secrets.token_hex(4)}{SUFFIX}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _write(handle, _LENGTH.pack(len(data)) + data)
    finally:
        os.close(handle)
    size = _LENGTH.size + len(data)
    return RingFile(path, head, size, size, began_us)


def found(folder: Path) -> Iterator[RingFile]:
    """The files that an earlier run left for a camera. What is none of ours is removed; so is what has no record."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        known = None
        with contextlib.suppress(OSError, struct.error, msgspec.DecodeError, ValueError):
            known = _opened(path)
        if known is not None and str(known.head.camera) == folder.name:
            yield known
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def cipher_of(folder: Path, *, make: bool) -> AESGCM:
    """The cipher of a camera's folder; with `make`, both are made where there are none. Raises OSError."""
    if make:
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        return AESGCM(key_from_file(folder / KEY) if make else (folder / KEY).read_bytes())
    except ValueError as error:
        raise OSError(errno.EIO, "the key of what is kept is damaged") from error


def destroy(folder: Path) -> None:
    """The folder of a camera is gone: its key first, so that the rest cannot be read whatever becomes of it. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        (folder / KEY).unlink(missing_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        shutil.rmtree(folder)


def _opened(path: Path) -> RingFile | None:
    with path.open("rb", buffering=0) as source:
        size = os.fstat(source.fileno()).st_size
        data = os.pread(source.fileno(), _USUAL_HEAD, 0)
        (length,) = _LENGTH.unpack_from(data)
        if length > _LARGEST_HEAD:
            return None
        begin = _LENGTH.size + length
        if begin > len(data):
            data = os.pread(source.fileno(), begin, 0)
    if begin + _BEFORE >= size:
        return None
    head = msgspec.json.decode(data[_LENGTH.size : begin], type=Head)
    return RingFile(path, head, begin, size, int(path.name.partition("-")[0]), None)


def _walked(path: Path, at: int) -> Iterator[Record]:
    with path.open("rb", buffering=0) as source:
        handle = source.fileno()
        # Otherwise the kernel reads on into the pictures between.
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_RANDOM)
        whole = os.fstat(handle).st_size
        while at + _BEFORE <= whole:
            before = os.pread(handle, _BEFORE, at)
            if len(before) < _BEFORE:
                return
            (size,) = _LENGTH.unpack_from(before)
            if size < _TIMES.size + _NONCE or at + _LENGTH.size + size > whole:
                return
            began_us, ended_us, _ = _TIMES.unpack_from(before, _LENGTH.size)
            yield Record(at, began_us, ended_us)
            at += _LENGTH.size + size


def _write(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
