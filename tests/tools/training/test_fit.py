"""Streets with lettering that is no plate, and the fit of what tells plates from it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from tools.training.clutter import letter, texts
from tools.training.faces import Font, Mask, face_of
from tools.training.fit import Samples, checked, fitted, told_by, voiced, weighed
from tools.training.line import Box

PLATE = Box(250, 150, 380, 220)
LINE = Box(265, 170, 365, 205)


@pytest.fixture(scope="module")
def masks() -> list[Mask]:
    """Two words: letters of the typeface that the drawing library brings."""
    font = ImageFont.load_default(64)
    assert isinstance(font, Font)
    glyphs = face_of("default", font).glyphs
    return [glyphs["W"], glyphs["8"]]


def test_the_same_seed_writes_the_same_and_its_telephones_are_nobodys() -> None:
    assert texts(1) == texts(1) != texts(2)
    dialled = [text for text in texts(1, 900) if text.count("-") in {1, 2, 3} and "555" in text]
    assert dialled and all("555-01" in text for text in dialled)


def test_lettering_is_written_around_a_plate_and_never_over_it(masks: list[Mask]) -> None:
    written = 0
    for seed in range(60):
        picture = np.full((360, 640), 128, np.float32)
        letter(np.random.default_rng(seed), picture, masks, LINE, PLATE)
        on_plate = picture[int(PLATE.top) : int(PLATE.bottom), int(PLATE.left) : int(PLATE.right)]
        assert (on_plate == 128).all()
        written += int((picture != 128).any())
    assert written > 30


def test_without_words_a_street_stays_as_it_is() -> None:
    picture = np.full((360, 640), 128, np.float32)
    letter(np.random.default_rng(1), picture, [], LINE, PLATE)
    assert (picture == 128).all()


def test_the_fit_finds_what_made_the_answers_and_holds_what_never_occurred_to_what_is_plain() -> None:
    dice = np.random.default_rng(4)
    rows = np.column_stack([np.ones(4000), dice.normal(size=4000), np.zeros(4000)])
    right = dice.random(4000) < 1 / (1 + np.exp(-(0.5 + 2.0 * rows[:, 1])))
    weights = fitted(rows, right, (0.0, 0.0, -5.0))
    assert weights == pytest.approx([0.5, 2.0, -5.0], abs=0.2)
    for band in checked(told_by(rows, weights), right):
        assert band["n"] < 60 or band["told"] == pytest.approx(band["right"], abs=0.08)


def test_weights_come_of_all_streets_and_are_checked_on_the_half_they_do_not_come_of() -> None:
    """What decides in the even streets decides the other way in the odd ones: the check must find every answer wrong."""
    samples = Samples()
    for street in range(400):
        sign = 1.0 if street // 2 % 2 else -1.0
        samples.add((1.0, 3 * sign), right=(sign > 0) == (street % 2 == 0), street=street)
    found = weighed(samples, {"one": 0.0, "sign": 0.0})
    assert found["n"] == 400
    assert found["weights"] == {"one": pytest.approx(0, abs=0.05), "sign": pytest.approx(0, abs=0.05)}
    assert found["checked"] == [
        {"from": 0.0, "n": 200, "told": pytest.approx(0, abs=0.05), "right": 1.0},
        {"from": 0.98, "n": 200, "told": pytest.approx(1, abs=0.05), "right": 0.0},
    ]


def test_every_second_street_is_kept_for_checking() -> None:
    samples = Samples()
    for street in range(4):
        samples.add((float(street),), right=street < 2, street=street)
    fitted_on, kept = samples.half(0), samples.half(1)
    assert fitted_on[0].tolist() == [[0.0], [2.0]] and fitted_on[1].tolist() == [True, False]
    assert kept[0].tolist() == [[1.0], [3.0]] and kept[1].tolist() == [True, False]


def test_the_second_network_is_given_no_more_voice_than_pays() -> None:
    """Of a hundred readings: 60, 80, 81 and 70 right. One more is no reason for a louder voice, twenty more are."""
    readings = {voice: Samples() for voice in (0.0, 0.25, 0.5, 1.0)}
    for voice, most in zip(readings, (60, 80, 81, 70), strict=True):
        for street in range(100):
            readings[voice].add((1.0,), right=street < most, street=street)
    voice, shares = voiced(readings)
    assert voice == 0.25
    assert shares == {"0.0": 0.6, "0.25": 0.8, "0.5": 0.81, "1.0": 0.7}
