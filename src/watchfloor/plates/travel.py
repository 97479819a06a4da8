"""Who travelled with a vehicle: its passes, who was near, and what of that neither habit nor road explains."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchfloor.plates import scenes_store
from watchfloor.plates.companions import (
    AROUND,
    FALSE_SHARE,
    WITHIN,
    Companion,
    candidates,
    companions,
    drives_of,
    legs_of,
)
from watchfloor.plates.scenes_store import Pass
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Travelled:
    """The passes of a vehicle, on how many drives, how many other vehicles were near any of them, and who stands out."""

    passes: Sequence[Pass]
    drives: int
    tries: int
    companions: Sequence[Companion]


Say = Callable[[str, float], Awaitable[None]]


async def _nothing(_: str, __: float) -> None: ...


async def travelled(
    tx: Tx,
    key: int,
    since: datetime,
    until: datetime,
    *,
    say: Say = _nothing,
    false_share: float = FALSE_SHARE,
) -> Travelled:
    """What is found for the vehicle of this folded key; `say` is told how far it is, in parts of one."""
    passes = (await scenes_store.passes_of(tx, [key], since, until))[key]
    if not passes:
        return Travelled((), 0, 0, ())
    drives = drives_of(passes)
    await say("Looking for what was near it.", 0.2)
    near = await scenes_store.near(tx, key, passes, WITHIN)
    at = candidates(near, drives)
    tries = len({one.key for one in near})
    if not at:
        return Travelled(passes, drives[-1] + 1, tries, ())
    readers = sorted({one.reader for one in passes})
    await say("Looking at the other days of what was near it.", 0.4)
    own = await scenes_store.passes_of(tx, list(at), since, until, readers)
    await say("Counting what shares the road.", 0.7)
    legs = legs_of(passes, drives, at)
    onward = await scenes_store.traffic(tx, legs, AROUND, WITHIN, since) if legs else ()
    days = max(2, round((until - since).total_seconds() / 86_400))
    found = await asyncio.to_thread(
        companions, passes, at, own, onward, tries=tries, days=days, false_share=false_share
    )
    return Travelled(passes, drives[-1] + 1, tries, found)
