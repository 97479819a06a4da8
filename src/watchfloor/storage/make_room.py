"""Makes room for a row that comes late: its day's partition, where the day is not past. It never brings a past day back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from watchfloor.kit.errors import Expired, Invalid, NotFound
from watchfloor.storage.classes import TABLES, WRITE, Retention
from watchfloor.storage.tx import Tx


async def ensure_day(tx: Tx, table: str, rule: int, day: date) -> None:
    """Make sure that `table` has a partition for this rule and UTC day. Call it before anything else in a transaction.

    Two that ask at once take turns. Raises Expired when the rule has forgotten that day, Invalid for a day that is more
    than a day ahead, NotFound when the agency has no such rule.
    """
    kept = TABLES[table]
    if kept.retention is not Retention.BY_RULE:
        raise ValueError(f"{table} is not kept by rule")
    tx.permit(kept.data_class, WRITE)
    found = await tx.fetch_one("select keep_for from retention_rule where rule = %(rule)s", rule=rule)
    if found is None:
        raise NotFound(f"There is no retention rule {rule}.")
    if end_of(day) + found["keep_for"] <= tx.now:
        raise Expired(f"Data of {day} is past its retention; it is not taken.", reason="past_retention")
    if day > tx.now.astimezone(UTC).date() + timedelta(days=1):
        raise Invalid(f"{day} lies ahead; nothing can have happened on it.", reason="at")
    await tx.execute(
        "call wf_partition_create(%(table)s, %(rule)s::smallint, %(day)s)", table=table, rule=rule, day=day
    )


def end_of(day: date) -> datetime:
    """The first instant after a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
