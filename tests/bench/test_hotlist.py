"""The bench of the hot list: it says what was promised to be said, and the promises hold with room to spare."""

from __future__ import annotations

import json

import numpy as np
import pytest

from watchfloor.bench import _misread, hotlist
from watchfloor.plates.confusion import ALPHABET, share_of
from watchfloor.plates.doubt import step_to
from watchfloor.plates.model import Kind, Plate


def test_the_bench_ends_with_one_json_line_and_the_speeds_hold(capsys: pytest.CaptureFixture[str]) -> None:
    figures = hotlist.run(300_000, True, reads=100_000)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == figures
    assert {"exact_per_s", "memory_mb", "candidates_per_read", "false_hits_per_million"} <= set(said)
    # CPU time, so a busy machine slows it less; five million entries are measured at a fifth and a fifth of these.
    assert said["exact_per_s"] >= 500_000
    assert said["one_substitution_per_s"] >= 80_000
    assert said["memory_mb"] < 60
    assert 0 < said["false_matches_per_million"] < said["false_hits_per_million"]
    # Steps find most of what a misread hides, and are all candidates: they alarm nobody.
    assert said["missed_with_steps_per_million_wanted"] < said["missed_for_misreads_per_million_wanted"] / 2
    assert len(said["reliability"]) == 8
    for by_kind in ("candidates_per_read_by_kind", "false_hits_per_million_by_kind"):
        assert set(said[by_kind]) == {kind.value for kind in Kind}
    assert sum(said["false_hits_per_million_by_kind"].values()) == pytest.approx(
        said["false_hits_per_million"], abs=1
    )


def test_five_in_a_hundred_plates_are_misread_by_one_step_that_is_mostly_doubted() -> None:
    chance = np.random.default_rng(1)
    true, _ = _misread.plates(20_000, chance)
    read = _misread.misread(true, chance)
    right = [t == r for t, r in zip(true, read.texts, strict=True)]
    wrong = [(t.decode(), r.decode()) for t, r in zip(true, read.texts, strict=True) if t != r]
    assert 0.045 < len(wrong) / len(true) < 0.055
    assert all(list(step_to(r, t)) for t, r in wrong)
    assert {len(t) - len(r) for t, r in wrong} == {-1, 0, 1}
    doubted = read.doubted > 0
    assert 0.04 < doubted[right].mean() < 0.06
    assert 0.75 < doubted[~np.array(right)].mean() < 0.85


def test_of_each_misread_character_the_shares_come_to_one() -> None:
    for true in ALPHABET:
        assert sum(share_of(true, read) for read in ALPHABET) == pytest.approx(1)
        assert share_of(true, true) == 0


def test_invented_plates_are_plates() -> None:
    plates, states = _misread.plates(2_000, np.random.default_rng(2))
    assert {Plate.of(text.decode()).text.encode() for text in plates} == set(plates.tolist())
    assert states.max() < _misread.STATES
