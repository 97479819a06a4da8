"""What readers lose when PostgreSQL is killed and stays away for a minute under their full rate: a real center, real kills.

Each time the center starts it anew it is killed again (SIGKILL), until its time away is over. Readers send single reads or batches all
the while and repeat what was not answered. Lost is what a reader was told is taken and no row has, doubled what has two rows: both
counted from the readers' own memory and a query of the database. It measures no screen; that is `alerts`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from typing import Final

import psutil

from watchfloor.bench._center import Running, running
from watchfloor.bench._say import at_least, say
from watchfloor.bench.alerts import Stream, drawn, reader_of, send
from watchfloor.engines.endpoints import Endpoints
from watchfloor.kit.clock import SystemClock
from watchfloor.storage.owner import as_owner
from watchfloor_sim import story
from watchfloor_sim.people import API
from watchfloor_sim.reader import PlateReader

READERS: Final = 25
_BEFORE_S: Final = 10.0
_AGAIN_S: Final = 0.05
_SETTLE_S: Final = 300.0
_clock = SystemClock()


def run(
    rate: int = 750, senders: int = READERS, away: int = 60, seconds: int = 30, *, as_json: bool = False
) -> int:
    """Let `senders` readers report `rate` reads a second; PostgreSQL is killed and kept away for `away` seconds of it.

    Ten seconds come before, and `seconds` after.

    Example: watchfloor bench outage --rate 750 --away 60 --json
    """
    at_least(1, rate=rate, senders=senders, away=away, seconds=seconds)
    say(asyncio.run(_measured(rate, senders, away, seconds)), as_json=as_json)
    return 0


async def _measured(rate: int, senders: int, away: int, seconds: int) -> dict[str, object]:
    async with running() as center:
        return await measured_in(center, rate, senders, float(away), float(seconds))


async def measured_in(
    center: Running, rate: int, senders: int, away_s: float, after_s: float, *, before_s: float = _BEFORE_S
) -> dict[str, object]:
    """The figures of a center that has no reader yet."""
    lasts_s = before_s + away_s + after_s
    _, quiet = await asyncio.to_thread(drawn, 1, int(rate * lasts_s * 1.1) + 100)
    await story.authorise(center.night, "plate_reader", "Plate readers", lambda step, facts: None)
    readers = [await reader_of(center, number) for number in range(senders)]
    load = os.getloadavg()[0]
    sending = asyncio.create_task(
        send(readers, Stream(iter(quiet), iter(())), rate, lasts_s), name="bench: readers"
    )
    await _clock.sleep(before_s)
    before = _taken(readers)
    kills = await _kept_away(center, away_s)
    back_at = _clock.monotonic()
    while_away = _taken(readers) - before
    await sending
    caught_up_s = await _caught_up(center, readers, back_at)
    rows, keys = await _kept(center)
    acknowledged = set().union(*(reader.acknowledged for reader in readers))
    seen = sum(len(reader.history) for reader in readers)
    for reader in readers:
        await reader.aclose()
    return {
        "rate": rate,
        "senders": senders,
        "load": round(load, 1),
        "away_s": round(away_s, 1),
        "kills": kills,
        "reads_seen": seen,
        "reads_accepted": len(acknowledged),
        "accepted_while_away": while_away,
        "repeats": sum(reader.repeats for reader in readers),
        "reads_never_accepted": seen - len(acknowledged),
        "reads_lost": len(acknowledged - keys),
        "reads_doubled": rows - len(keys),
        "caught_up_s": round(caught_up_s, 1),
    }


def _taken(readers: Sequence[PlateReader]) -> int:
    return sum(len(reader.acknowledged) for reader in readers)


async def _kept_away(center: Running, away_s: float) -> int:
    """Kill the database whenever there is one, for so long; how often that was."""
    ends, kills = _clock.monotonic() + away_s, 0
    while _clock.monotonic() < ends:
        kills += _killed(center)
        await _clock.sleep(_AGAIN_S)
    return kills


def _killed(center: Running) -> bool:
    pid = Endpoints.read(center.data).pids.get("postgres")
    if pid is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name():
            os.kill(pid, signal.SIGKILL)
            return True
    return False


async def _caught_up(center: Running, readers: Sequence[PlateReader], since: float) -> float:
    """Seconds from its last kill until every acknowledged read has its row; of what never comes, as long as is waited."""
    ends = _clock.monotonic() + _SETTLE_S
    wanted = _taken(readers)
    while (await center.night.people["technician"].http.get(f"{API}/readers")).status_code != 200:
        await _clock.sleep(0.5)
    while (await _kept(center))[0] < wanted and _clock.monotonic() < ends:
        await _clock.sleep(0.5)
    return _clock.monotonic() - since


async def _kept(center: Running) -> tuple[int, set[str]]:
    """How many rows there are, and their keys."""
    async with as_owner(Endpoints.read(center.data).dsn("wf_owner")) as connection:
        rows = await (await connection.execute("select source_key from plate_read")).fetchall()
    return len(rows), {row["source_key"].rpartition(":")[2] for row in rows}
