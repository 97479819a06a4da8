"""How often the public may knock: so many times an hour from one source, and from all of them together. In memory alone."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import TooMany
from watchfloor.kit.household import household

WITHIN_S: Final = 3600.0
_SOURCES: Final = 10_000


@dataclass(slots=True)
class Allowance:
    """Counts knocks. An IPv6 source counts by its /64, which is what one household has."""

    clock: Clock
    each: int
    all: int
    _by_source: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _together: deque[float] = field(default_factory=deque)

    def take(self, source: str) -> None:
        """Count one. Raises TooMany, and counts nothing, when there were too many in the last hour."""
        now = self.clock.monotonic()
        key = household(source)
        own = self._by_source.pop(key, None) or deque()
        self._by_source[key] = own
        while len(self._by_source) > _SOURCES:
            self._by_source.popitem(last=False)
        for counted, most in ((own, self.each), (self._together, self.all)):
            while counted and now - counted[0] > WITHIN_S:
                counted.popleft()
            if len(counted) >= most:
                wait = int(WITHIN_S - (now - counted[0])) + 1
                raise TooMany(
                    "That was tried too often from here within an hour.",
                    reason="too_often",
                    next_step=f"Try again in {max(1, wait // 60)} minutes.",
                    retry_after_s=wait,
                )
        own.append(now)
        self._together.append(now)
