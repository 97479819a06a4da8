"""What a canary is, and what the looks at it say: an invented read that is planted to see that nothing of it is left. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, Self
from uuid import UUID

from watchfloor.governance.keep import said
from watchfloor.plates.model import Plate, ReaderId
from watchfloor.storage.streams import TRANSIENT_FOR

Place = Literal["row", "picture", "stream", "files"]
# Where it may lie, in words.
PLACES: Final[Mapping[Place, str]] = {
    "row": "the table of reads",
    "picture": "the pictures",
    "stream": "the bus",
    "files": "files of the spool, the inbox, the bus or the logs",
}
_INDEX_OF_PICTURES: Final = "the index of pictures"
# Matched within this or never: what is never stored is then looked for among what is.
_MATCHED: Final = timedelta(seconds=20)


class Stands(NamedTuple):
    """What a canary stands for: reads that are kept so many minutes, 0 for never stored; or the pictures alone, of reads of days."""

    minutes: int
    pictures: bool = False

    @property
    def name(self) -> str:
        """What it is called among figures and where it is kept: “3”, “3 pictures”."""
        return f"{self.minutes} pictures" if self.pictures else str(self.minutes)

    @classmethod
    def named(cls, name: str) -> Self:
        """The one of that name. Raises ValueError."""
        minutes, _, of = name.partition(" ")
        return cls(int(minutes), of == "pictures")

    @property
    def kept(self) -> str:
        """Of what, and how long: “reads kept 3 minutes”."""
        return (
            f"{self._what} kept {said(timedelta(minutes=self.minutes))}"
            if self.minutes
            else f"{self._what} never stored"
        )

    @property
    def words(self) -> str:
        """The same to stand in a sentence."""
        how = f"are kept {said(timedelta(minutes=self.minutes))}" if self.minutes else "are never stored"
        return f"{self._what} that {how}"

    @property
    def _what(self) -> str:
        return "pictures" if self.pictures else "reads"


@dataclass(frozen=True, slots=True)
class Canary:
    """An invented read. `gone_s` is after how many seconds it was first found gone from each of `PLACES`, `arrived` whether it was
    ever found in the table (of pictures: in their index), `fault` what is wrong, in a sentence.
    """

    id: UUID
    reader: ReaderId
    stands: Stands
    picture: str
    planted_at: datetime
    arrived: bool = False
    gone_s: Mapping[Place, int] = field(default_factory=dict)
    fault: str | None = None

    @property
    def source_key(self) -> str:
        """What no other read is called."""
        return f"canary-{self.id}"

    @property
    def plate(self) -> Plate:
        """Twelve characters, which no state issues, other ones for each."""
        return Plate("ZZ" + base64.b32encode(self.id.bytes[-7:]).decode()[:10])

    @property
    def promise(self) -> timedelta:
        """When nothing of it may be left: of what is never stored as long as it may wait."""
        return timedelta(minutes=self.stands.minutes) if self.stands.minutes else TRANSIENT_FOR

    def worth_a_look(self, now: datetime) -> bool:
        """Whether anything can have changed: soon after it was planted, and about its end."""
        age = now - self.planted_at
        return not self.arrived or age < timedelta(minutes=1) or age > self.promise - timedelta(minutes=1)


def place_of(canary: Canary, place: Place) -> str:
    """A place where it may lie, in words."""
    return _INDEX_OF_PICTURES if canary.stands.pictures and place == "row" else PLACES[place]


def after(canary: Canary, there: Mapping[Place, bool], now: datetime) -> Canary:
    """What is known of it after a look, which found it in the places that are true in `there`."""
    age = now - canary.planted_at
    arrived = canary.arrived or there["row"]
    gone = {place: s for place, s in canary.gone_s.items() if not there.get(place)}
    for place, is_there in there.items():
        if not is_there and (place != "row" or arrived or not canary.stands.minutes):
            gone.setdefault(place, int(age.total_seconds()))
    seen = replace(canary, arrived=arrived, gone_s=gone)
    return replace(seen, fault=_fault(seen, there, age))


def _fault(canary: Canary, there: Mapping[Place, bool], age: timedelta) -> str | None:
    if not canary.stands.minutes and there["row"]:
        return f"A canary of {canary.stands.words} was stored."
    left = [place_of(canary, place) for place, is_there in there.items() if is_there]
    if age <= canary.promise:
        return None
    if left:
        return f"A canary of {canary.stands.words} is still there after {int(age.total_seconds())} seconds: in {', '.join(left)}."
    late = max(canary.gone_s.values(), default=0)
    if late > canary.promise.total_seconds():
        return f"A canary of {canary.stands.words} was found gone only after {late} seconds."
    if canary.stands.minutes and not canary.arrived:
        return f"A canary of {canary.stands.words} never came where it should: nothing is proven of them."
    return None


def is_over(canary: Canary, there: Mapping[Place, bool], now: datetime) -> bool:
    """Whether it need not be looked for any more: it was there, and is nowhere; or it never came in its time."""
    age = now - canary.planted_at
    waited = age > canary.promise or (age > _MATCHED if not canary.stands.minutes else canary.arrived)
    return waited and not any(there.values())
