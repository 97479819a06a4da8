"""All SQL of forgetting by day: which days are there, what they hold, dropping them whole, receipts, holds.

Rows that carry their own end are in `expire_store.py`, alarms and proofs in `prove_store.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from watchfloor.kit.ids import uuid7
from watchfloor.storage.classes import READ, TABLES, WRITE, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx, touches

_ALL: Final = tuple(DataClass)
_PLAN: Final = "retention.forget"
LONGEST: Final = timedelta(minutes=30)
"""Longer than any segment, which lies under the day on which it began and may end within so long of the next."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A retention rule: its number, which partitions carry, and how long it keeps."""

    number: int
    keep_for: timedelta


@dataclass(frozen=True, slots=True)
class ByRule:
    """How a table kept by rule is asked: its name and the column of the thing (camera, reader, unit) a row is about."""

    table: LiteralString
    thing: LiteralString

    def of_day(self, verb: LiteralString) -> LiteralString:
        """A statement on the rows of one day: `verb`, then these words; all of them are ours."""
        return verb + " from " + self.table + " where rule = %(rule)s and at >= %(from)s and at < %(to)s"


BY_RULE: Final[Mapping[str, ByRule]] = {
    "segment": ByRule("segment", "camera_id"),
    "footage_gap": ByRule("footage_gap", "camera_id"),
    "plate_read": ByRule("plate_read", "device_id"),
    "plate_picture": ByRule("plate_picture", "device_id"),
    "plate_hit": ByRule("plate_hit", "device_id"),
    "unit_position": ByRule("unit_position", "unit_id"),
    "pulse": ByRule("pulse", "microphone_id"),
}


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """One rule's one day of one table."""

    table: str
    rule: int
    day: date

    @property
    def key(self) -> str:
        return f"{self.table} r{self.rule} {self.day}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a day was found to come to before anything of it went, so that a crash in between loses no count."""

    objects: int
    bytes: int
    digest: str
    keys: int
    kept_by_hold: int
    spared: frozenset[UUID]
    spared_done: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten of one table's day. `kept_by_hold` things were spared; another receipt follows when they go."""

    data_class: DataClass
    of: Day
    objects: int
    bytes: int
    digest: str
    keys_destroyed: int
    kept_by_hold: int
    due_at: datetime


@touches(DataClass.POLICY, READ)
async def rules(tx: Tx) -> list[Rule]:
    """The agency's retention rules."""
    return [
        Rule(row["rule"], row["keep_for"])
        for row in await tx.fetch("select rule, keep_for from retention_rule order by rule")
    ]


@touches(DataClass.POLICY, READ)
async def tables_of(tx: Tx, rule: int) -> list[str]:
    """The tables that have ever had a partition under this rule: they need one for each day to come."""
    rows = await tx.fetch(
        "select w.name from unnest(%(names)s::text[]) as w (name) where to_regclass(w.name || %(suffix)s) is not null order by 1",
        names=sorted(BY_RULE),
        suffix=f"_r{rule}",
    )
    return [row["name"] for row in rows]


@touches(*_ALL, READ)
async def days_of(tx: Tx, table: str, rule: int) -> list[Day]:
    """The days of which a table has a partition under this rule, the oldest first: a listing, not an index."""
    rows = await tx.fetch(
        "select right(c.relname, 8) as day from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent"
        " where p.relname = %(parent)s order by 1",
        parent=f"{table}_r{rule}",
    )
    return [
        Day(table, rule, date(int(row["day"][:4]), int(row["day"][4:6]), int(row["day"][6:]))) for row in rows
    ]


def _within(day: Day) -> dict[str, object]:
    return {"rule": day.rule, "from": end_of(day.day) - timedelta(days=1), "to": end_of(day.day)}


@touches(*_ALL, READ)
async def rows_of(tx: Tx, day: Day, spared: frozenset[UUID]) -> tuple[int, int]:
    """How many rows the day has that go, and how many that stay because their thing is spared."""
    of = BY_RULE[day.table]
    counts: LiteralString = (
        "select count(*) as all_rows, count(*) filter (where " + of.thing + " = any(%(spared)s)) as staying"
    )
    row = await tx.fetch_one(of.of_day(counts), spared=list(spared), **_within(day))
    return (row["all_rows"] - row["staying"], row["staying"]) if row else (0, 0)


