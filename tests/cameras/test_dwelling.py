"""How long a camera was aimed at a dwelling is added up over a day that slides, and its end is told a quarter of an hour before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cameras.dwelling import (
    DAY,
    Aim,
    Standing,
    aimed,
    footage_of,
    over,
    over_times,
    refuse_footage,
    standing,
)
from watchfloor.governance.model import Refused

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMIT = timedelta(hours=2)
minutes = st.integers(0, 3 * 24 * 60)


def aim(begin_min: int, end_min: int | None, dwelling: str = "12 Elm", *, camera: int = 1) -> Aim:
    """So many minutes before noon."""
    ends = None if end_min is None else NOON - timedelta(minutes=end_min)
    return Aim(
        UUID(int=begin_min + 1), UUID(int=camera), dwelling, False, NOON - timedelta(minutes=begin_min), ends
    )


def test_what_is_more_than_a_day_ago_does_not_count_and_what_goes_on_does() -> None:
    (one,) = aimed([aim(25 * 60, 23 * 60), aim(30, None), aim(100, 40)], NOON, LIMIT)
    assert one.length == timedelta(hours=1, minutes=90) and one.standing is Standing.OVER
    assert one.now is not None and one.now.until_at is None


def test_views_of_one_dwelling_count_together_and_others_apart() -> None:
    found = aimed([aim(60, 0), aim(50, 20, "14 Elm"), aim(40, 10, camera=2)], NOON, LIMIT)
    assert [(one.dwelling, one.length) for one in found] == [
        ("12 Elm", timedelta(minutes=60)),
        ("14 Elm", timedelta(minutes=30)),
        ("12 Elm", timedelta(minutes=30)),
    ]


def test_the_end_is_told_a_quarter_of_an_hour_before() -> None:
    said = [standing(timedelta(minutes=m), LIMIT) for m in (0, 104, 105, 119, 120, 500)]
    assert said == [Standing.FINE, Standing.FINE, Standing.SOON, Standing.SOON, Standing.OVER, Standing.OVER]
    assert "for 2 h 5 min of the last day" in over(timedelta(minutes=125)).sentence


def test_what_was_recorded_after_the_time_was_over_was_too_long_and_nothing_before() -> None:
    aims = [aim(300, 240), aim(200, 100), aim(90, 10, "14 Elm")]

    def then(begin_min: int, end_min: int) -> list[tuple[int, int]]:
        """In minutes before noon."""
        span = (NOON - timedelta(minutes=begin_min), NOON - timedelta(minutes=end_min))
        return [
            (round((NOON - a).total_seconds() / 60), round((NOON - b).total_seconds() / 60))
            for a, b in over_times(aims, *span, LIMIT)
        ]

    assert then(200, 141) == [], "its two hours are not over"
    assert then(300, 0) == [(140, 100)], "they are over within what was recorded, until it looks elsewhere"
    assert then(120, 110) == [(120, 110)]
    assert then(95, 92) == then(50, 40) == [], "it looks elsewhere"


def test_footage_of_a_dwelling_counts_once_and_by_dwelling() -> None:
    aims = [aim(300, 240), aim(200, 100), aim(90, 10, "14 Elm"), aim(90, 30, camera=2)]

    def span(camera: int, begin_min: int, end_min: int) -> tuple[UUID, datetime, datetime]:
        return UUID(int=camera), NOON - timedelta(minutes=begin_min), NOON - timedelta(minutes=end_min)

    found = footage_of(aims, [span(1, 210, 150), span(1, 160, 0), span(1, 160, 0), span(2, 60, 0)])
    assert found == {"12 Elm": timedelta(minutes=130), "14 Elm": timedelta(minutes=80)}
    asked = [span(1, 210, 150), span(1, 160, 0), span(2, 60, 0)]
    refuse_footage(aims, asked, [], timedelta(minutes=130))
    with pytest.raises(Refused, match="2 h 10 min of this footage are of one dwelling; more than 2 h 0 min"):
        refuse_footage(aims, asked, [], LIMIT)
    # With what was had of it before, by whatever camera; what is had again counts once, and another dwelling not at all.
    before = [span(1, 140, 100), span(2, 90, 30)]
    with pytest.raises(
        Refused, match="2 h 40 min of this footage are of one dwelling, with what you, or this case, had"
    ):
        refuse_footage(aims, [span(1, 200, 140)], before, LIMIT)
    refuse_footage(aims, before, before, LIMIT)
    refuse_footage(aims, [span(1, 90, 10)], asked, LIMIT)


@given(st.lists(st.tuples(minutes, minutes), max_size=8))
def test_no_day_has_more_than_a_day(spans: list[tuple[int, int]]) -> None:
    """Aims of one camera never overlap: whatever they are, what is counted of each is no longer than it, nor than a day."""
    for begin, end in spans:
        for one in aimed([aim(max(begin, end), min(begin, end))], NOON, LIMIT):
            assert timedelta() <= one.length <= min(DAY, timedelta(minutes=abs(begin - end)))
