"""Measure the hot list: look-ups a second, memory, candidates and false hits, on plates of real formats.

All plates are invented: drawn from the published serial patterns of US states, never from a real list. CPU time is
measured, not wall time; memory is the growth of the process between before and after building.
"""

from __future__ import annotations

import gc
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.bench._say import at_least, say
from watchfloor.plates.hotlist import HotList, Keys, keys_of, keys_of_bytes
from watchfloor.plates.model import MOST_CHARACTERS

# Serial patterns in use (L letter, D digit) with the share of the fleet that carries each; letters that a state leaves
# out of its serials (I, O and Q mostly) are left out here too, except in vanity plates (V: any letter or digit).
PATTERNS: Final = (
    ("LLDLDL", 0.17), ("LLLDDDD", 0.20), ("DLLLDDD", 0.12), ("LLDDDDD", 0.09), ("LLLDDD", 0.10), ("DDDLLL", 0.06),
    ("LLDDDLL", 0.05), ("DDLDDDD", 0.03), ("LDDLLL", 0.03), ("DDDDLL", 0.03), ("LDDDDDD", 0.03), ("DDLLLD", 0.03),
    ("VVVVVV", 0.03), ("VVVVVVV", 0.02), ("VVVVV", 0.01),
)  # fmt: skip
STATES: Final = 51
# Most reads, and most entries, are of the home state; the rest come from all of them.
HOME_SHARE: Final = 0.6
MISREAD: Final = 0.05
STATE_UNREAD: Final = 0.1
# How a misread falls: half into the alike pairs, half into any other character.
ALIKE_SHARE: Final = 0.5
BATCH: Final = 1000
# One at a time is slow: of the reads this part is looked up so.
_PART: Final = 10
_LETTERS: Final = b"ABCDEFGHJKLMNPRSTUVWXYZ"
_ANY: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ALIKE: Final = {a: group.replace(a, "") for group in ("0OQ", "1I", "8B", "5S", "2Z") for a in group}

