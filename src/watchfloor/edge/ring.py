"""What an edge box keeps while the center is away: sealed files on its disk, bounded, the oldest going first.

    ring/<camera>/key
    ring/<camera>/<µs of its beginning>.ring:  u32 length · head (JSON) · records of: u32 length · times · nonce · sealed pictures

A record is a group of pictures, or a part of a long one. What a power cut leaves half written is not read. The key lies beside the
files and goes with them: it makes deletion certain on a card that keeps old blocks; it is no help when a board is carried off whole.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import shutil
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.cameras.boxes import wire
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run
from watchfloor.kit.envelope import key_from_file
from watchfloor.kit.logs import logger

_SUFFIX: Final = ".ring"
_NONCE: Final = 12
_LENGTH: Final = struct.Struct(">I")
_TIMES: Final = struct.Struct(">qqI")
_LARGEST_HEAD: Final = 128 * 1024
_FILE_US: Final = 60_000_000
_SAME_CLOCK_US: Final = 50_000
# So much waits for the disk at most; what is more is lost, and counted.
_MOST_WAITING: Final = 24 * 1024 * 1024
# A disk that is shared keeps so much of itself free.
_LEAST_FREE: Final = 64 * 1024 * 1024
# What was not fetched by then is not wanted.
LONGEST_US: Final = 48 * 3600 * 1_000_000
_log = logger("edge.ring")


class _Head(msgspec.Struct, frozen=True):
    """How a file's pictures are coded, and by which clock they are dated: `offset_us` from the machine's counter, in `boot`."""

    camera: UUID
    run: bytes
    boot: str
    offset_us: int


@dataclass(slots=True)
class _File:
    path: Path
    camera: UUID
    head: _Head
    size: int
    records: list[tuple[int, int, int]] = field(default_factory=list)
    """Of each: where it is, and the times of its first picture and of the end of its last, in µs as they were dated."""

    @property
    def began_us(self) -> int:
        return self.records[0][1] if self.records else 0

    @property
    def ended_us(self) -> int:
        return self.records[-1][2] if self.records else 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A group of pictures of the past: how they are coded, the frames of it, and the center's time at its end."""

    run: bytes
    frames: list[bytes]
    ended_us: int


