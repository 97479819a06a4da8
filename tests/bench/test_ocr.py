"""The bench of reading plates: both forms of truth, drawn pictures through the real pipeline, and every figure that was promised."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.plates.reading.draw import NUMBER, plate, street
from tests.plates.reading.onnx_made import detector
from watchfloor.bench import ocr
from watchfloor.kit.errors import Invalid

PROMISED = {
    "n", "located", "exact", "fold", "within_one", "char_accuracy", "state_exact", "state_answered", "cpu_s_per_picture",
    "wrong_text_alarms_per_picture", "risk_coverage", "errors",
}  # fmt: skip


def test_scenes_and_cut_plates_are_measured_by_their_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenes, plates = tmp_path / "scenes", tmp_path / "plates"
    for folder in (scenes, plates):
        folder.mkdir()
    drawn = plate(NUMBER, above="MISSOURI", below="SHOW-ME STATE")
    cv2.imwrite(str(scenes / "car.png"), street([(drawn, 520, 400)]))
    cv2.imwrite(str(scenes / "empty.png"), np.full((270, 480, 3), 120, np.uint8))
    (scenes / "groundtruth.csv").write_text(
        f"file,x,y,w,h,plate\ncar.png,390,300,180,90,{NUMBER}\nempty.png,10,10,60,30,QQ7X4L\n"
    )
    cv2.imwrite(str(plates / "plate.png"), np.asarray(drawn, np.uint8)[:, :, ::-1])
    (plates / "groundtruth.csv").write_text(f"file,state,plate\nplate.png,mo,{NUMBER}\n")

    told = ocr.run(scenes, True)
    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said == told
    assert set(said) >= PROMISED
    assert (said["n"], said["exact"], said["located"], said["state_exact"]) == (2, 0.5, 0.5, None)
    assert said["errors"] == {"nothing seen": 1}
    assert said["risk_coverage"][0] == {"probability": 0.0, "coverage": 0.5, "right": 1.0}
    assert said["cpu_s_per_picture"] > 0

    told = ocr.run(plates, True, region="us")
    assert (told["exact"], told["state_exact"], told["state_answered"], told["located"]) == (
        1.0,
        1.0,
        1.0,
        None,
    )


def test_a_detector_is_measured_with_its_hash_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    """Of what it does not find nothing is read."""
    cv2.imwrite(str(tmp_path / "car.png"), street([(plate(NUMBER), 520, 400)]))
    (tmp_path / "groundtruth.csv").write_text(f"file,x,y,w,h,plate\ncar.png,390,300,180,90,{NUMBER}\n")
    file = tmp_path / "mine.onnx"
    sha256 = detector(file, [(0, 0, 5, 5, 0.9, 2)])
    told = ocr.run(tmp_path, False, detector=str(file))
    assert (told["exact"], told["detector_sha256"]) == (0.0, sha256)
    file.write_bytes(b"no network")
    with pytest.raises(Invalid, match="is not used: it is no ONNX file"):
        ocr.run(tmp_path, False, detector=str(file))
    with pytest.raises(Invalid, match="cannot be read: No such file"):
        ocr.run(tmp_path, False, detector=str(tmp_path / "none.onnx"))


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        (None, "is not there"),
        ("picture,number\na.png,QQ7X4K\n", "begins with neither"),
        ("file,state,plate\n", "names no picture"),
        ("file,state,plate\nnone.png,mo,QQ7X4K\n", "line 2: there is no picture none.png"),
        ("file,state,plate\n,mo,QQ7X4K\n", "line 2: a file and a plate are needed"),
        ("file,x,y,w,h,plate\nbroken.png,1,2,3,wide,QQ7X4K\n", "line 2: x, y, w and h are numbers"),
        ("file,state,plate\nbroken.png,mo,QQ7X4K\n", "is no picture that can be read"),
    ],
)
def test_a_folder_that_cannot_be_measured_says_why(tmp_path: Path, truth: str | None, says: str) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    if truth is not None:
        (tmp_path / "groundtruth.csv").write_text(truth)
    with pytest.raises(Invalid, match=says):
        ocr.run(tmp_path, True)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "", 0), ("QQ7", "QQ7", 0), ("QQ7", "Q7", 1), ("QQ7", "QZ7", 1), ("", "QQ", 2), ("Q7Q", "7Q7", 2)],
)
def test_edits_are_counted_as_the_fewest(one: str, other: str, edits: int) -> None:
    assert ocr.edits_of(one, other) == edits
