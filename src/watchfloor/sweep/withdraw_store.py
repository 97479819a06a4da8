"""All SQL of deleting what was recorded of one camera: its days, rows and gaps, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.recordings.model import GapReason
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx, touches

_F: Final = DataClass.FOOTAGE
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, order=True)
class CameraDay:
    """One camera's one day of one rule."""

    rule: int
    day: date


@touches(_F, READ)
async def days_of_camera(tx: Tx, camera: UUID) -> set[CameraDay]:
    """The days of which the index has footage of a camera."""
    rows = await tx.fetch(
        "select distinct rule, (at at time zone 'UTC')::date as day from segment where camera_id = %(camera)s",
        camera=camera,
    )
    return {CameraDay(row["rule"], row["day"]) for row in rows}


@touches(_F, WRITE)
async def delete_day(tx: Tx, camera: UUID, of: CameraDay) -> int:
    """Exchange the rows of a camera's day for the word that it is by agreement that there is nothing; how many went."""
    begin, end = end_of(of.day) - timedelta(days=1), end_of(of.day)
    within = {"camera": camera, "rule": of.rule, "from": begin, "to": end}
    gone = await tx.fetch_one(
        "with gone as (delete from segment where camera_id = %(camera)s and rule = %(rule)s and at >= %(from)s and at < %(to)s"
        " returning at, ended_at) select count(*) as count, min(at) as at, max(ended_at) as ended_at from gone",
        **within,
    )
    if gone is None or not gone["count"]:
        return 0
    await tx.execute(
        "insert into footage_gap (agency_id, rule, at, ended_at, id, camera_id, worker_id, reason) values (%(agency)s, %(rule)s,"
        " %(at)s, %(ended)s, %(id)s, %(camera)s, %(worker)s, %(reason)s)",
        agency=tx.agency,
        rule=of.rule,
        at=gone["at"],
        ended=gone["ended_at"],
        id=uuid7(tx.now),
        camera=camera,
        worker=_NOBODY,
        reason=GapReason.BY_AGREEMENT.value,
    )
    return int(gone["count"])


@touches(DataClass.AGREEMENT, WRITE)
async def keep_deleted(tx: Tx, agreement: UUID, segments: int, days: int, held: int) -> None:
    """Keep what revocation deleted so far, and how many days stay because they are held."""
    await tx.execute(
        "update agreement set deleted = jsonb_build_object("
        " 'segments', coalesce((deleted ->> 'segments')::bigint, 0) + %(segments)s::bigint,"
        " 'days', coalesce((deleted ->> 'days')::bigint, 0) + %(days)s::bigint, 'held', %(held)s::bigint) where id = %(id)s",
        id=agreement,
        segments=segments,
        days=days,
        held=held,
    )
