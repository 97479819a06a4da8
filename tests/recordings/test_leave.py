"""Under which lending a partner's camera is recorded here, since when, and what may be of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from watchfloor.cameras.partners.borrowed_store import Borrowed
from watchfloor.cameras.partners.model import Lent
from watchfloor.recordings.leave import Leave

NOON: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)


def moment(s: int) -> datetime:
    return NOON + timedelta(seconds=s)


def test_a_stretch_begins_where_its_first_picture_may_lie_and_what_is_about_it_may_be_of_it() -> None:
    leave, first, other = Leave(), Lent("lnd_1", moment(9000)), Lent("lnd_2", moment(9999))
    assert (leave.lent, leave.since) == (None, None)
    for heard, asked_s in ((first, 0), (first, 60), (replace(first, until=moment(9500)), 120)):
        leave.heard(heard, moment(asked_s))
        assert (leave.lent, leave.since) == (heard, moment(0))
    leave.heard(other, moment(180))
    assert leave.since == moment(120), "which of them it was in between nobody asked"
    leave.over()
    leave.heard(other, moment(500))
    assert (leave.lent, leave.since) == (other, moment(500)), "in between it was not recorded"
    one = Borrowed(
        UUID(int=1),
        UUID(int=2),
        "Gate",
        "County",
        "lnd_2",
        moment(500),
        moment(600),
        moment(9999),
        None,
        None,
    )
    over = replace(one, ended_at=moment(600))
    for begin, end, may_be in (
        (300, 380, False),
        (300, 381, True),
        (550, 560, True),
        (719, 800, True),
        (720, 800, False),
    ):
        assert over.may_be_of(moment(begin), moment(end)) is may_be, (begin, end)
        assert one.may_be_of(moment(begin), moment(end)) is (may_be or begin > 600)