Plates = NDArray[np.bytes_]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; names as in the issue, the rest beside them."""

    entries: int
    reads: int
    exact_per_s: int
    exact_one_at_a_time_per_s: int
    one_substitution_per_s: int
    memory_mb: float
    build_cpu_s: float
    candidates_per_read: float
    false_hits_per_million: float
    false_matches_per_million: float
    false_hits_without_state_per_million: float
    missed_for_misreads_per_million_wanted: float


def plates(count: int, chance: Chance) -> tuple[Plates, NDArray[np.uint8]]:
    """Invented plates of real patterns, and their states; every state draws from every pattern, the home state most."""
    out = np.zeros((count, MOST_CHARACTERS), np.uint8)
    states = np.where(chance.random(count) < HOME_SHARE, 0, chance.integers(0, STATES, count)).astype(
        np.uint8
    )
    shares = np.array([share for _, share in PATTERNS])
    drawn = chance.choice(len(PATTERNS), count, p=shares / shares.sum())
    alphabets = {"L": _LETTERS, "D": b"0123456789", "V": _ANY}
    for number, (pattern, _) in enumerate(PATTERNS):
        rows = np.flatnonzero(drawn == number)
        for place, sort in enumerate(pattern):
            alphabet = np.frombuffer(alphabets[sort], np.uint8)
            out[rows, place] = alphabet[chance.integers(0, len(alphabet), len(rows))]
    return out.view(f"S{MOST_CHARACTERS}").ravel(), states


def misread(given: Plates, chance: Chance, share: float = MISREAD) -> Plates:
    """The same plates, `share` of them with one character read as another."""
    letters = given.copy().view(np.uint8).reshape(-1, MOST_CHARACTERS)
    rows = np.flatnonzero(chance.random(len(letters)) < share)
    lengths = np.count_nonzero(letters[rows], axis=1)
    for row, place in zip(rows, (chance.random(len(rows)) * lengths).astype(int), strict=True):
        true = chr(letters[row, place])
        alike = _ALIKE.get(true, "") if chance.random() < ALIKE_SHARE else ""
        choices = alike or _ANY.decode().replace(true, "")
        letters[row, place] = ord(choices[int(chance.integers(0, len(choices)))])
    return letters.view(f"S{MOST_CHARACTERS}").ravel()


def run(entries: int, as_json: bool, *, reads: int = 200_000) -> dict[str, float]:
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
    passing, passing_states = plates(reads, chance)
    read = [text.decode() for text in misread(passing, chance)]
    strangers = ~np.isin(
        _with_state(keys_of_bytes(passing), passing_states), _with_state(keys, wanted_states)
    )
    figures = Figures(
        entries=entries,
        reads=reads,
        exact_per_s=_exact(hot, read),
        exact_one_at_a_time_per_s=_one_at_a_time(hot, read[: reads // _PART]),
        one_substitution_per_s=_near(hot, read)[0],
        memory_mb=round(memory, 1),
        build_cpu_s=round(built, 2),
        candidates_per_read=round(_near(hot, read)[1], 3),
        missed_for_misreads_per_million_wanted=_missed(hot, wanted[:reads], chance),
        **_false_hits(hot, read, strangers, (keys, wanted_states), passing_states, chance),
    )
    return _said(figures, as_json=as_json)


def _exact(hot: HotList, read: list[str]) -> int:
    began = time.process_time()
    for at in range(0, len(read), BATCH):
        hot.has(keys_of(read[at : at + BATCH]))
    return int(len(read) / (time.process_time() - began))


def _one_at_a_time(hot: HotList, read: list[str]) -> int:
    began = time.process_time()
    for text in read:
        hot.has(keys_of([text]))
    return int(len(read) / (time.process_time() - began))


def _near(hot: HotList, read: list[str]) -> tuple[int, float]:
    began, found = time.process_time(), 0
    for at in range(0, len(read), BATCH):
        rows, _ = hot.near(keys_of(read[at : at + BATCH]))
        found += len(rows)
    return int(len(read) / (time.process_time() - began)), found / len(read)


def _missed(hot: HotList, wanted: Plates, chance: Chance) -> float:
    """Of a million wanted vehicles that pass, how many go unnoticed because they were misread."""
    passed = misread(wanted, chance)
    return round(float((~hot.has(keys_of_bytes(passed))).mean() * 1e6), 1)


def _false_hits(
    hot: HotList,
    read: list[str],
    strangers: NDArray[np.bool_],
    wanted: tuple[Keys, NDArray[np.uint8]],
    states: NDArray[np.uint8],
    chance: Chance,
) -> dict[str, float]:
    """Hits of vehicles nobody wants: matches (plate and state agree), with candidates (state unread), by plate alone.

    `strangers` are those of whom no entry names both plate (folded) and state; one in ten states is unread.
    """
    keys = keys_of(read)
    hits = np.flatnonzero(hot.has(keys) & strangers)
    by_key: dict[int, set[int]] = {int(key): set() for key in keys[hits]}
    wanted_keys, wanted_states = wanted
    for at in np.flatnonzero(np.isin(wanted_keys, keys[hits])):
        by_key[int(wanted_keys[at])].add(int(wanted_states[at]))
    unread = chance.random(len(read)) < STATE_UNREAD
    matches = sum(1 for at in hits if not unread[at] and int(states[at]) in by_key[int(keys[at])])
    candidates = int(unread[hits].sum())
    per_million = 1e6 / len(read)
    return {
        "false_hits_per_million": round((matches + candidates) * per_million, 1),
        "false_matches_per_million": round(matches * per_million, 1),
        "false_hits_without_state_per_million": round(len(hits) * per_million, 1),
    }


def _with_state(keys: Keys, states: NDArray[np.uint8]) -> Keys:
    # One number for both; by chance alike for one pair in 2^64.
    return keys ^ (states.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _said(figures: Figures, *, as_json: bool) -> dict[str, float]:
    values: dict[str, float] = asdict(figures)
    say(values, as_json=as_json)
    return values
