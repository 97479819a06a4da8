"""All SQL of who turns a camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_C: Final = DataClass.CAMERA


@dataclass(frozen=True, slots=True)
class Lock:
    """Who turns a camera, until when unless it is moved again, and whether it looks elsewhere than home."""

    holder: UUID
    rank: int
    taken_at: datetime
    until: datetime
    moved_at: datetime
    away: bool


def _lock(row: Row) -> Lock:
    return Lock(row["holder_id"], row["rank"], row["taken_at"], row["until"], row["moved_at"], row["away"])


@touches(_C, READ)
async def lock_of(tx: Tx, camera: UUID) -> Lock | None:
    """The last lock of a camera, held still or not."""
    row = await tx.fetch_one("select * from camera_lock where camera_id = %(camera)s", camera=camera)
    return _lock(row) if row else None


@touches(_C, READ)
async def is_away(tx: Tx, camera: UUID) -> bool:
    """Whether it was turned here and did not go home since."""
    lock = await lock_of(tx, camera)
    return lock is not None and lock.away


@touches(_C, WRITE)
async def take(tx: Tx, camera: UUID, rank: int, until: datetime) -> bool:
    """Take or keep the lock; False while another person holds it whose rank is not lower."""
    done = await tx.execute(
        "insert into camera_lock as held (camera_id, agency_id, holder_id, rank, taken_at, until, moved_at, away) values"
        " (%(camera)s, %(agency)s, %(holder)s, %(rank)s, %(now)s, %(until)s, %(now)s, true) on conflict (camera_id)"
        " do update set holder_id = excluded.holder_id, rank = excluded.rank, until = excluded.until,"
        " moved_at = excluded.moved_at, away = excluded.away, taken_at = case when held.holder_id = excluded.holder_id"
        " and held.until > excluded.moved_at then held.taken_at else excluded.taken_at end"
        " where held.holder_id = excluded.holder_id or held.until <= excluded.moved_at or held.rank < excluded.rank",
        camera=camera,
        agency=tx.agency,
        holder=tx.actor,
        rank=rank,
        until=until,
        now=tx.now,
    )
    return bool(done)


@touches(_C, WRITE)
async def let_go(tx: Tx, camera: UUID) -> bool:
    """End one's own lock; False when it is not one's own. The camera goes home when its time is come."""
    done = await tx.execute(
        "update camera_lock set until = %(now)s where camera_id = %(camera)s and holder_id = %(holder)s and until > %(now)s",
        camera=camera,
        holder=tx.actor,
        now=tx.now,
    )
    return bool(done)


@touches(_C, WRITE)
async def take_idle(tx: Tx, before: datetime, most: int) -> Sequence[UUID]:
    """Cameras that look elsewhere and were not moved since: whoever takes them here sends them home now. One that does not go is
    taken again as long after this as after a move.
    """
    rows = await tx.fetch(
        "with due as materialized (select k.camera_id from camera_lock k"
        " join camera c on c.id = k.camera_id where k.away and k.moved_at <= %(before)s and c.removed_at is null"
        " order by k.moved_at limit %(most)s for update of k skip locked)"
        " update camera_lock l set moved_at = %(now)s, until = least(l.until, %(now)s) from due"
        " where l.camera_id = due.camera_id returning l.camera_id",
        before=before,
        most=most,
        now=tx.now,
    )
    return [row["camera_id"] for row in rows]


@touches(_C, WRITE)
async def is_home(tx: Tx, camera: UUID, since: datetime) -> bool:
    """It looks home, unless somebody moved it since it was sent there; whether."""
    done = await tx.execute(
        "update camera_lock set away = false where camera_id = %(camera)s and moved_at <= %(since)s",
        camera=camera,
        since=since,
    )
    return bool(done)
