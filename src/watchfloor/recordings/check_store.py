"""All SQL of checking the index against what is stored: a day's cameras, their rows, which rows are there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from watchfloor.recordings.compare import Row
from watchfloor.recordings.model import GAP_FROM_US, Label, Segment, at
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx, touches

_F: Final = DataClass.FOOTAGE
# More than the longest segment can be: a keyframe may come late.
_LONGEST: Final = timedelta(minutes=30)


@touches(DataClass.POLICY, READ)
async def rules(tx: Tx) -> list[int]:
    """The numbers of the agency's retention rules."""
    return [row["rule"] for row in await tx.fetch("select rule from retention_rule order by rule")]


@touches(_F, READ)
async def days_of(tx: Tx, rule: int) -> list[date]:
    """The days of which the index has a partition under this rule, the oldest first."""
    rows = await tx.fetch(
        "select right(c.relname, 8) as day from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " join pg_class p on p.oid = i.inhparent where p.relname = %(parent)s order by 1",
        parent=f"segment_r{rule}",
    )
    return [date(int(row["day"][:4]), int(row["day"][4:6]), int(row["day"][6:])) for row in rows]


@touches(_F, READ)
async def cameras_of(tx: Tx, rule: int, day: date) -> list[UUID]:
    """The cameras of which the index has anything of a rule's day: a step of the index for each, not its millions of rows."""
    rows = await tx.fetch(
        "with recursive found as ((select camera_id from segment where rule = %(rule)s and at >= %(from)s and at < %(to)s"
        " order by camera_id limit 1) union all select (select s.camera_id from segment s where s.rule = %(rule)s"
        " and s.at >= %(from)s and s.at < %(to)s and s.camera_id > found.camera_id order by s.camera_id limit 1)"
        " from found where found.camera_id is not null) select camera_id from found where camera_id is not null",
        rule=rule,
        **_within(day),
    )
    return [row["camera_id"] for row in rows]


@touches(_F, READ)
async def rows_of(tx: Tx, rule: int, day: date, cameras: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """What the index has of a rule's day of these cameras."""
    rows = await tx.fetch(
        "select id, agency_id, camera_id, at, run, worker_id, epoch, size, sha256, mime, width, height from segment"
        " where rule = %(rule)s and at >= %(from)s and at < %(to)s and camera_id = any(%(cameras)s) order by camera_id, at",
        rule=rule,
        cameras=list(cameras),
        **_within(day),
    )
    found: dict[UUID, list[Row]] = {camera: [] for camera in cameras}
    for row in rows:
        label = Label(row["camera_id"], rule, day, row["run"])
        found[row["camera_id"]].append(
            Row(
                row["id"], row["agency_id"], label, row["at"], row["worker_id"], row["epoch"], row["size"],
                bytes(row["sha256"]), row["mime"], row["width"], row["height"],
            )
        )  # fmt: skip
    return found


@touches(_F, READ)
async def there(tx: Tx, rule: int, day: date, segments: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these segments that the index has."""
    rows = await tx.fetch(
        "select id from segment where rule = %(rule)s and at >= %(from)s and at < %(to)s and id = any(%(ids)s)",
        rule=rule,
        ids=list(segments),
        **_within(day),
    )
    return frozenset(row["id"] for row in rows)


@touches(_F, READ)
async def taken_by_another(tx: Tx, segment: Segment) -> bool:
    """Whether the index has footage of that time by a recorder that had the camera in another epoch."""
    row = await tx.fetch_one(
        "select 1 as one from segment where camera_id = %(camera)s and at >= %(margin)s and at < %(end)s"
        " and ended_at > %(begin)s and epoch <> %(epoch)s limit 1",
        camera=segment.label.camera,
        margin=at(segment.began_us) - _LONGEST,
        # Two machines' clocks may be so far apart.
        begin=at(segment.began_us + GAP_FROM_US),
        end=at(segment.ended_us - GAP_FROM_US),
        epoch=segment.terms.epoch,
    )
    return row is not None


def _within(day: date) -> dict[str, object]:
    return {"from": end_of(day) - timedelta(days=1), "to": end_of(day)}
