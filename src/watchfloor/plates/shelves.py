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


async def shelved(objects: Objects, agency: UUID, name: str, shelves: Sequence[Shelf] = SHOWN) -> bytes:
    """The picture of that name, from the first of these shelves that has it. Raises NotFound or Unavailable."""
    for shelf in shelves[:-1]:
        try:
            return await objects.get(key_of(agency, name, shelf))
        except NotFound:
            continue
    return await objects.get(key_of(agency, name, shelves[-1]))
