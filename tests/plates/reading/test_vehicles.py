"""A detector of vehicles is used as the one form it has, and what is not that file, or not of that form, is refused in a sentence."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plates.reading.onnx_made import detector
from tests.plates.reading.test_pipeline import eyes_of, scene
from tests.recordings.reading.test_watch import CAMERA, READER
from watchfloor.kit.errors import Invalid
from watchfloor.plates.reading.eyes import opened
from watchfloor.plates.reading.look import plates_on
from watchfloor.plates.reading.model import FinderFails, Line, Picture, VehicleSeen
from watchfloor.plates.reading.nets import providers
from watchfloor.plates.reading.onnx_file import outside_data
from watchfloor.plates.reading.vehicles import VehicleDetector, label_of
from watchfloor.plates.reading.within import everywhere, of_vehicles, vehicle_at
from watchfloor.recordings.reading.gate import Moved
from watchfloor.recordings.reading.looker import looked_at
from watchfloor.recordings.reading.screen import Shot
from watchfloor.recordings.reading.watch import reads_with

WHITE: Picture = np.full((128, 96, 3), 255, np.uint8)


def test_boxes_come_back_in_the_picture_s_own_pixels_the_surest_first(tmp_path: Path) -> None:
    rows = [
        (0, 0, 24, 32, 0.5, 2),
        (24, 32, 96, 64, 0.75, 3),
        (0, 0, 9, 9, 0.2, 2),
        (0, 0, 9, 9, 0.9, 0),
        (5, 5, 5, 5, 0.9, 2),
    ]
    made = VehicleDetector(tmp_path / "d.onnx", detector(tmp_path / "d.onnx", rows))
    # 96 x 128 is laid out on 96 x 64 at half its size; what is no vehicle, unsure or empty is left out.
    assert made.find(WHITE) == [
        VehicleSeen((48.0, 64.0, 96.0, 128.0), 0.75, "red", "pickup"),
        VehicleSeen((0.0, 0.0, 48.0, 64.0), 0.5, None, "car"),
    ]
    assert made.find(np.zeros_like(WHITE)) != made.find(WHITE)


def test_labels_say_what_their_words_do() -> None:
    said = {
        name: label_of(name)
        for name in ("car", "Car/Gray", "white_pickup truck", "vehicle", "person", "carpet")
    }
    told = {name: (one.colour, one.body) if one else None for name, one in said.items()}
    assert told == {
        "car": (None, "car"), "Car/Gray": ("grey", "car"), "white_pickup truck": ("white", "pickup"),
        "vehicle": (None, None), "person": None, "carpet": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: "0" * 64, "its SHA-256 is not the one that is set"),
        (lambda path: "", "is to be its SHA-256, 64 digits"),
        (lambda path: (path.unlink(), "0" * 64)[1], "it cannot be read (No such file or directory)"),
        (lambda path: _junk(path, b"no network"), "it is no ONNX file (a field of kind 6)"),
        (lambda path: _junk(path, b""), "onnxruntime cannot open it"),
        (lambda path: detector(path, beside="weights.bin"), "its tensor “boxes” lies in another file"),
        (lambda path: detector(path, takes=(1, 1, 64, 96)), "it takes tensor(float) of 1 x 1 x 64 x 96"),
        (lambda path: detector(path, takes=(1, 3, 8, 8)), "not tensor(float) of 1 x 3 x H x W"),
        (lambda path: detector(path, gives=(1, 2, 3)), "it answers with a tensor of 1 x 2 x 3, not of 1 x N x 6"),
        (lambda path: detector(path, gives=(6,)), "it gives tensor(float) of 6"),
        (lambda path: detector(path, names=None), "its metadata has no “names”"),
        (lambda path: detector(path, names=7), "its metadata has no “names”"),
        (lambda path: detector(path, names=["dog", "person"]), "none of its labels is a vehicle's: dog, person"),
    ],
)  # fmt: skip
def test_what_is_not_that_file_or_not_of_that_form_is_refused_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], str], says: str
) -> None:
    path = tmp_path / "mine.onnx"
    detector(path)
    with pytest.raises(Invalid) as refused:
        VehicleDetector(path, spoil(path))
    assert refused.value.detail.startswith("The vehicle detector mine.onnx is not used: ")
    assert str(tmp_path) not in refused.value.detail
    assert says in refused.value.detail and "plate-reading.md" in str(refused.value.next_step)


def _junk(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


@given(st.binary(max_size=60))
def test_any_file_is_looked_through_or_is_no_onnx_file(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        outside_data(content)


def test_a_detector_that_fails_on_a_picture_is_looked_without_and_the_reader_s_page_says_so(
    tmp_path: Path,
) -> None:
    made = VehicleDetector(tmp_path / "d.onnx", detector(tmp_path / "d.onnx", breaks=True))
    grey: Picture = np.full((128, 96, 3), 114, np.uint8)
    assert len(made.find(grey)) == 1
    with pytest.raises(FinderFails, match=r"The vehicle detector d\.onnx fails on pictures: .+\.$"):
        made.find(WHITE)
    picture, seer = scene({(600, 400, 100, 40): "QQ7X4K"})
    picture[:60, :60] = 255
    moved = Moved(np.ones((90, 160), np.bool_))
    looked = looked_at(replace(eyes_of(seer), vehicles=made), Shot(picture, 0, moved))
    assert [one.seen.text for one in looked.sightings] == ["QQ7X4K"]
    assert looked.lacks.startswith("The vehicle detector d.onnx fails on pictures: ")


def test_reading_goes_on_without_a_detector_that_is_refused_and_the_reader_s_page_says_so(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.onnx"
    sha256 = detector(path)
    without = opened("us", detector=path, sha256="0" * 64)
    shown = reads_with(without, READER, CAMERA)
    assert without.vehicles is None
    assert (shown.level, shown.word) == ("caution", "no detector")
    assert shown.reason.startswith(
        "Its plates are read on its main stream, on whole pictures. The vehicle detector"
    ) and not any(secret in shown.reason for secret in (sha256, str(tmp_path)))
    shown = reads_with(opened("us", detector=path, sha256=sha256), READER, CAMERA)
    assert (shown.level, shown.reason) == (
        "normal",
        "Its plates are read on its main stream, on vehicles that mine.onnx finds, by processor.",
    )


class Finds:
    """Finds the vehicles it is given."""

    name = "given"

    def __init__(self, *vehicles: VehicleSeen) -> None:
        self._vehicles = list(vehicles)

    def find(self, picture: Picture) -> list[VehicleSeen]:
        return self._vehicles


def test_with_a_detector_a_plate_is_read_where_a_vehicle_is_and_nowhere_else() -> None:
    picture, seer = scene({(600, 400, 100, 40): "QQ7X4K", (100, 100, 100, 40): "QZ44771"})
    car = VehicleSeen((520.0, 300.0, 800.0, 500.0), 0.9, "red", "pickup")
    eyes = replace(eyes_of(seer), vehicles=Finds(car))
    found = plates_on(eyes, picture)
    assert [(one.text, one.vehicle) for one in found] == [("QQ7X4K", car)]
    x, y = found[0].line.middle
    assert (round(x), round(y)) == (650, 420)
    # It looks as closely as at the whole: a part of 336 by 240 pixels of 1280 as 252 of 960.
    assert seer.looks[0] == 252
    seer.looks.clear()
    assert plates_on(replace(eyes, vehicles=Finds()), picture) == ()
    assert seer.looks == []


SIDES = st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(1, 60), st.integers(1, 60))


@given(st.lists(SIDES, max_size=6))
def test_parts_hold_every_vehicle_never_overlap_and_end_with_the_picture(
    sides: list[tuple[int, int, int, int]],
) -> None:
    vehicles = [VehicleSeen((x, y, min(x + w, 96), min(y + h, 128)), 0.5) for x, y, w, h in sides]
    parts = of_vehicles(vehicles, WHITE)
    for one in vehicles:
        left, top, right, bottom = one.box
        assert any(p[0] <= left and p[1] <= top and p[2] >= right and p[3] >= bottom for p in parts)
    for at, one_part in enumerate(parts):
        assert 0 <= one_part[0] < one_part[2] <= 96 and 0 <= one_part[1] < one_part[3] <= 128
        for other in parts[at + 1 :]:
            apart = (
                one_part[2] <= other[0]
                or other[2] <= one_part[0]
                or one_part[3] <= other[1]
                or other[3] <= one_part[1]
            )
            assert apart


def test_a_plate_belongs_to_the_smallest_vehicle_around_it() -> None:
    near, far = VehicleSeen((0, 0, 90, 90), 0.9), VehicleSeen((10, 10, 30, 30), 0.9)
    quad = np.array([[15, 18], [25, 18], [25, 22], [15, 22]], np.float32)
    assert vehicle_at([near, far], Line(quad, 0.9)) == far
    assert vehicle_at([near, far], Line(quad + 40, 0.9)) == near
    assert vehicle_at([near, far], Line(quad + 200, 0.9)) is None
    assert everywhere(WHITE) == ((0, 0, 96, 128),)


def test_a_graphics_card_comes_before_the_processor_where_onnxruntime_has_one() -> None:
    assert providers(["CPUExecutionProvider", "TensorrtExecutionProvider", "CUDAExecutionProvider"]) == [
        "CUDAExecutionProvider",
        "CPUExecutionProvider",
    ]
    assert providers(["AzureExecutionProvider", "CPUExecutionProvider"]) == ["CPUExecutionProvider"]
