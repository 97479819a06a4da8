"""Files of reads in the folders of readers: taken when they are whole, once, and never what is not plainly the reader's own."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import asyncssh
import pytest
from asyncssh.channel import SSHChannel

from tests.plates.conftest import Device, Town, held
from tests.plates.make import jpeg, reads_json
from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Full, Invalid, Unavailable
from watchfloor.plate_settings import InboxSettings
from watchfloor.plates import inbox_files as files
from watchfloor.plates.inbox import Inbox, Watch, root_of
from watchfloor.plates.inbox_files import Found, Seen
from watchfloor.plates.leave import ReaderBook
from watchfloor.plates.take import Intake
from watchfloor.settings import ObjectSettings, Settings
from watchfloor.storage.objects import Objects
from watchfloor.wiring import serve
from watchfloor.wiring.parts import Parts

TESTDATA = Path(__file__).parent / "testdata"
ME = os.geteuid()


# ---- which files are whole


def test_a_file_is_whole_when_it_stood_still_or_was_renamed_from_a_temporary_name() -> None:
    def look(before: dict[int, Seen], at: float, *found: Found) -> tuple[dict[int, Seen], list[str]]:
        after, ready = files.whole(before, found, at=at, settle_s=5.0)
        return after, [one.name for one in ready]

    growing, still = Found("a.json", 1, (10, 1)), Found("b.json", 2, (10, 1))
    writing = Found("c.json.part", 3, (10, 1))
    seen, ready = look({}, 0.0, growing, still, writing)
    assert ready == []
    seen, ready = look(seen, 4.0, Found("a.json", 1, (20, 2)), still, Found("c.json", 3, (10, 1)))
    assert ready == ["c.json"], "renamed, and as it was"
    seen, ready = look(seen, 5.0, Found("a.json", 1, (20, 2)), still)
    assert ready == ["b.json"], "still for five seconds"
    _, ready = look(seen, 9.0, Found("a.json", 1, (20, 2)))
    assert ready == ["a.json"]
    _, ready = look({3: Seen((10, 1), 0.0, temporary=True)}, 1.0, Found("d.json", 3, (11, 2)))
    assert ready == [], "written to after the last look: perhaps another file under the same number"


@pytest.mark.parametrize("name", [".a.json", "a.json.part", "A.TMP", "a.filepart", "a~"])
def test_a_temporary_name_is_never_taken_however_long_it_lies(name: str) -> None:
    seen, _ = files.whole({}, [Found(name, 1, (1, 1))], at=0.0, settle_s=5.0)
    assert files.whole(seen, [Found(name, 1, (1, 1))], at=1e6, settle_s=5.0)[1] == []


# ---- what is never taken


def test_links_folders_pipes_and_what_is_anothers_or_too_large_are_named_and_not_opened(
    tmp_path: Path,
) -> None:
    folder, secret = tmp_path / "plain", tmp_path / "secret"
    folder.mkdir()
    secret.write_text("key")
    (folder / "link.json").symlink_to(secret)
    os.link(secret, folder / "hard.json")
    os.mkfifo(folder / "pipe.json")
    (folder / "folder.json").mkdir()
    (folder / "large.json").write_bytes(b"x" * 101)
    (folder / "good.json").write_bytes(b"x" * 100)
    (folder / "♦.json").write_bytes(b"x")
    found = {one.name: one.fault for one in files.looked(folder, ME, 100)}
    assert found.pop("good.json") is None
    assert all("only files are taken" in str(found[f"{name}.json"]) for name in ("link", "pipe", "folder"))
    assert "hard link" in str(found["hard.json"])
    assert found["large.json"] == "It has 101 bytes; at most 100 are taken."
    assert "letters, digits" in str(found["♦.json"])
    assert "belongs to user" in str(next(one for one in files.looked(folder, ME + 1, 100)).fault)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("link.json", "cannot be opened"),
        ("hard.json", "hard link"),
        ("large.json", "at most 100"),
        ("folder", "only files"),
    ],
)
def test_a_file_is_judged_again_once_it_is_open(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "secret").write_text("key")
    (tmp_path / "link.json").symlink_to(tmp_path / "secret")
    os.link(tmp_path / "secret", tmp_path / "hard.json")
    (tmp_path / "large.json").write_bytes(b"x" * 101)
    (tmp_path / "folder").mkdir()
    with pytest.raises(Invalid, match=says):
        files.content_of(tmp_path / name, owner=ME, most=100)


def test_a_picture_beside_a_table_is_one_of_its_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    (tmp_path / "out.jpg").write_bytes(b"x")
    (folder / "in.jpg").write_bytes(b"x")
    (folder / "link.jpg").symlink_to(tmp_path / "out.jpg")
    assert files.beside(folder, "in.jpg", owner=ME, most=10) == b"x"
    for name in ("../out.jpg", "link.jpg", "gone.jpg", str(tmp_path / "out.jpg"), "", ".", "in.jpg\0"):
        assert files.beside(folder, name, owner=ME, most=10) is None


def test_what_is_old_goes_and_what_is_young_stays(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("x")
    os.utime(tmp_path / "a.json", (0, 0))
    (tmp_path / "link").symlink_to("/")
    (tmp_path / "folder").mkdir()
    now = datetime.now(UTC)  # noqa: TID251  # the time of the disk
    assert files.forget(tmp_path, before=now - timedelta(hours=1)) == 0, (
        "its owner says it is old; it came just now"
    )
    assert files.forget(tmp_path, before=now + timedelta(hours=1), only="a.json".__eq__) == 1
    assert files.forget(tmp_path, before=now + timedelta(hours=1)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_an_inbox_is_wired_where_its_folder_is_an_absolute_path(tmp_path: Path) -> None:
    nothing = cast("Any", None)

    def wired(folder: str) -> list[Coroutine[object, None, None]]:
        settings = Settings(tmp_path, inbox=InboxSettings(folder=folder))
        endpoints = Endpoints(tmp_path, "", "127.0.0.1:0", "", "", None, tmp_path)
        parts = Parts(
            settings, endpoints, SystemClock(), nothing, nothing, nothing, (), second_factor_required=False
        )
        return serve.inbox(parts)

    assert wired("") == [] == wired("reads")
    with pytest.raises(Invalid, match="an absolute path, not 'reads'"):
        root_of("reads")
    (work,) = wired(str(tmp_path))
    work.close()


# ---- the way of a file


@dataclass
class Box:
    """An inbox of a town, and its look."""

    town: Town
    root: Path
    watch: Watch

    def folder(self, reader: Device, form: str) -> Path:
        folder = self.root / reader.id / form
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    async def looks(self, times: int = 2) -> None:
        for _ in range(times):
            await self.watch.look()

    def reasons(self) -> list[str]:
        return [path.read_text() for path in sorted(self.root.glob("failed/*/*.reason.txt"))]

    def lying(self) -> list[str]:
        """All files but mappings and reasons."""
        return sorted(
            path.name
            for path in self.root.rglob("*")
            if path.is_file() and path.suffix != ".txt" and path.name != "csv.json"
        )


def a_box(
    town: Town, root: Path, *, objects: Objects | None = None, keep_failed: timedelta = timedelta(days=3)
) -> Box:
    parts = town.web.parts
    intake = Intake(
        parts.door,
        parts.clock,
        town.bus,
        objects or town.objects,
        ReaderBook(parts.door, parts.clock, "serve"),
    )
    root.mkdir(exist_ok=True)
    return Box(town, root, Watch(Inbox(intake, [parts.agency], root, 0.0, keep_failed)))


@asynccontextmanager
async def sftp(root: Path) -> AsyncIterator[asyncssh.SFTPClient]:
    """A server for SFTP that shows this folder and no other, and a client of it."""
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Anybody(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

    def shown(channel: SSHChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(
            cast("asyncssh.SSHServerChannel[bytes]", channel), chroot=os.fsencode(root)
        )

    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Anybody, server_host_keys=[key], sftp_factory=shown
    )
    try:
        async with (
            asyncssh.connect(
                "127.0.0.1",
                server.get_port(),
                known_hosts=None,
                username="reader",
                client_keys=None,
                config=None,
                agent_path=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            yield client
    finally:
        server.close()
        await server.wait_closed()


async def test_files_put_by_sftp_are_reads_and_are_gone(town: Town, tmp_path: Path) -> None:
    """An Axis camera's telling, and a table with its mapping and a picture beside it."""
    box, reader = a_box(town, tmp_path / "inbox"), await town.reader()
    axis, table = box.folder(reader, "axis"), box.folder(reader, "csv")
    (box.root / reader.id / "csv.json").write_text(
        json.dumps({"plate": "Tag", "at": "When", "picture": "Shot"})
    )
    rows = f"When,Tag,Shot\n{town.ago(seconds=3)},ZQX 108,108.jpg\n{town.ago(seconds=2)},ZQX 109,\n"
    told = json.loads((TESTDATA / "axis-lpv-new.json").read_bytes()) | {
        "capture_timestamp": town.ago(seconds=5)
    }
    body = json.dumps(told).encode()
    async with sftp(box.root / reader.id) as client:
        file = await client.open("axis/told.json.part", "wb")
        await file.write(body[:100])
        await box.looks()
        await file.write(body[100:])
        await file.close()
        await box.watch.look()
        assert (axis / "told.json.part").exists() and await held(town) == 0, "it is still being written"
        await client.rename("axis/told.json.part", "axis/told.json")
        for name, content in (("108.jpg", jpeg()), ("day.csv", rows.encode())):
            async with client.open(f"csv/{name}", "wb") as put:
                await put.write(content)
    await box.looks()
    assert (box.reasons(), box.lying()) == ([], [])
    assert not any(table.iterdir())
    async with town.matching():
        await town.stored(3)
    assert await town.plates() == ["ZQX1O7", "ZQX108", "ZQX109"]
    (row,) = await town.rows("select picture from plate_read where plate = %s", "ZQX108")
    assert row["picture"] is not None


