"""Our own recogniser as the product runs it: the committed weights, on plates drawn for the test and on odd strips."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from tools.training.faces import ALPHABET, Faces, Font, face_of
from tools.training.generate import Generator
from tools.training.plate import scenery
from watchfloor.kit.errors import Unavailable
from watchfloor.plates.reading.model import Picture
from watchfloor.plates.reading.own import WEIGHTS, OwnReader


@pytest.fixture(scope="module")
def own() -> OwnReader:
    """With the weights of the repository."""
    return OwnReader()


@pytest.fixture(scope="module")
def drawing() -> Generator:
    """Plates in a typeface that no training saw: the drawing library's."""
    font = ImageFont.load_default(64)
    assert isinstance(font, Font)
    face = face_of("default", font)
    return Generator(Faces([face], [face.glyphs["A"]]), scenery(3, pieces=8), seed=31)


def in_colour(picture: Picture) -> Picture:
    """As strips are cut from a camera's picture."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)


def test_half_of_clear_plates_in_a_face_it_never_saw_are_read_exactly(
    own: OwnReader, drawing: Generator
) -> None:
    drawn = drawing.draw_many(0, 60, level=0.2)
    read = own.read([in_colour(picture) for picture in drawn.pictures])
    assert sum(r.text == text for r, text in zip(read, drawn.texts, strict=True)) >= 30


def test_it_is_surer_of_what_it_reads_rightly(own: OwnReader, drawing: Generator) -> None:
    drawn = drawing.draw_many(100, 60, level=0.7)
    read = own.read([in_colour(picture) for picture in drawn.pictures])
    chances: dict[bool, list[float]] = {True: [], False: []}
    for reading, text in zip(read, drawn.texts, strict=True):
        chances[reading.text == text].append(reading.chance)
    assert np.mean(chances[True]) > np.mean(chances[False])


def test_strips_are_read_alike_alone_and_together_grey_and_in_colour(
    own: OwnReader, drawing: Generator
) -> None:
    strips = list(drawing.draw_many(0, 40, level=0.2).pictures)
    together = [r.text for r in own.read([in_colour(strip) for strip in strips])]
    assert [own.read([strip])[0].text for strip in strips] == together
    assert own.read([]) == []


@pytest.mark.parametrize("size", [(1, 1), (4, 900), (300, 8), (2000, 3000)])
def test_a_strip_of_any_shape_that_shows_nothing_has_no_letters(
    own: OwnReader, size: tuple[int, int]
) -> None:
    assert own.read([np.full((*size, 3), 90, np.uint8)])[0].text == ""


def test_the_sheet_beside_the_weights_says_what_they_are() -> None:
    sheet = json.loads((WEIGHTS / "recogniser.json").read_text())
    assert sheet["alphabet"] == ALPHABET
    assert sheet["presentations"] > 10_000
    assert {"seed", "weights", "training_cpu_s", "date", "torch", "drawn_exact"} <= set(sheet)
    assert (WEIGHTS / "recogniser.onnx").stat().st_size <= 5_000_000


def test_weights_that_are_not_those_of_the_sheet_are_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    with (folder / "recogniser.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(Unavailable, match="not those that were released"):
        OwnReader(folder)
    (folder / "recogniser.onnx").unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        OwnReader(folder)
