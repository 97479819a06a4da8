"""Measure the hot list: look-ups a second, memory, candidates and false hits by kind of match, and the pause of a swap.

All plates are invented. CPU time is measured, not wall time, but for the pauses; memory is the growth of the process
between before and after building.
"""

from __future__ import annotations

import gc
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.bench._calibrate import Band, answers, reliability
from watchfloor.bench._misread import Chance, Misread, Plates, misread, plates
from watchfloor.bench._say import at_least, say
from watchfloor.plates.hotlist import HotList, Keys, keys_of, keys_of_bytes
from watchfloor.plates.model import Kind

STATE_UNREAD: Final = 0.1
BATCH: Final = 1000
# One at a time is slow: of the reads this part is looked up so.
_PART: Final = 10
# While the list is swapped, the matcher takes batches of what comes in a tenth of a second at 750 reads/s.
_WHILE_SWAPPING: Final = 75
# So many cars of an invented fleet pass to tell whether a probability means what it says.
_CALIBRATED: Final = 20_000
_REST_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class FalseHits:
    """Hits of vehicles nobody wants. A match agrees in plate and state, and alone is of alarm grade."""

    false_hits_per_million: float
    false_matches_per_million: float
    false_hits_without_state_per_million: float
    candidates_per_read_by_kind: dict[str, float]
    false_hits_per_million_by_kind: dict[str, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; names as in the issue, the rest beside them."""

    entries: int
    reads: int
    exact_per_s: int
    exact_one_at_a_time_per_s: int
    one_substitution_per_s: int
    doubted_per_s: int
    memory_mb: float
    build_cpu_s: float
    pause_ms_while_swapping: float
    pause_ms_before: float
    added_visible_ms: float
    candidates_per_read: float
    missed_for_misreads_per_million_wanted: float
    missed_with_steps_per_million_wanted: float
    reliability: list[Band]
    false: FalseHits


@dataclass(frozen=True, slots=True)
class _Passing:
    """Vehicles that pass, what the reader made of them, and which of them somebody wants."""

    read: Misread
    keys: Keys
    states: NDArray[np.uint8]
    unread: NDArray[np.bool_]
    strangers: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Listed:
    """The entries, to be found again by their keys."""

    plates: Plates
    states: NDArray[np.uint8]
    sorted_keys: Keys
    order: NDArray[np.int64]

    @classmethod
    def of(cls, plates: Plates, states: NDArray[np.uint8], keys: Keys) -> _Listed:
        order = np.argsort(keys, kind="stable")
        return cls(plates, states, keys[order], order)

    def at(self, key: int) -> Iterator[int]:
        """The entries of a folded key."""
        first, end = np.searchsorted(self.sorted_keys, np.array([key, key + 1], np.uint64)).tolist()
        yield from self.order[first:end].tolist()


def run(entries: int, as_json: bool, *, reads: int = 200_000) -> dict[str, object]:
    """Measure with `entries` wanted plates, print the figures, and give them back.

    Example: watchfloor bench hotlist --entries 5000000 --json
    """
    at_least(1, entries=entries)
    at_least(_PART, reads=reads)
    chance = np.random.default_rng(20261122)
    wanted, wanted_states = plates(entries, chance)
    keys = keys_of_bytes(wanted)
    before, began = _resident_mb(), time.process_time()
    hot = HotList.of(keys)
    built = time.process_time() - began
    gc.collect()
    memory = _resident_mb() - before
    passing = _passing(reads, keys, wanted_states, chance)
    read = [text.decode() for text in passing.read.texts]
    everywhere = _per_s(read, lambda part, _: len(hot.near(keys_of(part))[0]))
    missed = _missed(hot, wanted[:reads], chance)
    listed = _Listed.of(wanted, wanted_states, keys)
    figures = Figures(
        entries=entries,
        reads=reads,
        exact_per_s=_per_s(read, lambda part, _: int(hot.has(keys_of(part)).sum()))[0],
        exact_one_at_a_time_per_s=_one_at_a_time(hot, read[: reads // _PART]),
        one_substitution_per_s=everywhere[0],
        doubted_per_s=_per_s(read, lambda part, at: _steps(hot, part, at))[0],
        memory_mb=round(memory, 1),
        build_cpu_s=round(built, 2),
        pause_ms_before=round(_longest_pause(hot, passing.keys, lambda: threading.Event().wait(built)), 1),
        pause_ms_while_swapping=round(_longest_pause(hot, passing.keys, lambda: HotList.of(keys)), 1),
        added_visible_ms=round(_adding(hot, keys_of(["WF0NE0NE"])), 2),
        candidates_per_read=round(everywhere[1] / reads, 3),
        missed_for_misreads_per_million_wanted=missed[0],
        missed_with_steps_per_million_wanted=missed[1],
        reliability=reliability(answers(_CALIBRATED, 20261122)),
        false=_false_hits(hot, passing, listed),
    )
    return _said(figures, as_json=as_json)


def _passing(reads: int, keys: Keys, states: NDArray[np.uint8], chance: Chance) -> _Passing:
    true, true_states = plates(reads, chance)
    read = misread(true, chance)
    strangers = ~np.isin(_with_state(keys_of_bytes(true), true_states), _with_state(keys, states))
    unread = chance.random(reads) < STATE_UNREAD
    return _Passing(read, keys_of_bytes(read.texts), true_states, unread, strangers)


def _per_s(read: list[str], look_up: Callable[[list[str], int], int]) -> tuple[int, int]:
    """Look-ups a second of CPU, batch by batch, and how many were found in all."""
    began, found = time.process_time(), 0
    for at in range(0, len(read), BATCH):
        found += look_up(read[at : at + BATCH], at)
    return int(len(read) / (time.process_time() - began)), found


def _steps(hot: HotList, part: list[str], at: int) -> int:
    """Every read with one doubted character: the first, the second and so on in turn."""
    where = (1 << (np.arange(at, at + len(part)) % 6)).astype(np.uint16)
    return len(hot.steps(keys_of(part), where).rows)


def _one_at_a_time(hot: HotList, read: list[str]) -> int:
    began = time.process_time()
    for text in read:
        hot.has(keys_of([text]))
    return int(len(read) / (time.process_time() - began))


def _longest_pause(hot: HotList, keys: Keys, meanwhile: Callable[[], object]) -> float:
    """The longest that a batch waited for its answer, in ms, while another thread does something."""
    done = threading.Event()

    def act() -> None:
        meanwhile()
        done.set()

    beside = threading.Thread(target=act)
    beside.start()
    longest, at, began = 0.0, 0, time.perf_counter()
    while not done.wait(_REST_S):
        hot.has(keys[at : at + _WHILE_SWAPPING])
        at = (at + _WHILE_SWAPPING) % len(keys)
        longest = max(longest, time.perf_counter() - began - _REST_S)
        began = time.perf_counter()
    beside.join()
    return longest * 1000


def _adding(hot: HotList, key: Keys) -> float:
    """From one more entry to a list that has it, in ms."""
    began = time.perf_counter()
    found = hot.with_more(key).has(key).all()
    return (time.perf_counter() - began) * 1000 if found else float("nan")


def _missed(hot: HotList, wanted: Plates, chance: Chance) -> tuple[float, float]:
    """Of a million wanted vehicles that pass, how many go unnoticed for a misread: without steps, and with them."""
    passed = misread(wanted, chance)
    keys, true = keys_of_bytes(passed.texts), keys_of_bytes(wanted)
    unseen = keys != true
    steps = hot.steps(keys, passed.doubted)
    reached = np.zeros(len(keys), np.bool_)
    reached[steps.rows[steps.keys == true[steps.rows]]] = True
    million = 1e6 / len(keys)
    return round(float(unseen.sum()) * million, 1), round(float((unseen & ~reached).sum()) * million, 1)


def _false_hits(hot: HotList, passing: _Passing, listed: _Listed) -> FalseHits:
    """Hits of vehicles nobody wants, by kind: where the state agrees, where it is unread, by the plate alone."""
    exact = np.flatnonzero(hot.has(passing.keys))
    steps = hot.steps(passing.keys, passing.read.doubted)
    found: list[tuple[int, int, Kind | None]] = [
        (row, int(passing.keys[row]), None) for row in exact.tolist()
    ]
    found += zip(steps.rows.tolist(), steps.keys.tolist(), steps.kinds, strict=True)
    said, false = Counter[str](), Counter[str]()
    matches = by_plate = 0
    for row, key, step in found:
        stranger, unread = bool(passing.strangers[row]), bool(passing.unread[row])
        kinds = []
        for entry in listed.at(key):
            if unread or listed.states[entry] == passing.states[row]:
                alike = listed.plates[entry] != passing.read.texts[row]
                kinds.append(step or (Kind.CONFUSABLE if alike else Kind.EXACT))
        said.update(set(kinds))
        by_plate += stranger
        if stranger and kinds:
            false.update({min(kinds, key=list(Kind).index)})
            matches += not unread and step is None
    million = 1e6 / len(passing.keys)
    return FalseHits(
        false_hits_per_million=round(sum(false.values()) * million, 1),
        false_matches_per_million=round(matches * million, 1),
        false_hits_without_state_per_million=round(by_plate * million, 1),
        candidates_per_read_by_kind={k.value: round(said[k] / len(passing.keys), 5) for k in Kind},
        false_hits_per_million_by_kind={k.value: round(false[k] * million, 1) for k in Kind},
    )


def _with_state(keys: Keys, states: NDArray[np.uint8]) -> Keys:
    # One number for both; by chance alike for one pair in 2^64.
    return keys ^ (states.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _said(figures: Figures, *, as_json: bool) -> dict[str, object]:
    values: dict[str, object] = asdict(figures)
    values |= asdict(figures.false)
    del values["false"]
    say(values, as_json=as_json)
    return values