async def test_what_a_killed_server_had_claimed_is_taken_once(town: Town, tmp_path: Path) -> None:
    box, reader = a_box(town, tmp_path / "inbox"), await town.reader()
    body = reads_json({"id": "1", "plate": "ZQX107", "at": town.ago(seconds=1)})
    folder = box.folder(reader, "plain")
    (folder / "one.json").write_bytes(body)
    claimed = files.claimed(
        files.looked(folder, ME, 1000)[0], folder, box.root / "taking" / f"{reader.id}.plain"
    )
    assert claimed is not None
    await box.watch.look()
    assert await held(town) == 1 and box.lying() == []
    # It had sent them on and died before it removed the file.
    claimed.write_bytes(body)
    await a_box(town, box.root).watch.look()
    assert box.lying() == []
    async with town.matching():
        await town.stored(1)
    assert await town.plates() == ["ZQX107"]


async def test_what_cannot_be_taken_lies_aside_with_the_reason_and_not_for_ever(
    town: Town, tmp_path: Path
) -> None:
    box, reader = a_box(town, tmp_path / "inbox"), await town.reader()
    mobile = await town.reader("Car", mobile=True)
    (box.folder(reader, "hikvision") / "bad.xml").write_bytes(b"<a>")
    (box.folder(reader, "plain") / "link.json").symlink_to(TESTDATA / "axis-lpv-new.json")
    good: dict[str, object] = {"id": "1", "plate": "ZQX107", "at": town.ago(seconds=1)}
    (box.folder(reader, "plain") / "half.json").write_bytes(reads_json(good, {"id": "2", "plate": "♦"}))
    (box.folder(mobile, "csv") / "day.csv").write_text("plate,id\nZQX107,1\n\nZQX108,2\n")
    (box.root / "rdr_nobody" / "plain").mkdir(parents=True)
    await box.looks()
    said = "".join(box.reasons())
    for part in (
        "the XML cannot be read",
        "only files are taken",
        "read 1, plate: a plate has letters",
        "read 4, position",
    ):
        assert part in said
    aside = {name.partition("-")[2] for name in box.lying() if name != "link.json"}
    assert aside == {"bad.xml", "half.json", "day.csv"}
    assert await held(town) >= 1, "the good read of the two was taken"
    await a_box(town, box.root, keep_failed=timedelta(seconds=-1)).watch.look()
    assert [name for name in box.lying() if name != "link.json"] == [], "failed files are forgotten"


