"""Measure the history of plate reads: what each kind of search costs, what loading does, what a read takes on disk.

The searches are the product's own statements, on a PostgreSQL of its own. CPU is that of the whole server, parallel workers
included; the wall is the asker's. The same reads are put into DuckDB and asked the same, where it is installed.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import numpy as np

from watchfloor.bench._duck import Duck
from watchfloor.bench._history import SHARED_MB, History, at_rest, history, load, place_of, size
from watchfloor.bench._say import at_least, say
from watchfloor.bench._traffic import READERS, Day, Traffic
from watchfloor.kit.clock import SystemClock
from watchfloor.kit.extent import Extent
from watchfloor.plates import history_store, scenes_store
from watchfloor.plates.history_store import Looked
from watchfloor.plates.hotlist import keys_of
from watchfloor.plates.model import folded
from watchfloor.plates.sought import How, sought
from watchfloor.plates.travel import travelled
from watchfloor.plates.where import Stood
from watchfloor.storage.tx import Tx

_PAGE: Final = Extent(100)
_WARM: Final = 5
_FEWEST: Final = 5
_OF_DUCKDB: Final = 20
_LEAST: Final = 10_000
_WINDOW: Final = timedelta(hours=2)
_SCENE: Final = timedelta(hours=1)
NO_DUCKDB: Final = "not installed: it is of development"

Ask = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Sample:
    """Days of the traffic as they went by: what is asked about later."""

    days: list[Day] = field(default_factory=list)
    plates: list[str] = field(default_factory=list)

    def take(self, day: Day, chance: np.random.Generator) -> None:
        """Note some of its plates."""
        self.days.append(Day(day.day, day.second[:0], day.reader[:0], day.plate[:0], day.state[:0]))
        self.plates += [text.decode() for text in day.plate[chance.integers(0, len(day), 40)]]


def run(
    reads: int = 5_000_000, queries: int = 100, shared_mb: int = SHARED_MB, *, as_json: bool = False
) -> int:
    """Invent so many reads of 375 readers over 30 days, load them, and search them.

    Example: watchfloor bench plates --reads 5000000 --json
    """
    at_least(_LEAST, reads=reads)
    at_least(_FEWEST, queries=queries)
    say(asyncio.run(measured(reads, queries, shared_mb)), as_json=as_json)
    return 0


async def measured(reads: int, queries: int, shared_mb: int) -> dict[str, object]:
    """The figures."""
    chance, last = np.random.default_rng(7), (SystemClock().now() - timedelta(days=1)).date()
    sample, traffic = Sample(), Traffic(reads, last)
    async with history(shared_mb) as kept:
        with tempfile.TemporaryDirectory(prefix="watchfloor-bench-") as folder:
            duck = _duck(Path(folder) / "reads.duckdb")

            def passed(day: Day) -> None:
                sample.take(day, chance)
                if duck is not None:
                    duck.take(day)

            wall, spent = await load(kept, traffic, passed)
            rows, taken = await size(kept)
            figures: dict[str, object] = {
                "reads": rows,
                "load_rows_per_s": round(rows / wall),
                "load_cpu_s_per_million": round(spent / rows * 1e6, 2),
                "bytes_per_row": round(taken / rows, 1),
            }
            await at_rest(kept)
            asked = Asked(kept, sample, chance, queries)
            for name, asks in asked.kinds().items():
                figures |= await _timed(kept, name, asks)
            figures["pairs_found_of_40"] = await _pairs_found(kept, traffic, asked)
            return figures | _duck_figures(duck, asked)


def _duck(file: Path) -> Duck | None:
    try:
        return Duck(file)
    except ImportError:
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of both: the same plates, places and times."""

    kept: History
    sample: Sample
    chance: np.random.Generator
    queries: int
    exact: list[str] = field(init=False)
    beginnings: list[str] = field(init=False)
    endings: list[str] = field(init=False)
    scenes: list[tuple[list[int], datetime]] = field(init=False)

    def __post_init__(self) -> None:
        drawn = [str(one) for one in self.chance.choice(self.sample.plates, self.queries + _WARM)]
        long = [one for one in self.sample.plates if len(one) >= 6]
        of = [str(one) for one in self.chance.choice(long, self.queries + _WARM)]
        object.__setattr__(self, "exact", drawn)
        object.__setattr__(self, "beginnings", [f"{one[:2]}?{one[3:5]}*" for one in of])
        object.__setattr__(self, "endings", [f"*{one[-5:-3]}?{one[-2:]}" for one in of])
        object.__setattr__(self, "scenes", [self._scene() for _ in range(self.queries + _WARM)])

    def _scene(self) -> tuple[list[int], datetime]:
        day = self.sample.days[int(self.chance.integers(0, len(self.sample.days)))].day
        first = int(self.chance.integers(0, READERS - 12))
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(
            hours=float(self.chance.uniform(6, 20))
        )
        return list(range(first, first + 12)), at

    @property
    def since(self) -> datetime:
        return datetime.combine(self.sample.days[0].day, datetime.min.time(), UTC)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.sample.days[-1].day, datetime.min.time(), UTC) + timedelta(days=1)

    def stood(self, readers: Sequence[int], at: datetime, lasts: timedelta) -> tuple[Stood, ...]:
        """These readers for so long."""
        return tuple(
            Stood(self.kept.readers[n], f"Reader {n}", f"Corner {n}", place_of(n), at, at + lasts)
            for n in readers
        )

    def kinds(self) -> dict[str, list[Ask]]:
        """Each kind of search, as often as is measured and a few times before."""
        return {
            "exact": [self._by_plate(one, How.EXACT) for one in self.exact],
            "wildcard_prefix": [self._by_plate(one, How.ALIKE) for one in self.beginnings],
            "wildcard_suffix": [self._by_plate(one, How.ALIKE) for one in self.endings],
            "confusable": [self._by_plate(one, How.ALIKE) for one in self.exact],
            "fuzzy": [self._by_plate(one, How.FUZZY) for one in self.exact],
            "place_window": [self._window(*scene) for scene in self.scenes],
            "two_scenes": [self._two_scenes(*scene) for scene in self.scenes],
            "co_travel": [self.co_travel(one) for one in self.exact],
        }

    def _by_plate(self, text: str, how: How) -> Ask:
        looked = Looked(sought(text, how), self.since, self.until)
        return lambda: self._in_tx(lambda tx: history_store.search(tx, looked, _PAGE))

    def _window(self, readers: Sequence[int], at: datetime) -> Ask:
        looked = Looked(None, at, at + _WINDOW, self.stood(readers, at, _WINDOW))
        return lambda: self._in_tx(lambda tx: history_store.search(tx, looked, _PAGE))

    def _two_scenes(self, readers: Sequence[int], at: datetime) -> Ask:
        first, second = (
            scenes_store.Scene(self.stood(which, at, _SCENE), at, at + _SCENE)
            for which in (readers[:8], readers[4:])
        )
        return lambda: self._in_tx(lambda tx: scenes_store.at_both(tx, first, second))

    def co_travel(self, text: str) -> Ask:
        """The whole of it: passes, who was near, their own habits, the traffic of the road."""
        (key,) = map(int, keys_of([text]))
        return lambda: self._in_tx(lambda tx: travelled(tx, key, self.since, self.until))

    async def _in_tx(self, ask: Callable[[Tx], Awaitable[object]]) -> object:
        async with self.kept.tx() as tx:
            return await ask(tx)


