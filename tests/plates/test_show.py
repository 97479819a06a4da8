"""What a person is told of a reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from watchfloor.governance.model import Allowed, Denied
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.geo import Point
from watchfloor.plates.health import Health, Skew
from watchfloor.plates.model import Reader, ReaderId
from watchfloor.plates.reader_store import ReaderState
from watchfloor.plates.show import state_of

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
READER = Reader(
    ReaderId(UUID(int=1)), "North", TechnologyKind.PLATE_READER, "Mill St", Point(38.6, -90.2), None, False, 1
)
YES = Allowed("authorised", "Allowed.", None, None)
HEARD = ReaderState(NOW - timedelta(minutes=5), NOW - timedelta(minutes=9), 10, 0, 0, -200, False)


def word(
    reader: Reader = READER, state: ReaderState | None = HEARD, leave: Allowed | Denied = YES
) -> tuple[str, str]:
    shown = state_of(reader, state, leave, now=NOW)
    return shown.level, shown.word


def test_what_keeps_a_reader_from_working_comes_first() -> None:
    denied = Denied("suspended", "“Use of plate readers” is suspended.")
    assert word(replace(READER, retired=True), None, denied) == ("off", "retired")
    assert word(leave=denied) == ("off", "not authorised")
    assert state_of(READER, HEARD, denied, now=NOW).reason == "“Use of plate readers” is suspended."
    assert word(state=None) == ("standby", "no read yet")


def test_a_reader_that_falls_silent_is_named_silent_after_an_hour_and_lost_after_a_day() -> None:
    for quiet, expected in (
        (timedelta(minutes=59), ("normal", "reading")),
        (timedelta(hours=1), ("caution", "silent")),
        (timedelta(hours=24), ("serious", "lost")),
    ):
        assert word(state=replace(HEARD, heard_at=NOW - quiet)) == expected


def test_a_wrong_clock_is_named_with_its_side() -> None:
    shown = state_of(READER, replace(HEARD, clock_suspect=True, clock_off_ms=12 * 60_000 + 5), YES, now=NOW)
    assert (shown.word, shown.reason) == (
        "clock off",
        "Its clock is 12 minutes ahead; its reads carry the time of receipt.",
    )
    behind = state_of(READER, replace(HEARD, clock_suspect=True, clock_off_ms=-90 * 60_000), YES, now=NOW)
    assert "90 minutes behind" in behind.reason


@pytest.mark.parametrize(
    ("changes", "expected", "says"),
    [
        (
            {"missed": 80.0},
            ("serious", "lost"),
            "Nothing was read for 30 minutes, in which 80 reads are usual.",
        ),
        ({"missed": 13.0}, ("caution", "silent"), "in which 13 reads are usual"),
        ({"skew": Skew(45_000, 0)}, ("caution", "clock off"), "Its clock is 45 seconds ahead."),
        ({"skew": Skew(900, -7_000)}, ("caution", "clock drifts"), "drifts by 7 seconds a day"),
        (
            {"rejected_share": 0.2},
            ("caution", "rejected"),
            "20% of what it sent within a day could not be taken.",
        ),
        ({"late_s": 900}, ("caution", "behind"), "up to 15 minutes late"),
        ({}, ("normal", "reading"), "41 reads within the hour, of usually 40."),
    ],
)
def test_a_reader_is_judged_against_its_own_usual(
    changes: dict[str, Any], expected: tuple[str, str], says: str
) -> None:
    well = Health(41, 40.0, 0.0, 900, 0.0, Skew(-200, 0), 1)
    state = replace(HEARD, last_read_at=NOW - timedelta(minutes=30))
    shown = state_of(READER, state, YES, now=NOW, health=replace(well, **changes))
    assert (shown.level, shown.word) == expected
    assert says in shown.reason


def test_a_silence_that_is_usual_is_none_however_long() -> None:
    night = Health(0, 0.0, 0.0, 900, 0.0, None, None)
    state = replace(HEARD, heard_at=NOW - timedelta(hours=7), last_read_at=NOW - timedelta(hours=7))
    assert state_of(READER, state, YES, now=NOW, health=night).word == "reading"
