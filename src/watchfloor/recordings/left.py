"""What of a time is still missing here and why, and what of that would be kept if it were fetched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.store import Held
from watchfloor.recordings.archive import Stretch
from watchfloor.recordings.model import BREAK_FROM_US, GAP_OF_STATE, GapReason, day_of, us

_DAY_US: Final = 86_400_000_000


def kept_of(missing: Sequence[Stretch], since_us: int, keeps: Callable[[date], bool]) -> list[Stretch]:
    """What of it would be kept if it were fetched: of a day that is forgotten, or has given way, nothing is."""
    found: list[Stretch] = []
    for begin, end in missing:
        begin = max(begin, since_us)
        while begin < end:
            until = min(end, (begin // _DAY_US + 1) * _DAY_US)
            if not keeps(day_of(begin)):
                pass
            elif found and found[-1][1] == begin:
                found[-1] = (found[-1][0], until)
            else:
                found.append((begin, until))
            begin = until
    return [(begin, end) for begin, end in found if end - begin >= BREAK_FROM_US]


def left_of(gap: Stretch, there: Sequence[Stretch]) -> list[Stretch]:
    """What of a gap is still missing, beside what is there of it in order of time."""
    left: list[Stretch] = []
    begin, end = gap
    for since, until in there:
        if since - begin >= BREAK_FROM_US:
            left.append((begin, since))
        begin = max(begin, until)
    if end - begin >= BREAK_FROM_US:
        left.append((begin, end))
    return left


def missing_since(said: CameraStatus | None, taken: Held | None) -> tuple[GapReason, int | None]:
    """Why there is no footage of a camera that a recorder begins with, and since when (µs) where none of it was ever stored: its recorder
    may have died before the first of it was whole. `taken`: it was had from another recorder."""
    if said in GAP_OF_STATE:
        return GAP_OF_STATE[said], None
    if taken is None:
        return GapReason.RECORDER_DOWN, None
    why = GapReason.TAKEN_OVER if taken.failed else GapReason.RECORDER_DOWN
    return why, us(taken.had_since) if taken.had_since is not None else None
