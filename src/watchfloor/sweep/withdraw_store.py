"""All SQL of deleting what was recorded of one camera: its days, rows, holds and gaps, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.kit.sure import sure
from watchfloor.recordings.model import GAP_FROM_US, GapReason
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx, touches
from watchfloor.sweep.store import LONGEST

_F: Final = DataClass.FOOTAGE
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, order=True)
class CameraDay:
    """One camera's one day of one rule."""

    rule: int
    day: date


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True, slots=True)
class Gone:
    """What was deleted of a camera, segments and seconds, and what stays because it is held."""

    segments: int = 0
    seconds: float = 0.0
    kept: int = 0
    kept_seconds: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.segments + other.segments,
            self.seconds + other.seconds,
            self.kept + other.kept,
            self.kept_seconds + other.kept_seconds,
        )

    def said(self) -> dict[str, int]:
        """In whole seconds, as the log and the owner's page have it."""
        return {name: round(figure) for name, figure in asdict(self).items()}


@touches(_F, READ)
async def days_of_camera(tx: Tx, camera: UUID) -> set[CameraDay]:
    """The days of which the index has footage of a camera."""
    rows = await tx.fetch(
        "select distinct rule, (at at time zone 'UTC')::date as day from segment where camera_id = %(camera)s",
        camera=camera,
    )
    return {CameraDay(row["rule"], row["day"]) for row in rows}


@touches(_F, READ)
async def rows_of(tx: Tx, camera: UUID, of: CameraDay) -> dict[str, Span]:
    """The segments that the index has of a camera's day, by their ids as files are named."""
    rows = await tx.fetch(
        "select id, at, ended_at from segment where camera_id = %(camera)s and rule = %(rule)s and at >= %(from)s and at < %(to)s",
        **_within(camera, of),
    )
    return {str(row["id"]): Span(row["at"], row["ended_at"]) for row in rows}


@touches(DataClass.POLICY, READ)
async def held(tx: Tx, camera: UUID, day: date) -> list[Span]:
    """What holds in force keep of a camera's footage of a day. One that is due holds until it is ended."""
    rows = await tx.fetch(
        "select from_at, to_at from hold where about_id = %(camera)s and data_class = %(class)s and ended_at is null"
        " and from_at <= %(end)s and to_at >= %(begin)s",
        camera=camera,
        begin=end_of(day) - timedelta(days=1),
        end=end_of(day) + LONGEST,
        **{"class": _F.value},
    )
    return [Span(row["from_at"], row["to_at"]) for row in rows]


@touches(_F, WRITE)
async def delete_rows(tx: Tx, camera: UUID, of: CameraDay, ids: Sequence[str]) -> list[Span]:
    """Delete these of the camera's day from the index; the times of those that were there."""
    rows = await tx.fetch(
        "delete from segment where camera_id = %(camera)s and rule = %(rule)s and at >= %(from)s and at < %(to)s"
        " and id = any(%(ids)s::uuid[]) returning at, ended_at",
        ids=list(ids),
        **_within(camera, of),
    )
    return [Span(row["at"], row["ended_at"]) for row in rows]


@touches(_F, WRITE)
async def keep_gap(tx: Tx, camera: UUID, of: CameraDay, gone: Span) -> None:
    """Say of a time that it is by agreement that there is nothing; where that is said up to it already, as one."""
    done = await tx.execute(
        "update footage_gap set ended_at = greatest(ended_at, %(ended)s) where camera_id = %(camera)s and rule = %(rule)s"
        " and reason = %(reason)s and worker_id = %(worker)s and at >= %(from)s and at <= %(at)s"
        " and ended_at > %(at)s::timestamptz - %(apart)s::interval and ended_at <= %(ended)s",
        at=gone.begin,
        ended=gone.end,
        worker=_NOBODY,
        reason=GapReason.BY_AGREEMENT.value,
        apart=timedelta(microseconds=GAP_FROM_US),
        **{name: value for name, value in _within(camera, of).items() if name != "to"},
    )
    if done:
        return
    await tx.execute(
        "insert into footage_gap (agency_id, rule, at, ended_at, id, camera_id, worker_id, reason) values (%(agency)s, %(rule)s,"
        " %(at)s, %(ended)s, %(id)s, %(camera)s, %(worker)s, %(reason)s)",
        agency=tx.agency,
        rule=of.rule,
        at=gone.begin,
        ended=gone.end,
        id=uuid7(tx.now),
        camera=camera,
        worker=_NOBODY,
        reason=GapReason.BY_AGREEMENT.value,
    )


@touches(DataClass.AGREEMENT, WRITE)
async def add_deleted(tx: Tx, agreement: UUID, segments: int, seconds: float) -> None:
    """Keep, with the deleting itself, what of it `keep_deleted` has not told yet: a process that dies in between hides nothing."""
    await tx.execute(
        "update agreement set deleted = coalesce(deleted, '{}') || jsonb_build_object('untold', jsonb_build_object("
        "'segments', coalesce((deleted -> 'untold' ->> 'segments')::bigint, 0) + %(segments)s::bigint,"
        " 'seconds', coalesce((deleted -> 'untold' ->> 'seconds')::float8, 0) + %(seconds)s::float8)) where id = %(id)s",
        id=agreement,
        segments=segments,
        seconds=seconds,
    )


@touches(DataClass.AGREEMENT, READ, DataClass.AGREEMENT, WRITE)
async def keep_deleted(tx: Tx, agreement: UUID, stays: Gone) -> Gone | None:
    """Add what was deleted since this was told last to what was before, and keep what stays at present; None where neither is news."""
    row = await tx.fetch_one(
        "select coalesce((deleted ->> 'kept')::bigint, 0) as kept,"
        " coalesce((deleted -> 'untold' ->> 'segments')::bigint, 0) as segments,"
        " coalesce((deleted -> 'untold' ->> 'seconds')::float8, 0) as seconds from agreement where id = %(id)s for update",
        id=agreement,
    )
    before = sure(row, "the agreement that was revoked")
    gone = Gone(before["segments"], before["seconds"], stays.kept, stays.kept_seconds)
    await tx.execute(
        "update agreement set deleted = jsonb_build_object("
        " 'segments', coalesce((deleted ->> 'segments')::bigint, 0) + %(segments)s::bigint,"
        " 'seconds', coalesce((deleted ->> 'seconds')::bigint, 0) + %(seconds)s::bigint,"
        " 'kept', %(kept)s::bigint, 'kept_seconds', %(kept_seconds)s::bigint) where id = %(id)s",
        id=agreement,
        **gone.said(),
    )
    return gone if gone.segments or before["kept"] != gone.kept else None


def _within(camera: UUID, of: CameraDay) -> dict[str, object]:
    return {
        "camera": camera,
        "rule": of.rule,
        "from": end_of(of.day) - timedelta(days=1),
        "to": end_of(of.day),
    }
