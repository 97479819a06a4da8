"""How long cameras were aimed at a dwelling is added up, of all cameras, over a day that slides; its end is told before it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from watchfloor.cameras.dwelling import (
    DAY,
    Aim,
    Known,
    Standing,
    aimed,
    in_view,
    joined,
    over,
    over_times,
    standing,
)
from watchfloor.cameras.standing import Stand

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMIT = timedelta(hours=2)
HERE = UUID(int=1)
minutes = st.integers(0, 3 * 24 * 60)
few = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 3)), max_size=7)


def aim(begin_min: int, end_min: int | None, dwelling: str = "12 Elm", *, camera: int = 1) -> Aim:
    """So many minutes before noon."""
    ends = None if end_min is None else NOON - timedelta(minutes=end_min)
    return Aim(
        UUID(int=begin_min + 1), UUID(int=camera), dwelling, False, NOON - timedelta(minutes=begin_min), ends
    )


def test_what_is_more_than_a_day_ago_does_not_count_and_what_goes_on_does() -> None:
    (one,) = aimed([aim(25 * 60, 23 * 60), aim(30, None), aim(100, 40)], NOON, LIMIT)
    assert one.length == one.whole == timedelta(hours=1, minutes=90) and one.standing is Standing.OVER
    assert one.now is not None and one.now.until_at is None


def test_views_of_one_dwelling_count_together_of_all_cameras_and_other_dwellings_apart() -> None:
    found = aimed([aim(60, 0), aim(50, 20, "14 Elm"), aim(70, 10, camera=2)], NOON, LIMIT)
    assert [(one.camera.int, one.dwelling, one.length, one.whole, one.standing) for one in found] == [
        (1, "12 Elm", timedelta(minutes=60), LIMIT, Standing.OVER),
        (2, "12 Elm", timedelta(minutes=60), LIMIT, Standing.OVER),
        (1, "14 Elm", timedelta(minutes=30), timedelta(minutes=30), Standing.FINE),
    ]


def test_the_end_is_told_a_quarter_of_an_hour_before() -> None:
    said = [standing(timedelta(minutes=m), LIMIT) for m in (0, 104, 105, 119, 120, 500)]
    assert said == [Standing.FINE, Standing.FINE, Standing.SOON, Standing.SOON, Standing.OVER, Standing.OVER]
    assert "for 2 h 5 min of the last day" in over(timedelta(minutes=125)).sentence
    assert "does not say where it stands" in over(LIMIT, Known.ASSUMED).sentence


def then(aims: Sequence[Aim], begin_min: int, end_min: int, camera: UUID = HERE) -> list[tuple[int, int]]:
    """When it was too long, in minutes before noon."""
    span = (NOON - timedelta(minutes=begin_min), NOON - timedelta(minutes=end_min))
    return [
        (round((NOON - a).total_seconds() / 60), round((NOON - b).total_seconds() / 60))
        for a, b in over_times(aims, camera, *span, LIMIT)
    ]


def test_what_was_recorded_after_the_time_was_over_was_too_long_and_nothing_before() -> None:
    aims = [aim(300, 240), aim(200, 100), aim(90, 10, "14 Elm")]
    assert then(aims, 200, 141) == [], "its two hours are not over"
    assert then(aims, 300, 0) == [(140, 100)], (
        "they are over within what was recorded, until it looks elsewhere"
    )
    assert then(aims, 120, 110) == [(120, 110)]
    assert then(aims, 95, 92) == then(aims, 50, 40) == [], "it looks elsewhere"
    # Another camera's hour at that dwelling is an hour of it.
    both = [aim(300, 240, camera=2), aim(200, 100)]
    assert then(both, 300, 0) == [(140, 100)] and then(both, 300, 0, UUID(int=2)) == []


def counted(spans: Sequence[tuple[int, int]], most: int) -> NDArray[np.bool_]:
    """Each of so many minutes before noon by itself: whether any of these holds it."""
    found = np.zeros(most, dtype=bool)
    for a, b in spans:
        found[min(a, b) : max(a, b)] = True
    return found


@given(few, st.integers(0, 1500), st.integers(1, 1500))
def test_when_it_is_too_long_is_what_counting_each_minute_says(
    spans: list[tuple[int, int, int]], ends: int, length: int
) -> None:
    """Is the camera there, and were cameras aimed there for the limit in the day before?"""
    aims = [aim(max(a, b), min(a, b), camera=camera) for a, b, camera in spans]
    each = [counted([(a, b) for a, b, who in spans if who == camera], 4500) for camera in (1, 2, 3)]
    sums = np.concatenate([[0], np.cumsum(sum(one.astype(int) for one in each))])
    begin, end = NOON - timedelta(minutes=ends + length), NOON - timedelta(minutes=ends)
    found = over_times(aims, HERE, begin, end, timedelta(minutes=137))
    for minute in range(ends, ends + length, 7):
        # Within a minute the sum of three cameras changes by six at the most: nearer to the limit than that it may be either.
        beyond = int(sums[minute + 1440] - sums[minute]) - 137
        moment = NOON - timedelta(minutes=minute + 0.5)
        if abs(beyond) > 6:
            assert any(a <= moment < b for a, b in found) is bool(each[0][minute] and beyond > 0)


@given(st.lists(st.tuples(minutes, minutes), max_size=8))
def test_no_day_has_more_than_a_day(spans: list[tuple[int, int]]) -> None:
    """However the aims of a camera overlap, a moment counts once."""
    for one in aimed([aim(max(a, b), min(a, b)) for a, b in spans], NOON, LIMIT):
        assert one.length == timedelta(minutes=int(counted(spans, 4500)[:1440].sum())) <= DAY


def test_the_night_that_the_clock_is_set_back_has_its_hour_twice() -> None:
    zone = ZoneInfo("America/Chicago")
    begin, end = datetime(2026, 11, 1, 0, 30, tzinfo=zone), datetime(2026, 11, 1, 2, 30, tzinfo=zone)
    assert end - begin == timedelta(hours=2), "as the clock on the wall has it"
    night = Aim(UUID(int=1), HERE, "12 Elm", False, begin, end)
    (one,) = aimed([night], datetime(2026, 11, 1, 4, tzinfo=zone), LIMIT)
    assert one.length == timedelta(hours=3)
    assert sum((b - a for a, b in joined([(begin, end)])), timedelta()) == timedelta(hours=3)
    spring = [datetime(2026, 3, 8, hour, 30, tzinfo=zone) for hour in (1, 3)]
    assert [b - a for a, b in joined([(spring[0], spring[1])])] == [timedelta(hours=1)]


def test_a_camera_turned_by_hand_is_aimed_at_what_may_be_in_its_picture() -> None:
    def at(pan: float, device: str = "a") -> Stand:
        return Stand(device, pan, 0.0, 0.0)

    views: dict[str, list[Stand | None]] = {
        "12 Elm": [at(0.1)],
        "14 Elm": [at(-0.9), at(-0.4)],
        "16 Elm": [None],
    }
    assert in_view(at(0.3), views, 60) == {"12 Elm", "16 Elm"}
    assert in_view(at(0.95), views, 60) == {"14 Elm", "16 Elm"}, (
        "it goes round: from 0.95 to -0.9 is a little way"
    )
    assert in_view(at(-0.6), views, 10) == {"16 Elm"}, "a narrow picture shows less"
    assert in_view(at(0.3, "b"), views, 60) == set(views), "another device’s numbers say nothing"
