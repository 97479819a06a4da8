"""How many pulses a second a microphone reports anyway: learnt minute by minute, so that a night of fireworks is learnt slowly. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

ASSUMED_PER_S: Final = 0.1
"""Until something is learnt: what sensors of the recorded live fire reported before it began, 160 in 2,402 seconds, rounded up."""
LEARNT_AFTER: Final = 60
_LEAST_PER_S: Final = 1 / 3600
"""However quiet it is, one an hour is no surprise."""
_MINUTE: Final = timedelta(minutes=1)
# What a minute counts for: an average at first, later about a half of it within an hour and a half.
_SLOWEST: Final = 1 / 120
# A minute counts for no more than so many times what is usual, and some: shots are not clutter, whoever lives beside a range.
_TIMES: Final = 3.0
_BESIDES: Final = 6.0
# A microphone that was away learnt nothing meanwhile; of a longer silence that it was heard in, so many minutes count.
_MOST_EMPTY: Final = 10


@dataclass(frozen=True, slots=True)
class Clutter:
    """`per_s`: pulses a second that it reports anyway, learnt over `minutes`; `minute` and `pulses`: what is being counted."""

    per_s: float
    minutes: int
    minute: datetime
    pulses: int

    @staticmethod
    def begun(now: datetime) -> Clutter:
        """Nothing is learnt yet."""
        return Clutter(ASSUMED_PER_S, 0, now.replace(second=0, microsecond=0), 0)

    @property
    def learnt(self) -> bool:
        return self.minutes >= LEARNT_AFTER


def counted(before: Clutter, arrivals: Iterable[datetime], *, now: datetime) -> Clutter:
    """The clutter with these arrivals, in whichever order, as of `now`.

    What is of a minute that was counted, or of one to come, is passed over.
    """
    here = now.replace(second=0, microsecond=0)
    minutes: dict[datetime, int] = {}
    for at in arrivals:
        minute = at.replace(second=0, microsecond=0)
        if before.minute <= minute <= here:
            minutes[minute] = minutes.get(minute, 0) + 1
    clutter = replace(before, pulses=before.pulses + minutes.pop(before.minute, 0))
    empty = 0
    while clutter.minute < here:
        following = clutter.minute + _MINUTE
        empty = empty + 1 if clutter.pulses == 0 else 0
        if empty > _MOST_EMPTY:
            # To the next that is not empty at once: it may have been away for years.
            following = min(minutes, default=here)
        else:
            clutter = _learnt(clutter)
        clutter = Clutter(clutter.per_s, clutter.minutes, following, minutes.pop(following, 0))
    return clutter


def passed_over(before: Clutter, *, now: datetime) -> Clutter:
    """Without what is not known: neither this minute nor what passed since the last that anything was counted in was silent."""
    here = now.replace(second=0, microsecond=0)
    learnt = _learnt(before) if before.pulses and before.minute < here else before
    return Clutter(learnt.per_s, learnt.minutes, max(before.minute, here + _MINUTE), 0)


def _learnt(clutter: Clutter) -> Clutter:
    """With the minute that is over."""
    most = _TIMES * clutter.per_s * 60 + _BESIDES
    weight = max(1 / (clutter.minutes + 2), _SLOWEST)
    per_s = clutter.per_s + weight * (min(clutter.pulses, most) / 60 - clutter.per_s)
    return replace(clutter, per_s=max(per_s, _LEAST_PER_S), minutes=clutter.minutes + 1)
