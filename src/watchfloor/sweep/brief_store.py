"""All SQL of forgetting what is kept for minutes: by its own age, row by row, and how much of each day went so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, LiteralString

from watchfloor.kit.ids import uuid7
from watchfloor.plates.model import FUTURE_SKEW
from watchfloor.storage.classes import READ, TABLES, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches
from watchfloor.sweep.store import Day, Rule

TALLY: Final = "retention.brief"
# The tables that may be kept so, in the order in which partitions are taken, and when a row of each was received: a reader
# whose clock is fast must not keep its reads longer.
TABLES_OF: Final[tuple[LiteralString, ...]] = ("plate_picture", "plate_read")
_CAME: Final[dict[str, LiteralString]] = {
    "plate_read": "received_at",
    # A picture has no time of its own: that of its read, which is there as long.
    "plate_picture": "(select max(r.received_at) from plate_read r where r.device_id = p.device_id and r.at = p.at)",
}
# What a person holds stays, row by row.
_NOT_HELD: Final[LiteralString] = (
    " and not exists (select from hold h where h.data_class = %(class)s and h.ended_at is null and h.about_id = p.device_id"
    " and h.from_at <= p.at and h.to_at >= p.at)"
)


def _old(table: LiteralString) -> LiteralString:
    """By an index on `at`: of what may be dated ahead no more is looked at than that."""
    return (
        "p.rule = %(rule)s and p.at <= %(skewed)s and (p.at <= %(before)s or "
        + _CAME[table]
        + " <= %(before)s)"
    )


@touches(DataClass.POLICY, READ)
async def rules(tx: Tx) -> list[Rule]:
    """The agency's rules that keep for less than a day, those of what is held of it too."""
    rows = await tx.fetch(
        "select rule, keep_for from retention_rule where keep_for < interval '1 day' order by keep_for"
    )
    return [Rule(row["rule"], row["keep_for"]) for row in rows]


@touches(DataClass.POLICY, READ)
async def longest_picture(tx: Tx) -> timedelta | None:
    """The longest length below a day that is in force for pictures; None where none is."""
    row = await tx.fetch_one(
        "select max(r.keep_for) as longest from authorisation a join authorisation_keeping k on k.authorisation_id = a.id"
        " join retention_rule r on r.rule = k.rule where k.data_class = %(class)s and r.keep_for < interval '1 day'"
        " and a.effective_at <= %(now)s and a.expires_at > %(now)s and a.suspended_at is null",
        now=tx.now,
        **{"class": DataClass.PLATE_PICTURE.value},
    )
    return row["longest"] if row else None


@touches(
    DataClass.PLATE_READ,
    DataClass.PLATE_PICTURE,
    DataClass.POLICY,
    READ,
    DataClass.PLATE_READ,
    DataClass.PLATE_PICTURE,
    WRITE,
)
async def delete_old(
    tx: Tx, table: LiteralString, rule: int, before: datetime
) -> tuple[dict[date, int], list[str]]:
    """Delete the rows of one of `TABLES_OF` that are as old as `before`, but those held: how many of each UTC day, and the
    pictures that they named.
    """
    name: LiteralString = "sha256" if table == "plate_picture" else "picture"
    rows = await tx.fetch(
        "with gone as (delete from " + table + " p where " + _old(table) + _NOT_HELD + " returning at, " + name + " as name)"  # noqa: S608  # all are ours
        " select (at at time zone 'UTC')::date as day, count(*) as n, array_remove(array_agg(distinct name), null) as names"
        " from gone group by 1",
        rule=rule,
        before=before,
        skewed=before + FUTURE_SKEW,
        **{"class": TABLES[table].data_class.value},
    )  # fmt: skip
    return {row["day"]: row["n"] for row in rows}, sorted({one for row in rows for one in row["names"]})


@touches(DataClass.PLATE_READ, DataClass.PLATE_PICTURE, DataClass.POLICY, READ)
async def oldest(tx: Tx, table: LiteralString, rule: int, before: datetime) -> datetime | None:
    """When the oldest row is of that should be gone, being older than `before` and not held; None where there is none."""
    row = await tx.fetch_one(
        "select min(p.at) as at from " + table + " p where " + _old(table) + _NOT_HELD,  # noqa: S608  # all are ours
        rule=rule,
        before=before,
        skewed=before + FUTURE_SKEW,
        **{"class": TABLES[table].data_class.value},
    )
    return row["at"] if row else None


@touches(DataClass.MACHINERY, WRITE)
async def count(tx: Tx, table: str, rule: int, gone: dict[date, int]) -> None:
    """Add what went to its day's number, which the receipt of that day will say."""
    for day, number in gone.items():
        await tx.execute(
            "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at) values"
            " (%(id)s, %(kind)s, %(agency)s, jsonb_build_object('rows', %(n)s::bigint), %(now)s, 0, 1, %(key)s, %(now)s)"
            " on conflict (unique_key) do update set done_at = excluded.done_at,"
            " payload = jsonb_build_object('rows', (job.payload ->> 'rows')::bigint + %(n)s::bigint)",
            id=uuid7(tx.now),
            kind=TALLY,
            agency=tx.agency,
            now=tx.now,
            key=_key(tx, Day(table, rule, day)),
            n=number,
        )


@touches(DataClass.MACHINERY, READ)
async def forgotten(tx: Tx, day: Day) -> int:
    """How many rows of the day went by their own age."""
    row = await tx.fetch_one("select payload from job where unique_key = %(key)s", key=_key(tx, day))
    return int(row["payload"]["rows"]) if row else 0


def _key(tx: Tx, day: Day) -> str:
    return f"{TALLY} {tx.agency} {day.key}"


def before(now: datetime, rule: Rule, leeway: timedelta) -> datetime:
    """What is older than this goes now, so that it is gone when its time is over."""
    return now - rule.keep_for + leeway
