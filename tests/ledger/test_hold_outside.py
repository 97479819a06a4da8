"""Checkpoints get out: into folders and to addresses, again when they failed, and a failure is said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.ledger.paper import FOREIGN, NAME, OURS
from watchfloor.governance.checkpoint import Checkpoint
from watchfloor.kit.clock import ManualClock, SystemClock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.ledger.hold_outside import FolderHolder, Holder, OutsideKeeping, WebhookHolder, holders_of

NIGHT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)
NOTE = OURS.sign(Checkpoint(NAME, 42, bytes(32)))


class Newspaper:
    """A web server that takes checkpoints, or does not."""

    def __init__(self) -> None:
        self.status = 204
        self.taken: list[tuple[str, bytes]] = []
        newspaper = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                newspaper.taken.append((self.headers["content-type"], body))
                self.send_response(newspaper.status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/checkpoints?token=s3cret"

    @contextmanager
    def open(self) -> Iterator[None]:
        thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


@pytest.fixture
def newspaper() -> Iterator[Newspaper]:
    made = Newspaper()
    with made.open():
        yield made


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await SystemClock().sleep(0.005)


async def test_a_folder_gets_one_file_by_size_and_time_that_nobody_writes_over(tmp_path: Path) -> None:
    holder = FolderHolder(tmp_path)
    await holder.keep(NOTE, 42, NIGHT)
    path = tmp_path / "000000000042-20260301T220000Z.checkpoint"
    assert path.read_bytes() == NOTE
    assert path.stat().st_mode & 0o777 == 0o444
    await holder.keep(NOTE, 42, NIGHT)  # the same again is no error
    with pytest.raises(Unavailable, match="File exists"):
        await holder.keep(OURS.sign(Checkpoint(NAME, 42, bytes(31) + b"x")), 42, NIGHT)
    assert path.read_bytes() == NOTE
    assert os.listdir(tmp_path) == [path.name]


async def test_a_folder_that_is_gone_or_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not take the checkpoint: No such file"):
        await FolderHolder(tmp_path / "unmounted").keep(NOTE, 42, NIGHT)
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="does not take the checkpoint: Not a directory"):
        await FolderHolder(tmp_path / "file").keep(NOTE, 42, NIGHT)


async def test_the_largest_checkpoint_of_our_own_is_found_again_among_strangers(tmp_path: Path) -> None:
    holder = FolderHolder(tmp_path)
    assert holder.newest(OURS.key) is None
    for size in (5, 1_000_000, 30):
        await holder.keep(OURS.sign(Checkpoint(NAME, size, bytes(32))), size, NIGHT)
    await holder.keep(FOREIGN.sign(Checkpoint(NAME, 2_000_000, bytes(32))), 2_000_000, NIGHT)
    (tmp_path / "999999999999-20260301T220000Z.checkpoint").write_bytes(b"half a check")
    found = holder.newest(OURS.key)
    assert found is not None
    assert found.size == 1_000_000


async def test_an_address_gets_the_note_as_text(newspaper: Newspaper) -> None:
    await WebhookHolder(newspaper.url).keep(NOTE, 42, NIGHT)
    assert newspaper.taken == [("text/plain; charset=utf-8", NOTE)]


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_address_that_does_not_take_it_is_said_without_its_secret(
    newspaper: Newspaper, status: int
) -> None:
    newspaper.status = status
    with pytest.raises(Unavailable, match=f"refused the checkpoint with status {status}") as refused:
        await WebhookHolder(newspaper.url).keep(NOTE, 42, NIGHT)
    assert "s3cret" not in refused.value.detail


async def test_an_address_where_nobody_listens_is_said_without_its_secret() -> None:
    with pytest.raises(Unavailable, match="does not take the checkpoint") as refused:
        await WebhookHolder("http://127.0.0.1:1/hook?token=s3cret").keep(NOTE, 42, NIGHT)
    assert "s3cret" not in refused.value.detail


@pytest.mark.parametrize("url", ["ftp://example.org/x", "example.org", "http://", "file:///etc/passwd"])
def test_what_is_no_web_address_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="not an http or https address"):
        holders_of("", url, tmp_path)


def test_a_folder_inside_the_data_directory_is_refused_even_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    for text in (
        f"{tmp_path}/data",
        f"{tmp_path}/data/x",
        f"{tmp_path}/link",
        f"{tmp_path}/out, {tmp_path}/link/y",
    ):
        with pytest.raises(Invalid, match="inside the data directory"):
            holders_of(text, "", tmp_path / "data")
    assert len(holders_of(f"{tmp_path}/out, {tmp_path}/two,", "", tmp_path / "data")) == 2


async def _asleep(clock: ManualClock) -> None:
    """Wait until somebody sleeps on the clock: all work before that is done."""
    await until(lambda: bool(clock._sleepers))


async def test_each_holder_is_served_at_the_start_hourly_and_again_soon_after_a_failure(
    newspaper: Newspaper, tmp_path: Path
) -> None:
    clock = ManualClock(NIGHT)
    newspaper.status = 503
    told: list[int] = []
    holders: list[Holder] = [WebhookHolder(newspaper.url)]
    keeping = OutsideKeeping(holders, lambda: NOTE, clock, every_s=3600, told=lambda: told.append(1))
    task = asyncio.create_task(keeping.run())
    await until(lambda: keeping.stands[0].trouble is not None)
    assert keeping.stands[0].size is None
    # 5, 10, 20 s later it is tried again, then taken.
    for number, wait_s in enumerate((5, 10), start=2):
        await _asleep(clock)
        await clock.advance(timedelta(seconds=wait_s - 1))
        assert len(newspaper.taken) == number - 1
        await clock.advance(timedelta(seconds=1))
        await until(lambda: len(newspaper.taken) == number)  # noqa: B023  # awaited within the round
    newspaper.status = 200
    await _asleep(clock)
    await clock.advance(timedelta(seconds=20))
    await until(lambda: keeping.stands[0].trouble is None)
    assert keeping.stands[0].size == 42
    await _asleep(clock)
    await clock.advance(timedelta(seconds=3599))
    assert len(newspaper.taken) == 4
    await clock.advance(timedelta(seconds=1))
    await until(lambda: len(newspaper.taken) == 5)
    await until(lambda: len(told) == 3)  # failed, taken, taken again
    task.cancel()


async def test_a_holder_that_fails_does_not_keep_the_others_from_theirs(
    newspaper: Newspaper, tmp_path: Path
) -> None:
    clock = ManualClock(NIGHT)
    holders: list[Holder] = [
        FolderHolder(tmp_path / "gone"),
        WebhookHolder(newspaper.url),
        FolderHolder(tmp_path),
    ]
    keeping = OutsideKeeping(holders, lambda: NOTE, clock, every_s=3600)
    await keeping.once()
    assert [h.trouble is None for h in keeping.stands] == [False, True, True]
    assert "gone" in (keeping.stands[0].trouble or "")


async def test_a_new_log_waits_for_its_first_checkpoint(tmp_path: Path) -> None:
    clock = ManualClock(NIGHT)
    notes: list[bytes] = []
    keeping = OutsideKeeping(
        [FolderHolder(tmp_path)], lambda: notes[-1] if notes else None, clock, every_s=3600
    )
    task = asyncio.create_task(keeping.run())
    await _asleep(clock)
    assert keeping.stands[0].trouble is None
    notes.append(NOTE)
    await clock.advance(timedelta(seconds=1))
    await until(lambda: keeping.stands[0].size == 42)
    task.cancel()
