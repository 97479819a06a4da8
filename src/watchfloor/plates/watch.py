"""What a watch looks for in coming reads, and whether a read answers to it. Pure.

A watch names a part of a plate or describes a vehicle: it fits many cars, so what answers is a possible hit and never more.
It is no list of plates: a whole plate belongs on a hot list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NewType
from uuid import UUID

from watchfloor.governance.words import Purpose
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.plates.model import Mismatch, PlateRead, ReaderId, folded
from watchfloor.plates.sought import How, Sought, sought
from watchfloor.plates.where import Where, holds

WatchId = NewType("WatchId", UUID)

SHIFT: Final = timedelta(hours=8)
MOST_READERS: Final = 500
LOOKS_BACK: Final = timedelta(days=7)
_WORD: Final = 40
_WILD: Final = frozenset("?*")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch looks for: a `pattern` with ? and *, or words of a vehicle as readers say them, or both; and where and when.

    `hours` are whole hours of the agency's clock, from the first up to and not including the second, across midnight where the
    first is the later. Raises Invalid or BadPlate for what makes no sense or would answer to nearly everything.
    """

    pattern: str | None = None
    state: str | None = None
    colour: str | None = None
    make: str | None = None
    body: str | None = None
    where: Where | None = None
    readers: tuple[ReaderId, ...] = ()
    hours: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.pattern is not None:
            _pattern(self.pattern)
        for name in ("colour", "make", "body"):
            word = getattr(self, name)
            if word is not None and not 1 <= len(word) <= _WORD:
                raise Invalid(f"Say the {_NAMES[name]} in a word or two.", reason=name)
        if self.pattern is None and not self.words:
            raise Invalid(
                "Say a part of the plate, or describe the vehicle by colour, make or kind.", reason="pattern"
            )
        if self.pattern is None and self.where is None and not self.readers:
            raise Invalid(
                "Without a part of the plate this would answer to every such car there is.",
                reason="where",
                next_step="Say where it is looked for: an area, a route, a place, or readers.",
            )
        if len(self.readers) > MOST_READERS:
            raise Invalid(f"At most {MOST_READERS} readers are named.", reason="readers")
        if self.hours is not None and (
            self.hours[0] == self.hours[1] or not all(0 <= hour <= 23 for hour in self.hours)
        ):
            raise Invalid("Hours go from 0 to 23, and the two differ.", reason="hours")

    @property
    def words(self) -> dict[str, str]:
        """What is said of the vehicle, by what it is said of, in small letters."""
        said = {"colour": self.colour, "make": self.make, "body": self.body}
        return {name: word.lower() for name, word in said.items() if word}

    @property
    def sought(self) -> Sought | None:
        """How such plates are looked up; characters that look alike count as one."""
        return None if self.pattern is None else sought(self.pattern, How.ALIKE)

    @property
    def sentence(self) -> str:
        """What is looked for, in words, as people read it."""
        plate = [] if self.pattern is None else [f"plates like {self.pattern}"]
        of = [] if self.state is None else [f"of {self.state}"]
        words = " ".join(word for word in (self.colour, self.make, self.body) if word)
        parts = [" ".join(plate + of)] if plate else []
        parts += [words] if words else []
        parts += of if not plate else []
        if self.where is not None:
            parts.append(_PLACES[self.where.kind])
        if self.readers:
            parts.append(f"at {len(self.readers)} named reader{'' if len(self.readers) == 1 else 's'}")
        if self.hours is not None:
            parts.append(f"from {self.hours[0]:02}:00 to {self.hours[1]:02}:00")
        return ", ".join(parts)


_NAMES: Final = {"state": "state", "colour": "colour", "make": "make", "body": "kind of vehicle"}
_PLACES: Final = {"area": "in a drawn area", "route": "along a drawn route", "near": "near a place"}


def pattern_of(raw: str) -> str:
    """A pattern in its one form. Raises BadPlate, or Invalid for a whole plate or for what would fit nearly everything."""
    if not _WILD.intersection(raw):
        raise Invalid(
            "A watch is for a part of a plate: ? stands for one character, * for any number.",
            reason="pattern",
            next_step="A whole plate is a hot-list entry: propose it there.",
        )
    try:
        like = sought(raw, How.EXACT).strict or ""
    except Invalid as error:
        raise Invalid(error.detail, reason="pattern", next_step=error.next_step) from error
    return like.replace("_", "?").replace("%", "*")


