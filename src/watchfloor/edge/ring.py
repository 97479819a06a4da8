"""What an edge box keeps while the center is away: sealed files on its disk, bounded, the oldest going first.

A thread of its own writes. Who gives it pictures, asks what is kept or has a camera forgotten waits for no disk, however slow that is:
the lock is over what is known and what waits, never over the disk. A camera that is forgotten is gone from memory and its key from the
disk at that moment; its files, which nobody can read any more, follow. The key lies beside the files: it makes deletion certain on a
card that keeps old blocks; it is no help when a board is carried off whole.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.wire import DiskTrouble
from watchfloor.cameras.stream import TICKS_PER_S, Frame, Run
from watchfloor.edge.ring_file import KEY, ROOM_BESIDES, Head, RingFile, begun, cipher_of, destroy, found
from watchfloor.kit.logs import logger

_FILE_US: Final = 60_000_000
_SAME_CLOCK_US: Final = 50_000
# So much waits for the disk at most; what is more is lost, and counted.
_MOST_WAITING: Final = 24 * 1024 * 1024
# A disk that is shared keeps so much of itself free.
_LEAST_FREE: Final = 64 * 1024 * 1024
# A disk that hangs is not waited for longer than this at the end.
_END_S: Final = 20.0
# What was not fetched by then is not wanted.
LONGEST_US: Final = 48 * 3600 * 1_000_000
_log = logger("edge.ring")


@dataclass(frozen=True, slots=True)
class Kept:
    """A group of pictures of the past: how they are coded, the frames of it, and the center's time at its end."""

    run: bytes
    frames: list[bytes]
    ended_us: int


@dataclass(slots=True)
class _Shelf:
    """What is kept of one camera. `gone`: it was forgotten, and what is still under way for it comes to nothing; `held`: just now."""

    folder: Path
    files: list[RingFile] = field(default_factory=list)
    open: tuple[RingFile, bytes] | None = None
    cipher: AESGCM | None = None
    gone: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    shelf: _Shelf
    camera: UUID
    run: Run
    frames: Sequence[Frame]
    size: int


