"""From reads, and the entries that may answer to them, to hits. Pure: what is wanted and the time are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from watchfloor.kit.ids import uuid7
from watchfloor.plates.bulk import Fresh
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.judge import Judge
from watchfloor.plates.model import (
    Candidate,
    Hit,
    HitId,
    Kind,
    Match,
    Mismatch,
    PlateRead,
    Reader,
    ReaderId,
    Wanted,
    grade_of,
    same_vehicle,
)
from watchfloor.plates.store import KeptRead
from watchfloor.storage.tx import Tx


class HitSink(Protocol):
    """What is done with new hits of alarm grade, in the transaction that keeps them: incidents makes alerts of them."""

    async def __call__(self, tx: Tx, hits: Sequence[Hit], /) -> None: ...


class ReadSink(Protocol):
    """What is done with new reads, in the transaction that keeps them: of which the pictures have to be kept."""

    async def __call__(
        self, tx: Tx, reads: Fresh, readers: Mapping[ReaderId, Reader], /
    ) -> Sequence[PlateRead]: ...


async def nobody_follows(tx: Tx, reads: Fresh, readers: Mapping[ReaderId, Reader], /) -> Sequence[PlateRead]:
    """Nothing is done with reads but to match them."""
    return ()


@dataclass(frozen=True, slots=True)
class Found:
    """A read that some list may have an answer to: the folded keys to ask for, and by which step each is reached.

    `near` are all listed plates that differ from it in one character, doubted or not, folded: what chance alone may bring.
    """

    kept: KeptRead
    keys: Mapping[int, Kind | None]
    near: tuple[str, ...] = ()


def standing(reader: Reader, read: PlateRead) -> Reader:
    """The reader where it was when it read: a mobile one says that itself."""
    return reader if read.position is None else replace(reader, point=read.position)


def hits_of(
    found: Iterable[Found],
    wanted: Iterable[Wanted],
    readers: Mapping[ReaderId, Reader],
    judge: Judge,
    *,
    now: datetime,
) -> list[Hit]:
    """Every match and candidate, in the order of the reads, with its odds; an expired entry gives none."""
    by_key: dict[int, list[Wanted]] = {}
    for entry in wanted:
        by_key.setdefault(key_of(entry.plate.text), []).append(entry)
    hits = []
    for one in found:
        kept = one.kept
        answers = list(_answers(one, by_key, now))
        if not answers:
            continue
        reader = standing(readers[kept.read.device], kept.read)
        odds = judge.odds(kept.read, [(a.wanted, a.kind) for a in answers], one.near)
        for answer, its in zip(answers, odds, strict=True):
            grade = judge.grade(grade_of(answer), its, answer.wanted.priority)
            hit = Hit(HitId(uuid7(now)), answer, reader, kept.rules.hit, kept.authorisation, grade)
            hits.append(replace(hit, odds=its, record=judge.record(reader)))
    return hits


def _answers(
    one: Found, by_key: Mapping[int, Sequence[Wanted]], now: datetime
) -> Iterator[Match | Candidate]:
    for key, step in one.keys.items():
        for entry in by_key.get(key, ()):
            answer = same_vehicle(one.kept.read, entry, now=now, step=step)
            if not isinstance(answer, Mismatch):
                yield answer
