"""The bench of following: it says what was promised, and what it says of probability holds on drives it was not fitted on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.bench import follow
from watchfloor.kit.errors import Invalid


def test_the_bench_ends_with_one_json_line_and_what_is_said_comes_true(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = follow.run(40, as_json=True)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == figures
    assert said["drives"] == 40
    assert sum(band["predictions"] for band in said["reliability"]) == said["predictions"] > 1_000
    assert said["expected_calibration_error"] < 0.08
    assert 0.65 < said["eta_within_80"] < 0.95
    assert said["sure_right"] > 0.88
    assert said["route_right"] > 0.65


def test_no_streets_and_too_many_readers_are_refused_with_the_option() -> None:
    with pytest.raises(Invalid, match="no file of streets"):
        follow.run(10, streets=Path("nowhere.parquet"))
    with pytest.raises(Invalid, match="--readers is 4000"):
        follow.run(10, readers=4_000)
    with pytest.raises(Invalid, match="--drives is 2"):
        follow.run(2)
