"""All SQL of the sweep: which days are due, what they hold, dropping them whole, rows past their own end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql

from watchfloor.storage.classes import READ, WRITE, DataClass
from watchfloor.storage.tx import Tx, touches

_ALL: Final = tuple(DataClass)


@dataclass(frozen=True, slots=True)
class Rule:
    """A retention rule: its number, which partitions carry, and how long it keeps."""

    number: int
    keep_for: timedelta


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten of one class, rule and day."""

    data_class: DataClass
    rule: int
    day: date
    objects: int
    bytes: int
    digest: str
    keys_destroyed: int
    kept_by_hold: int
    due_at: datetime


# Rows that carry their own end: table -> the condition under which a row is past it. `%(now)s` is the sweep's time.
EXPIRED: Final[Mapping[LiteralString, LiteralString]] = {
    "sign_in": "coalesce(ended_at, until) < %(now)s - interval '90 days'",
    "sign_in_failure": "at < %(now)s - interval '1 day'",
    "invitation": "until < %(now)s - interval '30 days'",
    "idempotency": "at < %(now)s - interval '24 hours'",
    "quarantine": "erase_after < %(now)s",
    "machine_lease": "until < %(now)s - interval '7 days'",
    "access_grant": "coalesce(ended_at, until) < %(now)s - interval '400 days'",
    "proposal": "expires_at < %(now)s - interval '400 days'",
    "job": "done_at < %(now)s - interval '7 days'",
    "worker": "until < %(now)s - interval '7 days'",
    "hot_list_entry": "expires_at < %(now)s - interval '30 days'",
    "hot_list_import": "expires_at < %(now)s - interval '30 days'",
}


@touches(DataClass.POLICY, READ)
async def rules(tx: Tx) -> list[Rule]:
    """The agency's retention rules."""
    return [Rule(row["rule"], row["keep_for"]) for row in await tx.fetch("select rule, keep_for from retention_rule")]


@touches(*_ALL, READ)
async def days_of(tx: Tx, table: str, rule: int) -> list[date]:
    """The days of which a table has a partition under this rule."""
    rows = await tx.fetch(
        "select right(c.relname, 8) as day from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent"
        " where p.relname = %(parent)s",
        parent=f"{table}_r{rule}",
    )
    return sorted(date(int(row["day"][:4]), int(row["day"][4:6]), int(row["day"][6:])) for row in rows)


@touches(*_ALL, READ)
async def rows_of(tx: Tx, table: str, rule: int, day: date) -> int:
    """How many rows of this agency the partition holds."""
    name = f"{table}_r{rule}_{day:%Y%m%d}"
    cursor = await tx.connection.execute(sql.SQL("select count(*) as count from {}").format(sql.Identifier(name)))
    row = await cursor.fetchone()
    return int(row["count"]) if row else 0


@touches(*_ALL, WRITE)
async def drop_day(tx: Tx, table: str, rule: int, day: date) -> None:
    """Drop the partition whole."""
    await tx.execute("call wf_partition_drop(%(table)s, %(rule)s::smallint, %(day)s)", table=table, rule=rule, day=day)


@touches(*_ALL, WRITE)
async def delete_expired(tx: Tx, table: LiteralString) -> int:
    """Delete the rows of a table that are past their own end; how many."""
    return await tx.execute("delete from " + table + " where " + EXPIRED[table], now=tx.now)


@touches(DataClass.AUDIT_PAYLOAD, READ)
async def payloads_due(tx: Tx, most: int) -> list[UUID]:
    """Log entries whose payload is due to be erased."""
    rows = await tx.fetch(
        "select entry_id from audit_payload where erase_after < %(now)s and erased_at is null limit %(most)s", now=tx.now, most=most
    )
    return [row["entry_id"] for row in rows]


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
            "rule": receipt.rule,
            "day": receipt.day,
            "objects": receipt.objects,
            "bytes": receipt.bytes,
            "digest": receipt.digest,
            "keys": receipt.keys_destroyed,
            "held": receipt.kept_by_hold,
            "due": receipt.due_at,
            "now": tx.now,
        },
    )


@touches(DataClass.POLICY, READ)
async def holds(tx: Tx, data_class: DataClass, day: date) -> set[UUID]:
    """The things (cameras, readers) whose data of this class and day is held."""
    rows = await tx.fetch(
        "select about_id from hold where data_class = %(class)s and ended_at is null and ends_at > %(now)s"
        " and from_at < %(day)s::date + 1 and to_at >= %(day)s::date",
        **{"class": data_class.value, "now": tx.now, "day": day},
    )
    return {row["about_id"] for row in rows}
