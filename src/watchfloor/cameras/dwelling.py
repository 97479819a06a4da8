"""How long cameras were aimed at a dwelling in the last day, and what that comes to. Pure.

A preset, or where a camera looks that nobody turned, is marked by a person as a view of a dwelling: no map of ours tells a dwelling
from a shop. All views of one dwelling count together, of whatever camera; a camera that was turned by hand counts at each of its
dwellings that may be in its picture. What was looked at of it is added up in `dwelling_seen.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

from watchfloor.cameras.standing import Stand
from watchfloor.governance.model import Denied

DAY: Final = timedelta(hours=24)
WARNED_BEFORE: Final = timedelta(minutes=15)
UNREAD_FOR: Final = timedelta(seconds=30)
"""So long after it was first turned by hand a camera may not have been asked yet where it stands: its picture is covered, and not ended."""
# Nobody says how far round a device's measure from -1 to 1 reaches: domes turn all round, heads on walls less. The least is taken,
# so that none is believed to look elsewhere that does not.
_LEAST_TURN_DEG: Final = 240.0
Times = Sequence[tuple[datetime, datetime]]
AT_REST: Final = ""
"""In the place of a preset: where a camera looks that nobody turned. Of one that does not turn, always; of another, at home."""


class Standing(StrEnum):
    """How much of its time a camera has left at a dwelling."""

    FINE = "fine"
    SOON = "soon"
    OVER = "over"


class Known(StrEnum):
    """By what a camera is known to be aimed at a dwelling."""

    PRESET = "preset"
    """It was sent to a preset that looks there, or looks there while nobody turns it."""
    STANDS = "stands"
    """Turned by hand, it says that it stands where the dwelling may be in its picture."""
    ASSUMED = "assumed"
    """Turned by hand, it has not said where it stands: it is taken to look at each dwelling that it has a view of."""


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
    known: Known = Known.PRESET

    def unread(self, now: datetime) -> bool:
        """Whether its device may not have been asked yet where it stands."""
        return self.known is Known.ASSUMED and now - self.from_at < UNREAD_FOR


@dataclass(frozen=True, slots=True)
class Aimed:
    """How long a camera was aimed at a dwelling in the last day; `now`: the aim that goes on. `whole`: with all other cameras, which
    is what counts.
    """

    camera: UUID
    dwelling: str
    length: timedelta
    now: Aim | None
    standing: Standing
    whole: timedelta


def aimed(aims: Iterable[Aim], now: datetime, limit: timedelta) -> list[Aimed]:
    """Each camera and dwelling, the longest first."""
    by_view: defaultdict[tuple[UUID, str], list[Aim]] = defaultdict(list)
    for aim in aims:
        by_view[aim.camera, aim.dwelling].append(aim)
    lengths = {view: _in_day(joined(_time(aim, now) for aim in each), now) for view, each in by_view.items()}
    whole: defaultdict[str, timedelta] = defaultdict(timedelta)
    for (_, dwelling), length in lengths.items():
        whole[dwelling] += length
    found = []
    for (camera, dwelling), each in by_view.items():
        goes_on = next((aim for aim in each if aim.until_at is None), None)
        stands = standing(whole[dwelling], limit)
        found.append(Aimed(camera, dwelling, lengths[camera, dwelling], goes_on, stands, whole[dwelling]))
    return sorted(found, key=lambda one: (-one.length, str(one.camera), one.dwelling))


def over_times(
    aims: Sequence[Aim], camera: UUID, begin: datetime, end: datetime, limit: timedelta
) -> list[tuple[datetime, datetime]]:
    """The times in [begin, end) in which this camera was at a dwelling that cameras had been aimed at for too long by then.

    `aims` are those of all cameras that go on or ended since a day before `begin`.
    """
    found: list[tuple[datetime, datetime]] = []
    for dwelling in {aim.dwelling for aim in aims if aim.camera == camera}:
        each: defaultdict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
        for aim in aims:
            if aim.dwelling == dwelling:
                each[aim.camera].append(_time(aim, end))
        whole = [joined(times) for times in each.values()]
        for one in joined(each[camera]):
            since, until = max(one[0], begin), min(one[1], end)
            if since < until:
                found += _too_long(whole, since, until, limit)
    return joined(found)


def _too_long(
    cameras: Sequence[Times], begin: datetime, end: datetime, limit: timedelta
) -> list[tuple[datetime, datetime]]:
    """When in [begin, end) these came to the limit in the day before. Between two edges, of them or of a day after them, it is a line."""

    def length(moment: datetime) -> timedelta:
        return sum((_in_day(times, moment) for times in cameras), timedelta())

    edges = {edge for times in cameras for span in times for edge in span}
    edges |= {edge + DAY for edge in edges}
    points = [begin, *sorted(edge for edge in edges if begin < edge < end), end]
    found = []
    for low, high in pairwise(points):
        a, b = length(low), length(high)
        if a >= limit and b >= limit:
            found.append((low, high))
        elif a >= limit or b >= limit:
            meets = low + (high - low) * ((limit - a) / (b - a))
            found.append((low, meets) if a >= limit else (meets, high))
    return joined(found)


def in_view(stand: Stand, views: Mapping[str, Collection[Stand | None]], field_deg: float) -> set[str]:
    """The dwellings that may be in the picture of a camera that stands there. `views`: where it stands at the presets of each; None
    where its device does not say, and then nothing is known of what it looks at.

    Only how far round it looks is believed: half of what it sees and half of what it sees at the preset overlap. What its tilt and
    zoom come to no device says in degrees, so the widest picture is taken.
    """
    return {
        dwelling
        for dwelling, places in views.items()
        if any(place is None or _apart_deg(stand, place) <= field_deg for place in places)
    }


def _apart_deg(one: Stand, other: Stand) -> float:
    """How far apart two places are at the least, going round either way."""
    if one.device != other.device:
        return 0.0
    by = abs(one.pan - other.pan)
    return min(by, 2 - by) * _LEAST_TURN_DEG / 2


def joined(times: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same times in UTC, each moment once, the earliest first: a difference of two local times is wrong in the night that the
    clock is changed.
    """
    found: list[tuple[datetime, datetime]] = []
    for begin, end in sorted((a.astimezone(UTC), b.astimezone(UTC)) for a, b in times):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def standing(length: timedelta, limit: timedelta) -> Standing:
    """What so long a time comes to."""
    if length >= limit:
        return Standing.OVER
    return Standing.SOON if length >= limit - WARNED_BEFORE else Standing.FINE


def over(length: timedelta, known: Known = Known.PRESET) -> Denied:
    """The door's no once the time is over."""
    unread = (
        " It was turned by hand and does not say where it stands, so it counts as aimed at each dwelling that it has a view of."
        if known is Known.ASSUMED
        else ""
    )
    return Denied(
        "dwelling_over",
        f"Cameras were aimed at that dwelling for {words(length)} of the last day; more needs a court’s order.{unread}",
        next_step=OTHERWISE,
    )


OTHERWISE: Final = "Look elsewhere, or choose the purpose of a court’s order and its case."


def words(length: timedelta) -> str:
    """As people say it."""
    minutes = int(length.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min"


def _time(aim: Aim, now: datetime) -> tuple[datetime, datetime]:
    return aim.from_at, now if aim.until_at is None else aim.until_at


def _in_day(times: Times, now: datetime) -> timedelta:
    """How much of these lies in the day before."""
    day = now.astimezone(UTC) - DAY
    return sum(
        (max(min(end, now.astimezone(UTC)) - max(begin, day), timedelta()) for begin, end in times),
        timedelta(),
    )
