"""Proof that forgetting works: the oldest of each class by listing what is stored, and what fails or is late. It deletes nothing
but strays: files that nothing refers to any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from watchfloor.evidence import store as evidence_store
from watchfloor.governance.audit import effect
from watchfloor.governance.door import Door
from watchfloor.governance.model import About, Ask
from watchfloor.plates import store as plate_store
from watchfloor.storage.classes import FILES, TABLES, DataClass
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx
from watchfloor.sweep import canary_store, prove_store, store
from watchfloor.sweep.files import Files
from watchfloor.sweep.store import BY_RULE, Rule

MOST_LATE: Final = timedelta(hours=25)
# A round is made each minute; one that has much to forget takes its time.
LATE_ROUND: Final = timedelta(hours=1)
LATE_SHORT: Final = timedelta(minutes=10)
# One is planted each hour, and looked for each ten seconds.
LATE_CANARY: Final = timedelta(hours=3)
LATE_LOOK: Final = timedelta(minutes=10)
_CLASSES: Final = frozenset(kept.data_class for kept in (*TABLES.values(), *FILES.values()))
_TOLD_FOR: Final = timedelta(days=2)
_ROOM: Final = (
    "Add a disk, or have a shorter retention decided by who may decide it; see docs/operate/storage.md."
)
_LOG: Final = "Read logs/sweep.log, and mend what it names."


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong with forgetting, as a sentence, and since when; what it means, and what to do."""

    sentence: str
    since: datetime
    so_what: str = "It is kept longer than was approved."
    do: str = _LOG


@dataclass(frozen=True, slots=True)
class Oldest:
    """The oldest day of a table, `files of CLASS` or `files of CLASS under rule N`, and how long it may be kept, where known."""

    what: str
    day: date
    keep_for: timedelta | None


async def keep_oldest(door: Door, ask: Ask, files: Mapping[DataClass, Files]) -> None:
    """Once a UTC day: delete strays, list what is stored, keep the oldest of each class in the log."""
    agency = ask.actor.agency
    async with door.open(ask) as tx:
        if await prove_store.oldest_kept_on(tx, tx.now.astimezone(UTC).date()):
            return
        now, rules = tx.now, await store.rules(tx)
        found = await _oldest_rows(tx, rules)

    async def unreferenced(names: Sequence[str]) -> Sequence[str]:
        async with door.open(ask) as tx:
            return await plate_store.unkept(tx, names)

    strays = 0
    for data_class, kept in files.items():
        strays += await kept.strays(agency, now, unreferenced)
        for number, day in (await kept.oldest(agency, [rule.number for rule in rules])).items():
            found[_files_of(data_class, number)] = day.isoformat()
    async with door.open(ask) as tx:
        if await prove_store.keep_oldest(tx, found):
            await effect(
                tx, "retention.oldest", About("agency", agency), more={"oldest": found, "strays": strays}
            )


async def _oldest_rows(tx: Tx, rules: Sequence[Rule]) -> dict[str, str]:
    found: dict[str, str] = {}
    for table in BY_RULE:
        for rule in rules:
            for day in await store.days_of(tx, table, rule.number):
                if await store.has_rows(tx, day):
                    found[table] = min(found.get(table, "9999"), day.day.isoformat())
                    break
    return found


async def oldest(tx: Tx) -> tuple[datetime | None, list[Oldest]]:
    """When what is stored was last listed, and the oldest of each table and kind of file; nothing before the first proof."""
    last = await prove_store.last_oldest(tx)
    if last is None:
        return None, []
    limits = await _limits(tx, await store.rules(tx))
    return last[0], [
        Oldest(what, date.fromisoformat(day), limits.get(what)) for what, day in sorted(last[1].items())
    ]


async def _limits(tx: Tx, rules: Sequence[Rule]) -> dict[str, timedelta]:
    """How long each table, and each kind of file under each rule, may be kept at most."""
    limits: dict[str, timedelta] = {}
    for rule in rules:
        for table in await store.tables_of(tx, rule.number):
            limits[table] = max(rule.keep_for, limits.get(table, rule.keep_for))
    for data_class in _CLASSES:
        limits |= {_files_of(data_class, rule.number): rule.keep_for for rule in rules}
        limits[_files_of(data_class)] = await _longest(tx, data_class, rules)
    return limits


async def alarms(tx: Tx) -> list[Alarm]:
    """What is wrong with forgetting at present: steps that fail, days that are late, files older than any rule keeps.

    It looks for itself, so that a sweep that is dead is found too. `tx` may be any that reads everything (RETENTION_LOOK).
    """
    found = [*await _late_sweep(tx), *await _late_short(tx), *await _canaries(tx)]
    found += [
        Alarm(
            f"Forgetting fails: {what}: {error}",
            since,
            "What this step should have done waits; nothing else does. It is tried again each minute.",
        )
        for what, error, since in await prove_store.failing(tx)
    ]
    found += [
        Alarm(said, since, "Nobody can play it any more; what is held stayed.", _ROOM)
        for said, since in await prove_store.gave_way(tx, tx.now - _TOLD_FOR)
    ]
    rules = await store.rules(tx)
    for rule in rules:
        for table in BY_RULE:
            for day in await store.days_of(tx, table, rule.number):
                due = end_of(day.day) + rule.keep_for
                if due + MOST_LATE > tx.now:
                    break
                plan = await store.plan_of(tx, day)
                if plan is None or not plan.spared_done:
                    found.append(
                        Alarm(f"{table} of {day.day} should have been forgotten and is still there.", due)
                    )
    return found + await _old_files(tx, rules)


