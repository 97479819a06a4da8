"""All SQL of what became of owners' pictures: read from the log and from the ends of looks, nothing kept twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.owners.uses import WAYS, Use, UseWay
from watchfloor.storage.classes import READ, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_L: Final = DataClass.AUDIT
_NEWEST: Final = Order("own-uses", (("at", "timestamptz"), ("id", "uuid")), down=True)
# A look has a grant. A picture was saved where the file was handed over; an export of which nothing was sent, and a coarse picture where
# there was none, are no uses.
_USES: Final[LiteralString] = (
    "select e.id, e.at, e.about_id, e.need, e.leaf, e.leaf_index, c.name as camera_name, g.counts, s.sealed_at, s.until as sealed_until,"
    " extract(epoch from least(coalesce(g.ended_at, g.until), %(now)s) - g.opened_at) as lasted_s"
    " from audit_entry e join camera c on c.id = e.about_id left join access_grant g on g.entry_id = e.id"
    " left join use_seal s on s.entry_id = e.id"
    " where e.kind = 'decision' and e.result = 'allowed' and e.need = any(%(needs)s)"
    " and case e.need when 'export.fetch' then coalesce((g.counts ->> 'bytes')::bigint, 1) > 0"
    "  when 'camera.aiming_picture' then (g.counts ->> 'pictures')::int > 0 when 'camera.snapshot' then exists (select from audit_entry f"
    "   where f.about_id = e.about_id and f.cause_id = e.id and f.reason = 'camera.snapshot_saved') else g.id is not null end"
)
# What its owner is told. A seal that was opened stays open, whatever a clock says afterwards.
_TOLD: Final[LiteralString] = (
    _USES
    + " and e.about_id = any(%(cameras)s) and (s.id is null or s.opened_at is not null or s.until <= %(now)s)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One use as the log has it: its leaf, and its place."""

    camera: UUID
    leaf: bytes
    index: int | None


def _use(row: Row) -> Use:
    said = json.loads(bytes(row["leaf"]))
    way, counts = WAYS[row["need"]], row["counts"] or {}
    seconds = float(row["lasted_s"] or 0.0)
    if way is UseWay.PLAYBACK and "video_ms" in counts:
        seconds = counts["video_ms"] / 1000  # what was sent, however fast
    if way is UseWay.EXPORT:
        seconds = counts.get("asked_ms", 0) / 1000  # what is in the package, however fast it was fetched
    of = (_at_ms(counts["from_ms"]), _at_ms(counts["to_ms"])) if counts.get("from_ms") else None
    roles = tuple(role for role in str(said.get("roles") or "").split(",") if role)
    return Use(
        row["id"], row["about_id"], row["camera_name"], row["at"], way, roles, said.get("purpose"), said.get("case"),
        max(seconds, 0.0), row["leaf_index"], of, row["sealed_at"], row["sealed_until"],
    )  # fmt: skip


def _at_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@touches(_L, DataClass.CAMERA, DataClass.AGREEMENT, READ)
async def uses(tx: Tx, cameras: Sequence[UUID], extent: Extent) -> Cut[Use]:
    """Looks at these cameras, the newest first."""
    rows = await tx.fetch_page(_TOLD, _NEWEST, extent, cameras=list(cameras), needs=list(WAYS), now=tx.now)
    return rows.of(_use)


@touches(_L, DataClass.CAMERA, DataClass.AGREEMENT, READ)
async def uses_since(tx: Tx, cameras: Sequence[UUID], since: datetime) -> list[Use]:
    """All of them since then."""
    rows = await tx.fetch(
        _TOLD + " and e.at >= %(since)s order by e.at desc",
        cameras=list(cameras),
        needs=list(WAYS),
        now=tx.now,
        since=since,
    )
    return [_use(row) for row in rows]


@touches(_L, DataClass.CAMERA, DataClass.AGREEMENT, READ)
async def kept(tx: Tx, cameras: Sequence[UUID], entry: UUID) -> Kept | None:
    """One use of these cameras, as the log has it."""
    row = await tx.fetch_one(
        _TOLD + " and e.id = %(entry)s", cameras=list(cameras), needs=list(WAYS), now=tx.now, entry=entry
    )
    return Kept(row["about_id"], bytes(row["leaf"]), row["leaf_index"]) if row else None


@touches(_L, DataClass.CAMERA, DataClass.AGREEMENT, READ)
async def any_use(tx: Tx, entry: UUID) -> tuple[Use, Kept] | None:
    """One use of any owner's camera, sealed or not: for those who seal, and for the end of a seal."""
    row = await tx.fetch_one(
        _USES
        + " and e.id = %(entry)s and exists (select from agreement a where a.camera_id = e.about_id and a.agreed_at is not null)",
        entry=entry,
        needs=list(WAYS),
        now=tx.now,
    )
    return (_use(row), Kept(row["about_id"], bytes(row["leaf"]), row["leaf_index"])) if row else None


@touches(DataClass.POLICY, READ)
async def held_until(tx: Tx, camera: UUID) -> list[tuple[datetime, datetime, datetime]]:
    """What holds preserve of a camera: from, to, and when each ends."""
    rows = await tx.fetch(
        "select from_at, to_at, ends_at from hold where about_id = %(camera)s and data_class = 'footage' and ended_at is null"
        " order by from_at",
        camera=camera,
    )
    return [(row["from_at"], row["to_at"], row["ends_at"]) for row in rows]
