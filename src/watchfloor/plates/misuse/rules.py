"""Which look-ups are flagged: of plates of staff and their households, and again and again without a result. Pure.

It knows no plate: only keyed hashes, of which two are the same where the folded plates are. A flag accuses nobody; it asks for a
review outside the room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.plates.criteria import Criteria
from watchfloor.plates.model import Plate, folded
from watchfloor.plates.sought import How, plain_pattern

# A pattern that finds so few cars was aimed at one of them.
FEW: Final = 3


class Relation(StrEnum):
    """Whose a registered plate is: of the person's own car, or of one of the household."""

    OWN = "own"
    HOUSEHOLD = "household"


class Flag(StrEnum):
    """Why a look-up is reviewed; `sample` is no flag but the draw."""

    OWN = "own_plate"
    HOUSEHOLD = "household_plate"
    COLLEAGUE = "colleague_plate"
    REPEATED = "repeated"


SAMPLE: Final = "sample"


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many sittings without a result within how long a look-up is flagged; what is closer together is one sitting."""

    repeats: int
    within: timedelta
    sitting: timedelta


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look-up, as keyed hashes have it. `answered`: somebody had entered the plate on a hot list."""

    id: UUID
    person: UUID
    at: datetime
    case: UUID | None
    plates: frozenset[bytes]
    answered: bool
    flags: frozenset[Flag] = frozenset()


@dataclass(frozen=True, slots=True)
class Registered:
    """That a plate is registered as one of this person's cars."""

    person: UUID
    relation: Relation


def aimed_at(criteria: Criteria, found: Iterable[str]) -> frozenset[str]:
    """The folded plates, and the folded pattern, that a search was aimed at; `found` are the folded plates of what it found.

    A search of a place alone is aimed at no plate.
    """
    text = criteria.plate
    if text is None:
        return frozenset()
    whole = not {"?", "*"} & set(text)
    sought = frozenset({Plate.of(text).folded if whole else folded(plain_pattern(text))})
    if whole and criteria.how is not How.FUZZY:
        return sought
    cars = frozenset(found)
    return sought | cars if len(cars) <= FEW else sought


def flags_of(
    this: LookUp, registered: Iterable[Registered], earlier: Sequence[LookUp], limits: Limits
) -> tuple[Flag, ...]:
    """Why this look-up is reviewed, if at all. `registered` is whoever a plate of it belongs to, `earlier` what else was looked up
    before, by whomever: what of it counts is judged here.
    """
    flags = {_whose(this, one) for one in registered}
    if _repeated(this, earlier, limits):
        flags.add(Flag.REPEATED)
    return tuple(flag for flag in Flag if flag in flags)


def _whose(this: LookUp, one: Registered) -> Flag:
    if one.person != this.person:
        return Flag.COLLEAGUE
    return Flag.OWN if one.relation is Relation.OWN else Flag.HOUSEHOLD


def _repeated(this: LookUp, earlier: Sequence[LookUp], limits: Limits) -> bool:
    """Whether some one plate was sought in so many sittings, none of them answered; counted anew after each flag."""
    return any(_sittings(this, plate, earlier, limits) >= limits.repeats for plate in this.plates)


def _sittings(this: LookUp, plate: bytes, earlier: Sequence[LookUp], limits: Limits) -> int:
    """In how many sittings this person sought the plate without a result, this one with them."""
    same = sorted(
        (
            one
            for one in (*earlier, this)
            if one.person == this.person
            and plate in one.plates
            and this.at - limits.within <= one.at <= this.at
        ),
        key=lambda one: (one.at, one.id),
    )
    if any(one.answered for one in same):
        return 0
    count, last = 0, None
    for one in same:
        if Flag.REPEATED in one.flags:
            count, last = 0, one
        elif last is None or last.case != one.case or one.at - last.at >= limits.sitting:
            count, last = count + 1, one
    return count