async def test_without_an_approval_a_file_is_removed_and_only_the_reason_stays(
    town: Town, tmp_path: Path
) -> None:
    box, reader = (
        a_box(town, tmp_path / "inbox"),
        await town.reader("Video", technology="plate_reading_on_video"),
    )
    body = reads_json({"id": "1", "plate": "ZQX107", "at": town.ago(seconds=1)})
    folder = box.folder(reader, "plain")
    (folder / "one.json").write_bytes(body)
    box.watch._forgot_at = town.web.parts.clock.monotonic()  # it forgets the reason too, in a minute
    await box.looks()
    assert box.lying() == [] and await held(town) == 0
    assert box.reasons() == [
        "No authorisation for the technology “plate reading on video” exists. It was removed.\n"
    ]


async def test_a_mapping_that_a_reader_could_have_written_or_that_is_none_is_not_used(
    town: Town, tmp_path: Path
) -> None:
    box, reader = a_box(town, tmp_path / "inbox"), await town.reader()
    mapping = box.folder(reader, "csv").parent / "csv.json"
    mapping.symlink_to(TESTDATA / "axis-lpv-new.json")
    (box.folder(reader, "csv") / "day.csv").write_text("plate,id\nZQX107,1\n")
    await box.looks()
    mapping.unlink()
    mapping.write_text('{"plate": "Tag"}')
    (box.folder(reader, "csv") / "day.csv").write_text("plate,id\nZQX107,1\n")
    await box.looks()
    said = "".join(box.reasons())
    assert "The mapping of columns cannot be used: It cannot be opened" in said
    assert "the mapping is none: it names a column" in said
    assert await held(town) == 0


