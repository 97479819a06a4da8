"""Storage and index of footage side by side: what does not agree is found, and rows come back from the files alone."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.fixtures.center import CenterMaker
from tests.fixtures.s3 import Bucket
from tests.recordings.center import Block, block
from tests.recordings.footage import street
from tests.recordings.read import shown_at
from tests.recordings.stored import EPOCH, Shelf
from watchfloor.governance.actors import process_actor
from watchfloor.governance.forms import outside
from watchfloor.governance.model import Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import SystemClock, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.ids import uuid7
from watchfloor.recordings.check import SETTLED, Check, Tally, Teller, Wish
from watchfloor.recordings.compare import SENTENCES, Found, Wrong
from watchfloor.recordings.model import at
from watchfloor.wiring.check_recordings import NOT_ALL, WELL, WRONG, Terminal, look, wish
from watchfloor.wiring.covered import CoveredToday

Said = list[dict[str, Any]]


@pytest.fixture
async def rule(city: Block, owner_dsn: str) -> int:
    """The rule under which footage is kept."""
    return await the_rule(city, owner_dsn)


async def the_rule(city: Block, owner_dsn: str) -> int:
    await city.web.authorise("fixed_camera")
    (row,) = await rows(owner_dsn, "select rule from retention_rule")
    return int(row["rule"])


async def rows(owner_dsn: str, sql: str) -> list[dict[str, Any]]:
    async with await psycopg.AsyncConnection.connect(owner_dsn, row_factory=dict_row) as owner:
        cursor = await owner.execute(sql.encode())
        return await cursor.fetchall() if cursor.description else []


async def index_of(owner_dsn: str) -> list[dict[str, Any]]:
    return await rows(owner_dsn, "select * from segment order by camera_id, at")


async def checked(
    city: Block, *, later: timedelta = SETTLED * 2, **wanted: Any
) -> tuple[int, Said, dict[str, Any]]:
    """The status, each thing told, and the summary, of a check some time later."""
    lines: list[str] = []
    terminal = Terminal(True, lines.append, lines.append)
    parts, wanted_ = city.web.parts, Wish(**wanted)
    looking = Check(
        parts.door, city.objects, city.keystore, city.spool, Teller(terminal.found, terminal.day),
        wish=wanted_, began=parts.clock.now() + later,
    )  # fmt: skip
    status = await look(parts.door, looking, terminal, wanted_)
    *said, summary = [json.loads(line) for line in lines]
    return status, said, summary


def kinds(said: Said) -> dict[str, str]:
    """What is wrong, by the last part of where."""
    return {one["where"].rsplit("/", 1)[-1]: one["what"] for one in said}


async def played(city: Block, shelf: Shelf) -> int:
    """How many pictures an analyst is shown of all that was recorded."""
    answer = await (await city.web.person("analyst")).get(
        f"/api/v1/cameras/{outside('camera', shelf.camera)}/video",
        params={
            "from": rfc3339(at(shelf.segments[0].began_us)),
            "to": rfc3339(at(shelf.segments[-1].ended_us)),
        },
        headers=await city.why(),
    )
    assert answer.status_code == 200, answer.text
    return len(shown_at(answer.content))


async def test_an_index_that_was_emptied_comes_back_from_the_files_and_is_played(
    city: Block, rule: int, owner_dsn: str, clips: Path
) -> None:
    clip = street(clips)
    shelf, other = [await Shelf.make(city, owner_dsn, rule, name) for name in ("Mill St", "Oak St")]
    for one in (shelf, other):
        await one.record(clip)
    before = await index_of(owner_dsn)
    status, said, summary = await checked(city, deep=True)
    assert (status, said, summary["wrong"]) == (WELL, [], {}) and summary["summary"]["rows"] == len(before)

    await rows(owner_dsn, "delete from segment")
    # A file is stored a moment before its row is written: the youngest are no news.
    status, said, summary = await checked(city, later=timedelta(0))
    assert (status, said, summary["summary"]["waiting"]) == (WELL, [], len(before))
    status, said, _ = await checked(city)
    assert status == WRONG and [one["what"] for one in said] == ["orphan"] * len(before)
    assert await index_of(owner_dsn) == []

    status, said, summary = await checked(city, rebuild=True, camera=shelf.camera)
    assert (status, summary["summary"]["restored"]) == (WELL, len(shelf.segments))
    status, said, summary = await checked(city, rebuild=True)
    assert (status, summary["summary"]["restored"]) == (WELL, len(other.segments))
    assert all(one["restored"] for one in said)
    assert await index_of(owner_dsn) == before
    assert await played(city, shelf) == len(clip.packets)
    await told_to_a_collector(city, shelf)
    entries = await rows(
        owner_dsn,
        "select convert_from(leaf, 'utf8')::jsonb as leaf from audit_entry where reason = 'footage.rows_restored'",
    )
    assert sorted(entry["leaf"]["rows"] for entry in entries) == sorted(
        [len(shelf.segments), len(other.segments)]
    )
    assert (await checked(city, rebuild=True))[2]["summary"]["restored"] == 0


async def told_to_a_collector(city: Block, shelf: Shelf) -> None:
    """How much of today the camera recorded, which is not yet added up anew when it is asked for again."""
    covered, agency = CoveredToday(), city.web.parts.agency
    ask = Ask(process_actor(agency, "serve"), Need.FIGURES_COUNT)
    for _ in range(2):
        async with city.web.parts.door.open(ask) as tx:
            shares = await covered.look(tx, agency)
        assert len(shares) == 2 and 0 < shares[outside("camera", shelf.camera)] <= 1


async def test_what_was_cut_changed_lost_or_put_there_is_named(
    city: Block, rule: int, owner_dsn: str, clips: Path
) -> None:
    clip = street(clips)
    shelf = await Shelf.make(city, owner_dsn, rule)
    cut, flipped, gone, *_ = await shelf.record(clip)
    (whole, *_) = await shelf.record(clip)
    folder = shelf.file(cut).parent
    with shelf.file(cut).open("r+b") as file:
        file.truncate(cut.size - 1)
    content = bytearray(shelf.file(flipped).read_bytes())
    content[-30] ^= 1
    shelf.file(flipped).write_bytes(content)
    shelf.file(gone).unlink()
    strange = [
        folder / "notes.txt",
        folder / f"{uuid7(SystemClock().now())}.seg",
        folder.parent / "lost+found" / "x",
    ]
    misplaced = folder / f"{uuid7(SystemClock().now())}.seg"
    for path in strange:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"not ours")
    misplaced.write_bytes(shelf.file(whole).read_bytes())

    named = {
        shelf.file(cut).name: "size", shelf.file(gone).name: "hole", "notes.txt": "foreign",
        strange[1].name: "foreign", "lost+found": "foreign", misplaced.name: "foreign",
    }  # fmt: skip
    status, said, _ = await checked(city)
    assert (status, kinds(said)) == (WRONG, named)
    status, said, _ = await checked(city, deep=True)
    assert (status, kinds(said)) == (WRONG, named | {shelf.file(flipped).name: "hash"})


async def test_of_an_orphan_that_broke_off_what_opens_is_put_back_and_it_stays_named(
    city: Block, rule: int, owner_dsn: str, clips: Path
) -> None:
    shelf = await Shelf.make(city, owner_dsn, rule)
    torn, *_ = await shelf.record(street(clips))
    before = {row["id"]: row for row in await index_of(owner_dsn)}
    await rows(owner_dsn, f"delete from segment where id = '{torn.id}'")
    with shelf.file(torn).open("r+b") as file:
        file.truncate(torn.size - 10)
    status, (said,), _ = await checked(city, rebuild=True)
    assert (status, said["what"], said["restored"]) == (WRONG, "damaged", True)
    assert kinds([said]) == {shelf.file(torn).name: "damaged"}
    after = {row["id"]: row for row in await index_of(owner_dsn)}
    assert after.keys() == before.keys()
    assert 0 < after[torn.id]["size"] < before[torn.id]["size"]
    assert after[torn.id]["ended_at"] < before[torn.id]["ended_at"]


async def test_no_row_comes_back_past_a_destroyed_key_a_fence_a_missing_key_or_an_unknown_camera(
    city: Block, rule: int, owner_dsn: str, clips: Path
) -> None:
    clip = street(clips)
    shelves = {
        name: await Shelf.make(city, owner_dsn, rule, name) for name in ("lost", "keyless", "unknown", "kept")
    }
    for name, shelf in shelves.items():
        # Epoch 1 lost its camera to epoch 2 an hour ago, before any of this was recorded.
        await shelf.record(clip, epoch=EPOCH - (name == "lost"), indexed=False)
    day = shelves["kept"].segments[0].label.day
    await rows(owner_dsn, f"delete from camera_assignment where camera_id = '{shelves['unknown'].camera}'")
    (key,) = (city.data / "keystore").rglob(f"{shelves['keyless'].camera}.key")
    key.unlink()
    status, said, _ = await checked(city, rebuild=True)
    found: dict[UUID | None, set[str]] = {}
    for one in said:
        found.setdefault(one["camera"], set()).add(one["what"] + (" restored" if one["restored"] else ""))
    assert status == WRONG and found == {
        outside("camera", shelves["lost"].camera): {"lost"},
        outside("camera", shelves["keyless"].camera): {"no_key"},
        outside("camera", shelves["unknown"].camera): {"unknown_camera"},
        outside("camera", shelves["kept"].camera): {"orphan restored"},
    }
    assert {row["camera_id"] for row in await index_of(owner_dsn)} == {shelves["kept"].camera}

    await rows(owner_dsn, "delete from segment")
    city.keystore.destroy(rule, day, city.web.parts.clock.now(), spared=frozenset({shelves["kept"].camera}))
    _, said, summary = await checked(city, rebuild=True)
    assert summary["summary"]["restored"] == len(shelves["kept"].segments)  # held: its key was spared
    assert summary["wrong"].keys() == {"forgotten"}
    await rows(owner_dsn, "delete from segment")
    city.keystore.destroy(rule, day, city.web.parts.clock.now())
    status, said, summary = await checked(city, rebuild=True)
    (one,) = said
    assert (status, one["what"], summary["summary"]["restored"]) == (WRONG, "forgotten", 0)
    assert one["detail"].startswith("12 files") and await index_of(owner_dsn) == []


async def test_footage_that_two_recorders_claim_is_put_back_of_the_later_epoch_alone(
    city: Block, rule: int, owner_dsn: str, clips: Path
) -> None:
    """Cut off, the first wrote on after the second had taken the camera; a third has it since. The first's spool was lost."""
    shelf = await Shelf.make(city, owner_dsn, rule)
    began = shelf.began
    first = await shelf.record(street(clips), epoch=EPOCH - 1, indexed=False)
    shelf.began = began
    second = await shelf.record(street(clips), indexed=False)
    await rows(owner_dsn, f"update camera_assignment set epoch = {EPOCH + 1}, taken_at = now()")
    status, said, _ = await checked(city, rebuild=True)
    assert status == WRONG
    assert kinds([one for one in said if not one["restored"]]) == {
        shelf.file(one).name: "lost" for one in first
    }
    assert {row["id"] for row in await index_of(owner_dsn)} == {one.id for one in second}


