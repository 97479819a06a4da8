"""How much likelier fireworks are tonight than in a usual night: by the calendar, and by what people confirmed lately. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

# By the evening's date (a night goes from noon to noon): how many times as many alerts of gunfire as on its year's median night the array
# of Washington DC raised, the median of 2006 to 2011 (31,642 alerts, released under the Freedom of Information Act). Other nights: 1.
_AS_MANY: Final[Mapping[tuple[int, int], float]] = {
    **{(6, day): 2.0 for day in range(24, 31)},
    (7, 1): 2.4,
    (7, 2): 3.4,
    (7, 3): 13.0,
    (7, 4): 47.0,
    (7, 5): 20.0,
    (7, 6): 6.0,
    (7, 7): 3.4,
    (12, 31): 38.0,
    (1, 1): 2.5,
}
_NAMES: Final[Mapping[tuple[int, int], str]] = {(7, 4): "the Fourth of July", (12, 31): "New Year's Eve"}
# What of it was fireworks and what people firing into the air, nobody knows: the geometric middle between all of it and none.
_FIREWORKS_OF_IT: Final = 0.5
# Confirmed fireworks of a usual night, how soon older nights count less, and as how much the usual is believed before any night is known.
_USUAL: Final = 0.5
_OLDER: Final = 0.7
_BELIEVED: Final = 1.0


def evening_of(local: datetime) -> date:
    """The date of the evening to whose night a local time belongs: until noon, that before."""
    return (local - timedelta(hours=12)).date()


def by_calendar(local: datetime) -> float:
    """How much likelier fireworks are against gunfire in this night than in a usual one (log)."""
    evening = evening_of(local)
    return _FIREWORKS_OF_IT * math.log(_AS_MANY.get((evening.month, evening.day), 1.0))


def by_nights_before(counts: Sequence[int]) -> float:
    """The same by how many fireworks people confirmed in the nights before, the last first; none known says nothing (log)."""
    weights = [_OLDER**k for k in range(len(counts))]
    found = sum(weight * count for weight, count in zip(weights, counts, strict=True))
    return math.log((_BELIEVED + found) / (_BELIEVED + _USUAL * sum(weights)))


def named(local: datetime) -> str:
    """What this night is called where fireworks are usual; empty where they are not."""
    evening = evening_of(local)
    if (evening.month, evening.day) not in _AS_MANY:
        return ""
    near = "around the Fourth of July" if evening.month in (6, 7) else "around New Year's Eve"
    return _NAMES.get((evening.month, evening.day), near)
