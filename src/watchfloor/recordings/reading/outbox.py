"""What was read and is not yet in the intake buffer: handed in until that takes it, and let go when it is too old."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from watchfloor.governance.lease import Lease
from watchfloor.governance.model import AgencyId
from watchfloor.kit.clock import Clock
from watchfloor.kit.errors import Full, Unavailable
from watchfloor.kit.logs import logger
from watchfloor.plates.hand_in import Hand
from watchfloor.plates.ingest.claim import Claim
from watchfloor.plates.model import ReaderId

_log = logger("reading")
MOST: Final = 500
WAITS: Final = timedelta(minutes=5)
_AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Read:
    """One telling of a passing, as it is handed in."""

    agency: AgencyId
    reader: ReaderId
    claim: Claim
    read_at: datetime


class Leave(Protocol):
    """Whether reads of a camera may be handed in now."""

    def __call__(self, reader: ReaderId, /) -> Lease | None: ...


class Outbox:
    """The reads that wait, oldest first, at most 500."""

    def __init__(self, hand: Hand, clock: Clock, leave: Leave) -> None:
        self._hand, self._clock, self._leave = hand, clock, leave
        self._reads: deque[Read] = deque()
        self._came = asyncio.Event()
        self.lost = 0

    def __len__(self) -> int:
        return len(self._reads)

    def put(self, read: Read) -> None:
        """Have it handed in."""
        if len(self._reads) >= MOST:
            self._reads.popleft()
            self._lose("too many reads wait to be handed in")
        self._reads.append(read)
        self._came.set()

    async def run(self) -> None:
        """Hand in what is there, for ever."""
        while True:
            while self._reads:
                if not await self._first(self._reads[0]):
                    await self._clock.sleep(_AGAIN_S)
            self._came.clear()
            await self._came.wait()

    async def _first(self, read: Read) -> bool:
        """Hand in the oldest; whether it is done with."""
        leave, now = self._leave(read.reader), self._clock.now()
        if leave is not None and now - read.read_at <= WAITS:
            try:
                await self._hand.reads(read.agency, read.reader, leave, [read.claim], now)
            except (Full, Unavailable):
                return False
        elif leave is not None:
            self._lose("a read waited too long for the intake buffer")
        if self._reads and self._reads[0] is read:
            self._reads.popleft()
        return True

    def _lose(self, why: str) -> None:
        self.lost += 1
        _log.error("a read is lost", alarm=True, why=why, lost=self.lost)