async def test_a_bucket_is_checked_as_a_directory_is_and_one_that_is_away_is_not_called_well(
    center: CenterMaker, tmp_path: Path, sockets: Path, bucket: Bucket, clips: Path, owner_dsn: str
) -> None:
    async with block(center, tmp_path, sockets, kept=bucket.settings()) as city:
        shelf = await Shelf.make(city, owner_dsn, await the_rule(city, owner_dsn))
        segments = await shelf.record(street(clips))
        assert (await checked(city, deep=True))[0] == WELL
        await rows(owner_dsn, f"delete from segment where id <> '{segments[0].id}'")
        status, said, summary = await checked(city, rebuild=True)
        assert (status, summary["summary"]["restored"]) == (WELL, len(segments) - 1)
        await city.objects.delete(said[0]["where"])
        assert kinds((await checked(city))[1]) == {said[0]["where"].rsplit("/", 1)[-1]: "hole"}
        bucket.stop()
        status, _, summary = await checked(city)
        assert status == NOT_ALL and summary["broke_off"]


def test_a_person_is_told_what_it_means_and_what_to_do_once_for_each_kind() -> None:
    assert SENTENCES.keys() == set(Wrong)
    lines: list[str] = []
    terminal = Terminal(False, lines.append, lambda _: None)
    for n in range(30):
        terminal.found(Found(Wrong.HOLE, f"footage/r1/{n}", uuid7(SystemClock().now())))
    assert len(lines) == 21 and lines[0] == "hole of a camera that was removed: footage/r1/0"
    tally = Tally(days=1, files=2, wrong=terminal.told)
    terminal.day(1, date(2026, 11, 22), tally)
    terminal.end(tally, Wish())
    assert lines[21].startswith("\n30 x hole: A row of the index whose file is not there.")
    assert "--deep reads every file" in lines[22]
    with pytest.raises(Invalid, match="2026-13-01 is no day"):
        wish(deep=False, rebuild=False, day="2026-13-01", camera=None)
