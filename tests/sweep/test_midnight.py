"""What was begun late on a day goes on into the next, and a hold of that keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.sweep.conftest import Night
from tests.sweep.test_forget import shown

CAMERA, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)


async def test_a_hold_of_the_minutes_after_midnight_keeps_what_was_begun_before(night: Night) -> None:
    held = await night.footage(CAMERA, 40)
    begin = datetime.combine(night.day(40), datetime.min.time(), UTC)
    minute = {
        "at": begin + timedelta(hours=23, minutes=59, seconds=30),
        "end": begin + timedelta(hours=24, seconds=30),
    }
    await night.owner("update segment set at = %(at)s, ended_at = %(end)s", **minute)
    await night.footage(OTHER, 40)
    await night.hold(OTHER, 39, from_hour=1)
    await night.hold(CAMERA, 39, from_hour=0.004)
    await night.footage(THIRD, 40)
    await night.hold(THIRD, 39, from_hour=0.1)  # of it nothing went on past midnight: its day before goes
    await night.sweep.round(night.agency)
    assert await night.kept("footage") == [held] and await shown(night, CAMERA, 40) == 1
