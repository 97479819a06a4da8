"""What the messages of one transaction say of their readers: how much, how late, by which clock. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from watchfloor.plates.bulk import Bulk, Mask
from watchfloor.plates.model import PlateRead, ReaderId
from watchfloor.plates.reader_store import Heard
from watchfloor.plates.wire import ColumnsForm, at_of, us_of

_MS: Final = timedelta(milliseconds=1)
_MS_US: Final = 1000


@dataclass(frozen=True, slots=True)
class Came:
    """The new reads of one reader: how many, and of the last of them its time, its clock's less ours, and whether that is believed."""

    reads: int
    at: datetime
    off_ms: int | None
    suspect: bool


def more(before: Heard | None, reader: ReaderId, batch: ColumnsForm, refused: int) -> Heard:
    """What is said of a reader so far, and by this batch; `duplicates` counts every read until the new are known."""
    before = before or Heard(reader, batch.received_at)
    off, late = _clock_of(batch)
    return replace(
        before,
        heard_at=max(before.heard_at, batch.received_at),
        duplicates=before.duplicates + len(batch) - refused,
        refused=before.refused + refused,
        rejected=before.rejected + batch.rejected,
        off_ms=_greater(before.off_ms, off),
        late_ms=_greater(before.late_ms, late),
    )


def came_of(new: Sequence[PlateRead]) -> dict[ReaderId, Came]:
    """What came, by reader."""
    counts = Counter(read.device for read in new)
    last = {read.device: read for read in sorted(new, key=lambda read: read.at)}
    return {
        device: Came(
            counts[device],
            read.at,
            (read.device_at - read.received_at) // _MS if read.device_at else None,
            read.clock_suspect,
        )
        for device, read in last.items()
    }


def came_in(bulk: Bulk, fresh: Mask) -> dict[ReaderId, Came]:
    """The same of what is kept as columns."""
    came: dict[ReaderId, Came] = {}
    for number, under in enumerate(bulk.unders):
        at_us = bulk.at_us[fresh & (bulk.of == number)]
        if at_us.size:
            last = int(at_us.max())
            off = (last - us_of(under.received_at)) // _MS_US
            here = Came(int(at_us.size), at_of(last), off, suspect=False)
            came[under.device] = _both(came.get(under.device), here) or here
    return came


def counted(heard: Mapping[ReaderId, Heard], *parts: Mapping[ReaderId, Came]) -> list[Heard]:
    """What is said of the readers now that the new reads are known."""
    said = []
    for device, one in heard.items():
        came = None
        for part in parts:
            came = _both(came, part.get(device))
        said.append(one if came is None else _with(one, came))
    return said


def _with(one: Heard, came: Came) -> Heard:
    return replace(
        one,
        reads=came.reads,
        duplicates=one.duplicates - came.reads,
        last_read_at=came.at,
        clock_off_ms=came.off_ms,
        clock_suspect=came.suspect,
    )


def _both(one: Came | None, other: Came | None) -> Came | None:
    if one is None or other is None:
        return one or other
    last = one if one.at >= other.at else other
    return replace(last, reads=one.reads + other.reads)


def _clock_of(batch: ColumnsForm) -> tuple[int | None, int | None]:
    """The least and the longest delay of what the device dated: its newest and its oldest time against ours."""
    times = [at for at in batch.at_us if at is not None]
    if not times:
        return None, None
    came = us_of(batch.received_at)
    return (max(times) - came) // _MS_US, (came - min(times)) // _MS_US


def _greater(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)
