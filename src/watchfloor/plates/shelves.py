"""Finds a picture on the shelves that it may lie on. It forgets none; the sweep does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from watchfloor.kit.errors import NotFound
from watchfloor.plates.picture import Shelf, key_of
from watchfloor.storage.objects import Objects

# What may be shown: a picture of a hit first, that of a read that is kept for minutes last.
SHOWN: Final = (Shelf.KEPT, Shelf.BRIEF)


NO_PICTURE: Final = "There is no picture: the reader sent none, or none that may be kept."


def named(picture: str | None) -> str:
    """The name of a read's picture. Raises NotFound (reason `no_picture`) where it has none."""
    if picture is None:
        raise NotFound(NO_PICTURE, reason="no_picture")
    return picture


def picture_gone() -> NotFound:
    """What is said of a picture that was named and lies nowhere."""
    return NotFound("The picture is not there (any more).", reason="no_picture")


async def shelved(objects: Objects, agency: UUID, name: str, shelves: Sequence[Shelf] = SHOWN) -> bytes:
    """The picture of that name, from the first of these shelves that has it. Raises NotFound or Unavailable."""
    for shelf in shelves[:-1]:
        try:
            return await objects.get(key_of(agency, name, shelf))
        except NotFound:
            continue
    return await objects.get(key_of(agency, name, shelves[-1]))
