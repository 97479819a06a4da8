"""All SQL of recordings: segments and gaps, written under the fence, read for playback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.cameras.stream import FETCHED
from watchfloor.kit.ids import first_of, made_at, uuid7
from watchfloor.recordings.model import GAP_FROM_US, Gap, GapReason, Label, Segment, SegmentId, Terms, at, us
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Row, Tx, touches

_F: Final = DataClass.FOOTAGE
# Whose gaps are no recorder's.
NOBODY: Final = UUID(int=0)
# What is past its retention is not there, though the sweep be late; but what a hold overlaps.
_THERE: Final[LiteralString] = (
    " and (s.ended_at > %(now)s - (select keep_for from retention_rule r where r.rule = s.rule)"
    " or exists (select from hold h where h.about_id = s.camera_id and h.data_class = 'footage' and h.ended_at is null"
    " and h.from_at <= s.ended_at and h.to_at >= s.at))"
)


@dataclass(frozen=True, slots=True)
class Fenced:
    """The segment was not taken: another recorder had the camera from `taken_at` on."""

    taken_at: datetime


@touches(_F, WRITE)
async def ensure_day(tx: Tx, rule: int, day: date) -> None:
    """Make room for a rule's day where there is none yet; two makers at once take turns.

    Whoever makes partitions takes the tables in the order of their names, so that no two wait for each other.
    """
    for table in ("footage_gap", "segment"):
        await tx.execute(
            "call wf_partition_create(%(table)s, %(rule)s::smallint, %(day)s)",
            table=table,
            rule=rule,
            day=day,
        )


@touches(_F, DataClass.MACHINERY, READ, _F, WRITE)
async def insert_segment(tx: Tx, segment: Segment) -> Fenced | None:
    """Put a segment into the index; once, however often it is asked.

    The epoch is checked in this very statement, and the assignment cannot change until it is committed: a recorder that
    lost the camera gets Fenced, unless all of the segment is from before.
    """
    began, ended = at(segment.began_us), at(segment.ended_us)
    done = await tx.execute(
        "insert into segment (agency_id, rule, at, ended_at, id, camera_id, run, worker_id, epoch, frames, size,"
        " sha256, keys, mime, width, height) select %(agency)s, %(rule)s::smallint, %(at)s, %(ended)s, %(id)s, a.camera_id,"
        " %(run)s, %(worker)s, %(epoch)s, %(frames)s, %(size)s, %(sha256)s, %(keys)s, %(mime)s, %(width)s, %(height)s"
        " from camera_assignment a where a.camera_id = %(camera)s and (a.epoch = %(epoch)s or %(ended)s <= a.taken_at)"
        " for share of a on conflict (id, at, rule) do nothing",
        agency=tx.agency,
        rule=segment.label.rule,
        at=began,
        ended=ended,
        id=segment.id,
        camera=segment.label.camera,
        run=segment.label.run,
        worker=segment.terms.worker,
        epoch=segment.terms.epoch,
        frames=segment.frames,
        size=segment.size,
        sha256=segment.sha256,
        keys=segment.keys,
        mime=segment.mime,
        width=segment.width,
        height=segment.height,
    )
    if done:
        return None
    row = await tx.fetch_one(
        "select a.taken_at, exists (select from segment s where s.id = %(id)s and s.at = %(at)s and s.rule = %(rule)s)"
        " as there from camera_assignment a where a.camera_id = %(camera)s",
        id=segment.id,
        at=began,
        rule=segment.label.rule,
        camera=segment.label.camera,
    )
    if row is None or row["there"]:
        return None
    return Fenced(row["taken_at"])


@touches(_F, WRITE)
async def insert_gaps(tx: Tx, gaps: Sequence[Gap]) -> None:
    """Keep why there is no footage; once, however often it is asked."""
    await tx.execute_many(
        "insert into footage_gap (agency_id, rule, at, ended_at, id, camera_id, worker_id, reason) values (%(agency)s,"
        " %(rule)s, %(at)s, %(ended)s, %(id)s, %(camera)s, %(worker)s, %(reason)s)"
        " on conflict (id, at, rule) do nothing",
        [
            {
                "agency": tx.agency,
                "rule": gap.terms.rule,
                "at": at(gap.began_us),
                "ended": at(gap.ended_us),
                "id": gap.id,
                "camera": gap.camera,
                "worker": gap.terms.worker,
                "reason": gap.reason.value,
            }
            for gap in gaps
        ],
    )


@touches(_F, DataClass.POLICY, READ)
async def gaps_instead(tx: Tx, rule: int, day: date, cameras: Sequence[UUID]) -> list[Gap]:
    """What stands instead of a day's footage that gives way: a gap for each stretch of it, and none where there was none."""
    begin, end = end_of(day) - timedelta(days=1), end_of(day)
    terms = Terms(tx.agency, NOBODY, 0, rule)
    found = await stretches_of(tx, cameras, begin, end, margin=begin)
    return [
        Gap(uuid7(tx.now), camera, terms, since, until, GapReason.GAVE_WAY)
        for camera, stretches in found.items()
        for since, until in stretches
    ]


@touches(_F, READ)
async def last_end(tx: Tx, cameras: Sequence[UUID], since: datetime) -> dict[UUID, int]:
    """Where each camera's footage ends, in µs; a camera without any since then is left out."""
    rows = await tx.fetch(
        # The newest few of each by the index: of one that was away for weeks no row of those weeks is there to be read.
        "select c.id as camera_id, max(l.ended_at) as ended_at from unnest(%(cameras)s::uuid[]) as c(id) cross join lateral"
        " (select s.ended_at from segment s where s.camera_id = c.id and s.at >= %(since)s order by s.at desc limit 4) l"
        " group by c.id",
        cameras=list(cameras),
        since=since,
    )
    return {row["camera_id"]: us(row["ended_at"]) for row in rows}