@touches(*_ALL, READ)
async def has_rows(tx: Tx, day: Day) -> bool:
    """Whether the day has any row."""
    sql: LiteralString = BY_RULE[day.table].of_day("select 1 as one") + " limit 1"
    return await tx.fetch_one(sql, **_within(day)) is not None


@touches(*_ALL, WRITE)
async def delete_rows(tx: Tx, day: Day, spared: frozenset[UUID]) -> int:
    """Delete the rows of a held day whose things are not spared."""
    of = BY_RULE[day.table]
    sql: LiteralString = of.of_day("delete") + " and not " + of.thing + " = any(%(spared)s)"
    return await tx.execute(sql, spared=list(spared), **_within(day))


@touches(*_ALL, WRITE)
async def drop_day(tx: Tx, day: Day) -> None:
    """Drop the partition whole."""
    await tx.execute(
        "call wf_partition_drop(%(table)s, %(rule)s::smallint, %(day)s)",
        table=day.table,
        rule=day.rule,
        day=day.day,
    )


@touches(DataClass.MACHINERY, READ)
async def plan_of(tx: Tx, day: Day) -> Plan | None:
    """The plan that was made for the day and not yet carried out whole."""
    row = await tx.fetch_one(
        "select payload from job where unique_key = %(key)s and done_at is null", key=f"{_PLAN} {day.key}"
    )
    if row is None:
        return None
    kept = row["payload"]
    spared = frozenset(UUID(thing) for thing in kept["spared"])
    return Plan(
        kept["objects"],
        kept["bytes"],
        kept["digest"],
        kept["keys"],
        kept["kept_by_hold"],
        spared,
        kept["spared_done"],
    )


@touches(DataClass.MACHINERY, READ)
async def begun(tx: Tx) -> set[Day]:
    """The days whose forgetting was begun and is not done: a crash came between, or a disk is away."""
    rows = await tx.fetch(
        "select payload ->> 'table' as name, (payload ->> 'rule')::int as rule, (payload ->> 'day')::date as day from job"
        " where kind = %(kind)s and agency_id = %(agency)s and done_at is null and not (payload ->> 'spared_done')::boolean",
        kind=_PLAN,
        agency=tx.agency,
    )
    return {Day(row["name"], row["rule"], row["day"]) for row in rows}


@touches(DataClass.MACHINERY, WRITE)
async def keep_plan(tx: Tx, day: Day, plan: Plan, due: datetime, *, done: bool = False) -> None:
    """Keep the plan, in place of an earlier one of the same day; `done` when the day is forgotten whole."""
    await tx.execute(
        "insert into job (id, kind, agency_id, payload, run_at, attempts, progress, unique_key, done_at)"
        " values (%(id)s, %(kind)s, %(agency)s, %(payload)s, %(due)s, 0, 0, %(key)s, %(done)s)"
        " on conflict (unique_key) do update set payload = excluded.payload, done_at = excluded.done_at",
        id=uuid7(tx.now),
        kind=_PLAN,
        agency=tx.agency,
        key=f"{_PLAN} {day.key}",
        due=due,
        done=tx.now if done else None,
        payload={
            "table": day.table,
            "data_class": TABLES[day.table].data_class.value,
            "rule": day.rule,
            "day": day.day.isoformat(),
            "objects": plan.objects,
            "bytes": plan.bytes,
            "digest": plan.digest,
            "keys": plan.keys,
            "kept_by_hold": plan.kept_by_hold,
            "spared": sorted(str(thing) for thing in plan.spared),
            "spared_done": plan.spared_done,
        },
    )


