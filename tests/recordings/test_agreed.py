"""Of what a site recorded of an owner's camera no more is had than its owner shares; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.cameras.test_outages import camera
from watchfloor.cameras.rtsp.replay import NotReplayed
from watchfloor.governance.agreement import Agreement, Mode, Window
from watchfloor.governance.words import TechnologyKind
from watchfloor.kit.canonical import Json
from watchfloor.kit.geo import Point
from watchfloor.recordings.agreed import shared
from watchfloor.recordings.archive import Has, Pictures
from watchfloor.recordings.archives import BY_AGREEMENT, AtSite, lacking
from watchfloor.recordings.from_site import withheld
from watchfloor.recordings.model import us

CHICAGO = ZoneInfo("America/Chicago")
# A Monday, at noon on the owner's wall.
MONDAY = datetime(2026, 11, 23, 12, tzinfo=CHICAGO)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS = Agreement(UUID(int=1), UUID(int=2), Mode.ALWAYS, 100, (), CHICAGO, Point(38.6, -90.2), LONG_AGO)
NIGHTS = tuple(Window(day, 18 * 60, 6 * 60) for day in range(7))


def hours(agreement: Agreement | None, begin: datetime, length: timedelta) -> list[tuple[str, str]]:
    """What is shared, as the owner's clock says it."""
    found = shared(agreement, us(begin), us(begin + length))
    said = [
        [datetime.fromtimestamp(one / 1e6, CHICAGO).strftime("%d %H:%M") for one in pair] for pair in found
    ]
    return [(a, b) for a, b in said]


def test_what_is_shared_at_all_hours_is_all_of_it_from_the_agreements_begin_to_its_end() -> None:
    assert hours(ALWAYS, MONDAY, timedelta(hours=2)) == [("23 12:00", "23 14:00")]
    begun = replace(ALWAYS, begins_at=MONDAY + timedelta(minutes=30))
    assert hours(begun, MONDAY, timedelta(hours=2)) == [("23 12:30", "23 14:00")]
    for ended in (
        replace(ALWAYS, ends_at=MONDAY + timedelta(hours=1)),
        replace(ALWAYS, suspended_at=MONDAY + timedelta(hours=1)),
        replace(ALWAYS, revoked_at=MONDAY + timedelta(hours=1)),
    ):
        assert hours(ended, MONDAY, timedelta(hours=2)) == [("23 12:00", "23 13:00")]
        assert hours(ended, MONDAY + timedelta(hours=1), timedelta(hours=2)) == []


def test_outside_the_hours_nothing_is_had() -> None:
    nights = replace(ALWAYS, windows=NIGHTS)
    assert hours(nights, MONDAY, timedelta(hours=4)) == []
    assert hours(nights, MONDAY, timedelta(days=2)) == [("23 18:00", "24 06:00"), ("24 18:00", "25 06:00")]


def test_the_hour_that_comes_twice_is_within_the_hours_both_times() -> None:
    # On 1 November 2026 the clock is put back from two to one.
    night = replace(ALWAYS, windows=(Window(6, 60, 2 * 60),))
    begin = datetime(2026, 11, 1, 0, tzinfo=CHICAGO)
    found = shared(night, us(begin), us(begin + timedelta(hours=6)))
    assert sum(b - a for a, b in found) == 2 * 3_600_000_000


@pytest.mark.parametrize("mode", [Mode.INCIDENT, Mode.ASKED])
def test_what_is_shared_only_at_times_that_nobody_knows_afterwards_is_not_had(mode: Mode) -> None:
    assert hours(replace(ALWAYS, mode=mode), MONDAY, timedelta(hours=2)) == []
    assert hours(None, MONDAY, timedelta(hours=2)) == []


def test_what_a_site_lacks_is_what_may_be_asked_for_and_it_does_not_have() -> None:
    assert lacking([(10, 20), (30, 90)], [(0, 40), (50, 100)]) == [(0, 10), (20, 30), (90, 100)]
    assert lacking([], [(0, 5)]) == [(0, 5)] and lacking([(0, 9)], []) == []


class Everything:
    """An archive that has all of any time."""

    site = "Depot"
    source: ClassVar[dict[str, Json]] = {"site": "Depot"}

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    async def has(self, begin_us: int, end_us: int) -> Has:
        return Has(((begin_us, end_us),))

    async def pictures(self, begin_us: int, end_us: int) -> Pictures:
        self.asked.append((begin_us, end_us))
        return lambda goes_on: iter(())


async def test_an_owners_camera_at_a_site_gives_what_is_shared_and_no_moment_more() -> None:
    made, noon = Everything(), us(MONDAY)
    one = replace(camera(2), technology=TechnologyKind.PRIVATE_CAMERA_LINK, created_at=MONDAY)
    hour = 3_600_000_000
    there = AtSite(
        one, made, replace(ALWAYS, windows=(Window(0, 12 * 60, 14 * 60),)), ((noon + 600, noon + 700),)
    )
    has = await there.has(noon - hour, noon + 3 * hour)
    assert has.stretches == ((noon, noon + 600), (noon + 700, noon + 2 * hour))
    assert withheld(there, noon - hour, noon + 3 * hour) == [(noon + 2 * hour, noon + 3 * hour, BY_AGREEMENT)]
    await there.pictures(noon + hour, noon + 3 * hour)
    assert made.asked == [(noon + hour, noon + 2 * hour)]
    for moment in (noon - 1, noon + 650, noon + 2 * hour):
        with pytest.raises(NotReplayed) as refused:
            await there.pictures(moment, moment + 10)
        assert refused.value.nothing and refused.value.why == BY_AGREEMENT
    assert await AtSite(one, made, None).has(noon, noon + hour) == Has(())
    public = AtSite(replace(one, technology=TechnologyKind.FIXED_CAMERA), made, None)
    assert public.open_to_us(noon - hour, noon + hour) == [(noon, noon + hour)]
