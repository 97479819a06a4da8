"""The cursor of a list: what it holds comes back as it was, and what no page gave is refused, whatever it holds."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from watchfloor.kit.pages import Cut, Extent
from watchfloor.storage.classes import READ
from watchfloor.storage.database import Database
from watchfloor.storage.pages import NotWhereAPageEnded, Order
from watchfloor.storage.tx import Row, Tx

ORDER = Order(
    "things", (("at", "timestamptz"), ("id", "uuid"), ("name", "text"), ("n", "bigint"), ("over", "boolean"))
)
ROW = {
    "at": datetime(2026, 3, 1, tzinfo=UTC),
    "id": UUID(int=7),
    "name": "Élan",
    "n": -(2**63),
    "over": False,
}
GOOD = ["2026-03-01T00:00:00.000000Z", str(UUID(int=7)), "Élan", 1, True]


def cursor(name: object, *keys: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, *keys]).encode()).decode().rstrip("=")


def test_a_cursor_says_the_sort_key_of_the_last_row() -> None:
    following = ORDER.cut([ROW, ROW], Extent(1)).following
    assert ORDER.params(Extent(1, following)) == {"most": 2} | {
        f"key_{name}": key for name, key in ROW.items()
    }


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (0, "9999-12-31T23:59:59-23:59"),
        (0, "0001-01-01T00:00:00+23:59"),
        (0, "2026-03-01T00:00:00"),
        (0, 5),
        (1, "x"),
        (1, None),
        (2, "a\0"),
        (2, "\ud800"),
        (3, 2**63),
        (3, 1.5),
        (3, True),
        (4, 0),
        (4, None),
    ],
)
def test_a_cursor_that_holds_what_no_row_has_is_refused(place: int, wrong: object) -> None:
    assert ORDER.params(Extent(5, cursor("things", *GOOD)))["key_n"] == 1
    keys = [*GOOD[:place], wrong, *GOOD[place + 1 :]]
    for said in (cursor("things", *keys), cursor("others", *GOOD), cursor("things", *GOOD, 1)):
        with pytest.raises(NotWhereAPageEnded):
            ORDER.params(Extent(5, said))


AT, AGENCY = datetime(2026, 3, 1, tzinfo=UTC), UUID(int=1)
BY_ID = Order("people", (("name", "text"), ("id", "uuid")), by_id=True)


@pytest.mark.parametrize("down", [False, True])
async def test_a_page_goes_on_from_where_a_row_would_have_stood_that_is_gone(
    database: Database, down: bool
) -> None:
    """The cursor says no name. Without its row the page begins where that would have stood, also where it was the first or the last."""
    order = replace(BY_ID, down=down)
    there = ["Ada", "Ben", "Cy", "Dot", "Eve"]

    async def page(people: list[str], extent: Extent | None) -> Cut[Row]:
        rows = "select name, uuid_in(md5(name)::cstring) as id from unnest(%(people)s::text[]) as of_people (name)"
        async with database.transaction(agency=AGENCY, mode=READ) as connection:
            tx = Tx(connection, AGENCY, AT, None, AGENCY, frozenset(), "a test")
            return await tx.fetch_page(rows, order, extent, people=people)

    whole = [row["name"] for row in (await page(there, None)).items]
    assert whole == sorted(there, reverse=down)
    for first in range(1, 5):
        cut = await page(there, Extent(first))
        assert cut.following is not None and "Ada" not in base64.b64decode(cut.following + "==").decode()
        for gone in (None, whole[first - 1]):
            rest = await page([name for name in there if name != gone], Extent(5, cut.following))
            assert [row["name"] for row in rest.items] == whole[first:], (first, gone)
