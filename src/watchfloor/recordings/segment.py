"""A segment file: written by appending sealed chunks, recovered to its last whole chunk, read chunk by chunk.

    magic · u32 length of the head · head (JSON) · init chunk · key and more chunks ...

A crash of the program loses at most the chunk that was being gathered; a power cut, what the system had not yet
written: files are synced when they close. It knows no camera and no database.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from watchfloor.cameras.stream import TICKS_PER_S
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.model import Segment, SegmentId, pack_key
from watchfloor.recordings.seal import Altered, ChunkKind, Head, open_sealed, read_head, seal
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
        self._keys = bytearray()
        self._began_us = self._ended_us = 0
        self._frames = 0
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
        return self._began_us

    def append(self, head: Head, plain: bytes) -> None:
        """Seal and append a chunk whole. Raises OSError; the file then still ends at its last whole chunk."""
        offset = self._size
        self._append(seal(self._key, self._label, head, plain))
        if not self._frames:
            self._began_us = head.captured_us
        if head.kind is ChunkKind.KEY:
            self._keys += pack_key(offset, _ms(head.captured_us - self._began_us))
        self._frames += head.frames
        self._ended_us = _end_of(head)

    def finish(self) -> Segment | None:
        """Sync and close. None, and no file, when no frame was written. Raises OSError: it may be called again then."""
        if not self._frames:
            os.close(self._fd)
            self.path.unlink(missing_ok=True)
            return None
        os.fsync(self._fd)
        os.close(self._fd)
        return _segment(
            self.head,
            self._began_us,
            self._ended_us,
            self._size,
            self._sha.digest(),
            self._frames,
            bytes(self._keys),
        )

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


def whole_so_far(data: bytes) -> Segment | None:
    """What a file that is still being written holds: whole chunks by their heads alone. None while there is none.

    Nothing is believed that does not open later; this only finds it.
    """
    try:
        head, start = read_file_head(data)
    except Unavailable:
        return None
    end, frames, began_us, ended_us, keys = start, 0, 0, 0, bytearray()
    try:
        for offset, chunk in chunks(data, start):
            if chunk.kind is not ChunkKind.INIT:
                began_us = began_us if frames else chunk.captured_us
                if chunk.kind is ChunkKind.KEY:
                    keys += pack_key(offset, _ms(chunk.captured_us - began_us))
                frames += chunk.frames
                ended_us = _end_of(chunk)
            end = offset + chunk.size
    except Altered:
        pass
    if not keys:
        return None
    return _segment(head, began_us, ended_us, end, b"", frames, bytes(keys))


def _whole(head: FileHead, data: bytes, start: int, key: bytes, before_us: int | None) -> Segment | None:
    """What can be believed of a file: chunks that open under its label, in order, up to the first that does not."""
    end, frames, began_us, ended_us, keys = start, 0, 0, 0, bytearray()
    last = -1
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
            if chunk.kind is not ChunkKind.INIT:
                began_us = began_us if frames else chunk.captured_us
                if chunk.kind is ChunkKind.KEY:
                    keys += pack_key(offset, _ms(chunk.captured_us - began_us))
                frames += chunk.frames
                ended_us = _end_of(chunk)
            end = offset + chunk.size
    except Altered:
        pass
    if not frames:
        return None
    return _segment(head, began_us, ended_us, end, hashlib.sha256(view[:end]).digest(), frames, bytes(keys))


def _segment(
    head: FileHead, began_us: int, ended_us: int, size: int, sha256: bytes, frames: int, keys: bytes
) -> Segment:
    return Segment(
        SegmentId(head.id), head.label, head.terms, began_us, ended_us, size, sha256, frames, keys, head.mime,
        head.width, head.height,
    )  # fmt: skip


def _end_of(head: Head) -> int:
    return head.captured_us + head.duration * 1_000_000 // TICKS_PER_S


def _ms(span_us: int) -> int:
    return max(span_us // 1000, 0)
