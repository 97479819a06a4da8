"""A recorded week of a police department's plate reads, sent again through the real ingest at 1 to 1,000 times its speed.

The file is a public record with tokens instead of plates (`dt,list,address,device,plate_token,lon,lat`). A token becomes an invented plate,
which no state issues: the tokens are numbered as they first appear, so that each has one plate and no two share one. Every
device is a mobile reader that says with each read where it was.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from watchfloor_sim.people import Person
from watchfloor_sim.plates import STATE, invented_plate
from watchfloor_sim.reader import PlateReader, Sighting

ZONE = ZoneInfo("America/Los_Angeles")
MOST_SPEED = 1000.0
_TICK_S = 0.25
_MOST_READS = 500
_MOST_AT_ONCE = 16


class NotTheWeek(Exception):
    """The file is no such record; the sentence says where it stops to be one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One read of the record."""

    at: datetime
    device: str
    plate: str
    lat: float
    lon: float


def load(path: Path, *, limit: int | None = None) -> list[Row]:
    """The reads of the record in their order, the first `limit` of them; those without a place are no reads of a mobile reader.

    Raises NotTheWeek.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        try:
            rows = sorted(_rows(csv.DictReader(file)), key=lambda row: row[0])[:limit]
        except (KeyError, TypeError, ValueError, gzip.BadGzipFile, csv.Error) as error:
            raise NotTheWeek(f"{path.name} is no record of reads: {error}") from error
    numbers: dict[str, int] = {}
    return [
        Row(at, device, invented_plate(numbers.setdefault(token, len(numbers))), lat, lon)
        for at, device, token, lat, lon in rows
    ]


def _rows(lines: Iterable[Mapping[str, str]]) -> Iterator[tuple[datetime, str, str, float, float]]:
    for line in lines:
        if line["lat"] == "NA":  # no satellite was seen
            continue
        at = datetime.strptime(line["dt"], "%m/%d/%Y - %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
        yield at, line["device"], line["plate_token"], float(line["lat"]), float(line["lon"])


async def register(technician: Person, base: str, rows: Sequence[Row]) -> dict[str, PlateReader]:
    """A mobile reader for each device of the record, by the name of the device."""
    readers: dict[str, PlateReader] = {}
    for row in rows:
        if row.device not in readers:
            body = {
                "name": row.device,
                "place": f"Patrol car {row.device}",
                "lat": row.lat,
                "lon": row.lon,
                "mobile": True,
            }
            made = await technician.post("/readers", body)
            token = await technician.post(f"/readers/{made['id']}/token", {})
            readers[row.device] = PlateReader(base, token["token"])
    return readers


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was sent: by whom it was counted is the readers themselves."""

    reads: int
    plates: int
    devices: int
    took_s: float
    acknowledged: int
    behind_s: float


async def replay(
    rows: Sequence[Row],
    readers: Mapping[str, PlateReader],
    *,
    speed: float,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    elapsed: Callable[[], float] = time.monotonic,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Replayed:
    """Send them, so many times as fast as they were taken; each is dated by when it is sent. `behind_s`: how far that fell back."""
    if not 1.0 <= speed <= MOST_SPEED:
        raise ValueError("a week is sent at 1 to 1,000 times its speed")
    began, first, behind = elapsed(), rows[0].at, 0.0
    gate = asyncio.Semaphore(_MOST_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for tick, due in groupby(rows, lambda row: int((row.at - first).total_seconds() / speed / _TICK_S)):
            wait_s = tick * _TICK_S - (elapsed() - began)
            behind = max(behind, -wait_s)
            if wait_s > 0:
                await pause(wait_s)
            for device, batch in _batches(due, now()):
                await gate.acquire()
                group.create_task(_sent(readers[device], batch, gate))
    return Replayed(
        len(rows),
        len({row.plate for row in rows}),
        len({row.device for row in rows}),
        round(elapsed() - began, 3),
        sum(len(reader.acknowledged) for reader in readers.values()),
        round(behind, 3),
    )


async def _sent(reader: PlateReader, batch: Sequence[Sighting], gate: asyncio.Semaphore) -> None:
    try:
        await reader.report(batch)
    finally:
        gate.release()


def _batches(due: Iterable[Row], at: datetime) -> Iterator[tuple[str, list[Sighting]]]:
    """What each device saw in one tick, a microsecond apart so that no two are of one moment."""
    by_device: dict[str, list[Sighting]] = {}
    for number, row in enumerate(due):
        seen = Sighting(row.plate, STATE, at=at - timedelta(microseconds=number), position=(row.lat, row.lon))
        by_device.setdefault(row.device, []).append(seen)
    for device, batch in by_device.items():
        for start in range(0, len(batch), _MOST_READS):
            yield device, batch[start : start + _MOST_READS]
