"""From reads, and the entries that may answer to them, to hits. Pure: what is wanted and the time are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from watchfloor.kit.ids import uuid7
from watchfloor.plates.model import Hit, HitId, Mismatch, Reader, ReaderId, Wanted, same_vehicle
from watchfloor.plates.store import KeptRead
from watchfloor.storage.tx import Tx


class HitSink(Protocol):
    """What is done with new hits, in the transaction that keeps them: incidents makes alerts of them."""

    async def __call__(self, tx: Tx, hits: Sequence[Hit], /) -> None: ...


def hits_of(
    reads: Iterable[KeptRead], wanted: Iterable[Wanted], readers: Mapping[ReaderId, Reader], *, now: datetime
) -> list[Hit]:
    """Every match and candidate, in the order of the reads; an expired entry gives none."""
    by_plate: dict[str, list[Wanted]] = {}
    for entry in wanted:
        by_plate.setdefault(entry.plate.folded, []).append(entry)
    hits = []
    for kept in reads:
        for entry in by_plate.get(kept.read.plate.folded, ()):
            answer = same_vehicle(kept.read, entry, now=now)
            if not isinstance(answer, Mismatch):
                reader = readers[kept.read.device]
                hits.append(Hit(HitId(uuid7(now)), answer, reader, kept.rules.hit, kept.authorisation))
    return hits
