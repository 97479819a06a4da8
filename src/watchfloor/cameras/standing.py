"""Where a camera that turns stands, as it says itself, and since when it is known to. Pure.

A mask that was set at one place hides there what it should, and nowhere else. So of a camera that moves, or stands where nobody set
one, or does not say where it stands, nothing is known: what follows from that is decided in `cover.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

# In the device's own measure, -1 to 1: as near as it comes back to a preset, and nothing that moves a window out from under its mask.
_NEAR: Final = 0.001
FRESH: Final = timedelta(seconds=4)
"""For so long the last word of a camera that stands is believed."""
COVERED_IN: Final = timedelta(seconds=2.5)
"""So long until every process knows that a camera is about to turn, and shows no more of where it stood: then it is told to."""
SETTLES_IN: Final = timedelta(seconds=3)
"""So long after it was told to turn it may not have begun to."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a device looks. `device`: which one says so; the same numbers of another are another place."""

    device: str
    pan: float
    tilt: float
    zoom: float

    def near(self, other: Stand) -> bool:
        """Whether it is the same place, but for what a device rounds."""
        off = (self.pan - other.pan, self.tilt - other.tilt, self.zoom - other.zoom)
        return self.device == other.device and all(abs(by) <= _NEAR for by in off)


@dataclass(frozen=True, slots=True)
class Said:
    """What a device said when it was asked at a moment: where it stands, or (None) that it moves or that it does not know."""

    at: datetime
    stand: Stand | None


@dataclass(frozen=True, slots=True)
class Stood:
    """That a camera stood somewhere from then on, last seen there. `until_at`: None while it is not known to have left."""

    stand: Stand
    from_at: datetime
    seen_at: datetime
    until_at: datetime | None = None

    def until(self, now: datetime) -> datetime:
        """Until when it is believed to have stood there."""
        if self.until_at is not None:
            return self.until_at
        return now if now - self.seen_at <= FRESH else self.seen_at


def after(known: Stood | None, before: Said | None, said: Said, turned_at: datetime | None) -> Stood | None:
    """What is known now that a device said this: the same as before, seen again or ended; a new one; or nothing.

    Two words in a row make a new one, both well after it was last told to turn: a picture on its way may still show it moving.
    """
    if known is not None and known.until_at is None:
        stays = said.stand is not None and known.stand.near(said.stand)
        if stays and said.at - known.seen_at <= FRESH:
            return replace(known, seen_at=max(known.seen_at, said.at))
        return replace(known, until_at=known.seen_at)
    if before is None or said.stand is None or before.stand is None or not before.stand.near(said.stand):
        return None
    settled = turned_at is None or before.at >= turned_at + SETTLES_IN
    return Stood(said.stand, said.at, said.at) if settled and said.at - before.at <= FRESH else None
