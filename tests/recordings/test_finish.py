"""A recorder that dies between any two steps of finishing a segment leaves nothing half done: the next start mends it."""

from __future__ import annotations

import asyncio
import errno
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixtures.center import new_id
from tests.recordings.footage import CAMERA, TERMS, Desk, street
from tests.recordings.read import plain, shown_at
from watchfloor.kit.errors import Conflict, Unavailable
from watchfloor.recordings.finish import Finisher, mend, moved_in
from watchfloor.recordings.model import Gap, GapReason, Segment, SegmentId, object_path
from watchfloor.recordings.segment import SegmentWriter
from watchfloor.recordings.spool import Spool, open_parts, orphans
from watchfloor.recordings.wire import decode_row, encode_row
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects


class Shelf:
    """A folder of objects; `broken` makes it answer as a store that is away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broken: Exception | None = None

    def put(self, name: str, part: Path) -> bool:
        if self.broken is not None:
            raise self.broken
        goal = self.folder / name
        if not part.exists():
            return goal.exists()
        goal.parent.mkdir(parents=True, exist_ok=True)
        part.rename(goal)
        return True


class Unsynced(Objects):
    """A store whose disk renames what it is given and then fails to sync the folder; `away` makes it answer nothing after that."""

    away = False

    async def take_in(self, key: str, path: Path) -> None:
        await super().take_in(key, path)
        raise Unavailable("The object store cannot be used: Input/output error.", reason="objects_away")

    async def has(self, key: str) -> bool:
        if self.away:
            raise Unavailable("The object store does not answer at present.")
        return await super().has(key)


@pytest.fixture
def recorded(tmp_path: Path, clips: Path) -> tuple[Desk, Segment, Path]:
    """A finished segment, as its file."""
    desk = Desk(tmp_path, segment_s=60)
    desk.record(street(clips))
    path, segment = desk.done[0]
    return desk, segment, path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "objects")


def in_spool(spool: Spool, segment: Segment, path: Path) -> Path:
    part = spool.of_camera(CAMERA) / f"{segment.id}.part"
    shutil.copy(path, part)
    return part


def holds(shelf: Shelf, segment: Segment, desk: Desk) -> bool:
    file = shelf.folder / object_path(segment.id, segment.label)
    return len(shown_at(plain(file, desk.keystore))) == segment.frames


def test_a_part_that_nobody_closed_is_finished(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path
) -> None:
    desk, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    part = in_spool(spool, segment, path)
    with part.open("ab") as file:
        file.write(b"WFCK and then nothing")
    (row,) = mend(spool, shelf.put, desk.keystore).rows
    assert decode_row(row.read_bytes()) == segment
    assert holds(shelf, segment, desk) and not part.exists()
    assert mend(spool, shelf.put, desk.keystore).rows == [row]


def test_a_row_without_its_move_is_moved(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path
) -> None:
    desk, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    in_spool(spool, segment, path)
    spool.keep_row(segment)
    assert len(mend(spool, shelf.put, desk.keystore).rows) == 1
    assert holds(shelf, segment, desk)


def test_a_part_of_a_day_that_was_forgotten_meanwhile_goes(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path
) -> None:
    desk, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    part = in_spool(spool, segment, path)
    desk.keystore.destroy(segment.label.rule, segment.label.day, desk.clock.now())
    assert mend(spool, shelf.put, desk.keystore).rows == []
    assert not part.exists() and not shelf.folder.exists()


def test_a_part_that_cannot_be_read_is_set_aside_and_the_others_are_finished(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path
) -> None:
    desk, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    in_spool(spool, segment, path)
    junk = spool.of_camera(CAMERA) / "00000000-0000-7000-8000-000000000001.part"
    junk.write_bytes(b"\x00" * 20_000)
    empty = spool.of_camera(CAMERA) / "00000000-0000-7000-8000-000000000002.part"
    empty.write_bytes(b"")
    assert len(mend(spool, shelf.put, desk.keystore).rows) == 1
    assert holds(shelf, segment, desk)
    assert junk.with_suffix(".bad").exists() and not empty.exists()


def test_a_store_that_is_away_delays_a_segment_and_loses_none(
    tmp_path: Path, clips: Path, shelf: Shelf
) -> None:
    spool = Spool.take(tmp_path / "sp", "record")
    rows: list[Path] = []
    finisher = Finisher(spool, shelf.put, rows.append)
    shelf.broken = Unavailable("The object store does not answer at present.")
    desk = Desk(tmp_path, segment_s=3, spool_folder=spool.of_camera(CAMERA), finished=finisher.take)
    sent = desk.record(street(clips))
    shelf.broken = None
    finisher.close()
    segments = [decode_row(row.read_bytes()) for row in rows]
    assert len(segments) >= 3
    assert sum(one.frames for one in segments if isinstance(one, Segment)) == sent
    assert all(isinstance(one, Segment) and holds(shelf, one, desk) for one in segments)


def test_a_part_that_a_deletion_took_is_not_waited_for(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path
) -> None:
    desk, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    asked, rows, other = list[Path](), list[Path](), replace(segment, id=SegmentId(new_id()))

    def put(name: str, part: Path) -> bool:
        asked.append(part)
        return shelf.put(name, part)

    finisher = Finisher(spool, put, rows.append)
    in_spool(spool, other, path)
    for one in (segment, other):
        finisher.take(one)
    finisher.close()
    assert len(asked) == 2 and rows == [spool.row(other)], (
        "the one behind it goes on, and nothing is told of the first"
    )
    assert not spool.row(segment).exists() and holds(shelf, other, desk)


def test_what_the_store_took_and_failed_to_sync_is_told_and_never_forgotten(
    recorded: tuple[Desk, Segment, Path], tmp_path: Path
) -> None:
    _, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    store, rows = Unsynced(ObjectSettings(), tmp_path / "store"), list[Path]()
    part, row = in_spool(spool, segment, path), spool.row(segment)

    def finish(*segments: Segment) -> None:
        finisher = Finisher(spool, lambda name, part: asyncio.run(moved_in(store, name, part)), rows.append)
        for one in segments:
            finisher.take(one)
        finisher.close()

    store.away = True
    finish(segment)
    assert not part.exists() and row.exists() and rows == [], "what may be there is waited for"
    store.away = False
    finish(segment, replace(segment, id=SegmentId(new_id())))
    assert rows == [row] == spool.rows(), "of what is nowhere nothing is told"


def test_a_disk_that_answers_with_an_error_ends_no_finisher(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path
) -> None:
    _, segment, path = recorded
    spool, rows, failed = Spool.take(tmp_path / "sp", "record"), list[Path](), threading.Semaphore(0)
    other = replace(segment, id=SegmentId(new_id()))
    in_spool(spool, other, path)

    def put(name: str, part: Path) -> bool:
        if part != spool.part(segment):
            return shelf.put(name, part)
        failed.release()
        spool.row(segment).unlink()
        spool.row(segment).mkdir()
        return False  # its row should go, and cannot

    finisher = Finisher(spool, put, rows.append)
    for one in (segment, other):
        finisher.take(one)
        assert failed.acquire(timeout=20)
    finisher.close()
    assert rows == [spool.row(other)]


def test_two_recorders_never_share_a_spool_and_the_dead_ones_is_found(tmp_path: Path) -> None:
    root = tmp_path / "sp"
    first = Spool.take(root, "record")
    with pytest.raises(Conflict):
        Spool.take(root, "record")
    own = Spool.take(root, "record-2")
    assert list(orphans(root, "record-2")) == []
    first.keep_worker(TERMS.worker)
    first.close()
    (found,) = orphans(root, "record-2")
    assert found.last_worker() == TERMS.worker
    found.forget_worker()
    found.close()
    assert list(orphans(root, "record-2")) == []
    found = Spool.take(root, "record")
    assert found.folder == root / "record"
    found.close()
    own.close()


def test_a_gap_waits_beside_the_spool_like_a_segment(
    recorded: tuple[Desk, Segment, Path], tmp_path: Path
) -> None:
    _, segment, _ = recorded
    gap = Gap(segment.id, CAMERA, segment.terms, 5, 9, GapReason.TAKEN_OVER)
    spool = Spool.take(tmp_path / "sp", "record")
    row = spool.keep_row(gap)
    assert decode_row(row.read_bytes()) == gap and spool.rows() == [row]
    assert decode_row(encode_row(segment)) == segment
    with pytest.raises(Unavailable):
        decode_row(b'{"kind": "something"}')


def test_what_is_being_written_is_found_by_its_camera(
    recorded: tuple[Desk, Segment, Path], tmp_path: Path
) -> None:
    _, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    part = in_spool(spool, segment, path)
    assert open_parts(tmp_path / "sp", CAMERA) == [part]


@pytest.mark.parametrize(
    "broken",
    [Unavailable("The object store does not answer at present."), OSError(errno.ENOSPC, "No space left")],
)
def test_a_store_that_takes_nothing_keeps_no_recorder_from_starting(
    recorded: tuple[Desk, Segment, Path], shelf: Shelf, tmp_path: Path, broken: Exception
) -> None:
    desk, segment, path = recorded
    spool = Spool.take(tmp_path / "sp", "record")
    part = in_spool(spool, segment, path)
    shelf.broken = broken
    mended = mend(spool, shelf.put, desk.keystore)
    assert mended.rows == [] and mended.stuck == [segment]
    assert part.exists() and spool.has_row(part)
    rows: list[Path] = []
    finisher = Finisher(spool, shelf.put, rows.append)
    shelf.broken = None
    finisher.take(segment)
    finisher.close()
    assert [decode_row(row.read_bytes()) for row in rows] == [segment]
    assert holds(shelf, segment, desk)


def test_one_segment_that_cannot_be_moved_does_not_hold_up_the_others(
    tmp_path: Path, clips: Path, shelf: Shelf
) -> None:
    spool = Spool.take(tmp_path / "sp", "record")
    rows: list[Path] = []
    refused: list[str] = []
    written: list[SegmentWriter] = []
    moved = threading.Condition()

    def put(name: str, part: Path) -> bool:
        refused[:] = refused or [name]
        if name == refused[0]:
            raise Unavailable("Not this one.")
        return shelf.put(name, part)

    def waits(row: Path) -> None:
        with moved:
            rows.append(row)
            moved.notify()

    finisher = Finisher(spool, put, waits)
    desk = Desk(tmp_path, segment_s=3, spool_folder=spool.of_camera(CAMERA), finished=written.append)
    desk.record(street(clips))
    for writer in written:
        finisher.take(writer)
    with moved:
        assert moved.wait_for(lambda: len(rows) == len(written) - 1, 60.0)
    finisher.close()
    left = [part.stem for part in spool.parts()]
    assert len(written) >= 3 and len(left) == 1 and refused[0].endswith(f"{left[0]}.seg")


def test_a_store_that_takes_its_time_loses_nothing_and_keeps_no_camera_waiting(
    tmp_path: Path, clips: Path, shelf: Shelf
) -> None:
    spool = Spool.take(tmp_path / "sp", "record")
    slow, rows, written = threading.Event(), list[Path](), list[SegmentWriter]()

    def put(name: str, part: Path) -> bool:
        assert slow.wait(20.0)
        return shelf.put(name, part)

    finisher = Finisher(spool, put, rows.append)
    desk = Desk(tmp_path, segment_s=3, spool_folder=spool.of_camera(CAMERA), finished=written.append)
    frames = desk.record(street(clips))
    for writer in written:
        finisher.take(writer)  # returns at once, though the store has not taken the first
    assert not list((tmp_path / "objects").rglob("*.seg")) and len(spool.parts()) == len(written) >= 3
    slow.set()
    finisher.close()
    stored = sorted((tmp_path / "objects").rglob("*.seg"))
    assert len(stored) == len(rows) == len(written) and not spool.parts()
    assert sum(len(shown_at(plain(path, desk.keystore))) for path in stored) == frames
