"""The object store in a real directory."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable
from watchfloor.settings import ObjectSettings
from watchfloor.storage.objects import Objects, content_key

NOW = SystemClock().now()


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(ObjectSettings(min_free_mb=1), tmp_path / "objects")


async def test_a_picture_is_kept_once_under_its_hash(objects: Objects) -> None:
    began = SystemClock().now()
    first = await objects.put_content("plate-pictures", b"a picture")
    again = await objects.put_content("plate-pictures", b"a picture")
    assert first == again
    stored = [s async for s in objects.listed("plate-pictures")]
    assert [s.key for s in stored] == [content_key("plate-pictures", first)]
    assert stored[0].size == 9
    assert abs(stored[0].stored_at - began) < timedelta(minutes=5)
    assert await objects.get(stored[0].key) == b"a picture"


async def test_a_seek_reads_only_its_range(objects: Objects) -> None:
    await objects.put("footage/c1/s1", bytes(range(200)))
    assert await objects.get_range("footage/c1/s1", 10, 5) == bytes(range(10, 15))
    assert await objects.get_range("footage/c1/s1", 195, 50) == bytes(range(195, 200))
    with pytest.raises(Unavailable):
        await objects.get_range("footage/c1/s1", 500, 5)
    with pytest.raises(Invalid):
        await objects.get_range("footage/c1/s1", 5, 0)


async def test_a_finished_segment_moves_in_and_its_spool_file_is_gone(
    objects: Objects, tmp_path: Path
) -> None:
    spool = tmp_path / "segment"
    spool.write_bytes(b"sealed")
    await objects.take_in("footage/c1/20261122/s1", spool)
    assert not spool.exists()
    assert await objects.get("footage/c1/20261122/s1") == b"sealed"


async def test_what_was_deleted_is_gone_and_deleting_twice_says_so(objects: Objects) -> None:
    await objects.put("footage/c1/s1", b"x")
    assert await objects.delete("footage/c1/s1")
    assert not await objects.delete("footage/c1/s1")
    with pytest.raises(NotFound):
        await objects.get("footage/c1/s1")
    assert await objects.oldest("footage") is None


async def test_the_oldest_object_is_found_by_asking_the_store(objects: Objects, tmp_path: Path) -> None:
    for name, age_s in (("a", 10), ("b", 90_000), ("c", 500)):
        await objects.put(f"footage/{name}", b"x")
        then = NOW.timestamp() - age_s
        os.utime(tmp_path / "objects" / "footage" / name, (then, then))
    oldest = await objects.oldest("footage")
    assert oldest is not None
    assert oldest.key == "footage/b"
    assert abs((NOW - oldest.stored_at).total_seconds() - 90_000) < 5


async def test_a_disk_that_is_nearly_full_takes_nothing_new_and_keeps_what_it_has(tmp_path: Path) -> None:
    roomy = Objects(ObjectSettings(min_free_mb=1), tmp_path / "objects")
    await roomy.put("footage/kept", b"kept")
    room = roomy.room()
    assert room is not None
    tight = Objects(ObjectSettings(min_free_mb=room.total // 2**20 * 20), tmp_path / "objects")
    with pytest.raises(Full) as refused:
        await tight.put("footage/new", b"new")
    assert refused.value.retry_after_s == 30
    assert [s.key async for s in tight.listed("footage")] == ["footage/kept"]
    assert await tight.get("footage/kept") == b"kept"
    with pytest.raises(Full):
        tight.refuse_when_full()


@pytest.mark.parametrize(
    "key", ["../keys/x", "/etc/passwd", "a//b", "", "a/../b", "a/.hidden", "a b", "a/" + "é"]
)
async def test_no_key_leads_out_of_the_store(objects: Objects, key: str) -> None:
    with pytest.raises(Invalid):
        await objects.put(key, b"x")
    with pytest.raises(Invalid):
        await objects.get(key)


async def test_what_a_dead_process_was_putting_is_cleared_after_an_hour(
    objects: Objects, tmp_path: Path
) -> None:
    (tmp_path / "objects" / ".putting" / "half").write_bytes(b"half a pict")
    assert objects.clear_leftovers(NOW) == 0
    assert objects.clear_leftovers(NOW + timedelta(hours=2)) == 1
    assert [s async for s in objects.listed("plate-pictures")] == []


async def test_a_store_whose_folder_cannot_be_written_says_so(tmp_path: Path) -> None:
    objects = Objects(ObjectSettings(min_free_mb=1), tmp_path / "objects")
    (tmp_path / "objects" / "footage").write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        await objects.put("footage/c1", b"x")


def test_settings_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        Objects(ObjectSettings(provider="tape"), tmp_path)
    with pytest.raises(Invalid):
        Objects(ObjectSettings(provider="s3", url="https://bucket"), tmp_path)
