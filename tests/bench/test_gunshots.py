"""The bench of listening: it ends with one line, tells what was fired soon and once, and refuses what it cannot measure."""

from __future__ import annotations

import json

import pytest

from watchfloor.bench import gunshots
from watchfloor.kit.errors import Invalid


def test_the_bench_ends_with_one_json_line_and_tells_a_shot_once(capsys: pytest.CaptureFixture[str]) -> None:
    figures = gunshots.run(True, events=1, microphones=16, clutter_per_s=0.3, quiet_s=6)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == figures and said["detected"] == 1.0 and said["doubled"] == 0
    assert said["last_off_p90_m"] < 30 and said["pulse_to_telling_max_s"] > 0
    for wrong in ({"events": 0}, {"microphones": 3}, {"seed": -1}):
        with pytest.raises(Invalid, match="--"):
            gunshots.run(True, **wrong)
