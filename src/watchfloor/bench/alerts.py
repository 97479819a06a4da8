"""How long a wanted car takes from its reader to a person's screen, while readers report: a real center, a real Chromium.

Readers report plates of real formats in batches, one read in a hundred is on the hot list, and one analyst has the queue
open. A read is sent when its batch is; it is on the screen when its card is in the page. Both are of one machine's clock.
Reads are counted by the readers and by a query of the database, never by the center's own counters.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
import psutil

from watchfloor.bench._center import Running, running
from watchfloor.bench._lean import LeanReader
from watchfloor.bench._lists import import_whole, new_list
from watchfloor.bench._misread import STATES, plates
from watchfloor.bench._say import at_least, say
from watchfloor.bench.live import chromium
from watchfloor.engines.endpoints import Endpoints
from watchfloor.governance.forms import outside
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.errors import Invalid, Unavailable
from watchfloor.storage.owner import as_owner
from watchfloor_sim import story
from watchfloor_sim.people import Person
from watchfloor_sim.reader import PlateReader, Sighting

if TYPE_CHECKING:
    from playwright.async_api import Page

READERS: Final = 8
BATCHES_PER_S: Final = 4
HIT_SHARE: Final = 0.01
WARM_UP_S: Final = 5.0
_SETTLE_S: Final = 20.0
_PROBES: Final = 400
_clock = SystemClock()

# Codes that nobody issues under, so that a plate drawn by chance names no car.
_CODES: Final = [first + second for first in "XZ" for second in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"][:STATES]

# When each card came into the page, in milliseconds since 1970; no frame is waited for. Only what was added is looked at: what the
# page costs is to be the page's own cost.
_WATCHER: Final = """
window.cards = {};
new MutationObserver((changes) => {
  const at = performance.timeOrigin + performance.now();
  for (const change of changes) {
    for (const node of change.addedNodes) {
      if (!(node instanceof Element)) continue;
      for (const card of [node, ...node.querySelectorAll('[id^="card-"]')]) {
        if (card.id.startsWith('card-')) window.cards[card.id.slice(5)] ??= at;
      }
    }
  }
}).observe(document, {childList: true, subtree: true});
"""


@dataclass(slots=True)
class Stream:
    """What is sent: the plates, which of them are wanted, and for each wanted read when its batch was sent (ms since 1970)."""

    quiet: Iterator[tuple[str, str]]
    wanted: Iterator[tuple[str, str]]
    sent_ms: dict[datetime, float] = field(default_factory=dict)
    measured: set[datetime] = field(default_factory=set)


def run(
    rate: int = 750,
    seconds: int = 60,
    entries: int = 5_000_000,
    senders: int = READERS,
    *,
    replace: bool = False,
    as_json: bool = False,
) -> int:
    """Let `senders` readers report `rate` reads a second for `seconds` seconds, against a hot list of `entries` entries.

    With few of them each sends batches, four a second; with `--senders 375` each read of the 750 is a request by itself. With
    `--replace` the whole list is replaced by a file of as many entries and one more while the reads flow.

    Example: watchfloor bench alerts --rate 100 --seconds 60 --entries 100000 --json
    """
    at_least(1, rate=rate, seconds=seconds, senders=senders)
    if rate * seconds * HIT_SHARE < 2:
        raise Invalid(
            "One read in a hundred is a hit, and two are needed: ask for a higher rate or more seconds."
        )
    at_least(_PROBES + int(rate * (seconds + WARM_UP_S) * HIT_SHARE), entries=entries)
    figures = asyncio.run(_measured(rate, seconds, entries, senders, replace=replace))
    say(figures, as_json=as_json)
    return 0


async def _measured(
    rate: int, seconds: int, entries: int, senders: int, *, replace: bool
) -> dict[str, object]:
    async with running() as center:
        return await measured_in(center, rate, seconds, entries, senders, replace=replace)


async def measured_in(
    center: Running,
    rate: int,
    seconds: int,
    entries: int,
    senders: int = READERS,
    *,
    warm_up_s: float = WARM_UP_S,
    replace: bool = False,
) -> dict[str, object]:
    """The figures of a center that has no reader yet."""
    wanted, quiet = await asyncio.to_thread(drawn, entries + 1, int(rate * (seconds + warm_up_s)) + 1)
    added = wanted.pop()
    await story.authorise(center.night, "plate_reader", "Plate readers", lambda step, facts: None)
    readers = [await reader_of(center, number) for number in range(senders)]
    started = _clock.monotonic()
    supervisor = center.night.people["supervisor"]
    list_id = await new_list(supervisor)
    await import_whole(supervisor, list_id, wanted)
    import_s = _clock.monotonic() - started
    stream = Stream(iter(quiet), iter(wanted))
    swap = _Swap(supervisor, list_id, wanted, added) if replace else None
    ran = await _ran(center, readers, stream, swap, (rate, float(seconds), warm_up_s))
    lost = await _lost(center, readers)
    for reader in readers:
        await reader.aclose()
    return _figures(rate, ran.took, entries, stream, ran.shown, readers) | {
        "reads_lost": lost,
        "import_s": round(import_s, 1),
        **_swap_figures(ran, stream),
        "cpu_percent_of_a_core": {
            name: round(100 * cpu_s / ran.took, 1)
            for name, cpu_s in sorted(ran.spent.items())
            if cpu_s > 0.01
        },
    }


@dataclass(frozen=True, slots=True)
class _Ran:
    """What came of it: how long it took, when it began, CPU seconds by process, when each alert was raised and shown."""

    took: float
    began: float
    spent: dict[str, float]
    shown: dict[datetime, tuple[float, float]]
    swapped: _Swapped | None


async def _ran(
    center: Running,
    readers: Sequence[PlateReader],
    stream: Stream,
    swap: _Swap | None,
    pace: tuple[int, float, float],
) -> _Ran:
    """Reads at a `pace` of so many a second, for so many seconds after so many to warm up, before an open queue."""
    rate, seconds, warm_up_s = pace
    async with chromium(center.base) as context:
        await context.add_init_script(_WATCHER)
        page = await context.new_page()
        await page.goto(f"{center.base}/floor")
        await _list_in_force(page, readers[0], stream)
        await send(readers, stream, rate, warm_up_s)
        cpu, began = _cpu(center), _clock.monotonic()
        swapping = None if swap is None else asyncio.create_task(_swapped(swap, readers[0], stream))
        stream.measured = set(await send(readers, stream, rate, seconds))
        took = _clock.monotonic() - began
        swapped = None if swapping is None else await swapping
        stream.measured |= set() if swapped is None else {swapped.at}
        spent = {name: cpu_s - cpu.get(name, 0.0) for name, cpu_s in _cpu(center).items()}
        return _Ran(took, began, spent, await _shown(center, page, stream), swapped)


def _figures(
    rate: int,
    took: float,
    entries: int,
    stream: Stream,
    shown: dict[datetime, tuple[float, float]],
    readers: Sequence[PlateReader],
) -> dict[str, object]:
    done = stream.measured & shown.keys()
    late = sorted(shown[at][1] - stream.sent_ms[at] for at in done)
    if len(late) < len(stream.measured):
        raise Unavailable(
            f"Of {len(stream.measured)} alerts {len(late)} were shown: how late the others are is not known."
        )
    if len(late) < 2:
        raise Unavailable("Fewer than two wanted cars passed.")
    cuts = statistics.quantiles(late, n=100, method="inclusive")
    raised = statistics.quantiles(
        (shown[at][0] - stream.sent_ms[at] for at in done), n=100, method="inclusive"
    )
    return {
        "rate": rate,
        "senders": len(readers),
        "load": round(os.getloadavg()[0], 1),
        "seconds": round(took, 1),
        "entries": entries,
        "reads_accepted": sum(len(reader.acknowledged) for reader in readers),
        "repeats": sum(reader.repeats for reader in readers),
        "hits_sent": len(stream.measured),
        "alerts_shown": len(late),
        "alert_ms_p50": round(cuts[49], 1),
        "alert_ms_p95": round(cuts[94], 1),
        "alert_ms_p99": round(cuts[98], 1),
        "alert_ms_max": round(late[-1], 1),
        "raised_ms_p50": round(raised[49], 1),
        "raised_ms_p95": round(raised[94], 1),
    }


def drawn(entries: int, reads: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Wanted plates and quiet ones, none of which is wanted, in the share that readers will see; invented, of real formats."""
    chance = np.random.default_rng(2026)
    texts, states = plates(entries + reads + entries // 20 + 1000, chance)
    seen: dict[tuple[str, str], None] = dict.fromkeys(
        (text.decode(), _CODES[state]) for text, state in zip(texts.tolist(), states.tolist(), strict=True)
    )
    all_of_them = iter(seen)
    wanted = list(islice(all_of_them, entries))
    plain = {plate for plate, _ in wanted}
    return wanted, [pair for pair in all_of_them if pair[0] not in plain]


async def reader_of(center: Running, number: int) -> PlateReader:
    technician = center.night.people["technician"]
    made = await technician.post(
        "/readers",
        {
            "name": f"Reader {number}",
            "place": f"Crossing {number}",
            "lat": 38.55 + number % 25 / 200,
            "lon": -90.3 + number // 25 / 150,
            "heading_deg": None,
        },
    )
    token = (await technician.post(f"/readers/{made['id']}/token", {}))["token"]
    return LeanReader(center.base, token)


@dataclass(frozen=True, slots=True)
class _Swap:
    """The list that is replaced, and the entry that the new file has besides."""

    supervisor: Person
    list_id: str
    wanted: Sequence[tuple[str, str]]
    added: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Swapped:
    """When the new list was in force, on the monotonic clock, and the moment at which the added car passed right after."""

    applied: float
    at: datetime


async def _swapped(swap: _Swap, reader: PlateReader, stream: Stream) -> _Swapped:
    await import_whole(swap.supervisor, swap.list_id, [*swap.wanted, swap.added])
    applied = _clock.monotonic()
    once = Stream(iter(()), iter([swap.added]), stream.sent_ms)
    (at,) = await _report(reader, once, wanted=1, quiet=0)
    return _Swapped(applied, at)


def _swap_figures(ran: _Ran, stream: Stream) -> dict[str, object]:
    if ran.swapped is None:
        return {}
    return {
        "replaced_after_s": round(ran.swapped.applied - ran.began, 1),
        "added_alert_ms": round(ran.shown[ran.swapped.at][1] - stream.sent_ms[ran.swapped.at], 1),
    }


async def _list_in_force(page: Page, reader: PlateReader, stream: Stream) -> None:
    """Wanted cars pass, one every half second, until the first is on the screen: the matchers have the list."""
    for _ in range(_PROBES):
        await _report(reader, stream, wanted=1, quiet=0)
        await _clock.sleep(0.5)
        if await page.evaluate("Object.keys(window.cards).length"):
            return
    raise Unavailable("No wanted car came on the screen: the list is not in force.")


async def send(readers: Sequence[PlateReader], stream: Stream, rate: int, seconds: float) -> list[datetime]:
    """Every reader its batches, evenly spread in time, a request each; the moments of the wanted reads among them."""
    ticks = int(seconds * BATCHES_PER_S) * len(readers)
    each_s = 1 / (BATCHES_PER_S * len(readers))
    began = _clock.monotonic()
    hits: list[datetime] = []
    owed_reads = owed_hits = 0.0
    async with asyncio.TaskGroup() as group:
        for tick in range(ticks):
            await _clock.sleep(max(0.0, began + tick * each_s - _clock.monotonic()))
            owed_reads += rate * each_s
            owed_hits += rate * each_s * HIT_SHARE
            wanted, quiet = int(owed_hits), int(owed_reads) - int(owed_hits)
            owed_reads, owed_hits = owed_reads % 1, owed_hits % 1
            if wanted + quiet > 0:
                group.create_task(
                    _sent(hits, readers[tick % len(readers)], stream, wanted=wanted, quiet=max(quiet, 0))
                )
    return hits


async def _sent(
    hits: list[datetime], reader: PlateReader, stream: Stream, *, wanted: int, quiet: int
) -> None:
    hits += await _report(reader, stream, wanted=wanted, quiet=quiet)


async def _report(reader: PlateReader, stream: Stream, *, wanted: int, quiet: int) -> list[datetime]:
    """One batch; the moments of its wanted reads, each a microsecond of its own so that its alert can be told apart."""
    batch: list[Sighting] = []
    now = _clock.now()
    hits: list[datetime] = []
    for plate, state in islice(stream.wanted, wanted):
        at = now
        while at in stream.sent_ms:
            at -= timedelta(microseconds=1)
        stream.sent_ms[at] = now.timestamp() * 1000
        hits.append(at)
        batch.append(Sighting(plate, state, at=at))
    batch += [Sighting(plate, state, at=now) for plate, state in islice(stream.quiet, quiet)]
    await reader.report(batch)
    return hits


async def _shown(center: Running, page: Page, stream: Stream) -> dict[datetime, tuple[float, float]]:
    """When each alert was raised and when it came on the screen, by the moment of the read; waits for the last of them."""
    ends = _clock.monotonic() + _SETTLE_S
    shown: dict[datetime, tuple[float, float]] = {}
    while stream.measured - shown.keys() and _clock.monotonic() < ends:
        await _clock.sleep(0.5)
        cards: dict[str, float] = await page.evaluate("window.cards")
        shown = {
            at: (raised.timestamp() * 1000, cards[alert])
            for alert, at, raised in await _alerts(center)
            if alert in cards
        }
    return shown


async def _alerts(center: Running) -> list[tuple[str, datetime, datetime]]:
    async with as_owner(Endpoints.read(center.data).dsn("wf_owner")) as connection:
        rows = await (await connection.execute("select id, at, raised_at from alert")).fetchall()
    return [(outside("alert", row["id"]), row["at"], row["raised_at"]) for row in rows]


async def _lost(center: Running, readers: Sequence[PlateReader]) -> int:
    """What a reader was told is taken, and no row has; the last of it may still be on its way for a moment."""
    acknowledged = set().union(*(reader.acknowledged for reader in readers))
    ends = _clock.monotonic() + _SETTLE_S
    while True:
        async with as_owner(Endpoints.read(center.data).dsn("wf_owner")) as connection:
            rows = await (await connection.execute("select source_key from plate_read")).fetchall()
        # The center puts a word before a vendor's own key, so that it is never taken for one that it made itself.
        lost = len(acknowledged - {row["source_key"].rpartition(":")[2] for row in rows})
        if lost == 0 or _clock.monotonic() > ends:
            return lost
        await _clock.sleep(0.5)


def _cpu(center: Running) -> dict[str, float]:
    """CPU seconds so far: the center's processes, the browser, and the readers (this process)."""
    spent = center.cpu_s()
    for child in psutil.Process(os.getpid()).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "chrom" in child.name():
                times = child.cpu_times()
                spent["chromium"] = spent.get("chromium", 0.0) + times.user + times.system
    own = psutil.Process(os.getpid()).cpu_times()
    spent["readers (this bench)"] = own.user + own.system
    return spent
