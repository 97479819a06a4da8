"""The figures of the ledger of sounds, from its rows. Pure: the same rows are the same figures, whoever counts.

It guesses nothing: what is not known is counted as not known, beside what it is a part of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from watchfloor.dispatch.sounds.model import CountsAs, LearntBy, SoundSaid, counts_as

NOWHERE: Final = ""
"""The district of what is in none, or was before any were known."""
PARTS: Final = ("travel", "network", "machine", "person", "told")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger: a sound that was told, or, where it says `how`, one that was not. `month` is year and month at the agency.

    `called`: somebody called; `lead_s`: how much sooner it was told. `others` are sources that told of it too.
    `minutes` are those that officers were sent for; times are in seconds, None where they are not known.
    """

    month: str
    district: str
    how: LearntBy | None
    said: SoundSaid | None
    waits: bool
    verdict: str | None
    called: bool
    lead_s: float | None
    others: tuple[str, ...]
    times_s: Mapping[str, float]
    error_m: float | None
    first_error_m: float | None
    in_half: bool | None
    in_most: bool | None
    minutes: float


@dataclass(frozen=True, slots=True)
class Sums:
    """How many sounds were told, what came of them, of how many a second person has to look, how reviewers decided; what was missed."""

    alerts: int
    said: Mapping[SoundSaid | None, int]
    waits: int
    verdicts: Mapping[str | None, int]
    missed: int

    def counted(self, what: CountsAs) -> int:
        """How many count as this."""
        return sum(count for said, count in self.said.items() if counts_as(said) is what)


@dataclass(frozen=True, slots=True)
class Row:
    """The sums of one month, one district, or both."""

    month: str | None
    district: str | None
    sums: Sums


@dataclass(frozen=True, slots=True)
class Calls:
    """Of so many sounds, to how many a call came, of how many of these it is known which was sooner, before how many of whose first call
    they were told, and by how much at the median, in seconds."""

    alerts: int
    called: int
    leads: int
    told_first: int
    lead_s: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """Values: how many, their median, which nine of ten and nineteen of twenty are below, and the greatest."""

    count: int
    median: float | None
    p90: float | None
    p95: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Places:
    """Of the sounds of which it became known where they were: how far off what was told is (and what was told first), and how often the
    ellipses of so many hold it. Of areas there is no distance."""

    known: int
    last: Spread
    first: Spread
    within_15_m: int
    within_25_m: int
    half: tuple[int, int]
    most: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Spent:
    """How many sounds of an outcome officers were sent to, and for how many minutes in all."""

    sounds: int
    sent: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a time."""

    total: Sums
    months: tuple[Row, ...]
    districts: tuple[Row, ...]
    both: tuple[Row, ...]
    missed: Mapping[LearntBy, int]
    calls: Mapping[str, Calls]
    also_told: Mapping[str, int]
    places: Places
    latency: Mapping[str, Spread]
    spent: Mapping[SoundSaid | None, Spent]


def figures(entries: Sequence[Entry]) -> Figures:
    """The figures of these rows."""
    told = [one for one in entries if one.how is None]
    confirmed = [one for one in told if counts_as(one.said) is CountsAs.CONFIRMED]
    return Figures(
        sums(entries),
        tuple(Row(month, None, sums(some)) for (month,), some in _by(entries, "month")),
        tuple(Row(None, district, sums(some)) for (district,), some in _by(entries, "district")),
        tuple(
            Row(month, district, sums(some)) for (month, district), some in _by(entries, "month", "district")
        ),
        Counter(one.how for one in entries if one.how is not None),
        {"all": _calls(told), "confirmed": _calls(confirmed)},
        Counter(other for one in told for other in one.others),
        _places(told),
        {part: spread([one.times_s[part] for one in told if part in one.times_s]) for part in PARTS},
        {said: _spent([one for one in told if one.said is said]) for said in (*SoundSaid, None)},
    )


def sums(entries: Iterable[Entry]) -> Sums:
    """The sums of these rows."""
    some = list(entries)
    told = [one for one in some if one.how is None]
    return Sums(
        len(told),
        Counter(one.said for one in told),
        sum(one.waits for one in told),
        Counter(one.verdict for one in told),
        len(some) - len(told),
    )


def spread(values: Sequence[float]) -> Spread:
    """How values lie, rounded to a tenth; between two of them in proportion."""
    if not values:
        return Spread(0, None, None, None, None)
    median, p90, p95 = (round(float(at), 1) for at in np.percentile(values, (50, 90, 95)))
    return Spread(len(values), median, p90, p95, round(max(values), 1))


def _by(entries: Sequence[Entry], *fields: str) -> list[tuple[tuple[str, ...], list[Entry]]]:
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for one in entries:
        groups.setdefault(tuple(getattr(one, field) for field in fields), []).append(one)
    return sorted(groups.items(), key=lambda group: group[0])


def _calls(told: Sequence[Entry]) -> Calls:
    leads = [one.lead_s for one in told if one.lead_s is not None]
    first = sum(lead > 0 for lead in leads)
    return Calls(len(told), sum(one.called for one in told), len(leads), first, spread(leads).median)


def _places(told: Sequence[Entry]) -> Places:
    known = [one for one in told if one.in_most is not None]
    last = [one.error_m for one in known if one.error_m is not None]
    halves = [one.in_half for one in known if one.in_half is not None]
    return Places(
        len(known),
        spread(last),
        spread([one.first_error_m for one in known if one.first_error_m is not None]),
        sum(error <= 15 for error in last),
        sum(error <= 25 for error in last),
        (sum(halves), len(halves)),
        (sum(bool(one.in_most) for one in known), len(known)),
    )


def _spent(told: Sequence[Entry]) -> Spent:
    sent = [one.minutes for one in told if one.minutes > 0]
    return Spent(len(told), len(sent), round(sum(sent), 1))


@dataclass(frozen=True, slots=True)
class Service:
    """A microphone's time in service: from when until when, not yet ended where there is none."""

    begins: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Uptime:
    """In how many minutes of a month microphones were there, of how many in which they were in service."""

    month: str
    heard: int
    registered: int


def uptime(
    months: Sequence[tuple[str, datetime, datetime]],
    heard: Mapping[str, int],
    services: Sequence[Service],
    *,
    counted_since: datetime | None,
    now: datetime,
) -> tuple[Uptime, ...]:
    """How microphones were there in each month (its name, when it begins and ends), of the time since which that is counted."""
    found = []
    for name, begins, ends in months:
        registered = timedelta()
        for one in services:
            since = max(begins, one.begins, counted_since or ends)
            registered += max(min(ends, one.ends or now, now) - since, timedelta())
        minutes = round(registered / timedelta(minutes=1))
        if minutes > 0:
            found.append(Uptime(name, min(heard.get(name, 0), minutes), minutes))
    return tuple(found)
