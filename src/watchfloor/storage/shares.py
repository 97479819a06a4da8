"""How much of what waits on the bus is of whom: one that sends without end leaves the others their room. It adds up, and does nothing.

The store bounds how many messages of a device wait, not how many bytes: 5,000 large ones are more than all of it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

_MB: Final = 1024 * 1024
# An eighth of the store: for days what a microphone sends. While no more than so little waits nobody's share is counted.
MOST_OF_ONE: Final = 24 * _MB
LITTLE: Final = 8 * _MB

Connection = tuple[str, int]
"""A server, and the number of a connection there."""


class Shares:
    """What each device sent since little waited, as far as its connections were looked at."""

    def __init__(self, *, most: int = MOST_OF_ONE, little: int = LITTLE) -> None:
        self._most = most
        self._little = little
        self._before: dict[Connection, int] | None = None
        self._sent: Counter[str] = Counter()

    def looked(self, waiting: int, sent: Mapping[Connection, tuple[str, int]]) -> frozenset[str]:
        """With so many bytes waiting, and what each connection, of which device, has sent since it came: who sent more than their share.

        One is told each time until little waits again. What was sent before the first look is of nobody known.
        """
        if self._before is not None:
            for connection, (device, total) in sent.items():
                self._sent[device] += total - self._before.get(connection, 0)
        self._before = {connection: total for connection, (_, total) in sent.items()}
        if waiting <= self._little:
            self._sent.clear()
        return frozenset(device for device, total in self._sent.items() if total > self._most)
