"""Several disks, really mounted: where new footage goes, and what becomes of a disk that is full, read-only, gone or another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fixtures.disks import Mounted
from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Full, Invalid, NotFound, Unavailable
from watchfloor.settings import ObjectSettings
from watchfloor.storage.disks import MARK, Disks, objects_of
from watchfloor.storage.objects import Objects

MB = 2**20


class Center:
    """Footage on two disks, 1 MB of which stay free; the data directory beside them."""

    def __init__(self, tmp_path: Path, disks: tuple[Mounted, Mounted]) -> None:
        self.home = tmp_path / "objects"
        self.small, self.large = disks
        self.clock = ManualClock(datetime(2026, 11, 22, 9, tzinfo=UTC))
        self.settings = ObjectSettings(
            min_free_mb=10, directories=f"{self.small.folder}, {self.large.folder}"
        )
        self.objects = self.started()

    def started(self) -> Disks:
        return Disks(self.settings, self.home, clock=self.clock)

    async def later(self) -> None:
        """As long as it takes until each disk is looked at again."""
        await self.clock.advance(timedelta(seconds=11))

    async def put(self, name: str, mb: int = 1) -> None:
        await self.objects.put(f"footage/{name}", b"x" * mb * MB)

    async def trouble(self) -> dict[str, str]:
        return {disk.folder.name: disk.trouble for disk in await self.objects.disks()}

    @staticmethod
    def on(disk: Mounted) -> set[str]:
        folder = disk.folder / "footage"
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


@pytest.fixture
def center(tmp_path: Path, two_disks: tuple[Mounted, Mounted]) -> Center:
    return Center(tmp_path, two_disks)


async def test_new_footage_goes_where_there_is_most_room_and_is_found_wherever_it_lies(
    center: Center,
) -> None:
    await Objects(ObjectSettings(), center.home).put("footage/old", b"from before there were disks")
    await center.put("a", 10)
    await center.put("b", 3)
    await center.put("c", 3)
    assert (center.on(center.large), center.on(center.small)) == ({"a", "c"}, {"b"})
    assert {one.key async for one in center.objects.listed("footage")} == {
        f"footage/{name}" for name in ("a", "b", "c", "old")
    }
    assert await center.objects.get("footage/old") == b"from before there were disks"
    assert await center.objects.get_range("footage/b", 5, 3) == b"xxx"
    assert (await center.objects.about("footage/a")).size == 10 * MB
    await center.objects.put("streets/1", b"a map")
    assert (center.home / "streets/1").exists()
    with pytest.raises(NotFound):
        await center.objects.get("footage/never")
    assert await center.objects.delete("footage/a") and not await center.objects.delete("footage/a")


async def test_when_no_disk_has_room_nothing_is_taken_and_it_says_so(center: Center, tmp_path: Path) -> None:
    await center.put("a", 14)
    await center.put("b", 6)
    waiting = tmp_path / "segment"
    waiting.write_bytes(b"x" * 2 * MB)
    with pytest.raises(Full, match="No disk of the object store has room; nothing new is taken"):
        await center.objects.take_in("footage/c", waiting)
    assert waiting.exists()
    assert await center.trouble() == {"disk1": "", "disk2": "", "objects": ""}
    await center.objects.delete("footage/b")
    await center.objects.take_in("footage/c", waiting)
    assert center.on(center.small) == {"c"} and not waiting.exists()


async def test_a_disk_that_turns_read_only_is_taken_out_loudly_and_comes_back_by_itself(
    center: Center,
) -> None:
    await center.put("a")
    assert center.on(center.large) == {"a"}
    center.large.read_only(True)
    with capture_logs() as said:
        await center.put("b")
        await center.put("c")
    assert center.on(center.small) == {"b", "c"}
    assert [(one["event"], one["alarm"]) for one in said if one["log_level"] == "error"] == [
        ("a disk is taken out", True)
    ]
    assert "Read-only file system" in (await center.trouble())["disk2"]
    center.large.read_only(False)
    await center.later()
    await center.put("d")
    assert center.on(center.large) == {"a", "d"}


async def test_a_disk_that_is_gone_takes_nothing_and_what_is_on_it_is_said_to_be_away(center: Center) -> None:
    await center.put("a")
    center.large.gone()
    # Its mount point is an empty folder that would take files: a mark says that it is not the disk.
    await center.put("b")
    assert (center.on(center.large), center.on(center.small)) == (set(), {"b"})
    with pytest.raises(Unavailable, match="This footage is on a disk that is away") as away:
        await center.objects.get("footage/a")
    assert away.value.reason == "disk_away"
    assert await center.objects.get("footage/b") == b"x" * MB
    with pytest.raises(Unavailable, match="it is not mounted, or another disk lies there"):
        [one async for one in center.objects.listed("footage")]
    assert [one.key async for one in center.objects.listed("footage", despite_away=True)] == ["footage/b"]
    with pytest.raises(Unavailable):
        await center.objects.delete("footage/a")  # it may still be there
    center.objects = center.started()  # nobody forgets it with the process
    assert (await center.trouble())["disk2"] == "it is not mounted, or another disk lies there"
    center.large.back()
    await center.later()
    assert await center.objects.get("footage/a") == b"x" * MB


async def test_all_disks_away_leave_footage_where_it_waits(center: Center, tmp_path: Path) -> None:
    await center.put("a")
    waiting = tmp_path / "segment"
    waiting.write_bytes(b"sealed")
    for disk in (center.small, center.large):
        disk.gone()
    with pytest.raises(Unavailable, match="No disk takes footage at present"):
        await center.objects.take_in("footage/b", waiting)
    assert waiting.exists() and not (center.home / "footage").exists()


async def test_another_disk_in_its_place_is_not_taken_for_it_until_its_line_is_removed(
    center: Center,
) -> None:
    await center.put("a")
    (center.large.folder / MARK).write_text("of another center")
    await center.later()
    assert (await center.trouble())["disk2"] == "another disk lies there"
    lines = (center.home / ".disks").read_text().splitlines()
    kept = [line for line in lines if "disk2" not in line]
    (center.home / ".disks").write_text("\n".join(kept).replace('",\n}', '"\n}'))
    assert (await center.trouble())["disk2"] == ""
    assert (center.large.folder / MARK).read_text() == "of another center"


def test_settings_that_name_no_disk_of_ours_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="should be named from the root"):
        objects_of(ObjectSettings(directories="disk1"), tmp_path)
    with pytest.raises(Invalid, match="a bucket has its own disks"):
        objects_of(ObjectSettings(provider="s3", directories="/disk1"), tmp_path)
    assert type(objects_of(ObjectSettings(), tmp_path)) is Objects
