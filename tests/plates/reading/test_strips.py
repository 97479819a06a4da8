"""Lines cut out upright and laid out as the network wants them."""

from __future__ import annotations

import numpy as np

from watchfloor.plates.reading.lines import lines_of, ordered
from watchfloor.plates.reading.model import Line
from watchfloor.plates.reading.nets import split
from watchfloor.plates.reading.strips import HIGH, WIDE, cut, grown, padded


def test_a_line_that_leans_is_cut_upright() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    quad = np.array([[50, 100], [150, 80], [154, 100], [54, 120]], np.float32)
    picture[80:121, 50:155] = 200
    strip = cut(picture, quad)
    assert strip.shape[:2] == (20, 102)
    assert strip[10, 50, 0] == 200


def test_a_line_past_the_edge_is_cut_as_if_the_edge_went_on() -> None:
    picture = np.full((50, 50, 3), 77, np.uint8)
    quad = np.array([[-20, 10], [70, 10], [70, 40], [-20, 40]], np.float32)
    assert (cut(picture, quad) == 77).all()


def test_strips_are_padded_with_zeros_and_none_is_wider_than_the_widest() -> None:
    short, long = np.full((24, 48, 3), 255, np.uint8), np.full((24, 480, 3), 255, np.uint8)
    laid = padded([short])
    assert laid.shape == (1, 3, HIGH, WIDE)
    assert (laid[0, :, :, :96] == 1).all()
    assert (laid[0, :, :, 96:] == 0).all()
    assert padded([short], 200).shape[3] == 200
    assert padded([short, long], 200).shape[3] == WIDE
    assert split([short, long]) == ([0], [1])


def test_a_line_grows_and_shrinks_by_parts_of_its_height() -> None:
    line = Line(np.array([[10, 10], [50, 10], [50, 20], [10, 20]], np.float32), 0.9)
    assert grown(line, 0.5, -0.1).tolist() == [[5, 11], [55, 11], [55, 19], [5, 19]]


def test_what_is_marked_as_text_becomes_lines_in_the_picture_s_pixels() -> None:
    chances = np.zeros((64, 128), np.float32)
    chances[20:30, 40:90] = 0.9
    chances[50:52, 4:6] = 0.9  # too small for a line
    chances[40:46, 10:40] = 0.35  # too faint
    (line,) = lines_of(chances, (2.0, 2.0))
    assert abs(line.middle[0] - 130) < 3
    assert abs(line.middle[1] - 50) < 3
    assert line.width > line.height > 20
    assert ordered(line.quad[::-1]).tolist() == line.quad.tolist()
