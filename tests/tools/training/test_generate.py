"""Drawn plates: the same ones for the same seed, saying what they are labelled with, and as hard as they are told to be."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from tools.training.faces import ALPHABET, Face, Faces, Font, NoFaces, Wording, face_of, load
from tools.training.generate import EASY_UNTIL, Generator, sheet, write_streets
from tools.training.line import Box, draw_line
from tools.training.plate import Grey, scenery
from tools.training.serials import Group, Serial, Shape, draw_serial
from tools.training.view import HEIGHT, STREET, WIDTH, fitted, nothing

TRAINING = Path(__file__).parents[3] / "tools" / "training"
CANVAS = (96, 192)
ROOM = Box(10, 24, 182, 72)


@pytest.fixture(scope="module")
def face() -> Face:
    """The typeface that the drawing library brings: the fetched ones are no part of the repository."""
    font = ImageFont.load_default(64)
    assert isinstance(font, Font)
    return face_of("default", font)


@pytest.fixture(scope="module")
def drawing(face: Face) -> Generator:
    """A generator with that one face, and two words."""
    words = [face.glyphs["A"], face.glyphs["B"]]
    return Generator(Faces([face], words), scenery(3, pieces=8), seed=3)


def test_a_number_gives_the_same_plate_whatever_was_drawn_before_it(drawing: Generator) -> None:
    drawn = drawing.draw_many(EASY_UNTIL, 6)
    view, text = drawing.draw(EASY_UNTIL + 4)
    assert text == drawn.texts[4]
    assert np.array_equal(view.picture, drawn.pictures[4])
    assert np.array_equal(view.places, drawn.places[4])


def test_another_seed_gives_other_plates(drawing: Generator) -> None:
    other = Generator(drawing.faces, drawing.around, seed=4)
    assert drawing.draw_many(0, 6).texts != other.draw_many(0, 6).texts


def test_every_picture_is_as_the_network_takes_it_and_its_text_can_be_spelled(drawing: Generator) -> None:
    drawn = drawing.draw_many(EASY_UNTIL, 150)
    assert drawn.pictures.shape == (150, HEIGHT, WIDTH)
    assert drawn.pictures.dtype == np.uint8
    assert all(set(text) <= set(ALPHABET) and len(text) <= 9 for text in drawn.texts)
    assert 0 < drawn.texts.count("") < 20, "a few cuts show no plate"


def test_where_each_letter_stands_is_told_from_left_to_right_and_within_the_cut(drawing: Generator) -> None:
    drawn = drawing.draw_many(EASY_UNTIL, 150)
    assert [len(places) for places in drawn.places] == [len(text) for text in drawn.texts]
    assert all((np.diff(places) > 0).all() for places in drawn.places)
    assert all(places.min() > 0 and places.max() < 1 for places in drawn.places if len(places))


def test_the_first_plates_are_clearer_than_the_later_ones(drawing: Generator) -> None:
    easy, hard = (drawing.draw_many(0, 50, level=level).pictures for level in (0.0, 1.0))
    assert np.median([_parted(p) for p in easy]) > np.median([_parted(p) for p in hard]) + 0.05
    # The numbers before EASY_UNTIL go from the one to the other by themselves.
    first, last = (drawing.draw_many(number, 50).pictures for number in (0, EASY_UNTIL))
    assert np.median([_parted(p) for p in first]) > np.median([_parted(p) for p in last]) + 0.05


def _parted(picture: Grey) -> float:
    """How cleanly ink and field fall apart: the share of all variance that one threshold explains."""
    threshold, _ = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = picture <= threshold
    share = float(dark.mean())
    if share in (0.0, 1.0):
        return 0.0
    apart = float(picture[~dark].mean()) - float(picture[dark].mean())
    return share * (1 - share) * apart**2 / float(picture.var())


def test_the_upper_letter_of_a_stack_is_read_first_and_both_stand_before_the_rest(face: Face) -> None:
    """L has its ink at the lower left, T at the top: so the stack "TL" has its bar at the top and its foot below."""
    serial = Serial((Group("TL", Shape.STACK), Group("88")))
    assert serial.text == "TL88"
    line = draw_line(np.random.default_rng(1), serial, face, ROOM, CANVAS)
    mask, box = line.ink, line.box
    stack = mask[int(box.top) : int(box.bottom), int(box.left) : int(box.left + box.width * 0.2)].astype(
        float
    )
    rows = stack.sum(axis=1)
    third = len(rows) // 6
    assert rows[:third].max() > rows[third : 2 * third].max(), "the T's bar is wider than its stem"
    assert rows[-third:].max() > rows[-2 * third : -third].max(), "the L's foot is wider than its stem"
    assert rows[len(rows) // 2 - 1 : len(rows) // 2 + 1].min() < 0.2 * rows.max(), (
        "there is room between the two"
    )


def test_a_small_prefix_is_lower_than_the_letters_after_it(face: Face) -> None:
    serial = Serial((Group("H", Shape.SMALL), Group("HH")))
    for seed in range(12):
        line = draw_line(np.random.default_rng(seed), serial, face, ROOM, CANVAS)
        mask, box = line.ink, line.box
        inked = (mask > 128).any(axis=1)
        first = (mask[:, : int(box.left) + 3] > 128).any(axis=1)
        assert 0.4 < first.sum() / inked.sum() < 0.8


@pytest.mark.parametrize("text", ["I", "8888888W", "WWWWWWWW"])
def test_a_serial_of_any_length_stays_in_its_room(face: Face, text: str) -> None:
    for seed in range(10):
        line = draw_line(np.random.default_rng(seed), Serial((Group(text),)), face, ROOM, CANVAS)
        box = line.box
        rows, columns = np.nonzero(line.ink)
        assert ROOM.left - 1 <= box.left <= columns.min() + 2
        assert columns.max() <= box.right + 1 <= ROOM.right + 2
        assert rows.min() >= ROOM.top - 1
        assert rows.max() <= ROOM.bottom + 1


def test_serials_come_in_every_shape() -> None:
    dice = np.random.default_rng(2)
    drawn = [draw_serial(dice, europe=False, plain=False) for _ in range(300)]
    assert {group.shape for serial in drawn for group in serial.groups} == set(Shape)
    assert all(2 <= len(serial.text) <= 8 for serial in drawn)
    plain = [draw_serial(dice, europe=False, plain=True) for _ in range(100)]
    assert {group.shape for serial in plain for group in serial.groups} == {Shape.FULL}
    assert all(5 <= len(draw_serial(dice, europe=True, plain=True).text) <= 9 for _ in range(100))


def test_a_cut_without_a_plate_and_a_large_cut_are_both_stretched_to_the_same_size(
    drawing: Generator,
) -> None:
    assert nothing(np.random.default_rng(1), drawing.around, level=1.0).picture.shape == (HEIGHT, WIDTH)
    assert fitted(np.zeros((200, 700), np.uint8)).shape == (HEIGHT, WIDTH)


def test_a_sheet_to_look_at_holds_every_plate(drawing: Generator, tmp_path: Path) -> None:
    whole = sheet(drawing.draw_many(0, 9))
    assert whole.shape == (2 * (HEIGHT + 18), 8 * (WIDTH + 6))
    assert cv2.imwrite(str(tmp_path / "sheet.png"), whole)


def test_streets_are_written_with_where_and_what_their_plates_are(drawing: Generator, tmp_path: Path) -> None:
    write_streets(drawing, range(6), tmp_path)
    with (tmp_path / "groundtruth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [f"street-{n:06}.png" for n in range(6)]
    shapes = set()
    for n, row in enumerate(rows):
        picture = cv2.imread(str(tmp_path / row["file"]), cv2.IMREAD_GRAYSCALE)
        x, y, wide, high = (int(row[key]) for key in ("x", "y", "w", "h"))
        assert picture is not None
        assert picture.shape[0] <= STREET[0] and picture.shape[1] <= STREET[1]
        assert row["plate"] == drawing.draw_street(n).text
        assert 0 < x < x + wide < picture.shape[1]
        assert 0 < y < y + high < picture.shape[0]
        edges = np.abs(np.diff(picture.astype(float), axis=1))
        inside = edges[y : y + high, x : x + wide].mean()
        shapes.add(picture.shape == STREET)
        assert inside > (2 if picture.shape == STREET else 1) * edges.mean(), "most edges are the letters'"
    assert shapes == {True, False}, "whole streets, and what a near camera sees"


def test_a_folder_without_typefaces_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoFaces, match=r"fonts\.sh lays them out"):
        load(tmp_path, Wording(["OHIO"]))


def test_the_list_of_typefaces_names_kind_name_and_one_version() -> None:
    lines = [line.split() for line in (TRAINING / "fonts.txt").read_text().splitlines()]
    rows = [row for row in lines if row and not row[0].startswith("#")]
    assert len(rows) > 30
    assert all(len(row) == 3 and row[0] in {"deb", "serial", "held", "words"} for row in rows)
    assert len({row[1] for row in rows}) == len(rows)
    # What is held back is no narrower sister of what is trained with, which the network would know.
    trained, held = ({row[1] for row in rows if row[0] == kind} for kind in ("serial", "held"))
    assert held
    assert not {name.removesuffix("-mono") for name in held} & {
        name.removesuffix("-mono") for name in trained
    }
