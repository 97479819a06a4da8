"""What the player showed in several requests is one row of pictures, in which nothing missing or doubled can hide."""

from __future__ import annotations

import pytest

from tests.story.footage import ROUND, first_break, joined


def pictures(begin: int, end: int) -> tuple[int, ...]:
    """The numbers burnt into pictures that follow each other."""
    return tuple(number % ROUND for number in range(begin, end))


@pytest.mark.parametrize(
    ("shown", "more", "overlaps"),
    [
        ((), (5, 30), False),
        ((5, 30), (30, 60), False),
        ((5, 30), (30, 60), True),
        ((5, 38), (30, 60), True),
        ((50, 84), (80, 130), True),
        ((5, 38), (30, 38), True),
        ((5, 38), (30, 35), True),
    ],
)
def test_requests_that_follow_each_other_are_one_row(
    shown: tuple[int, int] | tuple[()], more: tuple[int, int], overlaps: bool
) -> None:
    first = pictures(*shown) if shown else ()
    whole = joined(first, pictures(*more), overlaps=overlaps)
    assert whole == pictures(shown[0] if shown else more[0], max(more[1], shown[1] if shown else 0))
    assert first_break(whole) is None


@pytest.mark.parametrize(
    ("more", "overlaps"),
    [
        ((31, 60), False),
        ((31, 60), True),
        ((55, 80), True),
        ((29, 60), False),
        ((20, 60), False),
        ((8, 60), True),
    ],
)
def test_what_is_missing_or_doubled_between_them_shows(more: tuple[int, int], overlaps: bool) -> None:
    assert first_break(joined(pictures(5, 30), pictures(*more), overlaps=overlaps)) is not None