async def test_a_fault_of_ours_costs_one_file_and_ends_nothing(town: Town, tmp_path: Path) -> None:
    reader = await town.reader()

    class Faulty(Objects):
        async def put_content(self, prefix: str, content: bytes) -> str:
            raise LookupError("a fault")

    box = a_box(town, tmp_path / "inbox", objects=Faulty(ObjectSettings(min_free_mb=0), tmp_path / "faulty"))
    (box.folder(reader, "axis") / "told.json").write_bytes((TESTDATA / "axis-lpv-new.json").read_bytes())
    good: dict[str, object] = {"id": "1", "plate": "ZQX107"}
    (box.folder(reader, "plain") / "one.json").write_bytes(reads_json(good))
    await box.looks()
    assert box.reasons() == ["It met a fault of the center, which is in its log.\n"]
    assert [name.partition("-")[2] for name in box.lying()] == ["told.json"] and await held(town) == 1


async def test_what_one_place_cannot_be_served_with_keeps_no_other_waiting(
    town: Town, tmp_path: Path
) -> None:
    reader = await town.reader()

    class Away(Objects):
        async def put_content(self, prefix: str, content: bytes) -> str:
            raise Unavailable("The store does not answer.")

    box = a_box(town, tmp_path / "inbox", objects=Away(ObjectSettings(min_free_mb=0), tmp_path / "away"))
    (box.folder(reader, "axis") / "told.json").write_bytes((TESTDATA / "axis-lpv-new.json").read_bytes())
    good: dict[str, object] = {"id": "1", "plate": "ZQX107"}
    (box.folder(reader, "plain") / "one.json").write_bytes(reads_json(good))
    await box.watch.look()
    with pytest.raises(Unavailable):
        await box.watch.look()
    assert [name.partition("-")[2] for name in box.lying()] == ["told.json"] and await held(town) == 1


async def test_with_no_room_a_file_waits_and_is_not_lost(town: Town, tmp_path: Path) -> None:
    reader = await town.reader()
    full = Objects(ObjectSettings(min_free_mb=10**12), tmp_path / "full")
    box = a_box(town, tmp_path / "inbox", objects=full)
    told = (TESTDATA / "axis-lpv-new.json").read_bytes()
    (box.folder(reader, "axis") / "told.json").write_bytes(told)
    with pytest.raises(Full):
        await box.looks()
    assert len(box.lying()) == 1 and await held(town) == 0
    await a_box(town, box.root).watch.look()
    assert box.lying() == [] and await held(town) == 1
