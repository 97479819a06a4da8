"""Finishes segments beside the cameras' threads: syncs, writes the row that waits, moves the file to the objects.

Order is everything here: file synced, row synced, file moved, index told. A crash between any two is mended by
`mend`, which the next start calls. No camera waits for a disk that is slow to sync.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchfloor.kit.errors import Unavailable, WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.recordings.keystore import DayDestroyed, Keystore
from watchfloor.recordings.model import Gap, Segment, object_path
from watchfloor.recordings.segment import SegmentWriter, read_file_head, recover
from watchfloor.recordings.spool import BAD, Spool
from watchfloor.recordings.wire import decode_row
from watchfloor.storage.objects import Objects

_TRY_AGAIN_S: Final = 2.0
_LEAST: Final = 4096
_log = logger("recordings.finish")

_Item = SegmentWriter | Gap | Segment
Waiting = Callable[[Path], None]
Put = Callable[[str, Path], bool]


class Finisher:
    """One thread that finishes what the cameras' threads wrote, in their order.

    `put` moves a file among the objects and waits until it is there; False: it is neither there nor here. `waiting` is told of each row
    that waits for the index. Both are called in this thread.
    """

    def __init__(self, spool: Spool, put: Put, waiting: Waiting) -> None:
        self._spool, self._put, self._waiting = spool, put, waiting
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._stuck: list[_Item] = []
        self._to_move: list[Segment] = []
        self._thread = threading.Thread(target=self._work, name="finisher", daemon=True)
        self._thread.start()

    def take(self, written: _Item) -> None:
        """Take over a segment whose last chunk is written, one that was mended, or a gap. From any thread; returns at once."""
        self._queue.put(written)

    def close(self) -> None:
        """Finish what is there, then end. What cannot be finished waits in the spool for the next start."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        over = False
        while not over:
            items: list[_Item | None] = [*self._stuck]
            self._stuck = []
            try:
                items.append(self._queue.get(timeout=_TRY_AGAIN_S if items or self._to_move else None))
                while True:
                    items.append(self._queue.get_nowait())
            except queue.Empty:
                pass
            over = None in items
            # All that is new is safe on our own disk before the first of it waits for another machine.
            for item in items:
                if item is not None:
                    self._keep(item)
            self._move()

    def _keep(self, item: _Item) -> None:
        """Sync, and write the row that waits. What fails for want of room is tried again; nothing is lost but time."""
        try:
            if isinstance(item, SegmentWriter):
                segment = item.finish()
                if segment is None:
                    return
                item = segment
            row = self._spool.keep_row(item)
        except OSError as error:
            _log.error("a segment cannot be finished yet", error=error.strerror or type(error).__name__)
            self._stuck.append(item)
            return
        if isinstance(item, Segment):
            self._to_move.append(item)
        else:
            self._waiting(row)

    def _move(self) -> None:
        """Move what is finished among the objects, in order; a store that refuses one is not asked for the rest now."""
        while self._to_move:
            segment = self._to_move[0]
            try:
                there = self._put(object_path(segment.id, segment.label), self._spool.part(segment))
                if not there:
                    # Whoever deletes what was recorded took it first: of what is nowhere nothing is told.
                    self._spool.row(segment).unlink(missing_ok=True)
            except (OSError, WatchfloorError) as error:
                _log.error("a segment cannot be moved among the objects yet", error=_said(error))
                self._to_move.append(
                    self._to_move.pop(0)
                )  # were it the segment's own fault, the others go first
                return
            del self._to_move[0]
            if there:
                self._waiting(self._spool.row(segment))
            else:
                _log.info(
                    "a segment was deleted before it was moved among the objects", segment=str(segment.id)
                )


async def moved_in(objects: Objects, name: str, part: Path) -> bool:
    """Move a finished file among the objects; False where it is neither there nor here any more. Raises OSError, WatchfloorError.

    A disk may rename it and then fail to sync the folder: it is there, whatever the store says, and its row is wanted.
    """
    try:
        await objects.take_in(name, part)
    except (OSError, WatchfloorError):
        if await asyncio.to_thread(part.exists):
            raise
        return await objects.has(name)
    return True


@dataclass(frozen=True, slots=True)
class Mended:
    """What a spool held: rows that wait for the index, oldest first, and segments that the object store did not take."""

    rows: list[Path]
    stuck: list[Segment]


def mend(spool: Spool, put: Put, keystore: Keystore) -> Mended:
    """Bring a spool to order after its recorder died. Raises OSError.

    Finished parts are moved; unfinished ones are cut back to their last whole chunk and finished. A part that cannot be
    opened is set aside as `.bad`, loudly: it is never indexed, and the sweep forgets it with its day. An object store
    that is away keeps nobody from recording: what it does not take stays where it is, for a finisher to try again.
    """
    for part in spool.parts():
        if not spool.has_row(part):
            _mend_part(spool, keystore, part)
    rows: list[Path] = []
    stuck: list[Segment] = []
    for path in spool.rows():
        try:
            row = decode_row(path.read_bytes())
        except Unavailable:
            rows.append(path)  # the index sets aside what it cannot read
            continue
        if isinstance(row, Segment) and spool.part(row).exists():
            if stuck:
                stuck.append(row)  # one that was refused is enough to ask
                continue
            try:
                if not put(object_path(row.id, row.label), spool.part(row)):
                    path.unlink(missing_ok=True)
                    continue
            except (OSError, WatchfloorError) as error:
                _log.error("the object store does not take what the spool holds", error=_said(error))
                stuck.append(row)
                continue
        rows.append(path)
    return Mended(rows, stuck)


def _mend_part(spool: Spool, keystore: Keystore, part: Path) -> None:
    try:
        head, _ = read_file_head(part.read_bytes())
        segment = recover(part, keystore.find(head.camera, head.rule, head.day))
    except DayDestroyed:
        part.unlink()
    except WatchfloorError as error:
        if part.stat().st_size < _LEAST:
            part.unlink()  # its recorder died before the first picture was in it
            return
        _log.error("a part of the spool cannot be read and is set aside", part=part.name, error=error.detail)
        part.rename(part.with_suffix(BAD))
    else:
        if segment is not None:
            spool.keep_row(segment)


def _said(error: OSError | WatchfloorError) -> str:
    return error.detail if isinstance(error, WatchfloorError) else error.strerror or type(error).__name__
