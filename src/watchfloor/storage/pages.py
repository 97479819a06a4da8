"""The order of a list, and its pages by keyset: a page begins after the sort key of the last row of the page before.

So a row that comes, changes or goes between two pages neither skips nor doubles another. A cursor is that sort key, and
it is compared with the asker's own rows alone: whose it was tells nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString, TypeVar
from uuid import UUID

from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.extent import Cut, Extent

T = TypeVar("T", bound=Mapping[str, Any])
_PLACE: Final[LiteralString] = "place_in_list"


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text")
    value.encode()  # what is no UTF-8 the database does not take
    return value


def _number(value: object) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError("no number")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("no flag")
    return value


_READ: Final[Mapping[str, Callable[[object], object]]] = {
    "timestamptz": lambda value: parse_rfc3339(_text(value)),
    "uuid": lambda value: UUID(_text(value)),
    "text": _text,
    "bigint": _number,
    "boolean": _flag,
}


@dataclass(frozen=True, slots=True)
class Order:
    """The columns that a list is sorted by, each with its type, all one way; together they are no two rows' the same.

    `name` is the list's: the cursor of another one is refused. With `by_id` the cursor holds the last column and how many rows
    there were up to it, for what is sorted by something that belongs into no address; when that row is gone the page begins
    after as many rows as there were before it.
    """

    name: str
    columns: tuple[tuple[LiteralString, LiteralString], ...]
    down: bool = False
    by_id: bool = False

    def sql(self, rows: LiteralString, extent: Extent | None) -> LiteralString:
        """The statement for a part of these rows, or for all of them in their order."""
        if self.by_id:
            return self._sql_by_id(rows, extent)
        names = ", ".join(name for name, _ in self.columns)
        said = "select * from (" + rows + ") as listed"  # noqa: S608  # of text that stands in the code
        if extent is not None and extent.after is not None:
            place = ", ".join(f"%(key_{name})s::{kind}" for name, kind in self._marks)
            said += f" where ({names}) {'<' if self.down else '>'} ({place})"
        said += " order by " + ", ".join(name + (" desc" if self.down else "") for name, _ in self.columns)
        return said if extent is None else said + " limit %(most)s"

    def _sql_by_id(self, rows: LiteralString, extent: Extent | None) -> LiteralString:
        ((key, kind), _) = self._marks
        order = ", ".join(name + (" desc" if self.down else "") for name, _ in self.columns)
        said = (
            f"with listed as (select *, row_number() over (order by {order}) as {_PLACE} from ({rows}) as of_rows)"  # noqa: S608  # of text that stands in the code
            " select * from listed"
        )
        if extent is not None and extent.after is not None:
            found = f"select {_PLACE} from listed where {key} = %(key_{key})s::{kind}"  # noqa: S608  # the same
            said += f" where {_PLACE} > coalesce(({found}), %(key_{_PLACE})s::bigint - 1)"
        said += f" order by {_PLACE}"
        return said if extent is None else said + " limit %(most)s"

    def params(self, extent: Extent | None) -> dict[str, object]:
        """What the statement needs besides what the rows need. Raises Invalid for a cursor that is none of this list."""
        if extent is None:
            return {}
        # One more than asked for: it says whether anything follows.
        found: dict[str, object] = {"most": extent.limit + 1}
        if extent.after is not None:
            keys = zip(self._marks, self._keys(extent.after), strict=True)
            found |= {f"key_{name}": key for (name, _), key in keys}
        return found

    def part_of(self, rows: Sequence[T], extent: Extent) -> Cut[T]:
        """The page of rows that are all there, in their order. Raises Invalid for a cursor that is none of them."""
        if extent.after is None:
            return self.cut(rows, extent)
        keys = self._keys(extent.after)
        at = [n for n, row in enumerate(rows, 1) if [row[name] for name, _ in self._marks] == keys]
        if not at:
            raise NotWhereAPageEnded()
        return self.cut(rows[at[0] :], extent)

    @property
    def _marks(self) -> tuple[tuple[LiteralString, LiteralString], ...]:
        """What a cursor holds."""
        return (*self.columns[-1:], (_PLACE, "bigint")) if self.by_id else self.columns

    def cut(self, rows: Sequence[T], extent: Extent | None) -> Cut[T]:
        """The page that the statement's rows are."""
        if extent is None or len(rows) <= extent.limit:
            return Cut(list(rows))
        kept = list(rows[: extent.limit])
        return Cut(kept, self._cursor(kept[-1]))

    def _cursor(self, row: Mapping[str, Any]) -> str:
        keys = [_said(row[name]) for name, _ in self._marks]
        text = json.dumps([self.name, *keys], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _keys(self, after: str) -> list[object]:
        try:
            said = json.loads(
                base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True)
            )
            name, *keys = said if isinstance(said, list) and said else [None]
            if name != self.name or len(keys) != len(self._marks):
                raise ValueError("another list's")
            return [_READ[kind](key) for (_, kind), key in zip(self._marks, keys, strict=True)]
        except (ValueError, binascii.Error, RecursionError) as error:
            raise NotWhereAPageEnded() from error


class NotWhereAPageEnded(Invalid):
    """A cursor that no page of this list gave."""

    def __init__(self) -> None:
        super().__init__(
            "`after` is not where a page of this list ended.",
            reason="after",
            next_step="Give it the `next` of the page before, or leave it out to begin anew.",
        )


def _said(key: object) -> object:
    match key:
        case datetime():
            return rfc3339(key)
        case UUID():
            return str(key)
        case _:
            return key
