"""What an edge box may do with a camera at a moment, by the center's last word on it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from watchfloor.cameras.boxes.wire import Permit
from watchfloor.edge.clock import us
from watchfloor.governance.agreement import Window, within_hours

NO_WORD: Final = "The center has not said yet what may be sent of this camera."


def may_send(permit: Permit | None, now: datetime) -> bool:
    """Whether pictures may leave the box: only while the center's permission lasts."""
    return permit is not None and permit.until_us > us(now)


def may_keep(permit: Permit | None, now: datetime, *, time_believed: bool) -> bool:
    """Whether pictures may be kept while the center is away: in the agreement's hours, and not for longer than was said.

    Nothing is kept while the box cannot know what time it is.
    """
    keeping = permit.keeping if permit is not None else None
    if keeping is None or not time_believed or not keeping.from_us <= us(now) < keeping.until_us:
        return False
    try:
        zone = ZoneInfo(keeping.zone)
    except (KeyError, ValueError, OSError):
        return False  # a board without time zones cannot know the owner's hours
    return within_hours([Window(*window) for window in keeping.windows], zone, now)
