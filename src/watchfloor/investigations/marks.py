"""When something happened at a camera's place: the marks of a time bar, asked for as a look at what the camera recorded.

Each kind is for whoever sees it elsewhere; of plate reads there is a count and no plate, under an ask of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.looking import looking
from watchfloor.cameras.model import Camera
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Actor, Ask, Refused, Why
from watchfloor.governance.needs import Need
from watchfloor.governance.words import TechnologyKind
from watchfloor.investigations import marks_store as store
from watchfloor.investigations.bookmarks import kinds_of
from watchfloor.investigations.marks_store import Bucket, Counted, Near
from watchfloor.kit.errors import Invalid
from watchfloor.recordings.ask import camera_then

LONGEST: Final = timedelta(days=7)
BUCKETS: Final = 120
_NEAR_M: Final = 150.0
_FARTHEST_M: Final = 1000.0
_SHORTEST: Final = timedelta(seconds=1)
# Marks of a kind are for whoever has the need that shows it elsewhere.
SEEN_BY: Final = {
    "alert": Need.ALERTS_VIEW,
    "incident": Need.INCIDENTS_VIEW,
    "call": Need.CASES_VIEW,
    "bookmark": Need.BOOKMARKS_VIEW,
}


@dataclass(frozen=True, slots=True)
class Marks:
    """What happened, by bucket; which kinds the asker may not see here, and why."""

    near: Near
    marks: list[tuple[str, Bucket]]
    reads: list[Counted]
    left_out: list[tuple[str, str]]


async def marks(
    door: Door, actor: Actor, why: Why | None, camera: UUID, begin: datetime, end: datetime
) -> Marks:
    """The marks of a camera over a time of at most seven days. Raises Invalid, NotFound or Refused."""
    if not timedelta(0) < end - begin <= LONGEST:
        raise Invalid("Marks are of at most seven days, from before to.", reason="range")
    found = await camera_then(door, actor, camera, begin)
    near = Near(
        found.place,
        min(found.range_m or _NEAR_M, _FARTHEST_M),
        begin,
        end,
        max((end - begin) / BUCKETS, _SHORTEST),
    )
    made = Marks(near, [], [], [])
    async with door.open(looking(found, actor, Need.CAMERA_MARKS, why)) as tx:
        for kind, need in SEEN_BY.items():
            if not actor.roles & need.roles:
                made.left_out.append((kind, f"It is for who may: {_lower(need.sentence)}"))
            elif kind == "bookmark":
                buckets = await store.bookmarks(tx, near, camera, kinds_of(actor))
                made.marks.extend((kind, bucket) for bucket in buckets)
            else:
                made.marks.extend((kind, bucket) for bucket in await store.OF_KIND[kind](tx, near))
        readers = await store.readers(tx, near)
    made.marks.sort(key=lambda mark: mark[1].at)
    for technology, ids in readers.items():
        await _count_reads(door, actor, why, found, technology, ids, made)
    return made


async def _count_reads(
    door: Door,
    actor: Actor,
    why: Why | None,
    camera: Camera,
    technology: TechnologyKind,
    readers: list[UUID],
    made: Marks,
) -> None:
    """Add how many plates those readers read; where that is refused, why. Reading plates is approved apart from cameras."""
    about = About("camera", camera.id)
    try:
        async with door.open(Ask(actor, Need.PLATES_COUNT, why, about, technology, camera.place)) as tx:
            made.reads.extend(await store.reads(tx, made.near, readers))
    except Refused as refused:
        made.left_out.append(("read", refused.denied.sentence))


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
