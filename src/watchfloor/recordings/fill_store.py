"""All SQL of filling gaps: which are to be asked of their cameras, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.sure import sure
from watchfloor.recordings.model import GapReason, at, us
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Row, Tx, touches

_F: Final = DataClass.FOOTAGE
# What a camera can have gone on recording through: its line, its recorder here, our disk.
OF_THE_LINE: Final = (
    GapReason.CAMERA_UNREACHABLE,
    GapReason.BOX_AWAY,
    GapReason.CAMERA_SILENT,
    GapReason.BAD_STREAM,
    GapReason.CREDENTIALS_REFUSED,
    GapReason.CERTIFICATE_REFUSED,
)
OF_THE_RECORDER: Final = (GapReason.RECORDER_DOWN, GapReason.TAKEN_OVER, GapReason.NO_ROOM)


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A gap that its camera may fill, and how that is asked: `replay` where its entry says, else by `device` and `profile`;
    of one behind an edge box the box."""

    id: UUID
    camera: UUID
    rule: int
    began_us: int
    ended_us: int
    tries: int
    said: str | None
    replay: str | None
    device: str | None
    profile: str | None
    behind_box: bool = False
    # Since when the camera stands where it does; None where it never moved.
    stands_since: datetime | None = None
    # Its site has it, and neither its own entry nor a device of its own says where.
    by_site: bool = False


@touches(_F, DataClass.CAMERA, DataClass.MACHINERY, READ)
async def next_unfilled(tx: Tx, cameras: Sequence[UUID], since: datetime) -> Unfilled | None:
    """The gap of these cameras that is due to be asked of its camera, the newest of those never asked first.

    Only where recording was allowed without a break from before the gap until now. While a recorder was down nobody asked: see
    `suspended`; an owner's camera, or one that moves, is then left alone: its agreement or its place may have been otherwise.
    """
    row = await tx.fetch_one(
        "select g.*, c.replay_address, case when d.address is distinct from t.device then d.address end as device, d.profile,"
        " c.address like 'edge://%%' as behind_box, c.placed_at,"
        " c.replay_address is null and (d.camera_id is null or d.address = t.device) and t.id is not null as by_site from footage_gap g"
        " join camera c on c.id = g.camera_id left join camera_device d on d.camera_id = g.camera_id"
        " left join camera_site t on t.id = c.site_id and (t.replay is not null or t.device is not null)"
        " join machine_lease l on l.about_id = g.camera_id and l.need = 'camera.record' and l.allowed and l.since <= g.at"
        " where g.camera_id = any(%(cameras)s) and g.ended_at > %(since)s and g.filled_at is null"
        # What would be past its retention is not fetched: it would go with the next sweep. Of the younger part of a gap: see `kept_of`.
        " and g.ended_at > %(now)s - (select keep_for from retention_rule r where r.rule = g.rule)"
        " and (g.fill_at is null or g.fill_at <= %(now)s) and (c.replay_address is not null or d.camera_id is not null"
        " or t.id is not null or c.address like 'edge://%%')"
        " and (g.reason = any(%(line)s) or (g.reason = any(%(recorder)s) and c.technology = 'fixed_camera'))"
        " order by g.fill_at nulls first, g.ended_at desc limit 1",
        cameras=list(cameras),
        since=since,
        now=tx.now,
        line=[reason.value for reason in OF_THE_LINE],
        recorder=[reason.value for reason in OF_THE_RECORDER],
    )
    return _unfilled(row) if row else None


def _unfilled(row: Row) -> Unfilled:
    return Unfilled(
        row["id"], row["camera_id"], row["rule"], us(row["at"]), us(row["ended_at"]), row["fill_tries"], row["fill_said"],
        row["replay_address"], row["device"], row["profile"], row["behind_box"], row["placed_at"],
        row["by_site"],
    )  # fmt: skip


@touches(DataClass.MACHINERY, DataClass.AUDIT, READ)
async def suspended(tx: Tx, camera: UUID, since: datetime) -> bool:
    """Whether the authorisation under which the camera is recorded was suspended since then, as the log has it."""
    row = await tx.fetch_one(
        "select exists (select from machine_lease l join audit_entry e on e.about_id = l.authorisation_id"
        " where l.need = 'camera.record' and l.about_id = %(camera)s and e.at >= %(at)s"
        " and e.reason = 'authorisation.suspended') as so",
        camera=camera,
        at=since,
    )
    return bool(row and row["so"])


@touches(_F, DataClass.POLICY, READ)
async def kept_since(tx: Tx, rule: int) -> datetime:
    """What is from before that is past its retention under this rule."""
    row = await tx.fetch_one(
        "select %(now)s - keep_for as since from retention_rule where rule = %(rule)s", now=tx.now, rule=rule
    )
    since: datetime = sure(row, "the rule that it is recorded by")["since"]
    return since


@touches(_F, WRITE)
async def put_off(tx: Tx, gap: Unfilled, said: str | None, again: datetime, *, tried: bool) -> None:
    """It was asked once more; when again, and whether that counts as a try in vain."""
    await tx.execute(
        "update footage_gap set fill_tries = fill_tries + %(tried)s, fill_said = %(said)s, fill_at = %(again)s"
        " where id = %(id)s and at = %(at)s and rule = %(rule)s",
        tried=int(tried),
        said=said,
        again=again,
        id=gap.id,
        at=at(gap.began_us),
        rule=gap.rule,
    )


@touches(_F, WRITE)
async def settle(tx: Tx, gap: Unfilled, said: str | None) -> None:
    """It is filled, or nothing more can be had of it, which `said` says."""
    await tx.execute(
        "update footage_gap set filled_at = %(now)s, fill_said = %(said)s"
        " where id = %(id)s and at = %(at)s and rule = %(rule)s",
        now=tx.now,
        said=said,
        id=gap.id,
        at=at(gap.began_us),
        rule=gap.rule,
    )


@touches(_F, READ)
async def said_of(
    tx: Tx, cameras: Sequence[UUID], begin: datetime, end: datetime
) -> dict[UUID, list[tuple[int, int, str]]]:
    """What came of asking cameras for gaps within [begin, end), where it was not all: (from, to) in µs and the sentence."""
    rows = await tx.fetch(
        "select camera_id, at, ended_at, fill_said from footage_gap where camera_id = any(%(cameras)s) and fill_said is not null"
        " and at >= %(begin)s - interval '32 days' and at < %(end)s and ended_at > %(begin)s order by at",
        cameras=list(cameras),
        begin=begin,
        end=end,
    )
    found: dict[UUID, list[tuple[int, int, str]]] = {camera: [] for camera in cameras}
    for row in rows:
        found[row["camera_id"]].append((us(row["at"]), us(row["ended_at"]), row["fill_said"]))
    return found
