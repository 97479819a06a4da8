"""All SQL of holds. It decides nothing; the sweep reads holds for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from watchfloor.kit.extent import Cut, Extent
from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.pages import Order
from watchfloor.storage.tx import Row, Tx, touches

_DUE_FIRST: Final = Order("holds", (("over", "boolean"), ("ends_at", "timestamptz"), ("id", "uuid")))


@dataclass(frozen=True, slots=True)
class Hold:
    """Data of one thing and time that is kept past its retention, for a case; `confirmed_by` makes it last beyond 72 hours."""

    id: UUID
    case: UUID
    data_class: DataClass
    about_kind: str
    about: UUID
    from_at: datetime
    to_at: datetime
    reason: str
    placed_by: UUID
    placed_at: datetime
    confirmed_by: UUID | None
    ends_at: datetime
    ended_at: datetime | None


def _hold(row: Row) -> Hold:
    return Hold(
        row["id"], row["case_id"], DataClass(row["data_class"]), row["about_kind"], row["about_id"], row["from_at"], row["to_at"],
        row["reason"], row["placed_by"], row["placed_at"], row["confirmed_by"], row["ends_at"], row["ended_at"],
    )  # fmt: skip


@touches(DataClass.POLICY, READ)
async def holds(tx: Tx, extent: Extent) -> Cut[Hold]:
    """Holds, those in force first, the one that is due first of them."""
    rows = await tx.fetch_page("select *, ended_at is not null as over from hold", _DUE_FIRST, extent)
    return rows.of(_hold)


@touches(DataClass.POLICY, WRITE)
async def hold_to_change(tx: Tx, hold: UUID) -> Hold | None:
    """One hold, locked until this transaction ends."""
    row = await tx.fetch_one("select * from hold where id = %(id)s for update", id=hold)
    return _hold(row) if row else None


@touches(DataClass.POLICY, WRITE)
async def insert_hold(tx: Tx, hold: Hold) -> None:
    """Keep a hold. The sweep that is about to forget the same day takes turns with this."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('wf_hold ' || %(agency)s, 0))", agency=str(tx.agency)
    )
    await tx.execute(
        "insert into hold (id, agency_id, case_id, data_class, about_kind, about_id, from_at, to_at, reason, placed_by, placed_at,"
        " ends_at) values (%(id)s, %(agency)s, %(case)s, %(class)s, %(kind)s, %(about)s, %(from)s, %(to)s, %(reason)s, %(by)s,"
        " %(placed)s, %(ends)s)",
        **{
            "id": hold.id, "agency": tx.agency, "case": hold.case, "class": hold.data_class.value, "kind": hold.about_kind,
            "about": hold.about, "from": hold.from_at, "to": hold.to_at, "reason": hold.reason, "by": hold.placed_by,
            "placed": hold.placed_at, "ends": hold.ends_at,
        },
    )  # fmt: skip


@touches(DataClass.PLATE_READ, DataClass.PLATE_PICTURE, WRITE)
async def keep_held(tx: Tx, hold: Hold) -> None:
    """Put what a hold of a reader keeps of reads and pictures of minutes where neither a crash nor a restore loses it."""
    await tx.execute(
        "select 1 from wf_keep_held(%(now)s, array[%(about)s::uuid], %(from)s, %(to)s)",
        now=tx.now,
        about=hold.about,
        **{"from": hold.from_at, "to": hold.to_at},
    )


@touches(DataClass.POLICY, READ)
async def is_held(
    tx: Tx, case: UUID, about: UUID, data_class: DataClass, from_at: datetime, to_at: datetime
) -> bool:
    """Whether a hold of this case in force keeps all of that time."""
    row = await tx.fetch_one(
        "select 1 as one from hold where case_id = %(case)s and about_id = %(about)s and data_class = %(class)s"
        " and ended_at is null and from_at <= %(from)s and to_at >= %(to)s",
        **{"case": case, "about": about, "class": data_class.value, "from": from_at, "to": to_at},
    )
    return row is not None


@touches(DataClass.POLICY, WRITE)
async def confirm(tx: Tx, hold: UUID, ends_at: datetime) -> None:
    """A second person makes it last until then."""
    await tx.execute(
        "update hold set confirmed_by = %(by)s, ends_at = %(ends)s where id = %(id)s",
        by=tx.actor,
        ends=ends_at,
        id=hold,
    )


@touches(DataClass.POLICY, WRITE)
async def end(tx: Tx, hold: UUID) -> None:
    """It holds no more; what is past its retention goes with the sweep's next round."""
    await tx.execute(
        "update hold set ended_at = %(now)s where id = %(id)s and ended_at is null", now=tx.now, id=hold
    )


@touches(DataClass.AUDIT, DataClass.MACHINERY, READ)
async def forgotten_days(tx: Tx, hold: Hold) -> list[str]:
    """The UTC days of the hold's time of which a rule has forgotten data of its class, or is about to at this moment."""
    rows = await tx.fetch(
        "select distinct day::text as day from ("
        "   select day from deletion_receipt where data_class = %(class)s"
        "   union all select (payload ->> 'day')::date from job where kind = 'retention.forget' and agency_id = %(agency)s"
        "     and done_at is null and payload ->> 'data_class' = %(class)s) as gone"
        " where day between (%(from)s::timestamptz at time zone 'UTC')::date and (%(to)s::timestamptz at time zone 'UTC')::date"
        " order by 1",
        **{"class": hold.data_class.value, "agency": tx.agency, "from": hold.from_at, "to": hold.to_at},
    )
    return [row["day"] for row in rows]
