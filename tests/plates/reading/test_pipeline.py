"""What is looked at, how often and how closely: the pipeline with a finder and a reader that see colours, so that it costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from watchfloor.plates.reading.eyes import weights_of
from watchfloor.plates.reading.look import Eyes, plates_on
from watchfloor.plates.reading.model import Letter, Line, Picture, Reading

Box = tuple[int, int, int, int]
STREET = 90


@dataclass
class Colours:
    """Finds the boxes it is given, by picture, and reads in each what its colours stand for."""

    texts: dict[int, str]
    boxes: list[Box]
    from_px: int = 0
    looks: list[int] = field(default_factory=list)
    colour_of: dict[tuple[int, int], int] = field(default_factory=dict)

    def find(self, picture: Picture, longest: int) -> list[Line]:
        self.looks.append(longest)
        if longest < self.from_px:
            return []
        found = []
        for left, top, _, _ in self.boxes:
            # A close look is at a part: its boxes are found by their colour.
            rows, columns = np.nonzero(picture[:, :, 0] == self.colour_of[left, top])
            if rows.size:
                x0, x1, y0, y1 = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
                quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
                found.append(Line(quad, 0.9))
        return found

    def read(self, strips: Sequence[Picture]) -> list[Reading]:
        return [self._says(strip) for strip in strips]

    def _says(self, strip: Picture) -> Reading:
        row = [int(value) for value in strip[strip.shape[0] // 2, :, 0]]
        text = "".join(self.texts.get(value, "") for value, _ in groupby(row))
        return Reading(tuple(Letter(((letter, 0.99),)) for letter in text if letter.isalnum()), text)


def scene(
    boxes: dict[Box, str], *, size: tuple[int, int] = (1280, 720), found: int | None = None
) -> tuple[Picture, Colours]:
    """A picture with a colour for each text, and what finds the first `found` of them."""
    picture = np.full((size[1], size[0], 3), STREET, np.uint8)
    seer = Colours({}, list(boxes)[:found])
    for number, ((left, top, wide, high), text) in enumerate(boxes.items()):
        colour = 120 + 10 * number
        picture[top : top + high, left : left + wide] = colour
        seer.texts[colour] = text
        seer.colour_of[left, top] = colour
    return picture, seer


def eyes_of(seer: Colours) -> Eyes:
    return Eyes(seer, seer, weights_of("us"))


def test_wyoming_s_small_county_number_is_read_before_the_rest() -> None:
    boxes = {(600, 400, 100, 40): "345D", (610, 370, 80, 20): "WYOMING", (555, 400, 40, 40): "1"}
    picture, seer = scene(boxes, found=2)
    seen = plates_on(eyes_of(seer), picture)
    assert [(one.text, one.state) for one in seen] == [("1345D", "WY")]


def test_no_other_state_s_plate_grows_a_number_from_what_stands_beside_it() -> None:
    boxes = {(600, 400, 100, 40): "345ABD", (610, 370, 80, 20): "OREGON", (555, 400, 40, 40): "1"}
    picture, seer = scene(boxes, found=2)
    assert plates_on(eyes_of(seer), picture)[0].text == "345ABD"


def test_where_nothing_is_seen_a_finer_look_follows_and_only_there() -> None:
    picture, seer = scene({(600, 400, 100, 40): "QQ7X4K"})
    seer.from_px = 1200
    plates_on(eyes_of(seer), picture)
    assert seer.looks[:2] == [960, 1280]
    picture, seer = scene({(600, 400, 100, 40): "QQ7X4K"})
    assert plates_on(eyes_of(seer), picture)[0].text == "QQ7X4K"
    assert 1280 not in seer.looks


def test_a_sticker_beside_the_number_is_not_the_number() -> None:
    picture, seer = scene({(600, 400, 100, 40): "QQ7X4K", (602, 380, 40, 12): "0346893"})
    assert plates_on(eyes_of(seer), picture)[0].text == "QQ7X4K"


def test_halves_with_a_picture_between_them_are_one_number() -> None:
    picture, seer = scene({(600, 400, 60, 40): "QQ7", (690, 400, 60, 40): "X4K"})
    assert plates_on(eyes_of(seer), picture)[0].text == "QQ7X4K"


def test_a_clock_a_phone_number_and_a_maker_are_no_plates() -> None:
    boxes = {
        (30, 20, 200, 30): "14:31:07",
        (400, 300, 200, 30): "314-555-0100",
        (800, 300, 140, 30): "TOYOTA",
    }
    picture, seer = scene(boxes)
    assert [one for one in plates_on(eyes_of(seer), picture) if one.rank > 0.3] == []
