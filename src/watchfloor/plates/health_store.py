"""All SQL of how readers do hour by hour: written with each message, read for the page of their health. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.plates.health import KEPT_HOURS, Hour
from watchfloor.plates.model import ReaderId
from watchfloor.plates.reader_store import Heard
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_HOUR: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(at: datetime) -> datetime:
    """The hour that a moment lies in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@touches(DataClass.READER, WRITE)
async def keep_hours(tx: Tx, heard: Sequence[Heard]) -> None:
    """Add to the hours of readers, in one order. An hour of eight weeks ago is written over."""
    ordered = sorted(heard, key=lambda one: one.reader)
    hours = [hour_of(one.heard_at) for one in ordered]
    await tx.execute_uncounted(
        "insert into reader_hour as h (reader_id, agency_id, slot, hour, reads, refused, rejected, off_ms, late_ms)"
        " select w.reader, %(agency)s, w.slot, w.hour, w.reads, w.refused, w.rejected, w.off, w.late from unnest("
        "%(readers)s::uuid[], %(slots)s::smallint[], %(hours)s::timestamptz[], %(reads)s::bigint[], %(refused)s::bigint[],"
        " %(rejected)s::bigint[], %(off)s::bigint[], %(late)s::bigint[])"
        " as w (reader, slot, hour, reads, refused, rejected, off, late)"
        " on conflict (reader_id, slot) do update set hour = excluded.hour,"
        " reads = excluded.reads + case when h.hour = excluded.hour then h.reads else 0 end,"
        " refused = excluded.refused + case when h.hour = excluded.hour then h.refused else 0 end,"
        " rejected = excluded.rejected + case when h.hour = excluded.hour then h.rejected else 0 end,"
        " off_ms = greatest(excluded.off_ms, case when h.hour = excluded.hour then h.off_ms end),"
        " late_ms = greatest(excluded.late_ms, case when h.hour = excluded.hour then h.late_ms end)"
        " where h.hour <= excluded.hour",
        agency=tx.agency,
        readers=[one.reader for one in ordered],
        slots=[int((hour - _EPOCH) / _HOUR) % KEPT_HOURS for hour in hours],
        hours=hours,
        reads=[one.reads for one in ordered],
        refused=[one.refused for one in ordered],
        rejected=[one.rejected for one in ordered],
        off=[one.off_ms for one in ordered],
        late=[one.late_ms for one in ordered],
    )


@touches(DataClass.READER, READ)
async def hours(tx: Tx, since: datetime, reader: UUID | None = None) -> dict[ReaderId, list[Hour]]:
    """The hours of all readers, or of one, since then, in their order."""
    found: dict[ReaderId, list[Hour]] = {}
    for row in await tx.fetch(
        "select * from reader_hour where hour >= %(since)s and (%(reader)s::uuid is null or reader_id = %(reader)s) order by hour",
        since=since,
        reader=reader,
    ):
        found.setdefault(ReaderId(row["reader_id"]), []).append(
            Hour(row["hour"], row["reads"], row["refused"], row["rejected"], row["off_ms"], row["late_ms"])
        )
    return found
