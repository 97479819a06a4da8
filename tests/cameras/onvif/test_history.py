"""What a device says of the history of a recording, as stretches: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from watchfloor.cameras.onvif.history import Turned, stretches, turns

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ([], []),
        # The state at the begin, then as it turned.
        ([(0, "v", True), (20, "v", False), (50, "v", True)], [(0, 20), (50, 60)]),
        # Without the state at the begin it was otherwise than the first word says.
        ([(20, "v", False), (50, "v", True)], [(0, 20), (50, 60)]),
        ([(20, "v", True)], [(20, 60)]),
        # In no order, twice, and past the end.
        ([(50, "v", True), (20, "v", False), (20, "v", False), (90, "v", False), (-5, "v", True)], [(0, 20), (50, 60)]),
        # Two tracks: there is something as long as either has.
        ([(0, "a", True), (0, "b", True), (10, "a", False), (30, "b", False), (40, "a", True)], [(0, 30), (40, 60)]),
        ([(0, "v", False)], []),
    ],
)  # fmt: skip
def test_a_device_that_tells_when_it_turned_has_these_stretches(
    said: Sequence[tuple[int, str, bool]], has: Sequence[tuple[int, int]]
) -> None:
    found = stretches([Turned(at(second), track, present) for second, track, present in said], at(0), at(60))
    assert found == [(at(a), at(b)) for a, b in has]


def test_what_is_odd_in_an_answer_is_passed_over() -> None:
    def result(time: str, value: str, token: str = "one") -> str:
        return (
            f"<Result><RecordingToken>{token}</RecordingToken><TrackToken>v</TrackToken><Time>{time}</Time><Event><Message>"
            f'<Data><SimpleItem Name="IsDataPresent" Value="{value}"/></Data></Message></Event></Result>'
        )

    answer = etree.fromstring(
        "<R>"
        + result("2026-11-22T12:00:00Z", "true")
        + result("2026-11-22T12:00:10", "0")  # no zone: UTC
        + result("at noon", "true")
        + result("2026-11-22T12:00:20Z", "perhaps")
        + result("2026-11-22T12:00:20Z", "true", token="another")
        + "<Result/></R>"
    )
    assert turns(answer, "one") == [Turned(at(0), "v", True), Turned(at(10), "v", False)]
