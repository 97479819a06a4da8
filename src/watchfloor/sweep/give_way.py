"""What gives way when disks are full: days of the classes that a setting names, the oldest first, never what is held.

It decides and says so; the sweep forgets such a day as every other, with a receipt. Without the setting
nothing gives way: recording stops before the disk is full, and says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.governance.audit import effect
from watchfloor.governance.model import About
from watchfloor.kit.clock import rfc3339
from watchfloor.kit.errors import Invalid
from watchfloor.recordings import check_store
from watchfloor.recordings import store as footage
from watchfloor.storage.classes import DataClass
from watchfloor.storage.disks import DiskState, states_of
from watchfloor.storage.objects import Objects
from watchfloor.storage.partitions import end_of
from watchfloor.storage.tx import Tx
from watchfloor.sweep import prove_store
from watchfloor.sweep.store import Day

# Whose days take files with them.
TABLE_OF: Final[Mapping[DataClass, str]] = {
    DataClass.FOOTAGE: "segment",
    DataClass.PLATE_PICTURE: "plate_picture",
}
_MB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Yielding:
    """A class that gives way, and the age that its days must have before they do."""

    data_class: DataClass
    kept_at_least: timedelta


@dataclass(frozen=True, slots=True)
class GiveWay:
    """The order in which classes give way, and how much room lacks where a class lies: None where a store does not say."""

    order: tuple[Yielding, ...]
    lacking: Callable[[DataClass], Awaitable[int | None]]

    async def now(self) -> list[Yielding]:
        """Of the order those that would make room where it lacks."""
        return [one for one in self.order if await self.lacking(one.data_class)]


def order_of(text: str) -> tuple[Yielding, ...]:
    """The order that `objects.gives_way` names, as `footage:14, plate_picture:7`. Raises Invalid."""
    order: list[Yielding] = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        word, colon, days = part.partition(":")
        known = {kept.value: kept for kept in TABLE_OF}
        if word.strip() not in known or not colon or not days.strip().isdecimal() or int(days) < 1:
            raise Invalid(
                f"objects.gives_way: {part!r} should be a class and the days that it is kept at least, as footage:14; "
                f"classes are {', '.join(known)}."
            )
        order.append(Yielding(known[word.strip()], timedelta(days=int(days))))
    return tuple(order)


def candidates(order: Sequence[Yielding], days: Iterable[Day], now: datetime) -> list[Day]:
    """The days that may give way now, in the order in which they do: class by class, the oldest first."""
    there = sorted(days, key=lambda day: (day.day, day.rule))
    return [
        day
        for one in order
        for day in there
        if day.table == TABLE_OF[one.data_class] and end_of(day.day) + one.kept_at_least <= now
    ]


def lacking(disks: Sequence[DiskState], home_free: int | None, least: int) -> int | None:
    """How many bytes lack to `least` where new footage goes; 0 when there is room."""
    if disks:
        free = sum(disk.room.free for disk in disks if disk.takes and disk.room is not None)
        # With every disk away nothing that is deleted makes room.
        return max(0, least - free) if any(disk.takes and not disk.trouble for disk in disks) else 0
    return None if home_free is None else max(0, least - home_free)


def giving_way(order: tuple[Yielding, ...], objects: Objects, least_free_mb: int) -> GiveWay:
    """What gives way of a store when less than the warning line is free."""

    async def lacks(data_class: DataClass) -> int | None:
        room = objects.room()
        # Footage alone is spread over disks: a picture that goes makes room in the data directory.
        disks = await states_of(objects) if data_class is DataClass.FOOTAGE else []
        return lacking(disks, room.free if room else None, least_free_mb * _MB)

    return GiveWay(order, lacks)


async def gave_way(tx: Tx, day: Day, keep_for: timedelta, spared: frozenset[UUID]) -> None:
    """Say that a day gives way: in the log, as an alarm, and on the timelines of its cameras."""
    due = end_of(day.day) + keep_for
    early = max(0, (due - tx.now).days)
    said = f"The disks were full: {day.table} of {day.day} (rule {day.rule}) gave way, {early} days before its time."
    if not await prove_store.keep_gave_way(tx, day.key, said):
        return  # it was told when it was first tried
    await effect(
        tx,
        "retention.gave_way",
        About("agency", tx.agency),
        more={
            "table": day.table, "rule": day.rule, "day": day.day.isoformat(), "due_at": rfc3339(due),
            "kept_by_hold": len(spared),
        },
    )  # fmt: skip
    if day.table == TABLE_OF[DataClass.FOOTAGE]:
        await footage.ensure_day(tx, day.rule, day.day)
        cameras = [one for one in await check_store.cameras_of(tx, day.rule, day.day) if one not in spared]
        await footage.insert_gaps(tx, await footage.gaps_instead(tx, day.rule, day.day, cameras))
