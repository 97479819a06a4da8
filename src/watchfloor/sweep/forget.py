"""Forgetting what is past its retention: whole days, with receipts, never what is held. A failure is an alarm, not a line.

A day goes in three steps, each of which may be the last before a crash: the plan is kept, keys and files go, rows and
receipt are exchanged in one transaction. The next round goes on where the last one ended.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, LiteralString, TypeVar
from uuid import UUID

from watchfloor.governance.actors import process_actor
from watchfloor.governance.audit import effect
from watchfloor.governance.authorise import days_ahead
from watchfloor.governance.door import Door
from watchfloor.governance.erase import erase
from watchfloor.governance.grant import end_left
from watchfloor.governance.lease import summarise
from watchfloor.governance.model import About, Ask
from watchfloor.governance.needs import Need
from watchfloor.governance.policy_store import create_partitions
from watchfloor.kit.clock import Clock, rfc3339
from watchfloor.kit.errors import WatchfloorError
from watchfloor.kit.ids import uuid7
from watchfloor.kit.logs import logger
from watchfloor.storage.classes import TABLES, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx
from watchfloor.sweep import brief_store, expire_store, prove_store, store
from watchfloor.sweep.files import Files, Found
from watchfloor.sweep.give_way import TABLE_OF, GiveWay, candidates, gave_way
from watchfloor.sweep.prove import MOST_LATE, keep_oldest
from watchfloor.sweep.store import BY_RULE, Day, Plan, Receipt, Rule

T = TypeVar("T")
_PICTURES_A_TIME: Final = 2000
_PAYLOADS_A_TIME: Final = 500
# The tables whose day carries their class's files away with it.
CARRIES_FILES: Final = frozenset({"segment", "plate_picture"})
_log = logger("sweep")


def due_days(days: Iterable[Day], keep_for: timedelta, now: datetime) -> list[Day]:
    """The days that are past: their last instant is older than the rule keeps."""
    return [day for day in days if end_of(day.day) + keep_for <= now]


class Sweep:
    """One round after another: partitions ahead, days past, rows past, payloads past, the daily summary and the daily proof."""

    def __init__(
        self,
        door: Door,
        clock: Clock,
        files: Mapping[DataClass, Files],
        clear_leftovers: Callable[[datetime], int],
        give_way: GiveWay | None = None,
    ) -> None:
        """`clear_leftovers` removes what processes that died left half put among the objects; `give_way` is for want of room."""
        self._door = door
        self._clock = clock
        self._files = files
        self._clear_leftovers = clear_leftovers
        self._give_way = give_way
        self._well: set[tuple[UUID, str]] = set()

    async def round(self, agency: UUID) -> list[Receipt]:
        """Everything that is due for one agency; the receipts of it. A step that fails raises an alarm and stops no other."""
        async with self._door.open(self._ask(agency)) as tx:
            rules = await store.rules(tx)
        receipts: list[Receipt] = []
        for rule in rules:
            await self._step(agency, f"days ahead of rule {rule.number}", partial(self._ahead, agency, rule))
            for table in BY_RULE:
                name = f"days of {table} under rule {rule.number}"
                for day in await self._step(agency, name, partial(self._due, agency, table, rule)) or ():
                    receipt = await self._step(
                        agency, day.key, partial(self._day, agency, day, rule.keep_for)
                    )
                    receipts += [receipt] if receipt else []
        early = await self._step(agency, "room on the disks", partial(self._make_room, agency, rules))
        receipts += [early] if early else []
        for expired in expire_store.EXPIRED:
            await self._step(agency, f"rows of {expired}", partial(self._expired, agency, expired))
        await self._step(agency, "the daily summary of leases", partial(self._summary, agency))
        await self._step(agency, "ends of what was left open", partial(self._left, agency))
        await self._step(agency, "payloads of the log", partial(self._payloads, agency))
        await self._step(
            agency, "objects half put", partial(asyncio.to_thread, self._clear_leftovers, self._clock.now())
        )
        await self._step(
            agency, "the daily proof", partial(keep_oldest, self._door, self._ask(agency), self._files)
        )
        async with self._door.open(self._ask(agency)) as tx:
            await prove_store.keep_round(tx)
        return receipts

    async def _step(self, agency: UUID, what: str, act: Callable[[], Awaitable[T]]) -> T | None:
        """Do one step. When it fails it is told and kept as an alarm until it succeeds; nothing else waits for it."""
        try:
            done = await act()
        except Exception as error:  # one class that cannot be forgotten must not keep the others alive
            sentence = (
                error.detail if isinstance(error, WatchfloorError) else f"{type(error).__name__}: {error}"
            )
            _log.error("forgetting failed", what=what, error=sentence)
            self._well.discard((agency, what))
            async with self._door.open(self._ask(agency)) as tx:
                await prove_store.keep_alarm(tx, what, sentence)
            return None
        if (agency, what) not in self._well:
            async with self._door.open(self._ask(agency)) as tx:
                await prove_store.end_alarm(tx, what)
            self._well.add((agency, what))
        return done

    async def _ahead(self, agency: UUID, rule: Rule) -> None:
        async with self._door.open(self._ask(agency)) as tx:
            await create_partitions(
                tx, await store.tables_of(tx, rule.number), rule.number, days_ahead(tx.now)
            )

    async def _due(self, agency: UUID, table: str, rule: Rule) -> list[Day]:
        files = self._files_of(table)
        lying = {Day(table, rule.number, day) for day in await files.days(rule.number)} if files else set()
        async with self._door.open(self._ask(agency)) as tx:
            known = await store.days_of(tx, table, rule.number)
            begun = {day for day in await store.begun(tx) if (day.table, day.rule) == (table, rule.number)}
            return sorted(begun.union(due_days(lying.union(known), rule.keep_for, tx.now)))

    async def _make_room(self, agency: UUID, rules: Sequence[Rule]) -> Receipt | None:
        """Forget one day before its time where the disks are full and a class gives way: one a round, so that each is noticed."""
        order = await self._give_way.now() if self._give_way is not None else []
        if not order:
            return None
        keep_for = {rule.number: rule.keep_for for rule in rules}
        async with self._door.open(self._ask(agency)) as tx:
            tables = [TABLE_OF[one.data_class] for one in order]
            # What is left of a day that was begun, on a disk that is away perhaps, makes no room now: `_due` ends it.
            begun = await store.begun(tx)
            days = [
                d for table in tables for number in keep_for for d in await store.days_of(tx, table, number)
            ]
            may = [day for day in candidates(order, days, tx.now) if day not in begun]
        for day in may:
            async with self._door.open(self._ask(agency)) as tx:
                spared = await store.holds(tx, TABLES[day.table].data_class, day.day)
                goes, _ = await store.rows_of(tx, day, spared)
                if goes:
                    await gave_way(tx, day, keep_for[day.rule], spared)
            receipt = await self._day(agency, day, keep_for[day.rule]) if goes else None
            if receipt is not None:
                return receipt
        return None

    async def _day(self, agency: UUID, day: Day, keep_for: timedelta) -> Receipt | None:
        """Forget a day, but what is held; None when nothing more of it may go."""
        files, due = self._files_of(day.table), end_of(day.day) + keep_for
        async with self._door.open(self._ask(agency)) as tx:
            spared = await store.holds(tx, TABLES[day.table].data_class, day.day)
            kept = await store.plan_of(tx, day)
        if kept is not None and kept.spared_done and kept.spared <= spared:
            return None
        names = partial(self._pictures, agency, day, spared)
        fresh = kept is None or kept.spared_done
        found = await files.found(agency, day, spared, names) if files and fresh else None
        async with self._door.open(self._ask(agency)) as tx:
            await store.lock_holds(tx)
            if await store.holds(tx, TABLES[day.table].data_class, day.day) != spared:
                return None  # a hold was placed or ended meanwhile: the next round asks anew
            rows, staying = await store.rows_of(tx, day, spared)
            rows += await brief_store.forgotten(tx, day)
            plan = (
                replace(kept, spared=spared)
                if kept and not fresh
                else _plan(day, rows, staying, spared, found)
            )
            await store.keep_plan(tx, day, plan, due)
        if files:
            await files.forget(agency, day, spared, names, self._clock.now())
        return await self._close(agency, day, plan, due)

    async def _close(self, agency: UUID, day: Day, plan: Plan, due: datetime) -> Receipt:
        """Rows and receipt in one transaction: an index of nothing may be seen for a moment, a file without index never."""
        receipt = Receipt(
            TABLES[day.table].data_class,
            day,
            plan.objects,
            plan.bytes,
            plan.digest,
            plan.keys,
            plan.kept_by_hold,
            due,
        )
        async with self._door.open(self._ask(agency)) as tx:
            if plan.spared:
                await store.delete_rows(tx, day, plan.spared)
            else:
                await store.drop_day(tx, day)
            await store.keep_plan(tx, day, replace(plan, spared_done=True), due, done=not plan.spared)
            await _keep(tx, receipt)
            late = tx.now - due
        if late > MOST_LATE:
            _log.error("forgotten late", what=day.key, late_h=int(late.total_seconds() // 3600))
        return receipt

    async def _pictures(self, agency: UUID, day: Day, spared: frozenset[UUID]) -> AsyncIterator[str]:
        after = ""
        while True:
            async with self._door.open(self._ask(agency)) as tx:
                names = await store.pictures_of(tx, day, spared, after, _PICTURES_A_TIME)
            for name in names:
                yield name
            if len(names) < _PICTURES_A_TIME:
                return
            after = names[-1]

    async def _expired(self, agency: UUID, table: LiteralString) -> None:
        async with self._door.open(self._ask(agency)) as tx:
            await expire_store.delete_expired(tx, table)

    async def _summary(self, agency: UUID) -> None:
        async with self._door.open(self._ask(agency)) as tx:
            await summarise(tx)

    async def _left(self, agency: UUID) -> None:
        async with self._door.open(self._ask(agency)) as tx:
            await end_left(tx)

    async def _payloads(self, agency: UUID) -> None:
        """Erase what is due, each erasure with an entry of its own: the tree stays whole, and says what is gone."""
        while True:
            async with self._door.open(self._ask(agency)) as tx:
                entries = await expire_store.payloads_due(tx, _PAYLOADS_A_TIME)
                for entry in entries:
                    await erase(tx, entry, "retention")
            if len(entries) < _PAYLOADS_A_TIME:
                return

    def _files_of(self, table: str) -> Files | None:
        return self._files.get(TABLES[table].data_class) if table in CARRIES_FILES else None

    def _ask(self, agency: UUID) -> Ask:
        return Ask(process_actor(agency, "sweep"), Need.RETENTION_SWEEP)


def _plan(day: Day, rows: int, staying: int, spared: frozenset[UUID], found: Found | None) -> Plan:
    digest = found.digest if found else hashlib.sha256(f"{day.key} {rows}".encode()).hexdigest()
    objects, size, keys = (found.objects, found.bytes, found.keys) if found else (0, 0, 0)
    return Plan(rows + objects, size, digest, keys, staying, spared, spared_done=False)


async def _keep(tx: Tx, receipt: Receipt) -> None:
    receipt_id = uuid7(tx.now)
    await store.insert_receipt(tx, receipt_id, receipt)
    await effect(
        tx,
        "retention.forgotten",
        About("receipt", receipt_id),
        more={
            "data_class": receipt.data_class.value,
            "table": receipt.of.table,
            "rule": receipt.of.rule,
            "day": receipt.of.day.isoformat(),
            "objects": receipt.objects,
            "bytes": receipt.bytes,
            "digest": receipt.digest,
            "keys_destroyed": receipt.keys_destroyed,
            "kept_by_hold": receipt.kept_by_hold,
            "due_at": rfc3339(receipt.due_at),
        },
    )
