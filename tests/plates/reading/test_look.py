"""Whole pictures through the real networks: the plate is read, and what is no plate is not."""

from __future__ import annotations

import av
import numpy as np

from tests.plates.reading.draw import NUMBER, plate, street
from watchfloor.plates.reading.calibrate import ALARM
from watchfloor.plates.reading.look import Eyes, plates_on
from watchfloor.recordings.reading.tracks import LEAST_RANK, LEAST_SURE
from watchfloor_sim import clips
from watchfloor_sim.on_video import SITE


def test_a_plate_in_the_street_is_read_with_its_state_and_its_place(eyes: Eyes) -> None:
    picture = street([(plate(NUMBER, above="MISSOURI", below="SHOW-ME STATE"), 520, 400)])
    first = plates_on(eyes, picture)[0]
    assert first.text == NUMBER
    assert first.state == "MO"
    x, y = first.line.middle
    assert 390 < x < 570
    assert 300 < y < 390
    assert 1 <= len(first.guesses) <= 5
    assert first.probability > 0.5


def test_badges_phone_numbers_bumpers_and_clocks_raise_no_alarm(eyes: Eyes) -> None:
    words = [
        ("2026-11-29 14:31:07", 30, 20, 36),
        ("SILVERADO", 420, 300, 40),
        ("314-555-0100", 300, 420, 44),
        ("www.plumber.example", 300, 520, 36),
        ("My other car is a broom", 700, 620, 26),
        ("SPEED LIMIT 35", 950, 120, 40),
    ]
    seen = plates_on(eyes, street([], words=words))
    assert [one.text for one in seen if one.probability >= ALARM] == []


def test_the_plate_ranks_before_the_phone_number_beside_it(eyes: Eyes) -> None:
    words = [("314-555-0100", 200, 200, 60), ("TOYOTA", 540, 330, 40)]
    assert plates_on(eyes, street([(plate(NUMBER), 520, 420)], words=words))[0].text == NUMBER


def test_two_cars_are_two_reads(eyes: Eyes) -> None:
    picture = street([(plate(NUMBER, wide=160), 260, 420), (plate("QZ44771", wide=160), 900, 440)])
    assert {one.text for one in plates_on(eyes, picture)} == {NUMBER, "QZ44771"}


def test_an_empty_street_is_read_as_nothing(eyes: Eyes) -> None:
    assert plates_on(eyes, street([])) == ()
    assert plates_on(eyes, np.zeros((16, 16, 3), np.uint8)) == ()


def test_the_camera_that_the_demo_reads_shows_a_plate_surely_enough_to_be_told(eyes: Eyes) -> None:
    with av.open(str(clips.path_of(SITE.clip))) as container:
        shown = next(frame for number, frame in enumerate(container.decode(video=0)) if number == 144)
    first = plates_on(eyes, np.asarray(shown.to_ndarray(format="bgr24"), np.uint8))[0]
    near = max(
        (car for car in clips.truth(SITE.clip).tracks if car.plate),
        key=lambda car: max(
            (p.polygon[1][0] - p.polygon[0][0] for p in car.plates_seen if p.frame == 144), default=0.0
        ),
    )
    assert first.text == (near.plate or "").replace("-", "")
    assert first.rank >= LEAST_RANK and first.probability >= LEAST_SURE
