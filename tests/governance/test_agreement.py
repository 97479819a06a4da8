"""What an owner agreed covers a moment or does not: hours by the clock on their wall, on any night of any zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.governance.agreement import (
    AHEAD,
    REASONS,
    Agreement,
    Covered,
    Mode,
    NotCovered,
    Window,
    agreement_allows,
    hours_words,
    stored_allows,
    within_hours,
)
from watchfloor.kit.geo import Point

CHICAGO: Final = ZoneInfo("America/Chicago")
NOW: Final = datetime(2026, 6, 3, 12, tzinfo=UTC)  # a Wednesday, 07:00 in Chicago
NIGHTS: Final = tuple(Window(day, 18 * 60, 6 * 60) for day in range(5))
WHOLE: Final = Agreement(
    UUID(int=1), UUID(int=2), Mode.ALWAYS, 300, (), CHICAGO, Point(38.63, -90.19), NOW - timedelta(days=1)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def reason(agreement: Agreement | None, now: datetime = NOW, *incidents: Point) -> str | None:
    said = agreement_allows(agreement, now, incidents)
    return said.reason if isinstance(said, NotCovered) else None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None),
        ({"begins_at": NOW + timedelta(seconds=1)}, "agreement_not_begun"),
        ({"begins_at": NOW}, None),
        ({"ends_at": NOW}, "agreement_over"),
        ({"ends_at": NOW + timedelta(seconds=1)}, None),
        ({"suspended_at": NOW}, "agreement_suspended"),
        ({"revoked_at": NOW, "suspended_at": NOW}, "agreement_revoked"),
        ({"windows": NIGHTS}, "agreement_hours"),
        ({"mode": Mode.INCIDENT}, "agreement_incident"),
        ({"mode": Mode.ASKED}, "agreement_asked"),
        ({"mode": Mode.ASKED, "yes_until": NOW}, "agreement_asked"),
        ({"mode": Mode.ASKED, "yes_until": NOW + timedelta(seconds=1)}, None),
        ({"mode": Mode.ASKED, "yes_until": NOW + timedelta(hours=1), "windows": NIGHTS}, "agreement_hours"),
    ],
)
def test_the_first_condition_that_fails_says_why(changed: dict[str, object], why: str | None) -> None:
    assert reason(replace(WHOLE, **changed)) == why  # type: ignore[arg-type]  # fields of one value
    assert reason(None) == "no_agreement"
    assert why is None or why in REASONS


def test_an_incident_counts_within_the_radius_and_not_beyond() -> None:
    shared = replace(WHOLE, mode=Mode.INCIDENT)
    assert reason(shared, NOW, Point(38.6325, -90.19)) is None  # 278 m
    assert reason(shared, NOW, Point(38.6330, -90.19)) == "agreement_incident"  # 334 m


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    friday = (Window(4, 22 * 60, 4 * 60),)
    assert [
        within_hours(friday, CHICAGO, at(text))
        for text in ("2026-06-06T02:59", "2026-06-06T03:00", "2026-06-06T08:59", "2026-06-06T09:00")
    ] == [False, True, True, False]
    assert not within_hours(friday, CHICAGO, at("2026-06-05T05:00"))  # midnight from Thursday to Friday


def test_when_clocks_go_back_an_hour_comes_twice_and_when_they_go_on_one_does_not_come() -> None:
    early = (Window(6, 90, 150),)  # Sundays 01:30 to 02:30
    # 1 November 2026: 02:00 CDT (07:00 UTC) is 01:00 CST again.
    back = [
        within_hours(early, CHICAGO, at(f"2026-11-01T{text}"))
        for text in ("06:29", "06:30", "06:59", "07:00", "07:29", "07:30", "08:29", "08:30")
    ]
    assert back == [False, True, True, False, False, True, True, False]
    # 8 March 2026: 02:00 CST (08:00 UTC) is 03:00 CDT.
    on = [
        within_hours(early, CHICAGO, at(f"2026-03-08T{text}"))
        for text in ("07:29", "07:30", "07:59", "08:00")
    ]
    assert on == [False, True, True, False]


_ZONES: Final = st.sampled_from(
    [
        ZoneInfo(name)
        for name in ("America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
    ]
)
_MINUTE: Final = st.integers(0, 24 * 60 - 1)
_WINDOWS: Final = st.lists(
    st.builds(Window, st.integers(0, 6), _MINUTE, _MINUTE), min_size=1, max_size=4
).map(tuple)
# Any moment of two years, and often one within an hour of a change of some zone's clocks.
_CHANGES: Final = st.sampled_from(
    [
        at(text)
        for text in (
            "2026-11-01T07:00",
            "2026-03-08T08:00",
            "2026-03-29T01:00",
            "2026-10-25T01:00",
            "2026-04-04T15:00",
            "2026-10-03T15:30",
        )
    ]
)
_MOMENTS: Final = st.integers(0, 2 * 366 * 86_400).map(
    lambda s: at("2026-01-01T00:00") + timedelta(seconds=s)
) | st.builds(lambda change, s: change + timedelta(seconds=s), _CHANGES, st.integers(-3600, 3600))


@given(_ZONES, _WINDOWS, _MOMENTS)
def test_until_it_says_so_nothing_changes_on_any_night(
    zone: ZoneInfo, windows: tuple[Window, ...], now: datetime
) -> None:
    """What is allowed, or refused, until a moment is so at each second before it; a lease never outlives its hours."""
    shared = replace(WHOLE, windows=windows, zone=zone, begins_at=at("2025-01-01T00:00"))
    said = agreement_allows(shared, now, ())
    assert said.until is not None and now < said.until <= now + AHEAD + timedelta(minutes=1)
    step = (said.until - now) / 7
    for n in range(7):
        assert isinstance(agreement_allows(shared, now + step * n, ()), type(said))
    if said.until <= now + AHEAD:
        assert not isinstance(agreement_allows(shared, said.until, ()), type(said))


@given(_ZONES, _WINDOWS, _MOMENTS)
def test_the_hours_are_those_of_the_clock_on_the_wall(
    zone: ZoneInfo, windows: tuple[Window, ...], now: datetime
) -> None:
    there = now.astimezone(zone)
    minutes = there.weekday() * 1440 + there.hour * 60 + there.minute
    week = {
        (window.day * 1440 + m) % (7 * 1440)
        for window in windows
        for m in range(
            window.begin_min, window.end_min if window.end_min > window.begin_min else window.end_min + 1440
        )
    }
    assert within_hours(windows, zone, now) == (minutes in week)


def test_what_was_recorded_is_shut_while_suspended_and_after_revocation_open_by_order_alone() -> None:
    revoked, suspended = replace(WHOLE, revoked_at=NOW), replace(WHOLE, suspended_at=NOW)
    over = replace(WHOLE, ends_at=NOW)
    assert [
        isinstance(stored_allows(one, by_order=False), Covered)
        for one in (WHOLE, over, suspended, revoked, None)
    ] == [True, True, False, False, False]
    assert [isinstance(stored_allows(one, by_order=True), Covered) for one in (suspended, revoked, None)] == [
        False,
        True,
        False,
    ]


def test_hours_are_said_in_words() -> None:
    assert hours_words(()) == "at all hours"
    assert hours_words(tuple(Window(d, 0, 0) for d in range(7))) == "every day 00:00 to 00:00"
    assert hours_words(NIGHTS[:2]) == "Mondays and Tuesdays 18:00 to 06:00"
    assert (
        hours_words((Window(5, 600, 720), *NIGHTS[:3]))
        == "Mondays, Tuesdays and Wednesdays 18:00 to 06:00; Saturdays 10:00 to 12:00"
    )
