"""What was looked at of a dwelling is added up, however and by whomever it was: the same time of a camera counts once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.cameras.test_dwelling import LIMIT, NOON, aim, counted
from watchfloor.cameras.dwelling_seen import Time, footage_of, live_over, too_much

looks = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600), st.integers(1, 3)), max_size=8)
aims_of = st.lists(
    st.tuples(
        st.integers(0, 600), st.integers(0, 600), st.integers(1, 3), st.sampled_from(["12 Elm", "14 Elm"])
    ),
    max_size=8,
)


def span(camera: int, begin_min: int, end_min: int) -> Time:
    return UUID(int=camera), NOON - timedelta(minutes=begin_min), NOON - timedelta(minutes=end_min)


def test_footage_of_a_dwelling_counts_once_and_by_dwelling() -> None:
    aims = [aim(300, 240), aim(200, 100), aim(90, 10, "14 Elm"), aim(90, 30, camera=2)]
    found = footage_of(aims, [span(1, 210, 150), span(1, 160, 0), span(1, 160, 0), span(2, 60, 0)])
    assert found == {"12 Elm": timedelta(minutes=130), "14 Elm": timedelta(minutes=80)}
    asked = [span(1, 210, 150), span(1, 160, 0), span(2, 60, 0)]
    assert too_much(aims, asked, [], timedelta(minutes=130)) is None
    denied = too_much(aims, asked, [], LIMIT)
    assert denied is not None
    assert "2 h 10 min of this footage are of one dwelling; more than 2 h 0 min" in denied.sentence
    # With what was looked at of it before, by whatever camera; the same again is nothing new, and another dwelling is another.
    before = [span(1, 140, 100), span(2, 90, 30)]
    more = too_much(aims, [span(1, 200, 140)], before, LIMIT)
    assert (
        more is not None
        and "With this, 2 h 40 min of one dwelling would have been looked at here" in more.sentence
    )
    assert more.reason == "dwelling_over" and more.next_step is not None and "court" in more.next_step
    assert too_much(aims, before, before, LIMIT) is None
    assert too_much(aims, [span(1, 90, 10)], asked, LIMIT) is None
    assert (
        "2 h 0 min of that dwelling were looked at here in the last 30 days"
        in live_over(LIMIT, LIMIT).sentence
    )


def test_what_goes_on_counts_as_far_as_it_was_looked_at() -> None:
    assert footage_of([aim(60, None)], [span(1, 30, 0)]) == {"12 Elm": timedelta(minutes=30)}
    assert footage_of([aim(60, None)], []) == {}


@given(aims_of, looks)
def test_the_sum_is_what_counting_each_minute_of_each_camera_says(
    aimed_at: list[tuple[int, int, int, str]], looked: list[tuple[int, int, int]]
) -> None:
    """However viewers overlap, and aims, a minute of a camera's picture of a dwelling counts once if anybody looked at it."""
    aims = [aim(max(a, b), min(a, b), dwelling, camera=camera) for a, b, camera, dwelling in aimed_at]
    found = footage_of(aims, [span(camera, max(a, b), min(a, b)) for a, b, camera in looked])
    for dwelling in ("12 Elm", "14 Elm"):
        minutes = sum(
            int(
                (
                    counted(
                        [(a, b) for a, b, who, what in aimed_at if (who, what) == (camera, dwelling)], 600
                    )
                    & counted([(a, b) for a, b, who in looked if who == camera], 600)
                ).sum()
            )
            for camera in (1, 2, 3)
        )
        assert found.get(dwelling, timedelta()) == timedelta(minutes=minutes)
