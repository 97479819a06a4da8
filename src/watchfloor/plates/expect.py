"""How many hits a watch is to be expected to bring, from the reads of the last week: a count, never a read.

It is asked for before a watch is proposed and once more when it is, so that the second person decides by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from watchfloor.kit.clock import Clock
from watchfloor.plates import expect_store, history_store
from watchfloor.plates.expect_store import Counted
from watchfloor.plates.watch import LOOKS_BACK, Expected, Watched
from watchfloor.plates.where import Stood, among
from watchfloor.storage.tx import Tx

# One statement takes no longer, and no further day is begun after the second.
STATEMENT_S: Final = 10.0
ENOUGH_S: Final = 3.0
_DAY: Final = timedelta(days=1)


async def expected(tx: Tx, watched: Watched, clock: Clock) -> Expected:
    """Day by day, the newest first, until the week is over or it took long enough."""
    week = tx.now - LOOKS_BACK
    stands = await history_store.stands(tx, week, tx.now)
    stood = _there(watched, stands)
    named = sorted({one.reader for one in (stands if stood is None else stood)})
    await history_store.bound(tx, STATEMENT_S)
    first = await expect_store.first_read(tx, named, week) if named else None
    if first is None:
        return Expected(None, 0.0)
    reads, until, began = 0, tx.now, clock.monotonic()
    while until > first:
        since = max(until - _DAY, week)
        reads += await expect_store.would_answer(tx, Counted(watched, stood), since, until)
        until = since
        if clock.monotonic() - began > ENOUGH_S:
            break
    return Expected(reads, _hours(tx.now - max(first, until)))


def _there(watched: Watched, stands: Sequence[Stood]) -> tuple[Stood, ...] | None:
    """The readers that are looked at, where and while they stood there; None for all of them."""
    if watched.where is None and not watched.readers:
        return None
    named = [one for one in stands if not watched.readers or one.reader in watched.readers]
    return tuple(named if watched.where is None else among(watched.where, named))


def _hours(length: timedelta) -> float:
    return round(max(length.total_seconds(), 0.0) / 3600, 1)
