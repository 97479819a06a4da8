"""What a trailer's own words mean: jumps, vague positions, clocks that are off, headings that go with it, periods that are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.governance.model import Denied
from watchfloor.kit.geo import Point
from watchfloor.kit.ids import uuid7
from watchfloor.trailers.model import (
    BadReport,
    Ended,
    Lights,
    Limits,
    Placement,
    PlacementId,
    Status,
    Told,
    Trailer,
    TrailerId,
    checked,
    doubt_of,
    heading_of,
    is_away,
    offset_of,
)
from watchfloor.trailers.periods import due, spans
from watchfloor.trailers.show import shown
from watchfloor.trailers.webhook import judged, signature, switch_address
from watchfloor.units.model import Position, Report, taken

NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
HERE = Point(38.6270, -90.1990)
LIMITS = Limits(150.0, 25.0, -105.0, timedelta(minutes=15))
PLACED = Placement(
    PlacementId(uuid7(NOW)), TrailerId(uuid7(NOW)), "Mill St at 5th", HERE, 90.0, "break-ins", NOW - timedelta(days=3), uuid7(NOW), None
)  # fmt: skip


def north(metres: float) -> Point:
    return Point(HERE.lat + metres / 111_195, HERE.lon)


def position(place: Point, at: datetime = NOW, accuracy_m: float | None = None) -> Position:
    return taken(Report(place.lat, place.lon, at, accuracy_m), received_at=NOW)


def trailer(told: Told, placement: Placement | None = PLACED) -> Trailer:
    return Trailer(PLACED.trailer, "Trailer 2", 1, placement, placement is not None, told)


@pytest.mark.parametrize(
    ("carrier", "offset", "heading"), [(90, 0, 90), (350, 20, 10), (0, 359, 359), (180, None, None)]
)
def test_what_is_on_a_trailer_turns_with_it(
    carrier: float, offset: float | None, heading: float | None
) -> None:
    assert heading_of(carrier, offset) == heading
    assert offset_of(heading, carrier) == offset


def test_a_camera_of_a_trailer_that_stands_nowhere_keeps_where_it_looks_from_north() -> None:
    assert offset_of(45.0, None) == 45.0


@pytest.mark.parametrize(
    ("place", "seconds", "accuracy", "believed"),
    [
        (north(50), 1, None, True),  # the error of a receiver
        (north(20_000), 10, None, False),  # no trailer is hauled at 2 km/s
        (north(20_000), 1200, None, True),  # on a road
        (north(20_000), 0, None, False),  # at the same time
        (north(10), 10, 900, False),  # says nothing
    ],
)
def test_no_jump_and_nothing_vague_is_believed(
    place: Point, seconds: int, accuracy: float | None, believed: bool
) -> None:
    told = Told(HERE, NOW - timedelta(seconds=seconds))
    doubt = doubt_of(position(place, accuracy_m=accuracy), told)
    assert (doubt is None) is believed, doubt


def test_an_old_clock_and_one_that_runs_ahead_are_set_aside() -> None:
    for at in (NOW - timedelta(days=4000), NOW + timedelta(hours=2)):
        found = position(HERE, at)
        assert (found.at, found.clock_suspect) == (NOW, True)


def test_a_trailer_is_away_when_its_error_cannot_explain_it() -> None:
    assert not is_away(position(north(140)), PLACED, LIMITS)
    assert not is_away(position(north(200), accuracy_m=80), PLACED, LIMITS)
    assert is_away(position(north(240), accuracy_m=80), PLACED, LIMITS)


@pytest.mark.parametrize(
    "status",
    [Status(battery_pct=101), Status(solar_w=-1), Status(signal_dbm=12), Status(carrier="x" * 41), Status(carrier="a\x00b"),
     Status(battery_pct=float("nan"))],
)  # fmt: skip
def test_what_no_trailer_can_say_is_refused_in_words(status: Status) -> None:
    with pytest.raises(BadReport) as refused:
        checked(status)
    assert refused.value.reason and refused.value.detail.endswith(".")


def test_what_is_worst_of_a_trailer_is_said_first() -> None:
    low = Told(HERE, NOW, battery_pct=9.0, solar_w=0.0, heard_at=NOW)
    outside = Denied("place", "“Trailers” does not cover this place.")
    assert shown(trailer(replace(low, moved_at=NOW)), outside, LIMITS, NOW).level == "critical"
    assert (shown(trailer(low), outside, LIMITS, NOW).word) == "outside its area"
    assert shown(trailer(low), None, LIMITS, NOW).reason == "Its battery is at 9 %, and the sun gives 0 W."
    assert shown(trailer(Told(heard_at=NOW)), None, LIMITS, NOW).word == "stands"
    assert shown(trailer(Told(), None), None, LIMITS, NOW).word == "not placed"


def test_what_was_said_long_ago_is_called_old() -> None:
    silent = Told(HERE, NOW, battery_pct=80.0, heard_at=NOW - timedelta(minutes=40))
    assert shown(trailer(silent), None, LIMITS, NOW).reason == (
        "Nothing was heard from it for 40 minutes; what it said is as old as that."
    )


def test_a_placement_is_counted_before_meanwhile_and_after_as_far_as_that_has_come() -> None:
    assert [(s.period, (s.end - s.begin).days) for s in spans(PLACED, 28, NOW)] == [
        ("before", 28),
        ("during", 3),
    ]
    over = NOW - timedelta(days=1)
    ended = replace(PLACED, ended_at=over, ended_how=Ended.MOVED)
    assert [(s.period, (s.end - s.begin).days) for s in spans(ended, 28, NOW)] == [
        ("before", 28), ("during", 2), ("after", 1),
    ]  # fmt: skip
    assert spans(ended, 28, NOW + timedelta(days=90))[-1].end == over + timedelta(days=28)


def test_what_ended_long_ago_is_counted_no_more_and_what_stands_is() -> None:
    ended = replace(PLACED, ended_at=NOW)
    assert due([PLACED, ended], 28, NOW + timedelta(days=34)) == [PLACED, ended]
    assert due([PLACED, ended], 28, NOW + timedelta(days=36)) == [PLACED]


@pytest.mark.parametrize(
    ("status", "said", "ok", "sentence"),
    [
        (200, b'{"lights": "on"}', True, "The lights are on."),
        (204, b"", True, "The lights are on."),
        (200, b'{"lights": "off"}', False, "It answered that the lights are 'off'."),
        (200, b"<html>", True, "The lights are on."),
        (200, b"[1]", True, "The lights are on."),
        (302, b"", False, "It sends us to another address, which we do not follow."),
        (
            401,
            b"",
            False,
            "It does not accept our signature: the secret there is another one, or a clock is off.",
        ),
        (503, b'{"detail": "fuse\\u0007 blown"}', False, "It answered 503: fuse blown"),
    ],
)
def test_what_a_switch_answers_is_told_in_words(status: int, said: bytes, ok: bool, sentence: str) -> None:
    answer = judged(status, said, Lights.ON)
    assert (answer.ok, answer.sentence) == (ok, sentence)


def test_the_signature_is_over_time_and_body_together() -> None:
    assert signature(b"key", "1", b"2.3") != signature(b"key", "1.2", b"3x")
    assert signature(b"key", "1", b"x").startswith("sha256=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://x/y",
        "http:///x",
        "http://user:pass@10.0.0.1/x",
        "http://a b/x",
        "http://x:99999/",
        "https://x/#frag",
    ],
)
def test_what_is_no_address_of_a_switch_is_refused(text: str) -> None:
    with pytest.raises(Exception, match=r"\w") as refused:
        switch_address(text)
    assert getattr(refused.value, "reason", None) == "url"
