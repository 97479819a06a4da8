"""What a city needs is a straight line from what was measured, and says from what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watchfloor.bench import sizing
from watchfloor.bench.sizing import Measured, sized
from watchfloor.kit.errors import Invalid

MEASURED = Measured(8, 4.0, 2.0, 100.0)
LINE = {
    "cameras": 8,
    "cpu_ms_per_camera_s": 4.0,
    "rss_mb_per_camera": 2.0,
    "rss_mb_without_cameras": 100.0,
    "frames_in": 1,
}


def test_a_city_of_two_thousand_three_hundred_cameras() -> None:
    assert sized(MEASURED, 2_300, 2.0, 30) == {
        "cameras": 2_300,
        "cores_to_record": 9.2,
        "recording_processes": 23,
        "memory_gb": 6.7,
        "network_in_mbit_s": 4_600,
        "disk_write_mb_s": 580.8,
        "disk_tb": 1_505.3,
        "files_and_index_rows": 99_360_000,
        "rows_written_per_s": 38.3,
    }


def test_twice_the_cameras_need_twice_as_much_and_twice_the_days_twice_the_disk() -> None:
    one, two = sized(MEASURED, 1_000, 2.0, 30), sized(MEASURED, 2_000, 2.0, 30)
    for name in ("cores_to_record", "network_in_mbit_s", "disk_write_mb_s", "files_and_index_rows"):
        assert two[name] == pytest.approx(2 * float(str(one[name])), rel=0.01), name
    assert sized(MEASURED, 1_000, 2.0, 60)["disk_tb"] == pytest.approx(
        2 * float(str(one["disk_tb"])), rel=0.01
    )


def test_an_earlier_line_of_the_bench_will_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "record.json"
    file.write_text(f"something before\n{json.dumps(LINE)}\n")
    assert sizing.run(measured=str(file), as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert [city["cameras"] for city in said["cities"]] == [140, 1_000, 2_300, 10_000]
    assert "from 8 cameras measured here" in said["holds"]
    assert sizing.run(measured=str(file)) == 0
    assert "recording_processes" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"cameras": "many"}', "{}"])
def test_a_file_that_is_none_of_it_is_refused_in_words(tmp_path: Path, content: str) -> None:
    file = tmp_path / "record.json"
    file.write_text(content)
    with pytest.raises(Invalid, match="--measured"):
        sizing.run(measured=str(file))


def test_numbers_of_nothing_are_refused(tmp_path: Path) -> None:
    for wrong in ({"cameras": 0}, {"seconds": 0}, {"days": 0}):
        with pytest.raises(Invalid, match="nothing to measure"):
            sizing.run(**wrong)  # type: ignore[arg-type]  # the names are those of its parameters
    with pytest.raises(Invalid, match="--mbit-s"):
        sizing.run(mbit_s=0.0)
    with pytest.raises(Invalid, match="--clip"):
        sizing.run()
    with pytest.raises(Invalid, match="cannot be read"):
        sizing.run(measured=str(tmp_path / "none"))