class Ring:
    """The files. `put` may be called from any thread; a thread of its own writes."""

    def __init__(self, folder: Path, most_bytes: int, boot: str, offset_us: Callable[[], int]) -> None:
        """`boot` names this run of the machine's counter, `offset_us` says how far the center's time is ahead of it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._most, self._boot, self._offset_us = folder, most_bytes, boot, offset_us
        self._ciphers: dict[UUID, AESGCM] = {}
        self._lock = threading.Lock()
        self._files: list[_File] = sorted(self._found(), key=lambda one: one.began_us)
        self._open: dict[UUID, tuple[_File, bytes]] = {}
        self._waiting = 0
        self._queue: queue.SimpleQueue[tuple[UUID, Run, Sequence[Frame]] | None] = queue.SimpleQueue()
        self.lost = 0
        """Pictures that the disk was too slow, or too full, for."""
        self.went_us: dict[UUID, int] = {}
        """Up to which time the oldest went for want of room, by camera."""
        self._thread = threading.Thread(target=self._work, name="ring", daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Bytes kept."""
        with self._lock:
            return sum(one.size for one in self._files)

    @property
    def oldest_us(self) -> int:
        """The time of the oldest, 0 when nothing is kept."""
        with self._lock:
            return min((self._shifted(one, one.began_us) for one in self._files if one.records), default=0)

    def put(self, camera: UUID, run: Run, frames: Sequence[Frame]) -> None:
        """Keep a group of pictures."""
        size = sum(len(frame.data) for frame in frames)
        with self._lock:
            if self._waiting + size > _MOST_WAITING:
                self.lost += len(frames)
                return
            self._waiting += size
        self._queue.put((camera, run, frames))

    def close(self) -> None:
        """Write what waits, and end."""
        self._queue.put(None)
        self._thread.join()

    def forget(self, camera: UUID) -> None:
        """Nothing of this camera is kept any more."""
        with self._lock:
            self._open.pop(camera, None)
            self._ciphers.pop(camera, None)
            (self._folder / str(camera) / "key").unlink(missing_ok=True)
            for one in [one for one in self._files if one.camera == camera]:
                self._remove(one)
            self.went_us.pop(camera, None)
            shutil.rmtree(self._folder / str(camera), ignore_errors=True)

    def forget_old(self, before_us: int) -> None:
        """What is older is not wanted any more."""
        with self._lock:
            for one in [one for one in self._files if self._shifted(one, one.ended_us) < before_us]:
                self._remove(one)

    def cameras(self) -> set[UUID]:
        """Of which cameras something is kept."""
        with self._lock:
            return {one.camera for one in self._files}

    def of(self, camera: UUID, begin_us: int, end_us: int) -> Iterator[Kept]:
        """What is kept of [begin, end) by the center's time, oldest first."""
        with self._lock:
            files = [one for one in self._files if one.camera == camera]
        for one in files:
            with self._lock:
                shift, records = self._shift(one.head), list(one.records)
            for number, (at, began, ended) in enumerate(records):
                if ended + shift <= begin_us or began + shift >= end_us:
                    continue
                frames = self._read(one, number, at)
                if frames is None:
                    break
                yield Kept(one.head.run, [_moved(frame, shift) for frame in frames], ended + shift)

    # -- writing, in its own thread

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            camera, run, frames = item
            size = sum(len(frame.data) for frame in frames)
            try:
                self._write(camera, run, frames)
            except OSError as error:
                _log.error("pictures cannot be kept", why=error.strerror)
                with self._lock:
                    self.lost += len(frames)
                    self._open.pop(camera, None)
            finally:
                with self._lock:
                    self._waiting -= size

    def _write(self, camera: UUID, run: Run, frames: Sequence[Frame]) -> None:
        coded = wire.run_frame(run)
        last = frames[-1]
        step = (last.dts - frames[0].dts) // max(len(frames) - 1, 1) or TICKS_PER_S // 15
        began, ended = frames[0].captured_us, last.captured_us + step * 1_000_000 // TICKS_PER_S
        plain = msgspec.msgpack.encode(
            [wire.picture_frame(run.number, n, one) for n, one in enumerate(frames)]
        )
        with self._lock:
            self._make_room(len(plain) + 1024)
            known = self._open.get(camera)
            if known is None or known[1] != coded or self._is_full(known[0], frames[0]):
                known = (self._new_file(camera, coded, began), coded)
                self._open[camera] = known
            file = known[0]
            number, nonce = len(file.records), secrets.token_bytes(_NONCE)
            sealed = self._cipher(camera).encrypt(nonce, plain, _about(file.path, number))
            record = (
                _LENGTH.pack(len(sealed) + _NONCE + _TIMES.size)
                + _TIMES.pack(began, ended, len(frames))
                + nonce
                + sealed
            )
            with file.path.open("ab") as out:
                out.write(record)
                out.flush()
                os.fdatasync(out.fileno())
            file.records.append((file.size, began, ended))
            file.size += len(record)

    def _is_full(self, file: _File, first: Frame) -> bool:
        """A file holds about a minute, dated by one clock."""
        off_us = abs(file.head.offset_us - self._offset_us())
        return off_us > _SAME_CLOCK_US or (first.key and first.captured_us - file.began_us > _FILE_US)

    def _new_file(self, camera: UUID, coded: bytes, began_us: int) -> _File:
        folder = self._folder / str(camera)
        folder.mkdir(mode=0o700, exist_ok=True)
        head = _Head(camera, coded, self._boot, self._offset_us())
        data = msgspec.json.encode(head)
        path = folder / f"{began_us:020d}-{secrets.token_hex(4)}{_SUFFIX}"
        with path.open("xb") as out:
            out.write(_LENGTH.pack(len(data)) + data)
        path.chmod(0o600)
        file = _File(path, camera, head, _LENGTH.size + len(data))
        self._files.append(file)
        return file

    def _make_room(self, wanted: int) -> None:
        """The oldest goes, whosever it is, until there is room. Raises OSError when there is none even so."""
        while self._files and (
            sum(one.size for one in self._files) + wanted > self._most
            or shutil.disk_usage(self._folder).free < wanted + _LEAST_FREE
        ):
            oldest = min(self._files, key=lambda one: self._shifted(one, one.began_us))
            went = self._shifted(oldest, oldest.ended_us)
            self.went_us[oldest.camera] = max(self.went_us.get(oldest.camera, 0), went)
            self._remove(oldest)
        if shutil.disk_usage(self._folder).free < wanted + _LEAST_FREE:
            raise OSError(28, "no room on the disk")

    def _cipher(self, camera: UUID) -> AESGCM:
        """The cipher of a camera. Raises OSError when its folder is gone."""
        if camera not in self._ciphers:
            self._ciphers[camera] = AESGCM(key_from_file(self._folder / str(camera) / "key"))
        return self._ciphers[camera]

    def _remove(self, file: _File) -> None:
        self._files.remove(file)
        if self._open.get(file.camera, (None,))[0] is file:
            del self._open[file.camera]
        file.path.unlink(missing_ok=True)

    # -- reading

    def _read(self, file: _File, number: int, at: int) -> list[bytes] | None:
        """The pictures of a record; None when the file went meanwhile, or was altered."""
        try:
            with file.path.open("rb") as source:
                source.seek(at)
                (length,) = _LENGTH.unpack(source.read(_LENGTH.size))
                data = source.read(length)
            nonce, sealed = data[_TIMES.size : _TIMES.size + _NONCE], data[_TIMES.size + _NONCE :]
            plain = self._cipher(file.camera).decrypt(nonce, sealed, _about(file.path, number))
            return msgspec.msgpack.decode(plain, type=list[bytes])
        except (OSError, struct.error, InvalidTag, msgspec.DecodeError):
            return None

    def _found(self) -> Iterator[_File]:
        """The files that an earlier run left, each up to its last whole record."""
        for path in self._folder.glob(f"*/*{_SUFFIX}"):
            found = None
            with contextlib.suppress(OSError, struct.error, msgspec.DecodeError, ValueError):
                found = _scanned(path)
            if found is None:
                path.unlink(missing_ok=True)
            else:
                yield found

    def _shift(self, head: _Head) -> int:
        """By how much this file's times are moved: by what was learnt of the time since, while the counter is the same."""
        return self._offset_us() - head.offset_us if head.boot == self._boot else 0

    def _shifted(self, file: _File, at_us: int) -> int:
        return at_us + self._shift(file.head)


def boot_id() -> str:
    """The name of this run of the machine, in which its counter of seconds goes on."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return secrets.token_hex(8)  # nothing of an earlier run is then moved


def _scanned(path: Path) -> _File | None:
    data = path.read_bytes()
    (length,) = _LENGTH.unpack_from(data)
    if length > _LARGEST_HEAD:
        return None
    head = msgspec.json.decode(data[_LENGTH.size : _LENGTH.size + length], type=_Head)
    at = _LENGTH.size + length
    file = _File(path, head.camera, head, at)
    while at + _LENGTH.size + _TIMES.size <= len(data):
        (size,) = _LENGTH.unpack_from(data, at)
        if at + _LENGTH.size + size > len(data):
            break
        began, ended, _ = _TIMES.unpack_from(data, at + _LENGTH.size)
        file.records.append((at, began, ended))
        at += _LENGTH.size + size
        file.size = at
    return file if file.records else None


def _about(path: Path, number: int) -> bytes:
    return f"{path.parent.name}/{path.name}/{number}".encode()


def _moved(frame: bytes, shift: int) -> bytes:
    return wire.dated(frame, shift) if shift else frame
