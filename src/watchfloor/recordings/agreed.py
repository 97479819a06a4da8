"""Which of what a site recorded of an owner's camera the owner shares: the hours of the agreement, and nothing beside them. Pure.

What is recorded here was recorded under the agreement of its moment. A site records at all hours: so the hours are applied when it is
asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from watchfloor.governance.agreement import Agreement, Mode, Window, within_hours
from watchfloor.recordings.archive import Stretch, within
from watchfloor.recordings.model import at, us

_HOUR_US: Final = 3_600_000_000


def shared(agreement: Agreement | None, begin_us: int, end_us: int) -> list[Stretch]:
    """The stretches of [begin, end) that the owner shares. Of a camera that is shared only during an incident, or after a yes, nothing:
    when that was so is not known afterwards."""
    if agreement is None or agreement.mode is not Mode.ALWAYS:
        return []
    begin_us = max(begin_us, us(agreement.begins_at))
    ends = [
        one for one in (agreement.ends_at, agreement.suspended_at, agreement.revoked_at) if one is not None
    ]
    end_us = min([end_us, *map(us, ends)])
    if end_us <= begin_us:
        return []
    if not agreement.windows:
        return [(begin_us, end_us)]
    cuts = _cuts(agreement, begin_us, end_us)
    pieces = [
        (a, b)
        for a, b in pairwise(cuts)
        if within_hours(agreement.windows, agreement.zone, at(a + (b - a) // 2))
    ]
    return within(pieces, begin_us, end_us)


def _cuts(agreement: Agreement, begin_us: int, end_us: int) -> list[int]:
    """The moments at which it may turn: where a window begins or ends, and each hour, for clocks are put on and back at one."""
    first, last = at(begin_us).astimezone(agreement.zone), at(end_us).astimezone(agreement.zone)
    cuts = {begin_us, end_us, *range(begin_us - begin_us % _HOUR_US + _HOUR_US, end_us, _HOUR_US)}
    day = datetime(first.year, first.month, first.day, tzinfo=agreement.zone) - timedelta(days=1)
    while day <= last:
        cuts |= {us(moment) for moment in _turns(day, agreement.windows)}
        day += timedelta(days=1)
    return sorted(one for one in cuts if begin_us <= one <= end_us)


def _turns(day: datetime, windows: Sequence[Window]) -> list[datetime]:
    """What the owner's clock says on that day when a window begins or ends: an hour that comes twice, both times."""
    return [
        (day + timedelta(minutes=minute)).replace(fold=fold)
        for window in windows
        for minute in (window.begin_min, window.end_min)
        for fold in (0, 1)
    ]
