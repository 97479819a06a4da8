"""What was kept last of the leave under which a partner's camera is recorded: it is kept when it changes, and each minute. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from watchfloor.cameras.partners.model import Lent

_EVERY: Final = timedelta(minutes=1)


class Leave:
    """A lending, or why there is none any more."""

    def __init__(self) -> None:
        self._kept: tuple[Lent | str, datetime] | None = None

    def due(self, said: Lent | str, now: datetime) -> bool:
        """Whether this is to be kept now."""
        return self._kept is None or self._kept[0] != said or now - self._kept[1] >= _EVERY

    async def kept(self, said: Lent | str, now: datetime) -> None:
        """It was kept."""
        self._kept = said, now
