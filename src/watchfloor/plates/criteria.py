"""What a search of reads looks for: checked, bounded, and in the one form in which the log keeps it. Pure.

A search that would read without bound is refused with a sentence: without a plate it names a place and no more reader hours than
can be looked through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339, rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.kit.geo import Point
from watchfloor.plates.history_store import Looked
from watchfloor.plates.model import ReaderId
from watchfloor.plates.sought import Beginnings, Endings, How, sought
from watchfloor.plates.where import Stood, Where, among, outline

LONGEST: Final = timedelta(days=92)
MOST_READER_HOURS: Final = 750
MOST_READERS: Final = 500
# A search of many days is looked through in parts, the newest first, so that what is found so far can be shown.
_FIRST_PART: Final = timedelta(days=7)
_PART: Final = timedelta(days=31)
_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to look for: from `since`, up to and not including `until`. No plate means any, at a place."""

    since: datetime
    until: datetime
    plate: str | None = None
    how: How = How.ALIKE
    where: Where | None = None
    readers: tuple[ReaderId, ...] = ()
    colour: str | None = None
    make: str | None = None

    def __post_init__(self) -> None:
        """Raises Invalid for what makes no sense in itself."""
        if not timedelta(0) < self.until - self.since <= LONGEST:
            raise Invalid(f"A search covers more than nothing and at most {LONGEST.days} days.", reason="to")
        if self.plate is None and self.where is None and not self.readers:
            raise Invalid("Say a plate or a part of one, or a place.", reason="plate")
        if len(self.readers) > MOST_READERS:
            raise Invalid(f"At most {MOST_READERS} readers are named.", reason="readers")
        for name in ("colour", "make"):
            word = getattr(self, name)
            if word is not None and not 1 <= len(word) <= _WORD:
                raise Invalid(f"Say the {name} in one word.", reason=name)

    @property
    def at_a_place(self) -> bool:
        return self.where is not None or bool(self.readers)


def looked(criteria: Criteria, stands: Sequence[Stood]) -> Looked:
    """What the store is asked. Raises Invalid for what would read without bound, or names no reader that was there then."""
    text = criteria.plate
    wanted = None if text is None else sought(text, criteria.how)
    stood: tuple[Stood, ...] | None = None
    if criteria.at_a_place:
        stood = tuple(there(criteria, stands))
        if wanted is None:
            _bounded(stood)
    return Looked(
        wanted,
        criteria.since,
        criteria.until,
        stood,
        criteria.colour.lower() if criteria.colour else None,
        criteria.make.lower() if criteria.make else None,
        outline(criteria.where) if criteria.where is not None else None,
    )


def there(criteria: Criteria, stands: Sequence[Stood]) -> list[Stood]:
    """The readers that the criteria mean, where and while they stood there."""
    named = [one for one in stands if not criteria.readers or one.reader in criteria.readers]
    return named if criteria.where is None else among(criteria.where, named)


def _bounded(stood: Sequence[Stood]) -> None:
    hours = sum((one.until - one.since).total_seconds() for one in stood) / 3600
    if hours > MOST_READER_HOURS:
        raise Invalid(
            f"Without a plate this would look through {hours:.0f} hours of readers; at most {MOST_READER_HOURS} at once.",
            reason="where",
            next_step="Draw a smaller area, take a shorter time, or give a part of the plate.",
        )


def parts(asked: Looked) -> list[Looked]:
    """The search in parts of time, the newest first; one where a look-up by whole plates finds everything at once."""
    if asked.sought is None or not isinstance(asked.sought.by, (Beginnings, Endings)):
        return [asked]
    found, until, length = [], asked.until, _FIRST_PART
    while until > asked.since:
        since = max(asked.since, until - length)
        found.append(replace(asked, since=since, until=until))
        until, length = since, _PART
    return found


def said(criteria: Criteria) -> dict[str, Json]:
    """As the log keeps it, beside the leaf."""
    detail: dict[str, Json] = {
        "plate": criteria.plate,
        "match": criteria.how.value,
        "from": rfc3339(criteria.since),
        "to": rfc3339(criteria.until),
    }
    if criteria.where is not None:
        detail["where"] = {
            "kind": criteria.where.kind,
            # Six decimals are a hand's breadth.
            "points": [[f"{point.lat:.6f}", f"{point.lon:.6f}"] for point in criteria.where.points],
            "within_m": round(criteria.where.within_m),
        }
    if criteria.readers:
        detail["readers"] = [str(one) for one in criteria.readers]
    return detail | {
        name: word for name in ("colour", "make") if (word := getattr(criteria, name)) is not None
    }


def of_said(detail: Mapping[str, object]) -> Criteria | None:
    """The criteria that the log keeps; None where it keeps none (any more)."""
    try:
        where = detail.get("where")
        plate = detail["plate"]
        return Criteria(
            since=parse_rfc3339(str(detail["from"])),
            until=parse_rfc3339(str(detail["to"])),
            plate=None if plate is None else str(plate),
            how=How(str(detail["match"])),
            where=None if where is None else _where(where),
            readers=tuple(ReaderId(UUID(str(one))) for one in _list(detail.get("readers", []))),
            colour=_word(detail.get("colour")),
            make=_word(detail.get("make")),
        )
    except (KeyError, ValueError, Invalid):
        return None


def _where(kept: object) -> Where:
    if not isinstance(kept, Mapping):
        raise ValueError("no place")
    points = tuple(Point(float(lat), float(lon)) for lat, lon in _list(kept["points"]))
    return Where(str(kept["kind"]), points, float(kept["within_m"]))


def _list(kept: object) -> Sequence[Sequence[str]]:
    if not isinstance(kept, list):
        raise ValueError("no list")
    return kept


def _word(kept: object) -> str | None:
    return None if kept is None else str(kept)
