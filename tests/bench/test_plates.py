"""The bench of the history: its traffic is what it says, and what it measures is said in one JSON line."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

from watchfloor.bench import plates
from watchfloor.bench._traffic import READERS, Kept, Traffic, copied
from watchfloor.plates.model import Plate


def test_the_traffic_has_its_days_its_hours_and_those_who_travel_together() -> None:
    traffic = Traffic(30_000, date(2026, 11, 20), days=5)
    days = list(traffic)
    assert [day.day.day for day in days] == [16, 17, 18, 19, 20]
    assert 0.95 < sum(map(len, days)) / 30_000 <= 1
    for day in days:
        assert np.all(np.diff(day.second) >= 0) and day.second[0] >= 0 and day.second[-1] < 86_400
        assert day.reader.min() >= 0 and day.reader.max() < READERS
        assert {Plate(text.decode()).text for text in day.plate[:200]}
    # By day the streets are full, by night they are not.
    hours = np.concatenate([day.second for day in days]) // 3600
    assert (hours == 8).sum() > 4 * (hours == 3).sum()
    first, second = (traffic.plates[n] for n in traffic.pairs[0])
    for day in days:
        ahead = np.flatnonzero(day.plate == first)
        behind = {
            (int(day.reader[n]), round(float(day.second[n]))) for n in np.flatnonzero(day.plate == second)
        }
        near = [any(r == day.reader[n] and 0 <= s - day.second[n] <= 21 for r, s in behind) for n in ahead]
        # One in twenty of each is misread.
        assert not near or sum(near) >= len(near) - 2


def test_the_rows_are_as_copy_takes_them() -> None:
    day = next(iter(Traffic(2_000, date(2026, 11, 20), days=1)))
    kept = Kept(b"a" * 16, 1, b"b" * 16, np.array([bytes([n % 256]) * 16 for n in range(READERS)], "V16"))
    (block,) = copied(day, kept, 0, np.random.default_rng(1))
    lengths = np.char.str_len(day.plate)
    fixed = (len(block) - int(lengths.sum())) / len(day)
    assert fixed == int(fixed)
    assert block[:2] == (16).to_bytes(2, "big")


def test_the_bench_ends_with_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    plates.run(10_000, 5, 64, as_json=True)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    kinds = (
        "exact",
        "wildcard_prefix",
        "wildcard_suffix",
        "confusable",
        "place_window",
        "two_scenes",
        "co_travel",
    )
    assert {f"{kind}_{figure}" for kind in kinds for figure in ("cpu_ms", "p95_ms")} <= set(said)
    assert {"load_rows_per_s", "bytes_per_row", "reads"} <= set(said)
    assert 9_000 < said["reads"] <= 10_000
    assert {f"duckdb_{kind}_cpu_ms" for kind in kinds} <= set(said) or said["duckdb"] == plates.NO_DUCKDB
    assert all(said[f"{kind}_cpu_ms"] > 0 for kind in kinds)
