"""A destroyed day stays destroyed: whatever is restored, the footage does not open again."""

from __future__ import annotations

import shutil
import stat
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.recordings.footage import CAMERA, Desk, street
from watchfloor.kit.errors import Unavailable
from watchfloor.recordings.keystore import DayDestroyed, KeyMissing, Keystore, load_wrapping_key
from watchfloor.recordings.seal import open_sealed
from watchfloor.recordings.segment import chunks, read_file_head

DAY = date(2026, 11, 22)
NOW = datetime(2026, 12, 23, tzinfo=UTC)
OTHER = UUID(int=77)


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keystore", b"w" * 32)


def test_each_camera_and_day_and_rule_has_a_key_of_its_own(store: Keystore) -> None:
    keys = {
        store.make_or_find(camera, rule, day)
        for camera in (CAMERA, OTHER)
        for rule in (1, 2)
        for day in (DAY, date(2026, 11, 23))
    }
    assert len(keys) == 8
    assert store.make_or_find(CAMERA, 1, DAY) == store.find(CAMERA, 1, DAY)


def test_two_recorders_that_begin_a_day_at_once_agree_on_its_key(tmp_path: Path) -> None:
    stores = [Keystore(tmp_path / "keystore", b"w" * 32) for _ in range(16)]
    found: list[bytes] = []
    start = threading.Barrier(len(stores))

    def begin(own: Keystore) -> None:
        start.wait()
        found.append(own.make_or_find(CAMERA, 3, DAY))

    threads = [threading.Thread(target=begin, args=(own,)) for own in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(stores) and len(set(found)) == 1
    assert [path.name for path in (tmp_path / "keystore" / "r3" / "20261122").iterdir()] == [f"{CAMERA}.key"]


def test_a_key_file_is_of_no_use_without_the_key_that_wraps_it(store: Keystore, tmp_path: Path) -> None:
    key = store.make_or_find(CAMERA, 3, DAY)
    file = tmp_path / "keystore" / "r3" / "20261122" / f"{CAMERA}.key"
    assert key not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(Unavailable):
        Keystore(tmp_path / "keystore", b"x" * 32).find(CAMERA, 3, DAY)


def test_a_key_file_put_under_another_camera_does_not_open(store: Keystore, tmp_path: Path) -> None:
    store.make_or_find(CAMERA, 3, DAY)
    folder = tmp_path / "keystore" / "r3" / "20261122"
    shutil.copy(folder / f"{CAMERA}.key", folder / f"{OTHER}.key")
    with pytest.raises(Unavailable):
        store.find(OTHER, 3, DAY)


def test_a_destroyed_day_says_so_and_takes_no_new_key(store: Keystore) -> None:
    store.make_or_find(CAMERA, 3, DAY)
    store.make_or_find(OTHER, 3, DAY)
    kept = store.make_or_find(CAMERA, 3, date(2026, 11, 23))
    assert store.destroy(3, DAY, NOW).keys == 2
    for use in (store.find, store.make_or_find):
        with pytest.raises(DayDestroyed):
            use(CAMERA, 3, DAY)
    assert store.find(CAMERA, 3, date(2026, 11, 23)) == kept
    assert store.destroy(3, DAY, NOW).keys == 0
    with pytest.raises(KeyMissing):
        store.find(CAMERA, 4, DAY)


def test_another_process_learns_of_a_destruction_at_once(tmp_path: Path) -> None:
    one, other = (Keystore(tmp_path / "keystore", b"w" * 32) for _ in range(2))
    one.make_or_find(CAMERA, 3, DAY)
    assert other.find(CAMERA, 3, DAY)
    one.destroy(3, DAY, NOW)
    with pytest.raises(DayDestroyed):
        other.find(CAMERA, 3, DAY)


def test_last_weeks_backup_does_not_bring_a_destroyed_day_back(tmp_path: Path, clips: Path) -> None:
    """The canary: footage and keystore are copied while the day lives, the day is forgotten, everything is put back."""
    desk = Desk(tmp_path)
    desk.record(street(clips))
    path, segment = desk.done[0]
    backup = tmp_path / "backup"
    shutil.copytree(tmp_path / "keystore", backup / "keystore")
    shutil.copytree(tmp_path / "spool", backup / "spool")

    desk.keystore.destroy(3, segment.label.day, NOW)
    path.unlink()
    shutil.copytree(backup / "spool", tmp_path / "spool", dirs_exist_ok=True)
    for file in (backup / "keystore").rglob("*.key"):
        goal = tmp_path / "keystore" / file.relative_to(backup / "keystore")
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, goal)

    restored = Keystore(tmp_path / "keystore", b"w" * 32)
    with pytest.raises(DayDestroyed):
        restored.find(CAMERA, 3, segment.label.day)
    assert restored.finish() == 1
    assert not list((tmp_path / "keystore").rglob("*.key"))
    # The footage itself is there again, and stays shut.
    data = path.read_bytes()
    head, start = read_file_head(data)
    at, one = next(iter(chunks(data, start)))
    with pytest.raises(Exception, match="altered"):
        open_sealed(b"\x00" * 32, head.label, data[at : at + one.size])


def test_a_destruction_that_was_interrupted_is_finished_at_the_next_start(
    store: Keystore, tmp_path: Path
) -> None:
    store.make_or_find(CAMERA, 3, DAY)
    # It died right after the tombstone.
    (tmp_path / "keystore" / "destroyed").write_text("r3 20261122 2026-12-23T00:00:00.000000Z\n")
    assert store.finish() == 1
    assert not list((tmp_path / "keystore").rglob("*.key"))


def test_what_is_left_of_a_key_file_after_shredding_is_not_the_key(store: Keystore, tmp_path: Path) -> None:
    store.make_or_find(CAMERA, 3, DAY)
    file = tmp_path / "keystore" / "r3" / "20261122" / f"{CAMERA}.key"
    before = file.read_bytes()
    link = tmp_path / "another-name-of-the-same-blocks"
    link.hardlink_to(file)
    store.destroy(3, DAY, NOW)
    assert link.read_bytes() != before and len(link.read_bytes()) >= len(before)


def test_the_oldest_day_is_told_by_listing(store: Keystore) -> None:
    for day in (date(2026, 11, 23), DAY):
        store.make_or_find(CAMERA, 3, day)
    assert list(store.days()) == [(3, DAY), (3, date(2026, 11, 23))]


def test_the_wrapping_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "footage.key"
    key = load_wrapping_key(path)
    assert load_wrapping_key(path) == key and len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
