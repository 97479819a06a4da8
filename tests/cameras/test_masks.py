"""A mask covers what was drawn, in every size of the picture, and nothing is taken for a mask that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, contains_xy

from watchfloor.cameras.cover import recorded, to_paint, to_paint_recorded
from watchfloor.cameras.masks import (
    Mask,
    Shape,
    checked_shape,
    checked_words,
    covered,
    covers,
)
from watchfloor.kit.errors import Invalid
from watchfloor.recordings.model import us

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOOR: Shape = ((0.1, 0.2), (0.4, 0.2), (0.4, 0.9), (0.1, 0.9))
part = st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(part, part), min_size=3, max_size=7))
def test_every_point_within_the_corners_is_covered(corners: list[tuple[float, float]]) -> None:
    width, height = 96, 54
    outline = Polygon([(x * width, y * height) for x, y in corners])
    if not outline.is_valid:
        return  # one that crosses itself has no single meaning
    found = covered([tuple(corners)], width, height)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    assert not (contains_xy(outline, x, y) & ~found).any()
    far = contains_xy(outline.buffer(5), x, y)
    assert not (found & ~far).any(), "and little beside it"


def test_a_mask_covers_the_same_part_in_every_size() -> None:
    for width, height in ((1920, 1080), (640, 360), (352, 288)):
        found = covered([DOOR], width, height)
        assert found[height // 2, width // 4] and not found[height // 2, width // 2]
        assert found.mean() == pytest.approx(0.3 * 0.7, abs=0.03)


@pytest.mark.parametrize(
    "corners",
    [
        [],
        [[0.1, 0.1], [0.5, 0.5]],
        [[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]],
        [[0.1, 0.1], [1.5, 0.1], [0.5, 0.9]],
        [[0.1, 0.1], [float("nan"), 0.1], [0.5, 0.9]],
        [[0.1, 0.1], [0.5], [0.5, 0.9]],
        [[i / 40, (i % 2) / 2] for i in range(33)],
        [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9], [0.0, 0.5]],
    ],
)
def test_what_covers_nothing_or_lies_outside_is_no_mask(corners: list[list[float]]) -> None:
    with pytest.raises(Invalid):
        checked_shape(corners)


def test_a_smaller_mask_does_not_cover_a_larger_one() -> None:
    assert covers(DOOR, DOOR) and covers(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), DOOR)
    assert covers(tuple((x + 0.001, y) for x, y in DOOR), DOOR), "devices round"
    assert not covers(tuple((x + 0.015, y) for x, y in DOOR), DOOR)
    small: Shape = ((0.5, 0.5), (0.515, 0.5), (0.515, 0.515), (0.5, 0.515))
    assert not covers(tuple((x + 0.015, y) for x, y in small), small)


def test_a_mask_says_what_it_covers_and_why() -> None:
    assert checked_words(" Windows ", " A dwelling. ") == ("Windows", "A dwelling.")
    for name, reason in ((" ", "why"), ("x", ""), ("x" * 201, "why"), ("x", "y" * 201)):
        with pytest.raises(Invalid):
            checked_words(name, reason)


def test_what_the_device_holds_is_not_painted_again_but_in_what_was_recorded_before() -> None:
    now = NOON + timedelta(minutes=10)
    ours = Mask(UUID(int=1), UUID(int=9), "a", "b", DOOR, UUID(int=3), NOON)
    held = Mask(UUID(int=2), UUID(int=9), "a", "b", DOOR, UUID(int=3), NOON, "m1", NOON, asked_at=now)
    gone = Mask(UUID(int=2), UUID(int=9), "a", "b", DOOR, UUID(int=3), NOON, "m1", NOON, NOON)
    assert [to_paint([one], now) for one in (ours, held, gone)] == [(DOOR,), (), (DOOR,)]
    # Nobody asked the device again, for whoever does died: its word is believed for half an hour, and what comes after is painted.
    assert to_paint([held], now + timedelta(minutes=29)) == ()
    assert to_paint([held], now + timedelta(minutes=31)) == (DOOR,)
    much_later = recorded([held], [], [], now + timedelta(hours=5))
    assert much_later.at(us(now + timedelta(minutes=29))) == ()
    assert much_later.at(us(now + timedelta(minutes=31))) == (DOOR,)
    never_asked = replace(held, asked_at=None)
    assert to_paint([never_asked], now) == (DOOR,)
    later, before = NOON + timedelta(seconds=1), NOON - timedelta(seconds=1)
    assert to_paint_recorded([held], later) == ()
    assert to_paint_recorded([held], before) == to_paint_recorded([gone], later) == (DOOR,)
