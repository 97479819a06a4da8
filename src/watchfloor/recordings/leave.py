"""The leave under which a partner's camera is recorded: what its center said of it, since when, and what was kept of that last. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from watchfloor.cameras.partners.model import Lent
from watchfloor.cameras.state import CameraStatus

_EVERY: Final = timedelta(minutes=1)
# What says of a partner's camera that it is not recorded here any more: its center's word, or our own door's. Everything else may pass.
OVER: Final = frozenset({CameraStatus.NOT_LENT, CameraStatus.NOT_AUTHORISED, CameraStatus.OUTSIDE_AREA})


class Stretch:
    """From one beginning to its end: under what it is recorded, as its center said last, since when, and when that was asked.

    Whoever asks the center takes the stretch before, and says what came of it to that one: an answer that comes after the end is of
    nothing any more.
    """

    def __init__(self) -> None:
        # All of it in one: the camera's own thread hears it, and another one each minute.
        self._heard: tuple[Lent, datetime, datetime] | None = None

    @property
    def lent(self) -> Lent | None:
        """Under what it is recorded, as its center said last."""
        return self._heard[0] if self._heard is not None else None

    @property
    def since(self) -> datetime | None:
        """Since when a picture may have been recorded under that: since it was asked for first, or was another when last asked."""
        return self._heard[1] if self._heard is not None else None

    def heard(self, lent: Lent, asked_at: datetime) -> None:
        """Its center, asked then, says this."""
        before, since = self._heard, asked_at
        if before is not None:
            since = before[1] if before[0].lending == lent.lending else before[2]
        self._heard = lent, since, asked_at


class Leave:
    """A lending, or why there is none any more. It is kept when it changes, and each minute."""

    def __init__(self) -> None:
        self._kept: tuple[Lent | str, datetime] | None = None
        self.stretch = Stretch()

    @property
    def lent(self) -> Lent | None:
        """Under what it is recorded. By that its door decides each moment."""
        return self.stretch.lent

    @property
    def since(self) -> datetime | None:
        """Since when a picture may have been recorded under that."""
        return self.stretch.since

    def over(self) -> None:
        """It is not recorded: what is asked from now on begins another stretch."""
        self.stretch = Stretch()

    def due(self, said: Lent | str, now: datetime) -> bool:
        """Whether this is to be kept now."""
        return self._kept is None or self._kept[0] != said or now - self._kept[1] >= _EVERY

    async def kept(self, said: Lent | str, now: datetime) -> None:
        """It was kept."""
        self._kept = said, now
