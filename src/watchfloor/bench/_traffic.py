"""Invented traffic past a city's plate readers: who drives where and when, and the rows that the readers would hand in.

Vehicles have a home and a place of work and drive between them at hours of their own; the rest are drives of all kinds. A drive
passes readers one after the other, so that what shares a road is read together by nothing but the road. Plates are drawn from
the published patterns of states, none from a real list. Some pairs travel together: they are what a search must find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.bench._misread import MISREAD, misread, plates
from watchfloor.plates.hotlist import keys_of_bytes
from watchfloor.plates.model import MOST_CHARACTERS

READERS: Final = 375
DAYS: Final = 30
PAIRS: Final = 40
# As many base plates as reads of 50 million leave 3 million strings.
_READS_PER_VEHICLE: Final = 20
_LONGEST_DRIVE: Final = 4
_STATES: Final = np.array(["MO", "IL", "KS", "AR", "TN", "IA"], "S2")
_CHUNK: Final = 200_000
_PG_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_VEHICLES: Final = [
    f'\x01{{"colour": "{colour}", "make": "{make}"}}'.ljust(45).encode()
    for colour in ("grey", "black", "white", "blue", "red", "silver")
    for make in ("Ford", "Chevrolet", "Toyota", "Honda", "Nissan")
]

_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)

Ints = NDArray[np.int64]
Texts = NDArray[np.bytes_]


@dataclass(frozen=True, slots=True)
class Day:
    """The reads of one day in their order: seconds of the day, reader by number, what was read."""

    day: date
    second: NDArray[np.float64]
    reader: Ints
    plate: Texts
    state: Texts

    def __len__(self) -> int:
        return len(self.second)


class Traffic:
    """So many reads over `days` days."""

    def __init__(self, reads: int, last: date, *, days: int = DAYS, seed: int = 20261129) -> None:
        self.chance = np.random.default_rng(seed)
        self.reads, self.days, self.last = reads, days, last
        count = max(2 * PAIRS, reads // _READS_PER_VEHICLE)
        self.plates, _ = plates(count, self.chance)
        self.states = _STATES[self.chance.choice(len(_STATES), count, p=[0.6, 0.2, 0.05, 0.05, 0.05, 0.05])]
        weight = self.chance.lognormal(0, 1.1, count)
        self._heaped = np.cumsum(weight / weight.sum())
        self._home = self.chance.integers(0, READERS, count)
        self._work = self.chance.integers(0, READERS, count)
        self._leaves = self.chance.normal(7.5, 1.0, count)
        self._returns = self.chance.normal(17.0, 1.2, count)
        # The last vehicles travel in pairs: each second one behind the one before it, whenever that drives.
        self.pairs = [(count - 2 * n - 2, count - 2 * n - 1) for n in range(PAIRS)]

    def __iter__(self) -> Iterator[Day]:
        for back in range(self.days - 1, -1, -1):
            share = self.reads // self.days + (self.reads % self.days if back == 0 else 0)
            yield self._day(self.last - timedelta(days=back), share)

    def _day(self, day: date, reads: int) -> Day:
        drives = int(reads / ((1 + _LONGEST_DRIVE) / 2)) + 2
        vehicle = np.searchsorted(self._heaped, self.chance.random(drives)).clip(0, len(self.plates) - 1)
        hour, start = self._departures(vehicle, weekend=day.weekday() >= 5)
        length = self.chance.integers(1, _LONGEST_DRIVE + 1, drives)
        step = np.where(self.chance.random(drives) < 0.5, 1, -1)
        drive = np.repeat(np.arange(drives), length)
        leg = np.arange(len(drive)) - np.repeat(np.cumsum(length) - length, length)
        second = hour[drive] * 3600 + leg * 120 + self.chance.normal(0, 15, len(drive))
        reader = (start[drive] + leg * step[drive]) % READERS
        who = vehicle[drive]
        behind = np.isin(who, [first for first, _ in self.pairs])
        follower = who[behind] + 1
        second = np.concatenate([second, second[behind] + self.chance.uniform(4, 20, int(behind.sum()))])
        reader, who = np.concatenate([reader, reader[behind]]), np.concatenate([who, follower])
        kept = np.flatnonzero((second >= 0) & (second < 86_399))
        kept = kept[-reads:] if len(kept) > reads else kept
        order = kept[np.argsort(second[kept], kind="stable")]
        said = self.plates[who[order]]
        wrong = np.flatnonzero(self.chance.random(len(said)) < MISREAD)
        said[wrong] = misread(said[wrong], self.chance, 1.0).texts
        return Day(day, second[order], reader[order], said, self.states[who[order]])

    def _departures(self, vehicle: Ints, *, weekend: bool) -> tuple[NDArray[np.float64], Ints]:
        """At what hour each drive begins, and at which reader."""
        drives, kind = len(vehicle), self.chance.random(len(vehicle))
        to_work, to_home = (kind < 0.35) & (not weekend), (kind >= 0.35) & (kind < 0.65) & (not weekend)
        hour = np.clip(self.chance.normal(13.5, 4.5, drives), 0, 23.8)
        hour = np.where(to_work, self._leaves[vehicle] + self.chance.normal(0, 0.2, drives), hour)
        hour = np.where(to_home, self._returns[vehicle] + self.chance.normal(0, 0.3, drives), hour)
        start = self.chance.integers(0, READERS, drives)
        start = np.where(to_work, self._home[vehicle], np.where(to_home, self._work[vehicle], start))
        return hour, start


COLUMNS: Final = (
    "agency_id", "rule", "at", "device_id", "source_key", "plate", "folded_key", "state", "confidence", "device_at",
    "received_at", "clock_suspect", "picture", "heading_deg", "vehicle", "authorisation_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """What every row has in common: ids as 16 bytes each, one for each reader."""

    agency: bytes
    rule: int
    authorisation: bytes
    readers: Texts


def copied(day: Day, kept: Kept, first: int, chance: np.random.Generator) -> Iterator[bytes]:
    """The rows as COPY takes them in binary, without its head and tail: fields as an adapter hands them in."""
    for at in range(0, len(day), _CHUNK):
        part = slice(at, at + _CHUNK)
        yield _block(
            Day(day.day, day.second[part], day.reader[part], day.plate[part], day.state[part]),
            kept,
            first + at,
            chance,
        )


def micros(day: Day) -> Ints:
    """When each read was, in PostgreSQL's count."""
    midnight = (datetime.combine(day.day, datetime.min.time(), UTC) - _PG_EPOCH) // timedelta(microseconds=1)
    return midnight + (day.second * 1e6).astype(np.int64)


