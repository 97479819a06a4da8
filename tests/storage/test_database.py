"""Transactions on a real PostgreSQL."""

from __future__ import annotations

from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database


async def test_the_application_reads_as_itself(database: Database) -> None:
    async with database.transaction(mode=READ) as connection:
        row = await (
            await connection.execute("select current_user as me, count(*) as n from person")
        ).fetchone()
    assert row == {"me": "wf_app", "n": 0}
