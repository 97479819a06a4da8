"""What the bench of seeks goes to and says, without the center and the browser that it needs."""

from __future__ import annotations

from itertools import pairwise

from watchfloor.bench import seek


def test_nothing_of_a_moment_is_in_the_browser_when_it_is_gone_to() -> None:
    moments = seek.apart(0, 120, 24)
    assert all(0 <= moment <= 110_000 for moment in moments) and len(set(moments)) > 12
    # Forward it is farther than a page reads ahead; what lies behind, it has let go.
    assert all(then - now >= 45_000 or then < now for now, then in pairwise(moments))


def test_of_each_seek_the_slowest_camera_counts() -> None:
    said = seek.figures_of([seek.Sought((90, 150), (200, 310)), seek.Sought((80, 130), (280, 190))])
    assert said == {
        "first_picture_ms_median": 140, "first_picture_ms_p95": 149, "exact_ms_median": 295, "exact_ms_p95": 308,
    }  # fmt: skip
