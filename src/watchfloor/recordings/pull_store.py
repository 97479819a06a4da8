"""All SQL of what is held and kept at a site: which of it is to be fetched, and what came of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.recordings.model import us
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_F: Final = DataClass.FOOTAGE
_P: Final = DataClass.POLICY
_C: Final = DataClass.CAMERA
_NEWEST: Final = Order("pulls", (("placed_at", "timestamptz"), ("id", "uuid")), down=True)
_PULLS: Final[LiteralString] = (
    "select h.id, h.about_id, h.from_at, h.to_at, h.placed_at, c.name, t.name as site, coalesce(p.tries, 0) as tries, p.said,"
    " p.again_at, p.done_at from hold h join camera c on c.id = h.about_id and c.footage_kept <> 'here'"
    " left join camera_site t on t.id = c.site_id left join footage_pull p on p.hold_id = h.id"
    " where h.data_class = 'footage' and h.ended_at is null"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A time of a camera that is held and that its site may keep, and how far fetching it is. Times are µs."""

    hold: UUID
    camera: UUID
    camera_name: str
    site: str | None
    begin_us: int
    end_us: int
    tries: int
    said: str | None
    again_at: datetime | None
    done_at: datetime | None


@touches(_F, _P, _C, READ)
async def next_held(tx: Tx, cameras: Sequence[UUID]) -> Held | None:
    """What is held of these cameras and is due to be fetched, the longest waiting first."""
    row = await tx.fetch_one(
        _PULLS + " and h.about_id = any(%(cameras)s) and h.from_at < %(now)s and p.done_at is null"
        " and (p.again_at is null or p.again_at <= %(now)s) order by p.again_at nulls first, h.placed_at limit 1",
        cameras=list(cameras),
        now=tx.now,
    )
    return _held(row) if row else None


@touches(_F, _P, _C, READ)
async def held(tx: Tx, extent: Extent, camera: UUID | None) -> Cut[Held]:
    """What is held of cameras whose sites keep their footage, or of this camera: the newest first."""
    found = await tx.fetch_page(
        _PULLS + " and (%(camera)s::uuid is null or h.about_id = %(camera)s)", _NEWEST, extent, camera=camera
    )
    return found.of(_held)


@touches(_F, WRITE)
async def keep(
    tx: Tx, one: Held, said: str | None, again: datetime | None, *, tried: bool, over: bool
) -> None:
    """What came of a try: when again, or that it is over."""
    await tx.execute(
        "insert into footage_pull (hold_id, agency_id, tries, said, again_at, done_at) values (%(hold)s, %(agency)s, %(tried)s,"
        " %(said)s, %(again)s, case when %(over)s then %(now)s end) on conflict (hold_id) do update set"
        " tries = footage_pull.tries + excluded.tries, said = excluded.said, again_at = excluded.again_at,"
        " done_at = excluded.done_at",
        hold=one.hold,
        agency=tx.agency,
        tried=int(tried),
        said=said,
        again=again,
        over=over,
        now=tx.now,
    )


@touches(_P, READ, _F, WRITE)
async def begin_anew(tx: Tx, hold: UUID) -> bool:
    """Ask the site again for what it did not give; False where no footage is held by this."""
    done = await tx.execute(
        "insert into footage_pull (hold_id, agency_id) select id, agency_id from hold where id = %(hold)s"
        " and data_class = 'footage' and ended_at is null on conflict (hold_id)"
        " do update set tries = 0, again_at = null, done_at = null",
        hold=hold,
    )
    return bool(done)


def _held(row: Row) -> Held:
    return Held(
        row["id"], row["about_id"], row["name"], row["site"], us(row["from_at"]), us(row["to_at"]), row["tries"], row["said"],
        row["again_at"], row["done_at"],
    )  # fmt: skip
