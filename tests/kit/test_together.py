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


async def test_one_by_one_a_round_is_of_all_who_came_while_the_one_before_it_was_under_way() -> None:
    clock, rounds = ManualClock(datetime(2026, 11, 29, tzinfo=UTC)), list[list[int]]()
    begun, over = asyncio.Event(), asyncio.Event()

    async def ask(keys: Sequence[int]) -> Mapping[int, int]:
        rounds.append(sorted(keys))
        begun.set()
        await over.wait()
        return {key: 10 * key for key in keys}

    together = Together(ask, clock, every_s=0, one_by_one=True)
    waiting = [asyncio.create_task(together.of(1))]
    await begun.wait()
    waiting += [asyncio.create_task(together.of(key)) for key in (2, 3)]
    several = asyncio.create_task(together.of_all([4, 5]))
    for _ in range(5):
        await clock.advance(timedelta(0))
    assert rounds == [[1]], "the next waits for the end of the first"
    over.set()
    assert await asyncio.gather(*waiting) == [10, 20, 30]
    assert await several == {2: 20, 3: 30, 4: 40, 5: 50}
    assert rounds == [[1], [2, 3, 4, 5]]
