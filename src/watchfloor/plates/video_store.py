"""All SQL of cameras whose plates are read here: which they are, how it goes, what became of their pictures. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.plates.health import DAY, KEPT_HOURS
from watchfloor.plates.health_store import hour_of
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.reader_store import reader_of_row
from watchfloor.plates.video import NAMES, NOTHING, Counts, Said, Video, VideoStream
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_HOUR: Final = timedelta(hours=1)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Word:
    """What is said of one camera now: how it goes, and what became of its pictures since it was said last."""

    reader: ReaderId
    level: str
    word: str
    reason: str
    counts: Counts


@touches(DataClass.READER, READ)
async def of_camera(tx: Tx, camera: UUID) -> Reader | None:
    """The reader that a camera is, in service or not."""
    row = await tx.fetch_one("select * from reader where camera_id = %(camera)s", camera=camera)
    return reader_of_row(row) if row else None


@touches(DataClass.READER, READ)
async def readers_on_video(tx: Tx) -> list[Reader]:
    """The agency's cameras whose plates are to be read."""
    rows = await tx.fetch(
        "select * from reader where camera_id is not null and retired_at is null order by id"
    )
    return [reader_of_row(row) for row in rows]


@touches(DataClass.READER, WRITE)
async def take_back(tx: Tx, reader: Reader) -> bool:
    """Take a camera that was taken out of service back into it, where it stands now; False when it is in service."""
    count = await tx.execute(
        "update reader set retired_at = null, version = version + 1 where id = %(id)s and retired_at is not null",
        id=reader.id,
    )
    return count == 1


@touches(DataClass.READER, WRITE)
async def set_stream(tx: Tx, reader: Reader, stream: VideoStream) -> None:
    """Which of the camera's streams is read from now on."""
    await tx.execute(
        "update reader set stream = %(stream)s, version = version + 1 where id = %(id)s and stream <> %(stream)s",
        stream=stream,
        id=reader.id,
    )


@touches(DataClass.READER, WRITE)
async def say(tx: Tx, words: Sequence[Word]) -> None:
    """Keep how the reading of cameras goes, and add what became of their pictures, in one order."""
    hour = hour_of(tx.now)
    rows: list[dict[str, object]] = [
        {
            "reader": one.reader, "agency": tx.agency, "level": one.level, "word": one.word, "reason": one.reason, "now": tx.now,
            "hour": hour, "slot": int((hour - _EPOCH) / _HOUR) % KEPT_HOURS,
            **{name: getattr(one.counts, name) for name in NAMES},
        }
        for one in sorted(words, key=lambda one: one.reader)
    ]  # fmt: skip
    await tx.execute_many(
        "insert into reader_video as t (reader_id, agency_id, level, word, reason, since, said_at, pictures, still, masked,"
        " undecodable, busy, failed, no_leave, looked, cpu_ms) values (%(reader)s, %(agency)s, %(level)s, %(word)s, %(reason)s,"
        " %(now)s, %(now)s, %(pictures)s, %(still)s, %(masked)s, %(undecodable)s, %(busy)s, %(failed)s, %(no_leave)s, %(looked)s,"
        " %(cpu_ms)s) on conflict (reader_id) do update set level = excluded.level, word = excluded.word,"
        " reason = excluded.reason, since = case when t.word = excluded.word then t.since else excluded.since end,"
        " said_at = excluded.said_at, pictures = t.pictures + excluded.pictures, still = t.still + excluded.still,"
        " masked = t.masked + excluded.masked, undecodable = t.undecodable + excluded.undecodable,"
        " busy = t.busy + excluded.busy, failed = t.failed + excluded.failed, no_leave = t.no_leave + excluded.no_leave,"
        " looked = t.looked + excluded.looked, cpu_ms = t.cpu_ms + excluded.cpu_ms",
        rows,
    )
    # What an hour of eight weeks ago had is written over.
    await tx.execute_many(
        "insert into reader_video_hour as t (reader_id, agency_id, slot, hour, pictures, still, masked, undecodable, busy,"
        " failed, no_leave, looked, cpu_ms) values (%(reader)s, %(agency)s, %(slot)s, %(hour)s, %(pictures)s, %(still)s,"
        " %(masked)s, %(undecodable)s, %(busy)s, %(failed)s, %(no_leave)s, %(looked)s, %(cpu_ms)s)"
        " on conflict (reader_id, slot) do update set hour = excluded.hour,"
        " pictures = excluded.pictures + case when t.hour = excluded.hour then t.pictures else 0 end,"
        " still = excluded.still + case when t.hour = excluded.hour then t.still else 0 end,"
        " masked = excluded.masked + case when t.hour = excluded.hour then t.masked else 0 end,"
        " undecodable = excluded.undecodable + case when t.hour = excluded.hour then t.undecodable else 0 end,"
        " busy = excluded.busy + case when t.hour = excluded.hour then t.busy else 0 end,"
        " failed = excluded.failed + case when t.hour = excluded.hour then t.failed else 0 end,"
        " no_leave = excluded.no_leave + case when t.hour = excluded.hour then t.no_leave else 0 end,"
        " looked = excluded.looked + case when t.hour = excluded.hour then t.looked else 0 end,"
        " cpu_ms = excluded.cpu_ms + case when t.hour = excluded.hour then t.cpu_ms else 0 end",
        [row for row in rows if any(row[name] for name in NAMES)],
    )


@touches(DataClass.READER, READ)
async def videos(tx: Tx) -> dict[ReaderId, Video]:
    """How the reading of each camera of the agency goes: what was said last, and the counts of two hours and of a day."""
    said = {ReaderId(row["reader_id"]): _said(row) for row in await tx.fetch("select * from reader_video")}
    lately: dict[ReaderId, Counts] = {}
    day: dict[ReaderId, Counts] = {}
    rows = await tx.fetch("select * from reader_video_hour where hour > %(since)s", since=tx.now - DAY)
    for row in rows:
        reader, counts = ReaderId(row["reader_id"]), _counts(row)
        day[reader] = day.get(reader, NOTHING) + counts
        # The hour that goes on and the one before it: at its first minute it would say nothing.
        if row["hour"] + 2 * _HOUR > tx.now:
            lately[reader] = lately.get(reader, NOTHING) + counts
    return {
        reader: Video(one, lately.get(reader, NOTHING), day.get(reader, NOTHING))
        for reader, one in said.items()
    }


@touches(DataClass.READER, READ)
async def total(tx: Tx) -> Counts:
    """What became of the pictures of all cameras since the beginning."""
    row = await tx.fetch_one(
        "select coalesce(sum(pictures), 0)::bigint as pictures, coalesce(sum(still), 0)::bigint as still,"
        " coalesce(sum(masked), 0)::bigint as masked, coalesce(sum(undecodable), 0)::bigint as undecodable,"
        " coalesce(sum(busy), 0)::bigint as busy, coalesce(sum(failed), 0)::bigint as failed,"
        " coalesce(sum(no_leave), 0)::bigint as no_leave, coalesce(sum(looked), 0)::bigint as looked,"
        " coalesce(sum(cpu_ms), 0)::bigint as cpu_ms from reader_video"
    )
    return _counts(row) if row else NOTHING


def _counts(row: Row) -> Counts:
    return Counts(**{name: row[name] for name in NAMES})


def _said(row: Row) -> Said:
    return Said(row["level"], row["word"], row["reason"], row["since"], row["said_at"], _counts(row))
