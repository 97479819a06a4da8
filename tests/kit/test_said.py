"""Times in sentences: in the zone of whoever reads, with a name that says which."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from watchfloor.kit.said import day, moment, time_of_day

AT = datetime(2026, 11, 1, 4, 3, 27, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "1 Nov 2026, 04:03 UTC"),
        ("America/Chicago", "31 Oct 2026, 23:03 CDT"),
        ("America/Sao_Paulo", "1 Nov 2026, 01:03 UTC-03"),
        ("Asia/Kathmandu", "1 Nov 2026, 09:48 UTC+0545"),
    ],
)
def test_a_moment_is_said_in_a_zone_and_names_it(zone: str, said: str) -> None:
    there = ZoneInfo(zone)
    assert moment(AT, there) == said
    assert day(AT, there) == said.partition(",")[0]
    assert time_of_day(AT, there) == f"{said.split()[3]}:27 {said.split()[4]}"


def test_the_repeated_hour_of_autumn_is_told_apart() -> None:
    there = ZoneInfo("America/Chicago")
    first, second = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (6, 7))
    assert (moment(first, there), moment(second, there)) == ("1 Nov 2026, 01:30 CDT", "1 Nov 2026, 01:30 CST")
