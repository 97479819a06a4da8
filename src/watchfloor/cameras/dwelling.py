"""How long cameras were aimed at a dwelling in the last day, and what that comes to. Pure.

A preset is marked by a person as a view of a dwelling: no map of ours tells a dwelling from a shop. All views of one dwelling by
one camera count together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from watchfloor.governance.model import Denied, Refused

DAY: Final = timedelta(hours=24)
WARNED_BEFORE: Final = timedelta(minutes=15)
# What one person, or a case, saw of a dwelling is added up over so long.
SEEN_FOR: Final = timedelta(days=30)
# A time of a camera.
Time = tuple[UUID, datetime, datetime]


class Standing(StrEnum):
    """How much of its time a camera has left at a dwelling."""

    FINE = "fine"
    SOON = "soon"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Aim:
    """A time that a camera was aimed at a dwelling, not over yet while `until_at` is None. `by_order`: for a court's order.

    `told` is what was said of it: nothing, that its end is near, that it is over.
    """

    id: UUID
    camera: UUID
    dwelling: str
    by_order: bool
    from_at: datetime
    until_at: datetime | None
    told: int = 0


@dataclass(frozen=True, slots=True)
class Aimed:
    """How long a camera was aimed at a dwelling in the last day; `now`: the aim that goes on."""

    camera: UUID
    dwelling: str
    length: timedelta
    now: Aim | None
    standing: Standing


def aimed(aims: Iterable[Aim], now: datetime, limit: timedelta) -> list[Aimed]:
    """Each camera and dwelling, the longest first."""
    by_view: defaultdict[tuple[UUID, str], list[Aim]] = defaultdict(list)
    for aim in aims:
        by_view[aim.camera, aim.dwelling].append(aim)
    found = []
    for (camera, dwelling), each in by_view.items():
        length = sum((_within(aim, now) for aim in each), timedelta())
        goes_on = next((aim for aim in each if aim.until_at is None), None)
        found.append(Aimed(camera, dwelling, length, goes_on, standing(length, limit)))
    return sorted(found, key=lambda one: (-one.length, str(one.camera), one.dwelling))


def over_times(
    aims: Iterable[Aim], begin: datetime, end: datetime, limit: timedelta
) -> list[tuple[datetime, datetime]]:
    """The times in [begin, end) in which one camera was at a dwelling that it had been aimed at for too long by then."""
    each, found = list(aims), []
    for aim in each:
        until = end if aim.until_at is None else min(aim.until_at, end)
        if aim.from_at >= end or until <= begin:
            continue
        same = [one for one in each if one.dwelling == aim.dwelling]
        since = _too_long_since(same, aim.from_at, until, limit)
        if since is not None and since < until:
            found.append((max(since, begin), until))
    return [span for span in found if span[0] < span[1]]


def _too_long_since(same: Sequence[Aim], begin: datetime, end: datetime, limit: timedelta) -> datetime | None:
    """The first second in [begin, end] by which these came to the limit. While a camera is aimed there, it grows or stays."""

    def length(moment: datetime) -> timedelta:
        return sum((_within(one, moment) for one in same), timedelta())

    if length(end) < limit:
        return None
    low, high = begin, end
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if length(middle) >= limit else (middle, high)
    return low


def footage_of(aims: Iterable[Aim], spans: Iterable[Time]) -> dict[str, timedelta]:
    """How much of these times of cameras is of each dwelling: what is asked for twice counts once."""
    times: defaultdict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for camera, begin, end in sorted(spans, key=lambda span: span[1]):
        own = times[camera]
        if own and begin <= own[-1][1]:
            own[-1] = (own[-1][0], max(own[-1][1], end))
        else:
            own.append((begin, end))
    found: defaultdict[str, timedelta] = defaultdict(timedelta)
    for aim in aims:
        for begin, end in times.get(aim.camera, ()):
            shared = min(aim.until_at or end, end) - max(aim.from_at, begin)
            found[aim.dwelling] += max(shared, timedelta())
    return dict(found)


def too_much(
    aims: Sequence[Aim], asked: Sequence[Time], before: Sequence[Time], limit: timedelta
) -> timedelta | None:
    """How much of one dwelling it comes to with what was seen before, where that is more than the limit and some of it is new."""
    new, whole = footage_of(aims, asked), footage_of(aims, [*asked, *before])
    length = max((whole[dwelling] for dwelling, part in new.items() if part), default=timedelta())
    return length if length > limit else None


def refuse_footage(
    aims: Sequence[Aim], asked: Sequence[Time], before: Sequence[Time], limit: timedelta
) -> None:
    """Raises Refused where more than the limit is of one dwelling, with what the same person, or the case, saw of it before."""
    length = too_much(aims, asked, before, limit)
    if length is not None:
        alone = too_much(aims, asked, (), limit) == length
        with_before = (
            "" if alone else f", with what you, or this case, had of it in the last {SEEN_FOR.days} days"
        )
        raise Refused(
            Denied(
                "dwelling_over",
                f"{_words(length)} of this footage are of one dwelling{with_before}; more than {_words(limit)} need a court’s order.",
                next_step="Ask for less of it, or choose the purpose of a court’s order and its case.",
            )
        )


def standing(length: timedelta, limit: timedelta) -> Standing:
    """What so long a time comes to."""
    if length >= limit:
        return Standing.OVER
    return Standing.SOON if length >= limit - WARNED_BEFORE else Standing.FINE


def over(length: timedelta) -> Denied:
    """The door's no once the time is over."""
    return Denied(
        "dwelling_over",
        f"This camera was aimed at that dwelling for {_words(length)} of the last day; more needs a court’s order.",
        next_step="Look elsewhere, or choose the purpose of a court’s order and its case.",
    )


def _words(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min"


def _within(aim: Aim, now: datetime) -> timedelta:
    """How much of it lies in the last day."""
    begin, end = max(aim.from_at, now - DAY), min(aim.until_at or now, now)
    return max(end - begin, timedelta())
