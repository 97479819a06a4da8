"""What the messages of one transaction say of their readers: how much, how late, by which clock. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from watchfloor.plates.model import PlateRead, ReaderId
from watchfloor.plates.reader_store import Heard
from watchfloor.plates.wire import BatchForm

_MS: Final = timedelta(milliseconds=1)


def more(before: Heard | None, reader: ReaderId, batch: BatchForm, refused: int) -> Heard:
    """What is said of a reader so far, and by this batch; `duplicates` counts every read until the new are known."""
    before = before or Heard(reader, batch.received_at)
    off, late = _clock_of(batch)
    return replace(
        before,
        heard_at=max(before.heard_at, batch.received_at),
        duplicates=before.duplicates + len(batch.reads) - refused,
        refused=before.refused + refused,
        rejected=before.rejected + batch.rejected,
        off_ms=_greater(before.off_ms, off),
        late_ms=_greater(before.late_ms, late),
    )


def counted(heard: Mapping[ReaderId, Heard], new: Sequence[PlateRead]) -> list[Heard]:
    """What is said of the readers now that the new reads are known."""
    counts = Counter(read.device for read in new)
    last = {read.device: read for read in sorted(new, key=lambda read: read.at)}
    said = []
    for device, one in heard.items():
        read = last.get(device)
        off = (read.device_at - read.received_at) // _MS if read and read.device_at else None
        said.append(
            replace(
                one,
                reads=counts[device],
                duplicates=one.duplicates - counts[device],
                last_read_at=read.at if read else None,
                clock_off_ms=off,
                clock_suspect=read.clock_suspect if read else None,
            )
        )
    return said


def _clock_of(batch: BatchForm) -> tuple[int | None, int | None]:
    """The least and the longest delay of what the device dated: its newest and its oldest time against ours."""
    times = [form.device_at for form in batch.reads if form.device_at is not None]
    if not times:
        return None, None
    return (max(times) - batch.received_at) // _MS, (batch.received_at - min(times)) // _MS


def _greater(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)
