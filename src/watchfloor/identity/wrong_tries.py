"""Wrong tries of devices to sign in where nobody is told how long to wait: too many of a minute are refused unasked. In memory alone.

A token cannot be guessed; what is guarded is the work of looking for it. Nobody is to be kept out by others' tries: those of a name count
from where they come from, and whoever was let in from there is not held to its neighbours'. A stranger who tries under its very name from
there is told apart by whoever asks this: what is refused is to be looked up, not to be right.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from watchfloor.kit.clock import Clock
from watchfloor.kit.household import household

WITHIN_S: Final = 60.0
MOST_OF_ONE: Final = 10
MOST_FROM_ONE_PLACE: Final = 120
# Longer than a device stays, once it is in: it comes back from where it was.
_KNOWN_FOR_S: Final = 36 * 3600.0
_REMEMBERED: Final = 20_000

_Key = tuple[str, str]


class WrongTries:
    """Those of the last minute, by place and name, and by place."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[_Key, deque[float]] = OrderedDict()
        self._right: OrderedDict[_Key, float] = OrderedDict()

    def too_many(self, name: str, source: str) -> bool:
        """Whether this name is not asked about from there for now."""
        place, now = household(source), self._clock.monotonic()
        if self._lately((place, name), now) >= MOST_OF_ONE:
            return True
        known = self._right.get((place, name))
        if known is not None and now - known < _KNOWN_FOR_S:
            return False
        return self._lately((place, ""), now) >= MOST_FROM_ONE_PLACE

    def wrong(self, name: str, source: str) -> None:
        """Count one."""
        place, now = household(source), self._clock.monotonic()
        for key in {(place, name), (place, "")}:
            tries = self._wrong.pop(key, None) or deque(maxlen=MOST_FROM_ONE_PLACE)
            tries.append(now)
            self._wrong[key] = tries
        while len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, name: str, source: str) -> None:
        """It was let in from there."""
        key = household(source), name
        self._wrong.pop(key, None)
        self._right.pop(key, None)
        self._right[key] = self._clock.monotonic()
        while len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)

    def _lately(self, key: _Key, now: float) -> int:
        tries = self._wrong.get(key)
        while tries and now - tries[0] > WITHIN_S:
            tries.popleft()
        return len(tries or ())