class Ring:
    """The files. All of it may be called from any thread."""

    def __init__(self, folder: Path, most_bytes: int, boot: str, offset_us: Callable[[], int]) -> None:
        """`boot` names this run of the machine's counter, `offset_us` says how far the center's time is ahead of it."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._most, self._boot, self._offset_us = folder, most_bytes, boot, offset_us
        self._shelves = dict(_shelves(folder))
        self._lock = threading.Condition()
        self._groups: deque[_Group] = deque()
        self._waiting = 0
        self._doomed: list[_Shelf] = []
        self._before_us: int | None = None
        self._told = self._closing = False
        self.lost = 0
        """Pictures that the disk was too slow, too full or too broken for."""
        self.trouble: DiskTrouble | None = None
        """What is wrong with the disk, while it is."""
        self.went_us: dict[UUID, int] = {}
        """Up to which time the oldest went for want of room, by camera."""
        self._thread = threading.Thread(target=self._work, name="ring", daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Bytes kept."""
        with self._lock:
            return sum(one.size for one in self._files())

    @property
    def oldest_us(self) -> int:
        """The time of the oldest, 0 when nothing is kept."""
        with self._lock:
            return min(map(self._began_us, self._files()), default=0)

    def put(self, camera: UUID, run: Run, frames: Sequence[Frame]) -> None:
        """Keep a group of pictures, once the disk takes it."""
        size = sum(len(frame.data) for frame in frames)
        with self._lock:
            if self._waiting + size > _MOST_WAITING:
                self.lost += len(frames)
                self._is(DiskTrouble.SLOW)
                return
            shelf = self._shelves.setdefault(camera, _Shelf(self._folder / str(camera)))
            self._groups.append(_Group(shelf, camera, run, frames, size))
            self._waiting += size
            self._lock.notify()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._lock:
            self._closing = True
            self._lock.notify()
        self._thread.join(_END_S)

    def forget(self, camera: UUID) -> None:
        """Nothing of this camera is kept any more, nor waits to be: its key goes now, then its files."""
        with self._lock:
            shelf = self._doom(camera)
            if shelf is None:
                return
            shelf.held = True
        with contextlib.suppress(OSError):  # tried again with the rest of the folder
            (shelf.folder / KEY).unlink()
        with self._lock:
            shelf.held, self._told = False, True
            self._lock.notify()

    def forget_old(self, before_us: int) -> None:
        """What is older is not wanted any more. It is time, too, to try again what the disk refused."""
        if not self._thread.is_alive() and not self._closing:
            raise RuntimeError("what keeps pictures on this box has ended")
        with self._lock:
            self._before_us, self._told = before_us, True
            self._lock.notify()

    def cameras(self) -> set[UUID]:
        """Of which cameras something is kept, or is about to be."""
        with self._lock:
            return set(self._shelves)

    def of(self, camera: UUID, begin_us: int, end_us: int) -> Iterator[Kept]:
        """What is kept of [begin, end) by the center's time, oldest first. It waits for the disk."""
        with self._lock:
            shelf = self._shelves.get(camera)
            files = list(shelf.files) if shelf is not None else []
        for one in files:
            with self._lock:
                shift = self._shift(one)
            if one.began_us + shift >= end_us:
                continue
            with contextlib.suppress(OSError):  # it went meanwhile
                for number, record in enumerate(list(one.records())):
                    if record.ended_us + shift <= begin_us or record.began_us + shift >= end_us:
                        continue
                    frames = self._read(shelf, one, number)
                    if frames is None:
                        break
                    yield Kept(
                        one.head.run, [_moved(frame, shift) for frame in frames], record.ended_us + shift
                    )

    def _read(self, shelf: _Shelf | None, file: RingFile, number: int) -> list[bytes] | None:
        if shelf is None or shelf.gone:
            return None
        return file.read(self._cipher(shelf, make=False), number)

    # -- what is known. Under the lock.

    def _doom(self, camera: UUID) -> _Shelf | None:
        """All that is known of a camera goes, and what waits to be kept of it; its folder is to follow."""
        self.went_us.pop(camera, None)
        shelf = self._shelves.pop(camera, None)
        if shelf is None:
            return None
        shelf.gone, shelf.cipher, shelf.open = True, None, None
        self._waiting -= sum(one.size for one in self._groups if one.shelf is shelf)
        self._groups = deque(one for one in self._groups if one.shelf is not shelf)
        self._doomed.append(shelf)
        return shelf

    def _files(self) -> Iterator[RingFile]:
        return (one for shelf in self._shelves.values() for one in shelf.files)

    def _began_us(self, file: RingFile) -> int:
        return file.began_us + self._shift(file)

    def _shift(self, file: RingFile) -> int:
        """By how much this file's times are moved: by what was learnt of the time since, while the counter is the same."""
        return self._offset_us() - file.head.offset_us if file.head.boot == self._boot else 0

    def _is(self, trouble: DiskTrouble | None) -> None:
        """How the disk is; said once, when it becomes so and when it is over."""
        if trouble is self.trouble:
            return
        if trouble is not None:
            _log.error("pictures cannot be kept", disk=trouble.value, lost=self.lost)
        else:
            _log.info("pictures are kept again", lost=self.lost)
        self.trouble = trouble

    # -- the disk. In the ring's own thread, without the lock.

    def _work(self) -> None:
        while True:
            with self._lock:
                while not (self._groups or self._told or self._closing):
                    self._lock.wait()
                group = self._groups.popleft() if self._groups else None
                told, before_us = self._told, self._before_us
                self._told, self._before_us = False, None
            if told:
                self._destroy()
            if before_us is not None:
                self._forget_before(before_us)
            if group is not None:
                self._keep(group)
            elif not told:
                return

    def _destroy(self) -> None:
        """The folders of forgotten cameras go; where the disk refuses, it is tried again."""
        with self._lock:
            doomed = [one for one in self._doomed if not one.held]
        for shelf in doomed:
            try:
                destroy(shelf.folder)
            except OSError as error:
                _log.error("what was kept of a camera cannot be deleted yet", why=error.strerror)
                with self._lock:
                    self._is(DiskTrouble.FAILING)
            else:
                with self._lock:
                    self._doomed.remove(shelf)

    def _forget_before(self, before_us: int) -> None:
        with self._lock:
            old = [
                (shelf, one) for shelf in self._shelves.values() for one in shelf.files if self._began_us(one) < before_us
            ]  # fmt: skip
        for shelf, one in old:
            with contextlib.suppress(OSError):
                ended_us = one.ended_us()
                with self._lock:
                    ended_us += self._shift(one)
                if ended_us < before_us:
                    self._remove(shelf, one)
        with self._lock:
            busy = {id(one.shelf) for one in self._groups}
            for camera in [
                key for key, one in self._shelves.items() if not one.files and id(one) not in busy
            ]:
                self._doom(camera)
                self._told = True

    def _keep(self, group: _Group) -> None:
        trouble = None
        try:
            self._write(group)
        except OSError as error:
            trouble = DiskTrouble.FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else DiskTrouble.FAILING
        with self._lock:
            self._waiting -= group.size
            if group.shelf.gone:
                return
            if trouble is not None:
                self.lost += len(group.frames)
                group.shelf.open = None
            if (
                trouble is not None
                or self.trouble is not DiskTrouble.SLOW
                or self._waiting < _MOST_WAITING // 2
            ):
                self._is(trouble)

    def _write(self, group: _Group) -> None:
        shelf, run, frames = group.shelf, group.run, group.frames
        with self._lock:
            if any(one.folder == shelf.folder for one in self._doomed):
                raise OSError(errno.EIO, "what was kept of it before cannot be deleted")
        coded, last = wire.run_frame(run), frames[-1]
        step = (last.dts - frames[0].dts) // max(len(frames) - 1, 1) or TICKS_PER_S // 15
        times = frames[0].captured_us, last.captured_us + step * 1_000_000 // TICKS_PER_S
        plain = msgspec.msgpack.encode(
            [wire.picture_frame(run.number, n, one) for n, one in enumerate(frames)]
        )
        self._make_room(len(plain) + ROOM_BESIDES)
        cipher = self._cipher(shelf, make=True)
        known = shelf.open
        if known is None or known[1] != coded or self._is_full(known[0], frames[0]):
            head = Head(group.camera, coded, self._boot, self._offset_us())
            known = (begun(shelf.folder, head, times[0]), coded)
            with self._lock:
                shelf.open = known
                shelf.files.append(known[0])
        if not shelf.gone:
            known[0].append(cipher, plain, times, len(frames))

    def _is_full(self, file: RingFile, first: Frame) -> bool:
        """A file holds about a minute, dated by one clock."""
        off_us = abs(file.head.offset_us - self._offset_us())
        return off_us > _SAME_CLOCK_US or (first.key and first.captured_us - file.began_us > _FILE_US)

    def _make_room(self, wanted: int) -> None:
        """The oldest goes, whosever it is, until there is room. Raises OSError when there is none even so."""
        while True:
            free = shutil.disk_usage(self._folder).free
            with self._lock:
                if (
                    sum(one.size for one in self._files()) + wanted <= self._most
                    and free >= wanted + _LEAST_FREE
                ):
                    return
                each = [(shelf, one) for shelf in self._shelves.values() for one in shelf.files]
                shelf, oldest = min(each, key=lambda one: self._began_us(one[1]), default=(None, None))
            if shelf is None or oldest is None:
                raise OSError(errno.ENOSPC, "no room on the disk")
            went_us = oldest.began_us
            with contextlib.suppress(OSError):
                went_us = oldest.ended_us()
            self._remove(shelf, oldest)
            with self._lock:
                camera, went_us = oldest.head.camera, went_us + self._shift(oldest)
                self.went_us[camera] = max(self.went_us.get(camera, 0), went_us)

    def _remove(self, shelf: _Shelf, file: RingFile) -> None:
        """Raises OSError, and it stays on the list."""
        file.path.unlink(missing_ok=True)
        with self._lock:
            shelf.files = [one for one in shelf.files if one is not file]
            if shelf.open is not None and shelf.open[0] is file:
                shelf.open = None

    def _cipher(self, shelf: _Shelf, *, make: bool) -> AESGCM:
        """The cipher of a camera. Raises OSError."""
        cipher = shelf.cipher or cipher_of(shelf.folder, make=make)
        with self._lock:
            shelf.cipher = None if shelf.gone else cipher
        return cipher


def boot_id() -> str:
    """The name of this run of the machine, in which its counter of seconds goes on."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return secrets.token_hex(8)  # nothing of an earlier run is then moved


def _shelves(folder: Path) -> Iterator[tuple[UUID, _Shelf]]:
    """What an earlier run left, of each camera. Where the key is gone it was forgotten, and the rest goes now."""
    for one in folder.iterdir():
        try:
            camera = UUID(one.name)
        except ValueError:
            continue
        if (one / KEY).exists():
            yield camera, _Shelf(one, sorted(found(one), key=lambda file: file.began_us))
        else:
            with contextlib.suppress(OSError):
                destroy(one)


def _moved(frame: bytes, shift: int) -> bytes:
    return wire.dated(frame, shift) if shift else frame
