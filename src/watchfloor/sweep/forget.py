"""Forgetting what is past its retention: whole days, with receipts, never what is held. A failure is an alarm, not a line."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance import policy_store
from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.authorise import by_rule, days_ahead
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.kit.clock import Clock
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.storage.classes import TABLES, DataClass
from watchfloor.storage.tx import Tx
from watchfloor.sweep import store
from watchfloor.sweep.store import Receipt, Rule

_log = logger("sweep")
MOST_LATE: Final = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a class's own files of one day came to: object ids in a digest, and the keys that were destroyed."""

    objects: int
    bytes: int
    digest: str
    keys_destroyed: int
    kept_by_hold: int


@dataclass(frozen=True, slots=True)
class FilesOf:
    """Files of a class kept by rule: `forget(agency, rule, day, held)` deletes a day of them, except for the held things;
    `oldest(agency)` is the oldest day found by listing storage, with its rule, or None."""

    forget: Callable[[UUID, int, date, set[UUID]], Awaitable[Forgotten]]
    oldest: Callable[[UUID], Awaitable[Mapping[int, date]]]


def due_days(days: Sequence[date], keep_for: timedelta, now: datetime) -> list[date]:
    """The days that are past: their last instant is older than the rule keeps."""
    return [day for day in days if _end_of(day) + keep_for <= now]


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


class Sweep:
    """One round after another: partitions ahead, days past, rows past, payloads past."""

    def __init__(self, door: Door, clock: Clock, files: Mapping[DataClass, FilesOf]) -> None:
        self._door = door
        self._clock = clock
        self._files = files

    async def round(self, agency: UUID) -> list[Receipt]:
        """Everything that is due for one agency; the receipts of it."""
        async with self._door.open(self._ask(agency)) as tx:
            rules = await store.rules(tx)
            for rule in rules:
                await policy_store.create_partitions(tx, by_rule(), rule.number, days_ahead(tx.now))
        receipts: list[Receipt] = []
        for rule in rules:
            for table in by_rule():
                receipts += await self._table(agency, table, rule)
        await self._expired(agency)
        return receipts

    async def oldest(self, agency: UUID) -> dict[DataClass, datetime]:
        """The oldest day of each class by listing storage, not the index; what nobody kept is not in it."""
        found: dict[DataClass, datetime] = {}
        for data_class, files in self._files.items():
            days = (await files.oldest(agency)).values()
            if days:
                found[data_class] = datetime.combine(min(days), datetime.min.time(), UTC)
        return found

    async def _table(self, agency: UUID, table: str, rule: Rule) -> list[Receipt]:
        data_class = TABLES[table].data_class
        async with self._door.open(self._ask(agency)) as tx:
            days = due_days(await store.days_of(tx, table, rule.number), rule.keep_for, tx.now)
        return [await self._day(agency, table, data_class, rule, day) for day in days]

    async def _day(self, agency: UUID, table: str, data_class: DataClass, rule: Rule, day: date) -> Receipt:
        due = _end_of(day) + rule.keep_for
        async with self._door.open(self._ask(agency, detail=f"{table} {day}")) as tx:
            held = await store.holds(tx, data_class, day)
            rows = await store.rows_of(tx, table, rule.number, day)
        files = self._files.get(data_class)
        # Keys and files first: a crash between leaves an index of nothing, never a file that no index knows.
        gone = await files.forget(agency, rule.number, day, held) if files and table == MAIN.get(data_class) else None
        async with self._door.open(self._ask(agency, detail=f"{table} {day}")) as tx:
            receipt = Receipt(
                data_class,
                rule.number,
                day,
                objects=rows + (gone.objects if gone else 0),
                bytes=gone.bytes if gone else 0,
                digest=gone.digest if gone else hashlib.sha256(f"{table} {rule.number} {day} {rows}".encode()).hexdigest(),
                keys_destroyed=gone.keys_destroyed if gone else 0,
                kept_by_hold=gone.kept_by_hold if gone else 0,
                due_at=due,
            )
            if not held:
                await store.drop_day(tx, table, rule.number, day)
            await self._keep(tx, receipt)
        if self._clock.now() - due > MOST_LATE:
            _log.error("forgotten late", data_class=data_class.value, day=str(day), late_h=int((self._clock.now() - due).total_seconds() // 3600))
        return receipt

    async def _keep(self, tx: Tx, receipt: Receipt) -> None:
        receipt_id = uuid7(tx.now)
        await store.insert_receipt(tx, receipt_id, receipt)
        await effect(
            tx,
            "retention.forgotten",
            About("receipt", receipt_id),
            more={
                "data_class": receipt.data_class.value,
                "rule": receipt.rule,
                "day": receipt.day.isoformat(),
                "objects": receipt.objects,
                "bytes": receipt.bytes,
                "digest": receipt.digest,
                "keys_destroyed": receipt.keys_destroyed,
                "kept_by_hold": receipt.kept_by_hold,
            },
        )

    async def _expired(self, agency: UUID) -> None:
        for table in store.EXPIRED:
            async with self._door.open(self._ask(agency, detail=table)) as tx:
                await store.delete_expired(tx, table)

    def _ask(self, agency: UUID, detail: str = "") -> Ask:
        return Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP, detail={"what": detail} if detail else {})


# The table whose day carries the class's files away with it.
MAIN: Final = {DataClass.FOOTAGE: "segment", DataClass.PLATE_PICTURE: "plate_picture"}
