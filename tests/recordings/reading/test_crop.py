"""The picture that is kept is bounded by the plate, and nothing beyond is on it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.recordings.reading.made import seen
from watchfloor.plates.cut import ABOVE, BELOW, BESIDE
from watchfloor.recordings.reading.crop import box_of, kept


@pytest.mark.parametrize("wide", [30.0, 120.0, 500.0])
def test_its_box_is_so_many_plates_wide_and_high_however_near_the_car(wide: float) -> None:
    picture = np.zeros((4000, 4000, 3), np.uint8)
    left, top, right, bottom = box_of(seen("QQ7X4K", 2000, 2000, wide=wide).line, picture)
    assert (right - left) / wide == pytest.approx(1 + 2 * BESIDE, abs=0.1)
    assert (bottom - top) / wide == pytest.approx(ABOVE + BELOW, abs=0.1)


def test_who_stands_farther_away_than_that_is_not_on_it() -> None:
    picture = np.full((720, 1280, 3), 90, np.uint8)
    left, top, right, bottom = box_of(seen("QQ7X4K", 600, 400).line, picture)
    outside = np.ones(picture.shape[:2], np.bool_)
    outside[top:bottom, left:right] = False
    picture[outside] = (0, 0, 255)  # all that is not to be kept is red
    shown = np.asarray(
        Image.open(io.BytesIO(kept(picture, seen("QQ7X4K", 600, 400).line))).convert("RGB"), int
    )
    assert int((shown[..., 0] - shown[..., 1]).max()) < 40


def test_it_ends_where_the_picture_does_and_is_never_large() -> None:
    picture = np.full((720, 1280, 3), 90, np.uint8)
    for x, y, wide in ((2, 2, 120.0), (1279, 719, 120.0), (640, 360, 1200.0)):
        made = Image.open(io.BytesIO(kept(picture, seen("QQ7X4K", x, y, wide=wide).line)))
        assert made.format == "JPEG" and 0 < max(made.size) <= 480
