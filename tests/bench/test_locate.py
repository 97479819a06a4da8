"""The bench of location: on the recorded live fire where it lies beside the project, and in words on what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.bench import locate
from watchfloor.kit.errors import Invalid

FIRED = Path(__file__).parents[3] / "shared/acoustic/pittsburgh2018"
PROMISED = {
    "tests", "detected", "median_m", "p90_m", "max_m", "within_15_m", "within_25_m", "rounds_exact", "ghosts", "ellipse95_coverage",
    "cpu_s_per_test",
}  # fmt: skip


@pytest.mark.skipif(not FIRED.is_dir(), reason=f"the recorded live fire is not here: {FIRED}")
def test_recorded_live_fire_is_located_with_its_rounds_and_without_ghosts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = locate.run(FIRED / "FP3", True, tests=2)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == told
    assert set(said) >= PROMISED
    assert (told["tests"], told["detected"], told["rounds_exact"], told["ghosts"]) == (2, 2, 1.0, 0)
    assert said["rounds_said_exact"] > 0.9 and said["rounds_in_low_high"] == 1.0
    assert 0 < said["gunfire_least"] <= said["gunfire_mean"] < 1
    assert said["max_m"] <= 12
    assert (told["ellipse95_of"], told["halves"]) == ("halves", 2)
    fewer = locate.run(FIRED / "FP3", True, tests=1, participating=6, seed=1)
    assert (fewer["detected"], fewer["ellipse95_of"]) == (1, "survey")
    nothing = locate.run(FIRED / "FP3", True, tests=1, scrambled=True)
    assert (nothing["tests"], nothing["located_of_nothing"]) == (1, 0)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "named \\*.allpulses.json"),
        ({"t.allpulses.json": "[]"}, "cannot be understood"),
        ({"t.allpulses.json": "{", "t.survey.json": "{}", "t.weather.json": "{}"}, "cannot be understood"),
        ({"t.allpulses.json": '[{"serial_number": "a", "arrival_time_utc": "2018-12-19T02:12Z", "location": {"x": NaN, "y": 0, "z": 0}}]',
          "t.survey.json": '{"survey_location": {"x": 0, "y": 0}, "num_rounds": 1}', "t.weather.json": "{}"}, "three finite numbers"),
        ({"t.allpulses.json": '[{"serial_number": "a"}]', "t.survey.json": '{"survey_location": {"x": 0, "y": 0}, "num_rounds": 1}',
          "t.weather.json": "{}"}, "cannot be understood"),
    ],
)  # fmt: skip
def test_what_is_no_recorded_test_is_refused_in_words(
    tmp_path: Path, files: dict[str, str], says: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Invalid, match=says):
        locate.run(tmp_path, True)


def test_options_that_nothing_can_be_measured_by_are_refused_with_the_option(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="--participating is 2"):
        locate.run(tmp_path, True, participating=2)
    with pytest.raises(Invalid, match="--tests is -1"):
        locate.run(tmp_path, True, tests=-1)
