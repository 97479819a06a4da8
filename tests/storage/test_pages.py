"""The cursor of a list: what it holds comes back as it was, and what no page gave is refused, whatever it holds."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from watchfloor.kit.pages import Extent
from watchfloor.storage.pages import NotWhereAPageEnded, Order

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
