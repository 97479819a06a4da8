"""What an edge box keeps: sealed, bounded, with the right times, and gone when it must be."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import pytest

from tests.fixtures.browser import until
from watchfloor.cameras import wire as live
from watchfloor.cameras.boxes import wire
from watchfloor.cameras.boxes.wire import DiskTrouble
from watchfloor.cameras.stream import Codec, Format, Frame, Run
from watchfloor.edge.outlet import Outlet
from watchfloor.edge.ring import Ring

CAMERA, OTHER = UUID(int=1), UUID(int=2)
FORM = Format(Codec.H264, ((b"\x67abc",), (b"\x68d",)), 320, 192, "avc1.64001f", b"", None)
RUN = Run(CAMERA, 7, FORM, 0)
SECOND, TICKS = 1_000_000, 90_000
PICTURE = b"\0\0\0\5\x65seen"


def group(second: int, *, size: int = 0, fps: int = 2) -> list[Frame]:
    """A second of pictures."""
    data = PICTURE + bytes(size)
    return [
        Frame(data, n == 0, second * TICKS + n * TICKS // fps, second * TICKS + n * TICKS // fps, second * SECOND + n * SECOND // fps)
        for n in range(fps)
    ]  # fmt: skip


class Kept:
    """A ring whose clock is moved by hand."""

    def __init__(self, folder: Path, most: int = 1_000_000, boot: str = "one") -> None:
        self.offset, self.folder = 0, folder
        self.ring = Ring(folder, most, boot, lambda: self.offset)

    def put(self, camera: UUID, seconds: range, size: int = 0) -> None:
        for second in seconds:
            self.ring.put(camera, RUN, group(second, size=size))

    def again(self, boot: str = "one") -> Kept:
        self.ring.close()
        return Kept(self.folder, boot=boot)

    def of(self, camera: UUID, begin_s: float, end_s: float) -> list[float]:
        """The times of what is kept, in seconds."""
        found = self.ring.of(camera, int(begin_s * SECOND), int(end_s * SECOND))
        return [live.head(frame).captured_us / SECOND for one in found for frame in one.frames]


def until_read(pipe: Path) -> int:
    """Open the end of a pipe that nothing comes from, once somebody waits at the other."""

    def opened() -> int | None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO, "nobody reads it"
            return None

    return until(opened, "somebody reads it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ring"


def test_what_was_kept_is_found_again_by_its_time_and_by_nobody_without_the_key(folder: Path) -> None:
    kept = Kept(folder)
    kept.put(CAMERA, range(100, 110))
    kept.put(OTHER, range(100, 102))
    kept = kept.again()
    assert kept.of(CAMERA, 102, 104) == [102.0, 102.5, 103.0, 103.5]
    assert kept.of(OTHER, 0, 1000) == [100.0, 100.5, 101.0, 101.5]
    (one, *_) = kept.ring.of(CAMERA, 0, 1000 * SECOND)
    assert wire.run_of(one.run) == (Codec.H264, [b"\x67abc", b"\x68d"])
    assert wire.picture_of(one.frames[0]).units == [b"\x65seen"]
    assert kept.ring.size == sum(path.stat().st_size for path in folder.glob("*/*.ring"))
    assert all(PICTURE not in path.read_bytes() for path in folder.glob("*/*.ring"))
    assert {path.stat().st_mode & 0o077 for path in folder.glob("*/*")} == {0}
    kept.ring.close()


def test_the_oldest_goes_when_it_is_full_and_that_is_known(folder: Path) -> None:
    kept = Kept(folder, most=60_000)
    for first in range(0, 600, 100):  # files of their own
        kept.put(CAMERA, range(first, first + 3), size=3000)
    kept.ring.close()
    assert kept.ring.size <= 60_000
    times = kept.of(CAMERA, 0, 1000)
    assert times[-1] == 502.5 and times[0] > 100
    assert 0 < kept.ring.went_us[CAMERA] <= times[0] * SECOND


def test_a_clock_that_was_put_right_moves_what_was_kept_before_in_the_same_run_of_the_machine(
    folder: Path,
) -> None:
    kept = Kept(folder)
    kept.put(CAMERA, range(100, 102))
    kept = kept.again()
    kept.offset = 50 * SECOND
    assert kept.of(CAMERA, 150, 151) == [150.0, 150.5]
    assert kept.of(CAMERA, 100, 101) == []
    kept = kept.again("another")
    assert kept.of(CAMERA, 100, 101) == [100.0, 100.5]
    kept.ring.close()


def test_what_a_power_cut_tore_or_somebody_altered_is_not_given(folder: Path) -> None:
    kept = Kept(folder)
    kept.put(CAMERA, range(100, 103))
    kept.ring.close()
    (path,) = folder.glob("*/*.ring")
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert Kept(folder).of(CAMERA, 0, 1000) == [100.0, 100.5, 101.0, 101.5]
    path.write_bytes(whole[:-10] + bytes(10))
    assert Kept(folder).of(CAMERA, 0, 1000) == [100.0, 100.5, 101.0, 101.5]
    path.write_bytes(b"nothing of ours")
    assert Kept(folder).of(CAMERA, 0, 1000) == [] and not path.exists()


def test_a_camera_that_is_forgotten_leaves_nothing(folder: Path) -> None:
    kept = Kept(folder)
    kept.put(CAMERA, range(100, 103))
    kept.put(OTHER, range(100, 103))
    kept = kept.again()
    kept.ring.forget(CAMERA)
    assert kept.ring.cameras() == {OTHER} and not (folder / str(CAMERA) / "key").exists()
    kept.ring.forget_old(200 * SECOND)
    kept.ring.close()
    assert kept.ring.cameras() == set() and kept.ring.size == 0
    assert list(folder.iterdir()) == [], "nor are there keys"


def test_a_disk_that_hangs_holds_up_nobody_and_what_waits_for_it_is_gone_with_its_camera(
    folder: Path,
) -> None:
    kept = Kept(folder, most=10_000_000)
    key = folder / str(CAMERA) / "key"
    key.parent.mkdir()
    os.mkfifo(key)  # whoever reads it waits, as for a card that does not answer
    kept.put(CAMERA, range(100, 103))
    hanging = until_read(key)
    kept.put(OTHER, range(100, 102))
    for second in range(200, 250):
        kept.put(CAMERA, range(second, second + 1), size=1_000_000)
    assert kept.ring.trouble is DiskTrouble.SLOW and kept.ring.lost > 50
    assert (kept.ring.size, kept.ring.oldest_us, kept.ring.cameras()) == (0, 0, {CAMERA, OTHER})
    kept.ring.forget(CAMERA)
    assert kept.ring.cameras() == {OTHER} and not key.exists()
    kept.put(OTHER, range(102, 103), size=1_000_000)
    os.close(hanging)
    kept.ring.close()
    assert kept.ring.trouble is None and not key.parent.exists()
    assert kept.of(OTHER, 0, 1000) == [100.0, 100.5, 101.0, 101.5, 102.0, 102.5]
    assert kept.of(CAMERA, 0, 1000) == []


def test_a_disk_without_room_or_that_refuses_is_told_until_it_is_well_again(folder: Path) -> None:
    kept = Kept(folder, most=3000)
    kept.put(CAMERA, range(100, 101), size=3000)
    kept.ring.close()
    assert (kept.ring.trouble, kept.ring.lost, kept.ring.size) == (DiskTrouble.FULL, 2, 0)
    kept = Kept(folder)
    (folder / str(OTHER)).write_text("where a folder should be")
    kept.put(OTHER, range(100, 101))
    kept.ring.close()
    assert (kept.ring.trouble, kept.ring.lost) == (DiskTrouble.FAILING, 2)
    kept = Kept(folder)
    (folder / str(OTHER)).unlink()
    kept.put(OTHER, range(101, 102))
    kept.ring.close()
    assert kept.ring.trouble is None and kept.of(OTHER, 0, 1000) == [101.0, 101.5]


def test_a_full_ring_is_known_at_the_start_by_its_heads_and_read_when_it_is_asked_for(folder: Path) -> None:
    kept = Kept(folder)
    for first in range(0, 300, 100):
        kept.put(CAMERA, range(first, first + 3), size=20_000)
    kept.ring.close()
    read = _read_of(lambda: Kept(folder).ring)
    assert read < 3 * 5000, "not the pictures"
    assert kept.again().of(CAMERA, 101, 102) == [101.0, 101.5]


def _read_of(act: Callable[[], Ring]) -> int:
    """How many bytes this process reads meanwhile."""
    before = _bytes_read()
    ring = act()
    read = _bytes_read() - before
    ring.close()
    return read


def _bytes_read() -> int:
    (line,) = [one for one in Path("/proc/self/io").read_text().splitlines() if one.startswith("rchar")]
    return int(line.split()[1])


class Out:
    """An outlet, what it sent and what it had kept."""

    def __init__(self) -> None:
        self.sent: list[float] = []
        self.kept: list[float] = []
        self.outlet = Outlet(self._keep)
        self.outlet.begin(RUN)

    def _keep(self, run: Run, frames: Sequence[Frame]) -> None:
        self.kept += [one.captured_us / SECOND for one in frames]

    def send(self, frame: bytes) -> None:
        head = live.head(frame)
        if head.kind is live.Kind.PICTURE:
            self.sent.append(head.captured_us / SECOND)

    def see(self, seconds: range) -> None:
        for second in seconds:
            for frame in group(second):
                self.outlet.frame(frame)


def test_what_the_center_did_not_get_is_kept_from_a_keyframe_on_and_nothing_twice_for_long() -> None:
    out = Out()
    out.outlet.may_keep(on=True)
    out.outlet.to_center(out.send)
    out.see(range(30))
    assert out.sent[-1] == 29.5 and out.kept == []
    out.outlet.lost()
    out.see(range(30, 33))
    # The last seconds may not have arrived: they are kept, though they were sent.
    assert 16 <= out.kept[0] <= 18 and out.kept[-1] == 31.5
    out.outlet.to_center(out.send)
    out.see(range(33, 35))
    assert out.sent[-6:] == [32.0, 32.5, 33.0, 33.5, 34.0, 34.5] and out.kept[-1] == 31.5


def test_where_nothing_may_be_kept_nothing_is_and_what_was_in_memory_is_gone() -> None:
    out = Out()
    out.outlet.to_center(out.send)
    out.see(range(5))
    out.outlet.lost()
    out.see(range(5, 8))
    assert out.kept == []
    out.outlet.may_keep(on=True)
    out.see(range(8, 10))
    assert out.kept[0] == 8.0
    out.outlet.may_keep(on=False)
    out.see(range(10, 12))
    assert out.kept[-1] < 9
    out.outlet.may_keep(on=True)
    out.outlet.close()
    out.see(range(12, 14))
    assert out.kept[-1] < 9