async def _late_sweep(tx: Tx) -> list[Alarm]:
    last = await prove_store.last_round(tx)
    if last is None or tx.now - last <= LATE_ROUND:
        return []
    return [
        Alarm(
            f"The sweep has ended no round since {last:%Y-%m-%d %H:%M} UTC.",
            last,
            "Nothing is forgotten on time, and no day's room is made ahead.",
            "See that the sweep runs, and what logs/sweep.log says; `watchfloor up` starts it again when it dies.",
        )
    ]


async def _late_short(tx: Tx) -> list[Alarm]:
    """What is never stored is looked for each ten seconds; who does not look proves nothing."""
    last = await prove_store.short_proven(tx)
    if last is None or tx.now - last <= LATE_SHORT:
        return []
    return [
        Alarm(
            f"That nothing is left of reads that are never stored was last proven on {last:%Y-%m-%d %H:%M} UTC.",
            last,
            "What waits to be matched may be older than its minutes.",
            "See that the sweep runs, and what logs/sweep.log says of them.",
        )
    ]


async def _canaries(tx: Tx) -> list[Alarm]:
    """Invented reads that are not gone, or the last of which was not; and that none were planted."""
    followed = await canary_store.followed(tx)
    found = [*await canary_store.newest(tx), *followed]
    alarms = [
        Alarm(
            one.fault,
            one.planted_at,
            "Reads of people may be kept longer than was approved, as the invented one is.",
            "Read logs/sweep.log and logs/sense.log, and mend what they name.",
        )
        for one in found
        if one.fault is not None
    ]
    alarms += [
        _unproven(f"A canary of {one.stands.words} was not looked for to its end", one.planted_at)
        for one in followed
        if one.fault is None and tx.now - one.planted_at > one.promise + LATE_LOOK
    ]
    last = await canary_store.last_round(tx)
    if last is not None and tx.now - last.at > LATE_CANARY:
        return [*alarms, _unproven("No canary was planted", last.at)]
    planted = await canary_store.planted(tx)
    newest = (
        {stands: max(at, planted.get(stands, at)) for stands, at in last.in_force.items()} if last else {}
    )
    return alarms + [
        _unproven(f"No canary of {stands.words} was planted", at)
        for stands, at in newest.items()
        if tx.now - at > LATE_CANARY
    ]


def _unproven(what: str, since: datetime) -> Alarm:
    return Alarm(
        f"{what} since {since:%Y-%m-%d %H:%M} UTC.",
        since,
        "That reads kept for minutes are forgotten is not proven any more.",
        "Read logs/sweep.log; see that the sweep runs and that NATS and PostgreSQL answer it.",
    )


async def _old_files(tx: Tx, rules: Sequence[Rule]) -> list[Alarm]:
    """Files older than the rule they lie under; where they do not tell it, than any rule of what may refer to them."""
    last = await prove_store.last_oldest(tx)
    if last is None:
        return []
    found = []
    for data_class in _CLASSES:
        limits = {rule.number: rule.keep_for for rule in rules} | {
            None: await _longest(tx, data_class, rules)
        }
        for number, keep_for in limits.items():
            said = last[1].get(_files_of(data_class, number))
            if said is None:
                continue
            day = date.fromisoformat(said)
            due = end_of(day) + keep_for
            if due + MOST_LATE <= tx.now and not await _is_owed(tx, data_class, day):
                found.append(
                    Alarm(f"Files of {data_class.value} of {day} are older than any rule keeps.", due)
                )
    return found


async def _longest(tx: Tx, data_class: DataClass, rules: Sequence[Rule]) -> timedelta:
    """The longest that anything is kept which such a file may belong to: a picture belongs to its read and to its hits."""
    owners = {data_class} | ({DataClass.PLATE_HIT} if data_class is DataClass.PLATE_PICTURE else set())
    tables = {name for name in BY_RULE if TABLES[name].data_class in owners}
    lengths = [rule.keep_for for rule in rules if tables & set(await store.tables_of(tx, rule.number))]
    return max(lengths, default=timedelta(0))


async def _is_owed(tx: Tx, data_class: DataClass, day: date) -> bool:
    """Whether something else keeps files of that day: a hold, or for pictures an alert or incident with its own end."""
    # A thumbnail stays with its footage.
    held = DataClass.FOOTAGE if data_class is DataClass.THUMBNAIL else data_class
    if await store.holds(tx, held, day):
        return True
    if data_class is DataClass.EXPORT:
        return await evidence_store.owed(tx, end_of(day))
    return data_class is DataClass.PLATE_PICTURE and await store.shown_by_an_alert(tx, end_of(day))


def _files_of(data_class: DataClass, rule: int | None = None) -> str:
    return f"files of {data_class.value}" + ("" if rule is None else f" under rule {rule}")
