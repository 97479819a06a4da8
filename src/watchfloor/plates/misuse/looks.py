"""How many watches and searches for co-travellers there were, as the log tells it: anybody who has the log can count the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

IN_FORCE: Final = "plate_watch.in_force"
OVER: Final = frozenset({"plate_watch.withdrawn", "plate_watch.ended"})
FOUND: Final = "co_travel.found"


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the log about a watch or a search: `ends_at` of a watch put in force, `companions` of a search that was made."""

    about: UUID
    at: datetime
    word: str
    ends_at: datetime | None = None
    companions: int = 0


@dataclass(frozen=True, slots=True)
class Looks:
    """Of a time: how often each thing was written down, how many watches reached their end, and how many companions were told."""

    counted: Mapping[str, int]
    expired: int
    companions: int

    def of(self, word: str) -> int:
        """How often this was written down."""
        return self.counted.get(word, 0)


def expired(told: Sequence[Told], since: datetime, until: datetime) -> int:
    """How many watches reached their end between two times, neither withdrawn nor over with their case before.

    `told` reaches back as far as a watch may have begun.
    """
    over: dict[UUID, datetime] = {}
    for one in told:
        if one.word in OVER:
            over[one.about] = min(one.at, over.get(one.about, one.at))
    return sum(
        1
        for one in told
        if one.word == IN_FORCE
        and one.ends_at is not None
        and since <= one.ends_at < until
        and over.get(one.about, one.ends_at) >= one.ends_at
    )


def companions(told: Sequence[Told], since: datetime, until: datetime) -> int:
    """How many vehicles were told as co-travellers between two times."""
    return sum(one.companions for one in told if one.word == FOUND and since <= one.at < until)
