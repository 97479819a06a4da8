"""For what cannot be missing: the type says it may be, the logic says it is not. Never for input."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def sure(value: T | None, what: str = "a row that was just written") -> T:
    """The value. Raises AssertionError, which is our own bug, when there is none."""
    if value is None:
        raise AssertionError(f"{what} is missing")
    return value
