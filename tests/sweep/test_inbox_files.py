"""The oldest file in a reader's folder is among what is proven: by when it came, whatever it says itself."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import psycopg

from tests.sweep.conftest import Night
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import SystemClock
from watchfloor.sweep.inbox_files import InboxFiles

READER, ELSEWHERE = UUID(int=0x0189 << 112 | 5), UUID(int=0x0189 << 112 | 6)


async def registered(night: Night) -> None:
    async with await psycopg.AsyncConnection.connect(night.dsns.owner) as owner:
        await owner.execute(
            "insert into reader (id, agency_id, name, technology, place, lat, lon, created_at, created_by, version)"
            " values (%s, %s, 'North', 'plate_reader', '', 38.6, -90.2, %s, %s, 1)",
            (READER, night.agency, night.clock.now(), READER),
        )


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"plate\nQZ0120\n")
    os.utime(path, (0, 0))  # as a server for SFTP leaves it, which keeps the sender's times


async def test_the_oldest_file_of_a_readers_folder_is_proven_by_when_it_came(
    night: Night, tmp_path: Path
) -> None:
    root, today = tmp_path / "inbox", SystemClock().now().date()
    files, own = InboxFiles(night.door, root), outside("reader", READER)
    assert await files.oldest(night.agency, []) == {}  # there is no folder yet
    await registered(night)
    put(root / outside("reader", ELSEWHERE) / "csv" / "theirs.csv")
    put(root / own / "csv.json")
    assert await files.oldest(night.agency, []) == {}  # another agency's, and what says how tables are read
    for path in (f"{own}/csv/waits.csv", f"failed/{own}.csv/bad.csv", f"taking/{own}.csv/now.csv"):
        put(root / path)
        assert await files.oldest(night.agency, []) == {None: today}
        (root / path).unlink()
    assert await files.oldest(night.agency, []) == {}
