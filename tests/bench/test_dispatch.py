"""The bench of dispatch says what was promised of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.bench import dispatch
from watchfloor.kit.errors import Invalid


def test_the_bench_ends_with_one_json_line_and_knows_ways_by_road(capsys: pytest.CaptureFixture[str]) -> None:
    figures = dispatch.run(200, 4, as_json=True)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == figures
    assert (said["units"], said["places"]) == (200, 4)
    assert said["by_road"] > 0.9
    assert 0 < said["nearest_ms"] <= said["nearest_p95_ms"]


def test_no_units_and_no_streets_are_refused_with_the_option() -> None:
    with pytest.raises(Invalid, match="--units is 0"):
        dispatch.run(0)
    with pytest.raises(Invalid, match="no file of streets"):
        dispatch.run(10, streets=Path("nowhere.parquet"))
