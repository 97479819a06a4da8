"""Who travelled with a vehicle: against a plain walk over the same reads, against chance spelt out, and where nobody has company."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plates.test_history import NOON, Row, run_in  # noqa: F401  # a fixture
from watchfloor.kit.ids import uuid7
from watchfloor.plates.companions import (
    AROUND,
    FALSE_SHARE,
    WITHIN,
    Companion,
    candidates,
    companions,
    drives_of,
    legs_of,
)
from watchfloor.plates.hotlist import key_of
from watchfloor.plates.model import ReaderId
from watchfloor.plates.scenes_store import Near, Pass, Traffic
from watchfloor.plates.travel import travelled

DAYS: Final = 3
_WIDER: Final = 2 * WITHIN


@dataclass(frozen=True)
class Seen:
    """One read of the plain walk: which vehicle, before which reader, when."""

    key: int
    reader: ReaderId
    at: datetime


def plainly(rows: list[Seen], key: int, days: int, false_share: float = FALSE_SHARE) -> list[Companion]:
    """Looking at every read for every question, and leaving the reckoning to what is tested apart."""
    ours = sorted((one for one in rows if one.key == key), key=lambda one: (one.at, one.reader))
    passes = [Pass(one.reader, one.at) for one in ours]
    if not passes:
        return []
    by_reader: dict[ReaderId, list[Seen]] = defaultdict(list)
    for one in rows:
        by_reader[one.reader].append(one)
    near = sorted(
        {(n, one.key) for n, at in enumerate(passes) for one in by_reader[at.reader] if one.key != key and abs(one.at - at.at) <= WITHIN}
    )  # fmt: skip
    drives = drives_of(passes)
    at = candidates([Near(*one) for one in near], drives)
    readers = {one.reader for one in passes}
    own = {
        other: [Pass(one.reader, one.at) for one in rows if one.key == other and one.reader in readers]
        for other in at
    }
    legs = [_traffic(number, one, after, by_reader) for number, one, after in legs_of(passes, drives, at)]
    tries = len({other for _, other in near})
    return companions(passes, at, own, legs, tries=tries, days=days, false_share=false_share)


def _traffic(number: int, one: Pass, after: Pass, by_reader: dict[ReaderId, list[Seen]]) -> Traffic:
    took = after.at - one.at
    firsts = [seen for seen in by_reader[one.reader] if one.at - AROUND <= seen.at < one.at + AROUND]
    there: dict[int, list[datetime]] = defaultdict(list)
    for later in by_reader[after.reader]:
        there[later.key].append(later.at)
    both = {seen.key for seen in firsts if any(abs(at - seen.at - took) <= _WIDER for at in there[seen.key])}
    return Traffic(number, len({seen.key for seen in firsts}), len(both))


PLATES: Final = ("A01", "A02", "B11", "B18")
ROWS: Final = st.lists(
    st.builds(
        Row,
        plate=st.sampled_from(PLATES),
        reader=st.integers(0, 1),
        minutes=st.integers(0, 40).map(lambda n: n * 97 % (DAYS * 1440)),
        colour=st.none(),
    ),
    max_size=30,
)


def test_who_travelled_is_found_as_a_plain_walk_finds_it(run_in) -> None:  # type: ignore[no-untyped-def]  # noqa: F811  # as the fixture is
    store, run = run_in

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ROWS, st.integers(0, 2))
    def compared(rows, together) -> None:  # type: ignore[no-untyped-def]  # drawn by hypothesis
        # One that always drives behind the first, so that there is something to find.
        rows = (
            rows
            + [Row("B18", one.reader, one.minutes, None) for one in rows if one.plate == "A01"][
                : 4 * together
            ]
        )
        run(store.holds(rows))
        since, key = NOON - timedelta(days=DAYS), key_of("A01")
        seen = [Seen(key_of(one.plate), store.readers[one.reader], one.at) for one in rows]
        found = run(
            store.tx(lambda tx: travelled(tx, key, since, NOON + timedelta(hours=1), false_share=1.0))
        )
        assert list(found.companions) == plainly(seen, key, DAYS, false_share=1.0)

    compared()


def test_the_chance_of_so_many_meetings_is_that_of_every_way_it_can_come_about() -> None:
    """Every combination of meetings, one by one; corrected by hand."""
    reader = ReaderId(uuid7(NOON))
    passes = [Pass(reader, NOON - timedelta(days=back)) for back in range(6)][::-1]
    own = {
        1: [Pass(reader, one.at + timedelta(minutes=20)) for one in passes[:4]],
        2: [Pass(reader, one.at + timedelta(hours=3)) for one in passes[:4]],
    }
    at = {1: [0, 1, 2], 2: [0, 1, 2, 3]}
    found = {one.key: one for one in companions(passes, at, own, (), tries=7, days=6, false_share=1.0)}
    assert found.keys() == {1, 2}
    hourly = [(sum(n != m for m in range(4)) + 0.5) / 5 * 2 / 60 for n in range(6)]
    chances = {1: [1 - math.exp(-rate) for rate in hourly], 2: [1 - math.exp(-0.5 / 5 * 2 / 60)] * 6}
    p = {
        key: sum(
            math.prod(c if hit else 1 - c for c, hit in zip(chances[key], way, strict=True))
            for way in itertools.product((0, 1), repeat=6)
            if sum(way) >= len(at[key])
        )
        for key in at
    }
    for key, one in found.items():
        assert math.isclose(one.p, p[key], rel_tol=1e-6), (key, one.p, p[key])
        assert one.expected == round(sum(chances[key]), 2)
    first, second = sorted(p.values())
    assert math.isclose(
        min(one.corrected for one in found.values()), min(first * 7, second * 7 / 2), rel_tol=1e-6
    )


READERS: Final = [ReaderId(uuid7(NOON)) for _ in range(5)]
WORLD_DAYS: Final = 21


def a_world(rng: np.random.Generator, *, follows: bool = False) -> list[Seen]:
    """Commuters on one road, each with hours and an unsteadiness of its own, and strangers once; the first is looked at."""
    rows: list[Seen] = []

    def drives(key: int, at_s: float, first: int, last: int) -> None:
        for reader in READERS[first:last]:
            rows.append(Seen(key, reader, NOON + timedelta(seconds=at_s)))
            at_s += 120 + rng.normal(0, 15)

    for key in range(120):
        hour, unsteady, often = rng.uniform(7, 9.5) * 3600, rng.uniform(60, 900), rng.uniform(0.3, 0.95)
        first, last = (0, 5) if key == 0 else sorted(map(int, rng.choice(6, 2, replace=False)))
        for day in range(WORLD_DAYS):
            if rng.random() < often or key == 0:
                at_s = day * 86400 + hour + rng.normal(0, unsteady)
                drives(key, at_s, first, last)
                if follows and key == 0 and day % 2:
                    drives(10_000, at_s + rng.uniform(5, 30), 0, 5)
    for key in range(1_000, 1_600):
        drives(
            key, rng.integers(0, WORLD_DAYS) * 86400 + rng.uniform(6, 22) * 3600, 0, int(rng.integers(1, 6))
        )
    return rows


def test_where_nobody_travels_together_hardly_anybody_is_found_and_who_does_is() -> None:
    """Of thirty worlds without company one in a hundred may show somebody: three would be one chance in three hundred."""
    wrong = sum(bool(plainly(a_world(np.random.default_rng(seed)), 0, WORLD_DAYS)) for seed in range(30))
    assert wrong <= 2, wrong
    found = [
        [one.key for one in plainly(a_world(np.random.default_rng(seed), follows=True), 0, WORLD_DAYS)]
        for seed in range(100, 105)
    ]
    assert sum(10_000 in keys for keys in found) >= 4 and all(set(keys) <= {10_000} for keys in found), found
