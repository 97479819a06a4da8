"""What `watchfloor check` says of the log: nothing of a sound one, a plain sentence of each that is not."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.engines import Dsns
from tests.ledger.center import Center, until
from tests.ledger.conftest import BEGUN, Log
from watchfloor.governance.tiles import encode_bundle
from watchfloor.ledger.consistency import Wrong, check, check_local
from watchfloor.ledger.hold_outside import FolderHolder
from watchfloor.ledger.run import STATE
from watchfloor.settings import LedgerSettings, Settings

SOON = BEGUN + timedelta(seconds=5)


@pytest.fixture
def center(tmp_path: Path, dsns: Dsns, log: Log) -> Center:
    return Center(tmp_path / "data", dsns, log)


async def look(center: Center, *, deep: bool = False, dirs: str = "") -> list[Wrong]:
    settings = Settings(center.layout.data, ledger=LedgerSettings(checkpoint_dirs=dirs))
    return await check(settings, center.endpoints, now=SOON, deep=deep)


async def sole(center: Center, *, deep: bool = False, dirs: str = "") -> str:
    """The one thing that is wrong; each says what it means and what to do."""
    found = await look(center, deep=deep, dirs=dirs)
    assert len(found) == 1, found
    assert found[0].so_what
    assert found[0].do
    return found[0].what


@pytest.mark.parametrize("deep", [False, True])
async def test_a_sound_log_gives_no_finding(center: Center, deep: bool, tmp_path: Path) -> None:
    assert await look(center, deep=deep) == []
    for count in (0, 3, 600):
        await center.log.grow(count)
        assert await look(center, deep=deep) == []
    await FolderHolder(tmp_path).keep((center.log.root / "checkpoint").read_bytes(), 603, BEGUN)
    await center.log.grow(5)
    assert await look(center, deep=deep, dirs=str(tmp_path)) == []


async def test_entries_that_wait_too_long_are_said(center: Center) -> None:
    await center.log.write(4)
    assert await look(center) == []
    settings = Settings(center.layout.data)
    found = await check(settings, center.endpoints, now=BEGUN + timedelta(seconds=11))
    assert [w.what for w in found] == [
        "4 entries wait to be signed, the oldest since 2026-03-01T22:00:00.000000Z."
    ]


async def as_owner(center: Center, query: str) -> None:
    await center.log.as_owner("alter table audit_entry disable trigger leaf_index_once")
    await center.log.as_owner(query)


async def test_a_changed_row_is_said_with_what_was_changed(center: Center) -> None:
    """The leaf is untouched, but people read the columns."""
    await center.log.grow(10)
    await as_owner(center, "update audit_entry set result = 'refused', actor_id = id where leaf_index = 6")
    assert "Entry 6 is shown with another actor_id, result than was signed." in await sole(center)


async def test_every_column_that_people_are_shown_is_held_against_the_leaf(center: Center) -> None:
    changes = (
        "id = agency_id",
        "at = at + interval '1 microsecond'",
        "kind = 'effect'",
        "actor_id = id",
        "need = null",
        "result = 'refused'",
        "reason = 'x'",
        "about_kind = 'reader'",
        "about_id = null",
        "cause_id = id",
    )
    await center.log.grow(len(changes))
    for index, change in enumerate(changes):
        await as_owner(center, f"update audit_entry set {change} where leaf_index = {index}")
    found = [wrong.what for wrong in await look(center)]
    assert len(found) == len(changes)
    for index, change in enumerate(changes):
        assert (
            f"Entry {index} is shown with another {change.split(' ', 1)[0]} than was signed." in found[index]
        )


async def test_a_changed_leaf_in_the_database_is_said(center: Center) -> None:
    await center.log.grow(10)
    await as_owner(center, "update audit_entry set leaf = leaf || ' '::bytea where leaf_index = 9")
    assert "Entry 9 is another in the database than in the signed log." in await sole(center)


async def test_an_old_changed_row_is_found_by_looking_at_all(center: Center) -> None:
    await center.log.grow(1200)
    await as_owner(center, "update audit_entry set result = 'refused' where leaf_index = 3")
    assert await look(center) == []
    assert "Entry 3 is shown with another result" in await sole(center, deep=True)


async def test_a_removed_row_is_said(center: Center) -> None:
    await center.log.grow(10)
    await as_owner(center, "delete from audit_entry where leaf_index = 4")
    assert "Entry 4 of the log is missing from the database." in await sole(center)


async def test_a_database_of_last_week_is_said(center: Center) -> None:
    await center.log.grow(10)
    await as_owner(center, "delete from audit_entry where leaf_index >= 7")
    assert "The log was signed with 10 entries; the database holds 7." in await sole(center)


async def test_a_changed_checkpoint_in_the_database_is_said(center: Center) -> None:
    await center.log.grow(10)
    await center.log.grow(10)
    await center.log.as_owner("update audit_checkpoint set root = sha256(root) where size = 10")
    assert "The checkpoint over 10 entries does not fit" in await sole(center)


async def test_a_changed_file_is_said(center: Center) -> None:
    await center.log.grow(10)
    path = center.log.root / "tile/entries/000.p/10"
    path.chmod(0o644)
    path.write_bytes(encode_bundle([b"x"] * 10))
    assert any("entries" in w.what for w in await look(center))


async def test_a_changed_file_deep_in_the_log_is_found_by_looking_at_all(center: Center) -> None:
    await center.log.grow(1500)
    path = center.log.root / "tile/0/001"
    path.chmod(0o644)
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    assert "The file of hashes tile/0/001 was changed at entry 256" in await sole(center, deep=True)


async def test_a_missing_file_at_the_edge_and_a_changed_checkpoint_are_said(center: Center) -> None:
    await center.log.grow(10)
    (center.log.root / "tile/0/000.p/10").unlink()
    assert any("tile/0/000.p/10 is missing" in w.what for w in check_local(center.layout.data))
    note = center.log.root / "checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\n10\n", b"\n11\n"))
    assert any("does not fit the text" in w.what for w in check_local(center.layout.data))


async def test_an_older_state_of_everything_is_said_by_a_folder_outside(
    center: Center, tmp_path: Path
) -> None:
    outside = tmp_path / "stick"
    outside.mkdir()
    await center.log.grow(10)
    shutil.copytree(center.log.root, tmp_path / "backup")
    await center.log.grow(5)
    await FolderHolder(outside).keep((center.log.root / "checkpoint").read_bytes(), 15, BEGUN)
    shutil.rmtree(center.log.root)
    shutil.copytree(tmp_path / "backup", center.log.root)
    await as_owner(center, "delete from audit_entry where leaf_index >= 10")
    await center.log.as_owner("delete from audit_checkpoint where size > 10")
    assert await look(center) == []
    assert f"{outside} holds a checkpoint over 15 entries; the log here has 10." in await sole(
        center, dirs=str(outside)
    )


async def test_a_ledger_in_trouble_and_a_holder_out_of_reach_are_said(center: Center, tmp_path: Path) -> None:
    async with center.running(dirs=str(tmp_path / "unmounted")):
        await until(lambda: "does not take" in center.state())
        found = check_local(center.layout.data, settings=Settings(center.layout.data))
        assert [w.what for w in found if "unmounted does not take the checkpoint" in w.what]
    (center.layout.runtime / STATE).write_text(
        json.dumps({"trouble": "PostgreSQL does not answer.", "since": "now"})
    )
    assert any("not being signed since now: PostgreSQL" in w.what for w in check_local(center.layout.data))


async def test_a_folder_that_is_not_outside_is_said(center: Center) -> None:
    await center.log.grow(1)
    assert "inside the data directory" in await sole(center, dirs=str(center.layout.data / "x"))


def test_a_directory_where_nothing_was_started_gives_no_finding(tmp_path: Path) -> None:
    assert check_local(tmp_path) == []
