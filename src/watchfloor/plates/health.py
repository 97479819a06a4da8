"""How a reader does, against its own usual: whether its silence is one, how much of what it sends is no read, how its clock goes.

Pure: hours and the time are arguments. It knows no other reader; a street that is empty at night is usual for its reader.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import combinations
from typing import Final

WEEKS: Final = 8
KEPT_HOURS: Final = WEEKS * 168
KEPT_FOR: Final = timedelta(hours=KEPT_HOURS)
_HOUR: Final = timedelta(hours=1)
# Of a usual hour there have to be so many before it counts.
_LEAST_WEEKS: Final = 2
# So many reads that were usual and did not come. Cars come in bunches: a handful missing says nothing.
QUIET_FROM: Final = 12.0
LOST_FROM: Final = 60.0
_LEAST_QUIET: Final = timedelta(minutes=10)
# Of a day's messages, from which on so large a share is a fault.
_LEAST_SENT: Final = 20
REJECTED_SHARE: Final = 0.05
CLOCK_OFF: Final = timedelta(seconds=30)
DRIFT_MS_A_DAY: Final = 5_000.0
LATE: Final = timedelta(minutes=5)
DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Hour:
    """What a reader did in one hour. `off_ms`: its clock less ours, of the message with the least delay; `late_ms`: the longest delay."""

    hour: datetime
    reads: int
    refused: int = 0
    rejected: int = 0
    off_ms: int | None = None
    late_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Skew:
    """A clock against ours: the median of a day's hours, and how much more of it each day, where that can be told."""

    off_ms: int
    drift_ms_a_day: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """How a reader does. `missed`: how many reads were usual since its last and did not come; None where nothing is usual yet."""

    last_hour: int
    usual_now: float | None
    missed: float | None
    sent: int
    rejected_share: float | None
    skew: Skew | None
    late_s: int | None


Usual = Mapping[int, float]


def hour_of_week(at: datetime, zone: tzinfo) -> int:
    """0 to 167, from Monday midnight by the clock on the wall: traffic keeps to that."""
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def usual_of(hours: Iterable[Hour], zone: tzinfo, *, now: datetime) -> Usual:
    """How many reads are usual in each hour of the week: the median of the weeks that are whole; hours without a row had none."""
    seen: dict[int, list[int]] = {}
    whole = [one for one in hours if one.hour + _HOUR <= now]
    if not whole:
        return {}
    began = min(one.hour for one in whole)
    by_hour = {one.hour: one.reads for one in whole}
    at = began
    while at + _HOUR <= now:
        seen.setdefault(hour_of_week(at, zone), []).append(by_hour.get(at, 0))
        at += _HOUR
    return {
        of: float(statistics.median(counts)) for of, counts in seen.items() if len(counts) >= _LEAST_WEEKS
    }


def missed_since(usual: Usual, since: datetime, zone: tzinfo, *, now: datetime) -> float | None:
    """How many reads were usual since then; None where an hour of it has no usual."""
    if not usual:
        return None
    expected, at = 0.0, max(since, now - 2 * DAY)
    while at < now:
        until = min(now, at.replace(minute=0, second=0, microsecond=0) + _HOUR)
        rate = usual.get(hour_of_week(at, zone))
        if rate is None:
            return None
        expected += rate * ((until - at) / _HOUR)
        at = until
    return expected


def skew_of(hours: Sequence[Hour]) -> Skew | None:
    """Offset and drift from the hours that had a time; the drift is the median slope between any two, so that an odd one counts little."""
    told = [(one.hour, one.off_ms) for one in hours if one.off_ms is not None][-48:]
    if not told:
        return None
    off = round(statistics.median(value for _, value in told[-24:]))
    if len(told) < 6:
        return Skew(off, None)
    slopes = [
        (second[1] - first[1]) / ((second[0] - first[0]) / DAY) for first, second in combinations(told, 2)
    ]
    return Skew(off, round(statistics.median(slopes)))


def health_of(
    hours: Sequence[Hour], usual: Usual, last_read_at: datetime | None, zone: tzinfo, *, now: datetime
) -> Health:
    """How a reader does now, from its hours of two days and what is usual for it."""
    day = [one for one in hours if one.hour > now - DAY]
    sent = sum(one.reads + one.rejected for one in day)
    late = max((one.late_ms for one in day[-1:] if one.late_ms is not None), default=None)
    skew = skew_of(hours)
    behind = None if late is None else max(0, late + (skew.off_ms if skew else 0)) // 1000
    return Health(
        last_hour=sum(one.reads for one in day if one.hour + _HOUR > now - _HOUR),
        usual_now=usual.get(hour_of_week(now, zone)),
        missed=None if last_read_at is None else missed_since(usual, last_read_at, zone, now=now),
        sent=sent,
        rejected_share=sum(one.rejected for one in day) / sent if sent >= _LEAST_SENT else None,
        skew=skew,
        late_s=behind,
    )


def silent_for(health: Health, quiet: timedelta) -> str | None:
    """`lost` or `silent` where so long a silence is not usual for this reader at this hour; None where it is, or none can tell."""
    if health.missed is None or quiet < _LEAST_QUIET:
        return None
    if health.missed >= LOST_FROM:
        return "lost"
    return "silent" if health.missed >= QUIET_FROM else None
