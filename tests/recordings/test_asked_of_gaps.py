"""What of a gap its camera is asked for, when, at which address, and what is not worth asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from watchfloor.cameras.address import parse
from watchfloor.cameras.replay_address import asking, replay_template
from watchfloor.cameras.rtsp.replay import Span
from watchfloor.cameras.state import CameraStatus
from watchfloor.cameras.store import Held
from watchfloor.kit.errors import Invalid
from watchfloor.recordings.by_rtsp import ahead_of
from watchfloor.recordings.fill_store import Unfilled
from watchfloor.recordings.left import kept_of, left_of, missing_since
from watchfloor.recordings.model import GapReason, us
from watchfloor.recordings.refill import (
    MOST_US,
    NOT_STORED,
    TOO_OLD,
    Unasked,
    asked_next,
    asked_of,
    longest_pause,
)

S = 1_000_000


@pytest.mark.parametrize(
    ("there", "left"),
    [
        ([], [(0, 60 * S)]),
        ([(-5 * S, 10 * S)], [(10 * S, 60 * S)]),
        ([(10 * S, 20 * S), (15 * S, 40 * S)], [(0, 10 * S), (40 * S, 60 * S)]),
        ([(100_000, 59_900_000)], []),
        ([(-S, 61 * S)], []),
    ],
)
def test_what_of_a_gap_is_missing_is_what_is_not_there(
    there: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    assert left_of((0, 60 * S), there) == left


def test_after_a_try_in_vain_the_rest_of_what_is_missing_is_asked_for_and_then_all_of_it_again() -> None:
    missing = [(0, 30 * S), (60 * S, 60 * S + MOST_US + 5 * S)]
    asked = [(span.begin_us, span.end_us) for span in (asked_of(missing, tries) for tries in range(4))]
    assert asked == [
        (0, 30 * S), (60 * S, 60 * S + MOST_US), (60 * S + MOST_US, 60 * S + MOST_US + 5 * S), (0, 30 * S),
    ]  # fmt: skip


def test_what_came_and_is_still_missing_is_asked_for_a_few_times_and_no_more() -> None:
    gap = Unfilled(UUID(int=1), UUID(int=2), 3, 0, 30 * S, 0, None, None, None, None)
    missing, asked, came = [(0, 30 * S)], 0, None
    for _ in range(100):
        match asked_next(gap, missing, missing, came):
            case Span() as span:
                asked, came = asked + 1, span
            case Unasked(said, lasting=False):
                gap, came = replace(gap, tries=gap.tries + 1, said=said), None
            case Unasked(said, lasting=True):
                assert said == NOT_STORED
                break
    else:
        pytest.fail("it is asked for without end")
    assert asked == 6
    # Where less is missing than was, what came is there.
    assert asked_next(gap, missing, [(10 * S, 30 * S)], Span(0, 30 * S)) != Span(0, 30 * S)


def test_what_would_be_forgotten_at_once_is_not_fetched() -> None:
    day = 86_400 * S
    missing = [(0, 2 * S), (day - 60 * S, 3 * day + 60 * S)]
    second = datetime(1970, 1, 2, tzinfo=UTC).date()
    assert kept_of(missing, 0, lambda _: True) == missing
    assert kept_of(missing, 0, lambda one: one != second) == [
        (0, 2 * S), (day - 60 * S, day), (2 * day, 3 * day + 60 * S),
    ]  # fmt: skip
    assert kept_of(missing, 3 * day, lambda one: one != second) == [(3 * day, 3 * day + 60 * S)]
    assert kept_of(missing, 4 * day, lambda _: True) == []
    gap = Unfilled(UUID(int=1), UUID(int=2), 3, 0, 4 * day, 0, None, None, None, None)
    assert asked_next(gap, missing, [], None) == Unasked(TOO_OLD, lasting=True)


def test_a_camera_that_was_asked_very_often_is_still_asked_within_the_hour() -> None:
    assert longest_pause(0) == timedelta(minutes=1) and longest_pause(2) == timedelta(minutes=4)
    assert longest_pause(6) == longest_pause(41) == longest_pause(10_000) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("skew_us", "told_s", "ahead_us"),
    [
        (None, None, None),
        (1_234_000, None, 1_234_000),
        (None, 3600, 3600 * S),
        (3_600_400_000, 3600, 3_600_400_000),
        (-50 * S, 3600, 3600 * S),  # its pictures are dated by another clock than the one it keeps footage by
    ],
)
def test_a_cameras_clock_is_known_by_its_pictures_unless_it_says_quite_another_time(
    skew_us: int | None, told_s: int | None, ahead_us: int | None
) -> None:
    assert ahead_of(skew_us, None if told_s is None else timedelta(seconds=told_s)) == ahead_us


def test_the_address_of_a_replay_names_the_time_and_the_cameras_own_host() -> None:
    main, _ = parse("rtsp://10.0.0.5/live")
    typed = "rtsp://10.0.0.5:8554/play?from={begin:%Y_%m_%d_%H_%M_%S}&to={end}"
    template = replay_template(main, f"  {typed} ", None)
    assert template == typed
    assert (
        asking(template, 0, 90 * S)
        == "rtsp://10.0.0.5:8554/play?from=1970_01_01_00_00_00&to=19700101T000130Z"
    )
    assert replay_template(main, None, typed) == typed and replay_template(main, "", typed) is None
    moved, _ = parse("rtsp://10.0.0.6/live")
    assert replay_template(moved, None, typed) is None
    for wrong, says in [
        ("rtsp://10.0.0.5/play", "does not say which time"),
        ("rtsp://10.0.0.5/play?{begin}", "does not say which time"),
        ("rtsp://10.0.0.5/{begin}/{end}/{else}", "does not say which time"),
        ("rtsp://10.0.0.5/{begin:%x}/{end}", "does not say which time"),
        ("rtsp://10.0.0.6/{begin}/{end}", "another host"),
        ("rtsp://me:secret@10.0.0.5/{begin}/{end}", "entered once"),
        ("http://10.0.0.5/{begin}/{end}", "begins with rtsp://"),
    ]:
        with pytest.raises(Invalid, match=says) as refused:
            replay_template(main, wrong, None)
        assert refused.value.reason == "replay_url" and "secret" not in refused.value.detail


def test_a_camera_of_which_nothing_was_stored_is_missing_since_its_last_recorder_had_it() -> None:
    began = datetime(2026, 11, 22, tzinfo=UTC)
    failed = Held(UUID(int=1), 2, began + timedelta(minutes=1), failed=True, had_since=began)
    stopped, fresh = replace(failed, failed=False), Held(UUID(int=1), 1, began)
    assert missing_since(CameraStatus.LIVE, failed) == (GapReason.TAKEN_OVER, us(began))
    assert missing_since(CameraStatus.CONNECTING, stopped) == (GapReason.RECORDER_DOWN, us(began))
    assert (
        missing_since(CameraStatus.NEW, fresh) == missing_since(None, None) == (GapReason.RECORDER_DOWN, None)
    )
    # It was not recorded for a reason of its own, which has a beginning of its own.
    assert missing_since(CameraStatus.BY_AGREEMENT, failed) == (GapReason.BY_AGREEMENT, None)
