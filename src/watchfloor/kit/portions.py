"""A sequence in portions that are not too large. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def portions(items: Sequence[T], weight: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """The items in their order, in portions of at most so much weight; one that is heavier by itself is a portion."""
    portion: list[T] = []
    taken = 0
    for item in items:
        heavy = weight(item)
        if portion and taken + heavy > most:
            yield portion
            portion, taken = [], 0
        portion.append(item)
        taken += heavy
    if portion:
        yield portion
