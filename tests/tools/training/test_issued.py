"""Serials as they are issued: by the formats that the product knows, with the words by which it tells the state."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from tools.training.faces import ALPHABET, Faces, Font, Mask, face_of
from tools.training.issued import EUROPE, draw_issued, formats, words
from tools.training.plate import DEALERS, WORDS, draw_plate, scenery
from tools.training.serials import Shape
from watchfloor.plates.reading.formats import Weights, fits
from watchfloor.plates.reading.states import state_of


def test_most_serials_have_a_format_of_who_issued_them_and_some_have_none() -> None:
    dice = np.random.default_rng(5)
    drawn = [draw_issued(dice) for _ in range(2000)]
    usual = [fits(each.serial.text, Weights({each.jurisdiction: 1.0})) for each in drawn]
    assert 0.7 < np.mean(usual) < 0.9
    assert np.mean([each.europe for each in drawn]) == pytest.approx(EUROPE, abs=0.03)
    assert {each.jurisdiction for each in drawn} == set(formats())
    assert all(set(each.serial.text) <= set(ALPHABET) and 2 <= len(each.serial.text) <= 9 for each in drawn)
    assert {group.shape for each in drawn for group in each.serial.groups} == set(Shape)


def test_a_lot_gives_the_same_plate_again() -> None:
    one, other = (draw_issued(np.random.default_rng([7, 1])) for _ in range(2))
    assert one == other


def test_what_a_state_prints_names_that_state_and_what_dealers_print_names_none() -> None:
    assert set(words()) == {name for name in formats() if not name.startswith("EU-")}
    for state, (name, *_) in words().items():
        told = state_of([name])
        assert told is not None and told.state == state
    assert [word for word in DEALERS if state_of([word]) is not None] == []
    assert set(DEALERS) < set(WORDS)


def test_a_plate_bears_the_words_of_who_issued_it_and_of_nobody_else() -> None:
    font = ImageFont.load_default(64)
    assert isinstance(font, Font)
    face = face_of("default", font)
    handed: list[str] = []

    class Told(list[Mask]):
        """Words that note whose they are when one is chosen."""

        def __init__(self, whose: str) -> None:
            super().__init__([face.glyphs["H"]])
            self.whose = whose

        def __getitem__(self, at: object) -> Mask:  # type: ignore[override]  # numbers alone are asked for
            handed.append(self.whose)
            return face.glyphs["H"]

    stated = {state: (Told(state), Told(state)) for state in words()}
    faces = Faces([face], Told("any"), (), stated, Told("dealers"))
    dice, around = np.random.default_rng(8), scenery(3, pieces=4)
    for _ in range(60):
        issued = draw_issued(dice)
        handed.clear()
        plate = draw_plate(dice, faces, around, level=0.6, issued=issued)
        assert plate.text == issued.serial.text
        assert set(handed) <= {issued.jurisdiction, "dealers"}
