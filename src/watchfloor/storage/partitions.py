"""Partitions of (retention rule, day): made ahead, so that no row is without one. It drops nothing; the sweep does.

Each table kept `by_rule` has a partition for a rule and below it one for a UTC day: `plate_read_r3_20261122`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from watchfloor.kit.errors import Invalid
from watchfloor.storage.classes import TABLES, Retention

# Reads and segments may carry a time up to five minutes ahead; two days make tomorrow sure even if the sweep sleeps.
AHEAD: Final = 2
_NAME: Final = re.compile(r"(?P<table>.+)_r(?P<rule>\d+)_(?P<day>\d{8})")


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One rule's one day of one table."""

    table: str
    rule: int
    day: date

    @property
    def name(self) -> str:
        return f"{self.table}_r{self.rule}_{self.day:%Y%m%d}"


def days_ahead(now: datetime, *, behind: int = 1, ahead: int = AHEAD) -> list[date]:
    """The UTC days that need a partition at `now`: late rows of yesterday, today, and the days to come."""
    today = now.date()
    return [today + timedelta(days=n) for n in range(-behind, ahead + 1)]


def wanted(tables: Iterable[str], rules: Iterable[int], days: Iterable[date]) -> set[Partition]:
    """Every combination."""
    each_rule, each_day = list(rules), list(days)
    return {Partition(table, rule, day) for table in tables for rule in each_rule for day in each_day}


def parse(name: str) -> Partition | None:
    """The partition of that name, or None for any other table. Raises Invalid for a day that the calendar lacks."""
    match = _NAME.fullmatch(name)
    if match is None or match["table"] not in TABLES:
        return None
    try:
        day = datetime.strptime(match["day"] + "+0000", "%Y%m%d%z").date()
    except ValueError as error:
        raise Invalid(f"The table {name} is named like a partition of a day that does not exist.") from error
    return Partition(match["table"], int(match["rule"]), day)


def end_of(day: date) -> datetime:
    """The first instant after a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


async def tables_by_rule(connection: AsyncConnection[DictRow]) -> list[str]:
    """The tables of this database that are kept by rule, in the order of their names."""
    cursor = await connection.execute(
        "select c.relname as name from pg_partitioned_table p join pg_class c on c.oid = p.partrelid"
        " where c.relnamespace = 'public'::regnamespace and p.partstrat = 'l' order by 1"
    )
    by_rule = {name for name, kept in TABLES.items() if kept.retention is Retention.BY_RULE}
    return [row["name"] for row in await cursor.fetchall() if row["name"] in by_rule]


async def present(connection: AsyncConnection[DictRow]) -> set[Partition]:
    """The partitions that are there."""
    cursor = await connection.execute(
        "select relname as name from pg_class where relispartition and relkind = 'r'"
        " and relnamespace = 'public'::regnamespace"
    )
    found = (parse(row["name"]) for row in await cursor.fetchall())
    return {partition for partition in found if partition is not None}


async def used(connection: AsyncConnection[DictRow]) -> set[tuple[str, int]]:
    """Every table and rule that ever had a partition together: these need one for each day to come, and no others."""
    cursor = await connection.execute(
        "select c.relname as name, p.relname as table from pg_class c join pg_inherits i on i.inhrelid = c.oid"
        " join pg_class p on p.oid = i.inhparent where c.relkind = 'p' and c.relispartition"
        " and c.relnamespace = 'public'::regnamespace"
    )
    return {
        (row["table"], int(row["name"].removeprefix(f"{row['table']}_r"))) for row in await cursor.fetchall()
    }


async def missing(
    connection: AsyncConnection[DictRow], rules: Iterable[int], days: Iterable[date]
) -> list[Partition]:
    """What `ensure` would make, in order."""
    return sorted(wanted(await tables_by_rule(connection), rules, days) - await present(connection))


async def ensure(
    connection: AsyncConnection[DictRow], rules: Iterable[int], days: Iterable[date]
) -> Sequence[Partition]:
    """Make the partitions that lack, as wf_app or wf_sweep; those that were made.

    Runs inside the caller's transaction, one starter at a time. It creates tables, so it belongs at the start of a
    process, in the sweep and after a rule was added, never in the way of a read.
    """
    await connection.execute("select pg_advisory_xact_lock(hashtext('wf_partitions'))")
    lacking = await missing(connection, rules, days)
    for partition in lacking:
        await connection.execute(
            "call wf_partition_create(%s, %s::smallint, %s)", (partition.table, partition.rule, partition.day)
        )
    return lacking
