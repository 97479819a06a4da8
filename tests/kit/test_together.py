"""Who asks at one moment is answered by one round, of what was asked for after it came; what goes wrong is told to all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from watchfloor.kit.clock import ManualClock
from watchfloor.kit.errors import Unavailable
from watchfloor.kit.together import Together


async def test_those_who_come_within_one_round_are_asked_for_together_and_nothing_is_remembered() -> None:
    clock, rounds = ManualClock(datetime(2026, 11, 29, tzinfo=UTC)), list[list[int]]()
    known = {1: "one", 2: "two"}

    async def ask(keys: Sequence[int]) -> Mapping[int, str]:
        rounds.append(list(keys))
        if not known:
            raise Unavailable("away")
        return {key: known[key] for key in keys if key in known}

    together = Together(ask, clock, every_s=0.02)
    assert await together.of(1) == "one", "in a quiet moment at once"
    coming = [asyncio.create_task(together.of(key)) for key in (1, 2, 3, 1)]
    left = asyncio.create_task(together.of(2))
    await clock.advance(timedelta(0))
    left.cancel()
    assert rounds == [[1]], "the next round waits its time"
    del known[1]
    await clock.advance(timedelta(seconds=0.02))
    assert await asyncio.gather(*coming) == [None, "two", None, None], "as it was when the round asked"
    assert rounds == [[1], [1, 2, 3]]
    await clock.advance(timedelta(seconds=1))
    known.clear()
    both = await asyncio.gather(together.of(1), together.of(2), return_exceptions=True)
    assert [type(one) for one in both] == [Unavailable, Unavailable] and len(rounds) == 3
