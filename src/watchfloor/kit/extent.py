"""A list in parts: what part of it is asked for, and what of it there is. It knows no SQL and no HTTP; `pages.py` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


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
