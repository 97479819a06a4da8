"""The bench of the sensor's program: on sound that we make, on recorded live fire where that is here, and on what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest

from tests.sensor.sounds import RATE, sixteen, street, with_bangs
from watchfloor.bench import sensor
from watchfloor.kit.errors import Invalid

FIRED = Path(__file__).parents[3] / "shared/acoustic/pittsburgh2018"
BANGS = [0.9, 1.4, 2.1]


def recorded(folder: Path, *, audio: bytes | None = None, **about: Any) -> Path:
    """A test as it is recorded: three bangs, of which the vendor's algorithm says when they came, and one pulse of nothing."""
    serial, at = "S-1", "2026-11-29T03:14:{:06.3f}Z"
    pulses = [
        {"pulse_uuid": f"p{n}", "serial_number": serial, "arrival_time_utc": at.format(15 + second)}
        for n, second in enumerate([*BANGS, 0.4])
    ]
    chosen = [{"shot_index": n, "pulse_uuids": [f"p{n}", "of another"]} for n in range(len(BANGS))]
    beside = {"serial_number": serial, "timestamp": at.format(15)} | about
    (folder / "t.allpulses.json").write_text(json.dumps(pulses))
    (folder / "t.nlos-tuples.json").write_text(json.dumps(chosen))
    (folder / f"t.audio.{serial}.json").write_text(json.dumps(beside))
    path = folder / f"t.audio.{serial}.flac"
    if audio is not None:
        path.write_bytes(audio)
        return folder
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        wave = sixteen(with_bangs(street(3.0), BANGS)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return folder


def test_bangs_that_we_made_are_all_found_and_counted_with_what_they_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = sensor.run(recorded(tmp_path), True)
    assert json.loads(capsys.readouterr().out.strip().splitlines()[-1]) == told
    assert (told["recordings"], told["reference_pulses"], told["recall"], told["missed"]) == (1, 3, 1.0, [])
    assert isinstance(bias := told["bias_ms"], float) and abs(bias) < 1
    assert isinstance(spread := told["spread_ms"], float) and spread < 1
    assert told["streams_per_core"] and told["described"]


@pytest.mark.material
@pytest.mark.skipif(not FIRED.is_dir(), reason=f"the recorded live fire is not here: {FIRED}")
def test_recorded_live_fire_is_heard_as_exactly_as_is_promised() -> None:
    told = sensor.run(FIRED / "FP3", True, tests=6)
    assert isinstance(recall := told["recall"], float) and recall >= 0.97
    assert isinstance(spread := told["spread_ms"], float) and spread <= 1.2


def test_what_is_no_recording_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"named \*.audio"):
        sensor.run(tmp_path, True)
    with pytest.raises(Invalid, match="nothing leaps"):
        sensor.run(recorded(tmp_path), True, leap=1.0)
    with pytest.raises(Invalid, match="cannot be understood"):
        sensor.run(recorded(tmp_path, audio=b"no sound"), True)
    with pytest.raises(Invalid, match="cannot be understood"):
        sensor.run(recorded(tmp_path, timestamp="yesterday"), True)
