"""Finishes segments beside the cameras' threads: syncs, writes the row that waits, moves the file to the objects.

Order is everything here: file synced, row synced, file moved, index told. A crash between any two is mended by
`mend`, which the next start calls. No camera waits for a disk that is slow to sync.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.logs import logger
from watchfloor.recordings.keystore import DayDestroyed, Keystore
from watchfloor.recordings.model import Gap, Segment, object_path
from watchfloor.recordings.segment import SegmentWriter, read_file_head, recover
from watchfloor.recordings.spool import Spool
from watchfloor.recordings.wire import decode_row

_TRY_AGAIN_S: Final = 2.0
_LEAST: Final = 4096
_log = logger("recordings.finish")

Waiting = Callable[[Path], None]
Put = Callable[[str, Path], None]


class Finisher:
    """One thread that finishes what the cameras' threads wrote, in their order.

    `put` moves a file among the objects and waits until it is there; `waiting` is told of each row that waits for the
    index. Both are called in this thread.
    """

    def __init__(self, spool: Spool, put: Put, waiting: Waiting) -> None:
        self._spool, self._put, self._waiting = spool, put, waiting
        self._queue: queue.SimpleQueue[SegmentWriter | Gap | None] = queue.SimpleQueue()
        self._stuck: list[SegmentWriter | Gap | Segment] = []
        self._thread = threading.Thread(target=self._work, name="finisher", daemon=True)
        self._thread.start()

    def take(self, written: SegmentWriter | Gap) -> None:
        """Take over a segment whose last chunk is written, or a gap. From any thread; returns at once."""
        self._queue.put(written)

    def close(self) -> None:
        """Finish what is there, then end. What cannot be finished waits in the spool for the next start."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=_TRY_AGAIN_S if self._stuck else None)
            except queue.Empty:
                self._retry()
                continue
            if item is None:
                self._retry()
                return
            self._one(item)

    def _retry(self) -> None:
        stuck, self._stuck = self._stuck, []
        for item in stuck:
            self._one(item)

    def _one(self, item: SegmentWriter | Gap | Segment) -> None:
        """What fails for want of room or an absent disk is tried again; nothing is lost but time."""
        try:
            if isinstance(item, SegmentWriter):
                segment = item.finish()
                if segment is None:
                    return
                item = segment
            self._waiting(shelve(self._spool, self._put, item))
        except (OSError, WatchfloorError) as error:
            _log.error("a segment cannot be finished yet", error=_said(error))
            self._stuck.append(item)


def shelve(spool: Spool, put: Put, done: Segment | Gap) -> Path:
    """Write the row that waits, move the file; the row's path. Raises OSError, or what `put` raises."""
    row = spool.keep_row(done)
    if isinstance(done, Segment):
        put(object_path(done.id, done.label), spool.part(done))
    return row


def mend(spool: Spool, put: Put, keystore: Keystore) -> list[Path]:
    """Bring a spool to order after its recorder died; the rows that wait, oldest first. Raises OSError, Unavailable.

    Finished parts are moved; unfinished ones are cut back to their last whole chunk and finished. A part that cannot be
    opened is set aside as `.bad`, loudly: it is never indexed, and the sweep forgets it with its day.
    """
    for path in spool.rows():
        row = decode_row(path.read_bytes())
        if isinstance(row, Segment) and spool.part(row).exists():
            put(object_path(row.id, row.label), spool.part(row))
    for part in spool.parts():
        if not spool.has_row(part):
            _mend_part(spool, put, keystore, part)
    return spool.rows()


def _mend_part(spool: Spool, put: Put, keystore: Keystore, part: Path) -> None:
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
        part.rename(part.with_suffix(".bad"))
    else:
        if segment is not None:
            shelve(spool, put, segment)


def _said(error: OSError | WatchfloorError) -> str:
    return error.detail if isinstance(error, WatchfloorError) else error.strerror or type(error).__name__
