"""Where a unit was, by whose clock, and how old that is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.units.model import (
    FUTURE_SKEW,
    POSITIONS_KEPT_FOR,
    BadPosition,
    Crew,
    Position,
    Report,
    Unit,
    UnitId,
    age_of,
    newest,
    taken,
)

NOW = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
HERE = (38.63, -90.19)


def at(device_at: datetime | None) -> Position:
    return taken(Report(*HERE, device_at=device_at), received_at=NOW)


@pytest.mark.parametrize(
    ("device_at", "counts"),
    [
        (NOW, True),
        (NOW - timedelta(hours=7), True),
        (NOW - POSITIONS_KEPT_FOR, True),
        (NOW - POSITIONS_KEPT_FOR - timedelta(seconds=1), False),
        (NOW + FUTURE_SKEW, True),
        (NOW + FUTURE_SKEW + timedelta(seconds=1), False),
        (datetime(1980, 1, 6, tzinfo=UTC), False),
    ],
)
def test_a_devices_time_counts_when_it_can_be_true(device_at: datetime, counts: bool) -> None:
    position = at(device_at)
    assert position.clock_suspect is not counts
    assert position.at == (device_at if counts else NOW)
    assert position.device_at == device_at


def test_a_position_without_a_time_was_now_and_nothing_is_suspected() -> None:
    position = at(None)
    assert (position.at, position.clock_suspect) == (NOW, False)


@pytest.mark.parametrize(
    "report",
    [
        Report(0.0, 0.0),
        Report(float("nan"), 1.0),
        Report(91.0, 0.0),
        Report(38.0, 181.0),
        Report(*HERE, accuracy_m=-1.0),
        Report(*HERE, speed_mps=400.0),
        Report(*HERE, heading_deg=361.0),
        Report(*HERE, speed_mps=float("nan")),
    ],
)
def test_numbers_that_are_no_position_are_refused_in_words(report: Report) -> None:
    with pytest.raises(BadPosition) as refused:
        taken(report, received_at=NOW)
    assert refused.value.reason == "bad_position"


def test_north_is_one_heading() -> None:
    assert taken(Report(*HERE, heading_deg=360.0), received_at=NOW).heading_deg == 0.0


def test_the_same_report_has_the_same_key_and_another_has_not() -> None:
    assert at(NOW).source_key == at(NOW).source_key
    assert at(NOW).source_key != at(NOW - timedelta(seconds=1)).source_key
    assert taken(Report(*HERE, key="gps-7"), received_at=NOW).source_key == "gps-7"


@given(st.lists(st.integers(0, 3600), min_size=1, max_size=20), st.integers(0, 3600) | st.none())
def test_whatever_the_order_the_latest_becomes_the_current_one(ages: list[int], known: int | None) -> None:
    positions = [at(NOW - timedelta(seconds=age)) for age in ages]
    after = None if known is None else NOW - timedelta(seconds=known)
    latest = newest(positions, after=after, now=NOW)
    if known is not None and min(ages) >= known:
        assert latest is None
    else:
        assert latest is not None and latest.at == NOW - timedelta(seconds=min(ages))


def test_a_clock_that_ran_ahead_holds_nothing_back() -> None:
    position = at(NOW)
    assert newest([position], after=NOW + timedelta(minutes=4), now=NOW) is position


@pytest.mark.parametrize(
    ("seconds", "stale", "words"),
    [
        (-3, False, "0 s ago"),
        (59, False, "59 s ago"),
        (120, False, "2 min ago"),
        (121, True, "2 min ago"),
        (7200, True, "2 h ago"),
        (200_000, True, "2 days ago"),
    ],
)
def test_the_age_of_a_position_in_words(seconds: int, stale: bool, words: str) -> None:
    age = age_of(NOW - timedelta(seconds=seconds), now=NOW)
    assert age is not None and (age.stale, age.words) == (stale, words)


def test_a_unit_never_heard_of_has_no_age() -> None:
    assert age_of(None, now=NOW) is None


def test_a_unit_without_a_crew_is_off_and_one_on_an_assignment_is_assigned() -> None:
    def unit(crew: int, busy: bool) -> Unit:
        people = tuple(Crew(uuid7(NOW), "Kim") for _ in range(crew))
        busy_with = uuid7(NOW) if busy else None
        return Unit(UnitId(uuid7(NOW)), "3142", 1, people, Point(*HERE), NOW, busy_with, 1)

    assert [unit(0, False).state, unit(1, False).state, unit(1, True).state] == ["off", "free", "assigned"]
    assert "Kim" not in repr(unit(1, False))
