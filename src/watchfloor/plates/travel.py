"""Who travelled with a vehicle: its passes, who was near, and what of that neither habit nor road explains."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watchfloor.plates import scenes_store
from watchfloor.plates.companions import AROUND, WITHIN, Companion, candidates, companions, drives_of, legs_of
from watchfloor.plates.scenes_store import Pass
from watchfloor.storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Travelled:
    """The passes of a vehicle, on how many drives, how many other vehicles were near any of them, and who stands out."""

    passes: Sequence[Pass]
    drives: int
    tries: int
    companions: Sequence[Companion]


async def travelled(tx: Tx, key: int, since: datetime, until: datetime) -> Travelled:
    """What is found for the vehicle of this folded key."""
    passes = (await scenes_store.passes_of(tx, [key], since, until))[key]
    if not passes:
        return Travelled((), 0, 0, ())
    drives = drives_of(passes)
    near = await scenes_store.near(tx, key, passes, WITHIN)
    at = candidates(near, drives)
    tries = len({one.key for one in near})
    if not at:
        return Travelled(passes, drives[-1] + 1, tries, ())
    readers = sorted({one.reader for one in passes})
    own = await scenes_store.passes_of(tx, list(at), since, until, readers)
    legs = legs_of(passes, drives, at)
    onward = await scenes_store.traffic(tx, legs, AROUND, WITHIN, since) if legs else ()
    days = max(2, round((until - since).total_seconds() / 86_400))
    found = await asyncio.to_thread(companions, passes, at, own, onward, tries=tries, days=days)
    return Travelled(passes, drives[-1] + 1, tries, found)