def _block(day: Day, kept: Kept, first: int, chance: np.random.Generator) -> bytes:
    rows, at = len(day), micros(day)
    letters = day.plate.view(np.uint8).reshape(rows, MOST_CHARACTERS)
    vehicles = np.array(_VEHICLES, "S45")[chance.integers(0, len(_VEHICLES), rows)]
    fields: list[tuple[NDArray[np.generic] | bytes, int]] = [
        (kept.agency, 16), (kept.rule.to_bytes(2), 2), (at.astype(">i8"), 8), (kept.readers[day.reader], 16),
        (_numbered(first, rows), 16), (letters, MOST_CHARACTERS), (keys_of_bytes(day.plate).astype(">i8"), 8), (day.state, 2),
        (chance.uniform(0.8, 1, rows).astype(">f4"), 4), (at.astype(">i8"), 8), ((at + 400_000).astype(">i8"), 8),
        (b"\0", 1), (_HEX[chance.integers(0, 16, (rows, 64))], 64),
        ((day.reader * 7 % 360).astype(">f4"), 4), (vehicles, 45), (kept.authorisation, 16),
    ]  # fmt: skip
    width = 2 + sum(4 + size for _, size in fields)
    table, real = np.zeros((rows, width), np.uint8), np.ones((rows, width), np.bool_)
    table[:, :2] = np.frombuffer(len(fields).to_bytes(2), np.uint8)
    lengths, place = np.count_nonzero(letters, axis=1), 2
    for values, size in fields:
        said = lengths if values is letters else np.full(rows, size)
        table[:, place : place + 4] = said.astype(">i4").view(np.uint8).reshape(rows, 4)
        table[:, place + 4 : place + 4 + size] = _bytes(values, rows, size)
        if values is letters:
            real[:, place + 4 : place + 4 + size] = letters != 0
        place += 4 + size
    return table[real].tobytes()


def _numbered(first: int, rows: int) -> NDArray[np.uint8]:
    """Sixteen digits each, one after the other."""
    powers = 10 ** np.arange(15, -1, -1, dtype=np.int64)
    return (np.arange(first, first + rows)[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def _bytes(values: NDArray[np.generic] | bytes, rows: int, size: int) -> NDArray[np.uint8]:
    if isinstance(values, bytes):
        return np.broadcast_to(np.frombuffer(values, np.uint8), (rows, size))
    return np.ascontiguousarray(values).view(np.uint8).reshape(rows, size)