@touches(DataClass.AUDIT, WRITE)
async def insert_receipt(tx: Tx, receipt_id: UUID, receipt: Receipt) -> None:
    """Keep the proof of a deletion."""
    await tx.execute(
        "insert into deletion_receipt (id, agency_id, data_class, rule, day, objects, bytes, digest, keys_destroyed, kept_by_hold,"
        " due_at, done_at) values (%(id)s, %(agency)s, %(class)s, %(rule)s, %(day)s, %(objects)s, %(bytes)s, %(digest)s, %(keys)s,"
        " %(held)s, %(due)s, %(now)s)",
        **{
            "id": receipt_id,
            "agency": tx.agency,
            "class": receipt.data_class.value,
            "rule": receipt.of.rule,
            "day": receipt.of.day,
            "objects": receipt.objects,
            "bytes": receipt.bytes,
            "digest": receipt.digest,
            "keys": receipt.keys_destroyed,
            "held": receipt.kept_by_hold,
            "due": receipt.due_at,
            "now": tx.now,
        },
    )


@touches(DataClass.POLICY, DataClass.FOOTAGE, READ)
async def holds(tx: Tx, data_class: DataClass, day: date) -> frozenset[UUID]:
    """The things (cameras, readers) whose data of this class and UTC day is held. One that is due holds until it is ended.

    What was begun late on a day goes on into the next: a hold of the minutes after midnight holds it where something did.
    """
    rows = await tx.fetch(
        "select distinct h.about_id from hold h where h.data_class = %(class)s and h.ended_at is null and h.to_at >= %(begin)s"
        " and (h.from_at < %(end)s or h.from_at < %(late)s and exists (select from segment s where s.camera_id = h.about_id"
        " and s.at >= %(begin)s and s.at < %(end)s and s.ended_at > h.from_at))",
        **{
            "class": data_class.value,
            "end": end_of(day),
            "late": end_of(day) + (LONGEST if data_class is DataClass.FOOTAGE else timedelta()),
            "begin": end_of(day) - timedelta(days=1),
        },
    )
    return frozenset(row["about_id"] for row in rows)


@touches(DataClass.POLICY, READ)
async def lock_holds(tx: Tx) -> None:
    """Let no hold be placed until this transaction ends: either it was placed before, or it is told that it comes too late."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('wf_hold ' || %(agency)s, 0))", agency=str(tx.agency)
    )


@touches(
    DataClass.PLATE_PICTURE, DataClass.PLATE_HIT, DataClass.ALERT, DataClass.INCIDENT, DataClass.FOLLOW, READ
)
async def pictures_of(tx: Tx, day: Day, spared: frozenset[UUID], after: str, most: int) -> list[str]:
    """Names of pictures that only this day's going rows refer to, in their order after `after`."""
    rows = await tx.fetch(
        "select distinct p.sha256 from plate_picture p where p.rule = %(rule)s and p.at >= %(from)s and p.at < %(to)s"
        " and not p.device_id = any(%(spared)s) and p.sha256 > %(after)s"
        " and not exists (select from plate_picture o where o.sha256 = p.sha256 and (o.rule <> %(rule)s or o.at < %(from)s"
        "   or o.at >= %(to)s or o.device_id = any(%(spared)s)))"
        " and not exists (select from plate_hit h where h.picture = p.sha256)"
        " and not exists (select from alert_part a where a.picture = p.sha256)"
        " and not exists (select from sighting g where g.picture = p.sha256)"
        " and not exists (select from incident i where i.picture = p.sha256)"
        " order by 1 limit %(most)s",
        spared=list(spared),
        after=after,
        most=most,
        **_within(day),
    )
    return [row["sha256"] for row in rows]


@touches(DataClass.ALERT, DataClass.INCIDENT, DataClass.FOLLOW, READ)
async def shown_by_an_alert(tx: Tx, until: datetime) -> bool:
    """Whether an alert, an incident or a sighting from before `until` still shows a picture."""
    row = await tx.fetch_one(
        "select 1 as one where exists (select from alert_part where picture is not null and at < %(until)s)"
        " or exists (select from sighting where picture is not null and at < %(until)s)"
        " or exists (select from incident where picture is not null and at < %(until)s)",
        until=until,
    )
    return row is not None
