"""A segment file: written by appending sealed chunks, recovered to its last whole chunk, read chunk by chunk.

    magic · u32 length of the head · head (JSON) · init chunk · key and more chunks ...

A crash of the program loses at most the chunk that was being gathered; a power cut, what the system had not yet
written: files are synced when they close. It knows no camera and no database.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from watchfloor.cameras.stream import TICKS_PER_S
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.model import Segment, SegmentId, pack_key
from watchfloor.recordings.seal import HEAD_SIZE, Altered, ChunkKind, Head, open_sealed, read_head, seal
from watchfloor.recordings.wire import FileHead, decode_head, encode_head

MAGIC: Final = b"WFSEG\x01\r\n"
_LARGEST_HEAD: Final = 4096


class SegmentWriter:
    """One segment being written. Owned by one thread."""

    def __init__(self, path: Path, head: FileHead, key: bytes, init: bytes, first: int) -> None:
        """Creates the file, with its init chunk under the number `first`. Raises OSError (no room, no right)."""
        self.path, self.head = path, head
        self._key, self._label = key, head.label
        self._sha = hashlib.sha256()
        self._size = 0
        self._sum = _Sum()
        encoded = encode_head(head)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            opening = MAGIC + len(encoded).to_bytes(4, "big") + encoded
            plain = Head(ChunkKind.INIT, first, 0, 0, 0, 0, 0)
            self._append([opening, *seal(key, self._label, plain, init)])
        except OSError:
            os.close(self._fd)
            path.unlink(missing_ok=True)
            raise

    @property
    def began_us(self) -> int:
        """The wall time of the first frame, 0 before there is one."""
        return self._sum.began_us

    def append(self, head: Head, plain: bytes) -> None:
        """Seal and append a chunk whole. Raises OSError; the file then still ends at its last whole chunk."""
        offset = self._size
        self._append(seal(self._key, self._label, head, plain))
        self._sum.add(offset, head)

    def finish(self) -> Segment | None:
        """Sync and close. None, and no file, when no frame was written. Raises OSError: it may be called again then."""
        if not self._sum.frames:
            os.close(self._fd)
            self.path.unlink(missing_ok=True)
            return None
        os.fsync(self._fd)
        os.close(self._fd)
        return self._sum.segment(self.head, self._size, self._sha.digest())

    def _append(self, parts: list[bytes] | tuple[bytes, ...]) -> None:
        wanted = sum(map(len, parts))
        try:
            written = os.writev(self._fd, parts)
            if written < wanted:
                self._write_rest(b"".join(parts)[written:])
        except OSError:
            # Cutting back needs no room: what was written before stays whole.
            os.ftruncate(self._fd, self._size)
            os.lseek(self._fd, self._size, os.SEEK_SET)
            raise
        for part in parts:
            self._sha.update(part)
        self._size += wanted

    def _write_rest(self, rest: bytes) -> None:
        while rest:
            rest = rest[os.write(self._fd, rest) :]


def read_file_head(data: bytes | memoryview) -> tuple[FileHead, int]:
    """The head at the start of a file, and where the chunks begin. Raises Unavailable."""
    start = len(MAGIC) + 4
    if bytes(data[: len(MAGIC)]) != MAGIC or len(data) < start:
        raise Unavailable("This is not a segment of footage.")
    length = int.from_bytes(data[len(MAGIC) : start], "big")
    if length > _LARGEST_HEAD or len(data) < start + length:
        raise Unavailable("A segment's head breaks off.")
    return decode_head(bytes(data[start : start + length])), start + length


def chunks(data: bytes | memoryview, start: int) -> Iterator[tuple[int, Head]]:
    """(offset, head) of each whole chunk from `start` on. Raises Altered at the first that is not whole."""
    at, view = start, memoryview(data)
    while at < len(view):
        head = read_head(view[at:])
        if at + head.size > len(view):
            raise Altered("A chunk of footage breaks off.")
        yield at, head
        at += head.size


def recover(path: Path, key: bytes, *, before_us: int | None = None) -> Segment | None:
    """Cut a file that was not closed back to its last whole chunk; what it then holds, synced.

    With `before_us`, chunks that end after that wall time are cut off as well: another recorder had the camera.
    None, and the file is gone, when nothing is left. Raises Unavailable when the head cannot be read, OSError.
    """
    data = path.read_bytes()
    head, start = read_file_head(data)
    segment = _whole(head, data, start, key, before_us)
    if segment is None:
        path.unlink()
        return None
    with path.open("r+b") as file:
        file.truncate(segment.size)
        file.flush()
        os.fsync(file.fileno())
    return segment


def reread(data: bytes, key: bytes) -> Segment | None:
    """What a file holds up to the first chunk that does not open; the file stays as it is. None when that is nothing.

    Raises Unavailable when the head cannot be read.
    """
    head, start = read_file_head(data)
    return _whole(head, data, start, key, None)


def whole_so_far(data: bytes) -> Segment | None:
    """What a file that is still being written holds: whole chunks by their heads alone. None while there is none.

    Nothing is believed that does not open later; this only finds it.
    """
    return so_far(lambda start, length: data[start : start + length], len(data))


def so_far(read: Callable[[int, int], bytes], size: int) -> Segment | None:
    """The same of a file of that size, read where its heads are: a minute of pictures is large."""
    try:
        head, start = read_file_head(read(0, len(MAGIC) + 4 + _LARGEST_HEAD))
    except Unavailable:
        return None
    end, found = start, _Sum()
    try:
        while end < size:
            chunk = read_head(read(end, HEAD_SIZE))
            if end + chunk.size > size:
                break
            found.add(end, chunk)
            end += chunk.size
    except Altered:
        pass
    return found.segment(head, end, b"") if found.keys else None


def _whole(head: FileHead, data: bytes, start: int, key: bytes, before_us: int | None) -> Segment | None:
    """What can be believed of a file: chunks that open under its label, in order, up to the first that does not."""
    end, found, last = start, _Sum(), -1
    view = memoryview(data)
    try:
        for offset, chunk in chunks(data, start):
            if (offset == start) != (chunk.kind is ChunkKind.INIT) or chunk.number < last:
                break
            if before_us is not None and chunk.kind is not ChunkKind.INIT and _end_of(chunk) > before_us:
                break
            # Blocks reach the disk in any order: only the seal says that a chunk is whole.
            open_sealed(key, head.label, view[offset : offset + chunk.size])
            last = chunk.number
            found.add(offset, chunk)
            end = offset + chunk.size
    except Altered:
        pass
    return found.segment(head, end, hashlib.sha256(view[:end]).digest()) if found.frames else None


@dataclass(slots=True)
class _Sum:
    """What the chunks of a segment come to, as they are written or found."""

    began_us: int = 0
    ended_us: int = 0
    frames: int = 0
    keys: bytearray = field(default_factory=bytearray)

    def add(self, offset: int, head: Head) -> None:
        if head.kind is ChunkKind.INIT:
            return
        if not self.frames:
            self.began_us = head.captured_us
        if head.kind is ChunkKind.KEY:
            self.keys += pack_key(offset, _ms(head.captured_us - self.began_us))
        self.frames += head.frames
        self.ended_us = _end_of(head)

    def segment(self, head: FileHead, size: int, sha256: bytes) -> Segment:
        return Segment(
            SegmentId(head.id), head.label, head.terms, self.began_us, self.ended_us, size, sha256, self.frames,
            bytes(self.keys), head.mime, head.width, head.height,
        )  # fmt: skip


def _end_of(head: Head) -> int:
    return head.captured_us + head.duration * 1_000_000 // TICKS_PER_S


def _ms(span_us: int) -> int:
    return max(span_us // 1000, 0)