def _pattern(text: str) -> None:
    if pattern_of(text) != text:
        raise Invalid("The pattern is not in its one form.", reason="pattern")


@dataclass(frozen=True, slots=True)
class Expected:
    """How many of the reads of the `hours` before would have answered; None where nothing was read that could have."""

    reads: int | None
    hours: float

    @property
    def per_shift(self) -> float | None:
        """So many hits a shift of eight hours, if it goes on like that."""
        if self.reads is None:
            return None
        shift = SHIFT.total_seconds() / 3600
        # Less than a shift says nothing of how it goes on.
        return self.reads * shift / max(self.hours, shift)

    @property
    def sentence(self) -> str:
        """For who decides."""
        per_shift = self.per_shift
        if self.reads is None or per_shift is None:
            return "Nothing was read there in the last week, so how many hits to expect is not known."
        days, hours = divmod(round(self.hours), 24)
        length = f"{days} days" if days > 1 else f"{round(self.hours)} hours"
        if days > 1 and hours >= 12:
            length = f"{days + 1} days"
        many = "One read" if self.reads == 1 else f"{self.reads:,} reads"
        shown = f"{per_shift:.1f}" if per_shift < 10 else f"{per_shift:.0f}"
        return f"{many} of the last {length} would have answered: about {shown} a shift of eight hours."


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch that two persons put in force: for what, for which case, until when, how many hits a shift it may bring."""

    id: WatchId
    watched: Watched
    case: UUID
    purpose: Purpose
    reason: str
    started_at: datetime
    expires_at: datetime
    expected: Expected
    most_per_shift: int
    counted_from: datetime
    proposed_by: UUID
    approved_by: UUID
    paused_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    withdrawn_why: str | None = None
    version: int = field(default=1)

    def answers_at(self, now: datetime) -> bool:
        """Whether it looks at reads at all: not withdrawn, not paused, not over."""
        return self.withdrawn_at is None and self.paused_at is None and self.expires_at > now


@dataclass(frozen=True, slots=True)
class Answers:
    """A read answers; `strict` is false where it does only because alike characters count as one."""

    strict: bool
    reason: str


def answer(watched: Watched, read: PlateRead, at: Point, zone: tzinfo) -> Answers | Mismatch:
    """Whether a read answers to a watch; `at` is where its reader was.

    With a pattern, what the reader does not say excludes nothing and is named. Without one everything must be said.
    """
    plate, strict = "", True
    if watched.pattern is not None:
        if not _regex(folded(watched.pattern)).fullmatch(read.plate.folded):
            return Mismatch("another plate")
        strict = _regex(watched.pattern).fullmatch(read.plate.text) is not None
        plate = "the plate fits" + ("" if strict else " when characters that look alike count as one")
    vehicle = read.vehicle
    said = {"colour": vehicle.colour, "make": vehicle.make, "body": vehicle.body}
    wanted = watched.words | ({"state": watched.state} if watched.state else {})
    agree: list[str] = []
    unsaid: list[str] = []
    for name, word in wanted.items():
        told = read.state if name == "state" else (said[name] or "").lower()
        if told and told != word:
            return Mismatch(f"another {_NAMES[name]}")
        if not told and watched.pattern is None:
            return Mismatch(f"the {_NAMES[name]} was not said")
        (agree if told else unsaid).append(_NAMES[name])
    if not _there(watched, read, at) or not _then(watched, read, zone):
        return Mismatch("elsewhere, or at another time")
    parts = [plate] if plate else []
    parts += [f"{_and(agree)} agree{'' if len(agree) > 1 else 's'}"] if agree else []
    parts += [f"{_and(unsaid)} not said by the reader"] if unsaid else []
    return Answers(strict, "; ".join(parts))


def _there(watched: Watched, read: PlateRead, at: Point) -> bool:
    if watched.readers and read.device not in watched.readers:
        return False
    return watched.where is None or holds(watched.where, at)


def _then(watched: Watched, read: PlateRead, zone: tzinfo) -> bool:
    if watched.hours is None:
        return True
    first, last = watched.hours
    hour = read.at.astimezone(zone).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("?", ".").replace("*", ".*"))
