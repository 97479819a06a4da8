"""A list in pages: what part of it is asked for, and what of it there is. It knows no SQL; `storage/pages.py` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Depends, Query

T = TypeVar("T")
U = TypeVar("U")

USUAL: Final = 100
MOST: Final = 500
LONGEST_CURSOR: Final = 2000


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a list is asked for, and where it goes on: the `next` of the page before."""

    limit: int
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """A part of a list, or all of it; `following` is the cursor of what comes after, None where nothing does."""

    items: list[T]
    following: str | None = None

    def of(self, form: Callable[[T], U]) -> Cut[U]:
        """The same part, each item in another form."""
        return Cut([form(item) for item in self.items], self.following)


def _extent(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many items at most.")] = USUAL,
    after: Annotated[
        str | None, Query(max_length=LONGEST_CURSOR, description="The `next` of the page before.")
    ] = None,
) -> Extent:
    return Extent(limit, after)


InPages = Annotated[Extent, Depends(_extent)]
"""The parameters `limit` and `after` of a route that gives a list."""