async def _timed(kept: History, name: str, asks: Sequence[Ask]) -> dict[str, object]:
    for ask in asks[:_WARM]:
        await ask()
    took: list[float] = []
    before = kept.cpu_s()
    for ask in asks[_WARM:]:
        began = perf_counter()
        await ask()
        took.append(1000 * (perf_counter() - began))
    spent = kept.cpu_s() - before
    return {
        f"{name}_cpu_ms": round(1000 * spent / len(took), 2),
        f"{name}_p50_ms": round(statistics.median(took), 2),
        f"{name}_p95_ms": _p95(took),
    }


async def _pairs_found(kept: History, traffic: Traffic, asked: Asked) -> int:
    """For how many of the pairs that travel together the second is found by the first."""
    found = 0
    for first, second in traffic.pairs:
        keys = keys_of([traffic.plates[first].decode(), traffic.plates[second].decode()])
        async with kept.tx() as tx:
            seen = await travelled(tx, int(keys[0]), asked.since, asked.until)
        found += any(one.key == int(keys[1]) for one in seen.companions)
    return found


def _duck_figures(duck: Duck | None, asked: Asked) -> dict[str, object]:
    if duck is None:
        return {"duckdb": NO_DUCKDB}
    likes = [
        [folded(one).replace("?", "_").replace("*", "%") for one in of]
        for of in (asked.beginnings, asked.endings)
    ]
    kinds: dict[str, list[Callable[[], int]]] = {
        "exact": [partial(duck.exact, one) for one in asked.exact],
        "wildcard_prefix": [partial(duck.like, one) for one in likes[0]],
        "wildcard_suffix": [partial(duck.like, one) for one in likes[1]],
        "confusable": [partial(duck.confusable, folded(one)) for one in asked.exact],
        "place_window": [partial(duck.window, of, at, at + _WINDOW) for of, at in asked.scenes],
        "two_scenes": [
            partial(duck.two_scenes, (of[:8], at, at + _SCENE), (of[4:], at, at + _SCENE))
            for of, at in asked.scenes
        ],
        "co_travel": [partial(duck.co_travel, one) for one in asked.exact],
    }
    figures: dict[str, object] = {
        "duckdb_load_cpu_s_per_million": round(duck.load_cpu_s / duck.rows * 1e6, 2),
        "duckdb_bytes_per_row": round(duck.bytes_per_row(), 1),
    }
    for name, asks in kinds.items():
        # It takes up to seconds each: a few of them say enough.
        took: list[float] = []
        asks[0]()
        began_cpu = process_time()
        for ask in asks[1 : 1 + _OF_DUCKDB]:
            began = perf_counter()
            ask()
            took.append(1000 * (perf_counter() - began))
        figures[f"duckdb_{name}_cpu_ms"] = round(1000 * (process_time() - began_cpu) / len(took), 2)
        figures[f"duckdb_{name}_p95_ms"] = _p95(took)
    return figures


def _p95(values: Sequence[float]) -> float:
    return round(statistics.quantiles(values, n=100)[94], 2)
