"""Arrays made by numpy arrive in the database as they are."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from watchfloor.storage import packed
from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database


async def test_numbers_and_times_arrive_as_they_are_and_none_of_them_as_none(database: Database) -> None:
    ask = "select %s::int[] as a, %s::bigint[] as b, %s::real[] as c, %s::timestamptz[] as d, %s::bigint[] as none"
    at = datetime(2026, 11, 22, 21, 0, 0, 123457, tzinfo=UTC)
    given = (
        packed.int4s(np.array([1, -7, 2**31 - 1], np.int32)),
        packed.int8s(np.array([0, 1 << 59], np.uint64)),
        packed.float4s(np.array([0.5, np.nan])),
        packed.times(np.array([0, int(at.timestamp()) * 1_000_000 + at.microsecond])),
        packed.int8s(np.empty(0, np.int64)),
    )
    async with database.transaction(mode=READ) as connection:
        row = await (await connection.execute(ask, given)).fetchone()
    assert row is not None
    assert (row["a"], row["b"], row["none"]) == ([1, -7, 2**31 - 1], [0, 1 << 59], [])
    assert row["c"][0] == 0.5 and np.isnan(row["c"][1])
    assert row["d"] == [datetime(1970, 1, 1, tzinfo=UTC), at]
