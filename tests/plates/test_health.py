"""A reader's silence, clock and faults are judged against its own usual."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watchfloor.plates.health import (
    Health,
    Hour,
    Skew,
    hour_of_week,
    missed_since,
    silent_for,
    skew_of,
    usual_of,
)
from watchfloor.plates.health import health_of as judged

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)  # Sunday, 15:00 in Chicago
HOUR = timedelta(hours=1)


def health_of(hours: list[Hour], last_read_at: datetime | None, zone: ZoneInfo, *, now: datetime) -> Health:
    return judged(hours, usual_of(hours, zone, now=now), last_read_at, zone, now=now)


def weeks(count: int, *, by_day: int = 200, by_night: int = 0, until: datetime = NOW) -> list[Hour]:
    """A street with traffic from 6 to 22 o'clock and none at night, where an hour without reads has no row."""
    found = []
    for back in range(count * 168, 0, -1):
        hour = until - back * HOUR
        reads = by_day if 6 <= hour.astimezone(ZONE).hour < 22 else by_night
        if reads:
            found.append(Hour(hour, reads, off_ms=-300, late_ms=800))
    return found


def test_the_same_silence_is_usual_at_night_and_none_by_day() -> None:
    hours = weeks(4)
    usual = usual_of(hours, ZONE, now=NOW)
    assert usual[hour_of_week(NOW, ZONE)] == 200
    at_night = NOW.replace(hour=11)  # 05:00
    assert missed_since(usual, at_night - 5 * HOUR, ZONE, now=at_night) == 0
    assert missed_since(usual, NOW - HOUR, ZONE, now=NOW) == 200
    quiet = health_of(hours, NOW - timedelta(minutes=20), ZONE, now=NOW)
    assert silent_for(quiet, timedelta(minutes=20)) == "lost"
    asleep = health_of([one for one in hours if one.hour < at_night], at_night - 6 * HOUR, ZONE, now=at_night)
    assert silent_for(asleep, 6 * HOUR) is None


@pytest.mark.parametrize(("a_minute", "word"), [(1, None), (4, "silent"), (20, "lost")])
def test_a_busy_reader_is_silent_sooner_than_a_quiet_one(a_minute: int, word: str | None) -> None:
    hours = weeks(3, by_day=60 * a_minute // 6)
    health = health_of(hours, NOW - timedelta(minutes=30), ZONE, now=NOW)
    assert silent_for(health, timedelta(minutes=30)) == word
    assert silent_for(health, timedelta(minutes=5)) is None, "cars come in bunches"


def test_a_new_reader_has_no_usual_and_its_silence_is_not_judged_by_one() -> None:
    health = health_of(weeks(1), NOW - 3 * HOUR, ZONE, now=NOW)
    assert (health.usual_now, health.missed, silent_for(health, 3 * HOUR)) == (None, None, None)
    assert health_of([], None, ZONE, now=NOW).missed is None


def test_one_odd_week_does_not_move_what_is_usual() -> None:
    hours = weeks(5)
    odd = [Hour(one.hour, 5000) if NOW - 8 * 24 * HOUR < one.hour < NOW - 24 * HOUR else one for one in hours]
    assert usual_of(odd, ZONE, now=NOW)[hour_of_week(NOW, ZONE)] == 200


def test_the_night_on_which_the_clocks_change_keeps_to_the_clock_on_the_wall() -> None:
    change = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    assert hour_of_week(change - timedelta(days=1), ZONE) % 24 == 7
    assert hour_of_week(change, ZONE) % 24 == 6
    usual = usual_of(weeks(6), ZONE, now=NOW)
    assert {usual[day * 24 + 6] for day in range(7)} == {200.0}
    assert {usual[day * 24 + 5] for day in range(7)} == {0.0}


def test_a_clock_that_is_off_and_one_that_drifts_are_told_apart_and_one_late_hour_counts_little() -> None:
    def clock(off: int, a_day: int) -> list[Hour]:
        return [Hour(NOW - n * HOUR, 10, off_ms=off - round(a_day * n / 24)) for n in range(47, -1, -1)]

    assert skew_of(clock(40_000, 0)) == Skew(40_000, 0)
    drifting = skew_of(clock(0, 6_000))
    assert drifting is not None and drifting.drift_ms_a_day is not None
    assert abs(drifting.drift_ms_a_day - 6_000) < 100
    late = [Hour(one.hour, 10, off_ms=-900_000) if n % 9 == 0 else one for n, one in enumerate(clock(200, 0))]
    assert skew_of(late) == Skew(200, 0)
    assert skew_of([Hour(NOW, 3)]) is None
    assert skew_of(clock(7, 0)[-2:]) == Skew(7, None)


def test_what_a_reader_sends_late_is_its_backlog_less_its_clock() -> None:
    hours = [Hour(NOW - HOUR, 50, off_ms=-120_000, late_ms=125_000)]
    assert health_of(hours, NOW, ZONE, now=NOW).late_s == 5
    behind = [
        Hour(NOW - 2 * HOUR, 50, off_ms=-500, late_ms=900),
        Hour(NOW - HOUR, 50, off_ms=-700, late_ms=3_600_000),
    ]
    assert health_of(behind, NOW, ZONE, now=NOW).late_s == 3_599


def test_the_share_of_what_could_not_be_read_is_of_a_day_and_of_enough() -> None:
    assert health_of([Hour(NOW - HOUR, 90, rejected=10)], NOW, ZONE, now=NOW).rejected_share == 0.1
    assert health_of([Hour(NOW - HOUR, 1, rejected=1)], NOW, ZONE, now=NOW).rejected_share is None
    assert health_of([Hour(NOW - 30 * HOUR, 90, rejected=90)], NOW, ZONE, now=NOW).rejected_share is None