@touches(_F, DataClass.POLICY, READ)
async def segments_of(
    tx: Tx, camera: UUID, begin: datetime, end: datetime, *, margin: datetime
) -> list[Segment]:
    """The segments that hold anything of [begin, end), oldest first.

    `margin` is before `begin` by more than the longest segment: what bounds the partitions that are looked at.
    """
    rows = await tx.fetch(
        "select * from segment s where camera_id = %(camera)s and at >= %(margin)s and at < %(end)s and ended_at > %(begin)s"  # noqa: S608  # all are ours
        + _THERE
        + " order by at",
        camera=camera,
        margin=margin,
        begin=begin,
        end=end,
        now=tx.now,
    )
    return [_segment(row) for row in rows]


@touches(_F, READ)
async def gaps_of(
    tx: Tx, cameras: Sequence[UUID], begin: datetime, end: datetime
) -> dict[UUID, list[tuple[int, int, GapReason]]]:
    """Each camera's gaps within [begin, end) and their reasons, oldest first: (from, to) in µs.

    A gap is kept under the day it began on; one of more than 32 days is found from its last 32 days on.
    """
    rows = await tx.fetch(
        "select camera_id, at, ended_at, reason from footage_gap where camera_id = any(%(cameras)s)"
        " and at >= %(begin)s - interval '32 days' and at < %(end)s and ended_at > %(begin)s order by at",
        cameras=list(cameras),
        begin=begin,
        end=end,
    )
    found: dict[UUID, list[tuple[int, int, GapReason]]] = {camera: [] for camera in cameras}
    for row in rows:
        found[row["camera_id"]].append((us(row["at"]), us(row["ended_at"]), GapReason(row["reason"])))
    return found


@touches(_F, DataClass.POLICY, READ)
async def stretches_of(
    tx: Tx, cameras: Sequence[UUID], begin: datetime, end: datetime, *, margin: datetime
) -> dict[UUID, list[tuple[int, int]]]:
    """The stretches of [begin, end) of which the index has footage of each camera: (from, to) in µs, oldest first.

    Put together where the rows are, of which a day has thousands: what is less than a gap apart is one stretch. `margin` as of
    `segments_of`.
    """
    rows = await tx.fetch(
        "select camera_id, min(at) as at, max(ended_at) as ended_at from"  # noqa: S608  # all are ours
        " (select camera_id, at, ended_at, count(*) filter (where apart) over (partition by camera_id order by at"
        " rows unbounded preceding) as part from"
        " (select camera_id, greatest(at, %(begin)s) as at, least(ended_at, %(end)s) as ended_at, at - max(ended_at) over"
        " (partition by camera_id order by at rows between unbounded preceding and 1 preceding) >= %(gap)s as apart"
        " from segment s where camera_id = any(%(cameras)s) and at >= %(margin)s and at < %(end)s and ended_at > %(begin)s"
        + _THERE
        + ") one) two"
        " group by camera_id, part order by camera_id, part",
        cameras=list(cameras),
        begin=begin,
        end=end,
        margin=margin,
        gap=timedelta(microseconds=GAP_FROM_US),
        now=tx.now,
    )
    found: dict[UUID, list[tuple[int, int]]] = {camera: [] for camera in cameras}
    for row in rows:
        found[row["camera_id"]].append((us(row["at"]), us(row["ended_at"])))
    return found


@touches(_F, DataClass.POLICY, READ)
async def fetched_of(
    tx: Tx, cameras: Sequence[UUID], begin: datetime, end: datetime, *, margin: datetime
) -> dict[UUID, list[tuple[int, int, datetime]]]:
    """What of [begin, end) was fetched from the cameras, and when: (from, to) in µs, oldest first. `margin` as of `segments_of`."""
    rows = await tx.fetch(
        "select camera_id, id, at, ended_at from segment s where camera_id = any(%(cameras)s) and run >= %(fetched)s"  # noqa: S608  # all are ours
        " and at >= %(margin)s and at < %(end)s and ended_at > %(begin)s" + _THERE + " order by at",
        cameras=list(cameras),
        fetched=FETCHED,
        begin=begin,
        end=end,
        margin=margin,
        now=tx.now,
    )
    found: dict[UUID, list[tuple[int, int, datetime]]] = {camera: [] for camera in cameras}
    for row in rows:
        found[row["camera_id"]].append((us(row["at"]), us(row["ended_at"]), made_at(row["id"])))
    return found


def _segment(row: Row) -> Segment:
    label = Label(row["camera_id"], row["rule"], row["at"].date(), row["run"])
    return Segment(
        SegmentId(row["id"]),
        label,
        Terms(row["agency_id"], row["worker_id"], row["epoch"], row["rule"]),
        us(row["at"]),
        us(row["ended_at"]),
        row["size"],
        bytes(row["sha256"]),
        row["frames"],
        bytes(row["keys"]),
        row["mime"],
        row["width"],
        row["height"],
    )


@touches(_F, READ)
async def recorded_since(tx: Tx, since: datetime) -> tuple[int, int]:
    """Pictures and bytes of the segments in the index that began since then; asked of the newest ids alone."""
    row = await tx.fetch_one(
        "select coalesce(sum(frames), 0)::bigint as frames, coalesce(sum(size), 0)::bigint as bytes from segment"
        " where id >= %(first)s and at >= %(since)s",
        first=first_of(since),
        since=since,
    )
    return (int(row["frames"]), int(row["bytes"])) if row else (0, 0)
